"""Several things at once, each in a thread of its own, and one end for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NoReturn


def side_by_side(acts: Sequence[Callable[[], object]], name: str) -> None:
    """Do them all; return when all have ended, however each of them did.

    The first one is done in this thread. The others are daemons: a drive that never answers
    must not keep the program from ending. Raises what the first failure raised, or
    RuntimeError when the system refuses a thread (those that run end first).
    """
    failures: list[BaseException] = []

    def guarded(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)

    started: list[threading.Thread] = []
    try:
        for act in acts[1:]:
            thread = threading.Thread(target=guarded, args=(act,), name=name, daemon=True)
            thread.start()
            started.append(thread)
        for act in acts[:1]:
            guarded(act)
    finally:
        for thread in started:
            thread.join()
    if failures:
        raise_first(failures)


def raise_first(failures: list[BaseException]) -> NoReturn:
    """Raise what another thread met first. Not by `raise failures[0]`: the frames that it
    comes through hold the list, a circle that keeps alive all that they have open."""
    first = failures[0]
    failures.clear()
    try:
        raise first
    finally:
        del first
