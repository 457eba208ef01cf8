"""Folders that no transfer of this ledger brought: held against manifests, or each other.

Nothing is written to them and no link is followed; each file is read from where it is kept.
What was found is told in the audit, with the manifests' own checksums.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final, NamedTuple

from ketter_gui.disk.folder import Tree, entries, open_root
from ketter_gui.disk.reading import link_target
from ketter_gui.domain.checking import (
    EXTRAS_TOLD,
    Finding,
    NoSuchFolder,
    NothingListed,
    NotTwoFolders,
    PlaceChecked,
    Verdict,
)
from ketter_gui.domain.errors import KetterError, NotContained, WaitingError
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import FileState, ItemKind, Medium
from ketter_gui.domain.litter import LITTER
from ketter_gui.domain.names import is_part, is_probe, to_text
from ketter_gui.engine import named
from ketter_gui.engine.checking import UNKNOWN, Checked, Proven, begin, compare
from ketter_gui.engine.control import Control
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.evidence.manifests.kinds import ASCMHL_FOLDER
from ketter_gui.queue.witness import Witness
from ketter_gui.service import stated
from ketter_gui.service.check import Check, Subject
from ketter_gui.service.checking import place_details
from ketter_gui.store.ledger import Ledger
from ketter_gui.system.volumes import locate

_TOLD_TOGETHER: Final = 500
_PROOF: Final = ("sha256",)
_Unlisted = Callable[[bytes, str], None]
"""Told of a folder that cannot be listed, and why."""

_NOT_LISTED: Final = "no manifest lists it"


class _Teller:
    """Findings for people and for the audit."""

    def __init__(
        self, ledger: Ledger, witness: Witness, sign: Callable[[], None], about: dict[str, object]
    ) -> None:
        self._ledger, self._witness, self._sign, self._about = ledger, witness, sign, about
        self._told: list[AuditDraft] = []

    def tell(self, check: Check, place: PlaceChecked, path: bytes, checked: Checked) -> None:
        """One finding of a place, by its path below it."""
        place.counts[checked.verdict] += 1
        if checked.how is not None:
            place.read_back[checked.how.value] += 1
        if checked.verdict is Verdict.EQUAL:
            return
        root = os.fsencode(place.path.text) if place.path.form == "plain" else b""
        whole = to_text(posixpath.join(root, path))
        check.note(Finding(checked.verdict, whole, checked.why))
        if checked.verdict is Verdict.EXTRA and place.counts[Verdict.EXTRA] > EXTRAS_TOLD:
            return
        item = to_text(path)
        self._told.append(
            self._witness.draft(
                AuditEvent.REVERIFIED,
                None,
                {"why": checked.why},
                item_path=item.text,
                path_form=item.form,
                destination_path=whole.text,
                read_back=checked.how.value if checked.how else "",
                result=checked.verdict.value,
            )
        )
        if len(self._told) >= _TOLD_TOGETHER:
            self._chain()

    def unlisted(self, check: Check, place: PlaceChecked, path: bytes, why: str) -> None:
        """A folder that cannot be listed: what is in it is not known."""
        words = f"what is in it cannot be told: {why}"
        self.tell(check, place, path, Checked(Verdict.UNREADABLE, words))

    def end(self, check: Check) -> None:
        """One entry a place, whatever the end was."""
        view = check.view()
        for place in check.places:
            self._told.append(
                self._witness.draft(
                    AuditEvent.REVERIFIED,
                    None,
                    place_details(place) | self._about,
                    destination_path=place.path.text,
                    result="whole" if view.is_whole else "not finished",
                    duration_s=f"{view.seconds:.3f}",
                )
            )
        self._chain()
        self._sign()

    def _chain(self) -> None:
        drafts, self._told = self._told, []
        if drafts:
            self._ledger.transact(lambda tx: tx.chain(drafts))


# --- a folder and its manifests --------------------------------------------------------------


def check_folder(
    ledger: Ledger,
    witness: Witness,
    path: bytes,
    manifest: bytes | None,
    sign: Callable[[], None],
) -> Check:
    """Begin. `path` is a folder, or a manifest itself. Raises NoManifest and NothingListed
    after what is stated was read, which may take a while for millions of files, and
    NoSuchFolder."""
    root, named = stated.folder_of(path)
    _refuse_missing(root)
    found = stated.stated_in(root, manifest or named, Control())
    if not found.files and not found.off:
        raise NothingListed(root)
    about: dict[str, object] = {
        "manifests": [
            {"path": to_text(one).text, "sha256": value} for one, value in found.manifests
        ]
    }
    of_folder = _OfFolder(root, found, _Teller(ledger, witness, sign, about))
    sizes = [one.size_bytes for one in found.files.values() if one.size_bytes != UNKNOWN]
    subject = Subject(0, _name(root), len(found.files), sum(sizes))
    place = PlaceChecked(to_text(root))
    return Check(subject, (place,), of_folder.work, of_folder.teller.end)


class _OfFolder:
    def __init__(self, root: bytes, found: stated.Stated, teller: _Teller) -> None:
        self._root, self._found, self.teller = root, found, teller

    def work(self, check: Check) -> None:
        (place,) = check.places
        medium = _medium(self._root)

        def counted(piece: memoryview, _offset: int) -> None:
            place.bytes_read += len(piece)

        for path, why in self._found.off:
            self.teller.tell(check, place, path, Checked(Verdict.CHANGED, why))
        with Hands() as hands, Tree(open_root(self._root, check.control.gate)) as tree:
            for path in sorted(self._found.files):
                check.control.checkpoint()
                proven = self._proven(path)
                if proven is None:
                    place.unproven += 1
                    continue
                checked = _checked(tree, medium, proven, hands, check.control, counted)
                self.teller.tell(check, place, path, checked)
            unlisted = partial(self.teller.unlisted, check, place)
            for path, state in _walk(tree, check.control, unlisted):
                if state.kind is ItemKind.FILE and path not in self._found.files:
                    if self._is_manifest(path):
                        continue
                    self.teller.tell(check, place, path, Checked(Verdict.EXTRA, _NOT_LISTED))

    def _proven(self, path: bytes) -> Proven | None:
        """None for a file of which nothing is stated that we could compute."""
        file = self._found.files[path]
        if not file.sums:
            return None
        checksums: Checksums = tuple(file.sums.items())
        return Proven(path, ItemKind.FILE, file.size_bytes, UNKNOWN, checksums)

    def _is_manifest(self, path: bytes) -> bool:
        whole = posixpath.join(self._root, path)
        is_history = path.split(b"/")[-2:-1] == [ASCMHL_FOLDER]
        return is_history or whole in {one for one, _ in self._found.manifests}


# --- two folders -----------------------------------------------------------------------------


def compare_folders(
    ledger: Ledger, witness: Witness, left: bytes, right: bytes, sign: Callable[[], None]
) -> Check:
    """Begin. Raises NotTwoFolders and NoSuchFolder."""
    for path in (left, right):
        _refuse_missing(path)
    one, other = os.path.realpath(left) + b"/", os.path.realpath(right) + b"/"
    if one.startswith(other) or other.startswith(one):
        raise NotTwoFolders(left, other=to_text(right).text)
    about: dict[str, object] = {"compared": [to_text(left).text, to_text(right).text]}
    of_two = _OfTwo(left, right, _Teller(ledger, witness, sign, about))
    places = (PlaceChecked(to_text(left)), PlaceChecked(to_text(right)))
    return Check(Subject(0, _name(left)), places, of_two.work, of_two.teller.end)


class _Pair(NamedTuple):
    path: bytes
    left: FileState | None
    right: FileState | None


class _OfTwo:
    """The right one is held against the left one: what is only there is extra."""

    def __init__(self, left: bytes, right: bytes, teller: _Teller) -> None:
        self._paths, self.teller = (left, right), teller
        self._media = (_medium(left), _medium(right))

    def work(self, check: Check) -> None:
        with ExitStack() as stack:
            trees = [
                stack.enter_context(Tree(open_root(path, check.control.gate)))
                for path in self._paths
            ]
            hands = stack.enter_context(Hands())
            files = size_bytes = 0
            for _, state in _walk(trees[0], check.control, lambda *_: None):
                if state.kind is ItemKind.FILE:
                    files, size_bytes = files + 1, size_bytes + state.size_bytes
            check.set_totals(2 * files, 2 * size_bytes)
            unlisted = [partial(self.teller.unlisted, check, place) for place in check.places]
            for pair in _pairs((trees[0], trees[1]), check.control, (unlisted[0], unlisted[1])):
                self._compare(check, trees, hands, pair)

    def _compare(self, check: Check, trees: list[Tree], hands: Hands, pair: _Pair) -> None:
        left, right = check.places
        here, there = pair.left, pair.right
        if here is None:
            extra = Checked(Verdict.EXTRA, f"it is not in {left.path.text}")
            self.teller.tell(check, right, pair.path, extra)
        elif there is None:
            missing = Checked(Verdict.MISSING, f"it is in {left.path.text} only")
            self.teller.tell(check, right, pair.path, missing)
        elif here.kind is not there.kind:
            why = f"it is a {there.kind.value} here, and a {here.kind.value} in {left.path.text}"
            self.teller.tell(check, right, pair.path, Checked(Verdict.CHANGED, why))
        elif here.kind is ItemKind.SYMLINK:
            targets = [link_target(*tree.split(pair.path)) for tree in trees]
            if targets[0] != targets[1]:
                why = f"it leads to “{to_text(targets[1]).text}” here"
                self.teller.tell(check, right, pair.path, Checked(Verdict.CHANGED, why))
        elif here.kind is ItemKind.FILE:
            self._read_both(check, trees, hands, pair)

    def _read_both(self, check: Check, trees: list[Tree], hands: Hands, pair: _Pair) -> None:
        left, right = check.places
        assert pair.left is not None
        assert pair.right is not None

        def counted_left(piece: memoryview, _offset: int) -> None:
            left.bytes_read += len(piece)

        def counted_right(piece: memoryview, _offset: int) -> None:
            right.bytes_read += len(piece)

        if pair.left.size_bytes != pair.right.size_bytes:
            self.teller.tell(check, right, pair.path, Checked(Verdict.CHANGED, "the sizes differ"))
            return
        sums, checked = _sums(trees[0], self._media[0], pair.path, hands, check, counted_left)
        self.teller.tell(check, left, pair.path, checked)
        if sums is None:
            return
        size = pair.left.size_bytes
        proven = Proven(pair.path, ItemKind.FILE, size, UNKNOWN, sums)
        medium = self._media[1]
        checked = _checked(trees[1], medium, proven, hands, check.control, counted_right)
        if checked.verdict is Verdict.CHANGED:
            checked = checked._replace(why=f"its bytes differ from those in {left.path.text}")
        self.teller.tell(check, right, pair.path, checked)


def _sums(
    tree: Tree, medium: Medium, path: bytes, hands: Hands, check: Check, counted: object
) -> tuple[Checksums | None, Checked]:
    """What a file has now, or why it cannot be read."""
    assert callable(counted)
    begun = begin(tree, medium, Proven(path, ItemKind.FILE, UNKNOWN, UNKNOWN, ()))
    if not isinstance(begun, KeptFile):
        return None, begun
    with begun as kept:
        try:
            ring = hands.ring if kept.state.size_bytes > len(hands.buffer) else None
            sums = kept.read(_PROOF, hands.buffer, ring, check.control, counted)
        except OSError as error:
            return None, Checked(Verdict.UNREADABLE, os.strerror(error.errno or 0))
        return sums, Checked(Verdict.EQUAL, how=kept.how)


# --- what they have in common ----------------------------------------------------------------


def _checked(
    tree: Tree, medium: Medium, proven: Proven, hands: Hands, control: Control, counted: object
) -> Checked:
    assert callable(counted)
    begun = begin(tree, medium, proven)
    if not isinstance(begun, KeptFile):
        return begun
    return compare(tree, proven, begun, hands, control, counted)


def _walk(tree: Tree, control: Control, unlisted: _Unlisted) -> Iterator[tuple[bytes, FileState]]:
    """Everything below, folders before what is in them; without system litter and parts."""
    todo = [b""]
    while todo:
        above = todo.pop()
        control.checkpoint()
        for name, state in _listed(tree, above, unlisted):
            path = posixpath.join(above, name)
            yield path, state
            if state.kind is ItemKind.FOLDER:
                todo.append(path)


def _pairs(
    trees: tuple[Tree, Tree], control: Control, unlisted: tuple[_Unlisted, _Unlisted]
) -> Iterator[_Pair]:
    """What is in either, both sides of a name together; of a folder that is on one side only,
    its own name alone."""
    todo = [b""]
    while todo:
        above = todo.pop()
        control.checkpoint()
        here = dict(_listed(trees[0], above, unlisted[0]))
        there = dict(_listed(trees[1], above, unlisted[1]))
        for name in sorted({*here, *there}):
            pair = _Pair(posixpath.join(above, name), here.get(name), there.get(name))
            yield pair
            both = (pair.left, pair.right)
            if all(one is not None and one.kind is ItemKind.FOLDER for one in both):
                todo.append(pair.path)


def _listed(tree: Tree, path: bytes, unlisted: _Unlisted) -> Iterator[tuple[bytes, FileState]]:
    """What is in a folder, as far as it can be listed. Raises VolumeGone."""
    try:
        for name, state, _special in entries(tree.folder(path) if path else tree.root):
            if state is not None and not (name in LITTER or is_part(name) or is_probe(name)):
                yield name, state
    except NotContained as error:
        unlisted(path, str(error))
    except OSError as error:
        failure = named.reading(error, tree.root.words_for(path))
        if isinstance(failure, WaitingError):
            raise failure from error
        unlisted(path, os.strerror(error.errno or 0))


def _refuse_missing(path: bytes) -> None:
    if not os.path.isdir(path):
        raise NoSuchFolder(path)


def _medium(path: bytes) -> Medium:
    try:
        return locate(path).medium
    except KetterError:
        return Medium.STORAGE


def _name(path: bytes) -> str:
    return to_text(os.path.basename(path.rstrip(b"/")) or path).text
