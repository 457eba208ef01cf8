"""Copies read again, long after their transfer: are they what they were when proven (P1)?

Nothing is written, no link is followed, and each is read from where it is kept, as after
it was copied.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from ketter_gui.disk.folder import Tree, entries, look
from ketter_gui.domain import limits
from ketter_gui.domain.checking import Verdict
from ketter_gui.domain.errors import CopyFailedError, NotContained, WaitingError
from ketter_gui.domain.items import ItemKind, Medium, ReadBack
from ketter_gui.domain.names import is_part, is_probe
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import named
from ketter_gui.engine.control import Control
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.pump import Eat
from ketter_gui.engine.read_back import KeptFile
from ketter_gui.engine.scan import LITTER


class Proven(NamedTuple):
    """A copy as it was proven: its path below the destination, and what it had."""

    path: bytes
    kind: ItemKind
    size_bytes: int
    mtime_ns: int
    checksums: Checksums


class Checked(NamedTuple):
    """What it is now. `how` it was read, if it was."""

    verdict: Verdict
    why: str = ""
    how: ReadBack | None = None


def begin(tree: Tree, medium: Medium, proven: Proven) -> Checked | KeptFile:
    """Look at a copy; when only its bytes can tell, open it for `compare` and have the drive
    start on it, so that a drive is asked for several at once. Folders and links only have to
    be there. Raises VolumeGone when its drive is."""
    try:
        return _looked_at(tree, medium, proven)
    except (OSError, CopyFailedError) as error:
        return _failed(tree, proven, error)


def compare(
    tree: Tree, proven: Proven, kept: KeptFile, hands: Hands, control: Control, counted: Eat
) -> Checked:
    """Read an open copy, close it, and compare. Raises VolumeGone, Stopped and LetGo."""
    try:
        with kept:
            return _compared(proven, kept, hands, control, counted)
    except OSError as error:
        return _failed(tree, proven, error)


def _looked_at(tree: Tree, medium: Medium, proven: Proven) -> Checked | KeptFile:
    folder, name = tree.split(proven.path)
    state = look(folder, name)
    if state is None:
        return Checked(Verdict.MISSING, "it is not there")
    if state.kind is not proven.kind:
        return Checked(Verdict.CHANGED, f"it is a {state.kind.value} now")
    if state.kind is not ItemKind.FILE:
        return Checked(Verdict.EQUAL)
    if state.size_bytes != proven.size_bytes:
        now, then = size_text(state.size_bytes), size_text(proven.size_bytes)
        return Checked(Verdict.CHANGED, f"it has {now} now, and had {then}")
    kept = KeptFile(folder, name, medium, is_big=_is_big(state.size_bytes))
    kept.ask_for()
    return kept


def _compared(
    proven: Proven, kept: KeptFile, hands: Hands, control: Control, counted: Eat
) -> Checked:
    algorithms = tuple(algorithm for algorithm, _ in proven.checksums)
    ring = hands.ring if _is_big(kept.state.size_bytes) else None
    found = kept.read(algorithms, hands.buffer, ring, control, counted)
    if found == proven.checksums:
        return Checked(Verdict.EQUAL, how=kept.how)
    if not kept.is_unchanged():
        return Checked(Verdict.CHANGED, "it is being written to", kept.how)
    if kept.state.mtime_ns == proven.mtime_ns:
        why = "other bytes at the same size and time: is the drive failing?"
        return Checked(Verdict.CHANGED, why, kept.how)
    return Checked(Verdict.CHANGED, "it was written to since", kept.how)


def _failed(tree: Tree, proven: Proven, error: OSError | CopyFailedError) -> Checked:
    if isinstance(error, FileNotFoundError):
        return Checked(Verdict.MISSING, "it is not there")
    if isinstance(error, CopyFailedError | NotADirectoryError):
        return Checked(Verdict.CHANGED, "a link, or no file, is in its place")
    failure = named.reading(error, tree.root.words_for(proven.path))
    if isinstance(failure, WaitingError):
        raise failure from error
    return Checked(Verdict.UNREADABLE, os.strerror(error.errno or 0))


def _is_big(size_bytes: int) -> bool:
    return size_bytes > limits.SMALL_FILE_BYTES


def extras(
    tree: Tree, folders: Iterable[bytes], known: AbstractSet[int], control: Control
) -> Iterator[bytes]:
    """What lies in these folders, and is none of the paths whose `hash` is known; of a
    folder of others, only its own path, with a slash. Folders that are not there, or cannot
    be listed, are told by `check_copy`."""
    for path in folders:
        control.checkpoint()
        try:
            for name, state, _special in entries(tree.folder(path)):
                whole = b"%s/%s" % (path, name)
                if hash(whole) in known or name in LITTER or is_part(name) or is_probe(name):
                    continue
                is_folder = state is not None and state.kind is ItemKind.FOLDER
                yield whole + b"/" if is_folder else whole
        except (OSError, NotContained):
            continue
