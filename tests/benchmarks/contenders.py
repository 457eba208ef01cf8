"""The ways to copy that are compared. Each takes a source and a fresh destination folder.

`ancestor`, `peer` and `prototype` are yardsticks, not part of Ketter: they are written as
plainly as what they stand for.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_KIB = 1024
_MIB = 1024 * 1024

Contender = Callable[[Path, Path], None]


def ancestor(source: Path, target: Path) -> None:
    """SHA-256 of the source in 8 KiB reads, copy in 1 MiB chunks, SHA-256 of the copy twice."""
    copy = target / source.name
    _sha256(source, 8 * _KIB)
    with source.open("rb", buffering=0) as reader, copy.open("wb", buffering=0) as writer:
        shutil.copyfileobj(reader, writer, _MIB)
    _sha256(copy, 8 * _KIB)
    _sha256(copy, 8 * _KIB)


def _sha256(path: Path, piece_bytes: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(piece_bytes):
            digest.update(piece)
    return digest.hexdigest()


def coreutils(source: Path, target: Path) -> None:
    """`cp -a`, `sync`, `sha256sum` of both sides (the copy's from the cache)."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    os.sync()
    for side in (source, target / source.name):
        _sha256sum(side)


def _sha256sum(path: Path) -> None:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    names = b"\0".join(os.fsencode(file) for file in files if file.is_file())
    subprocess.run(["xargs", "-0", "sha256sum"], input=names, check=True, stdout=subprocess.DEVNULL)


def rsync_flushing(source: Path, target: Path) -> None:
    """`rsync -a --fsync`: flushes each file, proves nothing about what arrived."""
    subprocess.run(["rsync", "-a", "--fsync", str(source), str(target)], check=True)


def prototype(source: Path, target: Path) -> None:
    """One read: reader → ring → SHA-256 thread and writer thread, flush, read back, all
    with direct I/O. The floor that an engine can be held against."""
    copy = target / source.name
    size = source.stat().st_size
    digest = _prototype_copy(source, copy, size)
    if _prototype_read(copy) != digest:
        raise AssertionError("the copy differs")


def _prototype_copy(source: Path, copy: Path, size: int) -> str:
    buffers = [mmap.mmap(-1, 4 * _MIB) for _ in range(6)]
    free: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(buffers)):
        free.put(number)
    lock = threading.Lock()
    left = [0] * len(buffers)
    digest = hashlib.sha256()
    reader = os.open(source, os.O_RDONLY | os.O_DIRECT)
    writer = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_DIRECT, 0o600)
    os.posix_fallocate(writer, 0, size)

    def write(piece: memoryview, offset: int) -> None:
        whole = len(piece) + -len(piece) % 4096
        os.pwrite(writer, memoryview(piece.obj)[:whole], offset)

    def hashed(piece: memoryview, _offset: int) -> None:
        digest.update(piece)

    def eat(
        todo: queue.SimpleQueue[tuple[int, int, int] | None], act: Callable[[memoryview, int], None]
    ) -> None:
        while (job := todo.get()) is not None:
            number, length, offset = job
            act(memoryview(buffers[number])[:length], offset)
            with lock:
                left[number] -= 1
                is_free = left[number] == 0
            if is_free:
                free.put(number)

    todos: list[queue.SimpleQueue[tuple[int, int, int] | None]] = [
        queue.SimpleQueue(),
        queue.SimpleQueue(),
    ]
    threads = [
        threading.Thread(target=eat, args=(todo, act))
        for todo, act in zip(todos, (hashed, write), strict=True)
    ]
    for thread in threads:
        thread.start()
    offset = 0
    while offset < size:
        number = free.get()
        length = os.preadv(reader, [buffers[number]], offset)
        left[number] = 2
        for todo in todos:
            todo.put((number, length, offset))
        offset += length
    for todo in todos:
        todo.put(None)
    for thread in threads:
        thread.join()
    os.ftruncate(writer, size)
    os.fsync(writer)
    os.close(reader)
    os.close(writer)
    return digest.hexdigest()


def _prototype_read(copy: Path) -> str:
    digest = hashlib.sha256()
    buffers = [mmap.mmap(-1, 4 * _MIB) for _ in range(2)]
    reader = os.open(copy, os.O_RDONLY | os.O_DIRECT)
    hashing: threading.Thread | None = None
    offset = turn = 0
    while length := os.preadv(reader, [buffers[turn]], offset):
        if hashing is not None:
            hashing.join()
        piece = memoryview(buffers[turn])[:length]
        hashing = threading.Thread(target=digest.update, args=(piece,))
        hashing.start()
        offset += length
        turn = 1 - turn
    if hashing is not None:
        hashing.join()
    os.close(reader)
    return digest.hexdigest()


def ketter(source: Path, target: Path) -> None:
    """`ketter copy` to one destination: a whole process, with ledger and audit."""
    run_ketter(source, [target], target)


def ketter_two(source: Path, target: Path) -> None:
    """The same to two destinations on one disk."""
    both = [target / "one", target / "two"]
    for folder in both:
        folder.mkdir()
    run_ketter(source, both, target)


def ketter_and_memory(memory: Path, source: Path, target: Path) -> None:
    """The same to the disk, and to a file system in memory: what stands here for a second
    drive that shares nothing with the first."""
    elsewhere = memory / "target"
    shutil.rmtree(elsewhere, ignore_errors=True)
    elsewhere.mkdir()
    run_ketter(source, [target, elsewhere], target)
    shutil.rmtree(elsewhere)


def engine_alone(source: Path, target: Path) -> None:
    """The engine in a process of its own, and nobody who writes anything down: what the
    ledger and the audit cost is the difference."""
    words = [sys.executable, "-m", "tests.benchmarks.engine_alone", str(source), str(target)]
    subprocess.run(words, check=True)


def run_ketter(source: Path, destinations: list[Path], data: Path, *more: str) -> None:
    """`ketter copy`, and more words for it. Its ledger is in `data`."""
    words = [sys.executable, "-m", "ketter_gui", "copy", str(source), "--quiet", *more]
    for destination in destinations:
        words += ["--to", str(destination)]
    words += ["--data-dir", str(data / "ketter-data")]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
