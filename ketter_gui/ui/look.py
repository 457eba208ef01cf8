"""What every part of the window is given: colours, icons and words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLocale
from PySide6.QtGui import QGuiApplication

from ketter_gui.ui.icons import Icons
from ketter_gui.ui.theme import Theme
from ketter_gui.ui.words import Words


@dataclass(frozen=True, slots=True)
class Look:
    """Made once for a window and handed down; nobody looks for it elsewhere."""

    theme: Theme
    icons: Icons
    words: Words


def make_look(
    application: QGuiApplication, *, forced: str | None = None, locale: QLocale | None = None
) -> Look:
    """A look that follows the system, or keeps to one theme and one locale for pictures."""
    theme = Theme(application, forced=forced)
    locale = locale or QLocale()
    if locale.language() == QLocale.Language.C:  # no figures of thousands, no lists in words
        locale = QLocale("en_GB")
    return Look(theme, Icons(theme), Words(locale))
