"""ASC MHL 2.0 with its chain, and classic MHL 1.1.

Both are lists of `hash` elements. ASC MHL (urn:ASC:MHL:v2.0) has the path in `path`, with
its size as an attribute, and its hashes' dates and actions as attributes; the chain
(urn:ASC:MHL:DIRECTORY:v2.0) and `hashlistreference` name manifests with their C4. Classic
MHL has `file`, `size` and `hashdate` beside the hashes.

Of classic MHL's xxHashes, `xxhash64be` is the usual hex, `xxhash64` has its bytes in the
other order, and `xxhash` is XXH32.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from ketter_gui.domain.errors import ManifestDamaged
from ketter_gui.evidence.manifests.entries import (
    Dated,
    Entry,
    Found,
    Refused,
    Value,
    checked,
    reversed_bytes,
)
from ketter_gui.evidence.manifests.xml import parse

_ALGORITHMS: Final = {
    "c4": "c4",
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "xxh64": "xxh64",
    "xxh3": "xxh3",
    "xxh128": "xxh128",
    "xxhash": "xxh32",
    "xxhash64": "xxh64",
    "xxhash64be": "xxh64",
}
_LITTLE_ENDIAN: Final = "xxhash64"
_PATHS: Final = frozenset({"path", "file"})
_FAILED: Final = "failed"
_ROOTS: Final = {"hashlist": "hash", "ascmhldirectory": "hashlist"}
"""The outermost element, and what an entry is called in it."""

_REFERENCE: Final = "hashlistreference"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def entries(path: bytes, pieces: Iterable[bytes]) -> Iterator[Found]:
    """The files of a manifest, and when it was made. Directories' hashes are left out.

    Raises ManifestDamaged; what came before that may have been yielded already.
    """
    target = _Hashlist(path)
    for _ in parse(path, pieces, target):
        yield from target.taken()


def time_of(text: str) -> int | None:
    """Microseconds since the epoch of an ISO 8601 text; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


class _Hashlist:
    """Gathers one entry at a time, and hands finished ones over."""

    def __init__(self, path: bytes) -> None:
        self._path = path
        self._open: list[str] = []
        self._entry_name = ""
        self._found: list[Found] = []
        self._is_dated = False
        self._entry_depth = 0
        self._attributes: dict[str, str] = {}
        self._values: list[Value] = []
        self._clear()

    def taken(self) -> list[Found]:
        """What was found since the last time."""
        found, self._found = self._found, []
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if not self._open:
            if name not in _ROOTS:
                raise ManifestDamaged(self._path, problem=f"it is no MHL but “{name[:40]}”")
            self._entry_name = _ROOTS[name]
        self._open.append(name)
        if not self._entry_depth and len(self._open) > 1 and self._is_entry(name):
            self._clear()
            self._entry_depth = len(self._open)
        elif self._is_in_entry(len(self._open) - 1):
            self._attributes = attributes
            if name in _PATHS and "size" in attributes:
                self._size = attributes["size"]

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        depth = len(self._open)
        if self._entry_depth == depth + 1:
            self._entry_depth = 0
            self._finish()
        elif self._is_in_entry(depth):
            self._take(name, text)
        elif name in {"creationdate", "finishdate"} and not self._is_dated:
            self._date(text)

    def _is_entry(self, name: str) -> bool:
        return name in (self._entry_name, _REFERENCE)

    def _is_in_entry(self, depth: int) -> bool:
        """Directly: what lies deeper is a stranger's metadata."""
        return self._entry_depth == depth > 0

    def _clear(self) -> None:
        self._file = self._previous = self._size = self._date_text = ""
        self._values = []

    def _take(self, name: str, text: str) -> None:
        if name in _PATHS:
            self._file = text
        elif name == "previousPath":
            self._previous = text
        elif name == "size":
            self._size = text
        elif name == "hashdate":
            self._date_text = text
        elif name in _ALGORITHMS:
            value = reversed_bytes(text) if name == _LITTLE_ENDIAN else text
            is_failed = self._attributes.get("action") == _FAILED
            self._values.append(Value(_ALGORITHMS[name], value, is_failed))
            self._date_text = self._attributes.get("hashdate", self._date_text)
        elif name.isalnum() and name not in {"lastmodificationdate", "creationdate", "null"}:
            self._unknown(name, text)

    def _unknown(self, name: str, text: str) -> None:
        """A hash of a kind that nobody here knows is worth saying; `metadata` is none."""
        if text and len(text) >= 8 and text.isalnum():
            self._values.append(Value(name[:16], text.lower()))

    def _finish(self) -> None:
        path = self._file.encode("utf-8", "surrogatepass")
        if not path:
            self._found.append(Refused(b"", "names no file"))
            return
        size = int(self._size) if self._size.isascii() and self._size.isdigit() else None
        self._found.append(
            checked(
                Entry(
                    path,
                    tuple(self._values),
                    size,
                    time_of(self._date_text),
                    self._previous.encode("utf-8", "surrogatepass"),
                )
            )
        )

    def _date(self, text: str) -> None:
        if (when_us := time_of(text)) is not None:
            self._is_dated = True
            self._found.append(Dated(when_us))
