"""The manifests that a transfer leaves at its destinations, after its last item.

Each destination gets its own, of what was read back there: a manifest never says more than
the ledger. What keeps one from being written is told with the transfer, which has failed
then although its copies are verified; resuming it writes what is missing.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final

from ketter_gui import __version__
from ketter_gui.checksums.registry import algorithm
from ketter_gui.disk.folder import Folder, Tree, names_in, open_root
from ketter_gui.disk.output import OutputFile
from ketter_gui.disk.reading import pieces_of
from ketter_gui.domain.errors import KetterError, ManifestDamaged, NotContained
from ketter_gui.domain.items import Destination, Item, ItemKind, Source
from ketter_gui.domain.manifest_errors import HistoryNotExtended, ManifestNotWritten
from ketter_gui.domain.names import is_part, to_text
from ketter_gui.domain.options import Manifest, Pack
from ketter_gui.domain.status import PROOF, CopyStatus
from ketter_gui.engine.plan import Plan
from ketter_gui.evidence.manifests import write_ascmhl, write_list
from ketter_gui.evidence.manifests.entries import Entry
from ketter_gui.evidence.manifests.kinds import ASCMHL_FOLDER, CHAIN, Format, Kind
from ketter_gui.evidence.manifests.listed import Listed, Outcome, Sums, Written
from ketter_gui.evidence.manifests.reading import read
from ketter_gui.queue.witness import Witness, now_us
from ketter_gui.store import expected
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import ItemRecord

_PAGE: Final = 1000
_FOR_EVERYBODY: Final = 0o644
_DONE: Final = PROOF | {CopyStatus.RENAMED}
_TOOL: Final = "Ketter"


def write_manifests(ledger: Ledger, witness: Witness, plan: Plan) -> Outcome:
    """All that were asked for; one that fails keeps no other one."""
    written: list[Written] = []
    errors: list[KetterError] = []
    for destination in plan.destinations:
        for kind in plan.options.manifests:
            try:
                written += _write(ledger, witness, plan, destination, kind)
            except HistoryNotExtended as error:
                errors.append(error)
            except KetterError as error:
                errors.append(_not_written(plan, destination, error.sentences()[0]))
            except OSError as error:
                reason = f"{to_text(destination.path).text}: {os.strerror(error.errno or 0)}."
                errors.append(_not_written(plan, destination, reason))
    return Outcome(tuple(written), tuple(errors))


def _not_written(plan: Plan, destination: Destination, problem: str) -> ManifestNotWritten:
    return ManifestNotWritten(destination.path, problem=problem, transfer=plan.transfer)


def _write(
    ledger: Ledger, witness: Witness, plan: Plan, destination: Destination, kind: Manifest
) -> Iterator[Written]:
    chosen = plan.options.checksum_for(kind)
    at_us = now_us()
    with Tree(open_root(destination.path)) as tree:
        if kind is Manifest.ASCMHL:
            maker = write_ascmhl.Maker(witness.host, _TOOL, __version__, at_us)
            for source in plan.sources:
                if source.kind is ItemKind.FOLDER or plan.options.pack is Pack.UNZIP:
                    all_of = partial(_listed, ledger, plan, destination, source)
                    yield from _extended(tree, source.name, plan.transfer, chosen, maker, all_of)
            return
        if plan.options.pack is Pack.ZIP and not _has_archives(ledger, plan, destination):
            return  # all of them lack something, and the transfer tells why
        files = _all_listed(ledger, plan, destination)
        counted = _Counted(files, chosen)
        name = _file_name(plan, kind, chosen, at_us)
        if kind is Manifest.LIST:
            pieces = write_list.list_lines(counted, chosen)
        else:
            pieces = write_list.classic_lines(
                counted,
                chosen,
                user=witness.user,
                host=witness.host,
                tool=f"{_TOOL} {__version__}",
                at_us=at_us,
            )
        yield counted.result(_put(tree.root, name, pieces))


class _Counted:
    """Counts what goes through, as the writers of lists pass over what they cannot hold."""

    def __init__(self, files: Iterable[Listed], chosen: str) -> None:
        self._files, self._chosen = files, chosen
        self._listed = self._left_out = 0

    def __iter__(self) -> Iterator[Listed]:
        for one in self._files:
            if not one.is_folder:
                is_listed = self._chosen in dict(one.checksums)
                self._listed += is_listed
                self._left_out += not is_listed
            yield one

    def result(self, path: bytes) -> Written:
        """What was written to this path."""
        return Written(path, self._listed, self._left_out)


def _file_name(plan: Plan, kind: Manifest, chosen: str, at_us: int) -> bytes:
    """The first source's name and the moment; the transfer's number tells two of one second
    apart."""
    stem = plan.sources[0].name[:150]
    ending = b".mhl" if kind is Manifest.MHL else write_list.ENDINGS[chosen]
    moment = write_ascmhl.file_name(0, b"", at_us)[6:-4]
    return b"%s_%s_%d%s" % (stem, moment, plan.transfer, ending)


def _put(folder: Folder, name: bytes, pieces: Iterable[bytes], *, overwrite: bool = False) -> bytes:
    path = folder.words_for(name)
    with OutputFile(path, overwrite=overwrite, mode=_FOR_EVERYBODY, within=folder) as file:
        for piece in pieces:
            file.write(piece)
    return path


# --- what the ledger knows ---------------------------------------------------------------


def _all_listed(ledger: Ledger, plan: Plan, destination: Destination) -> Iterator[Listed]:
    """Everything, with paths from the destination on; of what was packed, the archives: others'
    tools check what lies on the drive."""
    for source in plan.sources:
        if plan.options.pack is Pack.ZIP:
            yield from _archive(ledger, plan, destination, source)
            continue
        for one in _listed(ledger, plan, destination, source):
            whole = source.name if not one.path else b"%s/%s" % (source.name, one.path)
            yield one._replace(path=whole)


def _listed(
    ledger: Ledger, plan: Plan, destination: Destination, source: Source
) -> Iterator[Listed]:
    """A source's items with paths below it, in the order of the scan."""
    after = 0
    while page := ledger.items(plan.transfer, after_id=after, limit=_PAGE, source=source.index):
        numbers = [record.item.id for record in page]
        known = ledger.read(partial(expected.found_equal, items=numbers))
        for record in page:
            if record.item.path != source.name or record.item.kind is not ItemKind.FOLDER:
                yield _one(record, destination.index, source, known)
        after = page[-1].item.id


