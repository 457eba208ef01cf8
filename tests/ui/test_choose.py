"""What a person picks in a file dialog arrives, for folders, for files and for a file to save."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ketter_gui.ui.choose import choose_csv, choose_files, choose_folder

Then = Callable[[tuple[bytes, ...]], None]


def picks(qtbot: QtBot, parent: QWidget, name: str) -> None:
    dialog = parent.findChild(QFileDialog)
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText(name)
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    button = next(
        b for b in box.findChildren(QPushButton) if box.buttonRole(b) is box.ButtonRole.AcceptRole
    )
    qtbot.waitUntil(button.isEnabled)
    button.click()


@pytest.mark.parametrize("kind", ["folder", "file", "csv"])
def test_what_is_picked_arrives(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    target = tmp_path / {"folder": "A001", "file": "clip.mov", "csv": "audit.csv"}[kind]
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_bytes(b"x")
    came: list[tuple[bytes, ...]] = []
    ask: dict[str, Callable[[], None]] = {
        "folder": lambda: choose_folder(parent, "t", came.append),
        "file": lambda: choose_files(parent, "t", came.append),
        "csv": lambda: choose_csv(parent, "t", "audit.csv", came.append),
    }
    ask[kind]()
    picks(qtbot, parent, str(target))
    qtbot.waitUntil(lambda: came == [(os.fsencode(target),)])
