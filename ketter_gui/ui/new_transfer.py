"""The sheet in which a transfer is put together: from, to, and what will happen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.options import Mode, Request
from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.buttons import Button, KeyButton, Segments
from ketter_gui.ui.draft import Draft
from ketter_gui.ui.from_half import FromHalf
from ketter_gui.ui.look import Look
from ketter_gui.ui.offers import is_of_demo, remember, remembered
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import IconView, column, frame, label, line, set_property, set_text
from ketter_gui.ui.plan_text import Sentence, plan
from ketter_gui.ui.to_half import ToHalf
from ketter_gui.ui.words import translate_error

_WIDTH = 920


class NewTransfer(Overlay):
    """Enter starts, Esc leaves. Nothing on disk is touched before Start."""

    started = Signal(object)
    """The number of the transfer that was made."""

    def __init__(
        self,
        look: Look,
        parent: QWidget,
        service: Asked,
        background: Background,
        settings: QSettings,
    ) -> None:
        super().__init__(look, parent, width=_WIDTH)
        self._service, self._background, self._settings = service, background, settings
        self._volumes: tuple[VolumeView, ...] = ()
        self._refused: KetterError | None = None
        self._is_starting = False
        self._revealed: tuple[str, bytes] | None = None
        self.draft = Draft(service, background, self)
        self.setAccessibleName(self.tr("New transfer"))
        self._build()
        self.draft.sources_changed.connect(self._aim)
        self.draft.choice_changed.connect(self._forget_refusal)
        self.draft.changed.connect(self._show_draft)
        self.left.connect(self.draft.close)
        self._show_draft()
        background.run(service.volumes, self._on_volumes)

    def fill(self, request: Request) -> None:
        """Take over a request that was prepared elsewhere."""
        self.mode.choose(request.mode.value)
        self.from_half.choose(request)
        self.draft.set_options(request.mode, request.options)
        self.draft.add_sources(request.sources)
        self.to_half.add(request.destinations)

    def take_drop(self, paths: tuple[bytes, ...], point: QPoint) -> None:
        """Let go over the right half: destinations; anywhere else: sources."""
        if self.is_over_destinations(point):
            self.to_half.add(paths)
        else:
            self.draft.add_sources(paths)

    def is_over_destinations(self, point: QPoint) -> bool:
        """Whether a point of the window is over the half that says where to."""
        return self.to_half.rect().contains(self.to_half.mapFrom(self.window(), point))

    def light(self, point: QPoint | None) -> None:
        """Show which half would take what is held over the window."""
        to = point is not None and self.is_over_destinations(point)
        set_property(self.to_half, "lit", to)
        set_property(self.from_half, "lit", point is not None and not to)

    def start(self) -> None:
        """Ask the service for the transfer; a refusal is shown in the sheet."""
        if not self.start_button.isEnabled():
            return
        request = self.draft.request()
        self._refused = None
        self._is_starting = True
        self._show_draft()

        def made(number: int) -> None:
            if not any(is_of_demo(path) for path in request.sources):
                remember(self._settings, request.destinations, self._volumes)
            self.started.emit(number)
            self.leave()

        def refused(error: KetterError) -> None:
            self._is_starting = False
            self._refused = error
            self._show_draft()

        self._background.run(lambda: self._service.create(request), made, refused)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.start()  # a button that has the focus took the key before
            return
        super().keyPressEvent(event)

    # --- how it is laid out ---

    def _build(self) -> None:
        layout = column(self.sheet)
        layout.addLayout(self._head())
        layout.addWidget(line())
        halves = QHBoxLayout()
        halves.setSpacing(0)
        self.from_half = FromHalf(self._look, self.draft)
        self.to_half = ToHalf(self._look, self.draft)
        halves.addWidget(self.from_half, 1)
        halves.addWidget(line(upright=True))
        halves.addWidget(self.to_half, 1)
        layout.addLayout(halves, 1)
        layout.addWidget(self._build_note())
        layout.addWidget(line())
        layout.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(24, 16, 24, 14)
        head.addWidget(label(self._look, self.tr("New transfer"), role="page"))
        head.addStretch(1)
        modes = [(Mode.COPY.value, self.tr("Copy")), (Mode.MOVE.value, self.tr("Move"))]
        self.mode = Segments(self._look, self.tr("Copy or move"), modes)
        self.mode.group.idClicked.connect(lambda _: self.draft.set_mode(Mode(self.mode.value())))
        head.addWidget(self.mode)
        return head

    def _build_note(self) -> QWidget:
        holder = QWidget()
        outer = column(holder, margins=(24, 2, 24, 14))
        self._note = frame("note")
        layout = QHBoxLayout(self._note)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(12)
        self._note_icon = IconView(self._look, "info", "accent")
        layout.addWidget(self._note_icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        self.strong = label(self._look, role="body-strong", wraps=True)
        self.rest = label(self._look, tone="second", wraps=True)
        words.addWidget(self.strong)
        words.addWidget(self.rest)
        layout.addLayout(words, 1)
        outer.addWidget(self._note)
        return holder

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 12)
        foot.setSpacing(8)
        foot.addStretch(1)
        self.cancel_button = Button(self._look, self.tr("Cancel"), act=self.leave)
        self.start_button = KeyButton(self._look, self.tr("Start"), self.tr("Enter"), self.start)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.start_button)
        return foot

    # --- what it shows ---

    def _show_draft(self) -> None:
        sentence = self._sentence()
        set_text(self.strong, sentence.strong)
        set_text(self.rest, sentence.rest)
        set_property(self._note, "tone", sentence.tone)
        self._note_icon.show_icon(sentence.icon, sentence.tone or sentence.token)
        self.start_button.setEnabled(self.draft.can_start() and not self._is_starting)
        self.place()
        self._reveal_problem()

    def _reveal_problem(self) -> None:
        """Bring the first problem into sight; once, so that one can scroll away from it."""
        first = next(((one.about, one.path) for one in self.draft.marked()), None)
        if first is not None and first != self._revealed:
            about, path = first
            half = self.from_half if about == "source" else self.to_half
            half.column.reveal(path)
        self._revealed = first

    def _sentence(self) -> Sentence:
        error = self._refused or next(iter(self.draft.problems_of("options", 0)), None)
        if error is not None:
            what, safe, todo = error.sentences(translate_error)
            return Sentence(what, f"{safe} {todo}".strip(), "fail", "triangle")
        drives, short = self.to_half.drives(), self.to_half.short()
        return plan(self.draft, self._look.words, drives=drives, short=short)

    def _forget_refusal(self) -> None:
        self._refused = None

    def _on_volumes(self, volumes: tuple[VolumeView, ...]) -> None:
        self._volumes = volumes
        self.to_half.show_volumes(volumes)
        if not self.to_half.has_any():
            self.to_half.add(remembered(self._settings, volumes))
        self._aim()

    def _aim(self) -> None:
        """Put the keyboard where the next step is, unless a person has moved it: nowhere in
        particular when Enter would do, so that it starts and no button takes it."""
        if QApplication.focusWidget() not in {self.sheet, self.from_half.add_button}:
            return
        aim: QWidget = self.sheet
        if not self.draft.sources():
            aim = self.from_half.add_button
        elif not self.draft.destinations() and self.to_half.column.cards:
            aim = next(iter(self.to_half.column.cards.values()))
        aim.setFocus(Qt.FocusReason.OtherFocusReason)
