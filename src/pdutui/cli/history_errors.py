"""What can be wrong with a database, as the end of a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pdutui.cli.exits import BAD_NEWS, USAGE, CliError
from pdutui.cli.text import clean

if TYPE_CHECKING:
    import sqlite3

SAYS_MORE = "'pdutui history check' says more"


@contextlib.contextmanager
def store_trouble(path: Path) -> Iterator[None]:
    """Say what the store calls trouble with the database at `path` as a CliError."""
    from pdutui.store.errors import StoreFromFuture, StoreTrouble

    try:
        yield
    except StoreFromFuture as error:
        raise CliError(str(error), USAGE) from error
    except StoreTrouble as error:
        if error.kind == "foreign":
            raise CliError(f"{path} is another program's database", USAGE) from error
        code = USAGE if error.kind in ("future", "older", "missing") else BAD_NEWS
        phrase = clean(error.phrase.removeprefix("history paused: "))
        more = f": {SAYS_MORE}" if error.kind == "damaged" else ""
        raise CliError(f"{phrase}{more}", code) from error


@contextlib.contextmanager
def trouble_with(path: Path) -> Iterator[None]:
    """The same, and what SQLite or the system say of it."""
    import sqlite3

    from pdutui.store.errors import kind_of

    try:
        with store_trouble(path):
            yield
    except sqlite3.Error as error:
        kind, said = kind_of(error), clean(str(error))
        if kind == "damaged":
            raise CliError(f"{path} is damaged ({said}): {SAYS_MORE}", BAD_NEWS) from error
        reason = {
            "locked": "is locked by another program",
            "full": "cannot be written: the disk is full",
            "unwritable": f"cannot be opened: {said}",
        }.get(kind, f"cannot be read: {said}")
        raise CliError(f"{path} {reason}", BAD_NEWS) from error
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror or error}", BAD_NEWS) from error


@contextlib.contextmanager
def open_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, in one read transaction.

    Raises CliError, also for what goes wrong while it is used.
    """
    from pdutui.store.limits import StoreLimits
    from pdutui.store.opening import open_to_read
    from pdutui.store.schema import SCHEMA_VERSION, check_version

    with trouble_with(path):
        conn, _ = open_to_read(path, StoreLimits())
        with contextlib.closing(conn):
            if check_version(conn, path) < SCHEMA_VERSION:
                raise CliError(
                    f"{path} is in the format of an older pdutui; "
                    "it is brought up to date when the console runs next"
                )
            conn.execute("BEGIN")
            yield conn
