r"""Checksum lists, as `sha256sum`, `md5`, `b3sum` and `xxhsum` write and read them.

    d3b07384d113edec49eaa6238ad5ff00  clip.mov     GNU, text
    d3b07384d113edec49eaa6238ad5ff00 *clip.mov     GNU, binary
    \d3b07384d113edec49eaa6238ad5ff00  a\\b\n.mov  GNU, escaped: `\\`, `\n`, `\r`
    d3b07384d113edec49eaa6238ad5ff00 clip.mov      BSD's `md5 -r`
    MD5 (clip.mov) = d3b07384d113edec49eaa6238ad5ff00   BSD, `--tag`
    XXH3_0123456789abcdef  clip.mov                xxhsum -H3
    d3b07384d113edec49eaa6238ad5ff00               alone, in `clip.mov.md5`

Names are bytes and need not be UTF-8. Empty lines and those that begin with `#` or `;`
say nothing; a line that is none of these is handed on as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ketter_gui.domain.errors import ManifestDamaged
from ketter_gui.evidence.manifests.entries import (
    HEX_DIGITS,
    Entry,
    Refused,
    Value,
    checked,
    reversed_bytes,
)

LINE_AT_MOST: Final = 64 * 1024
"""The longest path that Linux takes has 4096 bytes; escaped and told twice it fits."""

_SHOWN: Final = 80

_GNU: Final = re.compile(rb"(\\?)(XXH3_)?([0-9A-Fa-f]{8,128})[ \t](?:[ *])?(.+)", re.DOTALL)
_BSD: Final = re.compile(
    rb"(\\?)([A-Za-z][A-Za-z0-9_-]{1,15}) ?\((.+)\) ?= ([0-9A-Fa-f]{8,128})", re.DOTALL
)
_BARE: Final = re.compile(rb"[0-9A-Fa-f]{8,128}")
_ESCAPED: Final = re.compile(rb"\\(.?)", re.DOTALL)
_PLAIN: Final = {b"\\": b"\\", b"n": b"\n", b"r": b"\r"}

_TAGS: Final = {
    "md5": "md5",
    "sha1": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha2-256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "xxh32": "xxh32",
    "xxh64": "xxh64",
    "xxh3": "xxh3",
    "xxh128": "xxh128",
    "blake3": "blake3",
}
_BY_DIGITS: Final = {8: "xxh32", 32: "md5", 40: "sha1", 56: "sha224", 64: "sha256"} | {
    16: "xxh64",
    96: "sha384",
    128: "sha512",
}
_XXH_BY_DIGITS: Final = {8: "xxh32", 16: "xxh64", 32: "xxh128"}


def entries(
    path: bytes, pieces: Iterable[bytes], *, algorithm: str, stem: bytes
) -> Iterator[Entry | Refused]:
    """The files of a list. `algorithm` is what its name promises (empty: xxHash of any
    size), `stem` its name without the ending, for a value that stands alone.

    Raises ManifestDamaged when no line of it is a checksum's, or one never ends.
    """
    found = refused = 0
    for line in _lines(path, pieces):
        if not line.strip() or line.startswith((b"#", b";")):
            continue
        entry = _entry(line, algorithm, stem)
        if entry is None:
            refused += 1
            if not found and refused > 1000:
                break  # a film that is called .md5
            yield Refused(line[:_SHOWN], "is no line of a checksum list")
            continue
        found += 1
        yield checked(entry)
    if not found and refused:
        raise ManifestDamaged(path, problem="no line in it is a checksum's")


def _lines(path: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; a byte-order mark at the very beginning goes."""
    rest = b""
    is_first = True
    for piece in pieces:
        lines = (rest + piece).split(b"\n")
        if is_first and lines[0]:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
            is_first = False
        rest = lines.pop()
        if len(rest) > LINE_AT_MOST:
            raise ManifestDamaged(path, problem="a line in it is longer than any path")
        for line in lines:
            yield line.removesuffix(b"\r")
    if rest:
        yield rest.removesuffix(b"\r")


def _entry(line: bytes, algorithm: str, stem: bytes) -> Entry | None:
    if match := _GNU.fullmatch(line):
        escaped, prefix, value, name = match.groups()
        which = "xxh3" if prefix else _which(algorithm, len(value))
    elif match := _BSD.fullmatch(line):
        escaped, tag, name, value = match.groups()
        which, value = _tagged(tag.decode().lower(), value)
    elif stem and _BARE.fullmatch(line.strip()):
        escaped, name, value = b"", stem, line.strip()
        which = _which(algorithm, len(value))
    else:
        return None
    if escaped:
        plain = _unescaped(name)
        if plain is None:
            return None
        name = plain
    return Entry(name, (Value(which, value.decode()),))


def _which(promised: str, digits: int) -> str:
    """By what the name promises, if a value of that length can be it; else by its length."""
    if promised and HEX_DIGITS[promised] == digits:
        return promised
    table = _BY_DIGITS if promised else _XXH_BY_DIGITS
    return table.get(digits, promised or "an unknown checksum")


def _tagged(tag: str, value: bytes) -> tuple[str, bytes]:
    """xxhsum marks little-endian values; ours are the usual, big-endian ones."""
    if tag.endswith("_le"):
        return _TAGS.get(tag[:-3], tag), reversed_bytes(value.decode()).encode()
    return _TAGS.get(tag, tag), value


def _unescaped(name: bytes) -> bytes | None:
    if any(match[1] not in _PLAIN for match in _ESCAPED.finditer(name)):
        return None
    return _ESCAPED.sub(lambda match: _PLAIN[match[1]], name)
