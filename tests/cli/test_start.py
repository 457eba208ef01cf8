"""A command starts quickly: it imports what it needs, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Ketter

_NOT_NEEDED = (
    "PySide6.QtGui",
    "PySide6.QtNetwork",
    "PySide6.QtWidgets",
    "asyncio",
    "cryptography.hazmat.primitives.serialization.ssh",
    "cryptography.x509",
    "email",
    "http",
    "ketter_gui.engine.pack",
    "ketter_gui.engine.unpack",
    "ketter_gui.engine.zip_format",
    "ketter_gui.engine.zip_read",
    "ketter_gui.engine.zip_stream",
    "ketter_gui.evidence.audit_csv",
    "ketter_gui.evidence.manifests.lists",
    "ketter_gui.evidence.manifests.mhl",
    "ketter_gui.queue.archives",
    "ketter_gui.ui",
    "multiprocessing",
    "pyexpat",
    "subprocess",
    "unittest",
    "watchdog",
    "xml",
)


def test_a_copy_imports_nothing_that_it_has_no_use_for(
    ketter: Ketter, tmp_path: Path, drives: tuple[Path, Path]
) -> None:
    clip = tmp_path / "clip.mov"
    clip.write_bytes(b"footage")
    done = ketter("copy", clip, "--to", drives[0], PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0
    assert (drives[0] / "clip.mov").read_bytes() == b"footage"
    # What a measurement of coverage brings along is there without a copy, too.
    imported = _imported(done.err) - _imported(ketter("--version", PYTHONPROFILEIMPORTTIME="1").err)
    assert {"PySide6.QtCore", "ketter_gui.engine.run"} <= imported
    assert not [name for name in _NOT_NEEDED if name in imported]


def _imported(told: str) -> set[str]:
    lines = [line for line in told.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_the_version_is_told_without_any_of_it(ketter: Ketter) -> None:
    done = ketter("--version", PYTHONPROFILEIMPORTTIME="1")
    assert done.out.startswith("ketter ")
    assert "PySide6" not in done.err
    assert "ketter_gui.service" not in done.err
