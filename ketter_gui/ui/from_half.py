"""The left half of the new-transfer sheet: what is copied, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from ketter_gui.domain.options import CHECKSUM_LABELS, Manifest, OnConflict, Pack, Request
from ketter_gui.ui.buttons import Button, Choices
from ketter_gui.ui.choose import choose_files, choose_folder
from ketter_gui.ui.draft import Draft
from ketter_gui.ui.half import GUTTER, CardColumn, half_layout, title_row
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import label
from ketter_gui.ui.source_card import SourceCard

_RESERVES_BYTES: Final = (0, 10**9, 5 * 10**9, 10**10, 5 * 10**10, 10**11)
"""What may be kept free: something for a laptop, a card, a drive and a RAID."""

_LIMITS_BYTES_PER_S: Final = (0, 10**7, 5 * 10**7, 10**8, 25 * 10**7, 5 * 10**8)
"""What may be left of a share, a drive that is worked on, a gigabit line, an SSD."""

_ONE_SOURCE_PX: Final = 72
"""A source's card, and the sentence where there is none."""


class FromHalf(QWidget):
    """Sources with their sizes filling in, the checksum, what happens to taken names, what
    manifest is left, what stays free, and how fast it may go."""

    def __init__(self, look: Look, draft: Draft) -> None:
        super().__init__()
        self._look, self._draft = look, draft
        layout = half_layout(self)
        self.add_button = Button(
            look, self.tr("Add"), icon="plus", kind="quiet", small=True, act=self._offer
        )
        self.add_button.setAccessibleName(self.tr("Add sources"))
        layout.addLayout(title_row(look, self.tr("From"), self.add_button))
        self.column: CardColumn[SourceCard] = CardColumn(
            look, self.tr("Drop or paste files, folders or cards here.")
        )
        # In a small window one source is seen whole, and scrolled to the others: the choices
        # below them must not touch each other.
        self.column.setMinimumHeight(_ONE_SOURCE_PX)
        layout.addWidget(self.column, 1)
        layout.addLayout(self._form())
        draft.sources_changed.connect(self._show_sources)
        draft.changed.connect(self._show_counts)

    def choose(self, request: Request) -> None:
        """Show the options of a request."""
        self.checksum.choose(request.options.checksums[0])
        self.conflict.choose(request.options.on_conflict.value)
        self.pack.choose(request.options.pack.value)
        self.manifest.choose(next((one.value for one in request.options.manifests), ""))
        _choose(self.reserve, request.options.reserve_bytes, self._reserve_words)
        _choose(self.limit, request.options.limit_bytes_per_s, self._limit_words)

    def _form(self) -> QGridLayout:
        form = QGridLayout()
        form.setContentsMargins(0, 6, GUTTER, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        look, draft = self._look, self._draft
        self.checksum = Choices(look, self.tr("Checksum"), list(CHECKSUM_LABELS.items()))
        self.checksum.activated.connect(lambda _: draft.set_checksum(self.checksum.value()))
        policies = [
            (OnConflict.SKIP.value, self.tr("Keep what is there")),
            (OnConflict.RENAME.value, self.tr("Add a number to the new one")),
            (OnConflict.OVERWRITE.value, self.tr("Replace it after proof")),
            (OnConflict.FAIL.value, self.tr("Report it as failed")),
        ]
        self.conflict = Choices(look, self.tr("If a name is taken"), policies)
        self.conflict.activated.connect(
            lambda _: draft.set_conflict(OnConflict(self.conflict.value()))
        )
        ways = [
            (Pack.NONE.value, self.tr("As it is")),
            (Pack.ZIP.value, self.tr("Each folder as a ZIP archive")),
            (Pack.UNZIP.value, self.tr("ZIP archives unpacked")),
        ]
        self.pack = Choices(look, self.tr("Arrives"), ways)
        self.pack.activated.connect(lambda _: draft.set_pack(Pack(self.pack.value())))
        reserves = [(str(one), self._reserve_words(one)) for one in _RESERVES_BYTES]
        self.reserve = Choices(look, self.tr("Keep free"), reserves)
        self.reserve.activated.connect(lambda _: draft.set_reserve(int(self.reserve.value())))
        speeds = [(str(one), self._limit_words(one)) for one in _LIMITS_BYTES_PER_S]
        self.limit = Choices(look, self.tr("Speed limit"), speeds)
        self.limit.activated.connect(lambda _: draft.set_limit(int(self.limit.value())))
        manifests = [
            ("", self.tr("None")),
            (Manifest.ASCMHL.value, self.tr("An ASC MHL history")),
            (Manifest.MHL.value, self.tr("A classic MHL")),
            (Manifest.LIST.value, self.tr("A checksum list")),
        ]
        self.manifest = Choices(look, self.tr("Manifest"), manifests)
        self.manifest.setToolTip(
            self.tr("Checksums beside the copies, which other tools read and check.")
        )
        self.manifest.activated.connect(lambda _: draft.set_manifest(self.manifest.value()))
        fields = (
            self.checksum,
            self.conflict,
            self.pack,
            self.manifest,
            self.reserve,
            self.limit,
        )
        for position, field in enumerate(fields):
            form.addWidget(label(look, field.accessibleName(), tone="second"), position, 0)
            form.addWidget(field, position, 1)
        form.setColumnStretch(1, 1)
        return form

    def _reserve_words(self, size_bytes: int) -> str:
        return self._look.words.size_brief(size_bytes) if size_bytes else self.tr("Nothing")

    def _limit_words(self, bytes_per_s: int) -> str:
        return self._look.words.speed(bytes_per_s) if bytes_per_s else self.tr("None")

    def _show_sources(self) -> None:
        wanted = {counted.path for counted in self._draft.sources()}
        for path in [path for path in self.column.cards if path not in wanted]:
            self.column.drop(path)
        for position, counted in enumerate(self._draft.sources()):
            if counted.path not in self.column.cards:
                card = SourceCard(self._look, counted.path)
                card.remove_asked.connect(self._draft.remove_source)
                self.column.put(counted.path, card, position)
        self._show_counts()

    def _show_counts(self) -> None:
        for index, counted in enumerate(self._draft.sources()):
            card = self.column.cards.get(counted.path)
            if card is not None:
                card.show_count(counted, self._draft.problems_of("source", index))

    def _offer(self) -> None:
        menu = QMenu(self)
        icons, draft = self._look.icons, self._draft
        folder = menu.addAction(icons.icon("folder"), self.tr("Folder or card…"))
        files = menu.addAction(icons.icon("files"), self.tr("Files…"))
        folder.triggered.connect(
            lambda: choose_folder(self, self.tr("Add a folder"), draft.add_sources)
        )
        files.triggered.connect(lambda: choose_files(self, self.tr("Add files"), draft.add_sources))
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))


def _choose(field: Choices, number: int, words: Callable[[int], str]) -> None:
    """Show a number that may have been asked for in the terminal once."""
    if field.findData(str(number)) < 0:
        field.addItem(words(number), str(number))
    field.choose(str(number))
