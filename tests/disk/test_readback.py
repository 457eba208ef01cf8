from __future__ import annotations

import ctypes
import errno
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ketter_gui.disk import _linux, readback
from ketter_gui.disk.folder import Folder, open_root
from ketter_gui.disk.readback import aligned_buffer, let_go, open_direct
from ketter_gui.disk.reading import open_file, read_into
from ketter_gui.domain.items import Medium, ReadBack
from tests.disk import mounting
from tests.disk.making import as_nobody, make

SIZE = 1 << 20


@contextmanager
def _opened(folder: Folder, name: bytes) -> Iterator[int]:
    fd = open_file(folder, name)
    try:
        yield fd
    finally:
        os.close(fd)


def _read(fd: int, size: int = SIZE) -> bytes:
    buffer = bytearray(size)
    return bytes(buffer[: read_into(fd, memoryview(buffer), 0)])


@contextmanager
def _held_in_memory(folder: Folder, name: bytes, size: int) -> Iterator[None]:
    """Another program that maps the file and locks its pages."""
    fd = os.open(name, os.O_RDWR, dir_fd=folder.fd)
    view = mmap.mmap(fd, size)
    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.addressof(ctypes.c_char.from_buffer(view))
    assert libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(size)) == 0
    try:
        yield
    finally:
        libc.munlock(ctypes.c_void_p(address), ctypes.c_size_t(size))
        view.close()
        os.close(fd)