def _has_archives(ledger: Ledger, plan: Plan, destination: Destination) -> bool:
    return any(one.checksums for one in _all_listed(ledger, plan, destination))


def _archive(
    ledger: Ledger, plan: Plan, destination: Destination, source: Source
) -> Iterator[Listed]:
    """The file that a source arrived as: the item of its own folder stands for it. Without a
    checksum, and so left out, is one that is not proven, or lacks something."""
    for record in ledger.items(plan.transfer, limit=1, source=source.index):
        copy = next((one for one in record.copies if one.destination == destination.index), None)
        if copy is None or copy.identity is None or copy.status not in _DONE:
            yield Listed(source.name + b".zip", False, 0, 0, now_us(), ())
            continue
        size_bytes, mtime_ns = copy.identity.size_bytes, copy.identity.mtime_ns
        yield Listed(copy.final_path, False, size_bytes, mtime_ns, copy.proven_us, copy.checksums)


def _one(record: ItemRecord, destination: int, source: Source, known: dict[int, Sums]) -> Listed:
    item: Item = record.item
    copy = next((one for one in record.copies if one.destination == destination), None)
    is_done = copy is not None and copy.status in _DONE and not copy.error_type
    final = copy.final_path if copy is not None and copy.final_path else item.path
    path = final.removeprefix(source.name).lstrip(b"/")
    is_file = item.kind is ItemKind.FILE
    sums = (copy.checksums or record.checksums) if copy is not None and is_done and is_file else ()
    return Listed(
        path,
        item.kind is ItemKind.FOLDER,
        item.state.size_bytes,
        item.state.mtime_ns,
        copy.proven_us if copy is not None and copy.proven_us else now_us(),
        sums,
        known.get(item.id, ()) if sums else (),
    )


# --- an ASC MHL history ------------------------------------------------------------------


_Listing = Callable[[], Iterator[Listed]]


def _extended(
    tree: Tree, root: bytes, transfer: int, chosen: str, maker: write_ascmhl.Maker, all_of: _Listing
) -> Iterator[Written]:
    """Extend the history of what a source arrived as, and those of folders inside it, the
    deepest first: an outer one names the generations of those within."""
    inside = sorted(
        {
            posixpath.split(above)[0]
            for one in all_of()
            for above in [_history_in(one.path)]
            if above
        },
        key=lambda path: -path.count(b"/"),
    )
    made: dict[bytes, tuple[str, str]] = {}
    for folder in [*(path for path in inside if path), b""]:
        start = folder + b"/" if folder else b""
        nested = {path[len(start) :]: one for path, one in made.items() if path.startswith(start)}
        whole = b"%s/%s" % (root, folder) if folder else root
        history = _History(tree, whole, transfer)
        written, name, c4 = history.extend(chosen, maker, partial(_below, all_of, start), nested)
        yield written
        for path in [path for path in made if path.startswith(start)]:
            made[path] = ("", "")  # it is named by this one, which an outer one names
        made[folder] = (to_text(posixpath.join(folder, ASCMHL_FOLDER, name)).text, c4)


def _history_in(path: bytes) -> bytes:
    """The folder `ascmhl` that a chain file lies in; empty for any other file."""
    above, name = posixpath.split(path)
    return above if name == CHAIN and posixpath.basename(above) == ASCMHL_FOLDER else b""


