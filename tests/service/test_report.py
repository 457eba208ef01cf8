"""The PDF report says what the ledger knows, to people and to whoever reads its text."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest

from ketter_gui.domain.errors import ExportFailed, NoSuchTransfer, SignatureWrong
from ketter_gui.domain.options import Mode, Options
from ketter_gui.evidence.report import pages
from ketter_gui.service import report
from ketter_gui.service.service import Service
from tests.builders import camera_card, drive, payload
from tests.service.conftest import carried_out, request_for

ODD = "Größe_Ελλάς_Ж_e\u0301_עברית_عربي.mov"


def text_of(path: Path) -> list[str]:
    """Each page's text, by a reader that is not ours, without its line breaks."""
    with closing(pypdfium2.PdfDocument(path)) as document:
        texts = []
        for page in document:
            words = page.get_textpage().get_text_range()
            texts.append(words.replace("\r", "").replace("\n", ""))
        return texts


def squeezed(text: str) -> str:
    """Without what a line break may cost or cause."""
    return text.replace(" ", "").replace("\ufffe", "")


def reported(service: Service, transfer: int, folder: Path) -> str:
    path = folder / f"{transfer}.pdf"
    service.write_report(transfer, os.fsencode(path))
    return squeezed("".join(text_of(path)))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return camera_card(tmp_path, clips=3).path


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    return [drive(tmp_path, "RAID"), drive(tmp_path, "TAPE")]


