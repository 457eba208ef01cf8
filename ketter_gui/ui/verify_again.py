"""Reading copies or any folder again: begun, looked at and told here, shown by the page.

As long as its page does not show a check, a notice in the window tells of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.names import to_text
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.asked import Asked, Checking
from ketter_gui.ui.background import Background
from ketter_gui.ui.banner import Banner, Choice, Notice
from ketter_gui.ui.look import Look
from ketter_gui.ui.verify_runs import Run, What
from ketter_gui.ui.verify_text import Said, named, outcome, refused, so_far

_LOOK_MS: Final = 250
_KEPT: Final = 8
"""So many checks stay in the page once they have ended, with what they found."""


class VerifyAgain(QObject):
    """One check for each transfer or folder at a time."""

    asked = Signal(object)
    """A person wants a Run: a new one, or one that is at work already."""

    changed = Signal(object)
    """A Run has begun, has ended, or was refused."""

    looked = Signal()
    """Those at work have been looked at: their views are new."""

    ended = Signal()
    """A check has come to its end, and the ledger tells of it."""

    show_asked = Signal(object)
    """A person wants to see a Run in its page."""

    def __init__(self, look: Look, service: Asked, background: Background, banner: Banner) -> None:
        super().__init__()
        self._look, self._service = look, service
        self._background, self._banner = background, banner
        self._runs: dict[str, Run] = {}
        self.is_shown: Callable[[], bool] = lambda: False
        """Whether the page is what the window shows: then no notice is needed."""
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look_at_all)

    # --- what is asked for ---

    def ask(self, transfer: TransferView) -> None:
        """Begin with a transfer's copies, unless they are being read already."""
        number = transfer.id
        begin = partial(self._service.verify_again, number)
        self._begin(Run(_key(number), transfer.name, What.COPIES, begin))

    def ask_folder(self, path: bytes, manifest: bytes | None = None) -> None:
        """Begin with a folder, or a manifest in one: is it what the manifests say?"""
        begin = partial(self._service.verify_folder, path, manifest)
        by = f"-by-{manifest!r}" if manifest else ""
        run = Run(f"verify-{path!r}{by}", _name(path), What.FOLDER, begin, (path,))
        self._begin(run)

    def ask_two(self, left: bytes, right: bytes) -> None:
        """Begin with two folders: where does the second one differ from the first?"""
        begin = partial(self._service.compare_folders, left, right)
        run = Run(f"verify-{left!r}-{right!r}", _name(right), What.TWO, begin, (left, right))
        self._begin(run)

    def ask_paths(self, paths: tuple[bytes, ...]) -> None:
        """Begin with what was dropped or chosen: two folders are compared, a folder and a
        manifest go together, and everything else is looked at by itself."""

        def sorted_out(are_folders: tuple[bool, ...]) -> None:
            folders = [path for path, is_one in zip(paths, are_folders, strict=True) if is_one]
            files = [path for path in paths if path not in folders]
            if len(folders) == 2 and not files:
                self.ask_two(*folders)
            elif len(folders) == 1 and files:
                for file in files:
                    self.ask_folder(folders[0], file)
            else:
                for path in paths:
                    self.ask_folder(path)

        self._background.run(lambda: self._service.are_folders(paths), sorted_out)

    def again(self, run: Run) -> None:
        """The same once more."""
        self._begin(Run(run.key, run.name, run.what, run.begin, run.paths))

    # --- what is there ---

    def runs(self) -> tuple[Run, ...]:
        """Those that can be shown, the newest first."""
        return tuple(reversed(self._runs.values()))

    def is_at_work(self, transfer: int) -> bool:
        """Whether its copies are being read."""
        run = self._runs.get(_key(transfer))
        return run is not None and run.check is not None and not run.is_over

    def checks(self) -> int:
        """How many are at work."""
        return sum(run.check is not None and not run.is_over for run in self._runs.values())

    def say_nothing_pasted(self) -> None:
        """The clipboard has nothing that could be verified."""
        self._banner.say(Notice("paste", self.tr("There is no file or folder to paste.")))

    def take_over(self, run: Run) -> None:
        """The page shows it now: no notice is needed any more."""
        self._banner.take_back(run.key)

    # --- how it goes ---

    def _begin(self, run: Run) -> None:
        before = self._runs.get(run.key)
        if before is not None and not before.is_over:
            self.asked.emit(before)
            return
        self._runs.pop(run.key, None)
        self._runs[run.key] = run
        over = [one for one in self._runs.values() if one.is_over]
        for one in over[: max(0, len(self._runs) - _KEPT)]:
            del self._runs[one.key]
        self._background.run(
            run.begin,
            lambda check: self._begun(run, check),
            lambda error: self._refused(run, error),
        )
        self.asked.emit(run)

    def _begun(self, run: Run, check: Checking) -> None:
        run.check = check
        view = check.view()
        if not self.is_shown():
            title = self.tr("Reading the copies of %1 again.")
            if not view.transfer:
                title = self.tr("Reading %1.")
            title = title.replace("%1", run.name)
            choices = (self._show_choice(run), Choice(self.tr("Stop"), check.stop))
            text = so_far(view, self._look.words)
            self._banner.say(Notice(run.key, title, text, choices=choices))
        self._timer.start()
        self.changed.emit(run)

    def _refused(self, run: Run, error: KetterError) -> None:
        run.error, run.is_over = error, True
        if not self.is_shown():
            del self._runs[run.key]
            self._say(run, refused(error))
        self.changed.emit(run)

    def _look_at_all(self) -> None:
        for run in [one for one in self._runs.values() if one.check and not one.is_over]:
            assert run.check is not None
            if run.check.wait(0):
                run.end()
                self._tell(run)
                self.changed.emit(run)
                self.ended.emit()
            elif (view := run.view()) is not None:
                self._banner.say_more(run.key, so_far(view, self._look.words))
        self.looked.emit()
        if not self.checks():
            self._timer.stop()

    def _tell(self, run: Run) -> None:
        view = run.view()
        if view is None or self.is_shown():
            self._banner.take_back(run.key)
            return
        if run.error is not None:
            said = refused(run.error)
        else:
            said = outcome(view, self._look.words, run.what)
            said = said._replace(text="\n".join(filter(None, [said.text, *named(view)])))
        self._say(run, said, *([self._show_choice(run)] if view.findings else []))

    def _show_choice(self, run: Run) -> Choice:
        return Choice(self.tr("Show"), lambda: self.show_asked.emit(run))

    def _say(self, run: Run, said: Said, *choices: Choice) -> None:
        self._banner.say(
            Notice(run.key, said.title, said.text, tone=said.tone, icon=said.icon, choices=choices)
        )


def _name(path: bytes) -> str:
    """The last part of a path: what people call a folder."""
    text = to_text(path).text
    return text.rpartition("/")[2] or text


def _key(transfer: int) -> str:
    return f"verify-{transfer}"
