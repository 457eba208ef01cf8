"""Which names are a manifest's, and where the paths in it begin.

A001/ascmhl/0001_A001_….mhl    ASC MHL: from the parent of `ascmhl`; one history with
                               the others of its folder
A001/ascmhl/ascmhl_chain.xml   its chain: from `ascmhl` itself
A001/A001.mhl                  classic MHL: from the folder that it is in
A001/SHA256SUMS, clip.md5      checksum lists: from the folder that they are in
"""

from __future__ import annotations

import posixpath
from enum import Enum
from typing import Final, NamedTuple

ASCMHL_FOLDER: Final = b"ascmhl"
CHAIN: Final = b"ascmhl_chain.xml"

LIST_ENDINGS: Final[dict[bytes, str]] = {
    b".md5": "md5",
    b".sha1": "sha1",
    b".sha224": "sha224",
    b".sha256": "sha256",
    b".sha384": "sha384",
    b".sha512": "sha512",
    b".xxh": "",
    b".xxhsum": "",
    b".xxh32": "xxh32",
    b".xxh64": "xxh64",
    b".xxh3": "xxh3",
    b".xxh128": "xxh128",
    b".b3": "blake3",
    b".blake3": "blake3",
}
"""Endings of checksum lists, in lower case, and what they hold; empty: see its lines."""

LIST_NAMES: Final[dict[bytes, str]] = {
    b"md5sums": "md5",
    b"sha1sums": "sha1",
    b"sha224sums": "sha224",
    b"sha256sums": "sha256",
    b"sha384sums": "sha384",
    b"sha512sums": "sha512",
    b"b3sums": "blake3",
    b"md5sums.txt": "md5",
    b"sha1sums.txt": "sha1",
    b"sha256sums.txt": "sha256",
    b"sha512sums.txt": "sha512",
}
"""The names that lists have without such an ending, in lower case."""

ENDINGS: Final = (b".mhl", *LIST_ENDINGS)
NAMES: Final = (CHAIN, *LIST_NAMES)


class Format(Enum):
    """How a manifest is written. The two MHLs are told apart by what is in them."""

    MHL = "mhl"
    CHAIN = "chain"
    LIST = "list"


class Kind(NamedTuple):
    """A manifest by its path. `base` is the folder that its paths begin in, `history`
    names what its generations have in common (a manifest alone has its own), `stem` is
    its name without the ending, `algorithm` what its name promises."""

    format: Format
    base: bytes
    history: bytes
    stem: bytes
    algorithm: str = ""


def kind_of(path: bytes) -> Kind | None:
    """What manifest a path leads to, by its words alone; None for any other file."""
    folder, name = posixpath.split(path)
    lower = name.lower()
    if lower == CHAIN:
        return Kind(Format.CHAIN, folder, path, b"")
    stem, ending = posixpath.splitext(name)
    if ending.lower() == b".mhl":
        above, last = posixpath.split(folder)
        if last == ASCMHL_FOLDER:
            return Kind(Format.MHL, above, folder, stem)
        return Kind(Format.MHL, folder, path, stem)
    if lower in LIST_NAMES:
        return Kind(Format.LIST, folder, path, b"", LIST_NAMES[lower])
    if ending.lower() in LIST_ENDINGS and stem:
        return Kind(Format.LIST, folder, path, stem, LIST_ENDINGS[ending.lower()])
    return None
