"""The fields of the watch folder's sheet: its destinations, its rules, and what is folded
away under “More”."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import CHECKSUM_LABELS, Mode, OnConflict
from ketter_gui.domain.watching import Unit, WatchRules
from ketter_gui.ui.buttons import Button, Choices, Segments, icon_button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import IconView, column, label, row, set_text
from ketter_gui.ui.words import translate_error

_SETTLE_S = (0, 5, 10, 30, 60, 120, 300, 900, 3600, 86_400)
_FAILURES = (0, 1, 3, 5, 10, 25)
_CYCLES = (0, 10, 100, 1000)
_RUNTIME_S = (0, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
_QUIET_H = (0, 1, 4, 12, 24)
_BETWEEN_PATTERNS = ";"


class Place(QWidget):
    """A destination: its path, that may be typed and hold tokens, and what is wrong with it."""

    def __init__(self, look: Look, path: bytes) -> None:
        super().__init__()
        self._path, self._shown = path, to_text(path).text
        layout = column(self, spacing=4)
        box = row(spacing=11)
        box.addWidget(IconView(look, "drive"))
        self.field = QLineEdit(self._shown)
        self.field.setAccessibleName(self.tr("Destination"))
        self.field.setFont(look.theme.font("body"))
        box.addWidget(self.field, 1)
        self.remove = icon_button(look, "close", self.tr("Leave out %1").replace("%1", self._shown))
        box.addWidget(self.remove)
        layout.addLayout(box)
        self.problem = label(look, role="small", tone="fail", wraps=True)
        self.problem.setContentsMargins(29, 0, 0, 0)
        self.problem.hide()
        layout.addWidget(self.problem)

    def path(self) -> bytes:
        """Byte for byte as it was chosen, or as a person has typed it."""
        text = self.field.text()
        return self._path if text == self._shown else os.fsencode(text.strip())


class Places(QWidget):
    """The destinations, below each other."""

    changed = Signal()

    def __init__(self, look: Look, choose: Callable[[], None]) -> None:
        super().__init__()
        self._look = look
        self.rows: list[Place] = []
        layout = column(self, spacing=6)
        head = row()
        head.addWidget(label(look, self.tr("To"), role="body-strong"))
        head.addStretch(1)
        self.add_button = Button(
            look, self.tr("Add a destination…"), icon="plus", small=True, act=choose
        )
        head.addWidget(self.add_button)
        layout.addLayout(head)
        self._list = column(holder := QWidget(), spacing=6)
        layout.addWidget(holder)
        self._hint = label(look, role="small", tone="second", wraps=True)
        layout.addWidget(self._hint)
        self._say()

    def add(self, paths: tuple[bytes, ...]) -> None:
        """Further ones; one that is there already is not there twice."""
        new = [path for path in dict.fromkeys(paths) if path not in self.paths()]
        for path in new:
            place = Place(self._look, path)
            place.field.textEdited.connect(self.changed)
            place.remove.clicked.connect(lambda _on=False, p=place: self._drop(p))
            self.rows.append(place)
            self._list.addWidget(place)
        if new:
            self._say()
            self.changed.emit()

    def paths(self) -> tuple[bytes, ...]:
        """In their order. An empty field is a destination that is not there yet."""
        return tuple(place.path() for place in self.rows)

    def _drop(self, place: Place) -> None:
        self.rows.remove(place)
        self._list.removeWidget(place)
        place.hide()
        place.deleteLater()
        self.add_button.setFocus()
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        text = self.tr("Drop folders here, or add them.")
        if self.rows:
            text = self.tr(
                "{date}, {year}, {month}, {day}, {time}, {watch} and {volume} in a path are "
                "filled in for each transfer."
            )
        set_text(self._hint, text)


class RuleFields(QWidget):
    """When something may be taken, and how."""

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._base = look, WatchRules(())
        layout = column(self, spacing=8)
        self.unit = Segments(
            look,
            self.tr("What is taken together"),
            [
                (Unit.FILE.value, self.tr("Each file")),
                (Unit.FOLDER.value, self.tr("Whole folders")),
            ],
        )
        self.unit.group.idClicked.connect(lambda _id: self.changed.emit())
        said = self._look.words.duration
        self.settle = self._choices(
            self.tr("Settled after"),
            [(n, said(n) if n else self.tr("at once")) for n in _SETTLE_S],
        )
        always = QGridLayout()
        always.setHorizontalSpacing(16)
        always.setVerticalSpacing(8)
        always.setColumnStretch(1, 1)
        self._row(always, self.tr("Take"), self.unit)
        self._row(always, self.tr("Unchanged for"), self.settle)
        layout.addLayout(always)
        self.more = Button(look, self.tr("More"), icon="right", kind="quiet", small=True)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._fold)
        line = row()
        line.addWidget(self.more)
        line.addStretch(1)
        layout.addLayout(line)
        self.folded = self._build_more()
        self.folded.hide()
        layout.addWidget(self.folded)
        self.show_rules(self._base)

    def show_rules(self, rules: WatchRules) -> None:
        """Those of a watch folder that is there; what has no field here is kept."""
        self._base, options = rules, rules.options
        self.unit.choose(rules.unit.value)
        said = self._look.words.duration
        _choose(self.settle, round(rules.settle_s), said(round(rules.settle_s)))
        self.conflict.choose(options.on_conflict.value)
        self.checksum.choose(options.checksums[0])
        self.sentinel.setText(rules.sentinel)
        self.include.setText(_joined(options.include))
        self.exclude.setText(_joined(options.exclude))
        self.temporary.setText(_joined(rules.temporary))
        self.temporary.setCursorPosition(0)
        self.once.choose("once" if rules.is_once else "")
        number = self._look.words.number
        _choose(self.failures, rules.max_failures, number(rules.max_failures))
        _choose(self.cycles, rules.max_cycles, number(rules.max_cycles))
        _choose(self.runtime, round(rules.max_runtime_s), said(round(rules.max_runtime_s)))
        _choose(self.quiet, rules.quiet_h, said(round(rules.quiet_h * 3600)))

    def rules(self, destinations: tuple[bytes, ...], mode: Mode) -> WatchRules:
        """Everything that is chosen."""
        base = self._base
        options = base.options
        if self.checksum.value() != options.checksums[0]:
            options = replace(options, checksums=(self.checksum.value(),))
        options = replace(
            options,
            on_conflict=OnConflict(self.conflict.value()),
            include=_split(self.include.text()),
            exclude=_split(self.exclude.text()),
        )
        is_same = destinations == base.destinations
        return replace(  # other destinations: nothing that was known of the earlier ones is kept
            base if is_same else WatchRules(destinations),
            destinations=destinations,
            mode=mode,
            options=options,
            settle_s=_kept(self.settle, base.settle_s),
            unit=Unit(self.unit.value()),
            sentinel=self.sentinel.text().strip(),
            temporary=_split(self.temporary.text()),
            is_once=self.once.value() == "once",
            max_cycles=int(self.cycles.value()),
            max_failures=int(self.failures.value()),
            max_runtime_s=_kept(self.runtime, base.max_runtime_s),
            quiet_h=float(self.quiet.value()),
        )

    def _build_more(self) -> QWidget:
        holder, tr, words = QWidget(), self.tr, self._look.words
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        conflicts = [
            (OnConflict.RENAME, tr("Keep both, with a number")),
            (OnConflict.SKIP, tr("Leave the new one out")),
            (OnConflict.OVERWRITE, tr("Replace it")),
            (OnConflict.FAIL, tr("Fail")),
        ]
        self.conflict = self._choices(tr("If a name is taken"), conflicts)
        self.checksum = self._choices(tr("Checksum"), list(CHECKSUM_LABELS.items()))
        self.sentinel = self._text(tr("Only folders that hold"), tr("any; for instance *.mhl"))
        self.include = self._text(tr("Only names like"), tr("all; for instance *.mov; *.wav"))
        self.exclude = self._text(tr("Never names like"), tr("none"))
        self.temporary = self._text(tr("Still being written"), tr("none"))
        self.once = self._choices(
            tr("Watch"), [("", tr("Until it is switched off")), ("once", tr("Only what is there"))]
        )
        never = tr("Never")
        many, one = tr("After %1 failures in a row"), tr("After 1 failure")
        self.failures = self._choices(
            tr("Stops itself"), [(n, words.count(n, one, many) if n else never) for n in _FAILURES]
        )
        many = tr("%1 times at most")
        self.cycles = self._choices(
            tr("Looks through it"),
            [
                (n, many.replace("%1", words.number(n)) if n else tr("As often as needed"))
                for n in _CYCLES
            ],
        )
        self.runtime = self._choices(
            tr("Runs no longer than"),
            [(n, words.duration(n) if n else tr("Any time")) for n in _RUNTIME_S],
        )
        self.quiet = self._choices(
            tr("Says so after no file for"),
            [(float(n), words.duration(n * 3600) if n else never) for n in _QUIET_H],
        )
        for field in (
            self.sentinel,
            self.conflict,
            self.checksum,
            self.include,
            self.exclude,
            self.temporary,
            self.once,
            self.failures,
            self.cycles,
            self.runtime,
            self.quiet,
        ):
            self._row(grid, field.accessibleName(), field)
        return holder

    def _choices(self, name: str, offered: Sequence[tuple[object, str]]) -> Choices:
        field = Choices(self._look, name, [(str(value), text) for value, text in offered])
        field.activated.connect(lambda _at: self.changed.emit())
        return field

    def _text(self, name: str, empty: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setPlaceholderText(empty)
        field.setFont(self._look.theme.font("body"))
        field.textEdited.connect(lambda _text: self.changed.emit())
        return field

    def _row(self, grid: QGridLayout, name: str, field: QWidget) -> None:
        at = grid.rowCount()
        words = label(self._look, name, tone="second")
        words.setMinimumWidth(150)
        grid.addWidget(words, at, 0)
        if isinstance(field, Segments):
            grid.addWidget(field, at, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            grid.addWidget(field, at, 1)

    def _fold(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.show_icon("down" if is_open else "right")


def say_problems(widget: QLabel, errors: tuple[KetterError, ...]) -> None:
    """What is wrong and what to do, beside its cause."""
    said = [" ".join(s for s in one.sentences(translate_error)[::2] if s) for one in errors]
    set_text(widget, "\n".join(said))
    widget.setVisible(bool(said))


def _choose(field: Choices, value: float, text: str) -> None:
    """Choose a value; one that is not offered is offered from now on."""
    if field.findData(str(value)) < 0:
        field.addItem(text, str(value))
    field.choose(str(value))


def _kept(field: Choices, before_s: float) -> float:
    """Seconds as chosen; a fraction that only the command line can give is kept."""
    chosen = float(field.value())
    return before_s if chosen == round(before_s) else chosen


def _joined(patterns: tuple[str, ...]) -> str:
    return f"{_BETWEEN_PATTERNS} ".join(patterns)


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(_BETWEEN_PATTERNS))))
