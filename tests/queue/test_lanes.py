"""Transfers start when their source and all destinations have a lane, taken together."""

from __future__ import annotations

from ketter_gui.domain.items import Medium, Place
from ketter_gui.queue.lanes import Lanes, needed


def place(device: str, kind: str) -> Place:
    return Place(f"uuid:{device}", b"", Medium.STORAGE, (device,), kind=kind)


CARD_1, CARD_2 = place("sdb", "card"), place("sdc", "card")
RAID, DISK = place("md0", "raid"), place("sda", "rotational")


def test_two_cards_into_one_raid_run_side_by_side() -> None:
    lanes = Lanes()
    assert lanes.take(needed([CARD_1, RAID]))
    assert lanes.take(needed([CARD_2, RAID]))


def test_one_card_is_read_by_one_transfer() -> None:
    lanes = Lanes()
    assert lanes.take(needed([CARD_1, RAID]))
    assert not lanes.take(needed([CARD_1, DISK]))
    assert lanes.busy(needed([CARD_1, DISK])) == {"sdb"}


def test_lanes_are_taken_all_or_none() -> None:
    lanes = Lanes()
    assert lanes.take(needed([CARD_1, DISK]))
    assert not lanes.take(needed([CARD_2, DISK]))
    assert lanes.take(needed([CARD_2, RAID])), "the card's lane was not kept by the refusal"


def test_what_is_given_back_can_be_taken() -> None:
    lanes = Lanes()
    wanted = needed([CARD_1, DISK])
    assert lanes.take(wanted)
    lanes.give(wanted)
    assert lanes.take(wanted)


def test_one_disk_as_source_and_destination_is_needed_once() -> None:
    assert needed([DISK, DISK]) == {"sda": 1}
    assert Lanes().take(needed([DISK, DISK]))


def test_an_unknown_kind_has_one_lane() -> None:
    assert needed([place("x", "never heard of")]) == {"x": 1}
