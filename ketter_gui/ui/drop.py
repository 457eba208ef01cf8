"""From what was dropped or pasted to paths in bytes.

Qt's own way from a URL to a file name loses every byte that is not UTF-8, so the
percent-encoding is undone here.
"""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl

_THIS_MACHINE = {"", "localhost"}


def paths_from(mime: QMimeData) -> tuple[bytes, ...]:
    """Absolute local paths in the order given, each once; empty when there are none."""
    found = [path_from(url) for url in mime.urls()] if mime.hasUrls() else []
    if not any(found) and mime.hasText():
        found = [_path_in_text(line) for line in mime.text().splitlines()]
    return tuple(dict.fromkeys(path for path in found if path is not None))


def has_paths(mime: QMimeData) -> bool:
    """Whether a drop would bring a file or folder: asked on every move of a drag."""
    return mime.hasUrls() and any(path_from(url) is not None for url in mime.urls())


def path_from(url: QUrl) -> bytes | None:
    """The path of a local file URL, byte for byte; None for any other URL."""
    if url.scheme().lower() != "file" or url.host().lower() not in _THIS_MACHINE:
        return None
    path = unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded))
    if not path.startswith(b"/") or b"\0" in path:
        return None
    return path.rstrip(b"/") or b"/"


def _path_in_text(line: str) -> bytes | None:
    line = line.strip()
    if line.startswith("file://"):
        return path_from(QUrl.fromEncoded(line.encode()))
    if not line.startswith("/"):
        return None
    path = os.fsencode(line)
    return None if b"\0" in path else path.rstrip(b"/") or b"/"
