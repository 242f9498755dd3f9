"""`pdutui` and `pdutui run`: the console."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.commands import COMMANDS, IMPLIED
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import utf8
from pdutui.cli.kiosk import Kiosk, kiosk_options
from pdutui.cli.look import Look, look_options
from pdutui.cli.target import TargetOptions, config_option, target_options
from pdutui.cli.wanted import Wanted
from pdutui.config_errors import nearest
from pdutui.domain.clock import Clock, SystemClock

if TYPE_CHECKING:
    from pdutui.cli.build import Demo
    from pdutui.engine.engine import Engine
    from pdutui.screens.port import EnginePort
    from pdutui.settings import Settings

DEMO_SEED = 1


@click.command()
@click.argument("hosts", metavar="[HOST]...", nargs=-1)
@click.option("--demo", is_flag=True, help="Three modelled PDUs; needs no device and no config.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help=f"With --demo: another day for the models (default {DEMO_SEED}).",
)
@click.option(
    "--fleet",
    metavar="N",
    type=click.IntRange(min=2, max=500),
    help="With --demo: a room of so many PDUs instead, some of them with trouble; 0 shows them.",
)
@click.option("--read-only", is_flag=True, help="Nothing can be switched.")
@look_options
@kiosk_options
@click.option("--traps", is_flag=True, help="Listen for traps (default with a [traps] section).")
@click.option(
    "--trap-listen", metavar="HOST:PORT", callback=utf8, help="... there (default 0.0.0.0:1162)."
)
@click.option("--served", metavar="ADDRESS", hidden=True, callback=utf8)
@target_options
@config_option
def run(
    hosts: tuple[str, ...],
    demo: bool,
    seed: int | None,
    fleet: int | None,
    read_only: bool,
    look: Look,
    kiosk: Kiosk,
    traps: bool,
    trap_listen: str | None,
    served: str | None,
    config_file: Path | None,
    target: TargetOptions,
) -> int:
    """The console: every PDU of the configuration, or those that are named.

    HOST is a configured PDU or HOST[:PORT]; what kind of device it is, is found out.
    """
    if demo and hosts:
        raise click.UsageError("--demo and HOST exclude each other.")
    if seed is not None and not demo:
        raise click.UsageError("--seed goes with --demo.")
    if fleet is not None and not demo:
        raise click.UsageError("--fleet goes with --demo.")
    shown = None
    if demo:
        from pdutui.cli.build import Demo

        shown = Demo(seed=DEMO_SEED if seed is None else seed, fleet=fleet)
    wanted = Wanted(
        overrides={
            "ui": look.said,
            "control": {"read_only": True} if read_only else {},
            "traps": _traps(traps, trap_listen),
            "kiosk": kiosk.said,
        },
        config=config_file,
        hosts=hosts,
        target=target,
        shaped=functools.partial(_shaped, demo=shown, served=served, kiosk=kiosk),
    )
    if hosts and IMPLIED in click.get_current_context().meta:
        wanted = msgspec.structs.replace(wanted, doubt=_no_slip_of_a_command)
    settings = wanted.read()
    # A wall may have no keyboard.
    interactive = (kiosk.on or sys.stdin.isatty()) and sys.stdout.isatty()
    if not settings.pdus:
        if served is not None or not interactive or settings.kiosk.on:
            raise CliError(how_to_go_on(settings))
        from pdutui.cli.build import Demo
        from pdutui.cli.first import first_steps

        return first_steps(settings, wanted, Demo(seed=DEMO_SEED), _open_console)
    if served is None and not interactive:
        raise CliError("the console needs a terminal (without one: pdutui poll, pdutui outlet)")
    kiosk.check(settings)
    return _open_console(settings, wanted, shown)


def _shaped(settings: Settings, *, demo: Demo | None, served: str | None, kiosk: Kiosk) -> Settings:
    """What holds whatever the file says: it is the demo, it is drawn in a browser, it is a wall."""
    if demo is not None:
        from pdutui.cli.build import demo_settings

        settings = demo_settings(settings, demo)
    if served is not None:
        from pdutui.cli.serve import for_browser

        settings = for_browser(settings, served)
    return kiosk.on_top_of(settings)


def _traps(wanted: bool, listen: str | None) -> dict[str, object]:
    """What the command line says of [traps]; an address to listen at says that it is wanted."""
    said: dict[str, object] = {"enabled": True} if wanted or listen is not None else {}
    return said if listen is None else {**said, "listen": listen}


def _open_console(settings: Settings, wanted: Wanted, demo: Demo | None) -> int:
    """Run the app. It opens its sockets beside the first frame, and the database after it."""
    clock = SystemClock()
    configured = demo is None and settings.config_path is not None
    read = wanted.read_again if configured else None

    @asynccontextmanager
    async def opening() -> AsyncIterator[Engine]:
        from pdutui.cli.console import opened_engine

        async with opened_engine(settings, clock, demo=demo, read=read) as engine:
            yield engine

    return open_console(settings, clock, opening)


def open_console(
    settings: Settings,
    clock: Clock,
    opening: Callable[[], AbstractAsyncContextManager[EnginePort]],
    *,
    replay_at: datetime | None = None,
) -> int:
    """Run the app; returns the exit code.

    Args:
        settings: what to show, and how.
        clock: for everything.
        opening: makes the engine once the first frame is up; a CliError ends the app with it.
        replay_at: the engine is a `ReplaySession` that begins there.
    """
    # Frames are only made when something changed; a finer clock lets the first ones out sooner.
    os.environ.setdefault("TEXTUAL_FPS", "150")
    from pdutui.app import CannotStart, PduApp, run_console
    from pdutui.engine.actor import current_actor

    @asynccontextmanager
    async def started() -> AsyncIterator[EnginePort]:
        try:
            async with opening() as engine:
                yield engine
        except CliError as error:
            raise CannotStart(str(error), error.code) from error

    actor = current_actor(os.environ, "console", browser=settings.ui.served)
    return run_console(PduApp(started, settings, clock=clock, actor=actor, replay_at=replay_at))


def _no_slip_of_a_command(hosts: Sequence[str], settings: Settings) -> None:
    """Take `pdutui pol rack1` for the slip that it is, and not for two host names."""
    configured = {pdu.name for pdu in settings.pdus}
    first = hosts[0]
    if first in configured:
        return
    for host in hosts:
        if host in COMMANDS and host not in configured:
            raise CliError(f"options of a command stand behind it: pdutui {host} ...")
    meant = nearest(first, COMMANDS, cutoff=0.75)
    if meant is not None:
        raise CliError(
            f"there is no command {first!r}: did you mean {meant!r}? "
            f"(for a device of that name: pdutui run {first})"
        )


def how_to_go_on(settings: Settings) -> str:
    """What to say where nothing is configured, and nobody can be asked."""
    from pdutui.config_env import default_config_path

    file = settings.config_path or default_config_path()
    state = "names no PDU" if settings.config_path else "is not there"
    return (
        f"no PDU to show: {file} {state}.\n"
        "pdutui --demo        three modelled PDUs, to look around\n"
        "pdutui HOST[:PORT]   a device (SNMP v2c, community public)\n"
        f"pdutui config template > {file}   a configuration to begin with"
    )
