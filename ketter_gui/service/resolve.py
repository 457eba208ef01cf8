"""From the paths of a request to its sources and destinations, or to what is wrong with them.

Everything here may wait for a disk: never call it on the thread of a window.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from ketter_gui.checksums.registry import algorithm
from ketter_gui.domain.archive_errors import OnlyArchivesAreUnpacked, OnlyFoldersArePacked
from ketter_gui.domain.errors import (
    DestinationInsideSource,
    DestinationIsSource,
    DestinationMissing,
    DestinationNotAFolder,
    DestinationReadOnly,
    DestinationsOverlap,
    NotBuiltYet,
    NothingMounted,
    NothingToDo,
    QuickMoveRefused,
    RefusedError,
    SourceMissing,
    SourceNameless,
    SourceNotSupported,
    SourcesOverlap,
    SourcesShareAName,
    SourceUnreadable,
)
from ketter_gui.domain.items import Destination, ItemKind, Place, Source
from ketter_gui.domain.manifest_errors import NoFolderForHistory, NoHistoryForArchive
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Manifest, Mode, Pack, Request, Verify
from ketter_gui.domain.views import Problem
from ketter_gui.system.volumes import is_empty_mount_point, locate, mounted_inside

_KINDS = {
    stat.S_IFREG: ItemKind.FILE,
    stat.S_IFDIR: ItemKind.FOLDER,
    stat.S_IFLNK: ItemKind.SYMLINK,
}
_SPECIAL = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(slots=True)
class Resolved:
    """A request whose paths were looked at. Usable when `problems` is empty. `inside` is
    what is mounted inside the sources, each in order: where, and what place it is."""

    sources: list[Source] = field(default_factory=list)
    destinations: list[Destination] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    inside: list[list[tuple[bytes, Place]]] = field(default_factory=list)

    def places(self) -> Iterator[tuple[Source, list[Place]]]:
        """Each source with every place that is taken with it."""
        for source, inside in zip(self.sources, self.inside, strict=True):
            yield source, [source.place, *(place for _, place in inside)]

    def all_inside(self) -> tuple[tuple[bytes, Place], ...]:
        """What is mounted inside any of the sources."""
        return tuple(one for inside in self.inside for one in inside)

    def note(self, about: str, index: int, error: RefusedError) -> None:
        """Keep a problem beside its cause."""
        self.problems.append(Problem(about, index, error))


def resolve(request: Request) -> Resolved:
    """Look at every path of a request; never raises for what a person can mend."""
    resolved = Resolved()
    _check_options(request, resolved)
    if not request.sources:
        resolved.note("source", 0, NothingToDo(role="source"))
    if not request.destinations:
        resolved.note("destination", 0, NothingToDo(role="destination"))
    pack = request.options.pack
    for index, path in enumerate(request.sources):
        _try(resolved, "source", index, partial(_add_source, resolved, index, path, request))
    if Manifest.ASCMHL in request.options.manifests and pack is Pack.NONE:
        for source in resolved.sources:
            if source.kind is not ItemKind.FOLDER or not source.name:
                resolved.note("source", source.index, NoFolderForHistory(source.path))
    for index, path in enumerate(request.destinations):
        add = partial(_add_destination, resolved, index, path, pack)
        _try(resolved, "destination", index, add)
    return resolved


def _try(resolved: Resolved, about: str, index: int, act: Callable[[], object]) -> None:
    try:
        act()
    except RefusedError as error:
        resolved.note(about, index, error)


def _check_options(request: Request, resolved: Resolved) -> None:
    options = request.options
    for name in options.checksums:
        _try(resolved, "options", 0, partial(algorithm, name))
    if not options.checksums:
        resolved.note("options", 0, NothingToDo(role="checksum"))
    if request.mode is Mode.MOVE and options.verify is Verify.QUICK:
        resolved.note("options", 0, QuickMoveRefused())
    elif options.verify is not Verify.FULL:
        resolved.note("options", 0, NotBuiltYet(option=f"--verify {options.verify.value}"))
    if request.mode is Mode.MOVE and options.pack is not Pack.NONE:
        resolved.note("options", 0, NotBuiltYet(option=f"A move with --{options.pack.value}"))
    if Manifest.ASCMHL in options.manifests and options.pack is Pack.ZIP:
        resolved.note("options", 0, NoHistoryForArchive())


# --- sources -------------------------------------------------------------------------------


def _add_source(resolved: Resolved, index: int, path: bytes, request: Request) -> None:
    path, pack = _tidy(path), request.options.pack
    kind = _source_kind(path)
    place = _source_place(path, kind)
    if pack is Pack.ZIP and kind is not ItemKind.FOLDER:
        raise OnlyFoldersArePacked(path)
    name = b"" if request.contents_only else _name(path, kind, place, pack)
    source = Source(index, path, name, kind, place)
    inside = mounted_inside(path) if kind is ItemKind.FOLDER else []
    taken = [place, *(one for _, one in inside)]
    for other, others in resolved.places():
        if any(_overlaps(one, another) for one in taken for another in others):
            raise SourcesOverlap(path, other=os.fsdecode(other.path))
        if source.name == other.name:
            raise SourcesShareAName(
                path,
                name=os.fsdecode(source.name),
                other=os.fsdecode(other.path),
                suggestion=_suggestion(path),
            )
    resolved.sources.append(source)
    resolved.inside.append(inside)


def _tidy(path: bytes) -> bytes:
    """Without trailing slashes and `..`, and without following a symlink."""
    return os.path.normpath(path)


def _source_kind(path: bytes) -> ItemKind:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError as error:
        raise SourceMissing(path) from error
    except OSError as error:
        if error.errno == errno.ENOTDIR:
            raise SourceMissing(path) from error
        raise SourceUnreadable(path, errno=error.errno) from error
    kind = _KINDS.get(stat.S_IFMT(mode))
    if kind is None:
        raise SourceNotSupported(path, kind=_SPECIAL.get(stat.S_IFMT(mode), "special file"))
    needed = os.R_OK | os.X_OK if kind is ItemKind.FOLDER else os.R_OK
    if kind is not ItemKind.SYMLINK and not os.access(path, needed):
        raise SourceUnreadable(path, errno=errno.EACCES)
    return kind


def _source_place(path: bytes, kind: ItemKind) -> Place:
    """A symlink is where its folder is; following it would lead elsewhere."""
    if kind is not ItemKind.SYMLINK:
        return locate(path)
    parent = locate(posixpath.dirname(path))
    within = posixpath.join(parent.within, posixpath.basename(path))
    return Place(parent.volume, within, parent.medium, parent.devices, parent.label, parent.kind)


def _name(path: bytes, kind: ItemKind, place: Place, pack: Pack) -> bytes:
    return _unpacked_name(path, kind) if pack is Pack.UNZIP else _arriving_name(path, place)


def _arriving_name(path: bytes, place: Place) -> bytes:
    """`DEST/its-name`; a volume's root arrives under the volume's label."""
    name = posixpath.basename(path)
    if name:
        return name
    label = os.fsencode(place.label).replace(b"/", b"_")
    if not label or label in (b".", b".."):
        raise SourceNameless(path)
    return label


def _unpacked_name(path: bytes, kind: ItemKind) -> bytes:
    """An archive's name without its ending. Raises OnlyArchivesAreUnpacked."""
    stem, ending = posixpath.splitext(posixpath.basename(path))
    if kind is not ItemKind.FILE or ending.lower() != b".zip" or stem in (b"", b".", b".."):
        raise OnlyArchivesAreUnpacked(path)
    return stem


