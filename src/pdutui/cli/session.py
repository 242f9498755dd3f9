"""One PDU under an engine, for as long as a headless command takes."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from types import TracebackType

import click
import msgspec

from pdutui.cli.build import SPILL_NAME, build_backend, history_path, secrets_of
from pdutui.cli.exits import BAD_NEWS, UNREACHABLE, CliError
from pdutui.cli.store import open_store
from pdutui.config_env import ensure_state_dir
from pdutui.domain.clock import Clock
from pdutui.domain.commands import Actor
from pdutui.domain.reading import Reading
from pdutui.engine.actor import current_actor
from pdutui.engine.engine import Engine
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
from pdutui.engine.gate import Gate
from pdutui.engine.logs import open_log
from pdutui.settings import PduSettings, Settings
from pdutui.store.history import HistoryStore

_GIVE_UP_S = 30.0
"""The longest wait for a first reading from a device that goes on answering something."""


class Session:
    """An async context: engine up on entering; engine down and store closed on leaving."""

    def __init__(
        self, pdu: PduSettings, settings: Settings, *, clock: Clock, audited: bool
    ) -> None:
        """`audited` opens the store, for commands that switch something."""
        quiet = msgspec.structs.replace(settings.history, enabled=False)
        self._settings = msgspec.structs.replace(settings, pdus=(pdu,), history=quiet)
        self._path = history_path(settings)
        self._clock = clock
        self._audited = audited
        self._stack = AsyncExitStack()
        self._engine: Engine | None = None
        self.pdu = pdu.name
        self.actor: Actor = current_actor(os.environ, "cli")

    async def __aenter__(self) -> Session:
        async with AsyncExitStack() as stack:
            store = await self._open_store(stack) if self._audited else None
            backend = build_backend(self._settings.pdus[0], self._clock, self._settings.profile_dir)
            self._engine = Engine(
                self._settings, {self.pdu: backend}, clock=self._clock, store=store
            )
            stack.push_async_callback(self._engine.stop)
            await self._engine.start()
            self._stack = stack.pop_all()
        return self

    async def _open_store(self, stack: AsyncExitStack) -> HistoryStore:
        state_dir = self._settings.state_dir
        trouble = ensure_state_dir(state_dir)
        if trouble:
            click.echo(f"pdutui: warning: {trouble}", err=True)
        log = open_log(state_dir, secrets_of(self._settings))
        stack.callback(log.close)
        store = await open_store(self._path, self._settings, self._clock)
        stack.callback(_say_what_was_not_written, store)
        stack.push_async_callback(store.close)
        return store

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def engine(self) -> Engine:
        """The running engine."""
        assert self._engine is not None, "only inside the context"
        return self._engine

    @property
    def gate(self) -> Gate:
        """The engine's gate."""
        return self.engine.gate

    async def first_reading(self) -> Reading:
        """The first fresh reading. Raises CliError if there is none to be had."""
        changed = asyncio.Event()

        def listen(event: EngineEvent) -> None:
            if isinstance(event, ReadingArrived | HealthChanged):
                changed.set()

        unsubscribe = self.engine.subscribe(listen)
        try:
            async with asyncio.timeout(_GIVE_UP_S):
                while True:
                    changed.clear()
                    view = self.engine.view(self.pdu)
                    if view.health == "live" and view.reading is not None:
                        return view.reading
                    if view.health in ("lost", "refused"):
                        raise CliError(f"{self.pdu}: {view.detail}", UNREACHABLE)
                    if view.health == "unsupported":
                        raise CliError(f"{self.pdu}: {view.detail}", BAD_NEWS)
                    await changed.wait()
        except TimeoutError as error:
            detail = self.engine.view(self.pdu).detail or "no complete reading"
            text = f"{self.pdu}: {detail} (gave up after {_GIVE_UP_S:.0f} s)"
            raise CliError(text, UNREACHABLE) from error
        finally:
            unsubscribe()


def _say_what_was_not_written(store: HistoryStore) -> None:
    """On leaving, when memory goes too: what is wrong with the file, and what that has cost."""
    if store.audit_waiting:
        trouble = f"{store.trouble or 'history paused'}: lines of the audit are on no disk"
        click.echo(f"pdutui: warning: {trouble}: {store.audit_waiting}", err=True)
    elif store.trouble:
        text = f"{store.trouble}; the audit is in {SPILL_NAME} until it can be written"
        click.echo(f"pdutui: warning: {text}", err=True)
