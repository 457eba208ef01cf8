"""The sheet in which a transfer is put together: from, to, and what will happen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.options import Mode, OnConflict, Request
from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.choose import choose_files, choose_folder
from ketter_gui.ui.destination_card import DestinationCard
from ketter_gui.ui.draft import Draft
from ketter_gui.ui.look import Look
from ketter_gui.ui.offers import offers, remember, remembered
from ketter_gui.ui.overlay import Overlay
from ketter_gui.ui.parts import (
    Button,
    Choices,
    IconView,
    KeyButton,
    Segments,
    column,
    frame,
    keep_gutter,
    label,
    line,
    set_property,
    set_text,
)
from ketter_gui.ui.plan_text import Sentence, plan
from ketter_gui.ui.source_card import SourceCard
from ketter_gui.ui.words import CHECKSUM_NAMES, translate_error

_WIDTH = 920
_GUTTER = 16
"""At the right of the cards, for the scroll bar: cards keep their width beside it."""


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
        self._service = service
        self._background = background
        self._settings = settings
        self._volumes: tuple[VolumeView, ...] = ()
        self._wanted: list[bytes] = []
        self._refused: KetterError | None = None
        self._has_volumes = False
        self.draft = Draft(service, background, self)
        self.setAccessibleName(self.tr("New transfer"))
        self._source_cards: dict[bytes, SourceCard] = {}
        self.cards: dict[bytes, DestinationCard] = {}
        self._build()
        self.draft.sources_changed.connect(self._show_sources)
        self.draft.changed.connect(self._show_draft)
        self.left.connect(self.draft.close)
        self._show_sources()
        background.run(service.volumes, self._on_volumes)

    def fill(self, request: Request) -> None:
        """Take over a request that was prepared elsewhere."""
        self.mode.choose(request.mode.value)
        self.checksum.choose(request.options.checksums[0])
        self.conflict.choose(request.options.on_conflict.value)
        self.draft.set_options(request.mode, request.options)
        self.draft.add_sources(request.sources)
        self.add_destinations(request.destinations)

    def add_sources(self, paths: tuple[bytes, ...]) -> None:
        """Add what was dropped, pasted or chosen."""
        self._refused = None
        self.draft.add_sources(paths)
        self._aim()

    def add_destinations(self, paths: tuple[bytes, ...]) -> None:
        """Add folders as ticked destinations."""
        for path in paths:
            if path not in self._wanted:
                self._wanted.append(path)
        self._show_offers()
        for path in paths:
            self.draft.set_destination(path, is_chosen=True)
        self._show_ticks()

    def take_drop(self, paths: tuple[bytes, ...], point: QPoint) -> None:
        """Let go over the right half: destinations; anywhere else: sources."""
        if self.is_over_destinations(point):
            self.add_destinations(paths)
        else:
            self.add_sources(paths)

    def is_over_destinations(self, point: QPoint) -> bool:
        """Whether a point of the window is over the half that says where to."""
        return self._to_half.rect().contains(self._to_half.mapFrom(self.window(), point))

    def light(self, point: QPoint | None) -> None:
        """Show which half would take what is held over the window."""
        to = point is not None and self.is_over_destinations(point)
        set_property(self._to_half, "lit", to)
        set_property(self._from_half, "lit", point is not None and not to)

    def start(self) -> None:
        """Ask the service for the transfer; a refusal is shown in the sheet."""
        if not self.start_button.isEnabled():
            return
        request = self.draft.request()
        self._refused = None
        self._is_starting = True
        self._show_draft()

        def made(number: int) -> None:
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
        self._is_starting = False
        layout = column(self.sheet)
        layout.addLayout(self._head())
        layout.addWidget(line())
        halves = QHBoxLayout()
        halves.setSpacing(0)
        self._from_half, self._to_half = self._build_from(), self._build_to()
        halves.addWidget(self._from_half, 1)
        halves.addWidget(line(upright=True))
        halves.addWidget(self._to_half, 1)
        layout.addLayout(halves, 1)
        layout.addWidget(self._build_note())
        layout.addWidget(line())
        layout.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(24, 16, 24, 14)
        head.addWidget(label(self._look, self.tr("New transfer"), role="page"))
        head.addStretch(1)
        self.mode = Segments(
            self._look,
            self.tr("Copy or move"),
            [("copy", self.tr("Copy")), ("move", self.tr("Move"))],
        )
        self.mode.group.idClicked.connect(lambda _id: self.draft.set_mode(Mode(self.mode.value())))
        head.addWidget(self.mode)
        return head

    def _build_from(self) -> QWidget:
        half = QWidget()
        half.setProperty("kind", "half")
        half.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = column(half, margins=(24, 14, 24 - _GUTTER, 14), spacing=8)
        self.add_button = Button(
            self._look,
            self.tr("Add"),
            icon="plus",
            kind="quiet",
            small=True,
            act=self._offer_sources,
        )
        self.add_button.setAccessibleName(self.tr("Add sources"))
        layout.addLayout(self._title(self.tr("From"), self.add_button))
        self._source_area, self._source_list = _scroller()
        layout.addWidget(self._source_area, 1)
        self._no_source = label(
            self._look, self.tr("Drop files, folders or cards here."), tone="second"
        )
        self._no_source.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._no_source.setMinimumHeight(72)
        self._source_list.insertWidget(0, self._no_source)
        layout.addLayout(self._form())
        return half

    def _build_to(self) -> QWidget:
        half = QWidget()
        half.setProperty("kind", "half")
        half.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = column(half, margins=(24, 14, 24 - _GUTTER, 14), spacing=8)
        self.other_button = Button(
            self._look,
            self.tr("Other folder…"),
            icon="folder",
            kind="quiet",
            small=True,
            act=self._choose_destination,
        )
        layout.addLayout(self._title(self.tr("To"), self.other_button))
        self._to_area, self._to_list = _scroller()
        layout.addWidget(self._to_area, 1)
        self._no_volume = label(self._look, self.tr("Looking for drives…"), tone="second")
        self._no_volume.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._no_volume.setMinimumHeight(72)
        self._no_volume.setWordWrap(True)
        self._to_list.insertWidget(0, self._no_volume)
        return half

    def _title(self, text: str, button: QPushButton) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setContentsMargins(0, 0, _GUTTER, 0)
        layout.addWidget(label(self._look, text, role="body-strong"))
        layout.addStretch(1)
        layout.addWidget(button)
        return layout

    def _form(self) -> QGridLayout:
        form = QGridLayout()
        form.setContentsMargins(0, 6, _GUTTER, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        self.checksum = Choices(self._look, self.tr("Checksum"), list(CHECKSUM_NAMES.items()))
        self.checksum.activated.connect(lambda _: self.draft.set_checksum(self.checksum.value()))
        self.conflict = Choices(
            self._look,
            self.tr("If a name is taken"),
            [
                (OnConflict.SKIP.value, self.tr("Keep what is there")),
                (OnConflict.RENAME.value, self.tr("Add a number to the new one")),
                (OnConflict.OVERWRITE.value, self.tr("Replace it after proof")),
                (OnConflict.FAIL.value, self.tr("Report it as failed")),
            ],
        )
        self.conflict.activated.connect(
            lambda _: self.draft.set_conflict(OnConflict(self.conflict.value()))
        )
        for position, (text, field) in enumerate(
            (
                (self.tr("Checksum"), self.checksum),
                (self.tr("If a name is taken"), self.conflict),
            )
        ):
            form.addWidget(label(self._look, text, tone="second"), position, 0)
            form.addWidget(field, position, 1)
        form.setColumnStretch(1, 1)
        return form

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
        self._strong = label(self._look, role="body-strong", wraps=True)
        self._rest = label(self._look, tone="second", wraps=True)
        words.addWidget(self._strong)
        words.addWidget(self._rest)
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

    def _show_sources(self) -> None:
        wanted = {counted.path for counted in self.draft.sources()}
        for path in [path for path in self._source_cards if path not in wanted]:
            _drop_widget(self._source_list, self._source_cards.pop(path))
        for counted in self.draft.sources():
            if counted.path not in self._source_cards:
                card = SourceCard(self._look, counted.path)
                card.remove_asked.connect(self.draft.remove_source)
                self._source_cards[counted.path] = card
                self._source_list.insertWidget(self._source_list.count() - 1, card)
        self._no_source.setVisible(not self._source_cards)
        self._show_draft()

    def _show_offers(self) -> None:
        sources = [counted.path for counted in self.draft.sources()]
        wanted = offers(self._volumes, self._wanted, sources)
        paths = {offer.path for offer in wanted}
        for path in [path for path in self.cards if path not in paths]:
            _drop_widget(self._to_list, self.cards.pop(path))
        for position, offer in enumerate(wanted):
            card = self.cards.get(offer.path)
            if card is not None and card.offer != offer:
                _drop_widget(self._to_list, self.cards.pop(offer.path))
                card = None
            if card is None:
                card = DestinationCard(self._look, offer)
                card.clicked.connect(self._ticker(offer.path))
                self.cards[offer.path] = card
            self._to_list.insertWidget(position, card)
        self._no_volume.setVisible(not self.cards)
        if self._has_volumes:
            set_text(self._no_volume, self.tr("No drive is connected. Choose a folder instead."))
        self._show_ticks()

    def _show_ticks(self) -> None:
        chosen = self.draft.destinations()
        for path, card in self.cards.items():
            card.setChecked(path in chosen)
        self._show_draft()

    def _show_draft(self) -> None:
        if not hasattr(self, "start_button"):
            return
        for index, counted in enumerate(self.draft.sources()):
            card = self._source_cards.get(counted.path)
            if card is not None:
                card.show_count(counted, self.draft.problems_of("source", index))
        chosen = self.draft.destinations()
        for path, place in self.cards.items():
            problems = (
                self.draft.problems_of("destination", chosen.index(path)) if path in chosen else ()
            )
            place.show_plan(self._planned(place), problems)
        self._show_sentence()
        can_start = self.draft.can_start() and not self._is_starting
        self.start_button.setEnabled(can_start)
        self.place()

    def _show_sentence(self) -> None:
        ticked = [self.cards[path] for path in self.draft.destinations() if path in self.cards]
        drives = {card.offer.volume.identity if card.offer.volume else "" for card in ticked}
        short = tuple(card.offer.name for card in ticked if card.short_bytes())
        sentence = plan(self.draft, self._look.words, drives=len(drives), short=short)
        error = self._refused or next(iter(self.draft.problems_of("options", 0)), None)
        if error is not None:
            what, safe, todo = error.sentences(translate_error)
            sentence = Sentence(what, f"{safe} {todo}".strip(), "fail", "triangle")
        set_text(self._strong, sentence.strong)
        set_text(self._rest, sentence.rest)
        set_property(self._note, "tone", sentence.tone)
        self._note_icon.show_icon(sentence.icon, sentence.tone or sentence.token)

    def _planned(self, card: DestinationCard) -> int:
        """All that would land on the card's volume, should it be ticked."""
        volume = card.offer.volume
        if volume is None:
            return self.draft.total_bytes()
        others = sum(
            1
            for other in self.cards.values()
            if other is not card
            and other.isChecked()
            and other.offer.volume is not None
            and other.offer.volume.identity == volume.identity
        )
        return self.draft.total_bytes() * (1 + others)

    def _ticker(self, path: bytes) -> Callable[[bool], None]:
        def tick(is_chosen: bool) -> None:
            self._refused = None
            self.draft.set_destination(path, is_chosen=is_chosen)

        return tick

    def _on_volumes(self, volumes: tuple[VolumeView, ...]) -> None:
        self._volumes, self._has_volumes = volumes, True
        if not self._wanted:
            self.add_destinations(remembered(self._settings, volumes))
        self._show_offers()
        self._aim()

    def _aim(self) -> None:
        """Put the keyboard where the next step is, unless a person has moved it: nowhere in
        particular when Enter would do, so that it starts and no button takes it."""
        if QApplication.focusWidget() not in {self.sheet, self.add_button}:
            return
        aim: QWidget = self.sheet
        if not self.draft.sources():
            aim = self.add_button
        elif not self.draft.destinations() and self.cards:
            aim = next(iter(self.cards.values()))
        aim.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_sources(self) -> None:
        menu = QMenu(self)
        icons = self._look.icons
        folder = menu.addAction(icons.icon("folder"), self.tr("Folder or card…"))
        files = menu.addAction(icons.icon("files"), self.tr("Files…"))
        folder.triggered.connect(
            lambda: choose_folder(self, self.tr("Add a folder"), self.add_sources)
        )
        files.triggered.connect(lambda: choose_files(self, self.tr("Add files"), self.add_sources))
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))

    def _choose_destination(self) -> None:
        choose_folder(self, self.tr("Choose where the copies go"), self.add_destinations)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.place()


def _scroller() -> tuple[QScrollArea, QVBoxLayout]:
    """A column that scrolls when there are many cards."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setMinimumHeight(150)
    inside = QWidget()
    inside.setObjectName("scrolled")
    layout = column(inside, spacing=8)
    layout.addStretch(1)
    area.setWidget(inside)
    keep_gutter(area, layout, _GUTTER)
    return area, layout


def _drop_widget(layout: QVBoxLayout, widget: QWidget) -> None:
    layout.removeWidget(widget)
    widget.hide()
    widget.deleteLater()
