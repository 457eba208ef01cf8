"""One transfer from `pending` to its end, in one thread of the pool.

Whatever happens in here ends in a status, an audit entry and a sentence: Qt would
swallow an exception that left `run`.
"""

from __future__ import annotations

import errno
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QRunnable

from ketter_gui.domain.errors import (
    Cancelled,
    KetterError,
    NotEnoughSpace,
    NothingMatches,
    StillFull,
    VolumeGone,
    WaitingError,
)
from ketter_gui.domain.options import Mode, Pack
from ketter_gui.engine.already_there import already_there
from ketter_gui.engine.control import LetGo, Stopped
from ketter_gui.engine.folders import finish_folders
from ketter_gui.engine.losses import note_losses
from ketter_gui.engine.names_check import check_names
from ketter_gui.engine.places import found_again
from ketter_gui.engine.plan import Bench, Work, opened, opened_sources
from ketter_gui.engine.preflight import ask_spares, preflight, rooms
from ketter_gui.engine.recover import clear_begun, restore_names
from ketter_gui.engine.remove_folders import remove_empty_folders
from ketter_gui.engine.rename import rename_within, renamed_in
from ketter_gui.engine.renamed import finish_renames, is_planned
from ketter_gui.engine.run import carry_out, finish_proven
from ketter_gui.engine.scan import scan, scan_again
from ketter_gui.evidence.manifests.listed import Outcome
from ketter_gui.queue.books import Books, Unexpected
from ketter_gui.queue.journal import LedgerJournal
from ketter_gui.queue.known import known_to
from ketter_gui.queue.manifests import look_again, read_manifests
from ketter_gui.queue.names import LedgerNames
from ketter_gui.queue.promises import with_expected
from ketter_gui.queue.runs import Run

_log = logging.getLogger(__name__)


class Worker(QRunnable):
    """Carries a run out and tells `ended`; owned and deleted by the pool."""

    def __init__(self, run: Run, books: Books, ended: Callable[[Run], None]) -> None:
        super().__init__()
        self._run = run
        self._books = books
        self._ended = ended

    def run(self) -> None:
        """The pool's entry."""
        _let_tools_follow()
        try:
            self._carry_out()
        finally:
            _forget_frames(self._run.failure)
            self._ended(self._run)

    def _carry_out(self) -> None:
        run, books = self._run, self._books
        run.failure = None
        try:
            run.control.checkpoint()
            if run.is_resumed:
                _follow_volumes(run)
            _work_or_done(run, books)
            books.ended(run, _manifests(run, books))
            run.is_over = True
        except LetGo:
            return None  # it hung, and others have taken care of everything
        except Stopped:
            run.is_over = True
            run.control.gate.shut()  # a second thread of it may still hang somewhere
            if run.journal is not None:
                run.journal.close()
            self._record(partial(books.interrupted, run.transfer))
        except Cancelled as error:
            self._cancel(error)
        except WaitingError as error:
            self._wait(error)
        except KetterError as error:
            if isinstance(error, NotEnoughSpace) and run.was_let_through:
                problem, _, _ = error.sentences()
                return self._wait(StillFull(error.path, errno=errno.ENOSPC, problem=problem))
            self._fail(error)
        except Exception as error:
            _log.exception("transfer %d ended unexpectedly", run.transfer)
            self._fail(Unexpected(kind_of=type(error).__name__))

    def _fail(self, error: KetterError) -> None:
        run = self._run
        run.is_over = True
        run.failure = error
        self._try("names are still to be given back", _give_names_back)
        self._record(partial(self._books.failed, run, error))

    def _cancel(self, error: Cancelled) -> None:
        """Back to the last proof, then over: afterwards nobody would look after an original
        that wears another name. As long as its volume is away, the cancel waits for it."""
        run = self._run
        for what, act in (
            ("names are still to be given back", _give_names_back),
            ("renames are still to be looked for", _finish_renames),
        ):
            failure = self._try(what, act)
            if isinstance(failure, WaitingError):
                self._wait(failure)
                return
        if run.is_resumed:
            self._try("parts are left behind", _finish_proven)
        run.is_over = True
        run.failure = error
        self._record(partial(self._books.cancelled, run, error))

    def _try(self, what: str, act: Callable[[Run, Books], None]) -> Exception | None:
        """Clear up after what ended already; returns what kept it from that."""
        try:
            act(self._run, self._books)
        except Exception as error:
            _log.warning("transfer %d, %s: %s", self._run.transfer, what, error)
            return error
        return None

    def _wait(self, error: WaitingError) -> None:
        """If the ledger itself is what has to be waited for, it cannot be told now; the
        transfer tries again all the same."""
        self._run.failure = error
        try:
            self._books.waiting(self._run, error)
        except KetterError as failure:
            _log.warning("transfer %d waits, unrecorded: %s", self._run.transfer, failure)

    def _record(self, act: Callable[[], None]) -> None:
        """The ledger itself may be what failed: then the log is all there is, and the
        next start finds the transfer interrupted."""
        try:
            act()
        except KetterError as error:
            _log.error(
                "the outcome of transfer %d is not in the ledger: %s", self._run.transfer, error
            )
            self._run.failure = self._run.failure or error
            self._run.is_over = True


