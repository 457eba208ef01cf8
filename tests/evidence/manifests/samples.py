"""Small manifests, made by hand after what ascmhl 1.2 and MHL tools write."""

from __future__ import annotations

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
C4 = "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"


def asc_hash(path: str, *, size: int | None = None, previous: str = "", **values: str) -> str:
    """One file of ASC MHL, original on 3 May 2026."""
    of = f' size="{size}"' if size is not None else ""
    hashes = "".join(
        f'<{name} action="original" hashdate="2026-05-03T12:00:00+02:00">{value}</{name}>'
        for name, value in values.items()
    )
    before = f"<previousPath>{previous}</previousPath>" if previous else ""
    return f"<hash><path{of}>{path}</path>{hashes}{before}</hash>"


def ascmhl(
    *hashes: str,
    created: str = "2026-05-03T12:00:00+02:00",
    references: dict[str, str] | None = None,
) -> str:
    """One generation of ASC MHL."""
    named = "".join(
        f"<hashlistreference><path>{path}</path><c4>{value}</c4></hashlistreference>"
        for path, value in (references or {}).items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">'
        f"<creatorinfo><creationdate>{created}</creationdate><hostname>set</hostname>"
        '<tool version="1">hand</tool></creatorinfo>'
        "<processinfo><process>in-place</process><roothash><content>"
        f"<md5>{MD5}</md5></content></roothash></processinfo>"
        f"<hashes>{''.join(hashes)}</hashes>"
        f"{'<references>' + named + '</references>' if named else ''}</hashlist>"
    )


def chain(generations: dict[str, str]) -> str:
    """`ascmhl_chain.xml`: the C4 of each generation."""
    lists = "".join(
        f'<hashlist sequencenr="{number}"><path>{name}</path><c4>{value}</c4></hashlist>'
        for number, (name, value) in enumerate(generations.items(), 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">{lists}</ascmhldirectory>'
    )


def classic_hash(path: str, size: int, name: str, value: str) -> str:
    """One file of classic MHL."""
    return (
        f"<hash><file>{path}</file><size>{size}</size>"
        "<lastmodificationdate>2026-05-01T08:00:00Z</lastmodificationdate>"
        f"<{name}>{value}</{name}><hashdate>2026-05-03T10:00:00Z</hashdate></hash>"
    )


def classic(*hashes: str) -> str:
    """A classic MHL."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">'
        "<creationdate>2026-05-03T10:00:00Z</creationdate>"
        "<creatorinfo><name>A</name><finishdate>2026-05-03T10:00:01Z</finishdate></creatorinfo>"
        f"{''.join(hashes)}</hashlist>"
    )
