"""One more generation of an ASC MHL 2.0 history (github.com/ascmitc/mhl).

NAME/ascmhl/0002_NAME_2026-11-25_130035Z.mhl lists what is proven, and
NAME/ascmhl/ascmhl_chain.xml names all generations with their C4. Earlier ones are read and
compared with the chain, never written; the new one is complete before the chain names it,
and the chain is replaced whole. A generation that a crash kept out of the chain is taken
into it.

    action       `original` for what no earlier generation names, `verified` for a value that
                 one has; a value of another kind beside it bears none
    directories  content: the hash over the sorted hashes of what is in them, as bytes;
                 structure: the same over hashes of name and hash. Left out where a file of
                 theirs is not listed, or something else lies beside: the value would be of
                 another folder
    histories    of folders inside are extended first, and named with their C4; what is in those
    inside       folders only they list
    left out     links, names that XML cannot hold, what is not proven there; the tool's own
                 patterns are named (`.DS_Store`, `ascmhl`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ketter_gui.checksums.c4 import bytes_of
from ketter_gui.checksums.registry import algorithm
from ketter_gui.domain.times import utc_text
from ketter_gui.evidence.manifests.listed import Listed, Sums
from ketter_gui.evidence.manifests.write_xml import escaped, text_of

IGNORED: Final = (".DS_Store", "ascmhl", "ascmhl/")
FORMATS: Final = ("xxh128", "xxh3", "xxh64", "md5", "sha1", "c4")
_GENERATION: Final = re.compile(rb"(\d{4,})_.*\.mhl", re.DOTALL)
_INDENT: Final = "    "

Names = Callable[[bytes], set[bytes] | None]
"""What lies in a folder of the history, by its path in it; None when it cannot be told."""


class Maker(NamedTuple):
    """Who makes it, and when."""

    host: str
    tool: str
    version: str
    at_us: int


def number_of(name: bytes) -> int | None:
    """The number of a generation's file; None for any other file."""
    match = _GENERATION.fullmatch(name)
    return int(match[1]) if match else None


def file_name(number: int, root: bytes, at_us: int) -> bytes:
    """What a generation's file is called."""
    moment = utc_text(at_us)
    stamp = f"{moment[:10]}_{moment[11:19].replace(':', '')}Z"
    return b"%04d_%s_%s.mhl" % (number, root, stamp.encode())


