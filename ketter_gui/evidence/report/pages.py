"""How a report is laid out: A4, the cover upright, the list of files lying down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Final

from fpdf import FPDF

from ketter_gui.evidence.report import chart
from ketter_gui.evidence.report.content import (
    LISTED_AT_MOST,
    PROBLEMS_AT_MOST,
    Checksum,
    Happened,
    Listed,
    Report,
    Volume,
)
from ketter_gui.evidence.report.fonts import MONO, SANS, FontFinder, Fonts
from ketter_gui.evidence.report.tones import light

_MARGIN: Final = 16.0
_ROW: Final = 4.6
_PAD: Final = 0.9
_MONO_PT: Final = 6.6
_DIGITS: Final = 64
"""Of a checksum in one line: a SHA-256."""


def made(report: Report, find: FontFinder) -> bytearray:
    """The document's bytes: the same for the same report, fonts and library."""
    pdf = _Sheet(report)
    fonts = Fonts(pdf, _texts(report), find)
    pdf.letters = fonts
    page = _Page(pdf, fonts, report)
    page.cover()
    page.problems()
    page.files()
    page.story()
    page.seal()
    return pdf.output()


def _texts(report: Report) -> Iterator[str]:
    """Everything that names come into."""
    yield from (report.name, report.headline, *report.sentences)
    yield from (value for _, value in report.facts)
    yield from chain.from_iterable(report.volumes)
    yield from (one.about for one in report.story)
    listed = chain(
        islice(report.problems(), PROBLEMS_AT_MOST), islice(report.files(), LISTED_AT_MOST)
    )
    for one in listed:
        yield one.path
        yield from one.notes


class _Sheet(FPDF):
    """The document, with what stands at the head and the foot of each page."""

    letters: Fonts

    def __init__(self, report: Report) -> None:
        super().__init__("portrait", "mm", "A4")
        self._report = report
        self._ink = light()
        made_at = datetime.fromtimestamp(report.made_us / 1_000_000, UTC)
        self.set_creation_date(made_at.replace(microsecond=0))
        self.set_title(f"Ketter report: {report.name}")
        self.set_producer(f"Ketter {report.version}")
        self.set_creator("Ketter")
        self.set_lang("en")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN + 4)
        self.set_line_width(0.2)
        self.c_margin = 0

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.letters.use(SANS, 8)
        self.set_text_color(*self._ink["second"])
        room = self.epw
        name = self.letters.lines(self._report.name, room * 0.7)
        self.letters.cell(room * 0.7, 5, name[0] + ("…" if len(name) > 1 else ""))
        self.letters.cell(room * 0.3, 5, f"Transfer {self._report.number}", align="R")
        self.ln(6)
        self.set_draw_color(*self._ink["line"])
        self.line(self.l_margin, self.get_y(), self.l_margin + room, self.get_y())
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-_MARGIN + 2)
        self.letters.use(SANS, 7)
        self.set_text_color(*self._ink["second"])
        seal = self._report.seal
        words = f"Ketter {self._report.version} · entry {seal.sequence} {seal.entry_hash[:16]}…"
        # The number of pages is put in at the end, so that nothing can be aligned behind it.
        self.letters.cell(self.epw * 0.3, 4, f"{self.page_no()} of {{nb}}")
        self.letters.cell(self.epw * 0.7, 4, words, align="R")


