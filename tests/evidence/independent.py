"""Another program that verifies an export: written from the docstrings alone.

What it knows comes from `domain/chain.py` (cells, bytes, hash, chain), `evidence/
audit_csv.py` (the file and what its `.sig` says) and `evidence/signed.py` (how that is
signed). It imports nothing of Ketter, so that the two can only agree because the
documents are right. Give it to an auditor: `python independent.py FILE.csv KEY.pub`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HEADER = (
    "format,chain,sequence,time_utc,event,transfer_id,mode,user,host,item_path,path_form,"
    "source_path,destination_path,size_bytes,algorithm,source_checksum,destination_checksum,"
    "read_back,result,duration_s,speed_bytes_per_s,error_type,message,details,previous_hash,"
    "entry_hash"
).split(",")
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
HARMFUL = tuple("=+-@'\t\r\n＝＋－＠")


class DamagedError(Exception):
    """`sequence` is the first bad entry, 0 when it is the signature."""

    def __init__(self, sequence: int, words: str) -> None:
        super().__init__(words)
        self.sequence = sequence


def in_quotes(cell: str) -> str:
    out = []
    for character in cell:
        point = ord(character)
        if character in SHORT:
            out.append(SHORT[character])
        elif 0x20 <= point <= 0x7E:
            out.append(character)
        elif point <= 0xFFFF:
            out.append(f"\\u{point:04x}")
        else:
            high, low = divmod(point - 0x10000, 0x400)
            out.append(f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}")
    return f'"{"".join(out)}"'


def hash_of(cells: list[str]) -> str:
    text = "[" + ",".join(in_quotes(cell) for cell in cells[:25]) + "]"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def cells_of(line: list[str]) -> list[str]:
    cells = []
    for cell in line:
        if cell.startswith("'") and cell[1:].startswith(HARMFUL):
            cells.append(cell[1:])
        elif cell.startswith(HARMFUL):
            raise DamagedError(0, "a cell was not written like this")
        else:
            cells.append(cell)
    return cells


def verify(path: Path, public_key: bytes) -> int:
    """The number of entries of an export that holds. Raises DamagedError."""
    said = signed(path, public_key)
    transfer, is_partial = said["filter"]["transfer"], said["is_partial"]
    expected = None if is_partial else said["start"]["sequence"] + 1
    before = said["start"]["entry_hash"]
    all_hashes, count, first, last = hashlib.sha256(), 0, 0, 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        if next(lines, None) != HEADER:
            raise DamagedError(0, "other columns")
        for cells in map(cells_of, lines):
            at = expected or (int(cells[2]) if len(cells) > 2 and cells[2].isdecimal() else 0)
            if len(cells) != 26 or cells[0] != "ketter-audit/1" or hash_of(cells) != cells[25]:
                raise DamagedError(at, "changed")
            if cells[1] != said["head"]["chain"]:
                raise DamagedError(at, "another ledger")
            if transfer is not None and (cells[5] != str(transfer) or int(cells[2]) <= last):
                raise DamagedError(at, "another transfer, or out of order")
            if expected and (cells[2] != str(expected) or cells[24] != before):
                raise DamagedError(at, "does not follow")
            count, last, before = count + 1, int(cells[2]), cells[25]
            first = first or last
            expected = None if transfer is not None else last + 1
            all_hashes.update(before.encode() + b"\n")
    if last < said["last_sequence"]:
        raise DamagedError(last + 1, "cut off")
    if (count, first, last) != (said["count"], said["first_sequence"], said["last_sequence"]):
        raise DamagedError(0, "other entries than were signed")
    if all_hashes.hexdigest() != said["rows_hash"]:
        raise DamagedError(0, "other entries than were signed")
    return count


def signed(path: Path, public_key: bytes) -> dict:
    """What the `.sig` says, once the key was found to have signed it."""
    try:
        said = json.loads(path.with_name(path.name + ".sig").read_bytes())
        rest = {name: value for name, value in said.items() if name != "signature"}
        message = json.dumps(rest, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            bytes.fromhex(said["signature"]), message.encode("ascii")
        )
    except (OSError, ValueError, AttributeError, KeyError, InvalidSignature) as error:
        raise DamagedError(0, "no signature of this key") from error
    if said["format"] != "ketter-export/1" or said["public_key"] != public_key.hex():
        raise DamagedError(0, "no signature of this key")
    return dict(said)


if __name__ == "__main__":
    key = load_pem_public_key(Path(sys.argv[2]).read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    print(verify(Path(sys.argv[1]), key.public_bytes_raw()), "entries hold")
