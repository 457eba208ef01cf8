"""The bar with two layers: blue is copied, green over it is verified.

"The bar is full when it is green." What failed is hatched, so that no bar needs
colour to be read.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import ItemView, TransferView
from ketter_gui.ui.theme import Theme

_GAP = 2.0
"""Of surface, between green and blue."""

_NEVER_FULL = 0.99
"""A bar looks full only when the work is over."""


def paint_bar(
    painter: QPainter,
    rect: QRectF,
    theme: Theme,
    *,
    copied: float,
    verified: float,
    failed: float = 0.0,
) -> None:
    """Paint fractions of one: `failed` is the stretch after the copied one."""
    radius = rect.height() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("sunken"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius - 0.5, radius - 0.5)
    clip = QPainterPath()
    clip.addRoundedRect(rect, radius, radius)
    painter.setClipPath(clip)
    painter.setPen(Qt.PenStyle.NoPen)
    copied_end = rect.left() + rect.width() * min(1.0, copied)
    verified_end = rect.left() + rect.width() * min(1.0, verified)
    if failed > 0:
        start = max(copied_end, verified_end)
        end = min(rect.right(), start + rect.width() * failed)
        hatch(painter, QRectF(start, rect.top(), end - start, rect.height()), theme.colour("hatch"))
    if copied_end > verified_end:
        _fill(painter, rect, copied_end, theme.colour("copied"), radius)
    if verified_end > rect.left():
        if copied_end > verified_end + _GAP:
            _fill(painter, rect, verified_end + _GAP, theme.colour("surface"), radius)
        _fill(painter, rect, verified_end, theme.colour("verified"), radius)
    painter.restore()


def _fill(painter: QPainter, rect: QRectF, end: float, colour: QColor, radius: float) -> None:
    """From the bar's left end to `end`, with a round end of its own."""
    painter.setBrush(colour)
    width = max(end - rect.left(), rect.height())
    painter.drawRoundedRect(QRectF(rect.left(), rect.top(), width, rect.height()), radius, radius)


def hatch(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Slanted stripes: something was to be here and is not."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(colour, 3))
    step = 9.0
    x = rect.left() - rect.height()
    while x < rect.right() + rect.height():
        painter.drawLine(
            QPointF(x, rect.bottom() + 2), QPointF(x + rect.height() + 4, rect.top() - 2)
        )
        x += step
    painter.restore()


def paint_space(
    painter: QPainter, rect: QRectF, theme: Theme, *, used: float, planned: float = 0.0
) -> None:
    """How full a volume is, and how full it will be. No green: nothing is proven here."""
    radius = rect.height() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("line"))
    painter.drawRoundedRect(rect, radius, radius)
    clip = QPainterPath()
    clip.addRoundedRect(rect, radius, radius)
    painter.setClipPath(clip)
    used_px = rect.width() * min(1.0, used)
    planned_px = rect.width() * min(1.0 - min(1.0, used), planned)
    painter.fillRect(
        QRectF(rect.left(), rect.top(), used_px, rect.height()), theme.colour("second")
    )
    if planned_px > 0:
        visible_px = max(2.0, planned_px)
        start = min(rect.left() + used_px, rect.right() - visible_px)
        painter.fillRect(
            QRectF(start, rect.top(), visible_px, rect.height()), theme.colour("accent")
        )
    painter.restore()


def transfer_parts(transfer: TransferView) -> tuple[float, float, float]:
    """Copied, verified and failed fractions of a transfer's bar."""
    if transfer.status is TransferStatus.COMPLETED and not transfer.files_failed:
        total = transfer.bytes_total  # what was renamed fills the bar, and is not green
        return 1.0, 1.0 - transfer.bytes_renamed / total if total else 1.0, 0.0
    if not transfer.bytes_total:
        return 0.0, 0.0, 0.0
    verified = min(_NEVER_FULL, transfer.bytes_verified / transfer.bytes_total)
    copied = max(verified, min(_NEVER_FULL, transfer.bytes_copied / transfer.bytes_total))
    failed = 0.0
    if transfer.files_failed and transfer.files_total:
        is_over = transfer.status in {TransferStatus.FAILED, TransferStatus.COMPLETED}
        failed = 1 - copied if is_over else transfer.files_failed / transfer.files_total
    return copied, verified, failed


def item_parts(item: ItemView) -> tuple[float, float, float]:
    """Copied, verified and failed fractions of an item's bar."""
    if item.status in {CopyStatus.VERIFIED, CopyStatus.SKIPPED}:
        return 1.0, 1.0, 0.0
    if item.status is CopyStatus.RENAMED:
        return 1.0, 0.0, 0.0
    if item.status is CopyStatus.FAILED:
        return 0.0, 0.0, 1.0
    size = max(1, item.size_bytes)
    verified = min(1.0, item.verified_bytes / size)
    return max(verified, min(1.0, item.copied_bytes / size)), verified, 0.0
