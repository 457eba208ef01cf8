"""What the backups of a ledger are called, and what to do with one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

FOLDER: Final = "backups"
NAME: Final = re.compile(r"ledger-(\d+)-(\d{8}T\d{12}Z)\.sqlite3")


def all_of(path: Path) -> list[Path]:
    """The backups of a ledger, the newest first."""
    try:
        names = os.listdir(path.with_name(FOLDER))
    except OSError:
        return []
    found = [(match[2], name) for name in names if (match := NAME.fullmatch(name))]
    return [path.with_name(FOLDER) / name for _, name in sorted(found, reverse=True)]


def advice(path: Path) -> str:
    """What to do with a damaged ledger, in a sentence."""
    newest = next(iter(all_of(path)), None)
    if newest is None:
        return "There is no backup; “--data-dir FOLDER” starts a new ledger meanwhile."
    return (
        f"The newest backup is {newest}: close Ketter, put {path.name} and what begins with its "
        "name aside without deleting it, and copy the backup to its place."
    )
