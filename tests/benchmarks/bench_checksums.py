"""How fast each checksum is, alone, twice side by side, and two at once in one pass.

    alone        one thread over a buffer of the ring's size, again and again
    twice        the same in two threads at once: close to 2 when the GIL is let go of and
                 two cores are free
    two at once  as the engine does it for big files, a pump with a thread for each
                 checksum, against the slower of both in the same pump

Nothing is read from anywhere, so that only hashing is measured. The contenders take turns,
and the best of each counts: another program on the machine only ever makes it slower. The
rules: none but MD5, SHA-1 and C4 may be slower than SHA-256, and two at once may cost at
most the slower one plus 20 %.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ketter_gui.checksums.registry import Hasher, algorithm, known
from ketter_gui.domain.limits import RING_BUFFER_BYTES
from ketter_gui.engine.control import Control
from ketter_gui.engine.hashing import Hashing
from ketter_gui.engine.pump import Ring, pump
from tests.benchmarks.figures import Figures

_MAY_BE_SLOWER = ("sha1", "md5", "c4")
Pair = tuple[str, str]

_PAIRS: tuple[Pair, ...] = (
    ("sha256", "xxh128"),
    ("sha256", "xxh64"),
    ("sha256", "blake3"),
    ("sha256", "sha1"),
    ("sha256", "md5"),
    ("sha256", "c4"),
    ("xxh128", "blake3"),
    ("md5", "c4"),
)
_PAIR_AT_MOST = 1.2
_ABOUT_S = 0.12
"""How long one measurement takes."""


def checksums(_folder: Path, share: int, runs: int) -> Figures:
    """Each checksum against SHA-256, and two at once against the slower of both."""
    turns = max(1, (runs + 4) // share)
    piece = memoryview(bytearray(os.urandom(RING_BUFFER_BYTES)))
    singles = _singles(piece, turns)
    with Ring() as ring:
        for index in range(len(ring._maps)):
            ring.view(index)[:] = piece
        pairs = _pairs(ring, singles, turns)
    for rule in _broken(singles, pairs):
        print(f"  {rule}", file=sys.stderr)
    return singles | pairs


def _singles(piece: memoryview, runs: int) -> dict[str, dict[str, float]]:
    times = {name: _times(name, piece) for name in known()}
    alone: dict[str, list[float]] = {name: [] for name in known()}
    twice: dict[str, list[float]] = {name: [] for name in known()}
    for _ in range(runs):
        for name, count in times.items():
            alone[name].append(_timed(partial(_hash, name, piece, count)))
            twice[name].append(_timed(partial(_both, name, piece, count)))
    rate = {name: times[name] * len(piece) / min(alone[name]) / 1e9 for name in known()}
    return {
        name: {
            "gb_per_s": round(rate[name], 2),
            "ratio": round(rate["sha256"] / rate[name], 3),
            "two_threads": round(2 * min(alone[name]) / min(twice[name]), 2),
        }
        for name in known()
    }


def _times(name: str, piece: memoryview) -> int:
    """How often a buffer is hashed in one measurement."""
    count = 8
    return max(8, round(count * _ABOUT_S / _timed(partial(_hash, name, piece, count))))


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _hash(name: str, piece: memoryview, count: int) -> None:
    hasher: Hasher = algorithm(name).new()
    for _ in range(count):
        hasher.update(piece)
    hasher.hexdigest()


def _both(name: str, piece: memoryview, count: int) -> None:
    threads = [threading.Thread(target=_hash, args=(name, piece, count)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _pairs(
    ring: Ring, singles: dict[str, dict[str, float]], runs: int
) -> dict[str, dict[str, float]]:
    alone: dict[Pair, list[float]] = {pair: [] for pair in _PAIRS}
    both: dict[Pair, list[float]] = {pair: [] for pair in _PAIRS}
    counts = {}
    for _ in range(runs):
        for pair in _PAIRS:
            slower = min(pair, key=lambda name: singles[name]["gb_per_s"])
            rate = singles[slower]["gb_per_s"] * 1e9 / RING_BUFFER_BYTES
            counts[pair] = max(8, round(_ABOUT_S * rate))
            alone[pair].append(_timed(partial(_pumped, ring, (slower,), counts[pair])))
            both[pair].append(_timed(partial(_pumped, ring, pair, counts[pair])))
    return {
        "+".join(pair): {
            "gb_per_s": round(counts[pair] * RING_BUFFER_BYTES / min(both[pair]) / 1e9, 2),
            "ratio": round(min(both[pair]) / min(alone[pair]), 3),
        }
        for pair in _PAIRS
    }


def _pumped(ring: Ring, names: tuple[str, ...], count: int) -> None:
    """As a big file is hashed, from a source that costs nothing."""
    end = count * RING_BUFFER_BYTES
    hashing = Hashing(names)
    pump(
        ring,
        lambda view, offset: len(view) if offset < end else 0,
        hashing.eaters(),
        Control(),
    )
    assert len(hashing.checksums()) == len(names)


def _broken(singles: dict[str, dict[str, float]], pairs: dict[str, dict[str, float]]) -> list[str]:
    slow = [
        f"{name} is slower than sha256"
        for name, figure in singles.items()
        if figure["ratio"] > 1 and name not in _MAY_BE_SLOWER
    ]
    dear = [
        f"{name} cost {figure['ratio']} times the slower one"
        for name, figure in pairs.items()
        if figure["ratio"] > _PAIR_AT_MOST
    ]
    return slow + dear
