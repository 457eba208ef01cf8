"""A report and its signature, and whether they belong together.

FILE.pdf.sig is a signed object (see `evidence.signed`):

    format      "ketter-report/1"
    head        {"chain", "entry_hash", "sequence"}: the ledger's end when it was written, so
                that it serves as a head that left the machine
    sha256      of FILE.pdf, hex
    transfer    the number of the transfer that it is about
"""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING, Final

from ketter_gui.disk.folder import open_root
from ketter_gui.disk.output import OutputFile
from ketter_gui.disk.reading import open_file
from ketter_gui.domain.chain import Head
from ketter_gui.domain.errors import KetterError, SignatureWrong
from ketter_gui.evidence import heads, signed
from ketter_gui.evidence.audit_csv import SIGNATURE_SUFFIX
from ketter_gui.evidence.keys import SigningKey, TrustedKeys
from ketter_gui.evidence.report.content import Report

if TYPE_CHECKING:
    from ketter_gui.evidence.report.fonts import FontFinder

FORMAT: Final = "ketter-report/1"
BEGINNING: Final = b"%PDF-"
_FIELDS: Final = {"format": str, "head": dict, "sha256": str, "transfer": int}


def write(
    report: Report, path: bytes, *, key: SigningKey, head: Head, find: FontFinder, at_us: int
) -> None:
    """Write a report and its signature; `find` has a font for a character, or None. Raises
    ExportFailed, also when one of the two is there already."""
    from ketter_gui.evidence.report import pages  # the PDF library takes a third of a second

    with OutputFile(path) as file, OutputFile(path + SIGNATURE_SUFFIX) as signature:
        content = bytes(pages.made(report, find))
        file.write(content)
        members = {
            "format": FORMAT,
            "head": {
                "chain": head.chain,
                "entry_hash": head.entry_hash,
                "sequence": head.sequence,
            },
            "sha256": hashlib.sha256(content).hexdigest(),
            "transfer": report.number,
        }
        signature.write(signed.as_bytes(signed.sign(key, members, at_us)))


def verify(path: bytes, trusted: TrustedKeys) -> tuple[Head, int, int, str]:
    """Whether a report is what was signed: the head that it was signed with, its transfer,
    when (microseconds) and by which key. Raises SignatureWrong."""
    signature = path + SIGNATURE_SUFFIX
    members = signed.read(signature, _FIELDS)
    signed.check(members, signature, trusted)
    if members["format"] != FORMAT:
        raise SignatureWrong(signature, damage="it signs something else than a report")
    if _sha256(path) != members["sha256"]:
        raise SignatureWrong(path, damage="it is not the report that was signed")
    head = heads.head_in(members["head"], signature)
    return head, members["transfer"], members["signed_us"], members["key_id"]


def is_report(path: bytes) -> bool:
    """Whether a file begins like a PDF; False for what cannot be read."""
    try:
        with open_root(os.path.dirname(path) or b".") as folder:
            fd = open_file(folder, os.path.basename(path))
        with open(fd, "rb") as file:
            return file.read(len(BEGINNING)) == BEGINNING
    except (OSError, KetterError):
        return False


def _sha256(path: bytes) -> str:
    try:
        with open_root(os.path.dirname(path) or b".") as folder:
            fd = open_file(folder, os.path.basename(path))
        with open(fd, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        words = f"it cannot be read ({os.strerror(error.errno or errno.EIO)})"
        raise SignatureWrong(path, errno=error.errno, damage=words) from error