def _follow_volumes(run: Run) -> None:
    """A drive that was away may be mounted somewhere else now: it is known by what it is."""
    plan = found_again(run.plan)
    if plan is not run.plan:
        run.plan, run.journal = plan, None


def _manifests(run: Run, books: Books) -> Outcome:
    """What it leaves at its destinations: once, also when the ledger keeps the end waiting."""
    if run.left is not None or not run.plan.options.manifests:
        return run.left or Outcome()
    from ketter_gui.queue.written_manifests import write_manifests  # only who asked pays for it

    run.left = write_manifests(books.ledger, books.witness, run.plan)
    return run.left


def _work_or_done(run: Run, books: Books) -> None:
    """A move that takes its folders may find its source gone when it is resumed: by itself,
    if everything is done."""
    try:
        _work(run, books)
    except VolumeGone:
        if not (run.is_resumed and _takes_folders(run) and books.is_all_done(run.plan)):
            raise
        books.recount(run)
        books.running(run)


def _work(run: Run, books: Books) -> None:
    journal = _journal(run, books)
    books.preparing(run)
    run.measure_from_here()
    is_scanned = books.is_scanned(run.transfer)
    if run.is_resumed:
        _give_names_back(run, books)
    with opened(
        run.plan,
        journal,
        run.counters,
        run.control,
        may_make=not is_scanned,
        slots=run.slots,
    ) as bench:
        bench.known = known_to(books.ledger, run.plan)
        if run.is_resumed:
            books.recount(run)
            begun = books.begun(run.transfer)
            run.was_let_through |= bool(begun) or _has_copies(run)
            _clear(bench, run, books, begun)
        if not is_scanned:
            books.forget_items(run)
            run.counters.forget_scan()
            _scan(bench, run, books)
            _refuse_nothing(run, books)
            books.scanned(run)
        elif run.is_resumed:
            _catch_up(bench, run, books)
        _preflight(bench, run, books)
        run.was_let_through = True
        books.running(run)
        if run.plan.options.pack is Pack.ZIP:
            from ketter_gui.queue import archives

            archives.pack(bench, run, books)
        else:
            _carry_out_all(bench, run, books)
        journal.commit()
        note_losses(bench, books.losses(run.transfer), books.skipped_links(run.plan))
        journal.commit()
        if _takes_folders(run):  # the last thing of all: the chosen folders may go
            remove_empty_folders(bench, books.made_folders(run.plan))


def _takes_folders(run: Run) -> bool:
    options = run.plan.options
    is_move = run.plan.mode is Mode.MOVE and options.pack is Pack.NONE
    return is_move and options.remove_empty_folders


def _carry_out_all(bench: Bench, run: Run, books: Books) -> None:
    _rename(bench, run, books)
    works = with_expected(books.ledger, run.transfer, books.works(run.plan))
    if run.plan.options.pack is Pack.UNZIP:
        from ketter_gui.queue import archives

        archives.carry_out_unpacked(bench, works, is_resumed=run.is_resumed)
    else:
        _carry_out_files(bench, run, books, works)
    finish_folders(bench, books.folders(run.plan))


def _carry_out_files(bench: Bench, run: Run, books: Books, works: Iterator[Work]) -> None:
    carry_out(bench, works, is_resumed=run.is_resumed)
    if run.plan.options.hard_links:  # their files' first names are at their end now
        links = with_expected(books.ledger, run.transfer, books.links(run.plan))
        carry_out(bench, links, is_resumed=run.is_resumed)


def _scan(bench: Bench, run: Run, books: Books) -> None:
    if run.plan.options.pack is Pack.UNZIP:
        from ketter_gui.queue import archives

        archives.scan_archives(bench)
        return
    if books.is_chosen(run.transfer):
        from ketter_gui.engine.scan_chosen import scan_chosen

        scan_chosen(bench, books.chosen(run.transfer))
    else:
        scan(bench)
    if any(not source.name for source in run.plan.sources):
        return  # a watch folder's files each stand for themselves
    read_manifests(bench, books.ledger)


def _refuse_nothing(run: Run, books: Books) -> None:
    """A mistyped pattern must not look like a card that is safe. Where only some files are
    included, only folders on the way to them are items, besides the sources themselves.
    Raises NothingMatches."""
    include, sources = run.plan.options.include, run.plan.sources
    if (
        include
        and not books.is_chosen(run.transfer)
        and books.ledger.item_count(run.transfer) <= len(sources)
    ):
        patterns = ", ".join(f"“{pattern}”" for pattern in include)
        raise NothingMatches(sources[0].path, patterns=patterns)


