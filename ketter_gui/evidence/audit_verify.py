"""Does it hold? An export, a ledger, or a head that left the machine.

All of it offline and in constant memory. Whatever does not hold raises: ChainBroken with
the first bad entry and the kind of damage, SignatureWrong when it is the signature.

    an export   its `.sig` is signed by a trusted key; each row's own hash; each row
                follows the one before (all but one transfer's, whose rows hold alone);
                count, first, last and the hash over all rows are what was signed
    a ledger    the whole chain from its first entry, or from the signed checkpoint behind
                which it was pruned; every head that was ever signed is an entry of it, or
                lies before that. A head beyond the last entry: the end was cut off. The
                checkpoint has its HISTORY_PRUNED entry, and each such entry its checkpoint
    a head      the entry that it names is there, and is the same

What this cannot find: a history that was rewritten by somebody who holds both key and
ledger, if no head ever left the machine.
"""

from __future__ import annotations

import csv
import errno
import gzip
import io
import itertools
import os
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from ketter_gui.disk.folder import open_root
from ketter_gui.disk.reading import open_file
from ketter_gui.domain.chain import COLUMNS, GENESIS, Head, Row, damage, head_of
from ketter_gui.domain.errors import ChainBroken, KetterError, SignatureWrong
from ketter_gui.domain.retention_errors import HeadPruned
from ketter_gui.domain.views import AuditVerdict
from ketter_gui.evidence import heads, signed
from ketter_gui.evidence.audit_csv import FORMAT, SIGNATURE_SUFFIX, Tally, plain
from ketter_gui.evidence.checkpoints import Checkpoint, Prunings, beginning
from ketter_gui.evidence.heads import SignedHead
from ketter_gui.evidence.keys import TrustedKeys

CELL_LIMIT: Final = 16 * 1024 * 1024
"""The longest cell that is read, in characters; Python's csv stops at 131 072, which the
details of a transfer with some thousand sources pass."""

_FIELDS: Final = {
    "count": int,
    "filter": dict,
    "first_sequence": int,
    "format": str,
    "head": dict,
    "is_partial": bool,
    "last_sequence": int,
    "rows_hash": str,
    "start": dict,
}


# --- an export ---------------------------------------------------------------------------


def verify_export(path: bytes, trusted: TrustedKeys, head: bytes | None = None) -> AuditVerdict:
    """Verify an exported CSV against the `.sig` beside it.

    `head` is the path of a signed head (or another export's `.sig`) that left the
    machine earlier: then the export must hold the entry that it names, and the key of
    that head is believed too, as the one who asks vouches for it. Raises ChainBroken,
    SignatureWrong.
    """
    if not os.path.lexists(path):  # else its signature would be named, which nobody typed
        raise SignatureWrong(path, errno=errno.ENOENT, damage="it is not there")
    known, believed = None, trusted
    if head is not None:
        known, whole, key = heads.read(head)
        believed = {**trusted, whole["key_id"]: key}
    signature = path + SIGNATURE_SUFFIX
    members = signed.read(signature, _FIELDS)
    signed.check(members, signature, believed)
    if members["format"] != FORMAT:
        raise SignatureWrong(signature, damage="it signs something else than an export")
    end = heads.head_in(members["head"], signature)
    start = heads.head_in({"chain": end.chain, **members["start"]}, signature)
    if members["is_partial"]:
        start = Head(end.chain, 0, GENESIS)
    tally = _tally(path, members, start, end, known)
    _compare(path, tally, members, end)
    return AuditVerdict(
        entries=tally.count,
        first_sequence=tally.first_sequence,
        last_sequence=tally.last_sequence,
        chain=end.chain,
        head_hash=end.entry_hash,
        signed_us=members["signed_us"],
        key_id=members["key_id"],
        is_partial=members["is_partial"],
        pruned_to=start.sequence,
    )


def _tally(
    path: bytes, members: dict[str, Any], start: Head, end: Head, known: Head | None
) -> Tally:
    """Read the whole file. `known` must be among its entries."""
    transfer = members["filter"].get("transfer")
    tally = Tally(transfer, None if members["is_partial"] else start)
    is_met = known is None
    with closing(_lines(path)) as rows:
        for row in rows:
            tally.take(row)
            if known is not None and tally.last_sequence == known.sequence:
                _compare_entry(tally.last or known, known)
                is_met = True
    if known is not None and not is_met:
        _compare_outside(path, start, end, known)
    return tally


