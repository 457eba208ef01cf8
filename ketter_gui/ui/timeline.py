"""What happened to a transfer, in plain words and in the order it happened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.views import AuditLine
from ketter_gui.ui.look import Look
from ketter_gui.ui.text import elided_name, wrapped_height

_ROW = 24
_NAME_PX = 48.0
"""What a name keeps of itself at least, beside the words around it."""
_LEFT = Qt.AlignmentFlag.AlignLeft

_MANY = 4
"""So many of a kind in a row become one line."""

LINES = 200
"""The most that are shown; an export has them all."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the timeline. `%1` in `sentence` stands for `name`, which may be shortened;
    a line that `wraps` is shown whole."""

    time_us: int
    sentence: str
    token: str
    name: str = ""
    wraps: bool = False
    more: str = ""
    """How several of these in a row are told: `%2` is how many besides `name`, `%3` how many
    they are in all, where no name is told."""

    def whole(self) -> str:
        """The sentence with nothing left out."""
        return self.sentence.replace("%1", self.name)

    def shown(self, metrics: QFontMetricsF, width: float) -> str:
        """The sentence in a width: the name gives way, never a word of what happened."""
        words = metrics.horizontalAdvance(self.sentence.replace("%1", ""))
        room = max(_NAME_PX, width - words - 2)
        return self.sentence.replace("%1", elided_name(metrics, self.name, room))

    def fitted(self, metrics: QFontMetricsF, width: float) -> Said:
        """The same line; wrapped where even a short name would push words out of sight."""
        if self.wraps or metrics.horizontalAdvance(self.shown(metrics, width)) <= width:
            return self
        name = elided_name(metrics, self.name, width)
        return replace(self, sentence=self.sentence.replace("%1", name), name="", wraps=True)


class Timeline(QWidget):
    """A line an event: when, a dot in the colour of its kind, what."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._lines: tuple[AuditLine, ...] = ()
        self._rows: list[tuple[Said, int]] = []
        metrics = QFontMetricsF(look.theme.font("small"))
        self._dot_left = metrics.horizontalAdvance("00:00:00") + 10
        self._text_left = self._dot_left + 18
        self._row_height = max(_ROW, round(metrics.height()) + 8)
        self.setAccessibleName(self.tr("What happened"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def show_lines(self, lines: tuple[AuditLine, ...]) -> None:
        """Show these, the last of them below."""
        if lines != self._lines:
            self._lines = lines
            self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(200, sum(height for _said, height in self._rows) or self._row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.theme.font("small"))
        top = 0.0
        for said, height in self._rows:
            self._paint_row(painter, said, QRectF(0, top, self.width(), height))
            top += height

    def _paint_row(self, painter: QPainter, said: Said, row: QRectF) -> None:
        theme, middle = self._look.theme, Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.colour("second"))
        time = self._look.words.clock_exact(said.time_us) if said.time_us else ""
        painter.drawText(
            QRectF(0, row.top(), self._dot_left, self._row_height), _LEFT | middle, time
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(said.token))
        painter.drawEllipse(QRectF(self._dot_left, row.top() + self._row_height / 2 - 3.5, 7, 7))
        painter.setPen(theme.colour("text"))
        text = row.adjusted(self._text_left, 0, 0, 0)
        if said.wraps:
            flags = Qt.TextFlag.TextWordWrap | _LEFT | Qt.AlignmentFlag.AlignTop
            painter.drawText(text.adjusted(0, 4, 0, 0), flags, said.whole())
            return
        shown = said.shown(QFontMetricsF(painter.font()), text.width())
        painter.drawText(text, _LEFT | middle, shown)

    def _lay_out(self) -> None:
        width = max(80, round(self.width() - self._text_left))
        font = self._look.theme.font("small")
        metrics = QFontMetricsF(font)
        all_told = told(self._lines)
        self._rows = [
            (
                said,
                max(self._row_height, wrapped_height(font, said.whole(), width) + 8)
                if said.wraps
                else self._row_height,
            )
            for said in (one.fitted(metrics, width) for one in all_told)
        ]
        clock = self._look.words.clock_exact
        self.setAccessibleDescription(
            "; ".join(f"{clock(said.time_us)} {said.whole()}" for said in all_told)
        )
        self.updateGeometry()
        self.update()


def told(lines: Sequence[AuditLine]) -> list[Said]:
    """The lines in words: an item verified in several places is told once, and many of a
    kind in a row become one."""
    places: dict[str, int] = {}
    for line in lines:
        if line.event == AuditEvent.CHECKSUM_VERIFIED.value:
            places[line.item_path] = places.get(line.item_path, 0) + 1
    left = dict(places)
    renamed = {line.item_path for line in lines if line.event == AuditEvent.ITEM_RENAMED.value}
    said: list[Said] = []
    for position, line in enumerate(lines):
        if position == LINES // 2 and len(lines) >= LINES:  # the service leaves out the middle
            said.append(Said(0, _tr("… more: All files, or the export"), "line"))
        if line.event == AuditEvent.CHECKSUM_CALCULATED.value and (
            line.item_path in places or line.item_path in renamed
        ):
            continue  # what became of it tells that it was read
        if line.event != AuditEvent.CHECKSUM_VERIFIED.value:
            said.append(_said(line))
            continue
        left[line.item_path] -= 1
        if left[line.item_path] == 0:
            said.append(_verified(line, places[line.item_path]))
    return _gathered(said)


def _gathered(said: Sequence[Said]) -> list[Said]:
    rows: list[Said] = []
    for _kind, group in groupby(_by_last(said), key=lambda one: (one.sentence, one.more)):
        run = list(group)
        if len(run) < _MANY or not run[0].more:
            rows += run
        else:
            sentence = run[0].more.replace("%2", str(len(run) - 1)).replace("%3", str(len(run)))
            rows.append(replace(run[0], time_us=run[-1].time_us, sentence=sentence))
    return rows


def _by_last(said: Sequence[Said]) -> list[Said]:
    """Folders and links that were made between the files, beside the last of them: there
    they become one line."""
    made = {sentence for sentence, _more in _made().values()}
    last = {one.sentence: at for at, one in enumerate(said) if one.sentence in made}
    rows: list[Said] = []
    for at, one in enumerate(said):
        if one.sentence not in last:
            rows.append(one)
            continue
        kin = [other for other in said if other.sentence == one.sentence]
        if len(kin) < _MANY:
            rows.append(one)
        elif last[one.sentence] == at:
            rows += kin
    return rows


def _verified(line: AuditLine, places: int) -> Said:
    made = _made().get(line.result)
    if made is not None:
        return Said(line.time_us, made[0], "second", _name(line), more=made[1])
    if not line.algorithm:  # an older entry of a folder or a link: no bytes to prove
        return Said(
            line.time_us,
            _tr("%1 in place"),
            "second",
            _name(line),
            more=_tr("%1 and %2 more in place"),
        )
    if places == 1:
        sentence = _tr("%1 verified on %2").replace("%2", _place(line))
    elif places == 2:
        sentence = _tr("%1 verified on both")
    else:
        sentence = _tr("%1 verified on all %2").replace("%2", str(places))
    more = _tr("%1 and %2 more verified")
    return Said(line.time_us, sentence, "verified", _name(line), more=more)


def _made() -> dict[str, tuple[str, str]]:
    """By the audit's own words. A folder that was made says nothing about what is in it."""
    return {
        "FINAL: folder made": (_tr("Folder %1 made"), _tr("%3 folders made")),
        "FINAL: link made": (_tr("Link %1 made"), _tr("%3 links made")),
    }


def _said(line: AuditLine) -> Said:
    time_us, name, event = line.time_us, _name(line), line.event
    if event == AuditEvent.CHECKSUM_CALCULATED.value:
        return Said(time_us, _tr("%1 read"), "accent", name, more=_tr("%1 and %2 more read"))
    if event == AuditEvent.ITEM_RENAMED.value:
        sentence = _tr("%1 moved to %2, no second copy").replace("%2", _place(line))
        more = _tr("%1 and %2 more moved, no second copy")
        return Said(time_us, sentence, "accent", name, more=more)
    if event == AuditEvent.ITEM_SKIPPED.value:
        if (proven := _proven(line)) is not None:
            sentence = _tr("%1 was on %2 already, verified on %3")
            sentence = sentence.replace("%2", _place(line)).replace("%3", proven)
            more = _tr("%1 and %2 more were there already, verified before")
            return Said(time_us, sentence, "verified", name, more=more)
        if line.result.startswith("FINAL"):
            sentence = _tr("%1 was on %2 already, equal").replace("%2", _place(line))
            return Said(
                time_us, sentence, "verified", name, more=_tr("%1 and %2 more were there already")
            )
        return Said(time_us, _tr("%1 left out"), "second", name)
    if event == AuditEvent.ITEM_FAILED.value:
        return Said(time_us, line.message or _tr("%1 failed"), "fail", name, wraps=True)
    if event == AuditEvent.SOURCE_SET_ASIDE.value:
        return Said(
            time_us,
            _tr("Original %1 set aside"),
            "second",
            name,
            more=_tr("%3 originals set aside"),
        )
    if event == AuditEvent.SOURCE_DELETED.value and line.result == "empty folder":
        sentence, more = _tr("Empty folder %1 removed"), _tr("%3 empty folders removed")
        return Said(time_us, sentence, "second", name, more=more)
    if event == AuditEvent.SOURCE_DELETED.value:
        return Said(
            time_us,
            _tr("Original %1 removed"),
            "second",
            name,
            more=_tr("%3 originals removed"),
        )
    return _verified_again(line) if event == AuditEvent.REVERIFIED.value else _of_all(line)


def _of_all(line: AuditLine) -> Said:
    """What befell a transfer as a whole."""
    time_us, event = line.time_us, line.event
    if event == AuditEvent.TRANSFER_FAILED.value:
        return Said(time_us, line.message or _tr("Failed"), "fail", wraps=True)
    if event == AuditEvent.ERROR.value:
        return Said(time_us, line.message or _tr("Something went wrong"), "warn", wraps=True)
    sentence, token = _of_transfer().get(event, (line.message or event, "second"))
    return Said(time_us, sentence, token)


def _proven(line: AuditLine) -> str | None:
    """The day on which an earlier transfer verified what was not read by this one."""
    if '"proof":' not in line.details:
        return None
    proven = json.loads(line.details)["proof"]["proven"]
    moment = QDateTime.fromString(proven[:19] + "Z", Qt.DateFormat.ISODate).toLocalTime()
    return QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)