def _refuse_cachestat(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before Linux 6.5, and for files of others: the longer way of asking."""

    def refuse(_fd: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(_linux, "cached_pages", refuse)


@pytest.fixture(params=["cachestat", "mincore"], autouse=True)
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test with the short way of asking, and without it."""
    if request.param == "mincore":
        _refuse_cachestat(monkeypatch)


@pytest.mark.parametrize("size", [1, 4096, 16_384, 16_385, SIZE])
def test_the_short_way_misses_no_page(ext4_folder: Folder, size: int) -> None:
    """Blocks of 1 KiB: mincore does not see a last page that was written in part."""
    make(ext4_folder, b"clip", os.urandom(size))
    with _opened(ext4_folder, b"clip") as fd:
        try:
            before = _linux.cached_pages(fd)
        except OSError:
            pytest.skip("needs cachestat(2) (Linux 6.5)")
        assert before == -(-size // mmap.PAGESIZE) >= _linux.pages_in_memory(fd, 0, size)
        assert let_go(fd, size, Medium.STORAGE) is ReadBack.STORAGE
        assert _linux.cached_pages(fd) == 0


@pytest.mark.parametrize("size", [1, 4096, 16_384, 16_385, SIZE])
def test_pages_are_seen_gone_on_a_drive(ext4_folder: Folder, size: int) -> None:
    content = os.urandom(size)
    make(ext4_folder, b"clip", content)
    with _opened(ext4_folder, b"clip") as fd:
        assert _read(fd) == content
        assert _linux.pages_in_memory(fd, 0, size) > 0
        assert let_go(fd, size, Medium.STORAGE) is ReadBack.STORAGE
        assert _linux.pages_in_memory(fd, 0, size) == 0
        assert _read(fd) == content


def test_pages_that_somebody_holds_are_told_to_be_cache(ext4_folder: Folder) -> None:
    make(ext4_folder, b"clip", os.urandom(SIZE))
    with _opened(ext4_folder, b"clip") as fd:
        with _held_in_memory(ext4_folder, b"clip", SIZE):
            assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE
            assert let_go(fd, SIZE, Medium.SERVER) is ReadBack.CACHE
        assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.STORAGE


def test_one_page_that_stays_is_enough_to_say_cache(ext4_folder: Folder) -> None:
    make(ext4_folder, b"clip", os.urandom(SIZE))
    with _opened(ext4_folder, b"clip") as fd, _held_in_memory(ext4_folder, b"clip", 4096):
        assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE


def test_a_long_file_is_looked_at_to_its_end(
    ext4_folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse_cachestat(monkeypatch)
    monkeypatch.setattr(readback, "_PIECE_BYTES", 1 << 16)
    size = SIZE + 1
    make(ext4_folder, b"clip", bytes(SIZE) + b"!")
    with _opened(ext4_folder, b"clip") as fd:
        asked: list[int] = []
        real = _linux.pages_in_memory

        def last_page_stays(fd: int, offset: int, piece: int) -> int:
            asked.append(piece)
            return real(fd, offset, piece) + (offset + piece == size)

        assert let_go(fd, size, Medium.STORAGE) is ReadBack.STORAGE
        monkeypatch.setattr(_linux, "pages_in_memory", last_page_stays)
        assert let_go(fd, size, Medium.STORAGE) is ReadBack.CACHE
        assert asked[:17] == [1 << 16] * 16 + [1]


def test_what_lives_in_memory_says_so(tmp_path: Path) -> None:
    with (
        mounting.tmpfs(tmp_path, size="4m") as place,
        open_root(os.fsencode(place)) as folder,
    ):
        make(folder, b"clip", os.urandom(SIZE))
        with _opened(folder, b"clip") as fd:
            assert let_go(fd, SIZE, Medium.MEMORY) is ReadBack.MEMORY
            assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE
            assert let_go(fd, SIZE, Medium.SERVER) is ReadBack.CACHE
        assert open_direct(folder, b"clip") is None


@pytest.mark.parametrize(
    ("medium", "answer"),
    [
        (Medium.STORAGE, ReadBack.STORAGE),
        (Medium.SERVER, ReadBack.SERVER),
        (Medium.MEMORY, ReadBack.MEMORY),
    ],
)
def test_an_empty_file_gives_its_mediums_answer(
    folder: Folder, medium: Medium, answer: ReadBack
) -> None:
    make(folder, b"empty")
    with _opened(folder, b"empty") as fd:
        assert let_go(fd, 0, medium) is answer


def test_what_the_system_does_not_let_us_see_is_cache(tmp_path: Path) -> None:
    mounting.need_root()
    tmp_path.chmod(0o755)
    with open_root(os.fsencode(tmp_path)) as folder:
        make(folder, b"clip", os.urandom(SIZE))
        os.chmod(b"clip", 0o644, dir_fd=folder.fd)
        with as_nobody(), _opened(folder, b"clip") as fd:
            assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE
        with _opened(folder, b"clip") as fd:
            assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.STORAGE


def _reads_of(place: Path) -> int:
    """How often the block device under a mount has been read, by its own count."""
    device = os.stat(place).st_dev
    told = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text()
    return int(told.split()[0])


def test_pages_dropped_above_a_serving_program_prove_nothing(
    exfat_folder: Folder, exfat_volume: Path
) -> None:
    """Why FUSE never counts as storage: here is a read-back that reads no drive."""
    content = os.urandom(SIZE)
    make(exfat_folder, b"clip", content)
    with _opened(exfat_folder, b"clip") as fd:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        assert _linux.pages_in_memory(fd, 0, SIZE) == 0
        before = _reads_of(exfat_volume)
        assert _read(fd) == content
        assert _reads_of(exfat_volume) == before
        assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE
        assert let_go(fd, SIZE, Medium.SERVER) is ReadBack.SERVER
    assert open_direct(exfat_folder, b"clip") is None


def test_an_overlay_is_looked_through(ext4_folder: Folder, tmp_path: Path) -> None:
    """Its own mapping is empty while the real file's pages are all there."""
    below = Path(os.fsdecode(ext4_folder.path))
    for name in ("lower", "upper", "work"):
        (below / name).mkdir()
    options = f"lowerdir={below}/lower,upperdir={below}/upper,workdir={below}/work"
    place = tmp_path / "overlay"
    mount = ("mount", "-t", "overlay", "-o", options, "overlay", place)
    with mounting.mounted(place, *mount), open_root(os.fsencode(place)) as folder:
        make(folder, b"clip", os.urandom(SIZE))
        with open_root(os.fsencode(below / "upper")) as real, _opened(folder, b"clip") as fd:
            assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.STORAGE
            with _opened(real, b"clip") as real_fd:
                _read(real_fd)
                assert _linux.pages_in_memory(fd, 0, SIZE) > 0
            with _held_in_memory(real, b"clip", SIZE):
                assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.CACHE
            _reads_directly(folder, b"clip")


def test_a_share_that_cannot_be_mapped_keeps_nothing_here(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse_cachestat(monkeypatch)

    def refuse(*_: object) -> int:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    make(folder, b"clip", b"bytes")
    monkeypatch.setattr(_linux, "pages_in_memory", refuse)
    with _opened(folder, b"clip") as fd:
        assert let_go(fd, 5, Medium.SERVER) is ReadBack.SERVER
        assert let_go(fd, 5, Medium.STORAGE) is ReadBack.CACHE


def test_a_drive_that_fails_is_no_cache(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    _refuse_cachestat(monkeypatch)

    def fail(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    make(folder, b"clip", b"bytes")
    monkeypatch.setattr(_linux, "pages_in_memory", fail)
    with _opened(folder, b"clip") as fd, pytest.raises(OSError, match="Input/output"):
        let_go(fd, 5, Medium.STORAGE)


def test_elsewhere_than_on_linux_nothing_is_claimed(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder, b"clip", b"bytes")
    monkeypatch.setattr(_linux, "IS_LINUX", False)
    with _opened(folder, b"clip") as fd:
        assert let_go(fd, 5, Medium.STORAGE) is ReadBack.CACHE
    assert open_direct(folder, b"clip") is None


def _reads_directly(folder: Folder, name: bytes) -> None:
    """A direct read gives the bytes and leaves no page behind."""
    fd = open_direct(folder, name)
    if fd is None:
        pytest.skip("needs statx STATX_DIOALIGN (Linux 6.1)")
    try:
        with _opened(folder, name) as ordinary:
            content = _read(ordinary)
        assert let_go(fd, SIZE, Medium.STORAGE) is ReadBack.STORAGE
        with aligned_buffer(SIZE) as buffer, memoryview(buffer) as view:
            assert read_into(fd, view, 0) == SIZE
            assert bytes(view) == content
        assert _linux.pages_in_memory(fd, 0, SIZE) == 0
    finally:
        os.close(fd)


def test_direct_reads_bypass_the_cache(ext4_folder: Folder) -> None:
    make(ext4_folder, b"clip", os.urandom(SIZE))
    _reads_directly(ext4_folder, b"clip")


def test_an_empty_file_has_nothing_to_prove_direct_reads_with(ext4_folder: Folder) -> None:
    make(ext4_folder, b"empty")
    assert open_direct(ext4_folder, b"empty") is None


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP])
def test_an_open_that_is_accepted_and_a_read_that_is_refused_prove_nothing(
    ext4_folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    make(ext4_folder, b"clip", b"bytes")
    monkeypatch.setattr(os, "preadv", refuse)
    assert open_direct(ext4_folder, b"clip") is None


def test_a_failing_drive_is_told_when_it_is_opened_directly(
    ext4_folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    make(ext4_folder, b"clip", b"bytes")
    monkeypatch.setattr(os, "preadv", fail)
    with pytest.raises(OSError, match="Input/output"):
        open_direct(ext4_folder, b"clip")


def test_a_link_is_not_opened_directly(ext4_folder: Folder) -> None:
    os.symlink(b"clip", b"link", dir_fd=ext4_folder.fd)
    with pytest.raises(OSError, match="symbolic links"):
        open_direct(ext4_folder, b"link")


def test_buffers_are_page_aligned() -> None:
    with aligned_buffer(8192) as buffer:
        address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
        assert address % mmap.PAGESIZE == 0
        assert len(buffer) == 8192
