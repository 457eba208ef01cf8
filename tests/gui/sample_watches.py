"""Made-up watch folders: for pictures, and for widgets that are fed with them."""

from __future__ import annotations

import time
from dataclasses import replace

from ketter_gui.domain.names import to_text
from ketter_gui.domain.options import Mode
from ketter_gui.domain.watching import Method, Unit, WatchRules, WatchState, WatchView
from tests.gui import sample_values as sample


def view(number: int, path: bytes, state: WatchState, rules: WatchRules) -> WatchView:
    """One that has looked a minute ago and looks again in four."""
    now_us = time.time_ns() // 1000
    return WatchView(
        number,
        to_text(path),
        to_text(path.rsplit(b"/", 1)[-1]).text,
        state is not WatchState.OFF,
        state,
        rules,
        scanned_us=now_us - 60_000_000,
        next_scan_us=now_us + 242_000_000,
    )


def usual() -> tuple[WatchView, ...]:
    """Idle, settling, working, and one that stopped itself."""
    idle = replace(
        view(1, b"/media/Post/to_lab", WatchState.IDLE, WatchRules((b"/media/LTO_STAGE/in",))),
        files_seen=61,
        files_taken=61,
        bytes_taken=44 * sample.GB,
        last_file="Dailies_24.mov",
        last_taken_us=sample.at(14, 2),
    )
    sound = WatchRules((b"/media/RAID_A/Sound",), mode=Mode.MOVE, unit=Unit.FOLDER, settle_s=60)
    settling = replace(
        view(2, b"/home/mia/Ingest/Sound", WatchState.SETTLING, sound),
        files_waiting=3,
        files_taken=318,
        bytes_taken=6_100 * sample.MB,
        last_file="Boom_13C.wav",
        last_taken_us=sample.at(13, 57),
    )
    now_us = time.time_ns() // 1000
    working = replace(
        view(3, b"/mnt/dit-cart/out", WatchState.WORKING, WatchRules((b"/media/RAID_A/DIT",))),
        files_ready=12,
        files_taken=1204,
        bytes_taken=2_310 * sample.GB,
        last_file="A004C011_0324.mxf",
        last_taken_us=sample.at(14, 1),
        method=Method.SCANS,
        scanned_us=now_us - 8_000_000,
        next_scan_us=now_us + 12_000_000,
    )
    tripped = replace(
        view(4, b"/home/mia/exports", WatchState.TRIPPED, WatchRules((b"/media/REVIEW/in",))),
        message="5 transfers failed in a row: /media/REVIEW can only be read. "
        "Nothing is lost; 12 files wait.",
        files_ready=12,
        files_taken=88,
        bytes_taken=31 * sample.GB,
        last_file="Trailer_v7.mov",
        last_taken_us=sample.at(13, 20),
        failures=5,
    )
    return idle, settling, working, tripped


def crowded() -> tuple[WatchView, ...]:
    """As many as a facility has, with names as people give them."""
    states = (WatchState.IDLE, WatchState.SETTLING, WatchState.OFF, WatchState.STARTING)
    made = []
    for number in range(1, 25):
        name = f"Unit {number:02d} – Harbour, second unit, everything that the boats bring in"
        rules = WatchRules(
            tuple(b"/media/RAID_%c/Footage/{date}/{watch}" % letter for letter in b"ABC")
        )
        path = b"/media/NAS_OF_THE_FACILITY/Projects/Harbour 2/Incoming/" + name.encode()
        one = view(number, path, states[number % 4], rules)
        taken = number * 4711
        made.append(
            replace(
                one,
                files_waiting=number if one.state is WatchState.SETTLING else 0,
                files_taken=taken,
                bytes_taken=taken * 18 * sample.MB,
                last_file=f"Day 12/Roll {number:03d}/A{number:03d}C014_0324_with_a_long_name.mxf",
                last_taken_us=sample.at(11, 2),
            )
        )
    return tuple(made)


def failing() -> tuple[WatchView, ...]:
    """Unreachable, tripped, and watching with doubts."""
    gone = replace(
        view(5, b"/mnt/nas/from_set", WatchState.UNREACHABLE, WatchRules((b"/media/RAID_A/Set",))),
        message="/mnt/nas is not mounted. It goes on by itself when it is back.",
        files_taken=540,
        bytes_taken=812 * sample.GB,
        last_file="B002C007.mxf",
        last_taken_us=sample.at(9, 40),
    )
    doubtful = replace(
        usual()[0],
        id=6,
        health=("No file for 3 h.", "It is falling behind: 4,120 files wait."),
        note="The system watches no further folders, so Ketter looks through it by itself. "
        "“sysctl fs.inotify.max_user_watches=1048576” raises the limit.",
        method=Method.SCANS,
        scanned_us=time.time_ns() // 1000 - 5_000_000,
        next_scan_us=time.time_ns() // 1000 + 25_000_000,
    )
    return gone, usual()[3], doubtful
