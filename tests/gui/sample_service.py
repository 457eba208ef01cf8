"""The service's names over made-up values: for pictures only, never for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ketter_gui.domain.checking import NoManifest, NothingToVerify, NotTwoFolders
from ketter_gui.domain.desktop_errors import AutostartNotChanged
from ketter_gui.domain.errors import ChainBroken, DestinationReadOnly, NoSuchTransfer
from ketter_gui.domain.options import Request
from ketter_gui.domain.search import FoundItems, HistoryQuery
from ketter_gui.domain.settings import Settings
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import (
    AuditLine,
    AuditVerdict,
    ItemView,
    Problem,
    SizeView,
    Snapshot,
    TransferView,
    VolumeView,
)
from ketter_gui.domain.watching import WatchRules, WatchView, WouldTake
from ketter_gui.ui.asked import Checking
from tests.gui import sample_values as sample
from tests.gui.sample_checks import SampleCheck

_EVERYTHING = HistoryQuery()


@dataclass
class SampleService:
    """What it is given is what it shows."""

    transfers: tuple[TransferView, ...] = ()
    past: tuple[TransferView, ...] = ()
    left_over: tuple[TransferView, ...] = ()
    problems: tuple[Problem, ...] = ()
    connected: tuple[VolumeView, ...] = field(default_factory=sample.volumes)
    is_broken: bool = False
    item_count: int = 890
    checked: SampleCheck | None = None
    is_at_login: bool = False
    watches: tuple[WatchView, ...] = ()
    watch_problems: tuple[Problem, ...] = ()

    def snapshot(self) -> Snapshot:
        running = [t for t in self.transfers if t.status is TransferStatus.RUNNING]
        speed = sum(t.bytes_per_second for t in running)
        left = max((t.seconds_left or 0 for t in running), default=0) or None
        return Snapshot(self.transfers, speed, left, sample.at(14, 3), 1)

    def check(self, request: Request) -> tuple[Problem, ...]:
        return self.problems

    def renamed(self, request: Request) -> frozenset[int]:
        return frozenset()

    def measure(
        self, path: bytes, stop: threading.Event, report: Callable[[SizeView], None]
    ) -> SizeView:
        return SizeView(890, 118 * sample.GB, is_complete=True)

    def create(self, request: Request) -> int:
        raise DestinationReadOnly(b"/media/OLD_USB", errno=30)

    def volumes(self) -> tuple[VolumeView, ...]:
        return self.connected

    def pause(self, transfer: int) -> None: ...
    def resume(self, transfer: int) -> None: ...
    def cancel(self, transfer: int) -> None: ...
    def retry(self, transfer: int) -> None: ...
    def pause_all(self) -> None: ...
    def resume_all(self) -> None: ...

    def interrupted(self) -> tuple[TransferView, ...]:
        return self.left_over

    def history(
        self, query: HistoryQuery = _EVERYTHING, *, offset: int = 0, limit: int = 200
    ) -> tuple[TransferView, ...]:
        found = [t for t in self.past if query.text.lower() in t.name.lower()]
        return tuple(found[offset : offset + limit])

    def history_count(self, query: HistoryQuery = _EVERYTHING) -> int:
        return len(self.history(query, limit=10**9))

    def find_items(self, text: str, *, offset: int = 0, limit: int = 50) -> FoundItems:
        found = sample.clips() if self.past else ()
        wanted = tuple(one for one in found if text.lower() in one.path.text.lower())
        return FoundItems(wanted[offset : offset + limit], is_whole=True)

    def settings(self) -> Settings:
        return Settings()

    def change_setting(self, name: str, value: str) -> Settings:
        return Settings()

    def starts_at_login(self) -> bool:
        return self.is_at_login

    def start_at_login(self, *, is_on: bool) -> None:
        if self.is_broken:
            raise AutostartNotChanged(b"/home/ketter.desktop", errno=28)
        self.is_at_login = is_on

    def hide(self, transfer: int) -> None: ...
    def show_again(self, transfer: int) -> None: ...
    def write_report(self, transfer: int, path: bytes) -> None: ...

    def request_of(self, transfer: int) -> Request:
        return Request((b"/media/A001",), (b"/media/RAID_A/Footage/Harbour",))

    def there(self, path: bytes) -> bytes:
        return path

    def transfer(self, transfer: int) -> TransferView:
        for found in (*self.transfers, *self.past):
            if found.id == transfer:
                return found
        raise NoSuchTransfer(transfer=transfer)

    def items(
        self, transfer: int, *, offset: int = 0, limit: int = 200, only_failed: bool = False
    ) -> tuple[ItemView, ...]:
        if only_failed:
            return self.transfer(transfer).failed[offset : offset + limit]
        last = min(self.item_count, offset + limit)
        return tuple(self._item(number) for number in range(offset, last))

    def items_count(self, transfer: int, *, only_failed: bool = False) -> int:
        return len(self.transfer(transfer).failed) if only_failed else self.item_count

    def timeline(self, transfer: int, *, limit: int = 200) -> tuple[AuditLine, ...]:
        return sample.timeline()

    def export_audit(
        self,
        path: bytes,
        *,
        transfer: int | None = None,
        since: str = "",
        bom: bool = False,
        overwrite: bool = False,
        until: str = "",
    ) -> AuditVerdict:
        return self.verify_audit()

    def nearest(self, path: bytes) -> bytes:
        return path

    def are_folders(self, paths: Sequence[bytes]) -> tuple[bool, ...]:
        return tuple(b"." not in path for path in paths)

    def verify_again(self, transfer: int) -> Checking:
        if self.checked is not None:
            return self.checked
        raise NothingToVerify(transfer=str(transfer))

    def verify_folder(self, path: bytes, manifest: bytes | None = None) -> Checking:
        if self.checked is not None:
            return self.checked
        raise NoManifest(path)

    def compare_folders(self, left: bytes, right: bytes) -> Checking:
        if self.checked is not None:
            return self.checked
        raise NotTwoFolders(left, other="the same")

    def verify_audit(self) -> AuditVerdict:
        if self.is_broken:
            raise ChainBroken(sequence=4711, damage="its hash is not that of its values")
        return AuditVerdict(
            51_774, 1, 51_774, "c", sample.digest("head"), sample.at(14, 8), "k", is_partial=False
        )

    def make_demo(self) -> Request:
        return Request((b"/tmp/ketter-demo/A001",), (b"/tmp/ketter-demo/DRIVE_A",))

    def watch_folders(self) -> tuple[WatchView, ...]:
        return self.watches

    def check_watch(
        self, path: bytes, rules: WatchRules, watch: int | None = None
    ) -> tuple[Problem, ...]:
        return self.watch_problems

    def would_take(
        self, path: bytes, rules: WatchRules, stop: threading.Event, watch: int | None = None
    ) -> WouldTake:
        names = tuple(f"day 12/A001C{number:03d}_0324.mov" for number in range(1, 21))
        return WouldTake(312, 8_400_000_000, names)

    def add_watch(self, path: bytes, rules: WatchRules) -> int:
        return 1

    def change_watch(self, watch: int, rules: WatchRules) -> None: ...
    def switch_watch(self, watch: int, *, is_on: bool) -> None: ...
    def restart_watch(self, watch: int) -> None: ...
    def look_now(self, watch: int) -> None: ...
    def remove_watch(self, watch: int) -> None: ...

    @staticmethod
    def _item(number: int) -> ItemView:
        status = CopyStatus.VERIFIED if number % 7 else CopyStatus.SKIPPED
        return sample.item(
            number + 1,
            f"CONTENTS/CLIPS/A001C{number + 1:03d}_0324.mxf",
            18_400 * sample.MB + number * 7_000_000,
            status,
        )
