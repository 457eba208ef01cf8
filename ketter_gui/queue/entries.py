"""Audit entries about a transfer's items.

There are two for every file, so what is the same in all of a transfer's entries is put
into words once, and so are its roots: an item's whole path is then put together from
texts. `tests/queue/test_entries.py` holds that to `domain.names`.

Owner: the ledger's thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ketter_gui.domain.chain import canonical_json
from ketter_gui.domain.errors import KetterError
from ketter_gui.domain.events import AuditDraft, AuditEvent
from ketter_gui.domain.expected import Compared
from ketter_gui.domain.names import to_texts
from ketter_gui.domain.times import utc_text
from ketter_gui.engine import journal as told
from ketter_gui.engine.plan import Plan
from ketter_gui.queue.witness import Witness, now_us

Places = tuple[str, str, str, str]
"""`item_path`, `path_form`, `source_path`, `destination_path`."""

_UNPACED: Final = ("", "")
_RENAMED: Final = "FINAL: renamed, no second copy"


class Entries:
    """What is told of one transfer's items."""

    def __init__(self, witness: Witness, plan: Plan) -> None:
        self._witness = witness
        self._plan = plan
        self._mode = plan.mode.value
        self._version = witness.draft(AuditEvent.ERROR).details
        self._sources = {source.name: source.path for source in reversed(plan.sources)}
        self._source_texts = {
            name: (len(_plain(name)), _plain(path)) for name, path in self._sources.items()
        }
        bare = self._sources.get(b"")
        self._bare = None if bare is None else bare.rstrip(b"/") + b"/"
        self._bare_text = _plain(self._bare) if self._bare is not None else ""
        self._roots = [one.path.rstrip(b"/") + b"/" for one in plan.destinations]
        self._root_texts = [_plain(root) for root in self._roots]

    def source_read(self, events: Sequence[told.SourceRead]) -> Iterator[AuditDraft]:
        """One entry a file and algorithm: SOURCE."""
        for one in events:
            size_bytes = one.state.size_bytes
            item, form, source, target = self.places(one.path)
            seconds, speed = _pace(size_bytes, one.duration_s)
            details = self._matched(one.compared) if one.compared else self._version
            for algorithm, checksum in one.checksums:
                yield AuditDraft(
                    utc_text(now_us()),
                    AuditEvent.CHECKSUM_CALCULATED,
                    self._plan.transfer,
                    self._mode,
                    self._witness.user,
                    self._witness.host,
                    item,
                    form,
                    source,
                    target,
                    str(size_bytes),
                    algorithm,
                    checksum,
                    result="SOURCE",
                    duration_s=seconds,
                    speed_bytes_per_s=speed,
                    details=details,
                )

    def _matched(self, compared: Sequence[Compared]) -> str:
        """Which manifests the source was compared with, so that a report can say so."""
        manifests = [
            {
                "name": one.expected.name,
                "date": one.expected.date,
                "algorithm": one.expected.algorithm,
                "value": one.expected.value,
                "is_equal": one.is_equal,
            }
            for one in compared
        ]
        return self._details({"manifests": manifests})

    def verdict(
        self, event: AuditEvent, one: told.CopyVerified | told.CopySkipped, result: str
    ) -> AuditDraft:
        """One entry a copy: both values, and the verdict after the name. Checksums beyond
        the first stand in the details."""
        name, checksum = one.source_checksums[0] if one.source_checksums else ("", "")
        item, form, source, target = self.places(one.path, one.destination, one.final_path)
        is_timed = checksum and one.duration_s  # entries of an archive are read back together
        seconds, speed = _pace(one.size_bytes, one.duration_s) if is_timed else _UNPACED
        details = self._version
        more = _earlier(one) if isinstance(one, told.CopySkipped) else {}
        if len(one.source_checksums) > 1:
            more["source_checksums"] = dict(one.source_checksums)
        if len(one.source_checksums) > 1 or (one.checksums and not checksum):  # or an archive
            more["destination_checksums"] = dict(one.checksums)
        if more:
            details = self._details(more)
        return AuditDraft(
            utc_text(now_us()),
            event,
            self._plan.transfer,
            self._mode,
            self._witness.user,
            self._witness.host,
            item,
            form,
            source,
            target,
            str(one.size_bytes) if checksum else "",
            name,
            checksum,
            dict(one.checksums).get(name, ""),
            str(one.read_back) if one.read_back and one.checksums else "",  # folders have no bytes
            result,
            seconds,
            speed,
            details=details,
        )

    def draft(
        self,
        event: AuditEvent,
        path: bytes,
        details: Mapping[str, object] | None = None,
        **cells: str,
    ) -> AuditDraft:
        """Any other entry about an item's source. `cells` are further columns."""
        return self._witness.draft(
            event, self._plan.transfer, details, **self._cells(path, None), **cells
        )

    def failure(
        self,
        event: AuditEvent,
        error: KetterError,
        path: bytes,
        destination: int | None = None,
        *,
        result: str = "",
    ) -> AuditDraft:
        """An entry that tells of an error with an item, or with one copy of it."""
        cells = self._cells(path, destination)
        return self._witness.failure(event, error, self._plan.transfer, result=result, **cells)

    def _cells(self, path: bytes, destination: int | None) -> dict[str, str]:
        item, form, source, target = self.places(path, destination)
        return {
            "mode": self._mode,
            "item_path": item,
            "path_form": form,
            "source_path": source,
            "destination_path": target,
        }

    def renamed(self, one: told.CopyRenamed) -> AuditDraft:
        """One entry a file: the value that it was read with, and none beside it. Checksums
        beyond the first stand in the details."""
        name, checksum = one.source_checksums[0] if one.source_checksums else ("", "")
        item, form, source, target = self.places(one.path, one.destination, one.final_path)
        details = self._version
        if len(one.source_checksums) > 1:
            details = self._details({"source_checksums": dict(one.source_checksums)})
        return AuditDraft(
            utc_text(now_us()),
            AuditEvent.ITEM_RENAMED,
            self._plan.transfer,
            self._mode,
            self._witness.user,
            self._witness.host,
            item,
            form,
            source,
            target,
            str(one.size_bytes) if checksum else "",
            name,
            checksum,
            result=_RENAMED,
            details=details,
        )

    def places(
        self, path: bytes, destination: int | None = None, final_path: bytes = b""
    ) -> Places:
        """Where an item is, at its source and, when asked, at a destination."""
        name = path.split(b"/", 1)[0]
        text = _plain(path)
        length, source = self._source_texts.get(name, (0, self._bare_text))
        if destination is None:
            root, final = "", ""
        else:
            root = self._root_texts[destination]
            final = text if final_path in (b"", path) else _plain(final_path)
        if text and source and (destination is None or (root and final)):
            return text, "plain", source + text[length:], root + final
        return self._escaped(path, name, destination, final_path)

    def _escaped(
        self, path: bytes, name: bytes, destination: int | None, final_path: bytes
    ) -> Places:
        """The same by the rules for names that cannot be shown as they are."""
        source = self._sources.get(name)
        if source is None:
            source = path if self._bare is None else self._bare + path
        else:
            source += path[len(name) :]
        target = b"" if destination is None else self._roots[destination] + (final_path or path)
        (item_text, source_text, target_text), form = to_texts(path, source, target)
        return item_text, form, source_text, target_text

    def _details(self, details: Mapping[str, object]) -> str:
        return canonical_json({"version": self._witness.version, **details})


def _earlier(one: told.CopySkipped) -> dict[str, object]:
    """What of it was not read now, and which transfers had read it."""
    more: dict[str, object] = {}
    if one.proof is not None:
        more["proof"] = {"transfer": one.proof, "proven": utc_text(one.proven_us)}
    if one.source_read_in is not None:
        more["source_read_in"] = one.source_read_in
    return more


def _plain(path: bytes) -> str:
    """The path as text when every character of it can be shown; else empty."""
    text = path.decode("utf-8", "surrogateescape")
    return text if text.isprintable() else ""


def _pace(size_bytes: int, duration_s: float) -> tuple[str, str]:
    """Seconds and bytes a second, as their cells."""
    speed = f"{size_bytes / duration_s:.0f}" if duration_s > 0 else ""
    return f"{duration_s:.6f}", speed
