"""Everything that can go wrong, in one hierarchy.

An error is raised once, where the cause is known, and says four things: what
happened, to which path, what is safe now, and what to do next. The sentences
are templates on the class, filled from `path` and `facts`, so that a window can
translate the template and a ledger can store the facts.

    RefusedError     before anything was touched         exit code 2
    WaitingError     can go on by itself or by `resume`  exit code 3
    CopyFailedError  one item or one copy failed         exit code 1
    LedgerError      the ledger could not be used        exit code 1
    EvidenceError    evidence does not hold              exit code 1
"""

from __future__ import annotations

import errno as _errno
import os
from collections.abc import Callable
from typing import ClassVar

from ketter_gui.domain.names import to_text

Fact = str | int


class KetterError(Exception):
    """The root of all errors that Ketter raises on purpose.

    `path` is bytes as scanned; `errno` is the system's number when one was
    given. Subclasses declare the three templates, which may use `{path}`,
    `{reason}` (the system's own words for errno) and any of their facts.
    """

    what: ClassVar[str] = "Something went wrong with {path}."
    safe: ClassVar[str] = "Nothing was changed."
    todo: ClassVar[str] = "Try again; if it happens again, run “ketter doctor”."
    exit_code: ClassVar[int] = 1

    def __init__(
        self, path: bytes | None = None, *, errno: int | None = None, **facts: Fact
    ) -> None:
        super().__init__(path, errno, facts)
        self.path = path
        self.errno = errno
        self.facts = facts

    @classmethod
    def from_os(cls, error: OSError, path: bytes, **facts: Fact) -> KetterError:
        """Name a failed system call; keeps its errno."""
        return cls(path, errno=error.errno, **facts)

    @property
    def kind(self) -> str:
        """The error's name, as the ledger and the audit record it."""
        return type(self).__name__

    def sentences(self, translate: Callable[[str], str] = str) -> tuple[str, str, str]:
        """What happened, what is safe, what to do; each a finished sentence."""
        values: dict[str, Fact] = {
            "path": to_text(self.path).text if self.path is not None else "",
            "reason": os.strerror(self.errno) if self.errno else "no reason was given",
            "errno": _errno.errorcode.get(self.errno, "") if self.errno else "",
            **{key: _visible(value) for key, value in self.facts.items()},
        }
        what, safe, todo = (
            translate(template).format(**values) if template else ""
            for template in (self.what, self.safe, self.todo)
        )
        return what, safe, todo

    def __str__(self) -> str:
        return " ".join(sentence for sentence in self.sentences() if sentence)


def _visible(value: Fact) -> Fact:
    """Facts often hold names: no control character may reach a screen raw."""
    return value if isinstance(value, int) else to_text(os.fsencode(value)).text


# --- refused before anything was touched: exit code 2 -------------------------------------


class RefusedError(KetterError):
    """The request cannot be carried out as asked; nothing was touched."""

    exit_code = 2


class UsageError(RefusedError):
    """The words of the request are off."""

    what = "{problem}"
    safe = "Nothing was touched."
    todo = "See “ketter --help”."


class NotBuiltYet(RefusedError):
    """A documented option that this version does not have."""

    what = "{option} is not built yet."
    safe = "Nothing was touched."
    todo = "Leave it out, or wait for a version that has it."


class NotOnThisSystem(RefusedError):
    """This operating system gives us no way that we have tried."""

    what = "{feature} is not available on this operating system."
    safe = "Nothing was touched."
    todo = "Use it on Linux, or leave it out."


class NoDisplay(RefusedError):
    """There is no screen to open a window on."""

    what = "There is no display to open a window on."
    safe = "Nothing was touched."
    todo = "Do the same in the terminal: “ketter copy SOURCE --to DEST”, or try “ketter --demo”."


class UnknownChecksum(RefusedError):
    """A checksum name that the registry does not know."""

    what = "“{name}” is not a checksum that Ketter knows."
    safe = "Nothing was touched."
    todo = "Choose one of: {known}."


class NoSuchTransfer(RefusedError):
    """A transfer number that the ledger does not hold."""

    what = "There is no transfer {transfer} in this ledger."
    safe = "Nothing was touched."
    todo = "“ketter history” lists them all."


class NothingToDo(RefusedError):
    """A request without sources or without destinations."""

    what = "No {role} was given."
    safe = "Nothing was touched."
    todo = "Name at least one."


class NothingMatches(RefusedError):
    """No file of the sources is among those to be included."""

    what = "Nothing in {path} matches {patterns}."
    safe = "Nothing was copied."
    todo = "Check the pattern: “*.mov” means files of that ending in any folder."


