"""The work on files, from source to `verified`.

One file's way, each step in the module of its name:

    scan       the source is listed, in order, into the ledger
    preflight  room, names and permissions are checked before the first byte
    existing   what a destination has under the name already: equal, in the way, or neither;
               recall, known: what need not be read for that, since nothing changed
    copy       read once; every algorithm and every destination eat from the same buffer;
               each destination writes a part file
    expectation  what the source's own manifests say is compared in that one read
    (flush)    parts reach the drive: one syncfs for a batch, or a flush for each file
    verify     the part is read back past the cache and compared with what was read
    commit     `proven` and the part's identity are durable in the ledger, then the part
               gets its name without clobbering, then its folder is flushed: `verified`
    remove     in a move: set aside, confirmed again, removed
    recover    after a crash: what was proven is kept, what was begun is cleared away

Small files go through these steps in batches, big ones one at a time (`run`). The
engine reports to a `Journal` and increments `Counters`; it does not know who listens,
and it knows neither Qt nor the database.

Threads: one thread runs a transfer. For big files `pump` adds one hasher a checksum and
one writer a destination, which end with the file.
"""
