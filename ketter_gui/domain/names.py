"""A path is bytes; this module is the only place that turns it into text and back.

Plain form is the path as it is. Escaped form is used when the path cannot be
shown or stored as it is: bytes that are not UTF-8, control characters, and
characters that change the direction or the line (so that no name can forge a
log line or hide its ending) become `\\xNN` for each byte, and `\\` is doubled.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

PathForm = Literal["plain", "escaped"]

PART_SUFFIX = b".ketter-part"
ASIDE_SUFFIX = b".ketter-aside"
PROBE_SUFFIX = b".probe"
NAME_MAX_BYTES = 255
"""POSIX NAME_MAX of the file systems we meet; bytes on Linux."""
OWN_NAME_MAX_BYTES = 143
"""What names of our own may have: eCryptfs, the narrowest that we meet, takes no more."""

# Categories: Cc control, Zl/Zp line and paragraph separators. Cf also holds the joiners that
# emoji and Indic scripts need, so of Cf only what turns or hides text is escaped.
_CONTROL = {"Cc", "Zl", "Zp"}
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|(\\))")


@dataclass(frozen=True, slots=True)
class TextPath:
    """A path as text, with the form that says how to get the bytes back."""

    text: str
    form: PathForm


def to_text(path: bytes) -> TextPath:
    """The path as text: never raises, never loses a byte, never a control character."""
    decoded = path.decode("utf-8", "surrogateescape")
    if decoded.isprintable():  # nearly all names: no control, format or line character in it
        return TextPath(decoded, "plain")
    if not any(_must_escape(character) for character in decoded):
        return TextPath(decoded, "plain")
    pieces = []
    for character in decoded:
        if _must_escape(character):
            raw = character.encode("utf-8", "surrogateescape")
            pieces.append("".join(f"\\x{byte:02x}" for byte in raw))
        else:
            pieces.append("\\\\" if character == "\\" else character)
    return TextPath("".join(pieces), "escaped")


def to_texts(*paths: bytes) -> tuple[tuple[str, ...], PathForm]:
    """Several paths in one form: escaped as soon as one of them must be."""
    texts = tuple(to_text(path) for path in paths)
    if all(text.form == "plain" for text in texts):
        return tuple(text.text for text in texts), "plain"
    return tuple(
        text.text.replace("\\", "\\\\") if text.form == "plain" else text.text for text in texts
    ), "escaped"


def to_bytes(text: str, form: PathForm) -> bytes:
    """The bytes of a path in text form.

    Raises ValueError for an escaped text that `to_text` cannot have written.
    """
    raw = text.encode("utf-8", "surrogateescape")
    if form == "plain":
        return raw
    out = bytearray()
    position = 0
    while (backslash := raw.find(b"\\", position)) >= 0:
        match = _ESCAPE.match(raw, backslash)
        if match is None:
            raise ValueError(f"not an escaped path: {text!r}")
        out += raw[position:backslash]
        out += b"\\" if match[2] else bytes([int(match[1], 16)])
        position = match.end()
    return bytes(out + raw[position:])


def _must_escape(character: str) -> bool:
    if character < "\x7f":
        return character < " "
    return (
        "\udc80" <= character <= "\udcff"
        or character in _DIRECTION
        or unicodedata.category(character) in _CONTROL
    )


def part_name(name: bytes, token: str) -> bytes:
    """The name a copy of `name` wears until it is proven.

    `token` is the transfer's own: a part of another transfer, in this process or
    on another machine, can never be taken for ours, and ours is known after a crash.
    """
    return _marked(name, token, PART_SUFFIX)


def aside_name(name: bytes, token: str) -> bytes:
    """The name a source file wears between its two steps of deletion."""
    return _marked(name, token, ASIDE_SUFFIX)


def is_part(name: bytes) -> bool:
    """Whether a name is a part's: bytes that nobody has proven. A file that was set aside
    is no such thing but an original, perhaps the only one."""
    return name.startswith(b".") and name.endswith(PART_SUFFIX)


def probe_name(token: str) -> bytes:
    """The folder of ours in which a destination's abilities are tried out."""
    return b".ketter-%s%s" % (token.encode(), PROBE_SUFFIX)


def is_probe(name: bytes) -> bool:
    """Whether a name is such a folder's, left behind by a process that was killed."""
    return name.startswith(b".ketter-") and name.endswith(PROBE_SUFFIX)


def numbered_name(name: bytes, number: int) -> bytes:
    """`clip.mov` → `clip (2).mov`: the name a copy takes beside one that is in its way."""
    stem, dot, extension = name.rpartition(b".")
    if not dot or not stem:
        return name + b" (%d)" % number
    return b"%s (%d).%s" % (stem, number, extension)


def is_safe_relative(path: bytes) -> bool:
    """Whether a relative path stays below its root by its words alone (P8).

    Symlinks on the way are the business of `disk/`, which never follows one.
    """
    if not path or path.startswith(b"/") or b"\0" in path:
        return False
    return all(piece not in (b"", b".", b"..") for piece in path.split(b"/"))


def _marked(name: bytes, token: str, suffix: bytes) -> bytes:
    wanted = b".%s.%s%s" % (name, token.encode(), suffix)
    if len(wanted) <= OWN_NAME_MAX_BYTES:
        return wanted
    digest = hashlib.sha256(name + token.encode()).hexdigest()[:24]
    return b".ketter-%s%s" % (digest.encode(), suffix)
