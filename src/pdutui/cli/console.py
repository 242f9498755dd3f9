"""What the console runs on, made once its first frame is up: log, store, backends, engine."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pdutui.cli.build import build_backends, history_path, secrets_of
from pdutui.cli.store import open_store
from pdutui.config_env import ensure_state_dir
from pdutui.domain.clock import Clock
from pdutui.engine.engine import Engine
from pdutui.engine.logs import open_log
from pdutui.settings import Settings

LOG = logging.getLogger("pdutui.console")


@asynccontextmanager
async def opened_engine(
    settings: Settings, clock: Clock, *, demo_seed: int | None
) -> AsyncIterator[Engine]:
    """An engine that is not started yet; its store and log are closed on leaving.

    Args:
        settings: with the PDUs to show.
        clock: for everything.
        demo_seed: the demo's models in place of the configured backends; None without the demo.

    Raises:
        CliError: a newer pdutui made the database.
    """
    trouble = ensure_state_dir(settings.state_dir)
    log = open_log(settings.state_dir, secrets_of(settings))
    try:
        if trouble:
            LOG.warning("%s", trouble)
        store = await open_store(history_path(settings), settings, clock)
        try:
            backends = build_backends(settings, clock, demo_seed=demo_seed)
            yield Engine(settings, backends, clock=clock, store=store)
        finally:
            await store.close()
    finally:
        log.close()
