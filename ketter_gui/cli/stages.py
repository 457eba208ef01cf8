"""`--verbose`: the stages of a transfer, told through the log.

Whoever looks four times a second may miss a short stage, so each is told when it is known
to have begun, and none is left out. Told as details, so that a transfer leaves no log of its
own without it.
"""

from __future__ import annotations

import logging
from typing import Final

from ketter_gui.cli.figures import figures_of
from ketter_gui.cli.words import counted, listed
from ketter_gui.domain.options import Mode
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import PlaceView, TransferView

_NOT_YET: Final = (TransferStatus.PENDING, TransferStatus.PREPARING)
_log = logging.getLogger(__name__)


class Stages:
    """Tells each stage of one transfer once."""

    def __init__(self) -> None:
        self._is_scanning = False
        self._is_found = False

    def seen(self, view: TransferView) -> None:
        """Tell what has begun since last time."""
        if not self._is_scanning:
            self._is_scanning = True
            _log.debug("transfer %d: scanning %s", view.id, _paths(view.sources))
        if not self._is_found and view.status not in _NOT_YET and view.files_total:
            self._is_found = True
            self._found(view)

    def ended(self, view: TransferView) -> None:
        """Tell the last stage, and those that were too short to be seen."""
        self.seen(view)
        _log.debug(
            "transfer %d: %s, %d of %s verified",
            view.id,
            view.status.value,
            view.files_verified,
            counted(view.files_total, "file"),
        )
        if view.files_renamed:
            _log.debug("transfer %d: %d moved within their volume", view.id, view.files_renamed)

    def _found(self, view: TransferView) -> None:
        size = size_text(figures_of(view).total_bytes)
        _log.debug("transfer %d: %s found, %s", view.id, counted(view.files_total, "file"), size)
        doing = "copying" if view.mode is Mode.COPY else "moving"
        _log.debug("transfer %d: %s to %s", view.id, doing, _paths(view.destinations))


def _paths(places: tuple[PlaceView, ...]) -> str:
    return listed([place.path.text for place in places])
