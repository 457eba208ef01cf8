"""A scrolled column that is exactly as high as its wrapped words need at the width it has.

By itself the toolkit takes their height at the smallest width, and scrolls where all fits.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget


class Fitted(QScrollArea):
    """Give it its content with `show_content`; the content needs a layout."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_content(self, content: QWidget) -> None:
        """Scroll this one."""
        content.setObjectName("scrolled")
        content.installEventFilter(self)
        self.setWidget(content)
        self._fit()

    def needed_px(self, width: int) -> int:
        """How high the content is at a width."""
        content = self.widget()
        layout = content.layout() if content is not None else None
        if layout is None:
            return 0
        return layout.heightForWidth(width) if layout.hasHeightForWidth() else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        content, needed = self.widget(), self.needed_px(self.viewport().width())
        if content is not None and content.minimumHeight() != max(1, needed):
            content.setMinimumHeight(max(1, needed))
