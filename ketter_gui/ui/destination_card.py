"""A destination in the sheet: a volume or a folder on one, to be ticked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.limits import SPACE_MARGIN_PERCENT
from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.bars import paint_space
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import plain_tip
from ketter_gui.ui.side_list import volume_name
from ketter_gui.ui.text import elided, wrapped_height
from ketter_gui.ui.words import translate_error

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT_LEFT = 44
_PAD = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """A folder that may receive copies, and its volume where it is known."""

    path: bytes
    volume: VolumeView | None

    @property
    def name(self) -> str:
        """What the card is called: the volume's name; on the system's own volume, and where
        the volume is unknown, the folder's."""
        if self._is_drive:
            assert self.volume is not None
            return volume_name(self.volume)
        return to_text(self.path.rsplit(b"/", 1)[-1] or b"/").text

    @property
    def inside(self) -> str:
        """The folder below the volume, or above the folder; empty for a top level."""
        if not self._is_drive:
            return to_text(self.path.rsplit(b"/", 1)[0] or b"/").text
        assert self.volume is not None
        return to_text(self.path[len(self.volume.path) :].lstrip(b"/")).text

    @property
    def _is_drive(self) -> bool:
        return self.volume is not None and (self.volume.path != b"/" or self.path == b"/")


class DestinationCard(QAbstractButton):
    """Painted: a tick, a name, how much is free now and afterwards, and what is wrong."""

    def __init__(self, look: Look, offer: Offer) -> None:
        super().__init__()
        self._look = look
        self.offer = offer
        self._planned_bytes = 0
        self._kept_free_bytes = 0
        self._problem = ""
        self._is_hovered = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setToolTip(plain_tip(to_text(offer.path).text))
        self.toggled.connect(lambda _checked: self._describe())
        look.theme.changed.connect(self.update)
        self._describe()

    def show_plan(
        self, planned_bytes: int, problems: tuple[KetterError, ...], kept_free_bytes: int = 0
    ) -> None:
        """What would land here, why it cannot, and what is to stay free."""
        problem = "\n".join(
            " ".join(s for s in error.sentences(translate_error)[::2] if s) for error in problems
        )
        shown = (planned_bytes, problem, kept_free_bytes)
        if shown != (self._planned_bytes, self._problem, self._kept_free_bytes):
            self._planned_bytes, self._problem, self._kept_free_bytes = shown
            self._describe()
            self._fit()
            self.update()

    def has_space(self) -> bool:
        """Whether the volume said how full it is; a dead one does not."""
        return self.offer.volume is not None and self.offer.volume.total_bytes > 0

    def short_bytes(self) -> int:
        """How much is missing for the plan, its margin, and what stays free; 0 when it fits."""
        if not self.has_space():
            return 0
        assert self.offer.volume is not None
        needed = self._planned_bytes * (100 + SPACE_MARGIN_PERCENT) // 100
        return max(0, needed + self._kept_free_bytes - self.offer.volume.free_bytes)

    def sizeHint(self) -> QSize:
        height = 70 if self.has_space() else 58
        if self._problem:
            width = max(200, self.width()) - _TEXT_LEFT - _PAD
            height += wrapped_height(self._look.theme.font("small"), self._problem, width) + 4
        return QSize(300, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        self._paint_tick(painter)
        first = QRectF(_TEXT_LEFT, 9, self.width() - _TEXT_LEFT - _PAD, 22)
        self._paint_names(painter, first)
        top = first.bottom() + 4
        if self.has_space() and self.offer.volume is not None:
            self._paint_space(
                painter, QRectF(first.left(), top + 2, first.width(), 3), self.offer.volume
            )
            top += 8
        self._paint_below(painter, QRectF(first.left(), top, first.width(), 20))

    def _paint_frame(self, painter: QPainter) -> None:
        theme = self._look.theme
        painter.setBrush(
            theme.colour("hover" if self._is_hovered and not self.isChecked() else "surface")
        )
        token, width = ("accent", 2) if self.isChecked() else ("line", 1)
        if self._problem:
            token = "fail"
        painter.setPen(QPen(theme.colour(token), width))
        inset = width / 2
        corner = theme.measure("corner-card")
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, corner, corner)
        if self.hasFocus():
            pen = QPen(theme.colour("text"), 1.5, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), corner - 3, corner - 3)

    def _paint_tick(self, painter: QPainter) -> None:
        theme = self._look.theme
        box = QRectF(_PAD + 1.5, 11.5, 17, 17)
        painter.setPen(QPen(theme.colour("accent" if self.isChecked() else "second"), 1.4))
        painter.setBrush(theme.colour("accent" if self.isChecked() else "surface"))
        painter.drawRoundedRect(box, 4.5, 4.5)
        if self.isChecked():
            self._look.icons.paint(
                painter, box.adjusted(1.5, 1.5, -1.5, -1.5), "check", "on-accent"
            )

    def _paint_names(self, painter: QPainter, line: QRectF) -> None:
        theme, words = self._look.theme, self._look.words
        short = self.short_bytes()
        free = ""
        if short and self._planned_bytes:
            free = self.tr("%1 short").replace("%1", words.size_brief(short))
        elif self.has_space() and self.offer.volume is not None:
            free = self.tr("%1 free").replace("%1", words.size_brief(self.offer.volume.free_bytes))
        painter.setFont(theme.font("body-strong" if short else "body"))
        painter.setPen(theme.colour("fail" if short else "second"))
        painter.drawText(line, _RIGHT, free)
        width = line.width() - QFontMetricsF(painter.font()).horizontalAdvance(free) - 12
        painter.setFont(theme.font("body-strong"))
        painter.setPen(theme.colour("text"))
        metrics = QFontMetricsF(painter.font())
        name = elided(metrics, self.offer.name, width)
        painter.drawText(line, _LEFT, name)
        left = metrics.horizontalAdvance(name)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("second"))
        rest = f" · {self.offer.inside}" if self.offer.inside else f" · {self.tr('top level')}"
        shown = elided(QFontMetricsF(painter.font()), rest, width - left)
        painter.drawText(line.adjusted(left, 0, 0, 0), _LEFT, shown)

    def _paint_space(self, painter: QPainter, bar: QRectF, volume: VolumeView) -> None:
        total = max(1, volume.total_bytes)
        planned = self._planned_bytes / total if self.isChecked() else 0.0
        paint_space(
            painter, bar, self._look.theme, used=1 - volume.free_bytes / total, planned=planned
        )

    def _paint_below(self, painter: QPainter, line: QRectF) -> None:
        theme = self._look.theme
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("second"))
        said = elided(QFontMetricsF(painter.font()), self._afterwards(), line.width(), end=True)
        painter.drawText(line, _LEFT, said)
        if self._problem:
            painter.setPen(theme.colour("fail"))
            below = QRectF(line.left(), line.bottom() + 1, line.width(), self.height())
            flags = (
                Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
            )
            painter.drawText(below, flags, self._problem)

    def _afterwards(self) -> str:
        words, volume = self._look.words, self.offer.volume
        if volume is None or not self.has_space():
            return self.tr("folder") if volume is None else self.tr("does not answer")
        if self.short_bytes() and self._planned_bytes:
            text = self.tr("needs %1, has %2")
            if self._kept_free_bytes:
                text = self.tr("needs %1 beside the %3 that stay free, has %2")
            needed = self._planned_bytes * (100 + SPACE_MARGIN_PERCENT) // 100
            for mark, size_bytes in (
                ("%1", needed),
                ("%2", volume.free_bytes),
                ("%3", self._kept_free_bytes),
            ):
                text = text.replace(mark, words.size_brief(size_bytes))
        elif self.isChecked() and self._planned_bytes:
            left = volume.free_bytes - self._planned_bytes
            text = self.tr("%1 left afterwards").replace("%1", words.size_brief(left))
        else:
            text = self.tr("%1 in all").replace("%1", words.size_brief(volume.total_bytes))
        return f"{text} · {volume.file_system}" if volume.file_system else text

    def _describe(self) -> None:
        name = self.offer.name + (f", {self.offer.inside}" if self.offer.inside else "")
        self.setText(name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(self._problem or self._afterwards())

    def _fit(self) -> None:
        height = self.sizeHint().height()
        if self.minimumHeight() != height:
            self.setFixedHeight(height)
            self.updateGeometry()
