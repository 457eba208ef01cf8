"""What need not be read, because nothing changed since somebody read it (see `known`).

Only for whether a copy that is there already is the source's, and never in a move. What a
mount below the chosen folder holds is on another volume than the ledger thinks: it is read.
"""

from __future__ import annotations

from ketter_gui.disk.folder import Tree
from ketter_gui.domain.items import FileState
from ketter_gui.domain.options import Mode
from ketter_gui.domain.proof import proves
from ketter_gui.engine.journal import Checksums, SourceRecalled
from ketter_gui.engine.known import KnownCopy
from ketter_gui.engine.plan import Bench, Job


def recalled_source(bench: Bench, job: Job, here: FileState) -> Checksums | None:
    """The checksums of a source in this state, if an earlier transfer read it so.

    What this run has read itself, or has to compare with a manifest, is not recalled.
    """
    if bench.plan.mode is Mode.MOVE or job.is_read or job.expected:
        return None
    if not _is_on(bench.sources[job.item.source], here):
        return None
    if job.read_in is not None and here.is_unchanged_from(job.state):
        return job.checksums
    known = bench.known.source(job.item, here)
    if known is None:
        return None
    job.state = here
    job.checksums = known.checksums
    job.read_in = known.transfer
    bench.journal.record(SourceRecalled(job.item.id, here, known.checksums, known.transfer))
    return known.checksums


def recalled_copy(
    bench: Bench, destination: int, path: bytes, there: FileState
) -> KnownCopy | None:
    """The proof of what is at a path below a destination, if it is unchanged since."""
    if bench.plan.mode is Mode.MOVE or not _is_on(bench.destinations[destination], there):
        return None
    known = bench.known.copy(destination, path, there)
    return known if known is not None and proves(known.read_back) else None


def _is_on(tree: Tree, state: FileState) -> bool:
    return state.device == tree.root.identity[0]
