"""Run the benchmarks and print them as text and JSON; see the package's docstring."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    bench_audit,
    bench_checksums,
    bench_known,
    bench_ledger,
    bench_watch,
    bench_zip,
    copying,
    memory,
)
from tests.benchmarks.figures import Figures, ratios, text_of, worse

_KEPT: Final = Path(__file__).with_name("ratios.json")

_Measure = Callable[[Path, int, int], Figures]
"""Takes a folder to work in, by how much smaller than full size, and how many runs."""


def frames(folder: Path, share: int, runs: int) -> Figures:
    """Frame times of the window beside nothing, one and two transfers of small files."""
    from tests.benchmarks.bench_frames import frames as measured  # Qt, only when it is asked for

    return measured(folder, share, runs)


_MEASURES: Final[dict[str, _Measure]] = {
    "big": copying.big,
    "two": copying.two,
    "small": copying.small,
    "tiny": copying.tiny,
    "start": copying.start,
    "frames": frames,
    "zip-big": bench_zip.big,
    "zip-small": bench_zip.small,
    "again": bench_known.again,
    "checksums": bench_checksums.checksums,
    "ledger": bench_ledger.ledger,
    "memory": memory.memory,
    "audit": bench_audit.audit,
    "watch": bench_watch.watch,
}
_ONLY_BY_NAME: Final = ("memory", "audit", "watch")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_MEASURES))
    parser.add_argument("--quick", action="store_true", help="an eighth of the size, one run")
    parser.add_argument("--at", type=Path, help="the folder, so the disk, to measure on")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--compare", action="store_true", help="with the ratios that are kept")
    parser.add_argument("--keep", action="store_true", help="keep these ratios")
    given = parser.parse_args()
    if unknown := set(given.names) - set(_MEASURES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(_MEASURES)}")
    names = given.names or [name for name in _MEASURES if name not in _ONLY_BY_NAME]
    figures = _measured(names, given.at, 8 if given.quick else 1, 1 if given.quick else given.runs)
    whole = json.dumps(figures, indent=1, sort_keys=True)
    print(f"\n{whole}")
    if given.json:
        given.json.write_text(whole + "\n")
    kept = json.loads(_KEPT.read_text()) if _KEPT.exists() else {}
    if given.keep:
        kept_now = kept | ratios(figures)
        _KEPT.write_text(json.dumps(kept_now, indent=1, sort_keys=True) + "\n")
    if not given.compare:
        return 0
    found = worse(figures, kept)
    print("\n".join(found) or "nothing got more than 15 % worse")
    return 1 if found else 0


def _measured(names: list[str], at: Path | None, share: int, runs: int) -> dict[str, Figures]:
    figures = {}
    with tempfile.TemporaryDirectory(dir=at, prefix="ketter-bench-") as folder:
        for name in names:
            measure = _MEASURES[name]
            figures[name] = measure(Path(folder), share, runs)
            print(text_of(name, (measure.__doc__ or "").strip(), figures[name]), flush=True)
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