class SourceMissing(RefusedError):
    """A source that does not exist."""

    what = "The source {path} does not exist."
    safe = "Nothing was touched."
    todo = "Check its name, and that its drive is connected."


class SourceUnreadable(RefusedError):
    """A source, or a folder in it, that cannot be read."""

    what = "The source {path} cannot be read: {reason}."
    safe = "Nothing was touched."
    todo = "Ask for permission to read it, or check its drive and cable."


class SourceNotSupported(RefusedError):
    """A source that is neither a file, a folder nor a symlink."""

    what = "The source {path} is a {kind}, not a file or a folder."
    safe = "Nothing was touched."
    todo = "Choose a file or a folder."


class SourceNameless(RefusedError):
    """A source such as `/` whose volume gives it no name on the drive."""

    what = "The source {path} has no name that a copy of it could carry."
    safe = "Nothing was touched."
    todo = "Choose a folder inside it, or give its volume a label."


class SourcesOverlap(RefusedError):
    """One source lies inside another, or is given twice."""

    what = "The source {path} is inside {other}, or is given twice."
    safe = "Nothing was touched."
    todo = "Leave one of the two out."


class SourcesShareAName(RefusedError):
    """Two sources would arrive under one name."""

    what = "Two sources are named “{name}”: {path} and {other}."
    safe = "Nothing was touched."
    todo = "Copy them in two transfers to two folders, for example {suggestion}."


class DestinationMissing(RefusedError):
    """Neither the destination nor the folder it would be made in exists."""

    what = "The destination {path} does not exist, and neither does the folder above it."
    safe = "Nothing was touched."
    todo = "Check its name, and that its drive is connected."


class DestinationNotAFolder(RefusedError):
    """A destination that is a file."""

    what = "The destination {path} is not a folder."
    safe = "Nothing was touched."
    todo = "Choose a folder."


class DestinationReadOnly(RefusedError):
    """A destination that cannot be written to."""

    what = "The destination {path} cannot be written to: {reason}."
    safe = "Nothing was touched."
    todo = "Check the drive's write-protect switch and your permissions, or choose another."


class DestinationInsideSource(RefusedError):
    """A copy would copy itself for ever."""

    what = "The destination {path} is inside the source {other}."
    safe = "Nothing was touched."
    todo = "Choose a folder outside the source."


class DestinationIsSource(RefusedError):
    """The copy would land on the source itself."""

    what = "The destination {path} would put the copy onto its own source {other}."
    safe = "Nothing was touched."
    todo = "Choose another folder."


class NothingMounted(RefusedError):
    """A mount point with no volume on it: the copy would fill the system disk."""

    what = "No drive is mounted at {path}."
    safe = "Nothing was touched."
    todo = "Connect the drive and try again."


class DestinationsOverlap(RefusedError):
    """The same destination twice: one copy would count as two."""

    what = "The destination {path} is given twice, or leads to the same folder as {other}."
    safe = "Nothing was touched."
    todo = "Leave one of the two out."


class NotEnoughSpace(RefusedError):
    """Preflight: total plus 10 % and what other transfers will take does not fit."""

    what = "{path} needs {needed} and has {free}."
    safe = "Nothing was copied."
    todo = "Make room for {short} more, or choose another drive."


class NotEnoughBesideOthers(NotEnoughSpace):
    """The same, on a drive where some of the room is spoken for."""

    what = (
        "{path} needs {needed} and has {free} beside the {kept} that stay free or that other "
        "transfers will take."
    )


class NotEnoughFiles(NotEnoughSpace):
    """A file system that has room for bytes, but not for that many files (inodes)."""

    what = "{path} can take {free} more files and folders, and {needed} are to come."
    todo = "Remove {short} files there, or choose another drive."


class NotHeld(RefusedError):
    """Names, or sizes of files, that the destination answered it cannot hold."""

    what = "{path} cannot hold {items}: {names}."
    safe = "Nothing was copied."
    todo = "Rename them, or choose a destination that can hold them."


class QuickMoveRefused(RefusedError):
    """A move deletes, so it needs copies that were read back."""

    what = "A move needs copies that were read back; “--verify quick” reads none."
    safe = "Nothing was touched."
    todo = "Use “--verify full”, or copy instead."


class ClaimHeld(RefusedError):
    """Another transfer holds this source, a parent or a child of it."""

    what = "{path} is in use by transfer {transfer} ({mode})."
    safe = "Nothing was touched."
    todo = "Wait until transfer {transfer} has ended, or cancel it."


