"""One watch folder: looks and hints go in, what has settled comes out.

Owner: the thread of its watcher. Whatever is opened is closed again before a method returns,
so that the drive can be ejected at any time between.
"""

from __future__ import annotations

import errno
import os
import posixpath
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ketter_gui.disk.age import born_ns
from ketter_gui.disk.folder import Tree, look, open_root
from ketter_gui.disk.reading import open_file
from ketter_gui.domain.errors import NotContained, SpecialFile
from ketter_gui.domain.items import ItemKind
from ketter_gui.domain.watch_errors import WatchFolderAway, WatchFolderUnreadable
from ketter_gui.domain.watching import Chosen, WatchRules, version_of
from ketter_gui.system.open_files import is_open_for_writing
from ketter_gui.watch.looking import Eye, Found, Known, Look, Pile
from ketter_gui.watch.settling import Settling

_AWAY = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ESTALE})


class SettledFile(NamedTuple):
    """A file that may be taken; `born_ns` is when it was made, 0 where nobody knows."""

    chosen: Chosen
    size_bytes: int
    born_ns: int


class Settled(NamedTuple):
    """What is taken together: a file by its path, or a folder's files by the folder's, with
    the folders in it."""

    key: bytes
    files: tuple[SettledFile, ...]
    folders: tuple[bytes, ...] = ()


class FolderWatch:
    """What is known of a watch folder by this process. Paths are below `path`.

    `has_inodes`: inodes are files' own there. `cannot_tell_writers`: nobody knows who writes,
    as a client refuses a lease for reasons of its own (NFS, SMB).
    """

    def __init__(
        self,
        path: bytes,
        rules: WatchRules,
        known: Known,
        *,
        has_inodes: bool,
        cannot_tell_writers: bool = False,
    ) -> None:
        self.path = path
        self._eye = Eye(rules, known, has_inodes=has_inodes)
        self._has_inodes = has_inodes
        self._settling = Settling(rules.settle_s)
        self._in_hand: set[bytes] = set()
        self.last = Look()
        self.scan_s = 0.0
        self._cannot_tell_writers = cannot_tell_writers

    @property
    def waiting(self) -> int:
        """How many files, or folders of files, are seen and not settled."""
        return len(self._settling)

    def next_due_s(self) -> float | None:
        """When something may have settled; None while nothing waits."""
        return self._settling.next_due_s()

    def look_at_all(self, now_s: float) -> bool:
        """Look through everything; whether anything new is there. Raises WatchFolderAway and
        WatchFolderUnreadable."""
        begun_s = time.perf_counter()
        with self._opened() as tree:
            seen = self._eye.look_at_all(tree)
        before = self.waiting
        self._note(seen, now_s)
        self._settling.keep_only(set(seen.piles))
        seen.piles, count = {}, len(seen.piles)
        self.last = seen
        self.scan_s = time.perf_counter() - begun_s
        return bool(count) and (count > before or self.waiting > 0)

    def look_at(self, whole_paths: Collection[bytes], now_s: float) -> None:
        """Look at what the system says has changed. Raises like `look_at_all`."""
        root = self.path.rstrip(b"/") + b"/"
        paths = {one[len(root) :] for one in whole_paths if one.startswith(root)}
        if paths:
            with self._opened() as tree:
                self._note(self._eye.look_at(tree, paths), now_s)

    def settle(self, now_s: float, most: int) -> list[Settled]:
        """What has not changed for long enough, is complete, and is open for writing to
        nobody, after one more look at it. It is in our hands until `hand_over`. Raises like
        `look_at_all`."""
        keys = self._settling.due(now_s, most)
        if not keys:
            return []
        found = []
        with self._opened() as tree:
            seen = self._eye.look_at(tree, keys)
            for key in keys:
                settled = self._settled(tree, key, seen.piles.get(key), now_s)
                if settled is not None:
                    found.append(settled)
        return found

    def has(self, chosen: Chosen) -> bool:
        """Whether this version of a file is at its path now. Raises like `look_at_all`."""
        with self._opened() as tree:
            try:
                state = look(*tree.split(chosen.path))
            except (FileNotFoundError, NotADirectoryError, SpecialFile, NotContained):
                return False
            has_inodes = chosen.version is not None and chosen.version.inode != 0
            return state is not None and version_of(state, has_inodes=has_inodes) == chosen.version

    def hand_over(self, settled: Collection[Settled]) -> None:
        """These are written down as taken, or to be seen anew."""
        self._in_hand.difference_update(one.key for one in settled)

    def _note(self, seen: Look, now_s: float) -> None:
        for key, pile in seen.piles.items():
            if key not in self._in_hand:
                self._settling.seen(key, pile.signature(), now_s)

    def _settled(self, tree: Tree, key: bytes, pile: Pile | None, now_s: float) -> Settled | None:
        if pile is None:
            self._settling.forget(key)
            return None
        signature = pile.signature()
        if pile.blocked or not self._settling.is_same(key, signature):
            self._settling.begin(key, signature, now_s)
            return None
        files = [self._unopened(tree, one) for one in pile.files]
        if None in files:
            self._settling.begin(key, signature, now_s)
            return None
        self._settling.forget(key)
        self._in_hand.add(key)
        below = tuple(one for one in pile.folders if one != key)
        return Settled(key, tuple(one for one in files if one is not None), below)

    def _unopened(self, tree: Tree, found: Found) -> SettledFile | None:
        """The file, unless somebody has it open for writing."""
        state = found.state
        chosen = Chosen(found.path, version_of(state, has_inodes=self._has_inodes))
        if state.kind is not ItemKind.FILE:
            return SettledFile(chosen, state.size_bytes, 0)
        try:
            fd = open_file(*tree.split(found.path))
        except (OSError, SpecialFile, NotContained):
            return SettledFile(chosen, state.size_bytes, 0)  # the transfer will say why
        try:
            is_open = not self._cannot_tell_writers and is_open_for_writing(fd)
            return None if is_open else SettledFile(chosen, state.size_bytes, born_ns(fd))
        finally:
            os.close(fd)

    @contextmanager
    def _opened(self) -> Iterator[Tree]:
        try:
            tree = Tree(open_root(self.path))
        except OSError as error:
            raise self._problem(error) from error
        with tree:
            try:
                yield tree
            except OSError as error:
                raise self._problem(error) from error

    def _problem(self, error: OSError) -> WatchFolderAway | WatchFolderUnreadable:
        if error.errno in _AWAY:
            return WatchFolderAway(self.path, errno=error.errno)
        return WatchFolderUnreadable(self.path, errno=error.errno)


def name_of(path: bytes) -> bytes:
    """What a watch folder is called."""
    return posixpath.basename(path.rstrip(b"/")) or path
