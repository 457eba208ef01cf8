"""Notices in the page, never over it: what happened, what is safe, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.ui.buttons import Button, icon_button
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import IconView, column, frame, label, row, set_text
from ketter_gui.ui.words import translate_error


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a notice."""

    text: str
    act: Callable[[], None]
    kind: str = "plain"


@dataclass(frozen=True, slots=True)
class Notice:
    """What to say. `key` lets a later notice take the place of an earlier one."""

    key: str
    title: str
    text: str = ""
    tone: str = "accent"
    icon: str = "info"
    choices: tuple[Choice, ...] = ()


def error_notice(error: KetterError, *, key: str = "error") -> Notice:
    """An error in its own three sentences."""
    what, safe, todo = error.sentences(translate_error)
    rest = " ".join(sentence for sentence in (safe, todo) if sentence)
    return Notice(key, what, rest, tone="fail", icon="triangle")


class Banner(QWidget):
    """Notices one above the other; each can be closed."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._layout = column(self, margins=(0, 0, 16, 0), spacing=8)
        self._shown: dict[str, QWidget] = {}
        self._texts: dict[str, QLabel] = {}
        self.hide()

    def say(self, notice: Notice, *, takes_focus: bool = False) -> None:
        """Show a notice; with `takes_focus` the first button that ends nothing is ready for
        Enter."""
        self.take_back(notice.key)
        widget, buttons = self._make(notice)
        self._shown[notice.key] = widget
        self._layout.insertWidget(0, widget)
        self.show()
        if takes_focus:
            safe = [b for b, c in zip(buttons, notice.choices, strict=True) if c.kind != "danger"]
            for button in safe[:1]:
                button.setFocus(Qt.FocusReason.PopupFocusReason)

    def say_more(self, key: str, text: str) -> None:
        """Change the text of a notice that is open; its buttons keep the keyboard."""
        if (text_label := self._texts.get(key)) is not None:
            set_text(text_label, text)

    def say_error(self, error: KetterError) -> None:
        """Show an error."""
        self.say(error_notice(error))

    def take_back(self, key: str) -> None:
        """Close a notice, if it is there."""
        self._texts.pop(key, None)
        widget = self._shown.pop(key, None)
        if widget is not None:
            self._layout.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.setVisible(bool(self._shown))

    def says(self, key: str) -> bool:
        """Whether a notice is open."""
        return key in self._shown

    def has_focus_in(self, key: str) -> bool:
        """Whether the keyboard is in a notice."""
        focus, widget = QApplication.focusWidget(), self._shown.get(key)
        return focus is not None and widget is not None and widget.isAncestorOf(focus)

    def _make(self, notice: Notice) -> tuple[QWidget, list[Button]]:
        box = frame("note")
        box.setProperty("tone", notice.tone)
        box.setAccessibleName(notice.title)
        box.setAccessibleDescription(notice.text)
        layout = QHBoxLayout(box)
        layout.setContentsMargins(14, 10, 8, 10)
        layout.setSpacing(12)
        icon = IconView(self._look, notice.icon, notice.tone)
        layout.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(self._look, notice.title, role="body-strong", wraps=True))
        if notice.text:
            self._texts[notice.key] = label(self._look, notice.text, tone="second", wraps=True)
            words.addWidget(self._texts[notice.key])
        layout.addLayout(words, 1)
        buttons = [self._button(notice, choice) for choice in notice.choices]
        side = row(spacing=8)
        for button in buttons:
            side.addWidget(button)
        close = icon_button(
            self._look, "close", self.tr("Close"), lambda: self.take_back(notice.key)
        )
        side.addWidget(close)
        layout.addLayout(side)
        return box, buttons

    def _button(self, notice: Notice, choice: Choice) -> Button:
        def act() -> None:
            self.take_back(notice.key)
            choice.act()

        return Button(self._look, choice.text, kind=choice.kind, act=act)
