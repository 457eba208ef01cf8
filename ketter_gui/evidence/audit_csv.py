"""The audit as CSV, and its signature beside it.

FILE.csv is RFC 4180 in UTF-8: `\\r\\n`, a header with `domain.chain.COLUMNS`, one line an
entry; a byte order mark only when asked for. What a spreadsheet would execute is made
harmless: a cell that starts with one of `= + - @ '`, tab, CR or LF, or with a full-width
`＝ ＋ － ＠` (U+FF1D, U+FF0B, U+FF0D, U+FF20), gets one `'` before it, and the verifier
takes it away again. A cell that starts with one of them and has no `'` before it, or has
one for nothing, was not written like this: the file does not verify. (OWASP's list for
CSV injection. No character can protect from a program that is told to split lines at
another separator than the comma.)

FILE.csv.sig is a signed object (see `signed`):

    format          "ketter-export/1"
    filter          {"since": text or null, "transfer": number or null, "until": text or
                    null}: what was asked for
    is_partial      whether the filter may have left entries out
    count           entries in the file
    first_sequence  of its first entry, 0 for none
    last_sequence   of its last one, 0 for none
    rows_hash       SHA-256, hex, over the entry_hash cells, each followed by a newline
    head            {"chain", "entry_hash", "sequence"}: the ledger's end at that time; of an
                    archive, the last entry in it
    start           {"entry_hash", "sequence"}: what the first entry of a whole export
                    follows, number 0 unless earlier ones were pruned

FILE.csv.gz is the same file compressed by gzip, its bytes the same for the same entries.

Both files are written beside their names and appear when they are complete, the
signature first: at no moment does an unsigned export wear the name. A signature without
its file, or beside an older one, signs nothing: such a pair does not verify.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from ketter_gui.disk.output import OutputFile
from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, Row, damage, head_of
from ketter_gui.domain.errors import ChainBroken
from ketter_gui.domain.views import AuditVerdict
from ketter_gui.evidence import signed
from ketter_gui.evidence.keys import SigningKey

FORMAT: Final = "ketter-export/1"
SIGNATURE_SUFFIX: Final = b".sig"
COMPRESSED_SUFFIX: Final = b".gz"
COMPRESSION: Final = 6
"""Of gzip's nine levels."""

