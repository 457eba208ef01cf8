"""How fast it went: bytes verified in each slice of time, as bars over an axis from zero."""

from __future__ import annotations

from fpdf import FPDF

from ketter_gui.domain.sizes import size_text
from ketter_gui.evidence.report.content import Report
from ketter_gui.evidence.report.fonts import SANS, Fonts
from ketter_gui.evidence.report.tones import Colour

_AXIS_MM = 24
_MARKS = (0.5, 1.0)


def draw(
    pdf: FPDF, fonts: Fonts, report: Report, ink: dict[str, Colour], width: float, height: float
) -> None:
    """At the pen, which ends below it."""
    left, top = pdf.l_margin + _AXIS_MM, pdf.get_y()
    room = width - _AXIS_MM
    fastest = max((one.verified_bytes for one in report.slices), default=0)
    step = report.slice_s
    count = len(report.slices)
    fonts.use(SANS, 7)
    pdf.set_text_color(*ink["second"])
    pdf.set_draw_color(*ink["line"])
    for mark in _MARKS:
        y = top + height * (1 - mark)
        pdf.line(left, y, left + room, y)
        pdf.set_xy(pdf.l_margin, y - 2)
        fonts.cell(_AXIS_MM - 3, 4, f"{size_text(int(fastest * mark / step))}/s", align="R")
    pdf.set_fill_color(*ink["accent"])
    bar = room / count
    for number, one in enumerate(report.slices):
        tall = height * one.verified_bytes / fastest if fastest else 0
        if tall:
            pdf.rect(left + number * bar, top + height - tall, max(bar - 0.3, 0.2), tall, "F")
    pdf.line(left, top + height, left + room, top + height)
    pdf.set_xy(left, top + height + 1)
    fonts.cell(room / 2, 4, "0 s")
    fonts.cell(room / 2, 4, _lasting(step * count), align="R")
    pdf.set_xy(pdf.l_margin, top + height + 6)


def _lasting(seconds: float) -> str:
    whole = round(seconds)
    if whole < 1:
        return f"{seconds:.2f} s"
    if whole < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
