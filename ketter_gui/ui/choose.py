"""The system's own dialogs, without waiting in them, and with names kept byte for byte."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from ketter_gui.ui.drop import path_from


def choose_folder(parent: QWidget, title: str, then: Callable[[tuple[bytes, ...]], None]) -> None:
    """Ask for one folder."""
    dialog = QFileDialog(parent, title, _home())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, then)


def choose_files(parent: QWidget, title: str, then: Callable[[tuple[bytes, ...]], None]) -> None:
    """Ask for files."""
    dialog = QFileDialog(parent, title, _home())
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    _open(dialog, then)


def choose_csv(
    parent: QWidget, title: str, name: str, then: Callable[[tuple[bytes, ...]], None]
) -> None:
    """Ask where to write a CSV; the dialog itself asks before it replaces a file."""
    _choose_output(parent, title, name, "csv", then)


def choose_pdf(
    parent: QWidget, title: str, name: str, then: Callable[[tuple[bytes, ...]], None]
) -> None:
    """Ask where to write a PDF; the dialog itself asks before it replaces a file."""
    _choose_output(parent, title, name, "pdf", then)


def _choose_output(
    parent: QWidget,
    title: str,
    name: str,
    suffix: str,
    then: Callable[[tuple[bytes, ...]], None],
) -> None:
    dialog = QFileDialog(parent, title, _home())
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
    dialog.selectFile(name)
    _open(dialog, then)


def _home() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)


def _open(dialog: QFileDialog, then: Callable[[tuple[bytes, ...]], None]) -> None:
    def chosen() -> None:  # not `urlsSelected`: it is not emitted for a file to be saved
        paths = tuple(path for path in map(path_from, dialog.selectedUrls()) if path is not None)
        if paths:
            then(paths)

    dialog.accepted.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
