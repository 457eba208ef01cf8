"""Keep Python's collector of cycles out of the frames.

It holds every thread while it looks: beside two transfers of small files a whole
collection took 31 to 184 ms (measured), most of it for modules and classes that never go.
What is there when the window stands is looked at no more, and the rest less often: what
moves through a transfer has no cycles and goes by itself.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 50, 1_000)
"""New objects before the youngest are looked at (about 1 ms); each further generation
after so many of the one before."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """From here on; enter it when the window stands."""
    kept = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*kept)
        gc.unfreeze()
