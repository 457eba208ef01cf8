"""What can go wrong with ZIP archives, packed and unpacked; in the manner of `errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import CopyFailedError, RefusedError

# --- refused before anything was touched: exit code 2 -------------------------------------


class OnlyFoldersArePacked(RefusedError):
    """A source that is a file, with `--zip`."""

    what = "{path} is no folder, and “--zip” packs folders."
    safe = "Nothing was touched."
    todo = "Choose the folder that it is in, or copy it without “--zip”."


class OnlyArchivesAreUnpacked(RefusedError):
    """A source that is no ZIP archive by its name, with `--unzip`."""

    what = "{path} is no .zip file, and “--unzip” unpacks those."
    safe = "Nothing was touched."
    todo = "Choose a file whose name ends in “.zip”, or copy it without “--unzip”."


class ArchiveRefused(RefusedError):
    """An archive that is damaged, or that is made to do harm."""

    what = "{path} was not unpacked: {problem}."
    safe = "Nothing was written."
    todo = "Ask for the archive again from where it was made."


# --- one item or one copy failed: exit code 1 ----------------------------------------------


class NotForArchive(CopyFailedError):
    """An item that a ZIP archive cannot hold."""

    what = "{path} cannot be packed into a ZIP archive: {problem}."
    safe = "The original is untouched; the archive lacks it, and is called incomplete."
    todo = "Rename it and retry, or copy without “--zip”."


class ArchiveIncomplete(CopyFailedError):
    """An archive that lacks items which failed."""

    what = "{path} is incomplete: it lacks {missing} of {total}."
    safe = "What is in it was read back and is equal; no original was touched."
    todo = "See which failed and why, then retry: that packs a complete one."


class ArchiveNotKept(CopyFailedError):
    """One entry of an archive came back different, or nothing could be packed."""

    what = "{path} was not kept: {reason_why}."
    safe = "The originals and the copies on other drives are safe."
    todo = "See what failed and why, then retry."


class EntryDamaged(CopyFailedError):
    """An entry's bytes do not give the checksum that the archive has for them."""

    what = "{path} is damaged in its archive: {problem}."
    safe = "This copy was not kept; the archive was not changed; other entries go on."
    todo = "Ask for the archive again from where it was made."
