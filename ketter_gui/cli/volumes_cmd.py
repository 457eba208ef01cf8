"""`ketter volumes`: the drives that are connected, and their room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketter_gui.cli.arguments import TerminalCommand, Words, common_of, new_parser, no_names
from ketter_gui.cli.json_lines import as_line, path_fields
from ketter_gui.cli.output import say
from ketter_gui.cli.words import shown
from ketter_gui.domain.names import to_text
from ketter_gui.domain.sizes import size_text
from ketter_gui.domain.views import VolumeView

if TYPE_CHECKING:
    from ketter_gui.service.service import Service


def parse(words: Words) -> TerminalCommand:
    """The command; raises RefusedError for what is off."""
    parser = new_parser("ketter volumes", "Lists the volumes that are mounted, and their room.")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args(no_names(words, parser.prog))
    return TerminalCommand(common_of(given), lambda service: _list(service, is_json=given.json))


def _list(service: Service, *, is_json: bool) -> int:
    volumes = service.volumes()
    for volume in volumes:
        say(as_line(_fields(volume)) if is_json else _row(volume))
    if not volumes and not is_json:
        say("No volume is mounted that Ketter could copy to.")
    return 0


def _row(volume: VolumeView) -> str:
    room = f"{size_text(volume.free_bytes)} free of {size_text(volume.total_bytes)}"
    if not volume.total_bytes:
        room = "does not answer"
    read_only = ", read-only" if volume.is_read_only else ""
    return (
        f"{volume.label:<20}  {room:<26}  {volume.kind} ({volume.file_system}){read_only}  "
        f"{shown(volume.path)}"
    )


def _fields(volume: VolumeView) -> dict[str, Any]:
    return {
        "event": "volume",
        "identity": volume.identity,
        "label": volume.label,
        **path_fields(to_text(volume.path)),
        "kind": volume.kind,
        "file_system": volume.file_system,
        "read_only": volume.is_read_only,
        "total_bytes": volume.total_bytes,
        "free_bytes": volume.free_bytes,
    }
