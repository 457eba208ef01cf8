"""Tokens in the destination of a watch folder, filled in when a transfer is made.

    {date} 2026-05-03   {year} 2026   {month} 05   {day} 03   {time} 184205
    {watch} the watch folder's name   {volume} the name of the volume it is on

What stands before the first one is a fixed folder, and nothing leads out of it: a name that
is filled in is one name, without slashes, and never `.` or `..` (P8).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ketter_gui.domain.watch_errors import TokenFirst, TokenUnknown

TOKENS: Final = ("date", "year", "month", "day", "time", "watch", "volume")
_TOKEN: Final = re.compile(rb"\{([^{}/]*)\}")


def fixed_part(destination: bytes) -> bytes:
    """The folder before the first token; all of it when there is none. Raises TokenUnknown
    and TokenFirst."""
    for found in _TOKEN.finditer(destination):
        name = found[1].decode("utf-8", "backslashreplace")
        if name not in TOKENS:
            known = ", ".join(f"{{{one}}}" for one in TOKENS)
            raise TokenUnknown(destination, token=f"{{{name}}}", known=known)
    first = _TOKEN.search(destination)
    if first is None:
        return posixpath.normpath(destination)
    fixed = posixpath.dirname(destination[: first.start()])
    if not fixed.startswith(b"/") or b".." in destination.split(b"/"):
        raise TokenFirst(destination)
    return posixpath.normpath(fixed)


def filled(destination: bytes, names: Mapping[str, bytes]) -> bytes:
    """The destination of now. Raises like `fixed_part`."""
    fixed_part(destination)

    def one(found: re.Match[bytes]) -> bytes:
        return _one_name(names[found[1].decode()])

    return posixpath.normpath(_TOKEN.sub(one, destination))


def names_at(moment: datetime, watch: bytes, volume: bytes) -> dict[str, bytes]:
    """What the tokens stand for at a moment, in the time of this place."""
    return {
        "date": moment.strftime("%Y-%m-%d").encode(),
        "year": moment.strftime("%Y").encode(),
        "month": moment.strftime("%m").encode(),
        "day": moment.strftime("%d").encode(),
        "time": moment.strftime("%H%M%S").encode(),
        "watch": watch,
        "volume": volume,
    }


def _one_name(value: bytes) -> bytes:
    name = value.replace(b"/", b"_").replace(b"\0", b"_").strip()
    return b"_" if name in (b"", b".", b"..") else name
