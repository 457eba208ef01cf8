"""A stream of XML from a stranger: elements in, nothing fetched, nothing expanded.

expat itself, without a tree on top: an element is forgotten as soon as it has been told.
Document types are refused, and with them every entity, internal or external, so that
there is nothing to expand or to fetch (the same as defusedxml's `forbid_dtd`). Names,
texts and depth are bounded. Up to expat 2.5 an unfinished token is read again from its
beginning with each piece; one that is too long is refused before that costs anything
(CVE-2023-52425).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol
from xml.parsers import expat  # a document type is refused, see above

from ketter_gui.domain.errors import ManifestDamaged

TOKEN_AT_MOST: Final = 256 * 1024
TEXT_AT_MOST: Final = 64 * 1024
DEPTH_AT_MOST: Final = 64
_FEED: Final = 64 * 1024


class Target(Protocol):
    """Who is told. Names come without their namespace, texts stripped."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` is what stood directly in it."""


class _Told(Exception):
    """A rule of this file was broken; the sentence says which."""


def parse(path: bytes, pieces: Iterable[bytes], target: Target) -> Iterator[None]:
    """Feed the pieces; yields after each, so that what was found can be taken.

    Raises ManifestDamaged when it is no XML, is cut short, or breaks a bound.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    elements = _Elements(target)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CharacterDataHandler = elements.text
    fed = 0
    try:
        for piece in _fed(pieces):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - max(parser.CurrentByteIndex, 0) > TOKEN_AT_MOST:
                raise _Told("a name or a tag in it is too long")
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        problem = f"line {error.lineno}: {expat.ErrorString(error.code)}"
        raise ManifestDamaged(path, problem=problem) from error
    except _Told as error:
        raise ManifestDamaged(path, problem=str(error)) from error


def _fed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), _FEED):
            yield piece[at : at + _FEED]


def _refuse(*_: object) -> None:
    raise _Told("it declares a document type, which no manifest has")


class _Elements:
    """Texts of the open elements, bounded."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._texts: list[list[str]] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._texts) >= DEPTH_AT_MOST:
            raise _Told("its elements lie too deep in each other")
        self._texts.append([])
        self._length = 0
        self._target.start(name.rpartition(" ")[2], attributes)

    def text(self, text: str) -> None:
        if not self._texts:
            return
        self._length += len(text)
        if self._length > TEXT_AT_MOST:
            raise _Told("a text in it is too long")
        self._texts[-1].append(text)

    def end(self, name: str) -> None:
        text = "".join(self._texts.pop()).strip()
        self._length = 0
        self._target.end(name.rpartition(" ")[2], text)
