"""Writing the audit as CSV: where to is asked by the system's own dialog."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import AuditVerdict, TransferView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Notice, error_notice
from ketter_gui.ui.choose import choose_csv
from ketter_gui.ui.look import Look

_NOT_IN_NAMES = re.compile(r"[^\w.\- ]+")


class Export(QObject):
    """Asks, writes in the background, and says where it lies."""

    def __init__(self, look: Look, service: Asked, background: Background, banner: Banner) -> None:
        super().__init__()
        self._look, self._service = look, service
        self._background, self._banner = background, banner

    def ask(
        self,
        parent: QWidget,
        transfer: TransferView | None,
        *,
        since: str = "",
        until: str = "",
        bom: bool = False,
    ) -> None:
        """Ask where to, for one transfer, for what was told `since` a moment and before `until`
        (ISO 8601), or for everything; with a byte order mark, if a spreadsheet needs one."""
        title = (
            self.tr("Export the audit")
            if transfer is None
            else self.tr("Export this transfer’s audit")
        )
        number = None if transfer is None else transfer.id
        choose_csv(
            parent,
            title,
            file_name(transfer),
            lambda paths: self.write(paths[0], number, since=since, until=until, bom=bom),
        )

    def write(
        self,
        path: bytes,
        transfer: int | None,
        *,
        since: str = "",
        until: str = "",
        bom: bool = False,
    ) -> None:
        """Write it; the dialog has asked already whether a file may be replaced."""
        self._background.run(
            lambda: self._service.export_audit(
                path, transfer=transfer, since=since, until=until, bom=bom, overwrite=True
            ),
            lambda verdict: self._say(path, verdict),
            self._refused,
        )

    def _say(self, path: bytes, verdict: AuditVerdict) -> None:
        words = self._look.words
        entries = words.count(verdict.entries, self.tr("1 entry"), self.tr("%1 entries"))
        title = self.tr("%1 exported and signed.").replace("%1", entries)
        text = self.tr("%1 — keep the .sig file beside it: together they can be verified anywhere.")
        self._banner.say(
            Notice("export", title, text.replace("%1", to_text(path).text), icon="export")
        )

    def _refused(self, error: KetterError) -> None:
        self._banner.say(error_notice(error, key="export"))


def file_name(transfer: TransferView | None, ending: str = "audit.csv") -> str:
    """A name to start from; odd characters of a card's name are left out."""
    if transfer is None:
        return f"ketter-{ending}"
    name = _NOT_IN_NAMES.sub("", transfer.name).strip(". ") or "transfer"
    return f"{name[:60]}-{ending}"
