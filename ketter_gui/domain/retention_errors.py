"""What can be in the way of proving what was pruned; in the manner of `errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import EvidenceError


class HeadPruned(EvidenceError):
    """A head names an entry that is not there any more, and its absence is signed for."""

    what = (
        "Entry {sequence}, which the head in {path} names, was pruned: the record begins after "
        "a checkpoint at entry {checkpoint}, which is signed with key {key_id} and holds."
    )
    safe = "The {entries} entries after the checkpoint hold, none altered."
    todo = (
        "Compare the head with the archive that was written before the pruning: “ketter audit "
        "verify ARCHIVE.csv.gz --head FILE”. Without an archive the two cannot be compared."
    )


class ClockBehind(EvidenceError):
    """By the clock of this machine, entries of the audit were written in the future."""

    what = (
        "Nothing is pruned while the clock is wrong: it says {now}, and the newest entry of the "
        "audit was written {newest}."
    )
    safe = "The history is as it was."
    todo = "Set the clock of this computer, then prune again."
