"""A volume that stops answering, really: a FUSE file system whose program is stopped.

ntfs-3g serves an image from a process of its own. SIGSTOP, and every call on it waits in
the kernel, as on a share whose server is gone; SIGCONT, and all of them go on. Mounted
from a file, not a loop device, so that the kernel lets a process go that leaves an open
file there: with a block device the last close waits as well, whatever signal comes, and
no program could end.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.disk.mounting import mounted, need

_IMAGE_BYTES = 96 << 20


class Hanging:
    """A mounted volume, and the process that answers for it."""

    def __init__(self, path: Path, pid: int) -> None:
        self.path = path
        self._pid = pid

    def stop(self) -> None:
        """From here on, whoever asks waits."""
        os.kill(self._pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Everything that was asked is answered."""
        os.kill(self._pid, signal.SIGCONT)


@contextmanager
def hanging_volume(folder: Path, name: str = "SHARE") -> Iterator[Hanging]:
    """Skips with the reason's name where it cannot be had."""
    need("mkntfs", "ntfs-3g", package="ntfs-3g")
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    made = subprocess.run(
        ["mkntfs", "-q", "-F", str(image)],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    if made.returncode != 0:
        pytest.skip(f"mkntfs does not work here: {made.stderr.strip()[-200:]}")
    with mounted(folder / name, "ntfs-3g", image, folder / name) as place:
        # The kernel learns with the first close that this one needs no word of it.
        (place / "first").write_bytes(b"1")
        (place / "first").unlink()
        volume = Hanging(place, _served_by(place))
        try:
            yield volume
        finally:
            volume.go_on()


def _served_by(place: Path) -> int:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"ntfs-3g") and os.fsencode(place) in words:
            return int(entry.name)
    raise AssertionError("nobody serves it")
