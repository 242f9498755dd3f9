"""Opening the database, from the directory to a ready connection. Blocks; runs in threads."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pdutui.store.errors import FileMoved, StoreTrouble
from pdutui.store.files import (
    Ballast,
    Identity,
    WriterLock,
    create_private,
    identity,
    make_private_dir,
    require_writable,
    who_writes,
)
from pdutui.store.limits import StoreLimits
from pdutui.store.schema import SCHEMA_VERSION, check_version, configure, migrate, pragma

_MADE_WITHIN_S = 1.0


def open_to_write(
    path: Path, lock: WriterLock, ballast: Ballast, limits: StoreLimits
) -> tuple[sqlite3.Connection, Identity]:
    """The writing connection, and which file it leads to.

    Whoever gets the lock makes the file and brings it to the newest schema. Whoever does not may
    still write audit records, under SQLite's own locks, if the schema is his.

    Raises:
        StoreFromFuture: A newer pdutui made the file.
        StoreTrouble: It is no pdutui database, or one that an older pdutui is writing to.
        sqlite3.Error, OSError, FileMoved: It cannot be opened.
    """
    make_private_dir(path.parent)
    owner = lock.acquire()
    if owner:
        create_private(path)
    else:
        _soon(path.exists)
    which = identity(path)
    require_writable(path)
    conn = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    try:
        conn.execute(f"PRAGMA busy_timeout = {limits.busy_ms}")
        check_version(conn, path)
        if not owner and not _soon(lambda: pragma(conn, "user_version") == SCHEMA_VERSION):
            raise StoreTrouble("other_writer", "history is being written by an older pdutui")
        configure(conn, max_page_count=limits.max_page_count)
        if owner:
            migrate(conn, path)
            ballast.restore()
    except BaseException:
        conn.close()
        raise
    return conn, which


def _soon(condition: Callable[[], bool]) -> bool:
    """Whether it comes true: of two programs started at once, one is just making the file."""
    end = time.monotonic() + _MADE_WITHIN_S
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.01)
    return True


def open_to_read(path: Path, limits: StoreLimits) -> tuple[sqlite3.Connection, Identity]:
    """A connection that cannot write, and which file it leads to.

    SQLite wants to put files of its own beside a database, if only to read it. Where it cannot, as
    in a snapshot, nobody else can write to it either, and it is read without them.

    Raises:
        sqlite3.Error, OSError: It cannot be opened.
    """
    try:
        which = identity(path)
    except FileMoved:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
    how = "mode=ro&immutable=1" if _stands_still(path) else "mode=ro"
    conn = sqlite3.connect(
        f"{path.as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False
    )
    conn.execute(f"PRAGMA busy_timeout = {limits.busy_ms}")
    conn.execute("PRAGMA query_only = ON")
    return conn, which


def _stands_still(path: Path) -> bool:
    """Whether it lies where nothing can be written, and no program has it open.

    Whoever has a database open that keeps a log has a -shm beside it; his lock may be unreadable.
    """
    if os.access(path.parent, os.W_OK) or who_writes(path.with_name(f"{path.name}.lock"))[0]:
        return False
    if os.path.lexists(f"{path}-shm"):
        return False
    try:
        return os.stat(f"{path}-wal").st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False


def checkpoint(conn: sqlite3.Connection) -> None:
    """Put what the log holds into the file, if that still works."""
    with suppress(sqlite3.Error):  # nothing more can be done for that file
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
