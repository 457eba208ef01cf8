"""A source in the sheet: its name, what it holds, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
from ketter_gui.ui.buttons import icon_button
from ketter_gui.ui.draft import Counted
from ketter_gui.ui.look import Look
from ketter_gui.ui.parts import ElidedLabel, IconView, label, plain_tip, set_property, set_text
from ketter_gui.ui.words import translate_error


class SourceCard(QFrame):
    """Filled in while its source is being counted."""

    remove_asked = Signal(object)

    def __init__(self, look: Look, path: bytes) -> None:
        super().__init__()
        self._look = look
        self._path = path
        self.setProperty("kind", "card")
        text = to_text(path).text
        name = to_text(path.rsplit(b"/", 1)[-1]).text or text
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(text))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 9, 10, 9)
        layout.setSpacing(11)
        self._icon = IconView(look, "folder")
        layout.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(ElidedLabel(look, name, role="body-strong"))
        self._holds = ElidedLabel(look, role="small", tone="second")
        words.addWidget(self._holds)
        self._problem = label(look, role="small", tone="fail", wraps=True)
        words.addWidget(self._problem)
        layout.addLayout(words, 1)
        remove = icon_button(
            look,
            "close",
            self.tr("Leave out %1").replace("%1", name),
            lambda: self.remove_asked.emit(path),
        )
        layout.addWidget(remove)

    def show_count(self, counted: Counted, problems: tuple[KetterError, ...]) -> None:
        """What is known by now."""
        self._holds.show_text(self._sentence(counted))
        if counted.size.is_complete and counted.size.files == 1 and not problems:
            self._icon.show_icon("files", "second")
        error = counted.size.error
        told = problems or ((error,) if error is not None else ())
        sentences = [" ".join(s for s in e.sentences(translate_error)[::2] if s) for e in told]
        set_text(self._problem, "\n".join(sentences))
        self._problem.setVisible(bool(sentences))
        set_property(self, "state", "problem" if sentences else "")
        self._icon.show_icon(
            "triangle" if sentences else "folder", "fail" if sentences else "second"
        )

    def _sentence(self, counted: Counted) -> str:
        words, size = self._look.words, counted.size
        folder = to_text(counted.path.rsplit(b"/", 1)[0] or b"/").text
        if size.error is not None:
            return folder
        much = f"{words.files(size.files)} · {words.size_brief(size.bytes)}"
        if size.is_complete:
            return f"{much} · {folder}" if size.files else f"{self.tr('empty')} · {folder}"
        if not size.files:
            return self.tr("counting…")
        return self.tr("%1 so far…").replace("%1", much)
