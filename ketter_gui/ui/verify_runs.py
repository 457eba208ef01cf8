"""A check that a person asked for, as the window knows it: from the question to the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from ketter_gui.domain.checking import CheckView
from ketter_gui.domain.errors import KetterError
from ketter_gui.ui.asked import Checking


class What(Enum):
    """What is held against what: copies against the ledger, a folder against its manifests, or
    a second folder against a first one."""

    COPIES = "copies"
    FOLDER = "folder"
    TWO = "two"


@dataclass(slots=True)
class Run:
    """`check` once it has begun, `error` why it could not, or could not go on. `paths` are
    those that were named; none for a transfer's copies."""

    key: str
    name: str
    what: What
    begin: Callable[[], Checking]
    paths: tuple[bytes, ...] = ()
    check: Checking | None = None
    error: KetterError | None = None
    is_over: bool = False
    last_view: CheckView | None = field(default=None, repr=False)

    def view(self) -> CheckView | None:
        """How far it is; the last one, once it has ended. None while it begins."""
        if self.check is not None and not self.is_over:
            self.last_view = self.check.view()
        return self.last_view

    def end(self) -> None:
        """It has come to its end, whatever that was."""
        assert self.check is not None
        self.last_view = self.check.view()
        self.error = self.check.error
        self.is_over = True
