"""A watch folder as a card: what it does, what it has seen, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout

from ketter_gui.domain.names import to_text
from ketter_gui.domain.watching import WatchState, WatchView
from ketter_gui.ui.buttons import Button, icon_button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import (
    ElidedLabel,
    IconView,
    Pill,
    label,
    plain_tip,
    row,
    set_property,
    set_text,
)
from ketter_gui.ui.switch import Switch
from ketter_gui.ui.watch_text import (
    counts_line,
    last_line,
    next_line,
    rules_line,
    watch_state,
)

_INSET = 29
"""Words stand under the name, not under the drawing beside it."""


class WatchCard(QFrame):
    """`asked` tells what a person wants of it: a word and its WatchView. With the keyboard
    on the card itself, Enter edits and Delete asks whether to remove it."""

    asked = Signal(str, object)

    def __init__(self, look: Look, view: WatchView) -> None:
        super().__init__()
        self._look, self.view = look, view
        self.setProperty("kind", "card")
        self.setProperty("focusable", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(17, 12, 12, 14)
        layout.setSpacing(0)
        layout.addLayout(self._head())
        below = QVBoxLayout()
        below.setContentsMargins(_INSET, 0, 4, 0)
        below.setSpacing(2)
        self._fill(below)
        layout.addLayout(below)
        layout.addStretch(1)
        self.show_view(view)

    def show_view(self, view: WatchView) -> None:
        """What it is now; time goes on, so that the same view may read otherwise."""
        self.view = view
        words = self._look.words
        state = watch_state(view, words)
        self._name.show_text(view.name)
        self._path.show_text(view.path.text)
        set_text(self._rules, rules_line(view.rules, words))
        places = (to_text(path).text for path in view.rules.destinations)
        self._rules.setToolTip(plain_tip("\n".join(places)))
        self._pill.show_state(state)
        set_text(self._counts, counts_line(view, words))
        _say_elided(self._last, last_line(view, words))
        _say(self._next, next_line(view, words))
        _say(self._note, view.note)
        _say(self._health, "\n".join(view.health))
        _say(self._message, view.message)
        set_property(self._message, "tone", state.token)
        is_tripped = view.state is WatchState.TRIPPED
        self._restart_row(is_shown=is_tripped)
        set_property(self, "state", "problem" if is_tripped else "")
        if self.switch.isChecked() != view.is_on:
            self.switch.setChecked(view.is_on)
        self._name_all(view)
        said = (rules_line(view.rules, words), counts_line(view, words), view.message)
        self.setAccessibleName(f"{view.name}, {state.word}")
        self.setAccessibleDescription(". ".join(s for s in (*said, *view.health) if s))

    def menu(self) -> QMenu:
        """What can be done with it."""
        icons, menu = self._look.icons, QMenu(self)
        for what, icon, text in (
            ("edit", "panel", self.tr("Edit…")),
            ("look", "search", self.tr("Look now")),
            ("history", "history", self.tr("Show in history")),
            ("open", "folder", self.tr("Open folder")),
            ("", "", ""),
            ("remove", "close", self.tr("Remove…")),
        ):
            if not what:
                menu.addSeparator()
                continue
            action = menu.addAction(icons.icon(icon), text)
            action.setData(what)
            action.triggered.connect(lambda _on=False, w=what: self.asked.emit(w, self.view))
            action.setEnabled(what != "look" or self.view.is_on)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.asked.emit("edit", self.view)
        elif event.key() == Qt.Key.Key_Delete:
            self.asked.emit("remove", self.view)
        elif event.key() == Qt.Key.Key_Space:
            self.switch.click()
        elif event.key() == Qt.Key.Key_Menu:
            self._show_menu()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def _head(self) -> QHBoxLayout:
        head = row(spacing=11)
        head.addWidget(IconView(self._look, "folder"))
        self._name = ElidedLabel(self._look, role="body-strong")
        head.addWidget(self._name, 1)
        self.switch = Switch(self._look, "")
        self.switch.clicked.connect(lambda on: self.asked.emit("on" if on else "off", self.view))
        head.addWidget(self.switch)
        self.more = icon_button(self._look, "more", "", self._show_menu)
        head.addWidget(self.more)
        return head

    def _fill(self, below: QVBoxLayout) -> None:
        look = self._look
        self._path = ElidedLabel(look, tone="second")
        self._rules = label(look, tone="second", wraps=True)
        self._pill = Pill(look)
        self._message = label(look, wraps=True)
        self._counts = label(look, wraps=True)
        self._last = ElidedLabel(look, tone="second")
        self._next = label(look, tone="second", wraps=True)
        self._note = label(look, tone="second", wraps=True)
        self._health = label(look, tone="warn", wraps=True)
        below.addWidget(self._path)
        below.addWidget(self._rules)
        below.addSpacing(8)
        below.addWidget(self._pill)
        below.addSpacing(8)
        for words in (
            self._message,
            self._counts,
            self._last,
            self._health,
            self._next,
            self._note,
        ):
            below.addWidget(words)
        buttons = row()
        buttons.setContentsMargins(0, 8, 0, 0)
        self.restart = Button(
            look,
            self.tr("Start again"),
            icon="retry",
            act=lambda: self.asked.emit("restart", self.view),
        )
        self.show_failed = Button(
            look,
            self.tr("Show in history"),
            kind="quiet",
            act=lambda: self.asked.emit("history", self.view),
        )
        buttons.addWidget(self.restart)
        buttons.addWidget(self.show_failed)
        buttons.addStretch(1)
        below.addLayout(buttons)

    def _restart_row(self, *, is_shown: bool) -> None:
        if not is_shown and (self.restart.hasFocus() or self.show_failed.hasFocus()):
            self.setFocus()
        self.restart.setVisible(is_shown)
        self.show_failed.setVisible(is_shown)

    def _name_all(self, view: WatchView) -> None:
        for widget, text in (
            (self.switch, self.tr("Watch %1")),
            (self.more, self.tr("More about %1")),
            (self.restart, self.tr("Start %1 again")),
            (self.show_failed, self.tr("Show the transfers of %1 in the history")),
        ):
            widget.setAccessibleName(text.replace("%1", view.name))
            widget.setToolTip(plain_tip(widget.accessibleName()))

    def _show_menu(self) -> None:
        self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _say(widget: QLabel, text: str) -> None:
    """A label without words takes no room."""
    set_text(widget, text)
    if widget.isHidden() == bool(text):
        widget.setVisible(bool(text))


def _say_elided(widget: ElidedLabel, text: str) -> None:
    widget.show_text(text)
    if widget.isHidden() == bool(text):
        widget.setVisible(bool(text))
