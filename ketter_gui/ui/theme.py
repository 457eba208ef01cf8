"""Colours, type and measures from `resources/tokens.json`, for light and for dark.

Nothing else names a colour: palette, style sheet, icons and delegates ask here.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from ketter_gui.domain.resources import resource

_DRAWN_FOR_PX = 13
"""The tokens' sizes were chosen for a body text of this height."""

_PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")


class Theme(QObject):
    """One look at a time. `changed` tells whoever keeps a tinted picture to tint it again."""

    changed = Signal()

    def __init__(self, application: QGuiApplication, *, forced: str | None = None) -> None:
        super().__init__()
        self._application = application
        self._tokens: dict[str, Any] = json.loads(resource("tokens.json").read_text("utf-8"))
        self._forced = forced
        self._name = forced or self._system_name()
        system = QFontInfo(application.font()).pixelSize()
        self._scale = max(1.0, system / _DRAWN_FOR_PX)
        self._font = cache(self._make_font)
        application.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def name(self) -> str:
        """`light` or `dark`."""
        return self._name

    def force(self, name: str | None) -> None:
        """Keep to one look whatever the system says; None follows the system again."""
        self._forced = name
        self._follow_system()

    def colour(self, token: str, *, look: str | None = None) -> QColor:
        """A token's colour in the present look, or in a certain one."""
        return QColor(self._tokens[look or self._name][token])

    def measure(self, token: str) -> int:
        """A length in device-independent pixels; rows and buttons grow with the text."""
        length = int(self._tokens["measure"][token])
        if token.startswith(("row", "button", "side", "details")):
            return round(length * self._scale)
        return length

    def font(self, role: str) -> QFont:
        """The system's own font in one of the sizes of `tokens.json`, tabular figures."""
        return self._font(role)

    def fixed_font(self) -> QFont:
        """For checksums, where every character has to be seen apart."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(round(12 * self._scale))
        return font

    def wants_motion(self) -> bool:
        """False when the system asks for less movement."""
        duration = QStyle.StyleHint.SH_Widget_Animation_Duration
        return QApplication.style().styleHint(duration) > 0

    def style_sheet(self) -> str:
        """`resources/themes/window.qss` with every `{token}` filled in."""
        template = resource("themes/window.qss").read_text("utf-8")
        return _PLACEHOLDER.sub(self._filled, template)

    def palette(self) -> QPalette:
        """For what the style sheet does not reach: native-like dialogs, menus, tooltips."""
        roles = QPalette.ColorRole
        palette = QPalette()
        for role, token in {
            roles.Window: "background",
            roles.WindowText: "text",
            roles.Base: "surface",
            roles.AlternateBase: "sunken",
            roles.Text: "text",
            roles.PlaceholderText: "second",
            roles.Button: "surface",
            roles.ButtonText: "text",
            roles.BrightText: "fail",
            roles.ToolTipBase: "surface",
            roles.ToolTipText: "text",
            roles.Highlight: "accent",
            roles.HighlightedText: "on-accent",
            roles.Link: "accent",
            roles.Accent: "accent",
            roles.Mid: "line",
            roles.Dark: "line",
        }.items():
            palette.setColor(role, self.colour(token))
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("second"))
        return palette

    def _filled(self, match: re.Match[str]) -> str:
        token = match[1]
        if token in self._tokens["measure"]:
            return f"{self.measure(token)}px"
        if token in self._tokens["type"]:
            return f"{self.font(token).pixelSize()}px"
        colour = self.colour(token)
        return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"

    def _make_font(self, role: str) -> QFont:
        size_px, weight = self._tokens["type"][role]
        font = QFont(self._application.font())
        font.setPixelSize(round(size_px * self._scale))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _system_name(self) -> str:
        scheme = self._application.styleHints().colorScheme()
        return "dark" if scheme == Qt.ColorScheme.Dark else "light"

    def _follow_system(self) -> None:
        name = self._forced or self._system_name()
        if name != self._name:
            self._name = name
            self.changed.emit()
