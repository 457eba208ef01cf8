"""When a watch folder stops itself, so that a fault does not repeat all night."""

from __future__ import annotations

from ketter_gui.domain.watching import WatchRules

_FIRST_RETRY_S = 60.0
_LAST_RETRY_S = 3600.0


class Breaker:
    """Counts what the rules limit, from the moment the watch folder was started."""

    def __init__(self, now_s: float) -> None:
        self._started_s = now_s
        self.cycles = 0
        self.failures = 0

    def note_cycle(self) -> None:
        """Everything was looked through once more."""
        self.cycles += 1

    def note_end(self, *, is_good: bool) -> None:
        """A transfer ended; a good one wipes out the bad ones before it."""
        self.failures = 0 if is_good else self.failures + 1

    def reason(self, rules: WatchRules, now_s: float) -> str:
        """Why it has to stop; empty while it has not."""
        if rules.max_failures and self.failures >= rules.max_failures:
            if self.failures == 1:
                return "a transfer has failed"
            return f"{self.failures} transfers in a row have failed"
        if rules.max_cycles and self.cycles >= rules.max_cycles:
            return f"it has looked through everything {self.cycles:,} times, as was allowed"
        if rules.max_runtime_s and now_s - self._started_s >= rules.max_runtime_s:
            return f"it has run for {rules.max_runtime_s / 3600:g} h, as was allowed"
        return ""


def retry_after_s(tries: int) -> float:
    """How long to wait before a failed transfer is tried again: twice as long each time."""
    doublings = min(max(tries - 1, 0), 16)
    return min(_FIRST_RETRY_S * (1 << doublings), _LAST_RETRY_S)
