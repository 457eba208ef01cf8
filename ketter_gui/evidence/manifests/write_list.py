"""Checksum lists and classic MHL 1.1: files that stand in the destination, beside what they
are about.

A list is what `sha256sum -c`, `md5sum -c` and `xxhsum -c` read: GNU's lines, a name with a
backslash or a line break escaped and its line begun with a backslash. `b3sum` reads the same
lines. XXH3 is as long as XXH64, so its lines are BSD's, which every xxhsum reads and which
name it. Names are bytes, whatever they are.

Classic MHL (mediahashlist.org) has its elements in this order: file, size,
lastmodificationdate, the hash, hashdate. `xxhash64be` is XXH64 as everybody writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ketter_gui.domain.times import utc_text
from ketter_gui.evidence.manifests.listed import Listed
from ketter_gui.evidence.manifests.write_xml import escaped, text_of

ENDINGS: Final = {
    "sha256": b".sha256",
    "sha1": b".sha1",
    "md5": b".md5",
    "xxh128": b".xxh128",
    "xxh64": b".xxh64",
    "xxh3": b".xxh3",
    "blake3": b".b3",
}
_ESCAPES: Final = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"))
_CLASSIC: Final = {"xxh64": "xxhash64be", "md5": "md5", "sha1": "sha1"}


def list_lines(files: Iterable[Listed], algorithm: str) -> Iterator[bytes]:
    """The list's lines; what has no such checksum is passed over."""
    for one in files:
        value = dict(one.checksums).get(algorithm)
        if value is None or one.is_folder:
            continue
        name = one.path
        for plain, escape in _ESCAPES:
            name = name.replace(plain, escape)
        mark = b"\\" if name != one.path else b""
        if algorithm == "xxh3":
            yield b"%sXXH3 (%s) = %s\n" % (mark, name, value.encode())
        else:
            yield b"%s%s  %s\n" % (mark, value.encode(), name)


def classic_lines(
    files: Iterable[Listed], algorithm: str, *, user: str, host: str, tool: str, at_us: int
) -> Iterator[bytes]:
    """A classic MHL, in pieces; what XML cannot hold, or has no such checksum, is passed over."""
    moment = _second(at_us)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n'
        f"  <creatorinfo>\n    <name>{escaped(user)}</name>\n    <username>{escaped(user)}"
        f"</username>\n    <hostname>{escaped(host)}</hostname>\n    <tool>{escaped(tool)}</tool>\n"
        f"    <startdate>{moment}</startdate>\n    <finishdate>{moment}</finishdate>\n"
        "  </creatorinfo>\n"
    ).encode()
    element = _CLASSIC[algorithm]
    for one in files:
        value, name = dict(one.checksums).get(algorithm), text_of(one.path)
        if value is None or name is None or one.is_folder:
            continue
        yield (
            f"  <hash>\n    <file>{escaped(name)}</file>\n    <size>{one.size_bytes}</size>\n"
            f"    <lastmodificationdate>{_second(one.mtime_ns // 1000)}</lastmodificationdate>\n"
            f"    <{element}>{value}</{element}>\n    <hashdate>{_second(one.when_us)}</hashdate>\n"
            "  </hash>\n"
        ).encode()
    yield b"</hashlist>\n"


def _second(at_us: int) -> str:
    return f"{utc_text(at_us)[:19]}Z"
