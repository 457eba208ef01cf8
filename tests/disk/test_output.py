from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ketter_gui.disk.output import OutputFile, read_small, read_small_and_state
from ketter_gui.domain.errors import ExportFailed, SpecialFile
from tests.disk.mounting import need_root


def _path(folder: Path, name: str = "audit.csv") -> bytes:
    return os.fsencode(folder / name)


def test_a_file_appears_whole_at_the_end(tmp_path: Path) -> None:
    with OutputFile(_path(tmp_path)) as output:
        assert output.write(b"first ") == 6
        output.write(memoryview(b"second"))
        assert "audit.csv" not in os.listdir(tmp_path)
    assert (tmp_path / "audit.csv").read_bytes() == b"first second"
    assert os.listdir(tmp_path) == ["audit.csv"]
    assert stat.S_IMODE((tmp_path / "audit.csv").stat().st_mode) == 0o600


def test_much_is_written_as_it_comes(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    with OutputFile(_path(tmp_path), mode=0o644) as output:
        for start in range(0, len(content), 70_000):
            output.write(content[start : start + 70_000])
    assert (tmp_path / "audit.csv").read_bytes() == content
    assert stat.S_IMODE((tmp_path / "audit.csv").stat().st_mode) == 0o644


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    with OutputFile(_path(tmp_path)):
        pass
    assert (tmp_path / "audit.csv").read_bytes() == b""


def test_after_an_error_there_is_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        with OutputFile(_path(tmp_path)) as output:
            output.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_kept_unless_it_may_go(tmp_path: Path) -> None:
    (tmp_path / "audit.csv").write_bytes(b"old")
    with pytest.raises(ExportFailed) as caught, OutputFile(_path(tmp_path)):
        pytest.fail("refused before anything is written")
    assert caught.value.errno == errno.EEXIST
    assert (tmp_path / "audit.csv").read_bytes() == b"old"
    with OutputFile(_path(tmp_path), overwrite=True) as output:
        output.write(b"new")
    assert (tmp_path / "audit.csv").read_bytes() == b"new"
    with pytest.raises(ZeroDivisionError), OutputFile(_path(tmp_path), overwrite=True):
        raise ZeroDivisionError
    assert (tmp_path / "audit.csv").read_bytes() == b"new"


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    def write_too_late() -> None:
        with OutputFile(_path(tmp_path)) as output:
            output.write(b"ours")
            (tmp_path / "audit.csv").write_bytes(b"theirs")

    with pytest.raises(ExportFailed) as caught:
        write_too_late()
    assert caught.value.errno == errno.EEXIST
    assert (tmp_path / "audit.csv").read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["audit.csv"]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"kept")
    (tmp_path / "audit.csv").symlink_to("target")
    with pytest.raises(ExportFailed), OutputFile(_path(tmp_path)):
        pass
    with OutputFile(_path(tmp_path), overwrite=True) as output:
        output.write(b"new")
    assert (tmp_path / "target").read_bytes() == b"kept"
    assert not (tmp_path / "audit.csv").is_symlink()


def test_a_folder_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "audit.csv").mkdir()
    with pytest.raises(ExportFailed), OutputFile(_path(tmp_path), overwrite=True) as output:
        output.write(b"new")
    assert os.listdir(tmp_path) == ["audit.csv"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed) as caught, OutputFile(_path(tmp_path, "no/audit.csv")):
        pass
    assert caught.value.errno == errno.ENOENT


@pytest.mark.parametrize("ending", [b"/", b"/.", b"/..", b""])
def test_a_folder_is_no_name_for_a_file(tmp_path: Path, ending: bytes) -> None:
    path = os.fsencode(tmp_path) + ending if ending else b""
    with pytest.raises(ExportFailed) as caught, OutputFile(path):
        pass
    assert caught.value.errno == errno.EISDIR
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing(small_tmpfs: Path) -> None:
    with pytest.raises(ExportFailed) as caught, OutputFile(_path(small_tmpfs)) as output:
        output.write(bytes(8 << 20))
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(small_tmpfs) == []


def test_a_full_disk_at_the_end_leaves_nothing(small_tmpfs: Path) -> None:
    (small_tmpfs / "filler").write_bytes(bytes((1 << 20) - 8192))
    with pytest.raises(ExportFailed) as caught, OutputFile(_path(small_tmpfs)) as output:
        output.write(bytes(100_000))
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(small_tmpfs) == ["filler"]


def test_a_flush_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ExportFailed) as caught, OutputFile(_path(tmp_path)) as output:
        output.write(b"bytes")
    assert caught.value.errno == errno.EIO
    assert os.listdir(tmp_path) == []


def test_a_small_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 32)
    (tmp_path / "key").chmod(0o600)
    assert read_small(_path(tmp_path, "key"), 32) == b"x" * 32
    content, state = read_small_and_state(_path(tmp_path, "key"), 100)
    assert len(content) == state.size_bytes == 32
    assert stat.S_IMODE(state.mode) == 0o600


def test_a_file_that_is_not_small_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 33)
    with pytest.raises(OSError, match="too large") as caught:
        read_small(_path(tmp_path, "key"), 32)
    assert caught.value.errno == errno.EFBIG


def test_a_small_file_is_never_a_link_a_fifo_or_a_device(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x")
    (tmp_path / "link").symlink_to("key")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="symbolic links"):
        read_small(_path(tmp_path, "link"), 32)
    with pytest.raises(SpecialFile):
        read_small(_path(tmp_path, "pipe"), 32)
    need_root()
    with pytest.raises(SpecialFile):
        read_small(b"/dev/zero", 32)
