"""Icons drawn for this program, tinted from the tokens and kept until the theme changes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ketter_gui.domain.resources import resource
from ketter_gui.ui.theme import Theme

ICON_PX = 18


class Icons:
    """One drawing in any size and any colour of the theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._drawings: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        theme.changed.connect(self._pixmaps.clear)

    def pixmap(self, name: str, token: str, *, size: int = ICON_PX, ratio: float = 1.0) -> QPixmap:
        """A square pixmap of `size` device-independent pixels for a screen's pixel ratio."""
        key = (name, token, size, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self.picture(name, token, QSize(size, size), ratio)
        return self._pixmaps[key]

    def picture(self, name: str, token: str, size: QSize, ratio: float) -> QPixmap:
        """A drawing that is no square."""
        return self.tinted(name, self._theme.colour(token), size, ratio)

    def icon(self, name: str, token: str = "text", *, disabled: str = "second") -> QIcon:
        """For buttons and menus; sharp on any screen."""
        icon = QIcon()
        for mode, tint in ((QIcon.Mode.Normal, token), (QIcon.Mode.Disabled, disabled)):
            for ratio in (1.0, 2.0):
                icon.addPixmap(self.pixmap(name, tint, ratio=ratio), mode)
        return icon

    def application(self) -> QIcon:
        """The program's own sign, in the sizes that task bars ask for."""
        icon = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            icon.addPixmap(self.pixmap("logo", "accent", size=size))
        return icon

    def paint(
        self, painter: QPainter, rect: QRectF, name: str, token: str, *, turn_degrees: int = 0
    ) -> None:
        """Paint an icon into a rectangle, turned when it stands for something that moves."""
        ratio = painter.device().devicePixelRatioF()
        pixmap = self.pixmap(name, token, size=round(rect.width()), ratio=ratio)
        if not turn_degrees:
            painter.drawPixmap(rect.topLeft(), pixmap)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(rect.center())
        painter.rotate(turn_degrees)
        painter.drawPixmap(
            QRectF(-rect.width() / 2, -rect.height() / 2, rect.width(), rect.height()),
            pixmap,
            QRectF(pixmap.rect()),
        )
        painter.restore()

    def tinted(self, name: str, colour: QColor, size: QSize, ratio: float = 1.0) -> QPixmap:
        """A drawing in a colour that is not of the present look."""
        if name not in self._drawings:
            self._drawings[name] = resource(f"icons/{name}.svg").read_text("utf-8")
        tinted = self._drawings[name].replace("currentColor", colour.name(QColor.NameFormat.HexRgb))
        pixmap = QPixmap(size * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(tinted.encode())).render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
