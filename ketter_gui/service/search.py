"""Looking for clips in all transfers."""

from __future__ import annotations

from typing import Final

from ketter_gui.domain.names import to_text
from ketter_gui.domain.search import SHORTEST, FoundCopy, FoundItem, FoundItems, TooShort
from ketter_gui.service import show
from ketter_gui.store import search_index
from ketter_gui.store.items import records
from ketter_gui.store.ledger import Ledger
from ketter_gui.store.records import ItemRecord, TransferRecord

_KEEPING_UP_S: Final = 3.0
"""As long as a person waits; what is not in the index by then is said to be missing."""


def find_items(
    ledger: Ledger, text: str, *, offset: int, limit: int, within_s: float = _KEEPING_UP_S
) -> FoundItems:
    """A page of clips, the newest first. Raises TooShort."""
    if len(text.strip()) < SHORTEST:
        raise TooShort(text=text.strip(), shortest=SHORTEST)
    numbers, is_whole = search_index.search(
        ledger, text, offset=offset, limit=limit, within_s=within_s
    )
    marks = ",".join("?" * len(numbers))
    found = ledger.read(lambda database: records(database, f"WHERE items.id IN ({marks})", numbers))
    owners = dict(ledger.read(lambda database: search_index.transfers_of(database, numbers)))
    transfers = {number: ledger.transfer(number) for number in set(owners.values())}
    by_number = {one.item.id: one for one in found}
    items = tuple(
        _found(by_number[number], transfers[owners[number]])
        for number in numbers
        if number in by_number and number in owners
    )
    return FoundItems(items, is_whole)


def _found(record: ItemRecord, transfer: TransferRecord) -> FoundItem:
    view = show.item_view(record, transfer.destinations)
    copies = []
    for copy in view.copies:
        path = copy.final_path
        if path is None:
            root = transfer.destinations[copy.destination].path.rstrip(b"/")
            path = to_text(b"%s/%s" % (root, record.item.path))
        copies.append(FoundCopy(path, copy.status))
    return FoundItem(
        transfer.id,
        transfer.name,
        record.item.id,
        view.path,
        view.size_bytes,
        transfer.finished_us or transfer.created_us,
        view.checksums,
        tuple(copies),
    )
