"""Bad input gets a sentence beside its cause, and nothing is touched."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ketter_gui.domain.errors import (
    DestinationInsideSource,
    DestinationIsSource,
    DestinationMissing,
    DestinationNotAFolder,
    DestinationReadOnly,
    DestinationsOverlap,
    NothingMounted,
    NothingToDo,
    QuickMoveRefused,
    RefusedError,
    SourceMissing,
    SourceNotSupported,
    SourcesOverlap,
    SourcesShareAName,
    UnknownChecksum,
)
from ketter_gui.domain.options import Mode, Options, Request, Verify
from ketter_gui.service.resolve import resolve
from tests.builders import camera_card
from tests.service.conftest import request_for


def only_problem(request: Request) -> RefusedError:
    problems = resolve(request).problems
    assert len(problems) == 1, problems
    error = problems[0].error
    assert isinstance(error, RefusedError)
    assert all(error.sentences()), "every refusal says what, what is safe, and what to do"
    return error


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return camera_card(tmp_path).path


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    path = tmp_path / "drive"
    path.mkdir()
    return path


def test_a_sound_request_has_no_problems(card: Path, drive: Path) -> None:
    resolved = resolve(request_for([card], [drive]))
    assert resolved.problems == []
    assert resolved.sources[0].name == b"A001"


def test_a_source_that_does_not_exist(tmp_path: Path, drive: Path) -> None:
    assert isinstance(only_problem(request_for([tmp_path / "no"], [drive])), SourceMissing)


def test_a_file_where_a_folder_should_be_on_the_way(card: Path, drive: Path) -> None:
    wrong = card / "zero.bin" / "clip"
    assert isinstance(only_problem(request_for([wrong], [drive])), SourceMissing)


def test_a_socket_is_no_source(tmp_path: Path, drive: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert isinstance(only_problem(request_for([path], [drive])), SourceNotSupported)


def test_a_destination_that_is_a_file(card: Path, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    assert isinstance(only_problem(request_for([card], [path])), DestinationNotAFolder)
    assert isinstance(only_problem(request_for([card], [path / "x"])), DestinationNotAFolder)


def test_a_destination_whose_parent_is_missing(card: Path, tmp_path: Path) -> None:
    path = tmp_path / "no" / "no"
    assert isinstance(only_problem(request_for([card], [path])), DestinationMissing)


def test_a_destination_that_can_be_made_is_fine(card: Path, drive: Path) -> None:
    assert resolve(request_for([card], [drive / "new"])).problems == []


def test_a_destination_on_a_read_only_volume(card: Path) -> None:
    assert isinstance(only_problem(request_for([card], [Path("/proc/sys")])), DestinationReadOnly)


def test_a_destination_inside_the_source(card: Path) -> None:
    found = only_problem(request_for([card], [card / "CONTENTS"]))
    assert isinstance(found, DestinationInsideSource)


def test_a_destination_inside_the_source_through_a_link(card: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere"
    link.symlink_to(card / "CONTENTS")
    found = only_problem(request_for([card], [link]))
    assert isinstance(found, DestinationInsideSource)


def test_a_destination_that_is_the_source(card: Path) -> None:
    assert isinstance(only_problem(request_for([card], [card])), DestinationInsideSource)
    assert isinstance(only_problem(request_for([card], [card.parent])), DestinationIsSource)


def test_a_mount_point_with_nothing_mounted(card: Path) -> None:
    missing = Path("/media/somebody/SHUTTLE_99")
    assert isinstance(only_problem(request_for([card], [missing])), NothingMounted)


def test_the_same_destination_twice(card: Path, drive: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(drive)
    for again in (drive, drive / ".", link):
        assert isinstance(only_problem(request_for([card], [drive, again])), DestinationsOverlap)


def test_two_sources_of_one_name_are_refused_with_a_suggestion(tmp_path: Path, drive: Path) -> None:
    one = camera_card(tmp_path / "reel1").path
    two = camera_card(tmp_path / "reel2").path
    found = only_problem(request_for([one, two], [drive]))
    assert isinstance(found, SourcesShareAName)
    assert "reel2" in str(found)


def test_a_source_inside_another(card: Path, drive: Path) -> None:
    found = only_problem(request_for([card, card / "CONTENTS"], [drive]))
    assert isinstance(found, SourcesOverlap)


def test_an_unknown_checksum(card: Path, drive: Path) -> None:
    found = only_problem(request_for([card], [drive], options=Options(("crc7",))))
    assert isinstance(found, UnknownChecksum)
    assert "sha256" in str(found)


def test_a_quick_move_is_refused(card: Path, drive: Path) -> None:
    quick = Options(verify=Verify.QUICK)
    found = only_problem(request_for([card], [drive], Mode.MOVE, quick))
    assert isinstance(found, QuickMoveRefused)


def test_nothing_given(card: Path, drive: Path) -> None:
    assert isinstance(only_problem(request_for([], [drive])), NothingToDo)
    assert isinstance(only_problem(request_for([card], [])), NothingToDo)


def test_names_in_sentences_cannot_forge_lines(drive: Path) -> None:
    path = b"/tmp/a\nb\xff\x1b[2J"
    problem = only_problem(Request((path,), (os.fsencode(drive),)))
    assert "\n" not in str(problem)
    assert "\x1b" not in str(problem)
