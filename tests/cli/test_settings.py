"""`ketter settings`: shown, changed, refused in a sentence."""

from __future__ import annotations

from tests.cli.program import Ketter


def test_settings_are_set_shown_and_refused(ketter: Ketter) -> None:
    refused = ketter("settings", "set", "history.keep_days", "soon")
    assert (refused.code, refused.out) == (2, "")
    assert "“soon” is no value for history.keep_days" in refused.sentence
    assert not ketter.data_dir.exists()  # nothing was made for what is refused
    assert ketter("settings", "set", "history.keep_days", "90").code == 0
    assert ketter("settings", "get", "history.keep_days").out == "90\n"
    shown = ketter("settings", "get")
    assert shown.code == 0
    assert "history.archive" in shown.out
    assert "audit.sign_minutes" in shown.out
