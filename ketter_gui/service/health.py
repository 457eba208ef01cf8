"""`ketter doctor`: whether everything that Ketter needs is well, one finding a line."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ketter_gui import __version__
from ketter_gui.checksums.registry import algorithm, known
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.views import HealthLine
from ketter_gui.service.logs import log_folder
from ketter_gui.store.backup_names import all_of
from ketter_gui.system.volumes import volumes

if TYPE_CHECKING:
    from ketter_gui.service.service import Service

_LEDGER_ROOM_BYTES = 200_000_000
_ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def examine(service: Service) -> tuple[HealthLine, ...]:
    """Look at everything; a finding never stops the next one."""
    checks: tuple[tuple[str, Callable[[Service], HealthLine]], ...] = (
        ("Program", _program),
        ("Ledger", _ledger),
        ("Audit", _audit),
        ("Room for the ledger", _room),
        ("Checksums", _checksums),
        ("Volumes", _volumes),
        ("Transfers", _transfers),
        ("Log", _log),
    )
    return tuple(_guarded(name, check, service) for name, check in checks)


def _guarded(name: str, check: Callable[[Service], HealthLine], service: Service) -> HealthLine:
    try:
        return check(service)
    except KetterError as error:
        return HealthLine(name, False, str(error))
    except OSError as error:
        return HealthLine(name, False, f"{error.strerror or error}.")


def _program(_service: Service) -> HealthLine:
    words = f"Ketter {__version__} on Python {platform.python_version()}, {sys.platform}."
    return HealthLine("Program", True, words)


def _ledger(service: Service) -> HealthLine:
    service.ledger.check()
    newest = next(iter(all_of(service.ledger.path)), None)
    backup = f"its newest backup is {newest}" if newest else "it has no backup yet"
    return HealthLine("Ledger", True, f"{service.ledger.path} is sound; {backup}.")


def _audit(service: Service) -> HealthLine:
    verdict = service.verify_audit()
    return HealthLine("Audit", True, f"All {verdict.entries} entries hold.")


def _room(service: Service) -> HealthLine:
    free = shutil.disk_usage(service.data_dir).free
    words = f"{size_text(free)} free in {service.data_dir}."
    return HealthLine("Room for the ledger", free > _LEDGER_ROOM_BYTES, words)


def _checksums(_service: Service) -> HealthLine:
    hasher = algorithm("sha256").new()
    hasher.update(b"abc")
    is_right = hasher.hexdigest() == _ABC_SHA256
    return HealthLine("Checksums", is_right, f"{', '.join(known())} are ready.")


def _volumes(_service: Service) -> HealthLine:
    names = [volume.label or str(volume.mount_point, "utf-8", "replace") for volume in volumes()]
    return HealthLine("Volumes", bool(names), f"{len(names)} mounted: {', '.join(names)}.")


def _transfers(service: Service) -> HealthLine:
    waiting = service.interrupted()
    if not waiting:
        return HealthLine("Transfers", True, "None was interrupted.")
    ids = ", ".join(str(one.id) for one in waiting)
    return HealthLine("Transfers", False, f"Interrupted: {ids}. “ketter resume” carries them on.")


def _log(service: Service) -> HealthLine:
    return HealthLine(
        "Log", True, f"{log_folder(service.data_dir)} has what went wrong, if anything."
    )