class _Page:
    """Draws one part after the other."""

    def __init__(self, pdf: _Sheet, fonts: Fonts, report: Report) -> None:
        self._pdf, self._fonts, self._report = pdf, fonts, report
        self._ink = light()

    # --- the cover ---

    def cover(self) -> None:
        pdf, report = self._pdf, self._report
        pdf.add_page()
        self._brand()
        pdf.ln(12)
        self._fonts.use(SANS, 22, bold=True)
        self._colour("text")
        for line in self._fonts.lines(report.name, pdf.epw)[:3]:
            self._fonts.cell(pdf.epw, 10, line)
            pdf.ln(10)
        pdf.ln(4)
        self._outcome()
        self._facts(report.facts)
        self._title("Drives and folders")
        for volume in report.volumes:
            self._volume(volume)
        if report.slices:
            self._room_for(50)
            self._title("Verified, over time")
            chart.draw(pdf, self._fonts, report, self._ink, pdf.epw, 26)

    def _brand(self) -> None:
        pdf = self._pdf
        pdf.set_fill_color(*self._ink["accent"])
        x, y = pdf.l_margin, pdf.get_y()
        pdf.rect(x, y + 0.4, 4.6, 4.6, "F", round_corners=True, corner_radius=1)
        pdf.set_draw_color(*self._ink["on-accent"])
        pdf.set_line_width(0.6)
        pdf.polyline([(x + 1.2, y + 2.8), (x + 2.1, y + 3.7), (x + 3.6, y + 1.8)])
        pdf.set_line_width(0.2)
        pdf.set_x(x + 6.4)
        self._fonts.use(SANS, 11, bold=True)
        self._colour("text")
        self._fonts.cell(60, 5.4, "Ketter")
        self._fonts.use(SANS, 9)
        self._colour("second")
        self._fonts.cell(
            pdf.epw - 66.4, 5.4, f"Report of transfer {self._report.number}", align="R"
        )
        pdf.ln(6)

    def _outcome(self) -> None:
        """The one thing that must be read: in words, and in a colour of its own."""
        pdf, report = self._pdf, self._report
        inner = pdf.epw - 12
        self._fonts.use(SANS, 13, bold=True)
        head = self._fonts.lines(report.headline, inner)
        self._fonts.use(SANS, 9)
        rest = [line for one in report.sentences for line in self._fonts.lines(one, inner)]
        height = 9 + 6.4 * len(head) + (5.0 * len(rest) + 1.5 if rest else 0)
        x, y = pdf.l_margin, pdf.get_y()
        pdf.set_fill_color(*self._ink[f"{report.tone}-soft"])
        pdf.rect(x, y, pdf.epw, height, "F", round_corners=True, corner_radius=2)
        pdf.set_fill_color(*self._ink[report.tone])
        pdf.rect(x, y + 2, 1.4, height - 4, "F")
        pdf.set_xy(x + 6, y + 4.5)
        self._fonts.use(SANS, 13, bold=True)
        self._colour(report.tone)
        self._block(head, inner, 6.4, x + 6)
        pdf.ln(1.5)
        self._fonts.use(SANS, 9)
        self._colour("text")
        pdf.set_x(x + 6)
        self._block(rest, inner, 5.0, x + 6)
        pdf.set_xy(x, y + height + 6)

    def _facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """In two columns, each a small label over its value."""
        pdf = self._pdf
        half = pdf.epw / 2
        for at in range(0, len(facts), 2):
            pair = facts[at : at + 2]
            self._fonts.use(SANS, 9.5)
            lines = [self._fonts.lines(value, half - 6) for _, value in pair]
            height = 5 + 4.8 * max(map(len, lines))
            self._room_for(height + 3)
            y = pdf.get_y()
            for column, ((name, _), texts) in enumerate(zip(pair, lines, strict=True)):
                x = pdf.l_margin + column * half
                pdf.set_xy(x, y)
                self._fonts.use(SANS, 7.5)
                self._colour("second")
                self._fonts.cell(half - 6, 4.4, name)
                pdf.set_xy(x, y + 4.4)
                self._fonts.use(SANS, 9.5)
                self._colour("text")
                self._block(texts, half - 6, 4.8, x)
            pdf.set_xy(pdf.l_margin, y + height + 2.5)

    def _volume(self, volume: Volume) -> None:
        pdf = self._pdf
        wide, numbers = pdf.epw * 0.5, pdf.epw * 0.17
        self._fonts.use(SANS, 8)
        path = self._fonts.lines(volume.path, wide - 6)
        self._room_for(10 + 4 * len(path))
        pdf.set_draw_color(*self._ink["line"])
        pdf.line(pdf.l_margin, pdf.get_y(), pdf.l_margin + pdf.epw, pdf.get_y())
        pdf.ln(1.6)
        y = pdf.get_y()
        self._fonts.use(SANS, 9.5, bold=True)
        self._colour("text")
        label = self._fonts.lines(f"{volume.role}  {volume.label}", wide - 6)
        self._fonts.cell(wide, 5, label[0] + ("…" if len(label) > 1 else ""))
        self._fonts.use(SANS, 9)
        self._fonts.cell(numbers, 5, volume.files, align="R")
        self._fonts.cell(numbers, 5, volume.size, align="R")
        self._colour(volume.tone)
        self._fonts.cell(pdf.epw - wide - 2 * numbers, 5, volume.outcome, align="R")
        pdf.set_xy(pdf.l_margin, y + 5)
        self._fonts.use(SANS, 8)
        self._colour("second")
        self._block(path, wide, 4, pdf.l_margin)
        end = pdf.get_y()
        pdf.set_xy(pdf.l_margin + wide, y + 5)
        self._fonts.cell(pdf.epw - wide, 4, volume.device, align="R")
        pdf.set_xy(pdf.l_margin, end + 1.6)

    # --- the lists ---

    def problems(self) -> None:
        report = self._report
        if not report.problems_total:
            return
        self._part("landscape", "What went wrong")
        shown = min(report.problems_total, PROBLEMS_AT_MOST)
        if shown < report.problems_total:
            self._sentence(
                f"The first {shown:,} of {report.problems_total:,}; the audit has them all."
            )
        self._list(islice(report.problems(), PROBLEMS_AT_MOST))

    def files(self) -> None:
        report = self._report
        self._part("landscape", "Files")
        if not report.files_total:
            self._sentence("There was no file to copy.")
            return
        if report.files_total > LISTED_AT_MOST:
            self._sentence(
                f"The first {LISTED_AT_MOST:,} of {report.files_total:,}. The audit has them all: "
                f"“ketter audit export FILE.csv --transfer {report.number}”."
            )
        self._list(islice(report.files(), LISTED_AT_MOST))

    def _list(self, listed: Iterable[Listed]) -> None:
        self._list_head()
        for one in listed:
            self._row(one)

    def _columns(self) -> tuple[float, float, float, float, float]:
        room = self._pdf.epw
        outcome, size, sums, name = 32.0, 20.0, 98.0, 15.0
        return room - outcome - size - sums - name, size, name, sums, outcome

    def _list_head(self) -> None:
        pdf = self._pdf
        path, size, name, sums, outcome = self._columns()
        self._fonts.use(SANS, 7.5)
        self._colour("second")
        for width, text, align in (
            (path, "File", "L"),
            (size - 3, "Size", "R"),
            (name + 3, "", "L"),
            (sums, "Checksum", "L"),
            (outcome, "Outcome", "R"),
        ):
            self._fonts.cell(width, 5, text, align=align)
        pdf.ln(5.5)

    def _row(self, one: Listed) -> None:
        pdf, fonts = self._pdf, self._fonts
        path_w, size_w, name_w, sums_w, outcome_w = self._columns()
        fonts.use(SANS, 7.5)
        path = fonts.lines(one.path, path_w - 3)
        notes = [line for note in one.notes for line in fonts.lines(note, pdf.epw - 6)]
        sums = [line for checksum in one.checksums for line in _in_lines(checksum)]
        lines = max(len(path), len(sums), 1)
        height = _ROW * lines + 4.2 * len(notes) + 2 * _PAD
        if pdf.will_page_break(height) and height < pdf.eph - 30:
            pdf.add_page(same=True)
            self._list_head()
        x, y = pdf.l_margin, pdf.get_y()
        pdf.set_draw_color(*self._ink["line"])
        pdf.line(x, y, x + pdf.epw, y)
        y += _PAD
        pdf.set_xy(x, y)
        fonts.use(SANS, 7.5)
        self._colour("text")
        self._block(path, path_w, _ROW, x)
        pdf.set_xy(x + path_w, y)
        fonts.cell(size_w - 3, _ROW, one.size, align="R")
        self._sums(sums, x + path_w + size_w, y, name_w, sums_w)
        pdf.set_xy(x + pdf.epw - outcome_w, y)
        fonts.use(SANS, 7.5)
        self._colour(one.tone)
        fonts.cell(outcome_w, _ROW, one.outcome, align="R")
        pdf.set_xy(x, y + _ROW * lines)
        self._colour("second")
        self._block(notes, pdf.epw, 4.2, x)
        pdf.set_xy(x, y + _ROW * lines + 4.2 * len(notes) + _PAD)

    def _sums(
        self, lines: Sequence[tuple[str, str]], x: float, y: float, name_w: float, width: float
    ) -> None:
        """In full, however long: C4 has ninety characters."""
        pdf, fonts = self._pdf, self._fonts
        for number, (name, value) in enumerate(lines):
            pdf.set_xy(x, y + number * _ROW)
            fonts.use(SANS, 6.5)
            self._colour("second")
            fonts.cell(name_w, _ROW, name)
            fonts.use(MONO, _MONO_PT)
            self._colour("text")
            fonts.cell(width, _ROW, value)

    # --- the record ---

    def story(self) -> None:
        pdf, report = self._pdf, self._report
        self._part("portrait", "What happened")
        entries = f"{report.story_total:,} entries" if report.story_total != 1 else "1 entry"
        left = report.story_total - len(report.story)
        told = "; what is told of each file alone is not repeated here" if left else ""
        self._sentence(f"From the signed record: {entries} of this transfer{told}.")
        for one in report.story:
            self._entry(one)
        pdf.ln(4)

    def _entry(self, one: Happened) -> None:
        pdf, fonts = self._pdf, self._fonts
        number, time, event = 16.0, 44.0, 44.0
        fonts.use(SANS, 8)
        about = fonts.lines(one.about, pdf.epw - number - time - event) if one.about else []
        self._room_for(4.6 * max(1, len(about)) + 1)
        y = pdf.get_y()
        self._colour("second")
        fonts.cell(number - 4, 4.6, f"{one.sequence}", align="R")
        pdf.set_x(pdf.l_margin + number)
        fonts.cell(time, 4.6, one.time)
        self._colour("text")
        fonts.cell(event, 4.6, one.event)
        self._colour("second")
        pdf.set_xy(pdf.l_margin + number + time + event, y)
        self._block(about or [""], pdf.epw - number - time - event, 4.6, pdf.get_x())
        pdf.set_x(pdf.l_margin)

    def seal(self) -> None:
        """What lets somebody find out whether this was altered."""
        pdf, seal = self._pdf, self._report.seal
        self._room_for(78)
        self._title("How to check this")
        self._sentence(
            "Every entry of Ketter’s record is chained to the one before by SHA-256. This is the "
            "last one when this report was written, and the signature (Ed25519) of the key that "
            "the record is kept with:"
        )
        pdf.ln(1)
        for name, value in (
            ("Ledger", seal.chain),
            ("Entry", f"{seal.sequence}"),
            ("Its hash", seal.entry_hash),
            ("Signature", seal.signature),
            ("Key", f"{seal.key_id}  {seal.public_key}"),
            ("Signed", seal.signed),
        ):
            self._sealed(name, value)
        pdf.ln(2)
        self._sentence(
            "The file with “.sig” behind this one’s name signs both this report and that entry. "
            "“ketter audit verify REPORT.pdf” checks the report, “ketter audit verify --head "
            "REPORT.pdf.sig” checks whether the record still goes on from this entry: a history "
            "that was rewritten since does not. Keep both files, and the key, apart from the "
            "machine."
        )
        for line in self._about_fonts():
            self._sentence(line)

    def _about_fonts(self) -> list[str]:
        lines = []
        if self._fonts.borrowed:
            lines.append(
                f"Some names are set in fonts of this system: {', '.join(self._fonts.borrowed)}."
            )
        if self._fonts.lacking:
            count = len(self._fonts.lacking)
            what = "1 character" if count == 1 else f"{count:,} characters"
            lines.append(
                f"For {what} there was no font: each stands as its code point, like \\u65e5, in "
                "the names that have it."
            )
        return lines

    def _sealed(self, name: str, value: str) -> None:
        pdf = self._pdf
        self._fonts.use(MONO, 8)
        lines = self._fonts.lines(value, pdf.epw - 24)
        self._room_for(4.6 * len(lines))
        self._fonts.use(SANS, 8)
        self._colour("second")
        y = pdf.get_y()
        self._fonts.cell(24, 4.6, name)
        self._fonts.use(MONO, 8)
        self._colour("text")
        pdf.set_xy(pdf.l_margin + 24, y)
        self._block(lines, pdf.epw - 24, 4.6, pdf.l_margin + 24)
        pdf.set_x(pdf.l_margin)

    # --- what they have in common ---

    def _part(self, lies: str, title: str) -> None:
        self._pdf.add_page(orientation=lies)
        self._title(title)

    def _title(self, text: str) -> None:
        pdf = self._pdf
        pdf.ln(3)
        pdf.start_section(text)
        self._fonts.use(SANS, 13, bold=True)
        self._colour("text")
        self._fonts.cell(pdf.epw, 7, text)
        pdf.ln(9)

    def _sentence(self, text: str) -> None:
        pdf = self._pdf
        self._fonts.use(SANS, 8.5)
        self._colour("second")
        lines = self._fonts.lines(text, pdf.epw)
        self._room_for(4.8 * len(lines))
        self._block(lines, pdf.epw, 4.8, pdf.l_margin)
        pdf.ln(1.6)

    def _block(self, lines: Sequence[str], width: float, height: float, x: float) -> None:
        for line in lines:
            self._pdf.set_x(x)
            self._fonts.cell(width, height, line)
            self._pdf.ln(height)

    def _room_for(self, height: float) -> None:
        if self._pdf.will_page_break(height):
            self._pdf.add_page(same=True)

    def _colour(self, name: str) -> None:
        self._pdf.set_text_color(*self._ink[name])


def _in_lines(checksum: Checksum) -> list[tuple[str, str]]:
    """A checksum's name and value, the longest values in two lines."""
    name = f"{checksum.whose} {checksum.algorithm}".strip()
    pieces = [checksum.value[at : at + _DIGITS] for at in range(0, len(checksum.value), _DIGITS)]
    return [(name if at == 0 else "", piece) for at, piece in enumerate(pieces)]
