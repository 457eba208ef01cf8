"""The sheet for a watch folder, new or changed: which folder, where to, and what will
happen."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_bytes, to_text
from ketter_gui.domain.options import Mode
from ketter_gui.domain.views import Problem
from ketter_gui.domain.watching import WatchRules, WatchView, WouldTake
from ketter_gui.ui.asked import WatchAsked
from ketter_gui.ui.background import Background, Job
from ketter_gui.ui.buttons import Button, KeyButton, Segments
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.fitted import Fitted
from ketter_gui.ui.look import Look
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import (
    ElidedLabel,
    IconView,
    column,
    frame,
    keep_gutter,
    label,
    line,
    row,
    set_property,
    set_text,
)
from ketter_gui.ui.watch_fields import Places, RuleFields, say_problems
from ketter_gui.ui.watch_text import plan
from ketter_gui.ui.words import translate_error

_CHECK_AFTER_MS = 200
_SHOWN_NAMES = 6


class WatchSheet(Overlay):
    """Enter saves, Esc leaves. Nothing is watched before it is saved."""

    saved = Signal()

    def __init__(
        self,
        look: Look,
        parent: QWidget,
        service: WatchAsked,
        background: Background,
        view: WatchView | None,
    ) -> None:
        super().__init__(look, parent, width=680)
        self._service, self._background, self._view = service, background, view
        self.folder: bytes | None = to_bytes(view.path.text, view.path.form) if view else None
        self._problems: tuple[Problem, ...] = ()
        self._refused: KetterError | None = None
        self._checking: Job | None = None
        self._counting: Job | None = None
        self._saving: Job | None = None
        self._stop = threading.Event()
        self._is_checked = False
        self._places_checked = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHECK_AFTER_MS)
        self._timer.timeout.connect(self._check)
        self.left.connect(self.let_go)
        self._build()
        if view is not None:
            self.mode.choose(view.rules.mode.value)
            self.fields.show_rules(view.rules)
            self.places.add(view.rules.destinations)
        self.fields.changed.connect(self._touch)
        self.places.changed.connect(self._on_places)
        self._touch()

    def first_field(self) -> QWidget:
        """Where the next step is."""
        return self.choose_button if self._view is None else self.places.add_button

    def set_folder(self, folder: bytes) -> None:
        """The folder that is to be watched; of one that is watched it stays."""
        if self._view is None:
            self.folder = folder
            self._touch()

    def add_destinations(self, paths: tuple[bytes, ...]) -> None:
        """Further folders that receive copies."""
        self.places.add(paths)

    def save(self) -> None:
        """Ask the service; a refusal is shown in the sheet."""
        if not self.save_button.isEnabled() or self.folder is None:
            return
        folder, rules, view, service = self.folder, self._rules(), self._view, self._service

        def work() -> None:
            if view is None:
                service.add_watch(folder, rules)
            else:
                service.change_watch(view.id, rules)

        self._saving = self._background.run(work, lambda _none: self._done(), self._on_refused)
        self._show()

    def ask_what_now(self) -> None:
        """Count what would be taken now; nothing is touched."""
        if self.folder is None:
            return
        self._stop_counting()
        stop, folder, rules = self._stop, self.folder, self._rules()
        number = self._view.id if self._view else None
        set_text(self.would, self.tr("Looking through the folder…"))
        self.would.show()
        self.names.hide()
        self._counting = self._background.run(
            lambda: self._service.would_take(folder, rules, stop, number),
            self._counted,
            self._not_counted,
        )

    def is_settled(self) -> bool:
        """Whether all is checked: for tests and pictures that wait for the fact."""
        return not self._timer.isActive() and (self.folder is None or self._is_checked)

    def let_go(self) -> None:
        """The sheet goes: nothing that comes back now may reach it. That it could not be
        saved is still told, in the window."""
        self._timer.stop()
        self._stop_counting()
        if self._checking is not None:
            self._checking.forget()
        if self._saving is not None:
            self._saving.done = self._saving.failed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.save()
            return
        super().keyPressEvent(event)

    # --- how it is laid out ---

    def _build(self) -> None:
        look = self._look
        title = self.tr("Edit watch folder") if self._view else self.tr("New watch folder")
        self.setAccessibleName(title)
        layout = column(self.sheet)
        head = row()
        head.setContentsMargins(24, 16, 24, 14)
        head.addWidget(label(look, title, role="page"))
        head.addStretch(1)
        modes = [(Mode.COPY.value, self.tr("Copy")), (Mode.MOVE.value, self.tr("Move"))]
        self.mode = Segments(look, self.tr("Copy or move"), modes)
        self.mode.group.idClicked.connect(lambda _id: self._touch())
        head.addWidget(self.mode)
        layout.addLayout(head)
        layout.addWidget(line())
        layout.addWidget(self._scrolled(), 1)
        layout.addWidget(self._note())
        layout.addWidget(line())
        foot = row()
        foot.setContentsMargins(24, 12, 24, 12)
        self.ask_button = Button(
            look, self.tr("What would be taken now?"), icon="search", act=self.ask_what_now
        )
        foot.addWidget(self.ask_button)
        foot.addStretch(1)
        foot.addWidget(Button(look, self.tr("Cancel"), act=self.leave))
        word = self.tr("Save") if self._view else self.tr("Watch it")
        self.save_button = KeyButton(look, word, self.tr("Enter"), self.save)
        foot.addWidget(self.save_button)
        layout.addLayout(foot)

    def _scrolled(self) -> Fitted:
        area = Fitted()
        area.setMinimumHeight(120)
        inside = QWidget()
        layout = column(inside, margins=(24, 14, 24, 14), spacing=8)
        layout.addLayout(self._folder_row())
        self.folder_problem = label(self._look, role="small", tone="fail", wraps=True)
        layout.addWidget(self.folder_problem)
        layout.addSpacing(4)
        self.places = Places(self._look, self._choose_place)
        layout.addWidget(self.places)
        layout.addSpacing(4)
        self.fields = RuleFields(self._look)
        self.fields.more.clicked.connect(self.place)
        layout.addWidget(self.fields)
        layout.addStretch(1)
        area.show_content(inside)
        keep_gutter(area, layout, 24)
        self._area = area
        return area

    def place(self) -> None:
        """As high as what is in it, if the window has room."""
        width = min(self._width, self.width() - 48)
        wanted = self._area.needed_px(width)
        self._area.setMinimumHeight(max(120, min(wanted, self.height() - 300)))
        super().place()

    def _folder_row(self) -> QHBoxLayout:
        box = row(spacing=11)
        box.addWidget(IconView(self._look, "eye"))
        words = QVBoxLayout()
        words.setSpacing(1)
        self.name = ElidedLabel(self._look, role="body-strong")
        self.where = ElidedLabel(self._look, role="small", tone="second")
        words.addWidget(self.name)
        words.addWidget(self.where)
        box.addLayout(words, 1)
        self.choose_button = Button(
            self._look, self.tr("Choose…"), icon="folder", small=True, act=self._choose
        )
        self.choose_button.setAccessibleName(self.tr("Choose the folder to watch"))
        self.choose_button.setVisible(self._view is None)
        box.addWidget(self.choose_button)
        return box

    def _note(self) -> QWidget:
        holder = QWidget()
        outer = column(holder, margins=(24, 2, 24, 14))
        self._box = frame("note")
        layout = QHBoxLayout(self._box)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(12)
        self._icon = IconView(self._look, "info", "accent")
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.sentence = label(self._look, wraps=True)
        self.would = label(self._look, role="body-strong", wraps=True)
        self.names = label(self._look, role="small", tone="second", wraps=True)
        for one in (self.sentence, self.would, self.names):
            words.addWidget(one)
        self.would.hide()
        self.names.hide()
        layout.addLayout(words, 1)
        outer.addWidget(self._box)
        return holder

    # --- what it shows and asks ---

    def _rules(self) -> WatchRules:
        return self.fields.rules(self.places.paths(), Mode(self.mode.value()))

    def _choose(self) -> None:
        choose_folder(
            self, self.tr("Choose a folder to watch"), lambda paths: self.set_folder(paths[0])
        )

    def _choose_place(self) -> None:
        choose_folder(self, self.tr("Choose where new files go"), self.add_destinations)

    def _touch(self) -> None:
        """Something else was chosen: what was said of it before holds no more."""
        self._refused = None
        self._is_checked = False
        if self._checking is not None:
            self._checking.forget()
        self._stop_counting()
        self.would.hide()
        self.names.hide()
        self._timer.start()
        self._show()

    def _on_places(self) -> None:
        """Problems are told by position, and one more or less moves the others."""
        if len(self.places.rows) != self._places_checked:
            self._problems = tuple(one for one in self._problems if one.about != "destination")
        self._touch()

    def _check(self) -> None:
        if self.folder is None:
            return
        folder, rules = self.folder, self._rules()
        self._places_checked = len(self.places.rows)
        number = self._view.id if self._view else None
        self._checking = self._background.run(
            lambda: self._service.check_watch(folder, rules, number),
            self._on_checked,
            self._on_refused,
        )

    def _on_checked(self, problems: tuple[Problem, ...]) -> None:
        self._problems, self._is_checked = problems, True
        self._show()

    def _on_refused(self, error: KetterError) -> None:
        self._refused, self._saving, self._is_checked = error, None, True
        self._show()

    def _done(self) -> None:
        self.saved.emit()
        self.leave()

    def _show(self) -> None:
        text = to_text(self.folder).text if self.folder is not None else ""
        name = text.rstrip("/").rsplit("/", 1)[-1] or text
        self.name.show_text(name or self.tr("No folder yet"))
        self.where.show_text(text or self.tr("Drop one here, or choose it"))
        rules, problems = self._rules(), self._problems
        say_problems(self.folder_problem, _errors(problems, "source"))
        for at, place in enumerate(self.places.rows):
            say_problems(place.problem, _errors(problems, "destination", at))
        self._say_plan(self._refused or next(iter(_errors(problems, "options")), None), name)
        is_whole = self.folder is not None and bool(rules.destinations)
        is_fine = self._is_checked and not problems and self._saving is None
        self.save_button.setEnabled(is_whole and is_fine)
        self.ask_button.setEnabled(is_whole)
        self.place()

    def _say_plan(self, error: KetterError | None, name: str) -> None:
        if error is None:
            set_text(self.sentence, plan(name, self._rules(), self._look.words))
        else:
            set_text(self.sentence, " ".join(filter(None, error.sentences(translate_error))))
        set_property(self._box, "tone", "fail" if error else "")
        self._icon.show_icon("triangle" if error else "info", "fail" if error else "accent")

    def _counted(self, would: WouldTake) -> None:
        words = self._look.words
        text = words.count(
            would.files,
            self.tr("This 1 file (%2) would be taken now."),
            self.tr("These %1 files (%2) would be taken now."),
        ).replace("%2", words.size_brief(would.size_bytes))
        if not would.files:
            text = self.tr("Nothing would be taken now: what comes later will be.")
        set_text(self.would, text)
        names = list(would.first[:_SHOWN_NAMES])
        rest = would.files - len(names)
        if names and rest > 0:
            names.append(words.count(rest, self.tr("and 1 more"), self.tr("and %1 more")))
        set_text(self.names, "\n".join(names))
        self.names.setVisible(bool(names))
        self.place()

    def _not_counted(self, error: KetterError) -> None:
        set_text(self.would, " ".join(filter(None, error.sentences(translate_error))))
        self.place()

    def _stop_counting(self) -> None:
        self._stop.set()
        self._stop = threading.Event()
        if self._counting is not None:
            self._counting.forget()
            self._counting = None


def _errors(
    problems: tuple[Problem, ...], about: str, index: int | None = None
) -> tuple[KetterError, ...]:
    return tuple(one.error for one in problems if one.about == about and index in {None, one.index})
