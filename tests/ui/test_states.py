"""A state never says more than what is so."""

from __future__ import annotations

from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.names import to_text
from ketter_gui.domain.status import CopyStatus
from ketter_gui.domain.views import CopyView, ItemView
from ketter_gui.ui.states import copy_state, item_state

THERE = CopyView(0, CopyStatus.SKIPPED, read_back=ReadBack.STORAGE)
LEFT_OUT = CopyView(1, CopyStatus.SKIPPED, error_type="LinkNotHeld", message="No links there.")
MADE = CopyView(0, CopyStatus.VERIFIED)


def _link(status: CopyStatus, *copies: CopyView) -> ItemView:
    return ItemView(1, to_text(b"link"), ItemKind.SYMLINK, 0, status, 0, 0, copies=copies)


def test_what_was_there_is_told_from_what_was_left_out() -> None:
    assert copy_state(THERE).word == "Already there"
    assert copy_state(LEFT_OUT).word == "Left out"
    assert copy_state(LEFT_OUT).icon != copy_state(THERE).icon


def test_a_link_that_one_drive_cannot_hold_is_left_out() -> None:
    assert item_state(_link(CopyStatus.SKIPPED, MADE, LEFT_OUT)).word == "Left out"
    assert item_state(_link(CopyStatus.SKIPPED, MADE, THERE)).word == "Already there"
    assert item_state(_link(CopyStatus.VERIFIED, MADE)).word == "Verified"