class TransferNotResumable(RefusedError):
    """A transfer that is at work in a living process, or already over."""

    what = "Transfer {transfer} cannot be resumed: it is {status}."
    safe = "Nothing was touched."
    todo = "“ketter history show {transfer}” tells more."


# --- can go on later: exit code 3 ----------------------------------------------------------


class WaitingError(KetterError):
    """Nothing is wrong with what was done; the rest has to wait."""

    exit_code = 3


class VolumeGone(WaitingError):
    """A volume is not there any more, or another one is in its place."""

    what = "The volume of {path} is gone, or another one is in its place."
    safe = "What was verified stays verified; no original was touched."
    todo = "Connect the drive again; what is left then goes on."


class VolumeReplaced(VolumeGone):
    """Another volume is where one of this transfer's was: nothing is written to it."""

    what = "Another drive is at {path} than the one that this transfer was begun with."
    todo = (
        "Connect the right drive there again; what is left then goes on. If this is the right "
        "one after all, start a new transfer: what is there already is not copied again."
    )


class DiskFull(WaitingError):
    """A destination filled up although preflight had found room."""

    what = "The drive of {path} is full."
    safe = "What was verified stays verified; no original was touched."
    todo = "Make room there; what is left then goes on."


class StillFull(DiskFull):
    """A destination that filled up, and has no room for all that is left yet."""

    what = "{problem}"
    todo = "Make room there; what is left then goes on by itself."


class ReserveReached(DiskFull):
    """To go on would take room that a person wants to stay free."""

    what = "{path} has {free} left, and {reserve} are to stay free there."


class DriveSilent(WaitingError):
    """A call on one of its drives does not come back, and a person let the transfer go."""

    what = "A drive of this transfer does not answer, and the transfer was let go."
    safe = "What was verified stays verified; no original was removed without proof."
    todo = "When the drive answers again, resume it: what is left then goes on."


class LinkSkipped(KetterError):
    """A symlink that a person asked to leave out."""

    what = "{path} is a symbolic link and was left out, as asked."
    safe = "It is where it was."
    todo = ""


class LinkNotHeld(KetterError):
    """A symlink that its destination cannot hold: left out there, and no failure."""

    what = "{path} was left out: its drive cannot hold symbolic links."
    safe = "The link itself is where it was."
    todo = "Nothing is to be done, unless the link is needed there."


class Cancelled(WaitingError):
    """A person asked to stop."""

    what = "The transfer was cancelled."
    safe = "Proven copies stay; unfinished parts were removed; originals are untouched."
    todo = "The history lists what was verified."


# --- one item or one copy failed: exit code 1 ----------------------------------------------


class CopyFailedError(KetterError):
    """One item, or one copy of it, could not be finished; the others go on."""


class FolderUnreadable(CopyFailedError):
    """A folder inside a source that cannot be listed: nobody knows what is in it."""

    what = "The folder {path} could not be read: {reason}."
    safe = "What is in it was not copied, and is where it was; everything else goes on."
    todo = "Ask for permission to read it, or check its drive and cable, then retry."


class ReadFailed(CopyFailedError):
    """A source file could not be read."""

    what = "{path} could not be read: {reason}."
    safe = "The original was not changed; other files go on."
    todo = "Check the card, its reader and cable, then retry."


class WriteFailed(CopyFailedError):
    """A copy could not be written."""

    what = "{path} could not be written: {reason}."
    safe = "The original and the copies on other drives are safe."
    todo = "Check the drive, its cable and its free space, then retry."


class FileTooBig(CopyFailedError):
    """A file is bigger than the destination's file system can hold (FAT: 4 GiB)."""

    what = "{path} is bigger than a file can be on this drive."
    safe = "The original and the copies on other drives are safe; other files go on."
    todo = "Copy it to a drive with another file system, for example exFAT."


class FlushFailed(CopyFailedError):
    """The system could not bring a copy onto the drive. Never flushed twice: after a
    failed flush the pages may be marked clean although they were lost."""

    what = "{path} did not reach the drive: {reason}."
    safe = "The original and the copies on other drives are safe; this copy was not kept."
    todo = "Check the drive and its cable, then retry."


class ReadBackFailed(CopyFailedError):
    """A copy could not be read back."""

    what = "{path} could not be read back: {reason}."
    safe = "The original and the copies on other drives are safe."
    todo = "Check the drive and its cable, then retry."


