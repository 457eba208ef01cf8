"""What the source's manifests promise, beside the work; and what came of it at the end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Final

from ketter_gui.domain.expected import NO_MANIFESTS, ManifestOutcome, ManifestReport
from ketter_gui.domain.names import to_text
from ketter_gui.engine.plan import Work
from ketter_gui.store import expected
from ketter_gui.store.ledger import Ledger

_PAGE: Final = 1000
_EXAMPLES: Final = 3
_TOLD: Final = 100
"""In the last entry of a transfer: a card may come with a sidecar for each of its files."""


def with_expected(ledger: Ledger, transfer: int, works: Iterator[Work]) -> Iterator[Work]:
    """The same works in their order, each with what its manifests say of it."""
    if not ledger.read(partial(expected.has_manifests, transfer=transfer)):
        yield from works
        return
    while page := list(islice(works, _PAGE)):
        items = [work.item.id for work in page]
        said = ledger.read(partial(expected.expected_of, transfer=transfer, items=items))
        for work in page:
            promised = said.get(work.item.id)
            yield work._replace(expected=promised) if promised else work


def counted(ledger: Ledger, transfer: int) -> ManifestReport:
    """What came of the manifests when a transfer comes to its end."""
    if not ledger.read(partial(expected.has_manifests, transfer=transfer)):
        return NO_MANIFESTS
    figures = ledger.read(partial(expected.figures, transfer=transfer))
    ledger.transact(partial(expected.record_figures, transfer=transfer, figures=figures))
    return report(ledger, transfer)


def report(ledger: Ledger, transfer: int) -> ManifestReport:
    """What came of a transfer's manifests, a history each, as it was counted last."""
    found = ledger.read(partial(expected.manifests, transfer=transfer))
    if not found:
        return NO_MANIFESTS
    outcomes = [
        ManifestOutcome(
            to_text(one.path).text,
            one.when_us,
            max(one.files_listed, one.files_equal + one.files_different),
            one.files_equal,
            one.files_different,
            one.files_missing,
            one.problem,
        )
        for one in found
        if one.number == one.history or one.problem
    ]
    numbers = [one.number for one in found if one.number == one.history or one.problem]
    lacking = [at for at, one in enumerate(outcomes) if one.missing][:_EXAMPLES]
    for at in lacking:
        find = partial(expected.missing_of, transfer=transfer, history=numbers[at])
        _, paths = ledger.read(partial(find, limit=_EXAMPLES))
        examples = tuple(to_text(path).text for path in paths)
        outcomes[at] = outcomes[at]._replace(examples=examples)
    total = ledger.read(partial(expected.totals, transfer=transfer))
    return ManifestReport(tuple(outcomes), total)


def report_details(found: ManifestReport) -> dict[str, object]:
    """For the last audit entry of a transfer."""
    if not found.outcomes:
        return {}
    return {
        "manifests": [one._asdict() for one in found.outcomes[:_TOLD]],
        "manifests_count": len(found.outcomes),
    }
