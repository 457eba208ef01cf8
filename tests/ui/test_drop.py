"""Names keep every byte on their way from a file manager to the service."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QUrl
from pytestqt.qtbot import QtBot

from ketter_gui.ui.drop import has_paths, path_from, paths_from


def dropped(uri_list: bytes) -> QMimeData:
    mime = QMimeData()
    mime.setData("text/uri-list", uri_list)
    return mime


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (b"file:///media/caf%E9.mov", b"/media/caf\xe9.mov"),
        (b"file:///media/two%0Alines", b"/media/two\nlines"),
        (b"file:///a%23b%3Fc%25d", b"/a#b?c%d"),
        ("file:///日本語".encode(), "/日本語".encode()),
        (b"file:///%F0%9F%8E%AC.mov", "/🎬.mov".encode()),
        (b"file:///media/card/", b"/media/card"),
        (b"file:///", b"/"),
        (b"file://localhost/x", b"/x"),
        (b"file:///-rf", b"/-rf"),
        (b"file:///a%5Cb", b"/a\\b"),
        (b"file:///trailing%20", b"/trailing "),
    ],
)
def test_a_url_becomes_the_path_byte_for_byte(url: bytes, path: bytes) -> None:
    assert path_from(QUrl.fromEncoded(url)) == path


@pytest.mark.parametrize(
    "url",
    [
        b"https://example.com/a",
        b"file://server/share/a",
        b"smb://nas/a",
        b"file:///nul%00byte",
        b"",
    ],
)
def test_what_is_no_local_file_is_not_taken(url: bytes) -> None:
    assert path_from(QUrl.fromEncoded(url)) is None


def test_a_drop_keeps_order_and_takes_each_path_once(qtbot: QtBot) -> None:
    mime = dropped(b"file:///b%E9\r\nfile:///a\r\nfile:///b%E9\r\nhttps://example.com/\r\n")
    assert paths_from(mime) == (b"/b\xe9", b"/a")
    assert has_paths(mime)


def test_a_drop_of_web_pages_is_not_taken(qtbot: QtBot) -> None:
    assert not has_paths(dropped(b"https://example.com/clip.mov\r\n"))


def test_pasted_lines_that_are_paths_are_taken(qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setText("/media/A001\n  file:///media/caf%E9 \nnot a path\n/media/Ünïcödé/\n")
    assert paths_from(mime) == (b"/media/A001", b"/media/caf\xe9", "/media/Ünïcödé".encode())
