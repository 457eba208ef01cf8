"""The tray's icon: what it says at sixteen pixels, on a panel of any colour.

Nobody tells a program which colour the panel has – it need not be that of the windows. So
the icon brings its own ground, a dark disc, and everything on it is in the dark look's
colours, which are readable there: on a dark panel the disc vanishes, on a light one it is
the icon's outline. The ring is the bar of the window, bent: blue is copied, green is
verified. What needs a person is a shape of its own, so that no colour has to be told apart.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from ketter_gui.ui.icons import Icons
from ketter_gui.ui.theme import Theme
from ketter_gui.ui.tray_state import Mood, Ring

_DARK: Final = "dark"
_SIZES: Final = (16, 20, 22, 24, 32, 44, 48, 64)
"""What panels ask for, once and at double pixel density."""

_RING_WIDTH: Final = 0.14
_EDGE: Final = 0.03
"""Parts of the icon's side: of the ring, and of the ground seen around it."""

_INSIDE: Final = 0.62
"""The part of the icon's side that is left for the sign when there is a ring."""

_COLOURS: Final = {Mood.CALM: "text", Mood.ATTENTION: "warn", Mood.TRIPPED: "fail"}


def tray_icon(theme: Theme, icons: Icons, mood: Mood, ring: Ring | None) -> QIcon:
    """The icon in every size; each is drawn for itself, none is scaled."""
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(tray_pixmap(theme, icons, mood, ring, size))
    return icon


def tray_pixmap(theme: Theme, icons: Icons, mood: Mood, ring: Ring | None, size: int) -> QPixmap:
    """The icon in one size, in pixels."""
    colour = theme.colour(_COLOURS[mood], look=_DARK)
    pixmap = icons.tinted("tray-ground", theme.colour("surface", look=_DARK), QSize(size, size))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if ring is not None:
        _paint_ring(painter, theme, ring, size)
    side = round(size * _INSIDE) if ring is not None else size
    side -= (size - side) % 2  # in the very middle, on whole pixels
    at = (size - side) // 2
    painter.drawPixmap(at, at, icons.tinted(f"tray-{mood}", colour, QSize(side, side)))
    painter.end()
    return pixmap


def _paint_ring(painter: QPainter, theme: Theme, ring: Ring, size: int) -> None:
    width = max(2.0, size * _RING_WIDTH)
    inset = width / 2 + size * _EDGE
    box = QRectF(inset, inset, size - 2 * inset, size - 2 * inset)
    for per_cent, token in ((100, "hatch"), (ring.copied, "accent"), (ring.verified, "verified")):
        _arc(painter, box, width, per_cent, theme.colour(token, look=_DARK))


def _arc(painter: QPainter, box: QRectF, width: float, per_cent: int, colour: QColor) -> None:
    """From the top, clockwise, as a clock fills; Qt counts sixteenths of a degree, the other
    way round."""
    if per_cent:
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawArc(box, 90 * 16, -round(per_cent * 57.6))
