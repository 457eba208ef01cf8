"""Settings of a real ledger: each change is an entry of the chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ketter_gui.domain.settings import Settings
from ketter_gui.domain.settings_errors import SettingRefused
from ketter_gui.service.service import Service


def test_a_change_is_kept_and_told_of_with_both_values(data_dir: Path) -> None:
    with Service(data_dir) as service:
        assert service.settings() == Settings()
        assert service.change_setting("history.keep_days", "365").history_keep_days == 365
        service.change_setting("history.keep_days", "0365")
        service.change_setting("history.keep_days", "off")
        with pytest.raises(SettingRefused):
            service.change_setting("history.keep_days", "soon")
        service.change_setting("audit.sign_minutes", "5")
        entries = service.ledger.audit_rows()
    told = [json.loads(row[-3]) for row in entries if row[4] == "SETTINGS_CHANGED"]
    assert [(one["setting"], one["before"], one["after"]) for one in told] == [
        ("history.keep_days", "0", "365"),
        ("history.keep_days", "365", "0"),
        ("audit.sign_minutes", "10", "5"),
    ]
    with Service(data_dir) as again:
        assert again.settings() == Settings(audit_sign_minutes=5)
