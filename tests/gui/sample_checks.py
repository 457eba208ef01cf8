"""Made-up checks for pictures of the Verify page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ketter_gui.domain.checking import CheckView, Finding, PlaceChecked, Verdict
from ketter_gui.domain.errors import KetterError, VolumeGone
from ketter_gui.domain.names import to_text
from ketter_gui.service.findings import Findings

GB = 10**9
_V = Verdict


@dataclass
class SampleCheck:
    """Stays as it is."""

    shown: CheckView
    is_over: bool = True
    error: KetterError | None = None
    kept: Findings = field(default_factory=Findings)

    def view(self) -> CheckView:
        return self.shown

    def stop(self) -> None: ...

    def wait(self, timeout_s: float) -> bool:
        return self.is_over

    def found_count(self, verdict: Verdict | None = None) -> int:
        return self.kept.count(verdict)

    def found_more(self) -> int:
        return self.kept.told - self.kept.count()

    def found(
        self, verdict: Verdict | None, offset: int, limit: int, *, is_grouped: bool = False
    ) -> tuple[Finding, ...]:
        return self.kept.page(verdict, offset, limit, is_grouped=is_grouped)


def place(path: str, **counts: int) -> PlaceChecked:
    found = Counter({Verdict(name): count for name, count in counts.items()})
    return PlaceChecked(to_text(path.encode()), found, Counter(storage=sum(counts.values())))


def check(
    *places: PlaceChecked,
    transfer: int = 0,
    name: str = "A001",
    done: float = 1.0,
    is_whole: bool = True,
    error: KetterError | None = None,
) -> SampleCheck:
    files = 890 * len(places)
    size_bytes = 118 * GB * len(places)
    view = CheckView(
        transfer,
        name,
        files,
        int(files * done),
        size_bytes,
        int(size_bytes * done),
        places,
        (),
        184.0,
        is_whole,
    )
    return SampleCheck(view, is_over=done == 1.0 or error is not None, error=error)


def with_findings(made: SampleCheck, *found: tuple[Verdict, str, str]) -> SampleCheck:
    for verdict, path, why in found:
        made.kept.note(Finding(verdict, to_text(path.encode()), why))
    return made


_ROOT = "/media/RAID_A/Footage/Harbour/A001_0324"
_CLIP = f"{_ROOT}/CONTENTS/CLIPS/A001C0%02d_0324.mxf"


def equal() -> SampleCheck:
    return check(
        place(_ROOT, equal=890), place("/media/SHUTTLE_02/A001_0324", equal=890), transfer=4
    )


def troubled(*, done: float = 1.0) -> SampleCheck:
    made = check(
        place(_ROOT, equal=884, missing=2, changed=2, unreadable=1, extra=3),
        done=done,
        is_whole=done == 1.0,
        name="A001_0324",
    )
    return with_findings(
        made,
        (_V.EXTRA, f"{_ROOT}/notes from the set.txt", "no manifest lists it"),
        (_V.CHANGED, _CLIP % 4, "other bytes at the same size and time: is the drive failing?"),
        (_V.MISSING, _CLIP % 12, "it is not there"),
        (_V.UNREADABLE, _CLIP % 13, "Input/output error"),
        (_V.CHANGED, f"{_ROOT}/MEDIAPRO.XML", "it has 31.2 kB now, and had 30.9 kB"),
        (_V.MISSING, _CLIP % 31, "it is not there"),
        (_V.EXTRA, f"{_ROOT}/CONTENTS/Thumbs.cache", "no manifest lists it"),
        (_V.EXTRA, f"{_ROOT}/CONTENTS/._A001C001", "no manifest lists it"),
    )


def crowded(count: int = 100_000) -> SampleCheck:
    places = [
        place(f"/media/{name}/Footage", equal=12_000, missing=20_000)
        for name in ("RAID_A", "RAID_B", "SHUTTLE_01", "SHUTTLE_02", "LTO_STAGE")
    ]
    made = check(*places, transfer=12, name="Everything from the second unit in Iceland")
    for number in range(count):
        root = places[number % 5].path.text
        path = to_text(f"{root}/day {number % 40}/CLIPS/A001C{number:06d}_0324.mxf".encode())
        made.kept.note(Finding(_V.MISSING, path, "it is not there"))
    made.kept.note(
        Finding(_V.EXTRA, to_text(b"/media/RAID_A/Footage/x"), "this transfer did not bring it")
    )
    return made


def gone() -> SampleCheck:
    error = VolumeGone(b"/media/SHUTTLE_02", errno=5)
    return check(place(_ROOT, equal=890), transfer=4, is_whole=False, error=error)