def test_every_file_and_checksum_is_there_with_the_outcome(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    (card / ("long name " * 22 + ".mov")).write_bytes(payload(5000, 1))
    options = Options(checksums=("sha256", "xxh128", "c4"))
    transfer = carried_out(service, request_for([card], places, options=options))
    text = reported(service, transfer, tmp_path)
    view = service.transfer(transfer)
    assert squeezed(f"{view.files_total} files are verified in both places.") in text
    items = service.items(transfer, limit=100)
    for item in items:
        if item.checksums:
            assert squeezed(item.path.text) in text
        for _, value in item.checksums:
            assert value in text
    head = service.ledger.last_signed()
    assert head is not None
    assert head.signature in text
    assert head.head.entry_hash in text
    for place in places:
        assert squeezed(str(place)) in text
    assert squeezed("read back from the drive itself") in text


def test_what_failed_comes_first_with_its_reason_and_nothing_is_called_verified(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    name = card.name
    (places[1] / name).mkdir()
    (places[1] / name / "CONTENTS").write_bytes(b"in the way")
    transfer = carried_out(service, request_for([card], places[1:]))
    assert service.transfer(transfer).files_failed
    path = tmp_path / "bad.pdf"
    service.write_report(transfer, os.fsencode(path))
    first, second, *rest = (squeezed(text) for text in text_of(path))
    assert "failed." in first
    assert squeezed("Do not erase the originals.") in first
    assert squeezed("What went wrong") in second
    assert squeezed("already exists there and is different") in second
    assert squeezed("files are verified") not in "".join([first, second, *rest])


def test_a_copy_that_changed_since_makes_the_report_say_so(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    transfer = carried_out(service, request_for([card], places[:1]))
    victim = next(path for path in sorted(places[0].rglob("*.mxf")))
    victim.write_bytes(b"changed")
    check = service.verify_again(transfer)
    assert check.wait(30)
    text = reported(service, transfer, tmp_path)
    assert squeezed("1 copy is not what it was when it was verified.") in text
    assert squeezed("files are verified") not in text
    assert squeezed("What went wrong") in text
    assert text.count(squeezed("changed since")) == 3, "at its drive, what went wrong, its line"
    assert squeezed(f"{victim}: ") in text
    victim.unlink()
    assert service.verify_again(transfer).wait(30)
    (tmp_path / "later").mkdir()
    text = reported(service, transfer, tmp_path / "later")
    assert text.count(squeezed("missing since")) == 2, "only what the newest check found"
    assert text.count(squeezed("changed since")) == 1, "its drive"


def test_a_move_within_a_volume_is_no_second_copy(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    transfer = carried_out(service, request_for([card], places[:1], Mode.MOVE))
    text = reported(service, transfer, tmp_path)
    assert squeezed("no second copy was made") in text
    assert squeezed("files are verified") not in text


def test_names_of_many_scripts_are_written_in_full(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    """What is written from right to left comes out of a reader in either order."""
    (card / ODD).write_bytes(b"x")
    transfer = carried_out(service, request_for([card], places[:1]))
    text = reported(service, transfer, tmp_path)
    for part in ("Größe_Ελλάς_Ж_", ".mov"):
        assert part in text
    assert "עברית" in text or "תירבע" in text


def test_what_no_font_has_stands_as_its_code_point(
    service: Service,
    card: Path,
    places: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine without fontconfig's program."""
    (card / "日本.mov").write_bytes(b"x")
    transfer = carried_out(service, request_for([card], places[:1]))
    monkeypatch.setenv("PATH", str(tmp_path))
    text = reported(service, transfer, tmp_path)
    assert "\\u65e5\\u672c.mov" in text
    assert squeezed("For 2 characters there was no font") in text


@pytest.mark.skipif(shutil.which("fc-list") is None, reason="no fontconfig on this machine")
def test_a_font_of_this_system_is_borrowed_and_named(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    from ketter_gui.system.fonts import font_with

    if font_with("日") is None:
        pytest.skip("no font of this machine has CJK")
    (card / "日本.mov").write_bytes(b"x")
    transfer = carried_out(service, request_for([card], places[:1]))
    text = reported(service, transfer, tmp_path)
    assert "日本.mov" in text
    assert squeezed("set in fonts of this system") in text


def test_the_same_transfer_gives_the_same_bytes(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    transfer = carried_out(service, request_for([card], places))
    view = service.transfer(transfer)
    service.write_report(transfer, os.fsencode(tmp_path / "one.pdf"))  # signs the head
    made = {
        bytes(pages.made(report.gathered(service.ledger, transfer, view, "00"), lambda _: None))
        for _ in range(2)
    }
    assert len(made) == 1


def test_a_report_is_verified_by_its_signature(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    transfer = carried_out(service, request_for([card], places[:1]))
    path = tmp_path / "report.pdf"
    service.write_report(transfer, os.fsencode(path))
    verdict = service.verify_report(os.fsencode(path))
    assert verdict is not None
    assert verdict.transfer == transfer
    assert service.compare_head(os.fsencode(f"{path}.sig")).entries == verdict.sequence
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"/Producer", b"/Producex", 1))
    with pytest.raises(SignatureWrong):
        service.verify_report(os.fsencode(path))
    path.write_bytes(whole)
    os.remove(f"{path}.sig")
    with pytest.raises(SignatureWrong):
        service.verify_report(os.fsencode(path))
    assert service.verify_report(os.fsencode(card)) is None


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(
    service: Service, card: Path, places: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(NoSuchTransfer):
        service.write_report(1, os.fsencode(tmp_path / "none.pdf"))
    transfer = carried_out(service, request_for([card], places[:1]))
    taken = tmp_path / "taken.pdf"
    taken.write_bytes(b"mine")
    for path in (taken, tmp_path / "nowhere" / "x.pdf", Path("/proc/x.pdf")):
        with pytest.raises(ExportFailed):
            service.write_report(transfer, os.fsencode(path))
    assert taken.read_bytes() == b"mine"
    assert not list(tmp_path.glob("*.sig"))
    assert not list(tmp_path.glob(".*part*"))


def test_a_transfer_without_files_has_a_report(
    service: Service, places: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "EMPTY").mkdir()
    transfer = carried_out(service, request_for([tmp_path / "EMPTY"], places))
    assert squeezed("There was no file to copy.") in reported(service, transfer, tmp_path)
