"""What a file system can hold in a name, and what it cannot, in words.

Pure rules: `disk.abilities` finds the values out by asking a destination, and the engine
holds every name of a transfer against them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from ketter_gui.domain.items import ItemKind

SPECIAL_BYTES: Final = b'<>:"|?*\\' + bytes(range(1, 32))
"""What Windows refuses in a name; many file systems that Windows reads refuse it too."""

NO_LIMIT_BYTES: Final = (1 << 63) - 1
ANY_CHARACTER: Final = 0x10FFFF

_DEVICE: Final = re.compile(
    rb"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)(?:[1-9]|\xc2[\xb9\xb2\xb3]))(?: *\..*)? *",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL_BELOW: Final = 0x20


class Holding(NamedTuple):
    """What one file system can hold. The defaults are what Linux's own can.

    `refused`: bytes that no name may have. `longest`: of a name, in bytes, or in UTF-16
    units if `is_utf16`. `highest`: the last code point that it knows. `is_folding`: it
    takes some different names for one, by case or by composed and decomposed letters;
    which ones, it has to be asked. `largest_file_bytes`: the size of the biggest file.
    """

    refused: bytes = b""
    has_device_names: bool = False
    loses_last_dot: bool = False
    loses_last_space: bool = False
    is_utf8_only: bool = False
    highest: int = ANY_CHARACTER
    longest: int = 255
    is_utf16: bool = False
    is_folding: bool = False
    largest_file_bytes: int = NO_LIMIT_BYTES

    @property
    def is_any_name_held(self) -> bool:
        """Whether a name of at most `longest` bytes is held whatever it is: nothing to check."""
        return not (
            self.refused
            or self.has_device_names
            or self.loses_last_dot
            or self.loses_last_space
            or self.is_utf8_only
            or self.is_folding
            or self.highest < ANY_CHARACTER
        )

    def problem(self, name: bytes) -> str:
        """Why a bare name cannot be held, in a few words; empty when it can."""
        if self.refused and len(name.translate(None, self.refused)) < len(name):
            return _character(next(one for one in name if one in self.refused))
        if self.has_device_names and _DEVICE.fullmatch(name):
            return "a name that Windows keeps for devices"
        if self.loses_last_dot and name.endswith(b"."):
            return "ends with a dot"
        if self.loses_last_space and name.endswith(b" "):
            return "ends with a space"
        return self._text_problem(name)

    def _text_problem(self, name: bytes) -> str:
        if name.isascii():
            return "" if len(name) <= self.longest else self._too_long(len(name))
        try:
            text = name.decode()
        except UnicodeDecodeError:
            if self.is_utf8_only:
                return "not UTF-8"
            return "" if len(name) <= self.longest else self._too_long(len(name))
        if (strange := max(text)) > chr(self.highest):
            return f"the character “{strange}”"
        length = len(text.encode("utf-16-le")) // 2 if self.is_utf16 else len(name)
        return "" if length <= self.longest else self._too_long(length)

    def _too_long(self, length: int) -> str:
        unit = "characters" if self.is_utf16 else "bytes"
        return f"{length} {unit} long, {self.longest} at the most"


def _character(byte: int) -> str:
    if byte < _CONTROL_BELOW:
        return f"the control character {byte:#04x}"
    return f"the character “{chr(byte)}”"


FOR_WINDOWS: Final = Holding(
    refused=SPECIAL_BYTES,
    has_device_names=True,
    loses_last_dot=True,
    loses_last_space=True,
    is_utf8_only=True,
    is_utf16=True,
    is_folding=True,
)
"""What Windows opens, whatever the file system below it keeps."""


class PendingItem(NamedTuple):
    """An item that a destination has still to receive; `id` is the ledger's."""

    id: int
    path: bytes
    kind: ItemKind
    size_bytes: int

    @property
    def name(self) -> bytes:
        """Its bare name."""
        return self.path.rpartition(b"/")[2]


def folded(path: bytes) -> bytes:
    """The same for all paths that any file system might take for one: without case, and
    decomposed. Wider than every single one of them: who gets equal ones asks on.

    Canonical caseless matching (Unicode 3.13, D145).
    """
    if path.isascii():
        return path.lower()
    text = path.decode("utf-8", "surrogateescape")
    first = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFD", first).encode("utf-8", "surrogateescape")
