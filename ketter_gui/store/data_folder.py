"""The ledger's place: a local folder for its user alone, and the file in it.

The folder is made 0700 and the file 0600. A ledger that others could read is closed to
them; a folder that holds other things as well keeps its mode, unless others may write.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from ketter_gui.domain.errors import LedgerOnNetwork, LedgerUnusable, NotOnThisSystem
from ketter_gui.domain.items import Medium
from ketter_gui.system.volumes import locate

LEDGER_NAME: Final = "ledger.sqlite3"


def _is_mine(state: os.stat_result) -> bool:
    """Whether this user may change its mode; where there are no users, everybody may."""
    return not hasattr(os, "getuid") or state.st_uid == os.getuid()


def prepare(data_dir: Path) -> Path:
    """Make the data folder and an empty ledger file where they are missing.

    Raises LedgerOnNetwork, LedgerUnusable. A folder that holds other things already
    keeps its mode, unless others may write in it.
    """
    path = data_dir / LEDGER_NAME
    try:
        _make_folder(data_dir, path)
        _refuse_network(path)
        _make_file(path)
    except OSError as error:
        raise LedgerUnusable.from_os(error, os.fsencode(path)) from error
    return path


def _make_folder(data_dir: Path, path: Path) -> None:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    try:
        data_dir.mkdir(mode=0o700)
    except FileExistsError:
        state = data_dir.stat()
        if not stat.S_ISDIR(state.st_mode):
            raise LedgerUnusable(os.fsencode(path), reason="its data folder is a file") from None
        mode = stat.S_IMODE(state.st_mode)
        if mode & 0o077 and _is_mine(state) and _is_ours_or_empty(data_dir, path):
            data_dir.chmod(0o700)
        elif mode & 0o022:
            raise LedgerUnusable(
                os.fsencode(path), reason="others may write in its folder"
            ) from None


def _is_ours_or_empty(data_dir: Path, path: Path) -> bool:
    with os.scandir(data_dir) as entries:
        return path.exists() or next(entries, None) is None


def _refuse_network(path: Path) -> None:
    try:
        place = locate(os.fsencode(path.parent))
    except NotOnThisSystem:
        return
    if place.medium is Medium.SERVER or place.kind == "network":
        raise LedgerOnNetwork(os.fsencode(path), kind=place.label or place.volume)


def _make_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode):
            raise LedgerUnusable(os.fsencode(path), reason="it is not a plain file") from None
        if stat.S_IMODE(state.st_mode) & 0o077 and _is_mine(state):
            path.chmod(0o600)
