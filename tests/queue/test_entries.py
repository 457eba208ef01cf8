"""Entries about items, put together quickly, say what the plain rules say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.errors import WriteFailed
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.items import (
    Destination,
    FileState,
    ItemKind,
    Medium,
    Place,
    ReadBack,
    Source,
)
from ketter_gui.domain.names import to_bytes, to_texts
from ketter_gui.domain.options import Mode, Options
from ketter_gui.engine.journal import CopyVerified, SourceRead
from ketter_gui.engine.plan import Plan
from ketter_gui.queue.entries import Entries
from ketter_gui.queue.witness import Witness

WITNESS = Witness('J"ürgen', "station-1", "0.1.0")
PLACE = Place("v", b"", Medium.STORAGE, ())
SHA = (("sha256", "ab" * 32),)
TWO = (*SHA, ("md5", "cd" * 16))
ROOTS = [
    b"/mnt/card/DCIM",
    b"/mnt/\xff",
    b"/mnt/a\\b",
    b"/",
    b"/mnt/\xe2\x80\xae",
    "/mnt/é".encode(),
]
NAMES = [b"a.mov", b"\xff", b"a\\b", b"\n", "é".encode(), "e\u0301".encode(), b"\xe2\x80\xae", b" "]

roots = st.sampled_from(ROOTS)
names = st.sampled_from(NAMES) | st.binary(min_size=1, max_size=6).map(
    lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")
)


def plan(source: bytes, name: bytes, destination: bytes) -> Plan:
    return Plan(
        7,
        "0badcafe",
        Mode.COPY,
        Options(),
        (Source(0, source, name, ItemKind.FOLDER, PLACE),),
        (Destination(0, destination, PLACE),),
    )


def expected(draft: AuditDraft, item: bytes, source: bytes, target: bytes) -> dict[str, str]:
    """The cells of a path, by `domain.names` alone; and back from them."""
    (item_text, source_text, target_text), form = to_texts(item, source, target)
    assert to_bytes(draft.item_path, form) == item
    assert to_bytes(draft.source_path, form) == source
    assert to_bytes(draft.destination_path, form) == target
    return {
        "item_path": item_text,
        "source_path": source_text,
        "destination_path": target_text,
        "path_form": form,
    }


def cells(draft: AuditDraft) -> dict[str, Any]:
    told = draft._asdict()
    del told["time_utc"]
    return told


@given(roots, names, st.lists(names, max_size=2), roots, st.none() | names)
def test_a_verdict_has_the_cells_of_the_plain_rules(
    source: bytes, name: bytes, below: list[bytes], destination: bytes, other: bytes | None
) -> None:
    path = b"/".join([name, *below])
    final = path if other is None else b"/".join([name, other])
    one = CopyVerified(3, 0, path, final, 16384, SHA, SHA, ReadBack.STORAGE, 0.5)
    entries = Entries(WITNESS, plan(source, name, destination))
    draft = entries.verdict(AuditEvent.CHECKSUM_VERIFIED, one, "FINAL: equal")
    target = destination.rstrip(b"/") + b"/" + final
    plainly = WITNESS.draft(
        AuditEvent.CHECKSUM_VERIFIED,
        7,
        None,
        mode="copy",
        size_bytes="16384",
        algorithm="sha256",
        source_checksum=SHA[0][1],
        destination_checksum=SHA[0][1],
        read_back="storage",
        result="FINAL: equal",
        duration_s="0.500000",
        speed_bytes_per_s="32768",
        **expected(draft, path, source + path[len(name) :], target),
    )
    assert cells(draft) == cells(plainly)


@given(roots, names, st.lists(names, max_size=2))
def test_a_source_has_an_entry_for_each_checksum(
    source: bytes, name: bytes, below: list[bytes]
) -> None:
    path = b"/".join([name, *below])
    state = FileState(ItemKind.FILE, 16384, 1, 2, 3, 4, 0o100644, 6, 7)
    entries = Entries(WITNESS, plan(source, name, b"/mnt/drive"))
    drafts = list(entries.source_read([SourceRead(3, path, state, TWO, 0.0)]))
    plainly = [
        WITNESS.draft(
            AuditEvent.CHECKSUM_CALCULATED,
            7,
            None,
            mode="copy",
            size_bytes="16384",
            algorithm=algorithm,
            source_checksum=checksum,
            result="SOURCE",
            duration_s="0.000000",
            **expected(drafts[0], path, source + path[len(name) :], b""),
        )
        for algorithm, checksum in TWO
    ]
    assert list(map(cells, drafts)) == list(map(cells, plainly))


def test_checksums_beyond_the_first_stand_in_the_details() -> None:
    one = CopyVerified(3, 0, b"a/b", b"a/b", 1, TWO, TWO, ReadBack.STORAGE, 0.5)
    entries = Entries(WITNESS, plan(b"/a", b"a", b"/mnt"))
    draft = entries.verdict(AuditEvent.CHECKSUM_VERIFIED, one, "FINAL: equal")
    assert draft.details == canonical_json(
        {
            "destination_checksums": dict(TWO),
            "source_checksums": dict(TWO),
            "version": WITNESS.version,
        }
    )


@pytest.mark.parametrize("path", [b"elsewhere/x", b"elsewhere/\xff"])
def test_an_item_of_no_source_is_told_by_its_own_path(path: bytes) -> None:
    entries = Entries(WITNESS, plan(b"/a", b"a", b"/mnt"))
    item, form, source, _ = entries.places(path)
    assert item == source
    assert to_bytes(item, "escaped" if form == "escaped" else "plain") == path


def test_a_folder_has_no_checksum_and_no_pace() -> None:
    one = CopyVerified(3, 0, b"a", b"a", 4096, (), (), None, 0.0, ItemKind.FOLDER)
    entries = Entries(WITNESS, plan(b"/a", b"a", b"/mnt"))
    draft = entries.verdict(AuditEvent.CHECKSUM_VERIFIED, one, "FINAL: folder made")
    assert (draft.size_bytes, draft.algorithm, draft.duration_s) == ("", "", "")


def test_a_failure_tells_the_copy_the_error_and_what_came_of_it() -> None:
    entries = Entries(WITNESS, plan(b"/mnt/card", b"card", b"/mnt/\xff"))
    error = WriteFailed(b"/mnt/\xff/card/a", errno=5)
    draft = entries.failure(AuditEvent.ITEM_FAILED, error, b"card/a", 0, result="failed")
    plainly = WITNESS.failure(
        AuditEvent.ITEM_FAILED,
        error,
        7,
        mode="copy",
        result="failed",
        **expected(draft, b"card/a", b"/mnt/card/a", b"/mnt/\xff/card/a"),
    )
    assert cells(draft) == cells(plainly)
    assert draft.error_type == "WriteFailed"
    assert draft.path_form == "escaped"
