"""Which names an archive may hold: the same rule for packing and for unpacking, so that
what Ketter packs, Ketter unpacks."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

from ketter_gui.engine.zip_format import NAME_BYTES_AT_MOST

_DRIVE: Final = re.compile(r"[A-Za-z]:(?:[/\\]|$)")
_DRIVE_RELATIVE: Final = re.compile(r"[A-Za-z]:")


def name_problem(name: bytes, *, is_unix: bool = True) -> str:
    """What is wrong with an entry's name, or nothing.

    On Unix a backslash is a character like any other, and so is a colon; an archive that
    was made elsewhere means a folder or a drive with them. Ways out of the folder are
    refused in either writing.
    """
    if len(name) > NAME_BYTES_AT_MOST:
        return "its path is longer than an archive can hold"
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    if not text or "\0" in text:
        return "its name is empty or has a zero byte"
    if text[0] in "/\\":
        return "its name is an absolute path"
    if (_DRIVE if is_unix else _DRIVE_RELATIVE).match(text):
        return "its name begins with a drive letter"
    if not is_unix and "\\" in text:
        return "its name separates folders with backslashes"
    names = re.split(r"[/\\]", text.removesuffix("/"))
    if ".." in names:
        return "its name leads out of its folder"
    if any(one in ("", ".") for one in text.removesuffix("/").split("/")):
        return "its name is not a plain path"
    return ""


def folded(name: bytes) -> int:
    """A number that is the same for all names that a file system somewhere takes for one:
    without regard to case and to how accents are written."""
    text = name.decode("utf-8", "surrogateescape")
    same = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    raw = same.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=7).digest())