class Mismatch(CopyFailedError):
    """The bytes read back are not the bytes read from the source."""

    what = "{path} came back from the drive with different bytes."
    safe = "The copy was not kept; the original and the copies on other drives are safe."
    todo = "Try another cable or port, then retry."


class DriveReturnsOtherBytes(CopyFailedError):
    """It was copied again after a mismatch, and came back wrong once more."""

    what = "{path}: this drive or cable returned different bytes, twice."
    safe = "The copy was not kept; the original and the copies on other drives are safe."
    todo = "Do not trust this drive: try another cable or port, and check it, then retry."


class SourceChanged(CopyFailedError):
    """A source file changed while it was read, or since it was scanned."""

    what = "{path} changed while it was being copied."
    safe = "The original was not touched; this copy was not kept."
    todo = "Wait until nothing writes to it any more, then retry."


class SourceIsNewer(CopyFailedError):
    """A source file is not what an earlier copy of it, on another destination, was made of."""

    what = "{path} has changed since it was copied to another destination."
    safe = "The original was not touched, that copy stays, and this one was not kept."
    todo = "Copy it again in a new transfer."


class SourceDiffersFromManifest(CopyFailedError):
    """A source file has other bytes than a manifest that came with it says."""

    what = (
        "The source no longer matches its manifest of {date} ({manifest}): {path} has other bytes."
    )
    safe = "No copy of it was kept or named; the original was not touched, and other files go on."
    todo = (
        "Read it again in another reader, or take it from another copy of the source; "
        "until then do not format the source."
    )


class CopyIsOriginal(CopyFailedError):
    """What is there is the source file itself: a hard link, or a folder mounted twice."""

    what = "{path} is the original itself, reached in another way: that is no copy."
    safe = "Nothing was changed."
    todo = "Choose a destination that does not lead back to the source."


class SourceVanished(CopyFailedError):
    """A source file is not there any more."""

    what = "{path} is no longer there."
    safe = "Other files go on."
    todo = "Check the card, then retry."


class NameTaken(CopyFailedError):
    """The destination already has something different under this name."""

    what = "{path} already exists there and is different."
    safe = "Neither of the two was changed."
    todo = "Rename one of the two, or copy again and let the new one take another name."


class NameExists(CopyFailedError):
    """Something has this name, and the policy is to fail then."""

    what = "{path} already exists there."
    safe = "It was not changed."
    todo = "Copy to another folder, or choose another conflict policy."


class NotContained(CopyFailedError):
    """A folder on the way was swapped for a link or a file."""

    what = "{path} leads outside the chosen folder, or is no folder any more."
    safe = "Nothing was followed, written or removed there."
    todo = "See who changed it while Ketter was at work, then retry."


class SpecialFile(CopyFailedError):
    """FIFOs, sockets and devices hold no footage and are left out."""

    what = "{path} is a {kind} and was left out."
    safe = "It was not opened; everything else goes on."
    todo = ""


class ConfirmationFailed(CopyFailedError):
    """Before a deletion, a copy was no longer what had been proven."""

    what = "The original {path} was kept: its copy {copy} is no longer what was verified."
    safe = "The original has its name back."
    todo = "Verify the copies again, then move the rest."


class ProofTooWeak(CopyFailedError):
    """The system would not let go of its cache, so nothing may be deleted on this proof."""

    what = "The original {path} was kept: its copy could only be read back from memory."
    safe = "The original is untouched and the copy is in place."
    todo = "Remount the destination and verify again before you delete anything."


class CouldNotRemove(CopyFailedError):
    """A source file whose copies are proven could not be removed."""

    what = "The original {path} could not be removed: {reason}."
    safe = "It is still there, and its copies are verified."
    todo = "Check the card's write-protect switch and your permissions."


class NameNotRestored(CopyFailedError):
    """A source file that was set aside could not get its own name back."""

    what = "The original {path} could not get its name back: {reason}. It is called {aside} now."
    safe = "It is complete, in its own folder, and its copies are in place."
    todo = "Resume the transfer, or rename it by hand."


class MovedAway(CopyFailedError):
    """Between writing down a rename and doing it, a crash came, and somebody took the file."""

    what = "{path} is neither in its place nor at {copy}, where it was about to be moved."
    safe = "Ketter removed nothing there; other files go on."
    todo = "See who moved or removed it meanwhile, and look for it beside both places."


class MoveNotFlushed(CopyFailedError):
    """A file was renamed, and the drive did not confirm its new name."""

    what = "{path} was moved to {copy}, but the drive did not confirm it: {reason}."
    safe = "The file is whole, in its old place or in its new one."
    todo = "Check the drive and its cable, then retry: Ketter looks in both places."


