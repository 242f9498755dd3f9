"""`audit-head.json`: where the chain had got to, beside the database, to be compared with it.

A chain whose newest records were taken away is a chain still. This file remembers the newest one.
It is written after the commit, so it may be behind what is there, and is never ahead of it.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from pdutui.domain.audit import StoredAudit
from pdutui.store.audit import iso_time

HEAD_NAME = "audit-head.json"
_VERSION = 1


class Head(msgspec.Struct, frozen=True):
    """The newest record of a database, as it was written down."""

    n: int
    hash: str
    time: str
    """Of the record."""

    @property
    def said(self) -> str:
        """`record 17 of 2026-11-20T14:02:11.003456Z (hash 0123456789ab)`."""
        return f"record {self.n} of {self.time} (hash {self.hash[:12]})"


class _Heads(msgspec.Struct):
    version: int = _VERSION
    heads: dict[str, Head] = msgspec.field(default_factory=dict)
    """By the name of the database: there may be several in a directory."""


class HeadFile:
    """The head of one database. All methods block.

    Args:
        database: Its path; the file is beside it.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(HEAD_NAME)
        self._name = database.name

    def read(self) -> Head | None:
        """What it says; None where it says nothing.

        Raises:
            ValueError: It is there and cannot be read; in words.
        """
        return self._read().heads.get(self._name)

    def _read(self) -> _Heads:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Heads)
        except FileNotFoundError:
            return _Heads()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ValueError(f"{self.path} cannot be read ({error})") from error

    def write(self, newest: StoredAudit) -> None:
        """Remember the newest record.

        Raises:
            OSError: It is not on the disk; what was there is still there.
        """
        try:
            heads = self._read()
        except ValueError:
            heads = _Heads()
        heads.heads[self._name] = Head(newest.n, newest.hash, iso_time(newest.record.time))
        number, name = tempfile.mkstemp(prefix=f".{HEAD_NAME}.", dir=self.path.parent)
        beside = Path(name)  # of mode 0600
        try:
            try:
                os.write(number, msgspec.json.encode(heads) + b"\n")
                os.fsync(number)
            finally:
                os.close(number)
            beside.replace(self.path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise


def is_there(conn: sqlite3.Connection, head: Head) -> bool:
    """Whether the database has the record that was remembered."""
    row = conn.execute("SELECT hash FROM audit WHERE n = ?", (head.n,)).fetchone()
    return row is not None and row[0] == head.hash
