"""What the console runs on, made once its first frame is up: log, store, backends, engine."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pdutui.cli.build import Demo, build_backends, history_path, secrets_of
from pdutui.cli.exits import CliError
from pdutui.config_env import ensure_state_dir
from pdutui.domain.zone import local_zone
from pdutui.engine.actor import current_actor
from pdutui.engine.engine import Engine
from pdutui.engine.garbage import tended
from pdutui.engine.logs import open_log
from pdutui.store.deferred import DeferredStore
from pdutui.store.peek import refuse_future

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.engine.heap import Heap
    from pdutui.settings import Settings
    from pdutui.store.history import HistoryStore

LOG = logging.getLogger("pdutui.console")


@asynccontextmanager
async def opened_engine(
    settings: Settings,
    clock: Clock,
    *,
    demo: Demo | None,
    read: Callable[[Settings], Settings] | None = None,
) -> AsyncIterator[Engine]:
    """An engine that is not started yet; its store and log are closed on leaving.

    Args:
        settings: with the PDUs to show.
        clock: for everything.
        demo: its models in place of the configured backends; None without the demo.
        read: reads the configuration again, given what is in force; None: there is none.

    Raises:
        CliError: a newer pdutui made the database.
    """
    trouble = ensure_state_dir(settings.state_dir)
    log = open_log(settings.state_dir, secrets_of(settings))
    try:
        if trouble:
            LOG.warning("%s", trouble)
        path = history_path(settings)
        refusal = refuse_future(path)
        if refusal:
            raise CliError(refusal)

        async def opening() -> HistoryStore:
            from pdutui.domain.tariff import Billing

            history = await asyncio.to_thread(_load_history)
            return await history.open(
                path,
                clock=clock,
                retention_days=settings.history.retention_days,
                totals_days=settings.history.totals_days,
                billing=Billing(zone=local_zone(os.environ), tariff=settings.energy.tariff),
            )

        store = DeferredStore(opening)
        try:
            if demo is not None:
                backends = build_backends(settings, clock, demo=demo)
            else:  # profiles that are named are read here, some milliseconds each
                backends = await asyncio.to_thread(build_backends, settings, clock)
            async with tended(clock, find_heap=_find_heap):
                actor = current_actor(os.environ, "console", browser=settings.ui.served)
                engine = Engine(
                    settings,
                    backends,
                    clock=clock,
                    store=store,
                    actor=actor,
                    zone=functools.partial(local_zone, os.environ),
                )
                if read is not None:
                    from pdutui.cli.reload import Reloader

                    engine.reread = Reloader(engine, read, clock=clock, log=log)
                yield engine
        finally:
            await store.close()
    finally:
        log.close()


def _find_heap() -> Heap:
    from pdutui.engine.heap import Heap

    return Heap(os.environ)


def _load_history() -> type[HistoryStore]:
    from pdutui.store.history import HistoryStore

    return HistoryStore
