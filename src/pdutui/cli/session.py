"""Some PDUs under an engine, for as long as a headless command takes."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.build import SPILL_NAME, Shared, build_backend, history_path, secrets_of
from pdutui.cli.ending import unhurried
from pdutui.cli.exits import BAD_NEWS, UNREACHABLE, CliError
from pdutui.config_env import ensure_state_dir
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action, Actor
from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.reading import Reading
from pdutui.domain.zone import local_zone
from pdutui.engine.actor import current_actor
from pdutui.engine.engine import Engine
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
from pdutui.engine.gate import Gate
from pdutui.engine.logs import open_log
from pdutui.engine.plans.port import PlansPort
from pdutui.engine.waiting import cancel, finished
from pdutui.settings import PduSettings, Settings

if TYPE_CHECKING:
    from pdutui.store.history import HistoryStore

_GIVE_UP_S = 30.0
"""The longest wait for a first reading from a device that goes on answering something."""
_PARTNERS_WITHIN_S = 3.0
"""The longest wait for PDUs that are read for the preview only. One that has not answered by then
is unknown, and the preview says so."""
_PAST_WITHIN_S = 2.0
"""The longest look into the history."""
_ADDS: frozenset[Action] = frozenset({"on", "delayed_on", "all_on", "all_delayed_on"})
_ANSWERED = ("live", "lost", "refused", "unsupported")
"""Health of a PDU of which more is not to be expected soon."""


class Session:
    """An async context: engine up on entering; engine down and store closed on leaving.

    Beside the PDUs that are meant, it reads those that feed the same devices by the device map, so
    that a preview knows the other cord. Nothing is read beside them where there is no map.
    """

    def __init__(
        self,
        pdus: Sequence[PduSettings],
        settings: Settings,
        *,
        clock: Clock,
        audited: bool,
        partners: bool = True,
    ) -> None:
        """Nothing is opened yet.

        Args:
            pdus: those that are meant; none for a look at what is kept.
            settings: what is configured; its other PDUs are partners by the map.
            clock: for everything.
            audited: opens the store, for commands that switch something.
            partners: whether the map is followed at all.
        """
        self._map = DeviceMap(settings.cords if partners else ())
        meant = frozenset(pdu.name for pdu in pdus)
        near = self._map.partners(meant) - meant
        beside = tuple(pdu for pdu in settings.pdus if pdu.name in near)
        quiet = msgspec.structs.replace(settings.history, enabled=False)
        silent = msgspec.structs.replace(settings.traps, enabled=False)
        calm = msgspec.structs.replace(settings.alarms, enabled=False)
        self._settings = msgspec.structs.replace(
            settings, pdus=(*pdus, *beside), history=quiet, traps=silent, alarms=calm
        )
        self._path = history_path(settings)
        self._clock = clock
        self._audited = audited
        self._stack = AsyncExitStack()
        self._engine: Engine | None = None
        self._began_s = clock.monotonic()
        self.pdus = tuple(pdu.name for pdu in pdus)
        """Those that are meant, without partners."""
        self.actor: Actor = current_actor(os.environ, "cli")

    @property
    def pdu(self) -> str:
        """The PDU that is meant, where it is one."""
        (name,) = self.pdus
        return name

    @property
    def settings(self) -> Settings:
        """What the engine was given: `pdus` are those that are read."""
        return self._settings

    @property
    def clock(self) -> Clock:
        """The engine's."""
        return self._clock

    async def __aenter__(self) -> Session:
        async with AsyncExitStack() as stack:
            store = await self._open_store(stack) if self._audited else None
            shared = Shared(self._settings.profile_dir)
            backends = {
                pdu.name: build_backend(pdu, self._clock, shared=shared)
                for pdu in self._settings.pdus
            }
            self._engine = Engine(
                self._settings,
                backends,
                clock=self._clock,
                store=store,
                actor=self.actor,
                zone=local_zone(os.environ),
            )
            stack.push_async_callback(self._engine.stop)
            self._began_s = self._clock.monotonic()
            await self._engine.start()
            self._stack = stack.pop_all()
        return self

    async def _open_store(self, stack: AsyncExitStack) -> HistoryStore:
        from pdutui.cli.store import open_store

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
        # A second Ctrl+C must not take the end of a command off the record.
        await unhurried(self._stack.aclose())

    @property
    def engine(self) -> Engine:
        """The running engine."""
        assert self._engine is not None, "only inside the context"
        return self._engine

    @property
    def gate(self) -> Gate:
        """The engine's gate."""
        return self.engine.gate

    @property
    def plans(self) -> PlansPort:
        """The engine's plans."""
        return self.engine.plans

    async def first_reading(self, pdu: str | None = None) -> Reading:
        """The first fresh reading of a PDU, of the one that is meant without a name.

        Raises CliError if there is none to be had.
        """
        name = pdu or self.pdu
        try:
            async with asyncio.timeout(_GIVE_UP_S):
                await self._until(lambda: self.engine.view(name).health in _ANSWERED)
        except TimeoutError as error:
            detail = self.engine.view(name).detail or "no complete reading"
            text = f"{name}: {detail} (gave up after {_GIVE_UP_S:.0f} s)"
            raise CliError(text, UNREACHABLE) from error
        view = self.engine.view(name)
        if view.health == "live" and view.reading is not None:
            return view.reading
        raise CliError(
            f"{name}: {view.detail}", BAD_NEWS if view.health == "unsupported" else UNREACHABLE
        )

    async def readings(self, pdus: Iterable[str] | None = None) -> dict[str, Reading | CliError]:
        """The first fresh reading of each PDU, of those that are meant without names; or why not.

        All are waited for at once, so that the slowest costs no more than itself.
        """

        async def one(name: str) -> Reading | CliError:
            try:
                return await self.first_reading(name)
            except CliError as error:
                return error

        names = tuple(dict.fromkeys(self.pdus if pdus is None else pdus))
        found = await asyncio.gather(*(one(name) for name in names))
        return dict(zip(names, found, strict=True))

    async def foresee(self, wishes: Iterable[tuple[str, int, Action]]) -> None:
        """Have read what a preview needs beside the PDUs that are meant: PDU, outlet, action each.

        `_PARTNERS_WITHIN_S` at most, counted from the start of the session, for the PDUs that feed
        what hangs on these outlets; `_PAST_WITHIN_S` at most for what outlets carried that are to
        be switched on. What is not known by then is unknown.
        """
        wished = tuple(wishes)
        await self._other_cords(wished)
        on = dict.fromkeys(pdu for pdu, _, action in wished if action in _ADDS)
        if on:
            await self._last_loads(on)

    async def _other_cords(self, wished: Iterable[tuple[str, int, Action]]) -> None:
        cords = [cord for pdu, number, _ in wished for cord in self._at(pdu, number)]
        there = frozenset(self.engine.pdus)
        others = {o.pdu for cord in cords for o in self._map.of(cord.device)} & there
        waiting = others - frozenset(self.pdus)
        if not waiting:
            return
        left_s = self._began_s + _PARTNERS_WITHIN_S - self._clock.monotonic()
        look = asyncio.create_task(
            self._until(lambda: all(self.engine.view(n).health in _ANSWERED for n in waiting))
        )
        await finished(self._clock, max(0.0, left_s), look)
        await cancel(look)

    async def _last_loads(self, pdus: Iterable[str]) -> None:
        """Look up last loads. A history that is not there or cannot be read changes nothing."""
        from pdutui.store.errors import StoreTrouble
        from pdutui.store.reader import open_reader

        with contextlib.suppress(StoreTrouble, OSError, TimeoutError):
            async with asyncio.timeout(_PAST_WITHIN_S):
                past = await open_reader(self._path, clock=self._clock)
                try:
                    for pdu in pdus:
                        await self.engine.recall(pdu, past)
                finally:
                    await past.close()

    def _at(self, pdu: str, number: int) -> Sequence[MappedCord]:
        if number != WHOLE_PDU:
            return self._map.at(pdu, number)
        return [cord for cord in self._map.cords if cord.pdu == pdu]

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Return once something holds; looked at whenever a reading or another health is in."""
        changed = asyncio.Event()

        def listen(event: EngineEvent) -> None:
            if isinstance(event, ReadingArrived | HealthChanged):
                changed.set()

        unsubscribe = self.engine.subscribe(listen)
        try:
            while not holds():
                changed.clear()
                await changed.wait()
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
