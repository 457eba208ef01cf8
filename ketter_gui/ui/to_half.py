"""The right half of the new-transfer sheet: where the copies go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ketter_gui.domain.views import VolumeView
from ketter_gui.ui.buttons import Button
from ketter_gui.ui.choose import choose_folder
from ketter_gui.ui.destination_card import DestinationCard, Offer
from ketter_gui.ui.draft import Draft
from ketter_gui.ui.half import CardColumn, half_layout, title_row
from ketter_gui.ui.look import Look
from ketter_gui.ui.offers import offers
from ketter_gui.ui.parts import set_text


class ToHalf(QWidget):
    """Volumes and folders as cards to be ticked; several may be."""

    def __init__(self, look: Look, draft: Draft) -> None:
        super().__init__()
        self._look, self._draft = look, draft
        self._volumes: tuple[VolumeView, ...] = ()
        self._asked_for: list[bytes] = []
        layout = half_layout(self)
        self.other_button = Button(
            look,
            self.tr("Other folder…"),
            icon="folder",
            kind="quiet",
            small=True,
            act=self._choose,
        )
        layout.addLayout(title_row(look, self.tr("To"), self.other_button))
        self.column: CardColumn[DestinationCard] = CardColumn(look, self.tr("Looking for drives…"))
        layout.addWidget(self.column, 1)
        draft.changed.connect(self._show_plans)

    def add(self, paths: tuple[bytes, ...]) -> None:
        """Folders that were dropped or chosen: a card each, ticked."""
        self._asked_for += [path for path in paths if path not in self._asked_for]
        self._show_offers()
        for path in paths:
            self._draft.set_destination(path, is_chosen=True)

    def has_any(self) -> bool:
        """Whether a destination was asked for by somebody."""
        return bool(self._asked_for)

    def show_volumes(self, volumes: tuple[VolumeView, ...]) -> None:
        """What is connected, now that it is known."""
        self._volumes = volumes
        set_text(
            self.column.empty,
            self.tr("No drive is connected. Choose, drop or paste a folder instead."),
        )
        self._show_offers()

    def drives(self) -> int:
        """On how many volumes the ticked destinations are."""
        volumes = [offer.volume for offer in self._ticked()]
        return len({volume.identity if volume else "" for volume in volumes})

    def short(self) -> tuple[str, ...]:
        """The names of ticked destinations that may not have the room."""
        cards = [self.column.cards[offer.path] for offer in self._ticked()]
        return tuple(card.offer.name for card in cards if card.short_bytes())

    def _ticked(self) -> list[Offer]:
        cards = self.column.cards
        return [cards[path].offer for path in self._draft.destinations() if path in cards]

    def _show_offers(self) -> None:
        sources = [counted.path for counted in self._draft.sources()]
        wanted = offers(self._volumes, self._asked_for, sources)
        cards = self.column.cards
        kept = {
            offer.path
            for offer in wanted
            if offer.path in cards and cards[offer.path].offer == offer
        }
        for path in [path for path in cards if path not in kept]:
            self.column.drop(path)
        for position, offer in enumerate(wanted):
            card = cards.get(offer.path)
            if card is None:
                card = DestinationCard(self._look, offer)
                card.clicked.connect(self._ticker(offer.path))
            self.column.put(offer.path, card, position)
        self._show_plans()

    def _show_plans(self) -> None:
        chosen = self._draft.destinations()
        kept_free_bytes = self._draft.request().options.reserve_bytes
        for path, card in self.column.cards.items():
            card.setChecked(path in chosen)
        for path, card in self.column.cards.items():
            problems = (
                self._draft.problems_of("destination", chosen.index(path)) if path in chosen else ()
            )
            card.show_plan(self._planned(card), problems, kept_free_bytes)

    def _planned(self, card: DestinationCard) -> int:
        """All that would land on the card's volume, should it be ticked."""
        volume = card.offer.volume
        others = 0
        if volume is not None:
            ticked = [offer for offer in self._ticked() if offer.path != card.offer.path]
            others = sum(
                1 for offer in ticked if offer.volume and offer.volume.identity == volume.identity
            )
        if card.offer.path in self._draft.destinations():
            return self._draft.landing_bytes() * (1 + others)
        return self._draft.total_bytes() * (1 + others)

    def _ticker(self, path: bytes) -> Callable[[bool], None]:
        return lambda is_chosen: self._draft.set_destination(path, is_chosen=is_chosen)

    def _choose(self) -> None:
        choose_folder(self, self.tr("Choose where the copies go"), self.add)
