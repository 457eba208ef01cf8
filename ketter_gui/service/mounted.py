"""The mounted volumes as cards. Asking for free space may wait for a dead drive."""

from __future__ import annotations

import os

from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import VolumeView
from ketter_gui.system.volumes import Volume, space, volumes


def volume_views() -> tuple[VolumeView, ...]:
    """Every volume that a person would choose; one that does not answer has no figures."""
    return tuple(_view(volume) for volume in volumes())


def _view(volume: Volume) -> VolumeView:
    try:
        total, free = space(volume.mount_point)
    except OSError:
        total = free = 0
    label = volume.label or to_text(os.path.basename(volume.mount_point)).text or "System"
    return VolumeView(
        identity=volume.identity,
        label=label,
        path=volume.mount_point,
        kind=volume.kind,
        file_system=volume.file_system,
        is_read_only=volume.is_read_only,
        total_bytes=total,
        free_bytes=free,
    )
