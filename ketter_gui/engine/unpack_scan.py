"""The items of an archive: what its central directory says, checked before it is believed.

As after a scan of a folder, each item has a path below its source's name and a state, so
that everything after this treats it like a file that was found on a card.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial

from ketter_gui.disk.folder import state_of
from ketter_gui.disk.reading import open_file
from ketter_gui.domain.archive_errors import ArchiveRefused
from ketter_gui.domain.errors import CopyFailedError, LinkSkipped, SourceUnreadable, VolumeGone
from ketter_gui.domain.filters import Filter, filter_of
from ketter_gui.domain.items import FileState, ItemKind, Source
from ketter_gui.domain.options import Symlinks
from ketter_gui.engine import named
from ketter_gui.engine.journal import Found, LeftOut
from ketter_gui.engine.plan import Bench
from ketter_gui.engine.scan import note_filtered, record_found
from ketter_gui.engine.unpack_check import above, check_entries
from ketter_gui.engine.zip_names import folded
from ketter_gui.engine.zip_read import BadArchive, Directory, Packed, entries_of, find_directory

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755


def open_archive(bench: Bench, source: Source) -> int:
    """A descriptor of a source's archive; closing it is the caller's business. Raises
    SourceUnreadable, SourceMissing, VolumeGone and CopyFailedError."""
    tree = bench.sources[source.index]
    try:
        return open_file(*tree.split(source.inside(source.name)))
    except OSError as error:
        failure = named.reading(error, source.path)
        if isinstance(failure, VolumeGone):
            raise failure from error
        raise SourceUnreadable(source.path, errno=error.errno) from error


def scan_archives(bench: Bench) -> None:
    """Record everything in the archives as items, and count files and bytes.

    Raises ArchiveRefused before anything is written, and SourceUnreadable.
    """
    for source in bench.plan.sources:
        try:
            fd = open_archive(bench, source)
        except CopyFailedError as error:
            raise ArchiveRefused(source.path, problem="it is not what it was") from error
        try:
            record_found(bench, _found(bench, source, fd, checked_directory(source, fd)))
        except BadArchive as error:
            raise ArchiveRefused(source.path, problem=str(error)) from error
        except OSError as error:
            raise SourceUnreadable(source.path, errno=error.errno) from error
        finally:
            os.close(fd)
    if bench.filtered:
        note_filtered(bench)
    bench.journal.commit()


def checked_directory(source: Source, fd: int) -> Directory:
    """An archive's central directory, every entry of it looked at. Raises ArchiveRefused
    and OSError."""
    size_bytes = state_of(fd).size_bytes
    try:
        directory = find_directory(fd, size_bytes)
        check_entries(fd, size_bytes, directory)
    except BadArchive as error:
        raise ArchiveRefused(source.path, problem=str(error)) from error
    return directory


def item_path(source: Source, entry: Packed) -> bytes:
    """Where an entry arrives, below a destination."""
    return b"%s/%s" % (source.name, entry.name)


def _found(bench: Bench, source: Source, fd: int, directory: Directory) -> Iterator[Found]:
    """The folder that the archive becomes, its entries, and folders that only their names
    tell of, each before the first thing in it."""
    archive = state_of(fd)
    own = _folder_state(archive, _FOLDER_MODE, archive.mtime_ns)
    yield Found(source.index, source.name, own)
    entries = partial(_wanted, bench, fd, directory)
    explicit = {folded(one.name) for one in entries() if one.is_folder}
    is_without_links = bench.plan.options.symlinks is Symlinks.SKIP
    told: set[int] = set()
    last_parent = b""
    bench.filtered = 0
    for entry in entries():
        parent = entry.name.rpartition(b"/")[0]
        if parent != last_parent:
            for name in reversed(list(above(entry.name))):
                same = folded(name)
                if same not in explicit and same not in told:
                    told.add(same)
                    yield Found(source.index, b"%s/%s" % (source.name, name), own)
            last_parent = parent
        path = item_path(source, entry)
        if entry.is_link and is_without_links:
            bench.journal.record(LeftOut(source.index, path, LinkSkipped(path)))
        else:
            yield Found(source.index, path, _state(archive, entry))


def _wanted(bench: Bench, fd: int, directory: Directory) -> Iterator[Packed]:
    """The entries that `--include` and `--exclude` leave; of folders, where only some files
    are included, those on the way to them."""
    options = bench.plan.options
    wanted = filter_of(options.include, options.exclude)
    if wanted is None:
        yield from entries_of(fd, directory)
        return
    on_the_way: set[bytes] | None = None
    if options.include:
        files = (one for one in entries_of(fd, directory) if not one.is_folder)
        on_the_way = {name for one in files if _is_wanted(wanted, one) for name in above(one.name)}
    for entry in entries_of(fd, directory):
        if not _is_wanted(wanted, entry):
            bench.filtered += 1
        elif not entry.is_folder or on_the_way is None or entry.name in on_the_way:
            yield entry


def _is_wanted(wanted: Filter, entry: Packed) -> bool:
    if not all(wanted.wants_folder(name) for name in above(entry.name)):
        return False
    return (wanted.wants_folder if entry.is_folder else wanted.wants_file)(entry.name)


def _state(archive: FileState, entry: Packed) -> FileState:
    mode = stat.S_IMODE(entry.mode) & 0o777  # not setuid and the like: its owner is another
    if entry.is_folder:
        return _folder_state(archive, mode or _FOLDER_MODE, entry.mtime_ns)
    kind = ItemKind.SYMLINK if entry.is_link else ItemKind.FILE
    kind_bits = stat.S_IFLNK if entry.is_link else stat.S_IFREG
    return _ours(archive, kind, entry.size_bytes, entry.mtime_ns, kind_bits | (mode or _FILE_MODE))


def _folder_state(archive: FileState, mode: int, mtime_ns: int) -> FileState:
    return _ours(archive, ItemKind.FOLDER, 0, mtime_ns, stat.S_IFDIR | mode)


def _ours(
    archive: FileState, kind: ItemKind, size_bytes: int, mtime_ns: int, mode: int
) -> FileState:
    """`ctime_ns` is the archive's: whether it is still the one that was looked at."""
    return archive._replace(
        kind=kind,
        size_bytes=size_bytes,
        mtime_ns=mtime_ns,
        mode=mode,
        uid=os.geteuid(),
        gid=os.getegid(),
        links=1,
        allocated_bytes=-1,
    )
