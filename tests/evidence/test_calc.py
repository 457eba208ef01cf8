"""The audit CSV in LibreOffice Calc: what it opens is what was written, and nothing runs."""

from __future__ import annotations

import csv
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ketter_gui.evidence.audit_csv import export
from ketter_gui.evidence.keys import SigningKey
from tests.evidence.building import chain_of, draft, end_of, path_in

OPENED_AS_UTF_8 = "CSV:44,34,76,1,,0,false,true,false,false,false,-1"
"""Comma, double quote, UTF-8: what the dialog of Calc proposes for such a file."""
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
HOSTILE = (
    '=HYPERLINK("http://127.0.0.1/","x")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    "'=1+1",
    "=cmd|' /C calc'!A0",
    'plain, "quoted"',
    "two\nlines",
    "日本語 \u00e9 Ελλάδα",
)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_calc_opens_the_export_whole_and_finds_no_formula_in_it(
    tmp_path: Path, key: SigningKey
) -> None:
    rows = chain_of(draft(number, words) for number, words in enumerate(HOSTILE))
    for name, bom in (("plain.csv", False), ("marked.csv", True)):
        export(rows, path_in(tmp_path, name), key=key, head=end_of(rows), at_us=5, bom=bom)
    for sheet in opened_by_calc(tmp_path, "plain.csv", "marked.csv"):
        assert not [cell for cell in sheet.iter() if cell.get(f"{TABLE}formula") is not None]
        cells = [cells_of(row) for row in sheet.iter(f"{TABLE}table-row")]
        with (tmp_path / "plain.csv").open(encoding="utf-8", newline="") as file:
            written = list(csv.reader(file))
        message = written[0].index("message")
        assert cells[0] == written[0]
        assert [row[message] for row in cells[1:]] == [blank(row[message]) for row in written[1:]]
        assert [row[-1] for row in cells[1:]] == [row[-1] for row in rows]


def blank(text: str) -> str:
    """The text as Calc keeps it: a tab is an element of its own, a return the end of a line."""
    return text.replace("\t", "").replace("\r", "\n")


def opened_by_calc(folder: Path, *names: str) -> list[ET.Element]:
    """The files as Calc understands them, with a profile of its own."""
    done = subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            f"--infilter={OPENED_AS_UTF_8}",
            "--convert-to",
            "fods",
            "--outdir",
            str(folder),
            *(str(folder / name) for name in names),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    made = [(folder / name).with_suffix(".fods") for name in names]
    assert all(one.exists() for one in made), done.stdout + done.stderr
    return [ET.parse(one).getroot() for one in made]


def cells_of(row: ET.Element) -> list[str]:
    """The cells' text, up to the last that has any."""
    cells: list[str] = []
    for cell in row.iter(f"{TABLE}table-cell"):
        lines = ["".join(one.itertext()) for one in cell.iter(f"{TEXT}p")]
        repeated = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        cells += ["\n".join(lines)] * (repeated if repeated < 1000 else 0)
    return cells
