"""`ketter report`, and `--report` of a copy, as somebody types them."""

from __future__ import annotations

from pathlib import Path

from tests.builders import camera_card, drive
from tests.cli.program import Ketter


def test_a_copy_writes_its_report_and_audit_verify_knows_it(ketter: Ketter, tmp_path: Path) -> None:
    card, place, file = camera_card(tmp_path, clips=1), drive(tmp_path, "A"), tmp_path / "r.pdf"
    done = ketter("copy", card.path, "--to", place, "--report", file)
    assert done.code == 0
    assert f"Report: {file}" in done.out
    assert file.read_bytes().startswith(b"%PDF-")
    checked = ketter("audit", "verify", file)
    assert checked.code == 0
    assert "is the report of transfer 1 as it was written" in checked.out
    again = ketter("copy", card.path, "--to", place, "--report", file)
    assert again.code == 2
    assert "is there already" in again.err
    later = ketter("report", "1", tmp_path / "later.pdf")
    assert later.code == 0
    assert "Send both" in later.out
    refused = ketter("report", "1", file)
    assert refused.code == 1
    assert ketter("report", "9", tmp_path / "x.pdf").code == 2
    assert ketter("report", "1").code == 2
    file.write_bytes(file.read_bytes() + b"\n")
    damaged = ketter("audit", "verify", file)
    assert damaged.code == 1
    assert "not the report that was signed" in damaged.err
