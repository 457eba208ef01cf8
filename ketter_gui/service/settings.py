"""Settings: read, and changed with an entry in the audit."""

from __future__ import annotations

from ketter_gui.domain import settings
from ketter_gui.domain.events import AuditEvent
from ketter_gui.domain.settings import Settings
from ketter_gui.queue.witness import Witness
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.settings import set_setting
from ketter_gui.store.settings import settings as stored
from ketter_gui.store.transaction import Transaction


def read(ledger: Ledger) -> Settings:
    """The settings as they are now, whoever set them."""
    return settings.settings_of(ledger.read(stored))


def change(ledger: Ledger, witness: Witness, name: str, word: str) -> Settings:
    """Set one, and tell of it in the chain, in one transaction; a value that it has already
    is no change. Raises SettingUnknown and SettingRefused."""
    value = settings.checked(name, word)

    def write(tx: Transaction) -> None:
        before = settings.as_text(settings.settings_of(stored(tx.database)), name)
        if value == before:
            return
        set_setting(tx, name, value)
        details: dict[str, object] = {"setting": name, "before": before, "after": value}
        tx.chain([witness.draft(AuditEvent.SETTINGS_CHANGED, None, details)])

    ledger.transact(write)
    return read(ledger)
