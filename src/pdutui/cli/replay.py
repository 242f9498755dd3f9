"""`pdutui replay`: the console at a moment of the past."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.exits import CliError
from pdutui.cli.history_errors import store_trouble
from pdutui.cli.history_place import Place, place_options, require
from pdutui.cli.kinds import Number, utf8
from pdutui.cli.look import Look, look_options
from pdutui.config_env import ensure_state_dir
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.when import parse_when
from pdutui.domain.zone import local_zone
from pdutui.settings import Settings

if TYPE_CHECKING:
    from pdutui.engine.replay.session import ReplaySession


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be replayed."""

    path: Path
    settings: Settings
    at: datetime
    zone: tzinfo
    pdus: tuple[str, ...]
    speed: float


@click.command()
@click.option(
    "--at", "at", metavar="TIME", required=True,
    help="The moment: '2026-11-20 03:12', 03:12, -6h, 'yesterday 14:00' ...",
)  # fmt: skip
@click.option(
    "--pdu", "pdus", metavar="NAME", multiple=True, callback=utf8,
    help="Only this PDU, configured any more or not. May be repeated.",
)  # fmt: skip
@click.option(
    "--speed", metavar="N", type=Number(min=1, max=60), default=1.0,
    help="How fast, 1 to 60 times (default 1).",
)  # fmt: skip
@look_options
@place_options
def replay(
    at: str, pdus: tuple[str, ...], speed: float, look: Look, place: Place
) -> int:  # fmt: skip
    """The whole console as it was: figures, states, trends and events of a moment, played on.

    It reads the history beside a running console. No device is asked, nothing can be switched, and
    nothing of what came later is shown. Space plays and pauses, ? shows the keys.
    """
    from pdutui.cli.build import demo_settings

    require(place)
    settings = place.settings
    if place.option == "--demo":
        settings = demo_settings(settings)
    settings, notes, zone = look.on(settings), list[str](), local_zone(os.environ)
    try:
        moment = parse_when(at, datetime.now(UTC), zone, note=notes.append)
    except ValueError as error:
        raise CliError(f"--at: {error}") from error
    order = _Order(
        path=place.path,
        settings=msgspec.structs.replace(settings, warnings=(*notes, *settings.warnings)),
        at=moment,
        zone=zone,
        pdus=pdus,
        speed=speed,
    )
    clock = SystemClock()
    asyncio.run(_look(order, clock))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliError("a replay needs a terminal (without one: pdutui history export)")
    return _open_console(order, clock)


async def _look(order: _Order, clock: Clock) -> None:
    """See whether there is anything of that time, before the screen is taken."""
    async with _opened(order, clock):
        pass


def _open_console(order: _Order, clock: Clock) -> int:
    from pdutui.cli.build import secrets_of
    from pdutui.cli.run import open_console
    from pdutui.engine.logs import open_log

    ensure_state_dir(order.settings.state_dir)
    log = open_log(order.settings.state_dir, secrets_of(order.settings))
    try:
        return open_console(
            order.settings, clock, lambda: _opened(order, clock), replay_at=order.at
        )
    finally:
        log.close()


@asynccontextmanager
async def _opened(order: _Order, clock: Clock) -> AsyncIterator[ReplaySession]:
    """The session, not started yet; its reader is closed on leaving.

    Raises CliError if it cannot be read, or where there is nothing of that time.
    """
    from pdutui.engine.replay.opening import ReplayError
    from pdutui.engine.replay.session import ReplaySession
    from pdutui.store.errors import StoreTrouble
    from pdutui.store.reader import open_reader

    with store_trouble(order.path):
        reader = await open_reader(order.path, clock=clock)
    try:
        try:
            session = await ReplaySession.open(
                reader,
                order.settings,
                at=order.at,
                clock=clock,
                zone=order.zone,
                pdus=order.pdus,
                speed=order.speed,
            )
        except ReplayError as error:
            if isinstance(error.__cause__, StoreTrouble):
                with store_trouble(order.path):
                    raise error.__cause__ from None
            raise CliError(str(error)) from error
        yield session
    finally:
        await reader.close()
