"""Words become commands: what is meant is found, and what is off is said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ketter_gui.cli import parse
from ketter_gui.cli.arguments import TerminalCommand, WindowCommand, absolute
from ketter_gui.domain.errors import (
    NotBuiltYet,
    NothingToDo,
    QuickMoveRefused,
    RefusedError,
    UnknownChecksum,
    UsageError,
)
from ketter_gui.domain.options import Manifest, Mode, OnConflict, Request


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KETTER_DATA_DIR", raising=False)
    monkeypatch.delenv("KETTER_LEDGER", raising=False)


class Asked(Exception):
    """What a command asked of the service."""


class Listening:
    """Takes the place of a service, to hear what would be created."""

    def create(self, request: Request) -> int:
        raise Asked(request)


def requested(*words: str) -> Request:
    command = parse(words)
    assert isinstance(command, TerminalCommand)
    with pytest.raises(Asked) as asked:
        command.act(Listening())  # type: ignore[arg-type]
    request = asked.value.args[0]
    assert isinstance(request, Request)
    return request


def window(*words: str) -> WindowCommand:
    command = parse(words)
    assert isinstance(command, WindowCommand)
    return command


# --- copy and move -------------------------------------------------------------------------


def test_copy_takes_sources_destinations_and_options() -> None:
    request = requested(
        "copy", "/c/A001", "/c/A002", "--to", "/a", "--to=/b", "--checksum", "xxh128",
        "--checksum", "sha256", "--on-conflict", "rename", "--verify", "full",
    )  # fmt: skip
    assert request.sources == (b"/c/A001", b"/c/A002")
    assert request.destinations == (b"/a", b"/b")
    assert request.mode is Mode.COPY
    assert request.options.checksums == ("xxh128", "sha256")
    assert request.options.on_conflict is OnConflict.RENAME


def test_what_is_to_stay_free_is_a_size_with_its_unit() -> None:
    request = requested("copy", "/c", "--to", "/a", "--reserve", "5GB")
    assert request.options.reserve_bytes == 5_000_000_000
    assert requested("move", "/c", "--to", "/a").options.reserve_bytes == 0


@pytest.mark.parametrize("words", ["100MB/s", "100 MB", "100000000"])
def test_a_speed_limit_is_bytes_a_second(words: str) -> None:
    request = requested("copy", "/c", "--to", "/a", "--limit", words)
    assert request.options.limit_bytes_per_s == 100_000_000
    assert requested("move", "/c", "--to", "/a").options.limit_bytes_per_s == 0


def test_sources_may_stand_on_both_sides_of_the_destination() -> None:
    request = requested("move", "/c/A001", "--to", "/a", "/c/A002")
    assert request.sources == (b"/c/A001", b"/c/A002")
    assert request.mode is Mode.MOVE


def test_names_after_two_dashes_are_names_whatever_they_look_like() -> None:
    request = requested("copy", "--to", "/a", "--", "-rf.mov", "--to", "--", "copy")
    here = os.getcwdb()
    assert request.sources == tuple(
        os.path.join(here, name) for name in (b"-rf.mov", b"--to", b"--", b"copy")
    )


def test_a_name_that_is_not_utf8_arrives_as_its_bytes() -> None:
    assert requested("copy", "/c/caf\udce9.mov", "--to", "/a").sources == (b"/c/caf\xe9.mov",)


def test_a_checksum_asked_for_twice_is_one() -> None:
    request = requested("copy", "/c", "--to", "/a", "--checksum=sha256", "--checksum=sha256")
    assert request.options.checksums == ("sha256",)


@pytest.mark.parametrize("mode", ["copy", "move"])
@pytest.mark.parametrize(
    "flag",
    [
        "--preset=daily", "--symlinks=follow", "--verify=source",
    ],
)  # fmt: skip
def test_a_flag_of_a_later_version_is_refused_by_name(mode: str, flag: str) -> None:
    with pytest.raises(NotBuiltYet) as refused:
        parse([mode, "/c", "--to", "/a", flag])
    assert flag.partition("=")[0] in str(refused.value)
    assert refused.value.exit_code == 2


def test_manifests_are_asked_for_together_and_each_once() -> None:
    words = ["copy", "/c", "--to", "/a", "--mhl", "--checksum-list", "--mhl"]
    assert requested(*words).options.manifests == (Manifest.ASCMHL, Manifest.LIST)
    assert requested(*words[:4]).options.manifests == ()


def test_a_report_that_could_not_be_written_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "there.pdf").touch()
    for file, words in (("there.pdf", "is there already"), ("no/r.pdf", "There is no folder")):
        with pytest.raises(UsageError, match=words):
            parse(["copy", "/c", "--to", "/a", "--report", str(tmp_path / file)])


def test_folders_are_removed_on_demand_and_only_by_a_move() -> None:
    words = ["/c", "--to", "/a"]
    assert not requested("move", *words).options.remove_empty_folders
    assert requested("move", *words, "--remove-empty-folders").options.remove_empty_folders
    with pytest.raises(UsageError, match="is for moves"):
        parse(["copy", *words, "--remove-empty-folders"])


@pytest.mark.parametrize("flag", ["--zip", "--unzip"])
def test_archives_are_asked_for_by_a_flag_and_not_for_a_move(flag: str) -> None:
    assert requested("copy", "/c", "--to", "/a", flag).options.pack.value == flag[2:]
    with pytest.raises(NotBuiltYet, match=flag):
        parse(["move", "/c", "--to", "/a", flag])


def test_what_goes_with_archives_and_what_does_not() -> None:
    options = requested("copy", "/c", "--to", "/a", "--unzip", "--include", "*.mov").options
    assert (options.pack.value, options.include) == ("unzip", ("*.mov",))
    with pytest.raises(NotBuiltYet, match="--hard-links"):
        parse(["copy", "/c", "--to", "/a", "--zip", "--hard-links"])


def test_packing_and_unpacking_at_once_is_refused() -> None:
    with pytest.raises(UsageError, match="contradict"):
        parse(["copy", "/c", "--to", "/a", "--zip", "--unzip"])


@pytest.mark.parametrize("name", ["metrics"])
def test_a_command_of_a_later_version_is_refused_by_name(name: str) -> None:
    with pytest.raises(NotBuiltYet, match=name):
        parse([name, "/x"])


@pytest.mark.parametrize(
    "harmless", ["--symlinks=keep", "--symlinks=skip", "--wait=0", "--verify=full"]
)
def test_what_a_later_flag_has_as_its_default_is_taken(harmless: str) -> None:
    requested("copy", "/c", "--to", "/a", harmless)


def test_a_quick_copy_is_not_built_and_a_quick_move_never_will_be() -> None:
    with pytest.raises(NotBuiltYet):
        parse(["copy", "/c", "--to", "/a", "--verify", "quick"])
    with pytest.raises(QuickMoveRefused):
        parse(["move", "/c", "--to", "/a", "--verify", "quick"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["copy", "/c", "--to", "/a", "--verfy", "full"], "did you mean “--verify”? "),
        (["copy", "/c", "--too", "/a"], "did you mean “--to”? "),
        (["copy", "/c", "--to"], "“--to” needs a value after it."),
        (["copy", "/c", "--to", "/a", "--verify", "half"], "“half” is none of full, source"),
        (["copy", "/c", "--to", "/a", "--on-conflict", "ask"], "“ask” is none of skip, overwr"),
        (["copy", "/c", "--to", "/a", "--wait", "long"], "“long” is not a number of seconds"),
        (["copy", "/c", "--to", "/a", "--reserve", "much"], "“much” is not a size such as 5GB"),
        (["copy", "/c", "--to", "/a", "--limit", "0"], "“0” is not a speed such as 100MB/s"),
        (["copy", "/c", "--to", "/a", "--limit", "fast"], "“fast” is not a speed such as"),
        (["copy", "/c", "--to", "/a", "--limit", "100"], "“100” is less than 1 kB/s"),
        (["copy", "/c", "--to", "/a", "--zip", "--unzip"], "See “ketter copy --help”"),
        (["move", "/c", "--to", "/a", "--json", "--quiet"], "See “ketter move --help”"),
        (["copy", "/c", "--to", "/a", "--wait", "-1"], "“-1” is not a number of seconds"),
        (["copy", "/c", "--to", "/a", "--json", "--quiet"], "contradict each other"),
        (["copy", "", "--to", "/a"], "A path was given that is empty"),
        (["copy", "/c", "--to", ""], "A path was given that is empty"),
        (["copi", "/c"], "“copi” is not a command of Ketter; did you mean “copy”? "),
        (["xyzzy"], "the commands are copy, move"),
        (["/c", "other"], "“other” is not a command"),
        (["resume", "twelve"], "“twelve” is not the number of a transfer"),
        (["resume", "0"], "“0” is not the number of a transfer"),
        (["resume", "1", "2"], "“2” is one word too many for “ketter resume”"),
        (["history", "shw"], "“history shw” is not known; did you mean “history show”? "),
        (
            ["history", "7"],
            "“history 7” is not known; there is “history show”, “history clips”, “history hide”,",
        ),
        (["audit", "xyzzy"], "there is “audit export”, “audit verify” and “audit rotate-key”. "),
        (["history", "show"], "ID is missing"),
        (["audit"], "Say what to do with the audit: “export”, “verify” or “rotate-key”. "),
        (["audit", "export"], "FILE.csv is missing"),
        (["audit", "export", "a.csv", "b.csv"], "“b.csv” is one word too many"),
        (["audit", "export", "a.csv", "--since", "soon"], "“soon” is not a date"),
        (["doctor", "--fix"], "“--fix” is not an option of “ketter doctor”"),
        (["copy", "/c", "--to", "/a", "--data-dir", ""], "without a folder"),
        (["history", "--ledger", "mysql://x/y"], "“mysql” is not a kind of ledger"),
    ],
)
def test_words_that_are_off_get_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(words)
    assert sentence in str(refused.value)
    assert "--help" in str(refused.value)
    assert refused.value.exit_code == 2


def test_an_unknown_checksum_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownChecksum, match=r"crc99.*sha256, sha1, md5, xxh64, xxh3, xxh128, blake3, c4"
    ):
        parse(["copy", "/c", "--to", "/a", "--checksum", "crc99"])


def test_nothing_to_copy_and_nowhere_to_copy_it() -> None:
    with pytest.raises(NothingToDo, match="No source"):
        parse(["copy", "--to", "/a"])
    with pytest.raises(NothingToDo, match="No destination"):
        parse(["copy", "/c"])


# --- the window ----------------------------------------------------------------------------


def test_nothing_asked_is_the_empty_window() -> None:
    assert window() == WindowCommand(window().common)


def test_a_word_with_a_slash_fills_in_a_new_transfer() -> None:
    command = window("/c/A001", "--to", "/a", "./B", "--to", "/b")
    assert command.request == Request(
        (b"/c/A001", os.path.join(os.getcwdb(), b"B")), (b"/a", b"/b")
    )


def test_a_name_after_two_dashes_is_no_command() -> None:
    request = window("--", "copy").request
    assert request is not None
    assert request.sources == (os.path.join(os.getcwdb(), b"copy"),)


def test_the_demo_is_a_window_that_fills_itself_in() -> None:
    assert window("--demo").is_demo
    assert window("--data-dir", "/d", "--demo").common.data_dir == Path("/d")


def test_the_window_can_stay_behind_its_icon_in_the_tray() -> None:
    assert window("--in-tray").in_tray
    assert not window("--demo").in_tray


def test_a_bare_word_that_is_a_file_is_shown_how_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "A001").mkdir()
    with pytest.raises(UsageError, match=r"write “\./A001”"):
        parse(["A001"])


# --- what every command takes --------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["--data-dir", "/d", "history"],
        ["--data-dir=/d", "history"],
        ["history", "--data-dir", "/d"],
        ["history", "--data-dir=/d", "show", "1"],
        ["history", "show", "--data-dir", "/d", "1"],
        ["history", "show", "1", "--data-dir", "/d"],
        ["--data-dir", "/d", "history", "show", "1"],
        ["--data-dir", "/d", "copy", "/c", "--to", "/a"],
        ["copy", "/c", "--to", "/a", "--data-dir", "/d"],
        ["--data-dir", "/d", "audit", "verify"],
        ["audit", "--data-dir", "/d", "verify"],
        ["audit", "verify", "--data-dir", "/d"],
        ["doctor", "--data-dir", "/d"],
        ["volumes", "--data-dir", "/d"],
        ["resume", "--data-dir", "/d", "3"],
        ["--data-dir", "/d"],
        ["/c/A001", "--data-dir", "/d"],
    ],
)
def test_the_data_folder_may_be_named_before_or_after_the_command(words: list[str]) -> None:
    assert parse(words).common.data_dir == Path("/d")


def test_the_environment_names_the_data_folder_and_words_win(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KETTER_DATA_DIR", "/env")
    monkeypatch.setenv("KETTER_LEDGER", "/env/ledger.db")
    assert parse(["history"]).common.data_dir == Path("/env")
    assert parse(["history"]).common.ledger == "/env/ledger.db"
    assert parse(["history", "--data-dir", "/word"]).common.data_dir == Path("/word")
    monkeypatch.setenv("KETTER_DATA_DIR", "")
    assert parse(["history"]).common.data_dir is None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/x/ledger.db", "/x/ledger.db"),
        ("sqlite:////x/ledger.db", "/x/ledger.db"),
        ("sqlite:///ledger.db", os.path.join(os.getcwd(), "ledger.db")),
    ],
)
def test_a_ledger_is_a_file_or_a_sqlite_url(url: str, path: str) -> None:
    assert parse(["history", "--ledger", url]).common.ledger == path


def test_a_ledger_on_postgresql_is_for_later() -> None:
    for url in ("postgresql://host/ketter", "postgres://host/ketter"):
        with pytest.raises(NotBuiltYet, match="PostgreSQL"):
            parse(["history", "--ledger", url])


def test_common_options_as_words_mean_the_same_again() -> None:
    common = parse(["history", "--data-dir", "/d", "--ledger", "/l"]).common
    assert parse(["history", *common.as_words()]).common == common


@pytest.mark.parametrize("words", [["--help"], ["copy", "--help"], ["history", "show", "-h"]])
def test_help_is_an_answer_and_no_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as answered:
        parse(words)
    assert answered.value.code == 0
    assert "ketter" in capsys.readouterr().out


# --- paths ---------------------------------------------------------------------------------


def test_a_link_stays_a_link_unless_the_folder_behind_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real" / "A001"
    real.mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/A001")
    monkeypatch.chdir(tmp_path)
    here = os.fsencode(tmp_path)
    assert absolute("link") == here + b"/link"
    assert absolute("./real/A001/") == here + b"/real/A001"
    assert absolute("link/") == os.fsencode(real)
    assert absolute("link/.") == os.fsencode(real)
    assert absolute("real/../link") == here + b"/link"


def test_dots_after_a_link_lead_where_the_system_would_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "far" / "below").mkdir(parents=True)
    (tmp_path / "far" / "clip").touch()
    (tmp_path / "clip").touch()
    (tmp_path / "link").symlink_to("far/below")
    monkeypatch.chdir(tmp_path)
    assert absolute("link/../clip") == os.fsencode(tmp_path / "far" / "clip")
    assert absolute("link/..") == os.fsencode(tmp_path / "far")
    assert absolute("far/../clip") == os.fsencode(tmp_path / "clip")


def test_a_source_that_is_missing_keeps_its_name() -> None:
    assert absolute("/no/such/../thing") == b"/no/thing"
    assert absolute("//no/thing") == b"/no/thing"


def test_a_current_folder_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="current folder does not exist"):
        parse(["copy", "A001", "--to", "/a"])
    assert absolute("/a") == b"/a"


@pytest.mark.parametrize("make", [lambda: parse(["xyzzy"]), lambda: parse(["report", "1"])])
def test_refusals_are_what_exit_code_two_is_for(make: Callable[[], object]) -> None:
    with pytest.raises(RefusedError) as refused:
        make()
    assert refused.value.exit_code == 2
