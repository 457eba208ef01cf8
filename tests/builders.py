"""What tests arrange: a camera card and drives, as real files in a temporary folder."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

ODD_NAMES = (
    b"caf\xe9.mov",
    b"-rf.mov",
    b"two\nlines.mov",
    "日本語 clip.mov".encode(),
    b"back\\slash.mov",
    b"trailing space ",
    "right\u202eleft.mov".encode(),
)


def payload(size_bytes: int, seed: int) -> bytes:
    """Bytes that no compressor or hole finder can shorten; the same for one seed."""
    return Random(seed).randbytes(size_bytes)


@dataclass(frozen=True)
class Card:
    """A source folder, and what is in it."""

    path: Path

    def files(self) -> dict[bytes, str]:
        """Relative path → SHA-256 of every regular file below it."""
        return tree_of(self.path)


def camera_card(
    folder: Path, *, name: str = "A001", clips: int = 3, clip_bytes: int = 300_000
) -> Card:
    """A small card: clips, sidecars, nested and empty folders, odd names, a link."""
    root = folder / name
    clips_folder = root / "CONTENTS" / "CLIPS"
    clips_folder.mkdir(parents=True)
    (root / "EMPTY").mkdir()
    for number in range(clips):
        clip = clips_folder / f"{name}C{number:03d}.mxf"
        clip.write_bytes(payload(clip_bytes + number, number))
        clip.with_suffix(".xml").write_text(f"<clip number='{number}'/>")
        os.utime(clip, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789 + number))
    (root / "zero.bin").write_bytes(b"")
    return Card(root)


def odd_card(folder: Path) -> Card:
    """A card whose names are as bad as names get, with a link and a FIFO."""
    root = folder / "odd"
    root.mkdir()
    for number, name in enumerate(ODD_NAMES):
        with open(os.path.join(os.fsencode(root), name), "wb") as file:
            file.write(payload(1000 + number, number))
    (root / "link").symlink_to("nowhere/at all")
    os.mkfifo(root / "pipe")
    return Card(root)


def drive(folder: Path, name: str) -> Path:
    """A destination folder."""
    path = folder / name
    path.mkdir()
    return path


def tree_of(root: Path) -> dict[bytes, str]:
    """Relative path → SHA-256 of every regular file; `link:` and target for symlinks."""
    found: dict[bytes, str] = {}
    top = os.fsencode(root)
    for folder, folders, files in os.walk(top):
        for name in files + folders:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, top)
            if os.path.islink(path):
                found[relative] = "link:" + os.fsdecode(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[relative] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def leftovers(root: Path) -> list[bytes]:
    """Names below a folder that only Ketter gives: there must be none at the end."""
    return [
        name
        for _, folders, files in os.walk(os.fsencode(root))
        for name in folders + files
        if b".ketter-" in name
    ]
