"""What `--include` and `--exclude` mean: which names in a source are wanted.

    *      any characters but a slash        **    any characters
    ?      one character but a slash         [ab]  one of these, [!ab] none of these

A pattern without a slash is of names, wherever they are; one with a slash of paths below
the source, whole ones. One that ends with a slash is of folders only. Letters are as they
are written: `*.mov` is not `A.MOV`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_NOTHING: Final = re.compile(r"(?!)")
_SET: Final = re.compile(r"\[(!?)(\]?[^\]]*)\]")


@dataclass(frozen=True, slots=True)
class _Globs:
    """Some patterns as two expressions: of bare names, and of paths."""

    names: re.Pattern[str]
    paths: re.Pattern[str]
    has_paths: bool

    def match(self, path: str) -> bool:
        """Whether one of them is of this path, or of its name."""
        if self.names.fullmatch(path.rpartition("/")[2]):
            return True
        return self.has_paths and self.paths.fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """`excluded` is of files and links, `excluded_folders` of folders with all in them."""

    included: _Globs | None
    excluded: _Globs
    excluded_folders: _Globs

    def wants_folder(self, inside: bytes) -> bool:
        """Whether a folder is looked into; `inside` is its path below the source."""
        return not self.excluded_folders.match(os.fsdecode(inside))

    def wants_file(self, inside: bytes) -> bool:
        """Whether a file or a link is taken."""
        path = os.fsdecode(inside)
        if self.excluded.match(path):
            return False
        return self.included is None or self.included.match(path)


@lru_cache(maxsize=8)
def filter_of(include: tuple[str, ...], exclude: tuple[str, ...]) -> Filter | None:
    """The filter of these patterns; None when there are none."""
    if not include and not exclude:
        return None
    return Filter(
        _globs(include) if include else None,
        _globs(one for one in exclude if not one.endswith("/")),
        _globs(one.rstrip("/") for one in exclude),
    )


def _globs(patterns: Iterable[str]) -> _Globs:
    names: list[str] = []
    paths: list[str] = []
    for pattern in patterns:
        (paths if "/" in pattern else names).append(_expression(pattern.lstrip("/")))
    return _Globs(_any_of(names), _any_of(paths), bool(paths))


def _any_of(expressions: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(expressions), re.DOTALL) if expressions else _NOTHING


def _expression(pattern: str) -> str:
    """A pattern as a regular expression; a bracket that is not closed is a bracket."""
    out = []
    position = 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/"):
            out.append("(?:.*/)?")
            position += 3
        elif rest.startswith("**"):
            out.append(".*")
            position += 2
        elif found := _SET.match(rest):
            out.append(f"(?!/)[{'^' if found[1] else ''}{_set(found[2])}]")
            position += found.end()
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(rest[0], re.escape(rest[0])))
            position += 1
    return "".join(out)


def _set(inner: str) -> str:
    """Characters and ranges of them; one that is the wrong way round is three characters."""
    out = []
    position = 0
    while position < len(inner):
        first, rest = inner[position], inner[position + 1 : position + 3]
        if len(rest) == 2 and rest[0] == "-" and first <= rest[1]:
            out.append(f"{re.escape(first)}-{re.escape(rest[1])}")
            position += 3
        else:
            out.append(re.escape(first))
            position += 1
    return "".join(out)
