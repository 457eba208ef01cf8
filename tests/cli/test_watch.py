"""`ketter watch`: the whole way of a watch folder without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from ketter_gui.cli.watch_cmd import parse
from ketter_gui.domain.watching import Unit, WatchRules
from tests.cli.program import Ketter, ended, until


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    (made / "sub").mkdir(parents=True)
    (made / "sub/a.mov").write_text("a")
    (made / "b.mov.part").write_text("b")
    (tmp_path / "out").mkdir()
    return made


def test_the_life_of_a_watch_folder(ketter: Ketter, root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "Nothing is watched" in ketter("watch", "list").out
    assert "Nothing is watched" in ketter("watch", "once").out
    words = ("watch", "add", root, "--to", out, "--settle", "0.2")
    dry = ketter(*words, "--dry-run")
    assert dry.out.startswith("1 file (1 byte) would be taken now") and "sub/a.mov" in dry.out
    added = ketter(*words)
    assert (added.code, added.err) == (0, "") and "Watch folder 1 is on." in added.out
    assert "not watched" in ketter("watch", "list").out
    assert ketter("watch", "once").out == "1 file verified in 1 transfer.\n"
    assert (out / "sub/a.mov").read_text() == "a" and not (out / "b.mov.part").exists()
    (found,) = ketter("watch", "list", "--json").objects
    assert (found["event"], found["files_taken"], found["last_file"]) == ("watch", 1, "sub/a.mov")
    assert ketter("watch", "once", "1").out == "0 files verified in 0 transfers.\n"
    assert ketter("watch", "off", "1").code == 0
    assert "off" in ketter("watch", "list").out
    for action in ("on", "look", "restart", "remove"):
        assert ketter("watch", action, "1").code == 0
    gone = ketter("watch", "look", "1")
    assert gone.code == 2 and "There is no watch folder 1" in gone.sentence


def test_once_tells_of_what_failed(ketter: Ketter, root: Path, tmp_path: Path) -> None:
    (tmp_path / "out/sub").mkdir()
    (tmp_path / "out/sub/a.mov").write_text("something else")
    words = ("--to", tmp_path / "out", "--settle", "0.2", "--on-conflict", "fail")
    assert ketter("watch", "add", root, *words, "--max-failures", "1").code == 0
    ended = ketter("watch", "once")
    assert ended.code == 1 and "has failed" in ended.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("watch",), "Say what"),
        (("watch", "ad"), "did you mean “watch add”?"),
        (("watch", "off", "x"), "“x” is not the number of a watch folder"),
        (("watch", "add", "/nowhere", "--to", "/nowhere2"), "/nowhere"),
        (("watch", "add", "/tmp", "--to", "/x", "--checksum", "crc"), "crc"),
    ],
)
def test_what_is_off_is_refused_in_a_sentence(
    ketter: Ketter, words: tuple[str, ...], sentence: str
) -> None:
    refused = ketter(*words)
    assert refused.code == 2 and sentence in refused.sentence


def test_every_option_becomes_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from ketter_gui.cli import watch_cmd
    from ketter_gui.cli.arguments import Words

    seen: list[tuple[bytes, WatchRules]] = []

    def add(_service: object, path: bytes, rules: WatchRules) -> int:
        seen.append((path, rules))
        return 0

    monkeypatch.setattr(watch_cmd, "_add", add)
    line = (
        "add /in --to /out/{date} --move --settle 5 --unit folder --sentinel *.mhl --once"
        " --checksum xxh128 --on-conflict skip --include *.mov --exclude PROXY/ --temporary *.wip"
        " --mhl --max-failures 2 --max-cycles 3 --max-hours 4 --quiet-hours 0"
    )
    command = parse(Words(line.split(), []))
    assert command.act(None) == 0  # type: ignore[arg-type]
    ((path, rules),) = seen
    assert path == b"/in" and rules.destinations == (b"/out/{date}",)
    assert (rules.settle_s, rules.unit, rules.sentinel) == (5.0, Unit.FOLDER, "*.mhl")
    assert rules.is_once and rules.temporary == ("*.wip",)
    assert (rules.max_failures, rules.max_cycles, rules.max_runtime_s) == (2, 3, 14_400.0)
    assert rules.options.include == ("*.mov",) and rules.options.checksums == ("xxh128",)


def test_run_ends_well_at_sigterm_and_says_what_it_does(
    ketter: Ketter, root: Path, tmp_path: Path
) -> None:
    ketter("watch", "add", root, "--to", tmp_path / "out", "--settle", "0.2")
    with ketter.started("watch", "run") as running:
        until((tmp_path / "out/sub/a.mov").exists, running)
        running.terminate()
        done = ended(running)
    assert done.code == 0 and "Watching." in done.out
