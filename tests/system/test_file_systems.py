from __future__ import annotations

import pytest

from ketter_gui.system.file_systems import MEMORY, NETWORK, server_of


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
