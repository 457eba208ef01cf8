"""Tokens: readable in both looks, and nothing else names a colour."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ketter_gui.domain.resources import resource
from ketter_gui.ui.icons import Icons
from ketter_gui.ui.look import Look

TOKENS = json.loads(resource("tokens.json").read_text("utf-8"))
GROUNDS = ("background", "surface", "sunken")
UI = Path(str(resource("tokens.json"))).parent.parent / "ketter_gui" / "ui"


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    colour_of = QColor(colour)
    red, green, blue = (
        _linear(c) for c in (colour_of.redF(), colour_of.greenF(), colour_of.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look_name", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "grounds"),
    [
        ("text", (*GROUNDS, "hover", "accent-soft", "warn-soft", "fail-soft", "verified-soft")),
        ("second", (*GROUNDS, "hover", "accent-soft", "warn-soft", "fail-soft")),
        ("accent", ("background", "surface", "accent-soft")),
        ("on-accent", ("accent", "accent-hover")),
        ("verified", ("surface", "verified-soft", "accent-soft")),
        ("warn", ("surface", "warn-soft")),
        ("fail", ("surface", "fail-soft", "accent-soft")),
    ],
)
def test_text_is_readable_on_every_ground(
    look_name: str, text: str, grounds: tuple[str, ...]
) -> None:
    colours = TOKENS[look_name]
    for ground in grounds:
        ratio = contrast(colours[text], colours[ground])
        assert ratio >= 4.5, f"{text} on {ground} in {look_name}: {ratio:.2f}"


def test_both_looks_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_no_code_names_a_colour_of_its_own() -> None:
    named = re.compile(r"""["']#[0-9A-Fa-f]{3,8}["']|Qt\.GlobalColor\.(?!transparent)""")
    guilty = [path.name for path in UI.glob("*.py") if named.search(path.read_text("utf-8"))]
    assert not guilty


def test_the_style_sheet_has_no_hole_and_no_colour_of_its_own(look: Look) -> None:
    template = resource("themes/window.qss").read_text("utf-8")
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", template.replace("#window", ""))
    filled = look.theme.style_sheet()
    assert not re.search(r"\{[a-z0-9-]+\}", filled)


def test_a_change_of_look_changes_colours_and_icons(qtbot: QtBot, look: Look) -> None:
    icons = Icons(look.theme)
    before = icons.pixmap("shield", "verified").toImage()
    with qtbot.waitSignal(look.theme.changed):
        look.theme.force("dark")
    assert look.theme.colour("surface") == QColor(TOKENS["dark"]["surface"])
    assert icons.pixmap("shield", "verified").toImage() != before
    look.theme.force("light")


def test_every_icon_is_drawn_on_the_same_grid_and_takes_its_colour_from_us() -> None:
    for entry in Path(str(resource("icons"))).iterdir():
        drawing = entry.read_text("utf-8")
        assert "currentColor" in drawing, entry.name
        assert not re.search(r"#[0-9A-Fa-f]{3,6}", drawing), entry.name
        if entry.name not in {"drop.svg", "compare.svg"}:
            grid = 16 if entry.name.startswith("tray-") else 20  # the smallest of a panel
            assert f'viewBox="0 0 {grid} {grid}"' in drawing, entry.name
