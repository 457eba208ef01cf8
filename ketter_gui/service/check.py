"""One check at work: a thread of its own, how far it is, and what it found."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ketter_gui.domain.checking import (
    FINDINGS_SHOWN,
    CheckBroken,
    CheckView,
    Finding,
    PlaceChecked,
    Verdict,
)
from ketter_gui.domain.errors import KetterError
from ketter_gui.engine.control import Control, LetGo, Stopped
from ketter_gui.service.findings import Findings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a transfer's number, or 0, and what it is called; how many files and
    bytes are to be read, as far as that is known."""

    transfer: int
    name: str
    files_total: int = 0
    bytes_total: int = 0


class Check:
    """Any thread may look, stop it, or wait for it; `control`, `places`, `note` and
    `set_error` are for the work itself, in its thread."""

    def __init__(
        self,
        subject: Subject,
        places: tuple[PlaceChecked, ...],
        work: Callable[[Check], None],
        tell_end: Callable[[Check], None],
    ) -> None:
        """Begins at once. `work` checks, `tell_end` writes down what came of it, whatever
        the end was."""
        self.subject, self.places = subject, places
        self.control = Control()
        self._work, self._tell_end = work, tell_end
        self.findings = Findings()
        self._started_s = time.monotonic()
        self._lasted_s = 0.0
        self._is_whole = False
        self._error: KetterError | None = None
        self._thread = threading.Thread(target=self._run, name="ketter-check", daemon=True)
        self._thread.start()

    def view(self) -> CheckView:
        """How far it is, and what it found."""
        subject = self.subject
        return CheckView(
            subject.transfer,
            subject.name,
            subject.files_total,
            sum(sum(one.counts.values()) - one.counts[Verdict.EXTRA] for one in self.places),
            subject.bytes_total,
            sum(one.bytes_read for one in self.places),
            self.places,
            self.findings.first(),
            self._lasted_s or time.monotonic() - self._started_s,
            self._is_whole,
            self.findings.told <= FINDINGS_SHOWN,
        )

    def found_count(self, verdict: Verdict | None = None) -> int:
        """How many findings can be paged through; of one verdict, if one is named."""
        return self.findings.count(verdict)

    def found_more(self) -> int:
        """How many there were beyond those, too many to keep."""
        return self.findings.told - self.findings.count()

    def found(
        self, verdict: Verdict | None, offset: int, limit: int, *, is_grouped: bool = False
    ) -> tuple[Finding, ...]:
        """A page of them: as they came, or grouped by verdict."""
        return self.findings.page(verdict, offset, limit, is_grouped=is_grouped)

    @property
    def error(self) -> KetterError | None:
        """Why it could not be done, once it has ended: a drive that is not there."""
        return self._error

    def stop(self) -> None:
        """End at the next piece; what was found stays recorded."""
        self.control.stop()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended by then; `error` says why, if it could not be done."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- its own thread ---

    def note(self, finding: Finding) -> None:
        """Keep it for people, if there is room."""
        self.findings.note(finding)

    def set_error(self, error: KetterError) -> None:
        """It goes on with what is left, and is not whole."""
        self._error = error

    def set_totals(self, files: int, size_bytes: int) -> None:
        """How much there is to read, once that is known."""
        self.subject = Subject(self.subject.transfer, self.subject.name, files, size_bytes)

    def _run(self) -> None:
        try:
            self._work(self)
            self._is_whole = self._error is None
        except (Stopped, LetGo):
            _log.info("the check of %s was stopped", self.subject.name)
        except KetterError as error:
            self._error = error
        except Exception as error:
            _log.exception("the check of %s ended", self.subject.name)
            problem = f"{type(error).__name__}: {error}"
            self._error = CheckBroken(name=self.subject.name, problem=problem)
        finally:
            self._lasted_s = time.monotonic() - self._started_s
            try:
                self._tell_end(self)
            except KetterError as error:
                self._error = self._error or error
