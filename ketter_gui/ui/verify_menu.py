"""What can be verified that no transfer of this ledger brought: asked by a menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from ketter_gui.ui.choose import choose_files, choose_folder
from ketter_gui.ui.look import Look
from ketter_gui.ui.verify_again import VerifyAgain


def verify_menu(parent: QWidget, look: Look, verifying: VerifyAgain) -> QMenu:
    """The menu, to be shown where it was asked for."""
    menu = QMenu(parent)
    icons = look.icons
    folder = menu.addAction(icons.icon("folder"), _tr("A folder with its manifests…"))
    manifest = menu.addAction(icons.icon("files"), _tr("A manifest…"))
    two = menu.addAction(icons.icon("folder"), _tr("Two folders…"))

    def second(left: tuple[bytes, ...]) -> None:
        title = _tr("And the folder that should be equal")
        choose_folder(parent, title, lambda right: verifying.ask_two(left[0], right[0]))

    def all_of(paths: tuple[bytes, ...]) -> None:
        for path in paths:
            verifying.ask_folder(path)

    folder.triggered.connect(lambda: choose_folder(parent, _tr("Verify a folder"), all_of))
    manifest.triggered.connect(lambda: choose_files(parent, _tr("Verify by a manifest"), all_of))
    two.triggered.connect(lambda: choose_folder(parent, _tr("The folder that is right"), second))
    return menu


def _tr(text: str) -> str:
    return QCoreApplication.translate("VerifyMenu", text)