def _below(all_of: _Listing, start: bytes) -> Iterator[Listed]:
    """What is below a folder, without the histories themselves."""
    for one in all_of():
        if one.path.startswith(start) and ASCMHL_FOLDER not in one.path.split(b"/"):
            yield one._replace(path=one.path[len(start) :])


class _History:
    """The folder `ascmhl` in a folder of the destination."""

    def __init__(self, tree: Tree, root: bytes, transfer: int) -> None:
        self._tree, self._root, self._transfer = tree, root, transfer
        self._inside = b"%s/%s" % (root, ASCMHL_FOLDER)

    def extend(
        self,
        chosen: str,
        maker: write_ascmhl.Maker,
        listed: _Listing,
        nested: dict[bytes, tuple[str, str]],
    ) -> tuple[Written, bytes, str]:
        """Write the next generation and the chain; returns also its name and C4. Raises
        HistoryNotExtended, ExportFailed, OSError."""
        folder, _ = self._tree.make(self._inside)
        generations = self._generations(folder)
        earlier = self._earlier(folder, generations)
        number = max((one for one, _, _ in generations), default=0) + 1
        new = partial(write_ascmhl.Generation, chosen, maker, self._names_in, earlier, nested)
        rehearsal, generation = new(), new()
        for _ in rehearsal.pieces(listed()):
            pass  # the hash of the whole stands before those of its files
        name = write_ascmhl.file_name(number, posixpath.basename(self._root), maker.at_us)
        own = algorithm("c4").new()
        pieces = chain([rehearsal.head()], generation.pieces(listed()))
        path = _put(folder, name, _hashed(pieces, own.update))
        c4 = own.hexdigest()
        told = [*generations, (number, self._words(name), c4)]
        _put(folder, CHAIN, [write_ascmhl.chain_of(told)], overwrite=True)
        return Written(path, generation.files, generation.left_out), name, c4

    def _words(self, name: bytes) -> str:
        try:
            return name.decode("utf-8")
        except UnicodeDecodeError:
            raise self._refused("its name is not UTF-8, which XML needs") from None

    def _refused(self, problem: str) -> HistoryNotExtended:
        path = self._tree.root.words_for(self._inside)
        return HistoryNotExtended(path, problem=problem, transfer=self._transfer)

    def _generations(self, folder: Folder) -> list[tuple[int, str, str]]:
        """(number, file name, C4) of what is there, held against the chain."""
        there = {
            name: number
            for name in names_in(folder)
            if (number := write_ascmhl.number_of(name)) is not None
        }
        found = {name: self._c4(folder, name) for name in there}
        said = self._chain(folder)
        for name, c4 in said.items():
            if found.get(name) != c4:
                state = "is not as its chain says" if name in found else "is missing"
                raise self._refused(f"{to_text(name).text} {state}")
        last = max((there[name] for name in said), default=0)
        for name in sorted(set(there) - set(said)):
            if there[name] != last + 1:
                raise self._refused(f"{to_text(name).text} is not in its chain")
        return sorted((there[name], self._words(name), c4) for name, c4 in found.items())

    def _chain(self, folder: Folder) -> dict[bytes, str]:
        if CHAIN not in names_in(folder):
            return {}
        kind = Kind(Format.CHAIN, b"", b"", b"")
        return {
            entry.path: value.value
            for entry in self._entries(folder, CHAIN, kind)
            for value in entry.values
            if value.algorithm == "c4"
        }

    def _earlier(
        self, folder: Folder, generations: list[tuple[int, str, str]]
    ) -> dict[bytes, dict[str, str]]:
        """By path, the newest value of each kind that earlier generations have."""
        values: dict[bytes, dict[str, str]] = {}
        kind = Kind(Format.MHL, b"", b"", b"")
        for _, name, _ in generations:
            for entry in self._entries(folder, name.encode(), kind):
                known = values.setdefault(entry.path, {})
                known |= {one.algorithm: one.value for one in entry.values if not one.is_failed}
        return values

    def _entries(self, folder: Folder, name: bytes, kind: Kind) -> Iterator[Entry]:
        try:
            for found in read(name, kind, pieces_of(folder, name)):
                if isinstance(found, Entry):
                    yield found
        except ManifestDamaged as error:
            problem = f"{to_text(name).text} cannot be read: {error.facts['problem']}"
            raise self._refused(problem) from error

    def _c4(self, folder: Folder, name: bytes) -> str:
        hasher = algorithm("c4").new()
        for piece in pieces_of(folder, name):
            hasher.update(piece)
        return hasher.hexdigest()

    def _names_in(self, path: bytes) -> set[bytes] | None:
        whole = b"%s/%s" % (self._root, path) if path else self._root
        try:
            return {name for name in names_in(self._tree.folder(whole)) if not is_part(name)}
        except (OSError, NotContained):
            return None


def _hashed(pieces: Iterable[bytes], update: object) -> Iterator[bytes]:
    assert callable(update)
    for piece in pieces:
        update(piece)
        yield piece
