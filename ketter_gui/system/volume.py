"""A mounted volume, as a person would choose one."""

from __future__ import annotations

from dataclasses import dataclass

from ketter_gui.domain.items import Medium


@dataclass(frozen=True, slots=True)
class Volume:
    """One mounted file system.

    `identity` outlives remounts and other mount points; it is never a path, a label or
    a device number alone. `label` may be empty (the system's own volume): show the
    mount point then. `root` is which folder of the volume is mounted there (`/` but for
    bind mounts and subvolumes). `kind` is a key of `limits.LANES` or `memory`.
    `devices` are the physical drives below it: two volumes with one in common are not
    independent copies.
    """

    identity: str
    label: str
    mount_point: bytes
    root: bytes
    file_system: str
    source: str
    medium: Medium
    kind: str
    devices: tuple[str, ...]
    is_read_only: bool
