"""Who waits for whom: lanes that are taken, and threads that have not returned."""

from __future__ import annotations

from collections.abc import Collection

from ketter_gui.queue.lanes import Lanes
from ketter_gui.queue.runs import Run


def who_has_what_they_want(
    runs: Collection[Run], let_go: Collection[Run], lanes: Lanes
) -> dict[int, set[int]]:
    """By transfer that waits for lanes: the transfers that have them. `let_go` are runs whose
    thread hangs, with the lanes of what does not answer."""
    holders: dict[str, set[int]] = {}
    for run in (*runs, *let_go):
        for device in run.held:
            holders.setdefault(device, set()).add(run.transfer)
    found: dict[int, set[int]] = {}
    for run in runs:
        if run.is_started or run.is_over:
            continue
        whose = {one for device in lanes.busy(run.wanted) for one in holders.get(device, ())}
        if is_held_up(run, let_go):
            whose.add(run.transfer)
        if whose:
            found[run.transfer] = whose
    return found


def is_held_up(run: Run, let_go: Collection[Run]) -> bool:
    """Whether an earlier thread of the same transfer has not returned: what it was doing
    when it was let go may still take effect."""
    return any(one.transfer == run.transfer for one in let_go)
