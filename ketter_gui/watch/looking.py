"""What is in a watch folder and not taken yet: events are hints, this is the truth.

A look opens the folder, walks what it is asked for by descriptors, and closes everything, so
that a drive can be ejected between two looks. It follows no symlink and stays on the volume:
what is mounted inside is another volume, and told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ketter_gui.disk.folder import Tree, entries, look
from ketter_gui.domain.errors import NotContained, SpecialFile
from ketter_gui.domain.filters import filter_of
from ketter_gui.domain.items import FileState, ItemKind
from ketter_gui.domain.litter import LITTER
from ketter_gui.domain.names import ASIDE_SUFFIX, is_part, is_probe
from ketter_gui.domain.options import Symlinks
from ketter_gui.domain.watching import Unit, Version, WatchRules, version_of

Known = Callable[[bytes], Mapping[bytes, Collection[Version]]]
"""The versions that are taken of the files in a folder, by their names."""


class Found(NamedTuple):
    """A file that is not taken yet."""

    path: bytes
    state: FileState


@dataclass(slots=True)
class Pile:
    """What is taken together: a file, or all that is not taken yet of one folder. `blocked`
    is a name that says that somebody still writes, or what is still missing."""

    files: list[Found] = field(default_factory=list)
    folders: list[bytes] = field(default_factory=list)
    blocked: str = ""
    has_sentinel: bool = False

    def signature(self) -> int:
        """Differs as soon as anything about it does."""
        return hash(
            (
                tuple((one.path, *one.state[1:6]) for one in self.files),
                tuple(self.folders),
                self.blocked,
                self.has_sentinel,
            )
        )


@dataclass(slots=True)
class Look:
    """What a look saw. `piles` are by the path of their file or folder; `foreign` are folders
    on another volume, `unreadable` those that could not be listed."""

    piles: dict[bytes, Pile] = field(default_factory=dict)
    files_seen: int = 0
    folders_seen: int = 0
    foreign: list[bytes] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)


class Eye:
    """Looks into one watch folder by its rules."""

    def __init__(self, rules: WatchRules, known: Known, *, has_inodes: bool) -> None:
        self._unit = rules.unit
        self._known = known
        self._has_inodes = has_inodes
        self._temporary = filter_of((), rules.temporary)
        self._wanted = filter_of(rules.options.include, rules.options.exclude)
        self._sentinel = filter_of((rules.sentinel,), ()) if rules.sentinel else None
        self._takes_links = rules.options.symlinks is Symlinks.KEEP

    def look_at_all(self, tree: Tree) -> Look:
        """Everything. Raises OSError when the watch folder itself cannot be listed."""
        seen = Look()
        self._walk(tree, b"", seen)
        return self._finished(seen)

    def look_at(self, tree: Tree, paths: Collection[bytes]) -> Look:
        """These, each below the watch folder, with all that is in them; of whole folders that
        are taken together, all of each one that a path lies in."""
        seen = Look()
        if self._unit is Unit.FOLDER:
            paths = {path.partition(b"/")[0] for path in paths}
        for above, names in _by_folder(paths).items():
            self._look_in(tree, above, names, seen)
        return self._finished(seen)

    def _finished(self, seen: Look) -> Look:
        for pile in seen.piles.values():
            if self._sentinel is not None and pile.folders and not pile.has_sentinel:
                pile.blocked = pile.blocked or "the file that says it is complete"
        seen.piles = {key: pile for key, pile in seen.piles.items() if pile.files}
        return seen

    def _look_in(self, tree: Tree, above: bytes, names: list[bytes], seen: Look) -> None:
        try:
            folder = tree.folder(above)
            known = self._known(above)
        except (OSError, NotContained):
            return
        for name in names:
            try:
                state = look(folder, name)
            except (OSError, SpecialFile, NotContained):
                continue
            if state is not None:
                path = b"%s/%s" % (above, name) if above else name
                if self._note(tree, path, name, state, known, seen):
                    self._walk(tree, path, seen)

    def _walk(self, tree: Tree, top: bytes, seen: Look) -> None:
        pending = [top]
        while pending:
            inside = pending.pop()
            try:
                folder = tree.folder(inside)
                known = self._known(inside)
                below = []
                for name, state, _ in entries(folder):
                    path = b"%s/%s" % (inside, name) if inside else name
                    if state is not None and self._note(tree, path, name, state, known, seen):
                        below.append(path)
            except (OSError, NotContained):
                if not inside:
                    raise
                seen.unreadable.append(inside)
                continue
            seen.folders_seen += 1
            pending += reversed(below)

    def _note(
        self,
        tree: Tree,
        path: bytes,
        name: bytes,
        state: FileState,
        known: Mapping[bytes, Collection[Version]],
        seen: Look,
    ) -> bool:
        """Note one name; whether it is a folder to be looked into."""
        if name in LITTER or is_part(name) or is_probe(name) or _is_aside(name):
            return False
        if state.kind is ItemKind.FOLDER:
            return self._note_folder(tree, path, state, seen)
        seen.files_seen += 1
        key = self._key(path)
        if self._temporary is not None and not self._temporary.wants_file(path):
            if key != path:
                pile = seen.piles.setdefault(key, Pile())
                pile.blocked = path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
            return False
        if self._sentinel is not None and key != path and self._sentinel.wants_file(path):
            seen.piles.setdefault(key, Pile()).has_sentinel = True
        if not self._is_wanted(path, state):
            return False
        if version_of(state, has_inodes=self._has_inodes) in known.get(name, ()):
            return False
        seen.piles.setdefault(key, Pile()).files.append(Found(path, state))
        return False

    def _note_folder(self, tree: Tree, path: bytes, state: FileState, seen: Look) -> bool:
        if state.device != tree.root.identity[0]:
            seen.foreign.append(path)
            return False
        if self._wanted is not None and not self._wanted.wants_folder(path):
            return False
        if self._unit is Unit.FOLDER:
            seen.piles.setdefault(self._key(path), Pile()).folders.append(path)
        return True

    def _is_wanted(self, path: bytes, state: FileState) -> bool:
        if state.kind is ItemKind.SYMLINK and not self._takes_links:
            return False
        return self._wanted is None or self._wanted.wants_file(path)

    def _key(self, path: bytes) -> bytes:
        return path if self._unit is Unit.FILE else path.partition(b"/")[0]


def _is_aside(name: bytes) -> bool:
    return name.startswith(b".") and name.endswith(ASIDE_SUFFIX)


def _by_folder(paths: Collection[bytes]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for path in sorted(paths):
        above, _, name = path.rpartition(b"/")
        found.setdefault(above, []).append(name)
    return found
