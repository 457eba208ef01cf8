"""A real service on a real ledger, and small helpers to drive it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketter_gui.domain.checking import CheckView
from ketter_gui.domain.options import Mode, Options, Request
from ketter_gui.service.service import Service


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    with Service(data_dir) as opened:
        yield opened


def request_for(
    sources: list[Path],
    destinations: list[Path],
    mode: Mode = Mode.COPY,
    options: Options | None = None,
) -> Request:
    """A request with these paths as bytes."""
    return Request(
        tuple(os.fsencode(path) for path in sources),
        tuple(os.fsencode(path) for path in destinations),
        mode,
        options or Options(),
    )


def carried_out(service: Service, request: Request) -> int:
    """Create a transfer and wait for its end."""
    transfer = service.create(request)
    assert service.wait(transfer, 60)
    return transfer


def checked(service: Service, transfer: int) -> CheckView:
    """Verify a transfer's copies again, to the end."""
    check = service.verify_again(transfer)
    assert check.wait(60)
    assert check.error is None
    return check.view()
