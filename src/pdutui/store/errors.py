"""What can be wrong with the store: one error for the caller, one for inside."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Literal

from pdutui.store.peek import from_future

TroubleKind = Literal[
    "full", "locked", "damaged", "unwritable", "foreign", "future", "other_writer", "io",
    "missing", "older",
]  # fmt: skip

_BY_CODE: dict[int, TroubleKind] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
    sqlite3.SQLITE_AUTH: "unwritable",
}
_FULL_ERRNO = (errno.ENOSPC, errno.EDQUOT)
_UNWRITABLE_ERRNO = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENOENT,
    errno.ELOOP, errno.ENAMETOOLONG,
)  # fmt: skip


class StoreFromFuture(Exception):
    """The database was made by a newer pdutui. It has not been touched."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        self.path = path
        self.found = found
        """The schema version of the file."""
        self.known = known
        """The newest schema version this program knows."""
        super().__init__(from_future(path, found, known))


class StoreTrouble(Exception):
    """The store cannot do what it was asked just now. Only those who read it get to see this."""

    def __init__(self, kind: TroubleKind, phrase: str) -> None:
        self.kind: TroubleKind = kind
        self.phrase = phrase
        """For the status line."""
        super().__init__(phrase)


def phrase_of(trouble: StoreTrouble | StoreFromFuture) -> str:
    """Why nothing is written, for the status line."""
    if isinstance(trouble, StoreFromFuture):
        return f"history paused: {trouble.path.name} belongs to a newer pdutui"
    return trouble.phrase


class FileMoved(Exception):
    """The database file was deleted, moved or replaced while it was open."""


def _cause(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).lower()
    return str(error) or type(error).__name__


def kind_of(error: sqlite3.Error | OSError, *, no_room: bool = False) -> TroubleKind:
    """What sort of trouble an error is.

    Args:
        error: What SQLite or the system raised.
        no_room: The file system has next to no free space. SQLite reports a -shm file that
            cannot grow as an I/O error; with no room left that is a full disk all the same.
    """
    if isinstance(error, OSError):
        if error.errno in _FULL_ERRNO:
            return "full"
        return "unwritable" if error.errno in _UNWRITABLE_ERRNO else "io"
    kind = _BY_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "io")
    return "full" if no_room and kind in ("io", "unwritable") else kind


def trouble_from(
    error: sqlite3.Error | OSError, path: Path, *, no_room: bool = False
) -> StoreTrouble:
    """The error as a trouble with a phrase fit for a status line."""
    kind = kind_of(error, no_room=no_room)
    phrase = {
        "full": "history paused: disk full",
        "locked": f"history paused: {path.name} is locked by another program",
        "damaged": f"history paused: {path.name} is damaged",
        "unwritable": f"history paused: cannot write {path} ({_cause(error)})",
    }.get(kind, f"history paused: disk error ({_cause(error)})")
    return StoreTrouble(kind, phrase)


def reading_trouble(error: sqlite3.Error | OSError, path: Path) -> StoreTrouble:
    """Why the history cannot be read, as a trouble whose phrase names the file."""
    if isinstance(error, FileNotFoundError):
        return StoreTrouble("missing", f"no history: {path} does not exist")
    kind = kind_of(error)
    phrase = {
        "locked": f"{path} is locked by another program",
        "damaged": f"{path} is damaged ({_cause(error)})",
    }.get(kind, f"cannot read {path} ({_cause(error)})")
    return StoreTrouble(kind, phrase)
