"""Every error is three finished sentences, wherever it is raised."""

from __future__ import annotations

import ast
import errno
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ketter_gui.domain import errors
from ketter_gui.domain.errors import (
    CopyFailedError,
    EvidenceError,
    IllegalChange,
    KetterError,
    LedgerError,
    ReadFailed,
    RefusedError,
    SourcesShareAName,
    WaitingError,
)

ROOT = Path(__file__).resolve().parents[2]


def all_below(parent: type[KetterError]) -> Iterator[type[KetterError]]:
    for child in parent.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from all_below(child)


CLASSES = sorted(set(all_below(KetterError)), key=lambda kind: kind.__name__)
BRANCHES = {RefusedError, WaitingError, CopyFailedError, LedgerError, EvidenceError}
KINDS = [kind for kind in CLASSES if kind not in BRANCHES]
BY_NAME = {kind.__name__: kind for kind in KINDS}


def fields(kind: type[KetterError]) -> set[str]:
    """What the three templates ask for."""
    return {
        name
        for template in (kind.what, kind.safe, kind.todo)
        for _, name, _, _ in string.Formatter().parse(template)
        if name is not None
    }


def facts(kind: type[KetterError]) -> set[str]:
    """What whoever raises it must say, beside path and errno."""
    return fields(kind) - {"path", "reason", "errno"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_is_finished_sentences(kind: type[KetterError]) -> None:
    error = kind(b"/mnt/card/A", errno=errno.EIO, **dict.fromkeys(facts(kind), "X"))
    what, safe, todo = error.sentences()
    for sentence in filter(None, (what, safe, todo)):
        assert not set(sentence) & set("{}")
        assert sentence.endswith((".", "X"))
        assert sentence == sentence.strip()
    assert what and safe
    assert what[0] == what[0].upper() or what.startswith("/mnt")
    if "path" in fields(kind):
        assert "/mnt/card/A" in str(error)
    if "reason" in fields(kind):
        assert "Input/output error" in str(error)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_says_why_it_exists(kind: type[KetterError]) -> None:
    assert kind.__doc__
    assert kind.what != KetterError.what


def test_exit_codes_follow_the_branch() -> None:
    codes: dict[type[KetterError], int] = {
        RefusedError: 2,
        WaitingError: 3,
        CopyFailedError: 1,
        LedgerError: 1,
        EvidenceError: 1,
    }
    for branch, code in codes.items():
        assert {kind.exit_code for kind in CLASSES if issubclass(kind, branch)} == {code}
    assert IllegalChange.exit_code == 1


def test_no_control_character_of_a_name_reaches_a_sentence() -> None:
    error = SourcesShareAName(
        b"/a/\x1b[31mred\n", name="two\nlines\u202e", other="/b", suggestion="\udce9"
    )
    said = str(error)
    assert not set(said) & set("\x1b\n\u202e\udce9")
    said.encode("utf-8")


def test_an_error_from_the_system_keeps_its_number_and_reason() -> None:
    error = ReadFailed.from_os(OSError(errno.EIO, "x"), b"/a")
    assert (error.kind, error.errno, error.path) == ("ReadFailed", errno.EIO, b"/a")
    assert "could not be read: Input/output error." in str(error)


def test_a_template_is_translated_before_it_is_filled() -> None:
    error = ReadFailed(b"/a", errno=errno.EIO)
    what, _, _ = error.sentences(lambda template: template.replace("could not be read", "NO"))
    assert what == "/a NO: Input/output error."


# --- where they are raised --------------------------------------------------------------------


class Raised(NamedTuple):
    """A place in the source that makes an error."""

    place: str
    kind: type[KetterError]
    keywords: set[str]
    has_path: bool
    has_reason: bool


def _raised(source: Path) -> Iterator[Raised]:
    for node in ast.walk(ast.parse(source.read_bytes())):
        if not isinstance(node, ast.Call):
            continue
        function, from_os = node.func, False
        if isinstance(function, ast.Attribute) and function.attr == "from_os":
            function, from_os = function.value, True
        name = function.id if isinstance(function, ast.Name) else ""
        keywords = {keyword.arg or "**" for keyword in node.keywords}
        if name not in BY_NAME or "**" in keywords:
            continue
        arguments = node.args[1:] if from_os else node.args
        has_path = bool(arguments) and not (
            isinstance(arguments[0], ast.Constant) and arguments[0].value is None
        )
        has_reason = from_os or bool({"errno", "reason"} & keywords)
        place = f"{source.relative_to(ROOT)}:{node.lineno}"
        yield Raised(place, BY_NAME[name], keywords, has_path, has_reason)


RAISED = [one for source in sorted((ROOT / "ketter_gui").rglob("*.py")) for one in _raised(source)]


def test_the_places_that_raise_are_found() -> None:
    assert len(RAISED) > 50


@pytest.mark.parametrize("one", RAISED, ids=lambda one: f"{one.kind.__name__}-{one.place}")
def test_whoever_raises_says_all_that_the_sentences_ask_for(one: Raised) -> None:
    """A missing fact would be a KeyError in the middle of telling somebody what is safe."""
    assert facts(one.kind) <= one.keywords
    if "path" in fields(one.kind):
        assert one.has_path
    if "reason" in fields(one.kind):
        assert one.has_reason