BOM: Final = b"\xef\xbb\xbf"
EXECUTABLE: Final = frozenset("=+-@'\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell must not start with: a spreadsheet may take it for a formula, or hide it. The
last four are the full-width = + - @, which East Asian programs read as the plain ones."""

_CHAIN: Final = COLUMNS.index("chain")
_SEQUENCE: Final = COLUMNS.index("sequence")
_HASH: Final = COLUMNS.index("entry_hash")
_TRANSFER: Final = COLUMNS.index("transfer_id")
_PIECE_ROWS: Final = 500
"""Rows that are turned into bytes together."""


def neutral(cell: str) -> str:
    """A cell that no spreadsheet executes."""
    return f"'{cell}" if cell and cell[0] in EXECUTABLE else cell


@dataclass(slots=True)
class Tally:
    """What an export's signature says of its rows, gathered row by row.

    With `transfer` the rows are one transfer's, and each must hold alone; without, each
    must follow the one before. `start` is what the first one must follow, if known.
    """

    transfer: int | None
    start: Head | None
    count: int = 0
    first_sequence: int = 0
    last: Head | None = None
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def last_sequence(self) -> int:
        """The number of the last row; 0 for none."""
        return self.last.sequence if self.last is not None else 0

    @property
    def rows_hash(self) -> str:
        """The hash over all rows' hashes."""
        digest: str = self._hash.hexdigest()
        return digest

    def take(self, row: Row) -> None:
        """Count a row. Raises ChainBroken when it does not hold."""
        if problem := self._problem(row):
            raise ChainBroken(sequence=self._expected or _number_in(row), damage=problem)
        self.last = head_of(row)
        self.first_sequence = self.first_sequence or self.last.sequence
        self.count += 1
        self._hash.update(row[_HASH].encode("ascii") + b"\n")

    @property
    def _expected(self) -> int:
        """The number that the next row must have; 0 when that is not known."""
        before = self.last or self.start
        return before.sequence + 1 if before is not None and self.transfer is None else 0

    def _problem(self, row: Row) -> str:
        if self._expected:
            return damage(row, self.last or self.start)
        if problem := damage(row, None):
            return problem
        if not _number_in(row):
            return "its number is none"
        if self.transfer is not None and row[_TRANSFER] != str(self.transfer):
            return f"it does not belong to transfer {self.transfer}"
        if self.last is not None and row[_CHAIN] != self.last.chain:
            return "it belongs to another ledger"
        return "" if _number_in(row) > self.last_sequence else "it is out of order"


def _number_in(row: Row) -> int:
    """The number that a row says it has; 0 for none."""
    text = row[_SEQUENCE] if len(row) > _SEQUENCE else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def export(
    rows: Iterable[Row],
    path: bytes,
    *,
    key: SigningKey,
    head: Head,
    transfer: int | None = None,
    since: str = "",
    until: str = "",
    start: Head | None = None,
    bom: bool = False,
    overwrite: bool = False,
    at_us: int,
) -> AuditVerdict:
    """Write the entries up to `head` and their signature, in flat memory.

    `rows` come in the chain's order: all behind `start`, or (`since`, `until`) all from one
    to another, or one transfer's. Nothing that does not hold is signed: raises ChainBroken.
    Raises ExportFailed when a file cannot be written, or exists and `overwrite` is False.
    """
    is_partial = transfer is not None or bool(since) or bool(until)
    base = start or Head(head.chain, 0, GENESIS)
    tally = Tally(transfer, None if is_partial else base)
    with (
        OutputFile(path, overwrite=overwrite) as file,
        OutputFile(path + SIGNATURE_SUFFIX, overwrite=overwrite) as signature,
    ):
        with _plain_or_compressed(file) as write:
            if bom:
                write(BOM)
            for piece in _pieces(rows, head, tally):
                write(piece)
        if transfer is None and not until:
            _refuse_short(tally, head, is_empty_fine=is_partial)
        asked = {"since": since or None, "transfer": transfer, "until": until or None}
        members = _members(tally, head, base, asked, is_partial=is_partial)
        signature.write(signed.as_bytes(signed.sign(key, members, at_us)))
    return AuditVerdict(
        entries=tally.count,
        first_sequence=tally.first_sequence,
        last_sequence=tally.last_sequence,
        chain=head.chain,
        head_hash=head.entry_hash,
        signed_us=at_us,
        key_id=key.key_id,
        is_partial=is_partial,
        pruned_to=0 if is_partial else base.sequence,
    )


@contextmanager
def _plain_or_compressed(file: OutputFile) -> Iterator[Callable[[bytes], object]]:
    """What takes the bytes of a file. Compressed, it bears no time and no name."""
    if not file.path.endswith(COMPRESSED_SUFFIX):
        yield file.write
        return
    # GzipFile wants no more of a file than `write`, and does not close one it was given.
    with gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0) as packed:  # type: ignore[call-overload]
        yield packed.write


def _pieces(rows: Iterable[Row], head: Head, tally: Tally) -> Iterator[bytes]:
    """The file's bytes. Entries that were added after `head` was read are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        if int(row[_SEQUENCE]) > head.sequence:
            break
        tally.take(row)
        writer.writerow([neutral(cell) for cell in row])
        if tally.count % _PIECE_ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode("utf-8")
    text.seek(0)
    text.truncate()
    return piece


def _refuse_short(tally: Tally, head: Head, *, is_empty_fine: bool) -> None:
    """What goes to the ledger's end must reach its head."""
    if tally.last is None and (is_empty_fine or head.sequence == 0):
        return
    if tally.last != head:
        raise ChainBroken(sequence=tally.last_sequence + 1, damage="entries at the end are missing")


def _members(
    tally: Tally, head: Head, base: Head, asked: dict[str, Any], *, is_partial: bool
) -> dict[str, Any]:
    return {
        "count": tally.count,
        "filter": asked,
        "first_sequence": tally.first_sequence,
        "format": FORMAT,
        "head": {
            "chain": head.chain,
            "entry_hash": head.entry_hash,
            "sequence": head.sequence,
        },
        "is_partial": is_partial,
        "last_sequence": tally.last_sequence,
        "rows_hash": tally.rows_hash,
        "start": {"entry_hash": base.entry_hash, "sequence": base.sequence},
    }


def plain(cells: Sequence[str]) -> Row | None:
    """A line's cells as they were before `neutral`; None when one of them was not made
    harmless: then the line is not as it was written."""
    row = []
    for cell in cells:
        if cell and cell[0] in EXECUTABLE:
            if cell[0] != "'" or neutral(cell[1:]) != cell:
                return None
            cell = cell[1:]
        row.append(cell)
    return tuple(row)
