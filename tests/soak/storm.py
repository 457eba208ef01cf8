"""What other programs do to a watch folder, all at once, and what must have arrived after it.

Every version of a file that is written has a token of its own at both ends, so that a copy
tells which version it is, and whether it is whole.
"""

from __future__ import annotations

import heapq
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Wanted:
    """Tokens that must have arrived once; `may` were replaced before or after they settled, or
    stood still half-written for longer than they have to."""

    must: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)


class Storm:
    """Writes `files` files into `folders` nested folders below `root`, as fast as it can."""

    def __init__(
        self, root: Path, outside: Path, *, settle_s: float, seed: int, late_renames: bool = True
    ) -> None:
        self.root, self.outside, self.settle_s = root, outside, settle_s
        self.wanted = Wanted()
        self._random = random.Random(seed)
        self._late_renames = late_renames
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0

    def run(self, files: int, folders: int, between: Callable[[int], None]) -> None:
        """Everything, then what is due later; `between` is called after each file."""
        places = self._places(folders)
        for number in range(files):
            place = self._random.choice(places)
            place.mkdir(parents=True, exist_ok=True)
            self._one(place)
            self._catch_up()
            between(number)
        while self._later:
            time.sleep(max(self._later[0][0] - time.monotonic(), 0))
            self._catch_up()

    def _places(self, folders: int) -> list[Path]:
        places = [self.root]
        for number in range(1, folders):
            above = self._random.choice(places)
            places.append(above / f"d{number}")
        return places

    def _one(self, place: Path) -> None:
        self._number += 1
        path = place / f"clip{self._number:06d}.mov"
        dice = self._random.random()
        if dice < 0.70:
            self._plain(path)
        elif dice < 0.76:
            self._held_open(path)
        elif dice < 0.81:
            self._appended(path)
        elif dice < 0.88:
            self._renamed_when_whole(path)
        elif dice < 0.94:
            self._replaced(path)
        elif dice < 0.97:
            self._moved_in(place)
        elif self._late_renames:
            self._renamed_late(path)
        else:
            self._plain(path)

    def _text(self, *, must: bool = True) -> bytes:
        token = f"v{self._random.getrandbits(80):020x}"
        (self.wanted.must if must else self.wanted.may).add(token)
        body = "x" * self._random.choice((0, 10, 1000, 20_000))
        return f"{token}:{body}:{token}".encode()

    def _plain(self, path: Path) -> None:
        path.write_bytes(self._text())

    def _held_open(self, path: Path) -> None:
        """A slow writer that keeps the file open for longer than it has to stand still."""
        text = self._text()
        half = len(text) // 2
        file = path.open("wb")
        file.write(text[:half])
        file.flush()

        def finish() -> None:
            file.write(text[half:])
            file.close()

        self._in(self.settle_s * self._random.uniform(1.2, 2.5), finish)

    def _appended(self, path: Path) -> None:
        """A slow writer that opens it anew for each piece, too often for it to settle."""
        text = self._text()
        third = len(text) // 3
        path.write_bytes(text[:third])
        begun_s = time.monotonic()

        def more(start: int, end: int) -> Callable[[], None]:
            def write() -> None:
                nonlocal begun_s
                if time.monotonic() - begun_s > 0.8 * self.settle_s:  # it stood still: a version
                    self.wanted.may.add(f"half of {text[:21].decode()}")
                with path.open("ab") as file:
                    file.write(text[start:end])
                begun_s = time.monotonic()

            return write

        self._in(0.3 * self.settle_s, more(third, 2 * third))
        self._in(0.6 * self.settle_s, more(2 * third, len(text)))

    def _renamed_when_whole(self, path: Path) -> None:
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(self._text())
        self._in(self.settle_s * self._random.uniform(0, 2), lambda: os.rename(part, path))

    def _replaced(self, path: Path) -> None:
        path.write_bytes(self._text(must=False))

        def replace() -> None:
            part = path.with_name(f"{path.name}.tmp")
            part.write_bytes(self._text())
            part.rename(path)

        self._in(self.settle_s * self._random.uniform(0, 3), replace)

    def _moved_in(self, place: Path) -> None:
        tree = self.outside / f"tree{self._number}"
        for name in ("a", "b/c"):
            (tree / name).mkdir(parents=True, exist_ok=True)
            (tree / name / "in.mov").write_bytes(self._text())
        os.rename(tree, place / tree.name)

    def _renamed_late(self, path: Path) -> None:
        """Renamed after it was taken, or just while it is: the same version all the same."""
        path.write_bytes(self._text())
        to = path.with_name(f"late-{path.name}")
        self._in(self.settle_s * self._random.uniform(0, 4), lambda: os.rename(path, to))

    def _in(self, seconds: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._later, (time.monotonic() + seconds, self._number, act))

    def _catch_up(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()


def arrived(destination: Path) -> tuple[Counter[str], list[str]]:
    """How often each version has arrived, and the files that are no whole version."""
    found: Counter[str] = Counter()
    broken = []
    for folder, _, names in os.walk(destination):
        for name in names:
            if name.endswith(".ketter-part"):
                continue
            text = Path(folder, name).read_bytes()
            token = text[:21].decode("ascii", "replace")
            if text.endswith(f":{token}".encode()) and len(text) >= 44:
                found[token] += 1
            else:
                broken.append(f"{name}: half of {token}")
    return found, broken


def problems(wanted: Wanted, destination: Path) -> list[str]:
    """What is missing, there twice, or half-written; empty when all is as it must be."""
    found, broken = arrived(destination)
    told = [f"missing: {one}" for one in sorted(wanted.must - set(found))]
    told += [f"{count} times: {one}" for one, count in sorted(found.items()) if count > 1]
    told += [f"unknown: {one}" for one in sorted(set(found) - wanted.must - wanted.may)]
    told += [one for one in broken if one.split(": ", 1)[1] not in wanted.may]
    return told
