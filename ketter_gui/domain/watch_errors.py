"""What can be in the way of a watch folder; in the manner of `errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import CopyFailedError, RefusedError, WaitingError


class GoneSinceTaken(CopyFailedError):
    """A settled file went before its transfer came to it."""

    what = "{path} was settled, and is not there any more."
    safe = "Nothing of it was copied; if it comes back, it is taken then."
    todo = ""


class ChangedSinceTaken(CopyFailedError):
    """A settled file became another version before its transfer came to it."""

    what = "{path} was settled, and has been changed since."
    safe = "Nothing of it was copied; it is taken when it has settled again."
    todo = ""


class NoSuchWatchFolder(RefusedError):
    """A number that no watch folder has."""

    what = "There is no watch folder {watch}."
    safe = "Nothing was touched."
    todo = "“ketter watch list” shows those that there are."


class WatchNotAFolder(RefusedError):
    """Only folders can be watched."""

    what = "{path} is no folder, and cannot be watched."
    safe = "Nothing was touched."
    todo = "Choose the folder that it lies in."


class WatchFoldersOverlap(RefusedError):
    """Two watch folders would take the same files."""

    what = "{path} and the watch folder {other} are one, or one lies in the other."
    safe = "Nothing was touched; each file would have been taken twice."
    todo = "Watch the upper one alone, or remove that one first: “ketter watch remove {watch}”."


class DestinationIsWatched(RefusedError):
    """What arrives in a watch folder would be taken again."""

    what = "The destination {path} lies in the watch folder {other}, or around it."
    safe = "Nothing was touched; its copies would have been taken again."
    todo = "Choose a destination outside of every watch folder, or none that feeds another."


class WatchedElsewhere(WaitingError):
    """Another process has this watch folder, with a ledger of its own."""

    what = "{path} is watched by another Ketter on this machine, with another ledger."
    safe = "Nothing is taken twice: this one leaves it alone for as long."
    todo = "Switch it off there, or here."


class WatchFolderAway(WaitingError):
    """The folder is not there, or another volume is in its place."""

    what = "The watch folder {path} is not there, or is on another volume than the one chosen."
    safe = "Nothing was taken from there; what was taken before is remembered."
    todo = "Connect its drive; Ketter goes on by itself."


class WatchFolderUnreadable(WaitingError):
    """The folder is there and cannot be listed."""

    what = "The watch folder {path} cannot be read: {reason}."
    safe = "Nothing was taken from there; what was taken before is remembered."
    todo = "Give Ketter the right to read it; it goes on by itself."


class TokenUnknown(RefusedError):
    """A destination with braces that mean nothing."""

    what = "The destination {path} has {token} in it, which Ketter does not know."
    safe = "Nothing was touched."
    todo = "Known are {known}."


class TokenFirst(RefusedError):
    """A destination that has no fixed folder to stay in."""

    what = "The destination {path} begins with a token, so that nobody can say where it leads."
    safe = "Nothing was touched."
    todo = "Begin with a whole path, such as /Volumes/RAID/{{date}}."


class WatchRulesRefused(RefusedError):
    """A rule outside of what is possible."""

    what = "{rule} is {value}; it is {wanted}."
    safe = "Nothing was touched."
    todo = "Choose another value."
