"""How setting up speaks, and how it gives up."""

from __future__ import annotations

import sys


class CannotGoOn(Exception):
    """Setting up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """Tell what is going on; on stderr, so that `run … --json` stays clean."""
    print("ketter setup: " + text, file=sys.stderr, flush=True)
