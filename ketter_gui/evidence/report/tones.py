"""The colours of the window's light theme, for paper."""

from __future__ import annotations

import json

from ketter_gui.domain.resources import resource

Colour = tuple[int, int, int]


def light() -> dict[str, Colour]:
    """By their names in `resources/tokens.json`: red, green and blue."""
    tokens = json.loads(resource("tokens.json").read_text("utf-8"))["light"]
    return {name: _rgb(value) for name, value in tokens.items() if len(value) == 7}


def _rgb(value: str) -> Colour:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