def _verified_again(line: AuditLine) -> Said:
    """What a later check found: of one copy that is not as it was, or of a whole drive."""
    name = _name(line)
    if line.item_path:
        sentences = {
            "missing": _tr("%1 is missing on %2"),
            "unreadable": _tr("%1 cannot be read on %2"),
        }
        sentence = sentences.get(line.result, _tr("%1 was changed on %2"))
        return Said(line.time_us, sentence.replace("%2", _place(line)), "fail", name, wraps=True)
    found = json.loads(line.details)
    sentence = _tr("Verified again on %2: %3 equal").replace("%2", _place(line))
    sentence = sentence.replace("%3", QLocale().toString(found["equal"]))
    if line.result != "whole":
        sentence = _tr("Verifying again on %2 was not finished").replace("%2", _place(line))
        return Said(line.time_us, sentence, "warn")
    if bad := found["missing"] + found["changed"] + found["unreadable"]:
        sentence += _tr(", %4 not").replace("%4", QLocale().toString(bad))
    return Said(line.time_us, sentence, "fail" if bad else "verified")


def _of_transfer() -> dict[str, tuple[str, str]]:
    return {
        AuditEvent.TRANSFER_CREATED.value: (_tr("Created"), "accent"),
        AuditEvent.TRANSFER_STARTED.value: (_tr("Started"), "accent"),
        AuditEvent.TRANSFER_PAUSED.value: (_tr("Paused"), "second"),
        AuditEvent.TRANSFER_RESUMED.value: (_tr("Resumed"), "accent"),
        AuditEvent.TRANSFER_INTERRUPTED.value: (_tr("Interrupted, nothing lost"), "warn"),
        AuditEvent.TRANSFER_COMPLETED.value: (_tr("Completed"), "verified"),
        AuditEvent.TRANSFER_CANCELLED.value: (_tr("Cancelled"), "second"),
    }


def _name(line: AuditLine) -> str:
    return line.item_path.rpartition("/")[2] or line.item_path


def _place(line: AuditLine) -> str:
    """The destination's folder: the path of the copy without the item's own part."""
    path = line.destination_path
    if line.item_path and path.endswith(line.item_path):
        path = path[: -len(line.item_path)].rstrip("/")
    return path.rpartition("/")[2] or path


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)
