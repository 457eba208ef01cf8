"""The bar is full when it is green, and only then."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ketter_gui.domain.status import CopyStatus
from ketter_gui.ui.bars import item_parts, paint_bar, transfer_parts
from ketter_gui.ui.look import Look
from tests.gui import sample_values as sample


def test_a_bar_is_never_full_while_work_goes_on() -> None:
    nearly = replace(sample.running(), bytes_copied=236 * sample.GB, bytes_verified=236 * sample.GB)
    copied, verified, _failed = transfer_parts(nearly)
    assert copied < 1
    assert verified < 1
    assert transfer_parts(sample.done()) == (1.0, 1.0, 0.0)


def test_copied_is_never_shown_behind_verified() -> None:
    resumed = replace(sample.running(), bytes_copied=0, bytes_verified=100 * sample.GB)
    copied, verified, _failed = transfer_parts(resumed)
    assert copied >= verified


def test_a_failed_item_is_hatched_from_end_to_end() -> None:
    assert item_parts(sample.failed().failed[0]) == (0.0, 0.0, 1.0)


def test_an_empty_file_that_is_verified_fills_its_bar() -> None:
    assert item_parts(sample.item(1, "zero.bin", 0, CopyStatus.VERIFIED)) == (1.0, 1.0, 0.0)


def test_green_ends_where_proof_ends(look: Look) -> None:
    image = QImage(200, 8, QImage.Format.Format_RGB32)
    image.fill(look.theme.colour("surface"))
    painter = QPainter(image)
    paint_bar(painter, QRectF(0, 0, 200, 8), look.theme, copied=0.8, verified=0.5)
    painter.end()
    assert image.pixelColor(50, 4) == look.theme.colour("verified")
    assert image.pixelColor(130, 4) == look.theme.colour("copied")
    assert image.pixelColor(180, 4) == look.theme.colour("sunken")
    green = QColor(look.theme.colour("verified"))
    assert all(image.pixelColor(x, 4) != green for x in range(103, 200))
