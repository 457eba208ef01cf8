"""What a manifest is to say: the files of one destination, as they were read back there."""

from __future__ import annotations

from typing import NamedTuple

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text

Sums = tuple[tuple[str, str], ...]


class Listed(NamedTuple):
    """One file or folder in the order of the scan: a folder before what is in it.

    `path` is relative to where the manifest's paths begin. `checksums` are of the bytes read
    back, none for a folder, and none for a file that is not proven there. `known` are further
    ones that the source's own manifests have and that were found to be equal. `when_us` is
    when it was proven.
    """

    path: bytes
    is_folder: bool
    size_bytes: int
    mtime_ns: int
    when_us: int
    checksums: Sums
    known: Sums = ()


class Written(NamedTuple):
    """A manifest that is there now: its whole path, how many files it lists, and how many it
    could not: names that XML cannot hold, links, what is not proven."""

    path: bytes
    files: int
    left_out: int


class Outcome(NamedTuple):
    """What was written, and what was not."""

    written: tuple[Written, ...] = ()
    errors: tuple[KetterError, ...] = ()

    def details(self) -> dict[str, object]:
        """For the last audit entry of a transfer."""
        if not self.written and not self.errors:
            return {}
        return {
            "manifests_written": [
                {"path": to_text(one.path).text, "files": one.files, "left_out": one.left_out}
                for one in self.written
            ]
        }
