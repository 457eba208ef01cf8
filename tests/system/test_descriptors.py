"""Descriptors are shared: no task takes them all."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ketter_gui.system.descriptors import at_once


@pytest.fixture
def limit() -> Iterator[int]:
    """The hard limit; the soft one is as it was afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("soft", "files"), [(64, 4), (256, 8), (1024, 32), (4096, 64)])
def test_a_task_takes_its_share(limit: int, soft: int, files: int) -> None:
    if limit < soft:
        pytest.skip(f"needs a hard limit of {soft} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, limit))
    assert at_once(64) == files


def test_the_limit_is_raised_as_far_as_it_may() -> None:
    script = (
        "import resource\n"
        "hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 5000)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))\n"
        "from ketter_gui.system.descriptors import allow_more\n"
        "allow_more()\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
