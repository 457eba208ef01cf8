"""Every number that was chosen, with its reason.

Measured figures are from a machine with two cores and one virtual disk.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

RING_BUFFER_BYTES: Final = 4 * MIB
"""One read. Larger ones gain nothing, smaller ones cost system calls."""

RING_BUFFERS: Final = 6
"""How far the reader may be ahead of the slowest writer: 24 MiB a transfer."""

SMALL_FILE_BYTES: Final = 4 * MIB
"""Up to this size a plain loop in one thread beats threads and queues."""

READ_AHEAD_FILES: Final = 64
"""Small files that the drive is asked for at once: one at a time, it mostly waits. Half as
many took 3 % longer: the threads of a transfer take turns as often."""

READ_AHEAD_BYTES: Final = 16 * MIB
"""The same in bytes, so that a pause takes hold soon on a slow card."""

READ_BACK_AT_ONCE: Final = 4
"""Copies of one big file that are read back side by side, 24 MiB and two threads each. On
one disk as well: two of 2 GiB took 2.4 s so, 3.8 s one after the other."""

BATCH_FILES: Final = 1000
"""Small files that share one flush: one syncfs for each batch, not one flush a file."""

BATCH_BYTES: Final = 256 * MIB
"""Bytes that share one flush, so that a batch ends in seconds on a slow card."""

BATCHES_WAITING: Final = 1
"""Batches that are made and not yet being proven: one evens out what takes longer now and
then; more would only hold memory and unproven bytes."""

TRIES: Final = 4
"""How often a copy is begun in all when its trouble may pass: it took 4 to 10 s then."""

TRIES_AFTER_MISMATCH: Final = 2
"""Bytes that came back wrong twice are no accident."""

TRY_AGAIN_S: Final = 0.5
"""The first pause before another try; each later one is twice as long."""

SYNCFS_FILES: Final = 8
"""From this many files on, one syncfs costs less than a flush for each."""

ALLOCATE_FROM_BYTES: Final = 1 * MIB
"""Below this, fallocate costs more than the fragments it avoids."""

SPACE_MARGIN_PERCENT: Final = 10
"""Preflight asks for this much more than the total (P10)."""

PROOF_FRESH_S: Final = 60.0
"""A proof younger than this is confirmed by identity and size; an older one is read again."""

SCAN_BATCH_ITEMS: Final = 1000
"""Items that go to the ledger together."""

SCAN_BATCHES_AHEAD: Final = 4
"""After so many of them a scan waits until the ledger has those before: it takes longer for
an item than the drive does, and a million that wait would take 500 MB."""

NAMES_AT_ONCE: Final = 200_000
"""Names of one folder in memory, 56 bytes each. A folder of a million is read five times,
0.7 s each, and its scan needs no more memory than the copying afterwards."""

OPEN_FOLDERS: Final = 64
"""Folder descriptors kept open below one root."""

LEDGER_BATCH_S: Final = 0.25
"""The longest that an entry waits for others before it is written."""

LEDGER_BATCH_ROWS: Final = 2000
"""Rows that are written together at the most."""

LEDGER_BUSY_S: Final = 10.0
"""How long a lock held by another process is waited for."""

SHOWN_ITEMS: Final = 200
"""Items that a row of the queue unfolds to: at work and failed."""

LANES: Final = {
    "card": 1,
    "rotational": 1,
    "unknown": 1,
    "ssd": 2,
    "raid": 2,
    "network": 2,
    "memory": 2,
}
"""Transfers that a device can serve side by side."""

CALL_PATIENCE_S: Final = 30.0
"""A transfer without a sign of life for so long is called "not answering". Between two of
them lies at most one piece of 4 MiB, which takes 4 s on the slowest card reader."""

FLUSH_PATIENCE_S: Final = 300.0
"""The same during a flush: 256 MiB on a card at 2 MB/s, and what others had written there."""

QUIT_PATIENCE_S: Final = 3.0
"""Whoever quits does not wait longer for a call that gives no sign of life."""

QUIT_FLUSH_PATIENCE_S: Final = 10.0
"""Nor for a flush: what it would have proven is copied again by the resume."""
