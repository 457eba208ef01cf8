"""`--json`: one object a line on stdout and nothing else (design, §6).

An item's line comes when all its copies have come to their end. They end close
together, but not always side by side: in one batch a copy that was already there is
found before the one beside it is made. So an item is held until its last copy arrives,
or until so many other items have ended that it will have no more in this run.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from ketter_gui.cli.figures import figures_of
from ketter_gui.cli.output import Steady
from ketter_gui.domain.expected import ManifestOutcome
from ketter_gui.domain.limits import BATCH_FILES
from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.times import utc_text
from ketter_gui.domain.views import NOT_KEPT, AuditLine, ItemOutcome, TransferView

if TYPE_CHECKING:
    from ketter_gui.cli.follow import Ending
    from ketter_gui.domain.names import TextPath

FORMAT: Final = "ketter-json/1"
_PROGRESS_EVERY_S: Final = 0.5
_HELD_ITEMS: Final = 2 * BATCH_FILES
_STATUS: Final = {
    "item.verified": "verified",
    "item.renamed": "renamed",
    "item.skipped": "skipped",
    "item.failed": "failed",
}

_line = json.JSONEncoder(ensure_ascii=True, separators=(", ", ": ")).encode


class JsonLines:
    """Tells a program. ASCII only, so that no terminal's encoding can spoil it."""

    wants_outcomes = True

    def __init__(self) -> None:
        self._out = Steady()
        self._transfer = 0
        self._destinations = 1
        self._held: OrderedDict[str, list[ItemOutcome]] = OrderedDict()
        self._progress_s = 0.0

    @property
    def is_lost(self) -> bool:
        """Whether objects were lost on the way to a disk."""
        return self._out.is_lost

    def started(self, view: TransferView) -> None:
        """The first line carries the format and everything that was asked for."""
        self._transfer = view.id
        self._destinations = len(view.destinations)
        self._say("transfer.started", format=FORMAT, **request_fields(view))

    def at_work(self, view: TransferView) -> None:
        """At most two a second."""
        now_s = time.monotonic()
        if now_s - self._progress_s < _PROGRESS_EVERY_S:
            return
        self._progress_s = now_s
        figures = figures_of(view)
        self._say(
            "progress",
            status=view.status.value,
            files=view.files_total,
            files_verified=view.files_verified,
            files_renamed=view.files_renamed,
            bytes=figures.total_bytes,
            bytes_copied=figures.copied_bytes,
            bytes_verified=figures.verified_bytes,
            bytes_renamed=figures.renamed_bytes,
            bytes_per_second=figures.bytes_per_second,
            seconds_left=view.seconds_left,
            **({} if view.is_answering else {"answering": False}),
        )

    def outcomes(self, found: tuple[ItemOutcome, ...]) -> None:
        """Gather copies to items."""
        for outcome in found:
            if not outcome.destination:
                self._item([outcome])  # about the item itself: left out, unreadable, kept
                continue
            copies = self._held.setdefault(outcome.path, [])
            copies.append(outcome)
            if len(copies) == self._destinations:
                self._item(self._held.pop(outcome.path))
            elif len(self._held) > _HELD_ITEMS:
                _, oldest = self._held.popitem(last=False)
                self._item(oldest)

    def stopping(self) -> None:
        """The last line tells."""

    def finished(self, ending: Ending) -> None:
        """The last line: what came of it."""
        while self._held:
            _, copies = self._held.popitem(last=False)
            self._item(copies)
        view, figures = ending.view, figures_of(ending.view)
        fields: dict[str, Any] = {
            "status": view.status.value,
            "files": view.files_total,
            "bytes": figures.total_bytes,
            "verified": view.files_verified,
            "renamed": view.files_renamed,
            "failed": view.files_failed,
            "skipped": view.files_skipped,
            "seconds": round(ending.stretch.seconds, 3),
            "bytes_per_second": ending.stretch.bytes_per_second,
            "originals_removed": view.originals_removed,
            "can_resume": view.status not in (TransferStatus.COMPLETED, TransferStatus.CANCELLED),
            "not_read_again": ending.not_read_again,
            "not_kept": [_loss_fields(line) for line in ending.not_kept],
            "manifests": [_manifest_fields(one) for one in ending.manifests.outcomes],
            "manifests_written": [
                {"path": one.path, "files": one.files, "left_out": one.left_out}
                for one in ending.written
            ],
        }
        if ending.failure is not None:
            fields["error_type"] = ending.failure.kind
            fields["message"] = str(ending.failure)
        elif view.message:
            fields["message"] = view.message
        self._say("transfer.finished", **fields)

    def _item(self, copies: list[ItemOutcome]) -> None:
        first = copies[0]
        events = {copy.event for copy in copies}
        event = next(
            name for name in ("item.failed", "item.verified", first.event) if name in events
        )
        checksums: dict[str, str] = {}
        for copy in copies:
            checksums.update(copy.checksums)
        about = {} if first.destination else _error_fields(first)
        self._say(
            event,
            path=first.path,
            path_form=first.path_form,
            size=first.size_bytes,
            checksums=checksums,
            destinations=[_copy_fields(copy) for copy in copies if copy.destination],
            **about,
        )

    def _say(self, event: str, **fields: Any) -> None:
        self._out.say(_line({"event": event, "transfer": self._transfer, **fields}))


def _copy_fields(copy: ItemOutcome) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "path": copy.destination,
        "status": _STATUS.get(copy.event, copy.event),
        "read_back": copy.read_back or None,
    }
    if copy.proof is not None:
        fields["proof"] = copy.proof
    return fields | _error_fields(copy)


def _loss_fields(line: AuditLine) -> dict[str, Any]:
    """What destinations could not hold, and how often."""
    what = line.error_type.removeprefix(NOT_KEPT)
    return {"what": what, "count": json.loads(line.details)["count"], "message": line.message}


def _manifest_fields(one: ManifestOutcome) -> dict[str, Any]:
    """A manifest that came with the source, its date as the audit writes moments."""
    return {
        "name": one.name,
        "time": utc_text(one.when_us) if one.when_us else None,
        "files": one.listed,
        "equal": one.equal,
        "different": one.different,
        "missing": one.missing,
        "problem": one.problem or None,
    }


def _error_fields(outcome: ItemOutcome) -> dict[str, str]:
    if not outcome.error_type:
        return {}
    return {"error_type": outcome.error_type, "message": outcome.message}


def request_fields(view: TransferView) -> dict[str, Any]:
    """What was asked for."""
    return {
        "mode": view.mode.value,
        "sources": [path_fields(place.path) for place in view.sources],
        "destinations": [path_fields(place.path) for place in view.destinations],
        "checksums": list(view.options.checksums),
        "verify": view.options.verify.value,
        "on_conflict": view.options.on_conflict.value,
        "pack": view.options.pack.value,
        "hard_links": view.options.hard_links,
        "symlinks": view.options.symlinks.value,
        "include": list(view.options.include),
        "exclude": list(view.options.exclude),
        "remove_empty_folders": view.options.remove_empty_folders,
    }


def path_fields(path: TextPath) -> dict[str, str]:
    """A path, and the form that says how to get its bytes back (design, §3)."""
    return {"path": path.text, "path_form": path.form}


def as_line(fields: dict[str, Any]) -> str:
    """One object as one line."""
    return _line(fields)