def _suggestion(path: bytes) -> str:
    parent = posixpath.basename(posixpath.dirname(path)) or b"second"
    return to_text(parent).text


# --- destinations --------------------------------------------------------------------------


def _add_destination(resolved: Resolved, index: int, path: bytes, pack: Pack) -> None:
    path = _tidy(path)
    _check_destination_folder(path)
    destination = Destination(index, path, locate(path))
    for other in resolved.destinations:
        if _is_same(destination.place, other.place):
            raise DestinationsOverlap(path, other=os.fsdecode(other.path))
    for source, places in resolved.places():
        _check_apart(destination, source, pack)
        if any(_is_below(destination.place, place) for place in places):
            raise DestinationInsideSource(path, other=os.fsdecode(source.path))
    resolved.destinations.append(destination)


def _check_destination_folder(path: bytes) -> None:
    if is_empty_mount_point(path):
        raise NothingMounted(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        _check_parent(path)
        return
    except OSError as error:
        if error.errno == errno.ENOTDIR:
            raise DestinationNotAFolder(path) from error
        raise DestinationReadOnly(path, errno=error.errno) from error
    if not stat.S_ISDIR(mode):
        raise DestinationNotAFolder(path)
    _check_writable(path)


def _check_parent(path: bytes) -> None:
    parent = posixpath.dirname(path)
    if os.path.islink(path) or not os.path.isdir(parent):
        raise DestinationMissing(path)
    _check_writable(parent)


def _check_writable(path: bytes) -> None:
    if os.access(path, os.W_OK | os.X_OK):
        return
    read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    raise DestinationReadOnly(path, errno=errno.EROFS if read_only else errno.EACCES)


def _check_apart(destination: Destination, source: Source, pack: Pack) -> None:
    """No copy may land on its source, in it, or around it."""
    name = source.name + b".zip" if pack is Pack.ZIP else source.name
    target = Place(
        destination.place.volume,
        posixpath.join(destination.place.within, name),
        destination.place.medium,
        (),
    )
    other = os.fsdecode(source.path)
    if _is_same(target, source.place):
        raise DestinationIsSource(destination.path, other=other)
    if _is_below(destination.place, source.place):
        raise DestinationInsideSource(destination.path, other=other)
    if _is_below(source.place, target):
        raise DestinationIsSource(destination.path, other=other)


# --- places --------------------------------------------------------------------------------


def _is_same(one: Place, other: Place) -> bool:
    return one.volume == other.volume and one.within == other.within


def _is_below(one: Place, other: Place) -> bool:
    """Whether `one` is `other` or lies below it."""
    if one.volume != other.volume:
        return False
    return one.within == other.within or one.within.startswith(other.within.rstrip(b"/") + b"/")


def _overlaps(one: Place, other: Place) -> bool:
    return _is_below(one, other) or _is_below(other, one)


def first_refusal(problems: Sequence[Problem]) -> None:
    """Raise the first problem's error, if there is one."""
    if problems:
        raise problems[0].error
