"""What can be wrong with a database, as the end of a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pdutui.cli.exits import BAD_NEWS, USAGE, CliError

SAYS_MORE = "'pdutui history check' says more"


@contextlib.contextmanager
def trouble_with(path: Path) -> Iterator[None]:
    """Say trouble with the database at `path` as a CliError."""
    import sqlite3

    from pdutui.store.errors import StoreFromFuture, StoreTrouble, kind_of

    try:
        yield
    except StoreFromFuture as error:
        raise CliError(str(error), USAGE) from error
    except StoreTrouble as error:
        if error.kind == "foreign":
            raise CliError(f"{path} is another program's database", USAGE) from error
        raise CliError(error.phrase.removeprefix("history paused: "), BAD_NEWS) from error
    except sqlite3.Error as error:
        kind = kind_of(error)
        if kind == "damaged":
            raise CliError(f"{path} is damaged ({error}): {SAYS_MORE}", BAD_NEWS) from error
        reason = {
            "locked": "is locked by another program",
            "full": "cannot be written: the disk is full",
            "unwritable": f"cannot be opened: {error}",
        }.get(kind, f"cannot be read: {error}")
        raise CliError(f"{path} {reason}", BAD_NEWS) from error
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror or error}", BAD_NEWS) from error
