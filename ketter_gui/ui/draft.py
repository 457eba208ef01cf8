"""A request in the making: what was chosen so far, and what keeps it from starting.

No widgets here. Sources are counted and the request is checked in the background;
whoever shows the draft listens to its signals.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal

from ketter_gui.domain.errors import KetterError, NothingToDo
from ketter_gui.domain.options import Manifest, Mode, OnConflict, Options, Pack, Request
from ketter_gui.domain.views import Problem, SizeView
from ketter_gui.ui.asked import Asked
from ketter_gui.ui.background import Background, Job

_CHECK_AFTER_MS = 120
"""So that a drop of thirty folders is checked once."""


@dataclass(slots=True)
class Counted:
    """A source, what it was found to hold so far, and the count under way."""

    path: bytes
    size: SizeView = field(default_factory=lambda: SizeView(0, 0, is_complete=False))
    stop: threading.Event = field(default_factory=threading.Event)
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A problem and the card it stands on: `about` says in which half."""

    about: str
    path: bytes
    error: KetterError


class Draft(QObject):
    """Sources, destinations and options, with sizes and problems as they become known."""

    changed = Signal()
    """Something that is shown changed: a size, a problem, a choice."""

    choice_changed = Signal()
    """A person chose something else: what was refused before may be possible now."""

    sources_changed = Signal()
    _counted = Signal(object, object)

    def __init__(
        self, service: Asked, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._background = background
        self._sources: dict[bytes, Counted] = {}
        self._destinations: dict[bytes, None] = {}
        self._mode = Mode.COPY
        self._options = Options()
        self._problems: tuple[Problem, ...] = ()
        self._renamed: frozenset[int] = frozenset()
        self._checked: Request = self.request()
        self._check_job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHECK_AFTER_MS)
        self._timer.timeout.connect(self._check)
        self._counted.connect(self._on_counted)

    def sources(self) -> tuple[Counted, ...]:
        """In the order they were added."""
        return tuple(self._sources.values())

    def destinations(self) -> tuple[bytes, ...]:
        """In the order they were ticked."""
        return tuple(self._destinations)

    def request(self) -> Request:
        """What would be started now."""
        return Request(tuple(self._sources), tuple(self._destinations), self._mode, self._options)

    def add_sources(self, paths: tuple[bytes, ...]) -> None:
        """Add sources that are not there yet, and begin to count them."""
        new = [path for path in paths if path not in self._sources]
        for path in new:
            self._sources[path] = counted = Counted(path)
            self._count(counted)
        if new:
            self.sources_changed.emit()
            self._touch()

    def remove_source(self, path: bytes) -> None:
        """Take a source back."""
        counted = self._sources.pop(path, None)
        if counted is not None:
            _stop(counted)
            self.sources_changed.emit()
            self._touch()

    def set_destination(self, path: bytes, *, is_chosen: bool) -> None:
        """Tick or untick a destination."""
        if is_chosen == (path in self._destinations):
            return
        if is_chosen:
            self._destinations[path] = None
        else:
            del self._destinations[path]
        self._touch()

    def set_mode(self, mode: Mode) -> None:
        """Copy or move."""
        self._mode = mode
        self._touch()

    def set_checksum(self, name: str) -> None:
        """The checksum that decides."""
        self._options = replace(self._options, checksums=(name,))
        self._touch()

    def set_conflict(self, policy: OnConflict) -> None:
        """What happens when a name is taken by something different."""
        self._options = replace(self._options, on_conflict=policy)
        self._touch()

    def set_manifest(self, manifest: str) -> None:
        """Which manifest is left beside the copies; empty for none."""
        chosen = (Manifest(manifest),) if manifest else ()
        self._options = replace(self._options, manifests=chosen)
        self._touch()

    def set_pack(self, pack: Pack) -> None:
        """Whether folders arrive as archives, or archives as folders."""
        self._options = replace(self._options, pack=pack)
        self._touch()

    def set_reserve(self, size_bytes: int) -> None:
        """What stays free on every destination."""
        self._options = replace(self._options, reserve_bytes=size_bytes)
        self._touch()

    def set_limit(self, bytes_per_s: int) -> None:
        """How fast it may be read at the most; 0 is no limit."""
        self._options = replace(self._options, limit_bytes_per_s=bytes_per_s)
        self._touch()

    def set_options(self, mode: Mode, options: Options) -> None:
        """All of them at once, from a request that was prepared elsewhere."""
        self._mode, self._options = mode, options
        self._touch()

    def problems_of(self, about: str, index: int) -> tuple[KetterError, ...]:
        """The problems of one source or destination."""
        return tuple(
            problem.error
            for problem in self._problems
            if problem.about == about and problem.index == index and not _is_only_missing(problem)
        )

    def marked(self) -> tuple[Marked, ...]:
        """The problems that stand beside a source or a destination, the first first."""
        paths = {"source": self._checked.sources, "destination": self._checked.destinations}
        return tuple(
            Marked(problem.about, paths[problem.about][problem.index], problem.error)
            for problem in self._problems
            if problem.about in paths and not _is_only_missing(problem)
        )

    def is_counting(self) -> bool:
        """Whether a source is still being counted."""
        return any(not c.size.is_complete and c.size.error is None for c in self._sources.values())

    def total_bytes(self) -> int:
        """What the sources hold, as far as counted."""
        return sum(counted.size.bytes for counted in self._sources.values())

    def renamed(self) -> frozenset[int]:
        """The sources, by index, that only move within their drive; none before that is
        known of what is chosen now."""
        return self._renamed if self._checked == self.request() else frozenset()

    def landing_bytes(self) -> int:
        """What takes room at the ticked destinations: a file that is renamed takes none."""
        stays = self.renamed()
        return sum(
            counted.size.bytes
            for index, counted in enumerate(self._sources.values())
            if index not in stays
        )

    def total_files(self) -> int:
        """How many files, as far as counted."""
        return sum(counted.size.files for counted in self._sources.values())

    def can_start(self) -> bool:
        """There is a source, a destination, and no known problem.

        A check under way does not hold up Enter: the service checks again, and refuses in
        words.
        """
        if not self._sources or not self._destinations:
            return False
        is_known = self._checked == self.request()
        return not (is_known and self._problems)

    def is_settled(self) -> bool:
        """The last check is of what is chosen now."""
        return self._checked == self.request() and not self._timer.isActive()

    def close(self) -> None:
        """Stop counting; nothing is told any more."""
        self._timer.stop()
        if self._check_job is not None:
            self._check_job.forget()
        for counted in self._sources.values():
            _stop(counted)

    def _touch(self) -> None:
        self._timer.start()
        self.choice_changed.emit()
        self.changed.emit()

    def _check(self) -> None:
        request = self.request()
        if self._check_job is not None:
            self._check_job.forget()

        def ask() -> tuple[tuple[Problem, ...], frozenset[int]]:
            problems = self._service.check(request)
            asks = request.mode is Mode.MOVE and not problems
            return problems, self._service.renamed(request) if asks else frozenset()

        def checked(found: tuple[tuple[Problem, ...], frozenset[int]]) -> None:
            self._checked = request
            self._problems, self._renamed = found
            self.changed.emit()

        def failed(error: KetterError) -> None:
            checked(((Problem("options", 0, error),), frozenset()))

        self._check_job = self._background.run(ask, checked, failed)

    def _count(self, counted: Counted) -> None:
        def failed(error: KetterError) -> None:
            self._on_counted(counted, SizeView(0, 0, is_complete=False, error=error))

        counted.job = self._background.run(
            lambda: self._service.measure(
                counted.path, counted.stop, lambda size: self._counted.emit(counted, size)
            ),
            lambda size: self._on_counted(counted, size),
            failed,
        )

    def _on_counted(self, counted: Counted, size: SizeView) -> None:
        if counted.stop.is_set() or counted.size.is_complete:
            return
        counted.size = size
        self.changed.emit()


def _stop(counted: Counted) -> None:
    counted.stop.set()
    if counted.job is not None:
        counted.job.forget()


def _is_only_missing(problem: Problem) -> bool:
    """Nothing chosen yet is no fault of anybody: the sheet says so in its own way."""
    return isinstance(problem.error, NothingToDo)
