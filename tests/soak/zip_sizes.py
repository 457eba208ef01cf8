"""Archives beyond the old limits, through the command line: more than 65 535 entries, and an
entry of more than 4 GiB.

    python -m tests.soak.zip_sizes [--at FOLDER]

Takes minutes and some GB. What is packed is checked with `unzip -tqq` and `7z t` where they
are there, and unpacked again by Ketter.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_BIG_BYTES = (4 << 30) + (64 << 20) + 17
_ENTRIES = 70_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.zip_sizes")
    parser.add_argument("--at", type=Path)
    given = parser.parse_args()
    for make in (_many, _big):
        with tempfile.TemporaryDirectory(dir=given.at, prefix="ketter-zip-") as name:
            folder = Path(name)
            card = folder / "A001"
            card.mkdir()
            make(card)
            _there_and_back(folder, card)
    return 0


def _many(card: Path) -> None:
    for number in range(_ENTRIES):
        (card / f"{number:05d}").touch()


def _big(card: Path) -> None:
    """Sparse: 4 GiB to read, next to nothing on the disk; small ones before and behind it."""
    (card / "a.xml").write_bytes(b"before")
    with (card / "big.mov").open("wb") as file:
        file.truncate(_BIG_BYTES)
        file.seek(_BIG_BYTES - 4)
        file.write(b"tail")
    (card / "z.xml").write_bytes(b"behind")


def _there_and_back(folder: Path, card: Path) -> None:
    packed, back = folder / "packed", folder / "back"
    packed.mkdir()
    back.mkdir()
    _ketter(folder, "--zip", card, packed)
    archive = packed / "A001.zip"
    for command in (["unzip", "-tqq"], ["7z", "t", "-bso0", "-bsp0"]):
        if shutil.which(command[0]):
            _timed(command[0], [*command, str(archive)])
    _ketter(folder, "--unzip", archive, back)
    subprocess.run(["diff", "-r", str(card), str(back / "A001")], check=True)
    print(f"{len(os.listdir(card))} entries, {archive.stat().st_size:,} bytes: equal", flush=True)


def _ketter(folder: Path, flag: str, source: Path, target: Path) -> None:
    words = [sys.executable, "-m", "ketter_gui", "--data-dir", str(folder / "data")]
    _timed(flag, [*words, "copy", flag, str(source), "--to", str(target), "--quiet"])


def _timed(name: str, words: list[str]) -> None:
    started = time.monotonic()
    subprocess.run(words, check=True)
    print(f"  {name:<8} {time.monotonic() - started:6.1f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
