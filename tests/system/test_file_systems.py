from __future__ import annotations

import pytest

from ketter_gui.system.file_systems import (
    KEEPS_COPIES_HERE,
    MEMORY,
    NETWORK,
    may_answer_from_here,
    server_of,
)


@pytest.mark.parametrize(
    ("source", "server"),
    [
        ("nas.local:/export/a", "nas.local"),
        ("[fe80::1]:/export", "[fe80::1]"),
        ("//NAS/share/folder", "nas"),
        ("ana@nas:/home/ana", "nas"),
        ("ana@nas:", "nas"),
        ("sshfs#ana@nas:/x", "nas"),
        ("https://cloud.example:8443/dav", "cloud.example"),
        ("hosttag", "hosttag"),
        ("", ""),
    ],
)
def test_a_share_names_its_server(source: str, server: str) -> None:
    assert server_of(source) == server


def test_nothing_is_both_a_network_and_memory() -> None:
    assert not MEMORY & NETWORK
    assert KEEPS_COPIES_HERE < NETWORK


@pytest.mark.parametrize(
    ("file_system", "options", "answer"),
    [
        ("nfs4", b"rw,vers=4.2,addr=10.0.0.2", False),
        ("nfs4", b"rw,vers=4.2,fsc", True),
        ("cifs", b"rw,fsc", True),
        ("9p", b"rw,cache=fscache", True),
        ("9p", b"rw,cache=none", False),
        ("fuse.sshfs", b"rw", False),
        ("fuse.rclone", b"rw", True),
        ("davfs", b"rw", True),
    ],
)
def test_a_client_that_keeps_copies_here_is_known(
    file_system: str, options: bytes, answer: bool
) -> None:
    assert may_answer_from_here(file_system, options) is answer
