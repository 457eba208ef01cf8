"""A made-up camera card and two drives, so that anybody can try Ketter in half a minute.

Real bytes and real names: clips of some megabytes, their sidecars, nested and empty
folders, a link, and the kind of names that people and cameras do give.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ketter_gui.disk.folder import Folder, Tree, open_root
from ketter_gui.disk.naming import name_it
from ketter_gui.disk.writing import create_part, make_link, write_all
from ketter_gui.domain.errors import DestinationReadOnly
from ketter_gui.domain.names import part_name
from ketter_gui.domain.options import Request

_CARD: Final = b"A001"
_DRIVES: Final = (b"DRIVE_A", b"DRIVE_B")
_CLIP_MEGABYTES: Final = (4, 6, 8, 10, 12)
_CLIPS: Final = b"CONTENTS/CLIPS"
_PIECE_BYTES: Final = 1_000_000
_TOKEN: Final = "demo"

_NOTES: Final = {
    "Präsentation – 日本語.txt".encode(): "A name from somewhere else.\n",
    "🎬 selects.txt".encode(): "A name from a telephone.\n",
    b"-slate.txt": "A name that looks like an option.\n",
    b"scene\n12.txt": "A name with a line break in it.\n",
    b"trailing space ": "A name that ends in a space.\n",
    b"caf\xe9.txt": "A name that is not UTF-8: from an old drive.\n",
}


def make_demo(folder: Path | None = None) -> Request:
    """Make the card and the drives in a new folder below `folder`, by default the
    system's temporary one; returns the request to copy the one to the others.

    Raises DestinationReadOnly when that folder cannot be written to, or has no room.
    """
    above = os.fsencode(folder or _temporary_folder())
    try:
        root = _make_all(above)
    except OSError as error:
        raise DestinationReadOnly(above, errno=error.errno) from error
    return Request(
        (os.path.join(root, _CARD),),
        tuple(os.path.join(root, drive) for drive in _DRIVES),
    )


def _make_all(above: bytes) -> bytes:
    with Tree(open_root(above)) as tree:
        name = b"ketter-demo-" + secrets.token_hex(4).encode()
        tree.make(name)
        root = os.path.join(above, name)
    with Tree(open_root(root)) as tree:
        _make_card(tree)
        for drive in _DRIVES:
            tree.make(drive)
    return root


def _temporary_folder() -> str:
    names = ("TMPDIR", "TEMP", "TMP")
    given = [os.environ[name] for name in names if os.environ.get(name)]
    return next((path for path in given if os.path.isdir(path)), "/tmp")  # noqa: S108 - its own folder in it is new and 0700


def _make_card(tree: Tree) -> None:
    for number, megabytes in enumerate(_CLIP_MEGABYTES, start=1):
        name = b"A001C%03d_261124_R1KT" % number
        _write_clip(tree, _CLIPS, name + b".mxf", megabytes, seed=number)
        _write(tree, _CLIPS, name + b".xml", _sidecar(name.decode(), megabytes))
    _write(tree, b"CONTENTS/AUDIO", b"A001_T01.txt", "boom left, lavalier right\n")
    _write(tree, b"", b"MEDIAPRO.XML", _index())
    _write(tree, b"", b"CARD.json", '{"reel": "A001", "camera": "made up", "fps": 25}\n')
    for name, text in _NOTES.items():
        _write(tree, b"NOTES", name, text)
    _make_folder(tree, b"REPORT/EMPTY")
    make_link(_make_folder(tree, b""), b"LATEST", _CLIPS + b"/A001C005_261124_R1KT.mxf")


def _make_folder(tree: Tree, inside: bytes) -> Folder:
    folder, _ = tree.make(b"%s/%s" % (_CARD, inside) if inside else _CARD)
    return folder


def _write_clip(tree: Tree, inside: bytes, name: bytes, megabytes: int, seed: int) -> None:
    """Bytes that no compressor can shorten and no hole finder can skip; always the same."""
    noise = random.Random(seed)  # noqa: S311 - footage, not a secret
    pieces = (noise.randbytes(_PIECE_BYTES) for _ in range(megabytes))
    _fill(_make_folder(tree, inside), name, pieces)


def _write(tree: Tree, inside: bytes, name: bytes, text: str) -> None:
    _fill(_make_folder(tree, inside), name, [text.encode()])


def _fill(folder: Folder, name: bytes, pieces: Iterable[bytes]) -> None:
    part = part_name(name, _TOKEN)
    fd = create_part(folder, part)
    try:
        offset = 0
        for piece in pieces:
            write_all(fd, memoryview(piece), offset)
            offset += len(piece)
    finally:
        os.close(fd)
    name_it(folder, part, name)


def _sidecar(clip: str, megabytes: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Clip name="{clip}" frames="{megabytes * 25}" fps="25"><Reel>A001</Reel></Clip>\n'
    )


def _index() -> str:
    clips = "".join(
        f'  <Material uri="./CONTENTS/CLIPS/A001C{number:03d}_261124_R1KT.mxf"/>\n'
        for number in range(1, len(_CLIP_MEGABYTES) + 1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Contents>\n{clips}</Contents>\n'