# --- the ledger: exit code 1 ----------------------------------------------------------------


class LedgerError(KetterError):
    """The ledger cannot be used as it is."""

    safe = "Nothing was copied, moved or changed."


class LedgerDamaged(LedgerError):
    """SQLite says that the file is no sound database."""

    what = "The ledger {path} is damaged: {problem}."
    todo = "Keep the file. {advice}"


class LedgerBusy(WaitingError):
    """Another program holds the ledger's lock for longer than we wait."""

    what = "The ledger {path} is locked by another program."
    safe = "Nothing was lost; what was recorded stays recorded."
    todo = "Close the other program, then try again."


class LedgerNewer(LedgerError):
    """A newer Ketter wrote this ledger."""

    what = (
        "The ledger {path} was written by a newer Ketter (schema {found}, this one knows {known})."
    )
    todo = "Start the newer Ketter, or choose another data folder."


class LedgerUnusable(LedgerError):
    """The data folder or the ledger's file cannot be opened or written."""

    what = "The ledger {path} cannot be used: {reason}."
    todo = "Check the folder's permissions and free space, or choose another with --data-dir."


class LedgerOnNetwork(LedgerError):
    """SQLite's WAL needs shared memory, which network file systems do not have."""

    what = "The ledger {path} would be on a network volume ({kind}), where it could be damaged."
    todo = "Choose a data folder on a local disk with --data-dir."


class IllegalChange(KetterError):
    """A status change that the table of allowed changes does not have: a bug."""

    what = "{subject} cannot go from {old} to {new}."
    todo = "This is a fault in Ketter: please report it with the log of “ketter doctor”."


# --- evidence: exit code 1 -------------------------------------------------------------------


class EvidenceError(KetterError):
    """Evidence could not be written, or does not hold."""


class ExportFailed(EvidenceError):
    """An export could not be written where it was asked for."""

    what = "The export {path} could not be written: {reason}."
    safe = "The ledger is unchanged; a file that was there before is unchanged too."
    todo = "Choose another place."


class ChainBroken(EvidenceError):
    """The audit was altered."""

    what = "The audit does not hold at entry {sequence}: {damage}."
    safe = "Entries before it are as they were written."
    todo = "Keep the file as it is, and compare with a signed head that left this machine earlier."


class SignatureWrong(EvidenceError):
    """No signature, or not this key's, or not of this file."""

    what = "{path} does not verify: {damage}."
    safe = "Nothing was changed."
    todo = "Ask for the export and its .sig again from where they were made."


class ManifestDamaged(EvidenceError):
    """A file with a manifest's name that is none, or not a whole one."""

    what = "The manifest {path} cannot be used: {problem}."
    safe = "Files are copied and verified as without it; they were not compared with it."
    todo = "Ask for the manifest again from where it was made, and compare the copies with that."


class ManifestUnreadable(EvidenceError):
    """A manifest that could not be read from its drive."""

    what = "The manifest {path} could not be read: {reason}."
    safe = "Files are copied and verified as without it; they were not compared with it."
    todo = "Check the drive and its cable, then copy again."


class ManifestNotCompared(EvidenceError):
    """Some of what a manifest says could not be compared: unsafe paths, unknown checksums."""

    what = "The manifest {path} was compared but for {count}: {example} {why}."
    safe = "Nothing outside the source was touched; its other entries are compared."
    todo = "See what the manifest says of them before you rely on it."


class ManifestOfOthers(EvidenceError):
    """A checksum list that speaks of none of the files that it lies with."""

    what = "The manifest {path} lists {count}, and none of that is in the source."
    safe = "Files are copied and verified as without it; they were not compared with it."
    todo = "Copy the whole folder that it was made for, if it is this source's manifest."


class SourceLacksFiles(EvidenceError):
    """A manifest lists files that the source does not have."""

    what = (
        "The source is not complete: its manifest {path} of {date} lists {count} that it does "
        "not have: {examples}."
    )
    safe = "What is there was copied."
    todo = (
        "Do not format the source before you know where they are; bring them back and retry, "
        "or copy again without that manifest."
    )


class KeyUnusable(EvidenceError):
    """The signing key's file cannot be trusted as it is."""

    what = "The signing key {path} cannot be used: {problem}."
    safe = "Nothing was signed."
    todo = "Give the file mode 0600 and yourself as its owner, or move it away: a new key is then made."
