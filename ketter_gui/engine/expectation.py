"""The source's own proof: what its manifests say is compared in the one read.

What differs fails on all destinations before anything of it is proven or named: a copy of
it would be a proven copy of the wrong bytes. In a move the source is kept, as for any copy
that failed.
"""

from __future__ import annotations

from ketter_gui.domain.errors import SourceDiffersFromManifest
from ketter_gui.domain.expected import Compared, compared, wanted
from ketter_gui.engine.journal import Checksums
from ketter_gui.engine.plan import Bench, Job


def also_wanted(bench: Bench, job: Job) -> tuple[str, ...]:
    """The checksums to compute of this source beside the transfer's own."""
    return wanted(job.expected, bench.plan.options.checksums) if job.expected else ()


def compare(bench: Bench, job: Job, found: Checksums) -> tuple[Compared, ...]:
    """Compare what was read, the transfer's own checksums and those beside them, with what
    is expected. A difference is left on the job, and fails what of it is still alive."""
    job.differs = None
    if not job.expected:
        return ()
    outcome = compared(job.expected, found)
    for one in outcome:
        if not one.is_equal:
            job.differs = SourceDiffersFromManifest(
                bench.source_words(job.item),
                date=one.expected.date,
                manifest=one.expected.name,
                algorithm=one.expected.algorithm,
                expected=one.expected.value,
                found=one.found,
            )
            job.fail(job.differs)
            break
    return outcome