def _compare_outside(path: bytes, start: Head, end: Head, known: Head) -> None:
    """The export does not hold the entry; its own head, or what it follows, may be that one."""
    if end.chain != known.chain:
        raise ChainBroken(sequence=known.sequence, damage="it belongs to another ledger")
    for one in (start, end):
        if one.sequence == known.sequence:
            _compare_entry(one, known)
            return
    raise SignatureWrong(
        path,
        damage=f"it does not hold entry {known.sequence}, which the given head names:"
        " the two cannot be compared",
    )


def _compare(path: bytes, tally: Tally, members: dict[str, Any], end: Head) -> None:
    if tally.last is not None and tally.last.chain != end.chain:
        raise SignatureWrong(path, damage="it and its signature are of two ledgers")
    if tally.last_sequence < members["last_sequence"]:
        raise ChainBroken(
            sequence=tally.last_sequence + 1,
            damage=f"the file ends here, but was signed up to entry {members['last_sequence']}",
        )
    said = (members["count"], members["first_sequence"], members["last_sequence"])
    if (tally.count, tally.first_sequence, tally.last_sequence) != said:
        raise SignatureWrong(path, damage="it does not hold the entries that were signed")
    if tally.rows_hash != members["rows_hash"]:
        raise SignatureWrong(path, damage="its entries are not the ones that were signed")


def _lines(path: bytes) -> Generator[Row, None, None]:
    """The file's entries, their cells as they were before they were made harmless."""
    with _opened(path) as text:
        reader = csv.reader(text, strict=True)
        try:
            if tuple(next(reader, ())) != COLUMNS:
                raise SignatureWrong(path, damage="it does not begin with the audit's columns")
            for cells in reader:
                row = plain(cells)
                if row is None:
                    damage_words = f"line {reader.line_num} is not as it was written"
                    raise SignatureWrong(path, damage=damage_words)
                yield row
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            words = f"after line {reader.line_num} its compression is damaged"
            raise SignatureWrong(path, damage=words) from error
        except csv.Error as error:
            words = f"line {reader.line_num} is no CSV ({error})"
            raise SignatureWrong(path, damage=words) from error
        except UnicodeDecodeError as error:
            words = f"after line {reader.line_num} it is not UTF-8"
            raise SignatureWrong(path, damage=words) from error


@contextmanager
def _opened(path: bytes) -> Iterator[Iterable[str]]:
    try:
        with open_root(os.path.dirname(path) or b".") as folder:
            fd = open_file(folder, os.path.basename(path))
    except OSError as error:
        words = f"it cannot be read ({os.strerror(error.errno or 0)})"
        raise SignatureWrong(path, errno=error.errno, damage=words) from error
    except KetterError as error:
        raise SignatureWrong(path, damage="it is not a plain file") from error
    usual = csv.field_size_limit(CELL_LIMIT)
    try:
        with (
            open(fd, "rb") as file,
            _unpacked(file) as whole,
            io.TextIOWrapper(whole, encoding="utf-8-sig", newline="") as text,
        ):
            yield text
    finally:
        csv.field_size_limit(usual)


def _unpacked(file: io.BufferedReader) -> io.BufferedReader | gzip.GzipFile:
    """What an archive holds: by its first two bytes (RFC 1952 §2.3.1), not by its name."""
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file


# --- a ledger ----------------------------------------------------------------------------


def verify_ledger(
    rows: Iterable[Row],
    signed_heads: Iterable[SignedHead],
    trusted: TrustedKeys,
    chain: str,
    checkpoints: Iterable[Checkpoint] = (),
) -> AuditVerdict:
    """Verify a whole chain against every head that was signed, read before `rows`; with
    `checkpoints` one that was pruned.

    Raises ChainBroken.
    """
    prunings = Prunings(checkpoints, trusted, chain)
    in_order = sorted(signed_heads, key=lambda one: (one.head.sequence, one.signed_us))
    for one in in_order:
        _check_head(one, trusted, chain)
    walked = _walk(rows, chain, [one.head for one in in_order], prunings)
    last_signed = in_order[-1] if in_order else None
    covered = last_signed.head.sequence if last_signed is not None else 0
    return _verdict(
        walked,
        prunings.newest,
        last_signed.signed_us if last_signed is not None else 0,
        last_signed.key_id if last_signed is not None else "",
        covered,
    )


