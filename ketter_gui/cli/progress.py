"""What a person sees while a transfer runs: a bar on a terminal, plain lines elsewhere.

What counts is verified bytes: the bar is full when everything has been read back, not
when everything has been written. The bar and what went wrong go to stderr, results to
stdout.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli.arguments import Common
from ketter_gui.cli.figures import figures_of
from ketter_gui.cli.outcome import told
from ketter_gui.cli.output import Steady, can_rewrite_lines, complain
from ketter_gui.cli.words import about, counted, listed
from ketter_gui.domain.options import Mode
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import ItemOutcome, TransferView

if TYPE_CHECKING:
    from tqdm import tqdm

    from ketter_gui.cli.follow import Ending

_LINE_EVERY_S: Final = 5.0
_USUAL_COLUMNS: Final = 80
_ROWS: Final = 20
"""Enough for one bar: on a terminal that says it has none, tqdm would hide it."""
_WIDE_COLUMNS: Final = 100
"""With fewer, the words leave no room for the bar unless they are brief."""
_STEPS: Final = 1000
_STOPPING: Final = (
    "Stopping: what is verified stays verified, the file in hand goes back to its last "
    "proof. Once more Ctrl-C stops at once."
)


def in_words(common: Common) -> Silent:
    """The bar where it can be drawn, else plain lines."""
    return Bar(common) if can_rewrite_lines() else PlainLines(common)


def _columns() -> int:
    """The terminal's width; some have none (script or ssh -tt without a terminal of their own)."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return columns or _USUAL_COLUMNS


class Silent:
    """`--quiet`: only what went wrong."""

    wants_outcomes = False
    _says_success = False

    def __init__(self, common: Common) -> None:
        self._common = common
        self._out = Steady()

    @property
    def is_lost(self) -> bool:
        """Whether words were lost on the way to a disk."""
        return self._out.is_lost

    def started(self, view: TransferView) -> None:
        """Nothing to say yet."""

    def at_work(self, view: TransferView) -> None:
        """Nothing to say meanwhile."""

    def outcomes(self, found: tuple[ItemOutcome, ...]) -> None:
        """Not asked for: the end tells what failed."""

    def stopping(self) -> None:
        """The end tells."""

    def finished(self, ending: Ending) -> None:
        """Success to stdout, everything else to stderr."""
        lines = told(ending, self._common)
        if ending.exit_code != 0:
            for line in lines:
                complain(line)
        elif self._says_success:
            for line in lines:
                self._out.say(line)


class PlainLines(Silent):
    """A line at the start, one every few seconds that there is news, and the end: for logs,
    where a night of waiting is one line."""

    _says_success = True

    def __init__(self, common: Common) -> None:
        super().__init__(common)
        self._said_s = time.monotonic()
        self._last = ""

    def started(self, view: TransferView) -> None:
        """The number is what a person needs if this process is never heard of again."""
        self._out.say(opening(view))

    def at_work(self, view: TransferView) -> None:
        """Where it is."""
        now_s = time.monotonic()
        if now_s - self._said_s >= _LINE_EVERY_S:
            self._said_s = now_s
            line = f"{_percent(view)} {state_of(view)}".strip()
            if line != self._last:
                self._last = line
                self._out.say(line)

    def stopping(self) -> None:
        """Said at once: a big file on a slow card takes a moment."""
        complain(_STOPPING)


