"""Which version a database has, from its first hundred bytes, without loading SQLite.

The header may lag behind a write-ahead log that nobody has taken over yet; opening the database
looks again, and is what decides.
"""

from __future__ import annotations

import struct
from pathlib import Path

APPLICATION_ID = 0x50445554
"""`PDUT`, in the file's header."""
SCHEMA_VERSION = 3
"""The newest schema that this program knows."""

_MAGIC = b"SQLite format 3\0"
_USER_VERSION = 60
_APPLICATION_ID = 68


def from_future(path: Path, found: int, known: int) -> str:
    """What to tell people whose database a newer pdutui made."""
    return (
        f"{path} was written by a newer pdutui (history schema {found}, this one knows up to "
        f"{known}) and was left as it is. Upgrade pdutui, or set [history] path in the config "
        f"to another file."
    )


def refuse_future(path: Path) -> str:
    """Why this database must not be opened; empty if nothing speaks against it."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return ""
    if len(header) < 100 or not header.startswith(_MAGIC):
        return ""
    version: int = struct.unpack_from(">i", header, _USER_VERSION)[0]
    owner: int = struct.unpack_from(">i", header, _APPLICATION_ID)[0]
    if owner != APPLICATION_ID or version <= SCHEMA_VERSION:
        return ""
    return from_future(path, version, SCHEMA_VERSION)
