"""Text in a PDF: our own fonts, a system's for what these lack, and fitted to its place.

DejaVu has Latin, Greek, Cyrillic, combining marks, Hebrew and the Arabic of most names. For
what it lacks (CJK) the system may have a font; what nobody has is written as its code
point, `\\u65e5`, never left out (a PDF library drops such characters without a word).

Shaping (joined letters, right to left, stacked marks) takes four times as long (measured,
TRAPS), so only texts that need it are shaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from importlib.resources import as_file
from typing import Final

from fontTools.ttLib import TTFont
from fpdf import FPDF

from ketter_gui.domain.resources import resource

SANS, MONO = "sans", "mono"
_OURS: Final = (
    (SANS, "", "fonts/DejaVuSans.ttf"),
    (SANS, "B", "fonts/DejaVuSans-Bold.ttf"),
    (MONO, "", "fonts/DejaVuSansMono.ttf"),
)
_RESTRICTED: Final = 0x0002
"""OS/2.fsType: such a font must not be embedded (OpenType specification)."""

_BORROWED_AT_MOST: Final = 4

FontFinder = Callable[[str], tuple[str, int] | None]
"""A font file of this system that has a character, and which of those in it."""


class Fonts:
    """The fonts of one document. `lacking` are characters that no font has; `borrowed` names
    the system's fonts that are used."""

    def __init__(self, pdf: FPDF, texts: Iterable[str], find: FontFinder) -> None:
        """`texts` are all that will be written beside our own words."""
        self._pdf = pdf
        for family, style, name in _OURS:
            with as_file(resource(name)) as path:
                pdf.add_font(family, style, path)
        pdf.set_text_shaping(use_shaping_engine=False)
        with as_file(resource(_OURS[0][2])) as path, TTFont(path) as ours:
            self._has = set(ours.getBestCmap() or ())
        self.borrowed: list[str] = []
        self.lacking: set[str] = set()
        self._borrow({c for text in texts if not text.isascii() for c in text}, find)

    def _borrow(self, wanted: set[str], find: FontFinder) -> None:
        missing = {c for c in wanted if ord(c) not in self._has}
        families: list[str] = []
        while missing and len(families) < _BORROWED_AT_MOST:
            found = find(min(missing))
            covered = _cmap(*found) if found else set()
            if found is None or ord(min(missing)) not in covered:
                self.lacking.add(min(missing))
                missing.discard(min(missing))
                continue
            family = f"borrowed{len(families)}"
            for style in ("", "B"):
                self._pdf.add_font(family, style, found[0], collection_font_number=found[1])
            families.append(family)
            self.borrowed.append(found[0].rsplit("/", 1)[-1])
            self._has |= covered
            missing = {c for c in missing if ord(c) not in covered}
        self.lacking |= missing
        if families:
            self._pdf.set_fallback_fonts(families, exact_match=False)

    def shown(self, text: str) -> str:
        """The text with code points for what no font has."""
        if text.isascii():
            return text
        return "".join(c if ord(c) in self._has else _code_point(c) for c in text)

    def use(self, family: str, size: float, *, bold: bool = False) -> None:
        """Write with this from now on; `size` in points."""
        self._pdf.set_font(family, "B" if bold else "", size)

    def width(self, text: str) -> float:
        """Millimetres, in the font that is in use."""
        return float(self._pdf.get_string_width(text))

    def cell(self, width: float, height: float, text: str, *, align: str = "L") -> None:
        """One line at the pen; the pen goes to its right end."""
        shown = self.shown(text)
        needs = needs_shaping(shown)
        if needs:
            self._pdf.set_text_shaping(use_shaping_engine=True)
        self._pdf.cell(width, height, shown, align=align, new_x="RIGHT", new_y="TOP")
        if needs:
            self._pdf.set_text_shaping(use_shaping_engine=False)

    def lines(self, text: str, width: float) -> list[str]:
        """The text cut into lines of at most `width`: at spaces, or after a slash, an
        underscore or a hyphen, or anywhere in what is longer than a line."""
        text = self.shown(text)
        if self.width(text) <= width:
            return [text]
        lines, line = [], ""
        for piece in _pieces(text):
            if line and self.width((line + piece).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            while self.width((line + piece).rstrip()) > width and len(piece) > 1:
                fits = self._fitting(piece, width)
                lines.append(piece[:fits])
                piece = piece[fits:]
            line += piece
        return [*lines, line.rstrip()] if line.strip() else lines

    def _fitting(self, text: str, width: float) -> int:
        """How many of its first characters fit; at least one."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle]) <= width:
                low = middle
            else:
                high = middle - 1
        while low > 1 and low < len(text) and unicodedata.combining(text[low]):
            low -= 1  # a mark stays with its letter
        return low


def needs_shaping(text: str) -> bool:
    """Whether its characters join, stack, or run from right to left."""
    if text.isascii():
        return False
    return any(
        unicodedata.bidirectional(c) in ("R", "AL", "AN") or unicodedata.category(c)[0] == "M"
        for c in text
    )


def _pieces(text: str) -> list[str]:
    pieces, start = [], 0
    for at, character in enumerate(text):
        if character in " /_-" or ord(character) > 0x2E7F:
            pieces.append(text[start : at + 1])
            start = at + 1
    return [*pieces, text[start:]] if start < len(text) else pieces


def _cmap(path: str, number: int) -> set[int]:
    """What a font has; nothing when it may not be embedded, or is no font that we can read."""
    try:
        with TTFont(path, fontNumber=number, lazy=True) as font:
            rights = getattr(font["OS/2"], "fsType", 0) if "OS/2" in font else 0
            if rights & 0xF == _RESTRICTED:
                return set()
            return set(font.getBestCmap() or ())
    except Exception:  # whatever a system has for a font: its own library knows dozens of errors
        return set()


def _code_point(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
