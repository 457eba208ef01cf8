"""What operating systems leave on every drive."""

from __future__ import annotations

from typing import Final

LITTER: Final = frozenset(
    {
        b".DS_Store",
        b".Spotlight-V100",
        b".Trashes",
        b".fseventsd",
        b".TemporaryItems",
        b".DocumentRevisions-V100",
        b"System Volume Information",
        b"$RECYCLE.BIN",
        b"Thumbs.db",
        b"desktop.ini",
        b"lost+found",
    }
)
"""What operating systems leave on cards. Never footage, never copied, always counted."""
