"""The queue tells its views only what changed, and keeps what a person has chosen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from ketter_gui.domain.status import TransferStatus
from ketter_gui.domain.views import TransferView
from ketter_gui.ui.queue_model import QueueModel, RowKind
from tests.gui import sample_values as sample


def model_with(*transfers: TransferView) -> QueueModel:
    model = QueueModel()
    model.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.show(transfers)
    return model


def kinds(model: QueueModel) -> list[RowKind]:
    return [model.at(row).kind for row in range(model.rowCount())]


def test_a_transfer_at_work_unfolds_by_itself_and_folds_when_asked(qtbot: QtBot) -> None:
    model = model_with(sample.running(), sample.waiting())
    item = RowKind.ITEM
    assert kinds(model) == [RowKind.TRANSFER, item, item, item, RowKind.MORE, RowKind.TRANSFER]
    model.unfold(1, is_unfolded=False)
    assert kinds(model) == [RowKind.TRANSFER, RowKind.TRANSFER]
    model.show((sample.running(), sample.waiting()))
    assert kinds(model) == [RowKind.TRANSFER, RowKind.TRANSFER]


def test_equal_snapshots_repaint_nothing(qtbot: QtBot) -> None:
    model = model_with(sample.running(), sample.failed())
    with qtbot.assertNotEmitted(model.dataChanged):
        model.show((sample.running(), sample.failed()))


def test_a_figure_repaints_its_own_row_only(qtbot: QtBot) -> None:
    model = model_with(sample.waiting(), sample.done())
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.show((sample.waiting(), replace(sample.done(), finished_us=1)))
    assert changed.args is not None
    assert (changed.args[0].row(), changed.args[1].row()) == (1, 1)


def test_a_selection_survives_what_comes_and_goes_above_it(qtbot: QtBot) -> None:
    model = model_with(sample.running(), sample.failed())
    kept = QPersistentModelIndex(model.index(model.row_of(3)))
    fewer = replace(sample.running(), at_work=sample.running().at_work[1:])
    model.show((fewer, sample.failed()))
    assert kept.isValid()
    assert model.at(kept.row()).transfer.id == 3
    model.show((replace(fewer, status=TransferStatus.COMPLETED, at_work=()), sample.failed()))
    assert kept.isValid()
    assert model.at(kept.row()).transfer.id == 3
    model.show((sample.failed(),))
    assert kept.isValid()
    assert kept.row() == 0


def test_a_thousand_transfers_are_shown_and_changed_in_no_time(qtbot: QtBot) -> None:
    many = tuple(replace(sample.waiting(), id=number) for number in range(1000))
    model = model_with(*many)
    assert model.rowCount() == 1000
    model.show((*many[:500], replace(sample.running(), id=5000), *many[500:]))
    assert model.rowCount() == 1005


def test_failed_items_come_first_and_at_most_as_many_as_are_promised(qtbot: QtBot) -> None:
    many = tuple(replace(sample.failed().failed[0], id=number) for number in range(1, 301))
    model = model_with(replace(sample.failed(), failed=many, files_failed=300))
    assert model.rowCount() == 1 + 200 + 1


def test_a_screen_reader_hears_name_state_and_progress(qtbot: QtBot) -> None:
    model = model_with(sample.running())
    heard = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "A001_0324, Running, 51 %"
    item = model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole)
    assert item == "CONTENTS/CLIPS/A001C003_0324.mxf, Verifying"