def _verdict(
    walked: tuple[Head, Head],
    checkpoint: Checkpoint | None,
    signed_us: int,
    key_id: str,
    covered: int,
) -> AuditVerdict:
    """`covered` is the last entry that a signed head covers."""
    base, last = walked
    return AuditVerdict(
        entries=last.sequence - base.sequence,
        first_sequence=base.sequence + 1 if last.sequence > base.sequence else 0,
        last_sequence=last.sequence,
        chain=last.chain,
        head_hash=last.entry_hash,
        signed_us=signed_us,
        key_id=key_id,
        is_partial=False,
        pruned_to=base.sequence,
        pruned_us=checkpoint.signed_us if checkpoint is not None and base.sequence else 0,
        unsigned=max(0, last.sequence - max(covered, base.sequence)),
    )


def _check_head(one: SignedHead, trusted: TrustedKeys, chain: str) -> None:
    if one.head.chain != chain:
        damage_words = "its signed head is of another ledger"
    elif one.key_id not in trusted:
        damage_words = "its head is signed with a key that is not this ledger's"
    elif not heads.holds(one, trusted):
        damage_words = "its signed head was changed"
    else:
        return
    raise ChainBroken(sequence=one.head.sequence, damage=damage_words)


def _walk(
    rows: Iterable[Row], chain: str, known: list[Head], prunings: Prunings
) -> tuple[Head, Head]:
    """Follow a whole chain past all known heads, which are in order.

    Returns what the first entry follows, and the last entry. Raises ChainBroken.
    """
    after = iter(rows)
    first = next(after, None)
    pruned = None if prunings.newest is None else prunings.newest.head
    base = beginning(first, chain, pruned)
    if pruned is not None:
        known = sorted([*known, pruned], key=lambda one: one.sequence)
    waiting = iter(_met_before(known, base, pruned))
    due = next(waiting, None)
    last = base
    for row in itertools.chain(() if first is None else (first,), after):
        if problem := damage(row, last):
            raise ChainBroken(sequence=last.sequence + 1, damage=problem)
        last = head_of(row)
        prunings.meet(row)
        while due is not None and due.sequence <= last.sequence:
            if due.sequence:  # a head of the empty chain names no entry
                _compare_entry(last, due)
            due = next(waiting, None)
    if due is not None and due.sequence > last.sequence:
        raise ChainBroken(
            sequence=last.sequence + 1,
            damage=f"the end was cut off: entry {known[-1].sequence} was signed",
        )
    prunings.check_all_met()
    return base, last


def _met_before(known: list[Head], base: Head, pruned: Head | None) -> Iterator[Head]:
    """The heads that are still to be met behind `base`. One of the checkpoint's own entry is
    compared with that; of earlier ones only the signature is left."""
    for one in known:
        if one.sequence > base.sequence:
            yield one
        elif pruned is not None and one.sequence == pruned.sequence:
            _compare_entry(pruned, one)


def _compare_entry(entry: Head, known: Head) -> None:
    if entry.chain != known.chain:
        raise ChainBroken(sequence=known.sequence, damage="it belongs to another ledger")
    if entry != known:
        raise ChainBroken(
            sequence=known.sequence, damage="it is not the entry that the signed head names"
        )


# --- a head that left the machine ----------------------------------------------------------


def compare_head(
    rows: Iterable[Row],
    path: bytes,
    trusted: TrustedKeys,
    checkpoints: Iterable[Checkpoint] = (),
) -> AuditVerdict:
    """Verify a whole chain against a signed head, or an export's `.sig`, in a file.

    Whoever rewrote the history after that head left is found, key or no key. Raises
    ChainBroken, SignatureWrong; HeadPruned when the rest holds, but the entry that the
    head names is gone.
    """
    known, whole, _ = heads.read(path)
    if whole["key_id"] not in trusted:
        raise SignatureWrong(path, damage=signed.NOT_OURS)
    prunings = Prunings(checkpoints, trusted, known.chain)
    checkpoint = prunings.newest
    base, last = _walk(rows, known.chain, [known], prunings)
    is_gone = 0 < known.sequence <= base.sequence
    if checkpoint is not None and is_gone and known.sequence < checkpoint.head.sequence:
        raise HeadPruned(
            path,
            sequence=known.sequence,
            checkpoint=checkpoint.head.sequence,
            key_id=checkpoint.key_id,
            entries=last.sequence - base.sequence,
        )
    # Later heads are not asked here: how much is signed is what the ledger's own check tells.
    return _verdict((base, last), checkpoint, whole["signed_us"], whole["key_id"], last.sequence)
