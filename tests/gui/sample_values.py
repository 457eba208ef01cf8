"""Made-up transfers and volumes, so that every screen can be rendered without a disk."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace

from ketter_gui.domain.items import ItemKind, ReadBack
from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Mode, Options, Pack
from ketter_gui.domain.search import FoundCopy, FoundItem
from ketter_gui.domain.status import CopyStatus, TransferStatus
from ketter_gui.domain.views import (
    AuditLine,
    CopyView,
    ItemView,
    PlaceView,
    TransferView,
    VolumeView,
)

GB = 1_000_000_000
MB = 1_000_000
OPTIONS = Options()
NAMES_DESTINATIONS = ("RAID_A", "SHUTTLE_02")


def at(hour: int, minute: int, second: int = 0, *, days_ago: int = 0) -> int:
    """Today at a time, in microseconds; pictures compare times with the real clock."""
    day = datetime.datetime.now().astimezone().date() - datetime.timedelta(days=days_ago)
    moment = datetime.datetime.combine(day, datetime.time(hour, minute, second)).astimezone()
    return int(moment.timestamp()) * 1_000_000


def digest(text: str) -> str:
    """A checksum that looks like one."""
    return hashlib.sha256(text.encode()).hexdigest()


def copies(status: CopyStatus, name: str, count: int = 2) -> tuple[CopyView, ...]:
    """One copy on each destination."""
    proven = status in {CopyStatus.VERIFIED, CopyStatus.SKIPPED}
    return tuple(
        CopyView(
            number,
            status,
            (("sha256", digest(name)),) if proven else (),
            ReadBack.STORAGE if proven else None,
            to_text(b"/media/" + NAMES_DESTINATIONS[number % 2].encode() + b"/" + name.encode()),
        )
        for number in range(count)
    )


def item(
    number: int,
    path: bytes | str,
    size_bytes: int,
    status: CopyStatus,
    copied: float = 1.0,
    verified: float = 1.0,
    message: str = "",
) -> ItemView:
    """An item with its copies."""
    raw = path.encode() if isinstance(path, str) else path
    text = to_text(raw)
    started = status not in {CopyStatus.PENDING, CopyStatus.COPYING}
    return ItemView(
        number,
        text,
        ItemKind.FILE,
        size_bytes,
        status,
        int(size_bytes * copied),
        int(size_bytes * verified),
        (("sha256", digest(text.text)),) if started else (),
        copies(status, text.text),
        message,
    )


def place(name: str, *, verified: int = 0, failed: int = 0, root: str = "/media") -> PlaceView:
    return PlaceView(to_text(f"{root}/{name}".encode()), name, verified, failed)


def transfer(number: int, name: str, status: TransferStatus, **changes: object) -> TransferView:
    """A transfer of 118 GB to two drives, changed as wanted."""
    base = TransferView(
        id=number,
        name=name,
        mode=Mode.COPY,
        status=status,
        options=OPTIONS,
        sources=(place("A001", root="/media"),),
        destinations=(place("RAID_A"), place("SHUTTLE_02")),
        files_total=890,
        files_verified=0,
        files_failed=0,
        files_skipped=0,
        bytes_total=236 * GB,
        bytes_copied=0,
        bytes_verified=0,
        bytes_per_second=0,
        seconds_left=None,
        created_us=at(14, 2, 11),
        started_us=0,
        finished_us=0,
        is_here=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def running() -> TransferView:
    items = (
        item(3, "CONTENTS/CLIPS/A001C003_0324.mxf", 19_700 * MB, CopyStatus.VERIFYING, 1.0, 0.58),
        item(4, "CONTENTS/CLIPS/A001C004_0324.mxf", 16_200 * MB, CopyStatus.COPYING, 0.41, 0.0),
        item(5, "CONTENTS/CLIPS/A001C005_0324.mxf", 20_900 * MB, CopyStatus.PENDING, 0.0, 0.0),
    )
    return transfer(
        1,
        "A001_0324",
        TransferStatus.RUNNING,
        destinations=(place("RAID_A", verified=461), place("SHUTTLE_02", verified=455)),
        files_verified=455,
        bytes_copied=151 * GB,
        bytes_verified=120_400 * MB,
        bytes_per_second=812 * MB,
        seconds_left=242,
        started_us=at(14, 2, 12),
        at_work=items,
    )


def waiting() -> TransferView:
    return transfer(
        2,
        "A002_0324",
        TransferStatus.PENDING,
        mode=Mode.MOVE,
        files_total=702,
        bytes_total=192 * GB,
        waits_for=1,
        created_us=at(14, 3),
    )


def failed() -> TransferView:
    sentence = (
        "12A-03_boom.wav came back from SHUTTLE_02 with different bytes, twice. The copy was not "
        "kept; the original and the copy on RAID_A are safe. Try another cable or port, then retry."
    )
    lost = (
        item(1, "T12/12A-03_boom.wav", 212 * MB, CopyStatus.FAILED, 0, 0, sentence),
        item(
            2,
            "T12/12B-01_boom.wav",
            187 * MB,
            CopyStatus.FAILED,
            0,
            0,
            "12B-01_boom.wav could not be written: Input/output error. The original and the "
            "copies on other drives are safe. Check the drive, its cable and its free space, then retry.",
        ),
    )
    return transfer(
        3,
        "SOUND_DAY12",
        TransferStatus.FAILED,
        sources=(place("MIXPRE"),),
        destinations=(place("RAID_A", verified=318), place("SHUTTLE_02", verified=316, failed=2)),
        files_total=318,
        files_verified=316,
        files_failed=2,
        bytes_total=12_200 * MB,
        bytes_copied=12_050 * MB,
        bytes_verified=11_960 * MB,
        started_us=at(12, 31),
        finished_us=at(12, 40),
        created_us=at(12, 31),
        failed=lost,
        message="2 copies failed; their originals were kept.",
    )


def done() -> TransferView:
    return transfer(
        4,
        "A001_0324",
        TransferStatus.COMPLETED,
        destinations=(place("RAID_A", verified=890), place("SHUTTLE_02", verified=890)),
        files_verified=890,
        bytes_copied=236 * GB,
        bytes_verified=236 * GB,
        started_us=at(14, 2),
        finished_us=at(14, 8),
    )


def moved() -> TransferView:
    return transfer(
        5,
        "A002_0324",
        TransferStatus.COMPLETED,
        mode=Mode.MOVE,
        files_total=702,
        files_verified=702,
        bytes_total=192 * GB,
        bytes_copied=192 * GB,
        bytes_verified=192 * GB,
        originals_removed=702,
        started_us=at(14, 8),
        finished_us=at(14, 13),
        destinations=(place("RAID_A", verified=702), place("SHUTTLE_02", verified=702)),
        sources=(place("A002"),),
    )


def gone() -> TransferView:
    return transfer(
        6,
        "B004_0324",
        TransferStatus.WAITING,
        files_total=1204,
        files_verified=611,
        bytes_total=420 * GB,
        bytes_copied=218 * GB,
        bytes_verified=198 * GB,
        started_us=at(13, 2),
        destinations=(place("RAID_A", verified=640), place("SHUTTLE_02", verified=611)),
        message="The volume of SHUTTLE_02 is gone, or another one is in its place. What was verified "
        "stays verified; no original was touched. Connect the drive again; what is left then goes on.",
    )


def paused() -> TransferView:
    return replace(gone(), id=7, name="C002_0324", status=TransferStatus.PAUSED, message="")


def interrupted() -> TransferView:
    return replace(
        gone(), id=8, name="A003_0324", status=TransferStatus.INTERRUPTED, message="", is_here=False
    )


def silent() -> TransferView:
    """A share of it does not answer."""
    return replace(running(), id=10, name="A004_0324", is_answering=False, bytes_per_second=0)


def renamed() -> TransferView:
    """Moved within its volume: no second copy, nothing verified."""
    return replace(
        moved(),
        id=11,
        name="A005_0324",
        destinations=(place("RAID_A"),),
        files_verified=0,
        bytes_total=96 * GB,
        bytes_verified=0,
        files_renamed=702,
        bytes_renamed=96 * GB,
        originals_removed=0,
        is_within_volume=True,
    )


def packed() -> TransferView:
    """An archive for which the drive is too full: nothing of it has arrived, not even its
    folders, which are no files."""
    return replace(
        failed(),
        id=12,
        name="SOUND_DAY13",
        options=replace(OPTIONS, pack=Pack.ZIP),
        files_verified=0,
        files_failed=320,
        bytes_copied=0,
        bytes_verified=0,
        failed=(),
        message="320 copies failed; their originals were kept.",
    )


def from_cache() -> TransferView:
    return replace(done(), id=14, name="A006_0324", copies_from_cache=12)


def odd() -> TransferView:
    names: tuple[bytes, ...] = (
        b"caf\xe9/r\xe9sum\xe9 of a scene.mov",
        "Präsentation/日本語のクリップ – ein sehr langer Name, der nirgends hineinpasst/"
        "🎬 A001C003_0324_with_a_name_that_goes_on_and_on_and_on_v12_final_FINAL.mxf".encode(),
        b"notes\nwith a line break/-starts-with-a-dash.txt",
        "evil/\u202egnp.exe".encode(),
        b"<b>not bold</b>/&amp;.mov",
    )
    items = tuple(
        item(20 + number, name, 19 * MB, CopyStatus.COPYING, 0.3, 0.0)
        for number, name in enumerate(names)
    )
    return replace(
        running(),
        id=9,
        at_work=items,
        bytes_per_second=9_400_000,
        seconds_left=None,
        name="A card whose label somebody made far too long for any list to show whole 日本語",
        destinations=(
            place("A destination folder with a long name for the archive of the production"),
            place("Ünïcödé & <i>markup</i>"),
        ),
    )


def history() -> tuple[TransferView, ...]:
    rows = [done(), moved(), replace(failed(), id=13)]
    for number, (name, source, files, gigabytes, days) in enumerate(
        (
            ("Dailies 23 March", "to_lab", 61, 44, 1),
            ("A009_0323", "A009", 911, 121, 1),
            ("B003_0323", "B003", 1031, 180, 1),
            ("A008_0323", "A008", 874, 116, 1),
            ("Stills day 11", "EOS_DIGITAL", 2410, 61, 2),
            ("A007_0322", "A007", 902, 120, 2),
            ("A006_0322", "A006", 866, 115, 2),
            ("SOUND_DAY11", "MIXPRE", 301, 6, 2),
        ),
        start=20,
    ):
        row = replace(
            done(),
            id=number,
            name=name,
            sources=(place(source),),
            files_total=files,
            files_verified=files,
            bytes_total=2 * gigabytes * GB,
            finished_us=at(9 + number % 8, 7 * number % 60, days_ago=days),
        )
        if name == "B003_0323":
            row = replace(
                row,
                status=TransferStatus.CANCELLED,
                files_verified=12,
                destinations=(place("RAID_A"),),
            )
        rows.append(row)
    return tuple(rows)


def clips() -> tuple[FoundItem, ...]:
    """Clips that a search finds in the history."""
    found = []
    for number, status in enumerate(
        (CopyStatus.VERIFIED, CopyStatus.VERIFIED, CopyStatus.FAILED, CopyStatus.VERIFIED)
    ):
        name = f"A001/CONTENTS/CLIPS/A001C{number + 1:03d}_0324.mxf"
        copies = (
            FoundCopy(
                to_text(f"/media/RAID_A/Footage/Harbour/{name}".encode()), CopyStatus.VERIFIED
            ),
            FoundCopy(to_text(f"/media/SHUTTLE_02/{name}".encode()), status),
        )
        when = at(14, 8, days_ago=number)
        checksums = (("sha256", digest(name)),)
        found.append(
            FoundItem(
                20 + number,
                "A001_0324",
                number,
                to_text(name.encode()),
                16 * GB,
                when,
                checksums,
                copies,
            )
        )
    return tuple(found)


def volumes() -> tuple[VolumeView, ...]:
    return (
        VolumeView("fs-a001", "A001", b"/media/A001", "card", "exFAT", False, 128 * GB, 10 * GB),
        VolumeView(
            "fs-raid", "RAID_A", b"/media/RAID_A", "raid", "xfs", False, 80_000 * GB, 31_000 * GB
        ),
        VolumeView(
            "fs-shut",
            "SHUTTLE_02",
            b"/media/SHUTTLE_02",
            "ssd",
            "ext4",
            False,
            4_000 * GB,
            2_100 * GB,
        ),
        VolumeView(
            "fs-usb", "OLD_USB", b"/media/OLD_USB", "unknown", "exFAT", False, 1_000 * GB, 118 * GB
        ),
    )


def timeline() -> tuple[AuditLine, ...]:
    def entry(
        number: int,
        time_us: int,
        event: str,
        path: str = "",
        to: str = "",
        message: str = "",
        result: str = "",
    ) -> AuditLine:
        return AuditLine(number, time_us, event, path, to, "sha256", result, message)

    clip = "CONTENTS/CLIPS/A001C00%d_0324.mxf"
    lines = [
        entry(1, at(14, 2, 11), "TRANSFER_CREATED"),
        entry(2, at(14, 2, 12), "TRANSFER_STARTED"),
    ]
    for number in (1, 2):
        path = clip % number
        lines.append(entry(3, at(14, 2, 30 + number), "CHECKSUM_CALCULATED", path))
        for drive in NAMES_DESTINATIONS:
            lines.append(
                entry(
                    4,
                    at(14, 2 + number, 10),
                    "CHECKSUM_VERIFIED",
                    path,
                    f"/media/{drive}/{path}",
                    result="FINAL: equal",
                )
            )
    return tuple(lines)
