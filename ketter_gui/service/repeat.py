"""An earlier transfer as a request: what was asked for then, at the paths of today."""

from __future__ import annotations

from ketter_gui.domain.options import Request
from ketter_gui.engine.places import found_again
from ketter_gui.engine.plan import Plan
from ketter_gui.store.ledger import Ledger


def request_of(ledger: Ledger, transfer: int) -> Request:
    """The same sources, destinations and options; a drive that is mounted elsewhere by now
    is followed. What is not there keeps its old path: `check` names it beside its cause.

    May wait for disks. Raises NoSuchTransfer.
    """
    found = ledger.transfer(transfer)
    plan = found_again(
        Plan(found.id, found.token, found.mode, found.options, found.sources, found.destinations)
    )
    sources = tuple(one.path for one in plan.sources)
    destinations = tuple(one.path for one in plan.destinations)
    contents_only = any(not one.name for one in plan.sources)
    return Request(sources, destinations, found.mode, found.options, contents_only)
