"""What a transfer still needs on a destination, in what a file system gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Spares(NamedTuple):
    """What takes no room on a destination: holes in files, further names of a file."""

    holes: bool = False
    links: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes in whole units of the file system, and how many files, folders and links."""

    size_bytes: int = 0
    files: int = 0

    def __add__(self, other: Need) -> Need:
        return Need(self.size_bytes + other.size_bytes, self.files + other.files)

    def __sub__(self, other: Need) -> Need:
        return Need(max(self.size_bytes - other.size_bytes, 0), max(self.files - other.files, 0))
