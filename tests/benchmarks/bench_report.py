"""`ketter report` of 10 000 files: seconds, pages, memory.

python -m tests.benchmarks.bench_report [--items N]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pypdfium2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        source, target = folder / "A001", folder / "target"
        target.mkdir()
        for number in range(given.items):
            folder_of = source / f"CLIPS_{number // 500:04d}"
            folder_of.mkdir(parents=True, exist_ok=True)
            (folder_of / f"A001C{number:06d}_261125.mov").write_bytes(b"%d" % number)
        ketter(folder, "copy", str(source), "--to", str(target), "--quiet")
        report = folder / "report.pdf"
        began_s = time.monotonic()
        ketter(folder, "report", "1", str(report))
        lasted_s = time.monotonic() - began_s
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        with closing(pypdfium2.PdfDocument(report)) as document:
            pages = len(document)
        print(
            f"{given.items:,} files: {lasted_s:.1f} s, {pages:,} pages,"
            f" {report.stat().st_size / 1e6:.1f} MB, at most {peak_kb / 1024:.0f} MiB of memory"
        )


def ketter(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "ketter_gui", "--data-dir", str(folder / "data"), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ})


if __name__ == "__main__":
    main()
