"""Which checksums of a manifest are compared, and what is said of it at the end."""

from __future__ import annotations

import pytest

from ketter_gui.checksums.registry import known
from ketter_gui.domain.expected import (
    FASTEST_FIRST,
    NO_MANIFESTS,
    Compared,
    Expected,
    ManifestOutcome,
    ManifestReport,
    ManifestTotals,
    chosen,
    compared,
    wanted,
)

DAY = 1_777_802_400_000_000


def expect(algorithm: str, value: str = "aa") -> Expected:
    return Expected(1, "A001.mhl", DAY, algorithm, value)


def outcome(
    name: str = "A001.mhl", *, equal: int = 0, different: int = 0, missing: int = 0
) -> ManifestOutcome:
    return ManifestOutcome(name, DAY, 5, equal, different, missing, "")


def test_every_checksum_has_its_place_among_the_fast_ones() -> None:
    assert set(FASTEST_FIRST) == set(known())


@pytest.mark.parametrize(
    ("names", "own", "one"),
    [
        (("md5", "c4"), ("sha256",), ("md5",)),
        (("c4", "xxh64", "md5"), ("sha256",), ("xxh64",)),
        (("md5", "sha256", "xxh128"), ("sha256",), ("sha256",)),
        (("md5", "sha256"), ("sha256", "md5"), ("sha256", "md5")),
        (("sha512",), ("sha256",), ()),
        ((), ("sha256",), ()),
    ],
)
def test_what_is_computed_anyway_is_compared_else_the_fastest(
    names: tuple[str, ...], own: tuple[str, ...], one: tuple[str, ...]
) -> None:
    assert chosen(names, own) == one


def test_only_what_the_transfer_does_not_compute_is_wanted_once() -> None:
    some = [expect("md5"), expect("sha256"), expect("md5", "bb"), expect("c4")]
    assert wanted(some, ("sha256",)) == ("md5", "c4")


def test_everything_that_is_expected_is_compared() -> None:
    some = [expect("md5"), expect("md5", "bb")]
    assert compared(some, (("sha256", "cc"), ("md5", "bb"))) == (
        Compared(some[0], "bb"),
        Compared(some[1], "bb"),
    )
    assert [one.is_equal for one in compared(some, (("md5", "bb"),))] == [False, True]
    with pytest.raises(KeyError):
        compared(some, (("sha256", "cc"),))


def test_nothing_is_said_without_manifests() -> None:
    assert NO_MANIFESTS.sentences() == []


def test_the_worst_is_said_first() -> None:
    found = outcome(equal=459, different=1, missing=2)._replace(
        examples=("A001/a.mov", "A001/b.mov"), problem="Half of it was not compared."
    )
    missing, *others = ManifestReport((found,), ManifestTotals(459, 1, 2)).sentences()
    assert missing == (
        "The source is not complete: 2 files of its manifest A001.mhl of 2026-05-03 are not "
        "there: A001/a.mov, A001/b.mov. Do not format it."
    )
    assert others == [
        "1 file of the source no longer matches its manifest.",
        "Half of it was not compared.",
        "459 files match the source's manifest A001.mhl of 2026-05-03.",
    ]


def test_a_chain_only_stands_for_the_manifests_that_it_names() -> None:
    some = (outcome("x/ascmhl/0001_x.mhl", equal=5), outcome("x/ascmhl/ascmhl_chain.xml", equal=1))
    (said,) = ManifestReport(some, ManifestTotals(6)).sentences()
    assert said == "6 files match the source's manifest x/ascmhl/0001_x.mhl of 2026-05-03."
    (said,) = ManifestReport(some[1:], ManifestTotals(1)).sentences()
    assert "ascmhl_chain.xml" in said


def test_a_thousand_sidecars_are_counted_not_named() -> None:
    some = tuple(outcome(f"{number}.md5", equal=1) for number in range(1000))
    broken = tuple(one._replace(problem=f"{one.name} is damaged.") for one in some[:5])
    said = ManifestReport((*some, *broken), ManifestTotals(1000)).sentences()
    assert said[-1] == "1,000 files match the source's 1,005 manifests."
    assert said[-2] == "2 more of its manifests were not, or not wholly, compared."
    assert len(said) == 5
