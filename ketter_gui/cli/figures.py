"""A transfer's numbers as a person counts them.

The service counts every destination: a 10 GB card on two drives is 20 GB of proof. Here
the card has 10 GB again, and the speed is that of the card.
"""

from __future__ import annotations

from dataclasses import dataclass

from ketter_gui.domain.views import TransferView


@dataclass(frozen=True, slots=True)
class Figures:
    """Bytes of the source; how many of them are copied, and verified, everywhere."""

    total_bytes: int
    copied_bytes: int
    verified_bytes: int
    bytes_per_second: int
    renamed_bytes: int = 0

    @property
    def done_bytes(self) -> int:
        """Verified, or moved within their volume: nothing more is to be done for them."""
        return self.verified_bytes + self.renamed_bytes

    @property
    def percent(self) -> int:
        """Of bytes that are done; 100 is kept for the end, which the transfer tells itself."""
        if not self.total_bytes:
            return 0
        return min(self.done_bytes * 100 // self.total_bytes, 99)


def figures_of(view: TransferView) -> Figures:
    """The mean over the destinations."""
    count = max(len(view.destinations), 1)
    return Figures(
        view.bytes_total // count,
        view.bytes_copied // count,
        view.bytes_verified // count,
        view.bytes_per_second // count,
        view.bytes_renamed // count,
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was done here and now, without what an earlier start had done already."""

    seconds: float
    done_bytes: int

    @property
    def bytes_per_second(self) -> int:
        """The mean from start to end, scan and flushes included."""
        return round(self.done_bytes / self.seconds) if self.seconds > 0 else 0
