"""What manifests state of a folder: found in it, in its history, or beside it, and read."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from ketter_gui.checksums.registry import algorithm, known
from ketter_gui.disk.folder import names_in, open_root
from ketter_gui.disk.reading import pieces_of
from ketter_gui.domain.checking import NoManifest, NoSuchFolder
from ketter_gui.domain.errors import KetterError, ManifestDamaged, NotContained
from ketter_gui.engine.checking import UNKNOWN
from ketter_gui.engine.control import Control
from ketter_gui.evidence.manifests.entries import Entry, Refused
from ketter_gui.evidence.manifests.kinds import ASCMHL_FOLDER, CHAIN, Format, Kind, kind_of
from ketter_gui.evidence.manifests.reading import read


@dataclass(slots=True)
class File:
    """What is stated of one file: its size, if any, and its checksums."""

    size_bytes: int
    sums: dict[str, str]


@dataclass(slots=True)
class Stated:
    """By path below the folder, some 400 bytes for each. `manifests` are those that were read,
    with their SHA-256; `off` what is wrong with a manifest, by its path below the folder, or
    with what it says of a path."""

    files: dict[bytes, File] = field(default_factory=dict)
    manifests: list[tuple[bytes, str]] = field(default_factory=list)
    off: list[tuple[bytes, str]] = field(default_factory=list)


def folder_of(path: bytes) -> tuple[bytes, bytes | None]:
    """The folder that is meant, and the manifest, if that was named."""
    if os.path.isdir(path):
        return path, None
    if not os.path.lexists(path):
        raise NoSuchFolder(path)
    kind = kind_of(path)
    if kind is None:
        raise NoManifest(path)
    return kind.base or b"/", path


def stated_in(root: bytes, manifest: bytes | None, control: Control) -> Stated:
    """Read the named one, or all that are in the folder, its history, or beside it. Of a
    history the newest generation decides, older ones add what it does not speak of. Raises
    NoManifest, and OSError when the folder cannot be opened."""
    stated = Stated()
    paths = [manifest] if manifest is not None else list(_found(root))
    if not paths:
        raise NoManifest(root)
    for path in paths:
        _take(stated, root, path, control)
    if manifest is None:
        histories = {posixpath.join(root, ASCMHL_FOLDER)}
        while more := _nested(stated, root) - histories:
            histories |= more
            for history in sorted(more):
                for path in _in(history):
                    _take(stated, root, path, control)
        for history in sorted(histories):
            _hold_against_chain(stated, root, history, control)
    return stated


def _nested(stated: Stated, root: bytes) -> set[bytes]:
    """Histories of folders inside it: what is in those, theirs speak of, and the outer one
    names theirs with their checksums."""
    found = set()
    for path in stated.files:
        above, folder = posixpath.split(posixpath.dirname(path))
        if above and folder == ASCMHL_FOLDER:
            found.add(posixpath.join(root, above, folder))
    return found


def _found(root: bytes) -> Iterator[bytes]:
    """The newest first; what lies beside is about the folder if its paths begin with its name."""
    history = posixpath.join(root, ASCMHL_FOLDER)
    for folder in (history, root, posixpath.dirname(root.rstrip(b"/"))):
        yield from _in(folder)


def _in(folder: bytes) -> Iterator[bytes]:
    for name in sorted(_names(folder), reverse=True):
        path = posixpath.join(folder, name)
        kind = kind_of(path)
        if kind is not None and kind.format is not Format.CHAIN and os.path.isfile(path):
            yield path


def _names(folder: bytes) -> list[bytes]:
    try:
        with open_root(folder) as opened:
            return names_in(opened)
    except (OSError, NotContained):
        return []


def _take(stated: Stated, root: bytes, path: bytes, control: Control) -> None:
    kind = kind_of(path)
    if kind is None:
        raise NoManifest(path)
    shown = _below(root, path)
    is_inside = posixpath.dirname(path).startswith(root.rstrip(b"/"))
    found: dict[bytes, File] = {}
    hasher = algorithm("sha256").new()
    try:
        for one in read(path, kind, _pieces(path, control, hasher.update)):
            if isinstance(one, Entry):
                _note(stated, found, root, kind, one)
            elif isinstance(one, Refused) and is_inside:
                stated.off.append((one.path or shown, f"{os.fsdecode(shown)}: it {one.why}"))
    except ManifestDamaged as error:
        stated.off.append((shown, error.sentences()[0]))
    except (OSError, KetterError) as error:
        stated.off.append((shown, str(error)))
    if not found and not is_inside:
        return  # it is about other folders
    stated.manifests.append((path, hasher.hexdigest()))
    for name, file in found.items():
        stated.files.setdefault(name, file)


def _note(stated: Stated, found: dict[bytes, File], root: bytes, kind: Kind, entry: Entry) -> None:
    whole = posixpath.join(kind.base, entry.path)
    path = _below(root, whole)
    if path == whole:
        return  # of another folder
    sums = {one.algorithm: one.value for one in entry.values if one.algorithm in known()}
    size = UNKNOWN if entry.size_bytes is None else entry.size_bytes
    earlier = found.get(path)
    if earlier is not None and any(
        earlier.sums.get(name, value) != value for name, value in sums.items()
    ):
        stated.off.append((path, "the manifest names two values for it"))
    if entry.previous:
        stated.files.pop(entry.previous, None)
    found[path] = File(size, {**(earlier.sums if earlier else {}), **sums})


def _hold_against_chain(stated: Stated, root: bytes, folder: bytes, control: Control) -> None:
    """A generation that is not what its chain says was altered, and so may be what it states."""
    if CHAIN not in _names(folder):
        return
    path = posixpath.join(folder, CHAIN)
    kind = Kind(Format.CHAIN, folder, path, b"")
    try:
        for one in read(path, kind, _pieces(path, control)):
            if isinstance(one, Entry):
                _hold_one(stated, root, posixpath.join(folder, one.path), one, control)
    except (OSError, KetterError) as error:
        stated.off.append((_below(root, path), str(error)))


def _hold_one(stated: Stated, root: bytes, path: bytes, entry: Entry, control: Control) -> None:
    c4 = algorithm("c4").new()
    try:
        for _ in _pieces(path, control, c4.update):
            pass
    except FileNotFoundError:
        stated.off.append((_below(root, path), "its chain names it, and it is not there"))
        return
    said = {one.value for one in entry.values if one.algorithm == "c4"}
    if said and c4.hexdigest() not in said:
        stated.off.append((_below(root, path), "it is not what its chain says"))


def _below(root: bytes, path: bytes) -> bytes:
    """The path below the folder; as it is for one that is not."""
    start = root.rstrip(b"/") + b"/"
    return path[len(start) :] if path.startswith(start) else path


def _pieces(
    path: bytes, control: Control, update: Callable[[bytes], object] | None = None
) -> Iterator[bytes]:
    above, name = posixpath.split(path)
    with open_root(above or b".") as folder, closing(pieces_of(folder, name)) as pieces:
        for piece in pieces:
            control.checkpoint()
            if update is not None:
                update(piece)
            yield piece