def chain_of(generations: Iterable[tuple[int, str, str]]) -> bytes:
    """The chain file of (number, file name, C4)."""
    lines = [
        f'  <hashlist sequencenr="{number}">\n    <path>{escaped(name)}</path>\n'
        f"    <c4>{c4}</c4>\n  </hashlist>\n"
        for number, name, c4 in generations
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    tag = '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n'
    return f"{head}{tag}{''.join(lines)}</ascmhldirectory>\n".encode()


@dataclass(slots=True)
class _Directory:
    """A folder on the way down, and what of it is hashed already."""

    path: bytes
    mtime_ns: int
    is_theirs: bool = False
    contents: list[bytes] = field(default_factory=list)
    structures: list[bytes] = field(default_factory=list)
    names: set[bytes] = field(default_factory=set)
    is_whole: bool = True


@dataclass(slots=True)
class Generation:
    """Writes one; `files` and `left_out` are counted on the way.

    `main` is the kind of hash that folders are hashed with. `earlier` are the values that
    earlier generations have, by path. `nested` are the folders inside that have histories of
    their own, with the path of their newest generation and its C4; empty ones are named by
    an outer one of them.
    """

    main: str
    maker: Maker
    names_in: Names
    earlier: dict[bytes, dict[str, str]]
    nested: Mapping[bytes, tuple[str, str]]
    files: int = 0
    left_out: int = 0
    _root: tuple[str, str] | None = None

    def pieces(self, listed: Iterable[Listed]) -> Iterator[bytes]:
        """The `hashes` element, in pieces; afterwards `head` knows the root's hashes."""
        stack = [_Directory(b"", 0)]
        yield b"  <hashes>\n"
        for one in listed:
            above = one.path.rpartition(b"/")[0]
            while stack[-1].path != above:
                yield from self._closed(stack)
            stack[-1].names.add(one.path.rpartition(b"/")[2])
            is_theirs = self._is_inside(one.path)
            if one.is_folder:
                stack.append(_Directory(one.path, one.mtime_ns, is_theirs))
            elif (lines := self._file(one, stack[-1], is_theirs=is_theirs)) is not None:
                yield lines
        while len(stack) > 1:
            yield from self._closed(stack)
        self._root = self._hashes(stack[0])
        yield f"  </hashes>\n{self._references()}</hashlist>\n".encode()

    def head(self) -> bytes:
        """What comes before `pieces`, once those were made."""
        maker = self.maker
        patterns = "".join(f"      <pattern>{one}</pattern>\n" for one in IGNORED)
        root = ""
        if self._root is not None:
            root = f"    <roothash>\n{self._pair(self._root, '      ')}    </roothash>\n"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n  <creatorinfo>\n'
            f"    <creationdate>{_seconds(maker.at_us)}</creationdate>\n"
            f"    <hostname>{escaped(maker.host)}</hostname>\n"
            f'    <tool version="{escaped(maker.version)}">{escaped(maker.tool)}</tool>\n'
            "  </creatorinfo>\n  <processinfo>\n    <process>transfer</process>\n"
            f"{root}    <ignore>\n{patterns}    </ignore>\n  </processinfo>\n"
        ).encode()

    def _is_inside(self, path: bytes) -> bool:
        """Whether only a history inside speaks of it."""
        return any(path.startswith(folder + b"/") for folder in self.nested)

    def _references(self) -> str:
        named = [one for one in self.nested.values() if one[0]]
        if not named:
            return ""
        lines = [
            f"    <hashlistreference>\n      <path>{escaped(path)}</path>\n      <c4>{c4}</c4>\n"
            "    </hashlistreference>\n"
            for path, c4 in named
        ]
        return f"  <references>\n{''.join(lines)}  </references>\n"

    def _file(self, one: Listed, folder: _Directory, *, is_theirs: bool) -> bytes | None:
        sums = dict(one.checksums)
        name = text_of(one.path)
        if name is None or self.main not in sums:
            self.left_out += not is_theirs
            folder.is_whole = False
            return None
        self.files += not is_theirs
        value = sums[self.main]
        digest = _as_bytes(self.main, value)
        folder.contents.append(digest)
        folder.structures.append(_hash(self.main, one.path.rpartition(b"/")[2] + digest))
        if is_theirs:
            return None
        hashes = "".join(self._values(one))
        size, at = one.size_bytes, _seconds(one.mtime_ns // 1000)
        path = f'<path size="{size}" lastmodificationdate="{at}">{escaped(name)}</path>'
        return f"{_INDENT}<hash>\n      {path}\n{hashes}{_INDENT}</hash>\n".encode()

    def _values(self, one: Listed) -> Iterator[str]:
        """Every kind that the standard knows, earlier ones first: a new kind is only worth
        something beside one that was there before."""
        earlier = self.earlier.get(one.path, {})
        wanted: Sums = (*one.known, *one.checksums)
        sums = {name: value for name, value in wanted if name in FORMATS}
        for name in sorted(sums, key=lambda name: (name not in earlier, FORMATS.index(name))):
            value = sums[name]
            if not earlier:
                action = ' action="original"'
            elif earlier.get(name) == value:
                action = ' action="verified"'
            else:
                action = ' action="failed"' if name in earlier else ""
            date = _micros(one.when_us)
            yield f'      <{name}{action} hashdate="{date}">{value}</{name}>\n'

    def _closed(self, stack: list[_Directory]) -> Iterator[bytes]:
        folder = stack.pop()
        parent = stack[-1]
        name, hashes = text_of(folder.path), self._hashes(folder)
        if name is None or hashes is None:
            parent.is_whole = False
            return
        content, structure = (_as_bytes(self.main, value) for value in hashes)
        parent.contents.append(content)
        last = folder.path.rpartition(b"/")[2]
        parent.structures.append(_hash(self.main, last + structure))
        if folder.is_theirs:
            return
        at = _seconds(folder.mtime_ns // 1000)
        yield (
            f'{_INDENT}<directoryhash>\n      <path lastmodificationdate="{at}">{escaped(name)}'
            f"</path>\n{self._pair(hashes, '      ')}{_INDENT}</directoryhash>\n"
        ).encode()

    def _hashes(self, folder: _Directory) -> tuple[str, str] | None:
        """Content and structure; None where they would be of another folder."""
        if not folder.is_whole:
            return None
        there = self.names_in(folder.path)
        if there is None or there - {b".DS_Store", b"ascmhl"} != folder.names - {b"ascmhl"}:
            return None
        return self._over(folder.contents), self._over(folder.structures)

    def _over(self, digests: list[bytes]) -> str:
        """The hash over all of them, in the order of their written forms, which for C4 is that
        of its letters, as the reference has it."""
        hasher = algorithm(self.main).new()
        for digest in sorted(digests):
            hasher.update(digest)
        return hasher.hexdigest()

    def _pair(self, hashes: tuple[str, str], indent: str) -> str:
        date = _micros(self.maker.at_us)
        return "".join(
            f'{indent}<{element}>\n{indent}  <{self.main} hashdate="{date}">{value}</{self.main}>\n'
            f"{indent}</{element}>\n"
            for element, value in zip(("content", "structure"), hashes, strict=True)
        )


def _as_bytes(kind: str, value: str) -> bytes:
    return bytes_of(value) if kind == "c4" else bytes.fromhex(value)


def _hash(kind: str, data: bytes) -> bytes:
    hasher = algorithm(kind).new()
    hasher.update(data)
    return _as_bytes(kind, hasher.hexdigest())


def _seconds(at_us: int) -> str:
    return f"{utc_text(at_us)[:19]}+00:00"


def _micros(at_us: int) -> str:
    return f"{utc_text(at_us)[:26]}+00:00"
