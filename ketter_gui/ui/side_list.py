"""The places of the window, and the volumes that are connected."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.bars import paint_space
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import column, label, plain_tip
from ketter_gui.ui.states import volume_icon
from ketter_gui.ui.text import elided

_SHOWN_VOLUMES = 12
_VOLUME_HEIGHT = 40


class SideList(QWidget):
    """Folds to icons when the window is narrow."""

    place_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setObjectName("side-list")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = column(self, margins=(8, 12, 8, 12), spacing=2)
        self._group = QButtonGroup(self)
        self.places: dict[str, PlaceButton] = {}
        for name, icon, text in (
            ("queue", "queue", self.tr("Queue")),
            ("watch", "eye", self.tr("Watch folders")),
            ("history", "history", self.tr("History")),
            ("verify", "shield", self.tr("Verify")),
        ):
            button = PlaceButton(look, icon, text)
            button.clicked.connect(lambda _checked=False, n=name: self.place_chosen.emit(n))
            self._group.addButton(button)
            self.places[name] = button
            layout.addWidget(button)
        self.places["queue"].setChecked(True)
        layout.addSpacing(18)
        self._title = label(look, self.tr("Connected"), role="small-strong", tone="second")
        self._title.setContentsMargins(10, 0, 0, 6)
        layout.addWidget(self._title)
        self.volumes = VolumeList(look)
        layout.addWidget(self.volumes)
        layout.addStretch(1)
        self.fold(folded=False)

    def show_place(self, name: str) -> None:
        """Mark a place as the one that is shown."""
        self.places[name].setChecked(True)

    def show_count(self, count: int) -> None:
        """How many transfers are not over."""
        self.places["queue"].show_count(count)

    def show_watches(self, count: int, *, troubled: int) -> None:
        """How many watch folders there are, or how many of them need a person."""
        self.places["watch"].show_count(troubled or count, is_alarm=troubled > 0)

    def show_volumes(self, volumes: tuple[VolumeView, ...]) -> None:
        """List what is connected."""
        self.volumes.show_volumes(volumes)
        self._title.setVisible(bool(volumes) and not self._folded)

    def fold(self, *, folded: bool) -> None:
        """Icons only, or icons and words."""
        self._folded = folded
        measure = "side-folded" if folded else "side"
        self.setFixedWidth(self._look.theme.measure(measure))
        for button in self.places.values():
            button.fold(folded=folded)
        self.volumes.setVisible(not folded)
        self._title.setVisible(not folded and self.volumes.count() > 0)


class PlaceButton(Button):
    """A place: icon, word and a count at the right."""

    def __init__(self, look: Look, icon: str, text: str) -> None:
        super().__init__(look, f"  {text}", icon=icon, kind="place")
        self._words = f"  {text}"
        self._count = 0
        self._is_alarm = False
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.toggled.connect(self._show_pressed)

    def show_count(self, count: int, *, is_alarm: bool = False) -> None:
        """A count of nothing is not shown; an alarm has a triangle before it, and keeps that
        when the list is folded."""
        if (count, is_alarm) != (self._count, self._is_alarm):
            self._count, self._is_alarm = count, is_alarm
            name = self._words.strip()
            said = f"{name}, {count}" if count else name
            if is_alarm:
                said = self.tr("%1, %2 need attention").replace("%2", str(count))
                said = said.replace("%1", name)
            self.setAccessibleName(said)
            self.setToolTip(said if is_alarm else name)
            self.update()

    def fold(self, *, folded: bool) -> None:
        """Without words."""
        self.setText("" if folded else self._words)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._count:
            return
        painter = QPainter(self)
        if not self.text():
            if self._is_alarm:
                box = QRectF(self.width() - 16, 3, 12, 12)
                self._look.icons.paint(painter, box, "triangle", "fail")
            return
        text = self._look.words.number(self._count)
        role, token = ("small-strong", "fail") if self._is_alarm else ("small", "second")
        painter.setFont(self._look.theme.font(role))
        painter.setPen(self._look.theme.colour(token))
        painter.drawText(
            self.rect().adjusted(0, 0, -12, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            text,
        )
        if self._is_alarm:
            right = self.width() - 12 - QFontMetricsF(painter.font()).horizontalAdvance(text)
            box = QRectF(right - 18, self.height() / 2 - 7, 14, 14)
            self._look.icons.paint(painter, box, "triangle", "fail")

    def _show_pressed(self, checked: bool) -> None:
        icon = self._look.icons.icon(self._icon, "accent" if checked else "second")
        self.setIcon(icon)

    def _tint(self) -> None:
        self._show_pressed(self.isChecked())


class VolumeList(QWidget):
    """Name, free space, and how full: painted, for looking only."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._volumes: tuple[VolumeView, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def count(self) -> int:
        """How many are listed."""
        return len(self._volumes)

    def show_volumes(self, volumes: tuple[VolumeView, ...]) -> None:
        """List these."""
        if volumes == self._volumes:
            return
        self._volumes = volumes
        heard = [f"{volume_name(v)}: {self._free(v)}" for v in volumes]
        self.setAccessibleName(self.tr("Connected volumes"))
        self.setAccessibleDescription("; ".join(heard))
        self.setToolTip(
            plain_tip(
                "\n".join(
                    f"{volume_name(v)} · {to_text(v.path).text} · {self._free(v)}" for v in volumes
                )
            )
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _VOLUME_HEIGHT * min(len(self._volumes), _SHOWN_VOLUMES))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for position, volume in enumerate(self._volumes[:_SHOWN_VOLUMES]):
            self._paint(
                painter, QRectF(10, position * _VOLUME_HEIGHT, self.width() - 20, 30), volume
            )

    def _paint(self, painter: QPainter, rect: QRectF, volume: VolumeView) -> None:
        theme, words = self._look.theme, self._look.words
        self._look.icons.paint(
            painter, QRectF(rect.left(), rect.top() + 2, 18, 18), volume_icon(volume.kind), "second"
        )
        line = QRectF(rect.left() + 26, rect.top(), rect.width() - 26, 22)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("second"))
        free = words.size_brief(volume.free_bytes) if volume.total_bytes else self.tr("no answer")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, free)
        width = line.width() - QFontMetricsF(painter.font()).horizontalAdvance(free) - 8
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("text"))
        name = elided(QFontMetricsF(painter.font()), volume_name(volume), width)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        if not volume.total_bytes:
            return
        used = 1 - volume.free_bytes / max(1, volume.total_bytes)
        paint_space(
            painter, QRectF(rect.left(), rect.top() + 25, rect.width(), 3), theme, used=used
        )

    def _free(self, volume: VolumeView) -> str:
        return self.tr("%1 free").replace("%1", self._look.words.size_brief(volume.free_bytes))


def volume_name(volume: VolumeView) -> str:
    """A volume's label, or where it is mounted when it has none."""
    return volume.label or to_text(volume.path).text