def _clear(
    bench: Bench, run: Run, books: Books, begun: Sequence[Work], *, is_over: bool = False
) -> None:
    """Remove what was begun and not proven; an archive begins from nothing."""
    if run.plan.options.pack is Pack.ZIP:
        from ketter_gui.queue import archives

        archives.clear_begun_archives(bench, run, books)
    else:
        clear_begun(bench, begun, is_over=is_over)


def _rename(bench: Bench, run: Run, books: Books) -> None:
    """Files that stay on their volume are renamed. What cannot be needs room after all,
    which nobody has asked for yet."""
    works = with_expected(books.ledger, run.transfer, books.every_name(run.plan))
    if rename_within(bench, works):
        bench.journal.commit()
        _preflight(bench, run, books, is_renamed=True)


def _catch_up(bench: Bench, run: Run, books: Books) -> None:
    """What could not be listed, or was missing although a manifest lists it, may be there
    by now."""
    if unlisted := books.unlisted(run.transfer):
        scan_again(bench, unlisted)
    if look_again(bench, books.ledger, is_more=bool(unlisted)):
        books.scanned_again(run)


def _give_names_back(run: Run, books: Books) -> None:
    """To source files that were set aside when something came between."""
    if not (set_aside := books.set_aside(run.transfer)):
        return
    journal = _journal(run, books)
    with opened_sources(run.plan, journal, run.counters, run.control) as bench:
        restore_names(bench, set_aside)


def _finish_renames(run: Run, books: Books) -> None:
    """Find out what became of files that were about to be renamed: those that have their
    new names are not cancelled."""
    begun = books.begun(run.transfer)
    if not (planned := [work for work in begun if is_planned(work.copies[0])]):
        return
    journal = _journal(run, books)
    with opened(run.plan, journal, run.counters, run.control, may_make=False) as bench:
        finish_renames(bench, planned)


def _finish_proven(run: Run, books: Books) -> None:
    """Remove parts of an earlier run, and give names to what it had proven."""
    begun, proven = books.begun(run.transfer), books.proven(run.transfer)
    try:
        if begun or proven:
            journal = _journal(run, books)
            with opened(run.plan, journal, run.counters, run.control, may_make=False) as bench:
                _clear(bench, run, books, begun, is_over=True)
                if run.plan.options.pack is Pack.ZIP:
                    from ketter_gui.queue import archives

                    archives.finish_proven_archives(bench, run, books)
                else:
                    finish_proven(bench, proven)
    finally:
        books.recount(run)


def _preflight(bench: Bench, run: Run, books: Books, *, is_renamed: bool = False) -> None:
    """`is_renamed`: what is to be renamed was, or could not be and needs room after all."""
    if run.plan.options.pack is Pack.ZIP:
        from ketter_gui.queue import archives

        archives.check_room(bench, run, books)
        return
    names = LedgerNames(books.ledger, run.transfer)
    found = rooms(bench)
    units = [one.unit_bytes for one in found]
    volumes = [one.place.volume for one in run.plan.destinations]
    at_home = renamed_in(run.plan)
    ask = partial(books.needs, run.transfer, renamed=() if is_renamed else at_home, at_home=at_home)
    needs = ask(units)
    reserved = books.reserved(run.transfer, dict(zip(volumes, units, strict=True)))
    try:
        preflight(bench, found, needs, reserved)
    except NotEnoughSpace:
        needs_with_holes = ask(units, ask_spares(bench))
        there = already_there(bench, names, units)
        least = [need - one for need, one in zip(needs_with_holes, there, strict=True)]
        if least == needs:
            raise
        preflight(bench, found, least, reserved)
    check_names(bench, names)


def _has_copies(run: Run) -> bool:
    """Whether a transfer that is gone on with has brought something to its end before."""
    return any(
        one.files_verified or one.files_skipped or one.files_renamed
        for one in run.counters.destinations
    )


def _journal(run: Run, books: Books) -> LedgerJournal:
    """A run's journal, which whoever lets it go closes."""
    run.control.gate.check()
    if run.journal is None:
        run.journal = LedgerJournal(books, run.plan, run.slots)
    return run.journal


def _forget_frames(failure: BaseException | None) -> None:
    """A failure is kept as long as its transfer waits; the frames that it came through hold
    open folders, which would keep a drive from being unmounted, and from coming back."""
    if failure is not None:
        failure.__traceback__ = failure.__cause__ = failure.__context__ = None


def _let_tools_follow() -> None:
    """Threads that Qt starts do not run Python's trace hook; coverage and debuggers need it."""
    hook = threading.gettrace()
    if hook is not None:
        sys.settrace(hook)
