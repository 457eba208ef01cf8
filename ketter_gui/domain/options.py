"""What a person asked for: one request is one transfer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

CHECKSUM_LABELS: Final = {
    "sha256": "SHA-256",
    "sha1": "SHA-1",
    "md5": "MD5",
    "xxh64": "XXH64",
    "xxh3": "XXH3",
    "xxh128": "XXH128",
    "blake3": "BLAKE3",
    "c4": "C4",
}
"""Every checksum that one can choose, and how people write it; the default first."""


class Mode(StrEnum):
    """Copy keeps the originals; move removes each one after its copies are proven."""

    COPY = "copy"
    MOVE = "move"


class Verify(StrEnum):
    """`full` reads every copy back; `quick` compares sizes only and proves nothing."""

    FULL = "full"
    SOURCE = "source"
    QUICK = "quick"


class Symlinks(StrEnum):
    """`keep`: a link arrives as a link. `skip`: links are left out, named and counted."""

    KEEP = "keep"
    SKIP = "skip"


class OnConflict(StrEnum):
    """What happens when the destination already has something *different* of that name."""

    SKIP = "skip"
    OVERWRITE = "overwrite"
    RENAME = "rename"
    FAIL = "fail"


class Pack(StrEnum):
    """`zip`: each source folder arrives as `NAME.zip`. `unzip`: each source `NAME.zip`
    arrives as the folder `NAME`."""

    NONE = "none"
    ZIP = "zip"
    UNZIP = "unzip"


class Manifest(StrEnum):
    """What a copy leaves beside itself: an ASC MHL history in each folder that it brought, a
    classic MHL, or a checksum list, both in the destination."""

    ASCMHL = "ascmhl"
    MHL = "mhl"
    LIST = "list"


MANIFEST_CHECKSUMS: Final = {
    Manifest.ASCMHL: ("xxh128", "xxh3", "xxh64", "md5", "sha1", "c4"),
    Manifest.MHL: ("xxh64", "md5", "sha1"),
    Manifest.LIST: ("sha256", "sha1", "md5", "xxh128", "xxh64", "xxh3", "blake3"),
}
"""What each can hold; the first one is computed as well when none of them was chosen. ASC MHL
knows no SHA-256."""


_OF_ARCHIVES: Final = "xxh128"
"""39 GB/s (measured): damage that is in no entry is found by it, in a header or a time."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a transfer is done. `checksums` are registry names; the first one decides.
    `reserve_bytes` stay free on every destination, whatever else fills it. With
    `hard_links`, further names of a file become links to its copy, where they can. No more
    than `limit_bytes_per_s` is read of the sources, and read back of each destination; 0 is
    no limit. With `read_again`, what is there already is read even where the ledger has its
    proof. With `remove_empty_folders`, a move takes the folders that nothing is left in.
    `include` and `exclude` are patterns: see `filters`. `manifests` are written at the end."""

    checksums: tuple[str, ...] = ("sha256",)
    verify: Verify = Verify.FULL
    on_conflict: OnConflict = OnConflict.SKIP
    reserve_bytes: int = 0
    hard_links: bool = False
    symlinks: Symlinks = Symlinks.KEEP
    limit_bytes_per_s: int = 0
    read_again: bool = False
    pack: Pack = Pack.NONE
    remove_empty_folders: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    manifests: tuple[Manifest, ...] = ()

    def with_manifest_checksums(self) -> Options:
        """With a checksum for each manifest, computed in the same pass."""
        checksums = self.checksums
        for manifest in self.manifests:
            known = MANIFEST_CHECKSUMS[manifest]
            if not set(known) & set(checksums):
                checksums = (*checksums, known[0])
        return replace(self, checksums=checksums)

    def checksum_for(self, manifest: Manifest) -> str:
        """Which of its checksums a manifest gets: the first one that it can hold."""
        return next(one for one in self.checksums if one in MANIFEST_CHECKSUMS[manifest])

    def archive_checksums(self) -> tuple[str, ...]:
        """What is computed of an archive as a whole, beside its entries': what its manifests
        are about; and if there are none, what costs nothing."""
        wanted = dict.fromkeys(self.checksum_for(one) for one in self.manifests)
        return tuple(wanted) or (_OF_ARCHIVES,)


@dataclass(frozen=True, slots=True)
class Request:
    """Sources and destinations as absolute paths in bytes, not yet checked. With
    `contents_only`, what is in the one source folder arrives, not the folder itself."""

    sources: tuple[bytes, ...]
    destinations: tuple[bytes, ...]
    mode: Mode = Mode.COPY
    options: Options = field(default_factory=Options)
    contents_only: bool = False
