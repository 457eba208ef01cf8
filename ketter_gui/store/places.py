"""Where a transfer takes from and where it brings to: its sources and destinations."""

# ruff: noqa: S608 - what is put into SQL by name is our own, see `sql`

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from peewee import SqliteDatabase

from ketter_gui.domain.items import Destination, ItemKind, Medium, Place, Source
from ketter_gui.store import models
from ketter_gui.store.columns import clean
from ketter_gui.store.records import DestinationProgress
from ketter_gui.store.sql import fetch, marks
from ketter_gui.store.transaction import Transaction


def add_places(
    tx: Transaction,
    transfer: int,
    sources: Sequence[Source],
    destinations: Sequence[Destination],
) -> None:
    """Write down a new transfer's sources and destinations."""
    for source in sources:
        models.Source.insert(
            transfer=transfer,
            idx=source.index,
            path=source.path,
            name=source.name,
            kind=source.kind.value,
            **_place_columns(source.place),
        ).execute(tx.database)
    for destination in destinations:
        models.Destination.insert(
            transfer=transfer,
            idx=destination.index,
            path=destination.path,
            **_place_columns(destination.place),
        ).execute(tx.database)


def sources_of(database: SqliteDatabase, numbers: Sequence[int]) -> dict[int, list[Source]]:
    """The sources of these transfers, each transfer's in their order."""
    rows = fetch(
        database,
        "SELECT transfer, idx, path, name, kind, volume, within, medium, devices, label, volume_kind"
        f" FROM sources WHERE transfer IN ({marks(numbers)}) ORDER BY transfer, idx",
        numbers,
    )
    found: dict[int, list[Source]] = defaultdict(list)
    for number, index, path, name, kind, *place in rows:
        found[number].append(Source(index, path, name, ItemKind(kind), _place(tuple(place))))
    return found


def destinations_of(
    database: SqliteDatabase, numbers: Sequence[int]
) -> dict[int, list[tuple[Destination, DestinationProgress]]]:
    """The destinations of these transfers with their figures, in their order."""
    rows = fetch(
        database,
        "SELECT transfer, idx, path, volume, within, medium, devices, label, volume_kind, files_verified,"
        f" files_failed, bytes_verified FROM destinations WHERE transfer IN ({marks(numbers)})"
        " ORDER BY transfer, idx",
        numbers,
    )
    found: dict[int, list[tuple[Destination, DestinationProgress]]] = defaultdict(list)
    for row in rows:
        destination = Destination(row[1], row[2], _place(row[3:9]))
        found[row[0]].append((destination, DestinationProgress(*row[9:])))
    return found


@lru_cache(maxsize=4096)
def _place(columns: tuple[Any, ...]) -> Place:
    """Remembered: a window asks for the same transfers several times a second."""
    volume, within, medium, devices, label, kind = columns
    return Place(volume, within, Medium(medium), tuple(json.loads(devices)), label, kind)


def _place_columns(place: Place) -> dict[str, object]:
    return {
        "volume": place.volume,
        "within": place.within,
        "medium": place.medium.value,
        "devices": json.dumps(list(place.devices)),
        "label": clean(place.label),
        "volume_kind": place.kind,
    }
