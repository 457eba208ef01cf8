"""Where the pictures, themes and pages are: beside the package in a checkout, inside it
once installed."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_PACKAGE = "ketter_gui"


def resource(name: str) -> Traversable:
    """A file of `resources/` by its path there, such as `icons/ring.svg`."""
    installed = files(_PACKAGE) / "resources"
    if installed.is_dir():
        return installed.joinpath(name)
    return (Path(str(files(_PACKAGE))).parent / "resources").joinpath(name)
