"""What runs when: transfers wait for lanes, run in a thread pool, and are recorded.

    lanes      how many transfers a device can serve; taken together, oldest first
    speed      smoothed speed and time left, from counters
    witness    who, where and when: every audit entry's first columns
    journal    the engine's events become rows and audit entries
    known      the checksum cache: what earlier transfers read and proved, for a copy's skips
    found_manifests, matching, manifests, promises
               what the manifests that came with a source say: where they lie, which items
               they mean, what is expected of these, and what came of it
    worker     one transfer from `pending` to its end, in one thread of the pool
    scheduler  starts, pauses, resumes, cancels; one ticker a second

Threads: the scheduler's own lock guards the table of runs; a run's control and counters
are made to be shared; everything else belongs to the worker's thread.
"""
