r"""How values lie in columns, and come back.

path, name      BLOB: bytes as they are
checksums       JSON object, algorithm → hex, in the order asked for; '' for none
options         JSON object; what an older or newer Ketter does not know is left out
inode, device   SQLite's integers are signed, the kernel's are not: folded at 2^63
text            what is not Unicode in it is written as \udcNN in ASCII
"""

from __future__ import annotations

import json
import time
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import Final

from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.options import Manifest, OnConflict, Options, Pack, Symlinks, Verify
from ketter_gui.store.records import Checksums

_HALF: Final = 1 << 63
_WHOLE: Final = 1 << 64


def signed(value: int) -> int:
    """An unsigned 64-bit number as SQLite can hold it."""
    return value - _WHOLE if value >= _HALF else value


def unsigned(value: int) -> int:
    """The number that `signed` was given."""
    return value + _WHOLE if value < 0 else value


def checksums_text(checksums: Checksums) -> str:
    """Checksums as their column holds them."""
    if not checksums:
        return ""
    pairs = [f"{_quoted(name)}:{_quoted(value)}" for name, value in dict(checksums).items()]
    return f"{{{','.join(pairs)}}}"  # as json.dumps has it, in a fifth of its time


def checksums_from(text: str) -> Checksums:
    """Checksums out of their column."""
    return tuple(json.loads(text).items()) if text else ()


def options_text(options: Options) -> str:
    """Options as their column holds them."""
    return canonical_json(
        {
            "checksums": list(options.checksums),
            "exclude": list(options.exclude),
            "hard_links": options.hard_links,
            "include": list(options.include),
            "symlinks": options.symlinks.value,
            "manifests": [one.value for one in options.manifests],
            "limit_bytes_per_s": options.limit_bytes_per_s,
            "on_conflict": options.on_conflict.value,
            "pack": options.pack.value,
            "read_again": options.read_again,
            "remove_empty_folders": options.remove_empty_folders,
            "reserve_bytes": options.reserve_bytes,
            "verify": options.verify.value,
        }
    )


@lru_cache(maxsize=64)
def options_from(text: str) -> Options:
    """Options out of their column; remembered, since most transfers have the same."""
    stored = json.loads(text)
    plain = Options()
    return Options(
        checksums=tuple(stored.get("checksums", plain.checksums)),
        verify=Verify(stored.get("verify", plain.verify)),
        on_conflict=OnConflict(stored.get("on_conflict", plain.on_conflict)),
        reserve_bytes=stored.get("reserve_bytes", plain.reserve_bytes),
        hard_links=bool(stored.get("hard_links", plain.hard_links)),
        pack=Pack(stored.get("pack", plain.pack)),
        symlinks=Symlinks(stored.get("symlinks", plain.symlinks)),
        limit_bytes_per_s=stored.get("limit_bytes_per_s", plain.limit_bytes_per_s),
        read_again=bool(stored.get("read_again", plain.read_again)),
        include=tuple(stored.get("include", plain.include)),
        exclude=tuple(stored.get("exclude", plain.exclude)),
        manifests=tuple(map(Manifest, stored.get("manifests", ()))),
        remove_empty_folders=bool(stored.get("remove_empty_folders", plain.remove_empty_folders)),
    )


def clean(text: str) -> str:
    """Text that a TEXT column can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def now_us() -> int:
    """The wall clock, in microseconds since the epoch."""
    return time.time_ns() // 1000
