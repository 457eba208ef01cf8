"""Copies read again, long after their transfer: are they what they were when proven (P1)?

Nothing is written, no link is followed, and each is read from where it is kept, as after
it was copied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from ketter_gui.disk.folder import Folder, Tree, entries, look
from ketter_gui.disk.reading import link_target
from ketter_gui.domain import limits
from ketter_gui.domain.checking import Verdict
from ketter_gui.domain.errors import CopyFailedError, NotContained, WaitingError
from ketter_gui.domain.items import FileState, ItemKind, Medium, ReadBack
from ketter_gui.domain.litter import LITTER
from ketter_gui.domain.names import is_part, is_probe, to_text
from ketter_gui.domain.sizes import size_text
from ketter_gui.engine import named
from ketter_gui.engine.control import Control
from ketter_gui.engine.hands import Hands
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.pump import Eat
from ketter_gui.engine.read_back import KeptFile

UNKNOWN: Final = -1
_NAMES_TOGETHER: Final = 500

_NOT_BROUGHT: Final = "this transfer did not bring it"

IsKnown = Callable[[Sequence[bytes]], AbstractSet[bytes]]
"""Which of these paths the transfer brought, or was to bring."""


class Proven(NamedTuple):
    """A copy as it was proven: its path below the destination, and what it had; of a symlink,
    what it led to. Size and time are UNKNOWN where only a manifest speaks of it."""

    path: bytes
    kind: ItemKind
    size_bytes: int
    mtime_ns: int
    checksums: Checksums
    target: bytes = b""


class Checked(NamedTuple):
    """What it is now. `how` it was read, if it was."""

    verdict: Verdict
    why: str = ""
    how: ReadBack | None = None


def begin(tree: Tree, medium: Medium, proven: Proven) -> Checked | KeptFile:
    """Look at a copy; when only its bytes can tell, open it for `compare` and have the drive
    start on it, so that a drive is asked for several at once. Folders only have to be there,
    links to lead where they led. Raises VolumeGone when its drive is."""
    try:
        return _looked_at(tree, medium, proven)
    except (OSError, CopyFailedError) as error:
        return failed(tree, proven.path, error)


def compare(
    tree: Tree, proven: Proven, kept: KeptFile, hands: Hands, control: Control, counted: Eat
) -> Checked:
    """Read an open copy, close it, and compare. Raises VolumeGone, Stopped and LetGo."""
    try:
        with kept:
            return _compared(proven, kept, hands, control, counted)
    except OSError as error:
        return failed(tree, proven.path, error)


def _looked_at(tree: Tree, medium: Medium, proven: Proven) -> Checked | KeptFile:
    folder, name = tree.split(proven.path)
    state = look(folder, name)
    if state is None:
        return Checked(Verdict.MISSING, "it is not there")
    if state.kind is not proven.kind:
        return Checked(Verdict.CHANGED, f"it is a {state.kind.value} now")
    if state.kind is ItemKind.FOLDER:
        return Checked(Verdict.EQUAL)
    if state.kind is ItemKind.SYMLINK:
        return _link(folder, name, proven)
    if proven.size_bytes not in (UNKNOWN, state.size_bytes):
        now, then = size_text(state.size_bytes), size_text(proven.size_bytes)
        return Checked(Verdict.CHANGED, f"it has {now} now, and had {then}")
    kept = KeptFile(folder, name, medium, is_big=_is_big(state.size_bytes))
    kept.ask_for()
    return kept


def _link(folder: Folder, name: bytes, proven: Proven) -> Checked:
    now = link_target(folder, name)
    if now == proven.target:
        return Checked(Verdict.EQUAL)
    return Checked(Verdict.CHANGED, f"it leads to “{to_text(now).text}” now")


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
    if proven.mtime_ns == UNKNOWN:
        return Checked(Verdict.CHANGED, "its bytes have another checksum", kept.how)
    if kept.state.mtime_ns == proven.mtime_ns:
        why = "other bytes at the same size and time: is the drive failing?"
        return Checked(Verdict.CHANGED, why, kept.how)
    return Checked(Verdict.CHANGED, "it was written to since", kept.how)


def failed(tree: Tree, path: bytes, error: OSError | CopyFailedError) -> Checked:
    """What a copy is that could not be looked at or read. Raises VolumeGone."""
    if isinstance(error, FileNotFoundError):
        return Checked(Verdict.MISSING, "it is not there")
    if isinstance(error, CopyFailedError | NotADirectoryError):
        return Checked(Verdict.CHANGED, "a link, or no file, is in its place")
    failure = named.reading(error, tree.root.words_for(path))
    if isinstance(failure, WaitingError):
        raise failure from error
    return Checked(Verdict.UNREADABLE, os.strerror(error.errno or 0))


def _is_big(size_bytes: int) -> bool:
    return size_bytes > limits.SMALL_FILE_BYTES


def beside(
    tree: Tree, path: bytes, is_known: IsKnown, control: Control
) -> Iterator[tuple[bytes, Checked]]:
    """What lies in a folder of the transfer beside what this brought: EXTRA, with its path;
    of a folder of others, only its own path, with a slash. The folder itself is UNREADABLE
    when it cannot be listed; one that is not there was found to be missing before. Raises
    VolumeGone."""
    try:
        for names in _in_hundreds(entries(tree.folder(path))):
            control.checkpoint()
            known = is_known([b"%s/%s" % (path, name) for name, _ in names])
            for name, is_folder in names:
                whole = b"%s/%s" % (path, name)
                if whole not in known:
                    yield whole + b"/" * is_folder, Checked(Verdict.EXTRA, _NOT_BROUGHT)
    except (FileNotFoundError, NotADirectoryError, NotContained):
        return
    except OSError as error:
        failure = named.reading(error, tree.root.words_for(path))
        if isinstance(failure, WaitingError):
            raise failure from error
        why = f"what else is in it cannot be told: {os.strerror(error.errno or 0)}"
        yield path, Checked(Verdict.UNREADABLE, why)


def _in_hundreds(
    found: Iterator[tuple[bytes, FileState | None, str]],
) -> Iterator[list[tuple[bytes, bool]]]:
    """(name, is it a folder) of what somebody may have put there."""
    names: list[tuple[bytes, bool]] = []
    for name, state, _special in found:
        if name in LITTER or is_part(name) or is_probe(name):
            continue
        names.append((name, state is not None and state.kind is ItemKind.FOLDER))
        if len(names) >= _NAMES_TOGETHER:
            yield names
            names = []
    yield names