class Bar(Silent):
    """A line that is rewritten in place, by tqdm."""

    _says_success = True

    def __init__(self, common: Common) -> None:
        super().__init__(common)
        self._bar: tqdm[Any] | None = None

    def started(self, view: TransferView) -> None:
        """The number stays on the screen, above the bar."""
        complain(opening(view))

    def at_work(self, view: TransferView) -> None:
        """Draw; tqdm is loaded only now, so that a small file is done before that."""
        bar = self._drawn()
        columns = _columns()
        bar.ncols = columns - 1  # in the last column, some terminals begin a new line
        state = _escaped(state_of(view) if columns >= _WIDE_COLUMNS else brief_of(view))
        figures = figures_of(view)
        if figures.total_bytes and view.status is not TransferStatus.PREPARING:
            bar.n = min(figures.done_bytes * _STEPS // figures.total_bytes, _STEPS - 1)
            frame = f"{figures.percent:3d} % |{{bar}}| {state}"
        else:
            frame = state
        bar.bar_format = frame
        _try(bar.refresh)

    def stopping(self) -> None:
        """Above the bar, which goes on."""
        if self._bar is not None:
            _try(self._bar.clear)
        complain("\n" + _STOPPING)

    def finished(self, ending: Ending) -> None:
        """The bar makes room for the outcome."""
        if self._bar is not None:
            _try(self._bar.close)
        super().finished(ending)

    def _drawn(self) -> tqdm[Any]:
        if self._bar is None:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # no thread of its own: `follow` looks often enough
            self._bar = tqdm(
                total=_STEPS,
                leave=False,
                ncols=_columns() - 1,
                nrows=_ROWS,
                file=sys.stderr,
                bar_format=" ",
            )
        return self._bar


def opening(view: TransferView) -> str:
    """`Transfer 12: copying /cards/A001 to /a and /b.`"""
    doing = "copying" if view.mode is Mode.COPY else "moving"
    sources = [place.path.text for place in view.sources]
    shown = listed(sources) if len(sources) <= 3 else f"{sources[0]} and {len(sources) - 1} more"
    return f"Transfer {view.id}: {doing} {shown} to {listed(_destinations(view))}."


def state_of(view: TransferView) -> str:
    """Where a transfer is, in one line."""
    return _before_work(view) or _at_work(view, f" of {size_text(figures_of(view).total_bytes)}")


def brief_of(view: TransferView) -> str:
    """The same for a narrow terminal, where the percentage stands for the total."""
    return _before_work(view) or _at_work(view, "")


def _before_work(view: TransferView) -> str:
    if not view.is_answering:
        return "a drive does not answer; Ctrl-C leaves it, “ketter resume” carries on later"
    if view.status is TransferStatus.PENDING:
        if view.waits_for is None:
            return "waiting for its drives"
        return f"waiting for its drives, which transfer {view.waits_for} is using"
    if view.status is TransferStatus.PREPARING:
        return f"looking at what is there: {counted(view.files_total, 'file')} so far"
    if view.status is TransferStatus.PAUSED:
        return "paused in another window"
    if view.status is TransferStatus.WAITING:
        return f"waiting, goes on by itself: {view.message.partition('. ')[0]}"
    return ""


def _at_work(view: TransferView, of_total: str) -> str:
    """Both counts: while a big file is being copied, nothing of it is verified yet."""
    figures = figures_of(view)
    parts = [
        f"{size_text(figures.verified_bytes)} verified",
        f"{size_text(figures.copied_bytes)} copied{of_total}",
    ]
    if view.is_within_volume and not figures.verified_bytes:  # files are read once, and renamed
        parts = [
            f"{size_text(figures.renamed_bytes)} moved",
            f"{size_text(figures.copied_bytes)} read{of_total}",
        ]
    if figures.bytes_per_second:
        parts.append(f"{size_text(figures.bytes_per_second)}/s")
    return ", ".join([*parts, about(view.seconds_left)])


def _percent(view: TransferView) -> str:
    figures = figures_of(view)
    return f"{figures.percent} %:" if figures.total_bytes else ""


def _destinations(view: TransferView) -> list[str]:
    return [place.path.text for place in view.destinations]


def _escaped(text: str) -> str:
    """Braces in a frame are fields to tqdm."""
    return text.replace("{", "{{").replace("}", "}}")


def _try(act: Any) -> None:
    """The terminal may be gone; the transfer goes on without it."""
    try:
        act()
    except OSError:
        return
