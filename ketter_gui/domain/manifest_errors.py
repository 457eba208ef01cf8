"""What keeps a manifest from being written."""

from __future__ import annotations

from ketter_gui.domain.errors import KetterError, RefusedError


class NoFolderForHistory(RefusedError):
    """An ASC MHL history was asked for a file alone."""

    what = "{path} is a file: an ASC MHL history belongs to a folder."
    safe = "Nothing was touched."
    todo = "Choose the folder that it is in, or ask for a checksum list."


class NoHistoryForArchive(RefusedError):
    """An ASC MHL history was asked for what arrives as an archive."""

    what = "An ASC MHL history is about the files of a folder, and “--zip” brings one file."
    safe = "Nothing was touched."
    todo = (
        "Ask for a checksum list or a classic MHL of the archive (“--checksum-list”, "
        "“--classic-mhl”), or copy without “--zip”."
    )


class HistoryNotExtended(KetterError):
    """An ASC MHL history is there already, and is not one that a generation can follow."""

    what = "The ASC MHL history in {path} was not extended: {problem}."
    safe = "Its files are unchanged, and the copies are verified all the same."
    todo = "Put the folder “ascmhl” in order, or away, then “ketter resume {transfer}”."


class ManifestNotWritten(KetterError):
    """Everything is verified, and its manifest is missing."""

    what = "No manifest was written: {problem}"
    safe = "The copies are verified all the same."
    todo = "See to that, then “ketter resume {transfer}” writes it."
