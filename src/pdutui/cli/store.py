"""Opening the store for a command, with what can be wrong with it said in its exit code."""

from __future__ import annotations

from pathlib import Path

from pdutui.cli.exits import CliError
from pdutui.domain.clock import Clock
from pdutui.settings import Settings
from pdutui.store.history import HistoryStore, StoreFromFuture


async def open_store(path: Path, settings: Settings, clock: Clock) -> HistoryStore:
    """The store at `path`. Trouble with the disk or the file is in its `status`.

    Raises CliError if a newer pdutui made the file; it is left as it is.
    """
    try:
        return await HistoryStore.open(
            path,
            clock=clock,
            retention_days=settings.history.retention_days,
            totals_days=settings.history.totals_days,
        )
    except StoreFromFuture as error:
        raise CliError(str(error)) from error
