"""`pdutui simulate`: a PDU that is not there, over real SNMP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import click

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS, models_of
from pdutui.backends.snmp.agent import Agent, UdpAgent
from pdutui.backends.snmp.faults import Faults
from pdutui.backends.snmp.mib import Mib
from pdutui.backends.snmp.profile import Profile, ProfileError
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.recorded import RecordingMib
from pdutui.backends.snmp.recording import (
    RecordingError,
    load_recording,
    recognise_recording,
)
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.trap_sender import TrapSender
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import Number, utf8
from pdutui.cli.simulate_traps import telling, trap_options, trap_sender, trap_target
from pdutui.cli.simulate_v3 import agent_v3_options, users_text, v3_engine
from pdutui.domain.address import AddressError, parse_address, parse_port
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.commands import WHOLE_PDU, Action
from pdutui.domain.secret import Secret

_DEFAULT_PROFILE = "cyberpower-epdu"
_TICK_S = 5.0
"""The model lives on in steps of this length when nobody asks."""
_CHANCE = Number(0.0, 1.0)


def _say(text: str) -> None:
    """Print, as long as it can be printed; an agent does not fall over its log."""
    with contextlib.suppress(OSError):
        click.echo(text)


def shortened(text: str) -> str:
    """The text with its middle left out where it is longer than people read."""
    return text if len(text) <= 300 else f"{text[:200]} ... {text[-60:]}"


def _on_command(outlet: int, action: Action) -> None:
    _say(f"SET {action}" if outlet == WHOLE_PDU else f"SET outlet {outlet} {action}")


def _parse_listen(text: str) -> tuple[str, int]:
    """`127.0.0.1:1161`, `[::1]:1161`, `:1161` or a port alone; port 0 is any that is free.

    Raises click.BadParameter.
    """
    host, _, port = text.rpartition(":")
    try:
        number = 0 if port.strip("0") == "" and port else parse_port(port, text)
        return parse_address(host)[0] if host else "127.0.0.1", number
    except AddressError as error:
        raise click.BadParameter(
            f"{text!r} is not HOST:PORT (as in 127.0.0.1:1161)", param_hint="--listen"
        ) from error


def _list_models(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """`--model list`: the models by family, and no more."""
    if value != "list":
        return value
    families = dict.fromkeys(entry.profile for entry in CATALOG.values())
    for family in families:
        click.echo(family)
        for name in models_of(family):
            click.echo(f"  {name:<15} {CATALOG[name].title}")
    context.exit()


def _model_of(profile: str | None, model: str | None) -> str:
    """The name of the model to serve. Raises click.BadParameter naming those there are."""
    if model is None:
        known = models_of(profile or _DEFAULT_PROFILE)
        if not known:
            families = dict.fromkeys(entry.profile for entry in CATALOG.values())
            raise click.BadParameter(
                f"there is no model to serve as {profile!r} (there are: {', '.join(families)})",
                param_hint="--profile",
            )
        return known[0]
    entry = CATALOG.get(model)
    known = models_of(profile) if profile is not None else MODELS
    if entry is None or model not in known:
        of = f" of {profile}" if profile is not None and known else ""
        raise click.BadParameter(
            f"there is no model {model!r}{of} (there are: {', '.join(known or MODELS)})",
            param_hint="--model",
        )
    return model


def _model_mib(name: str, seed: int, quiet: bool, clock: Clock) -> tuple[Mib, str]:
    profile = load_builtin(CATALOG[name].profile)
    model = mock_pdu(name, start_s=clock.monotonic(), seed=seed, incidents=not quiet)
    mib = ModelMib(profile, model, clock, _on_command)
    what = f"{profile.name}, {len(model.outlets)} outlets, seed {seed}"
    return mib, f"{model.spec.vendor} {model.spec.model} ({what})"


def _recording_mib(path: Path, name: str | None, clock: Clock) -> tuple[Mib, str]:
    try:
        recording = load_recording(path)
    except RecordingError as error:
        raise CliError(f"--recording: {shortened(str(error))}") from error
    profile: Profile | None
    try:
        profile = (
            load_builtin(name) if name not in (None, "auto") else recognise_recording(recording)
        )
    except ProfileError as error:
        raise click.BadParameter(str(error), param_hint="--profile") from error
    mib = RecordingMib(recording, clock, profile, _on_command)
    what = profile.name if profile else "no profile, read only"
    return mib, f"{path.name} ({what}, {len(mib)} records, {mib.outlets} switchable outlets)"


async def _serve(
    udp: UdpAgent, mib: Mib, host: str, port: int, what: str, sender: TrapSender | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        address, bound = await udp.start(host, port)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a host name"
        raise CliError(f"cannot listen on {host}:{port}: {reason or error}") from error
    shown = f"[{address}]" if ":" in address else address
    _say(f"listening on {shown}:{bound}, serving {what}")
    if said := users_text(udp.agent.v3):
        _say(said)
    try:
        async with telling(sender, mib, _say):
            while not stop.is_set():
                try:
                    await asyncio.wait_for(stop.wait(), _TICK_S)
                except TimeoutError:
                    mib.idle()
    finally:
        udp.close()


@click.command("simulate", short_help="Serve a simulated or a recorded PDU over SNMP.")
@click.option("--profile", metavar="NAME", help="Family to serve (default: cyberpower-epdu).")
@click.option("--model", metavar="NAME", callback=_list_models, is_eager=True,
              help="Which PDU of the family; `list` names them all.")  # fmt: skip
@click.option(
    "--recording",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Serve a recorded walk (.snmprec) instead of a model.",
)
@click.option("--listen", default="127.0.0.1:1161", show_default=True, metavar="HOST:PORT")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same PDU.")
@click.option("--quiet", is_flag=True, help="Nothing happens by itself: no sags, no strangers.")
@click.option("--community", callback=utf8, default="public", show_default=True, help="May read.")
@click.option(
    "--write-community", callback=utf8, default="private", show_default=True, help="May write, too."
)
@click.option("--loss", type=_CHANCE, default=0.0, metavar="P", help="Lost, in each direction.")
@click.option("--delay", type=Number(0), default=0.0, metavar="MS", help="Answers come later.")
@click.option("--duplicate", type=_CHANCE, default=0.0, metavar="P", help="Answers come twice.")
@click.option(
    "--garbage", type=_CHANCE, default=0.0, metavar="P", help="Rubbish before or for an answer."
)
@click.option(
    "--max-varbinds", type=click.IntRange(1), metavar="N", help="Longer requests go unanswered."
)
@click.option(
    "--too-big",
    type=click.Choice(["silence", "error"]),
    default="silence",
    show_default=True,
    help="What becomes of a request beyond --max-varbinds.",
)
@click.option("--max-size", type=click.IntRange(484, 65507), default=65507, metavar="BYTES",
              help="Longest answer; beyond it tooBig.")  # fmt: skip
@click.option("--no-bulk", is_flag=True, help="GETBULK goes unanswered.")
@click.option("--silent-after", type=Number(0), metavar="S", help="Falls silent then.")
@agent_v3_options
@trap_options
def simulate(
    profile: str | None,
    model: str | None,
    recording: Path | None,
    listen: str,
    seed: int,
    quiet: bool,
    community: str,
    write_community: str,
    loss: float,
    delay: float,
    duplicate: float,
    garbage: float,
    max_varbinds: int | None,
    too_big: str,
    max_size: int,
    no_bulk: bool,
    silent_after: float | None,
    **users: Any,
) -> None:
    """Serve a PDU over SNMP (v1, v2c and v3) until interrupted.

    Without --recording it is a model that lives: loads move, a SET switches an outlet. With it the
    recorded values are served as they are, and outlets still switch. `--model list` names the
    models of every family.
    """
    host, port = _parse_listen(listen)
    clock = SystemClock()
    target = trap_target(users)
    if target is not None and recording is not None:
        raise click.UsageError("--trap-to goes with a model: nothing happens in a --recording.")
    if recording is None:
        name = _model_of(profile, model)
        mib, what = _model_mib(name, seed, quiet, clock)
    elif model is not None:
        raise click.UsageError("--model and --recording exclude each other")
    else:
        name = recording.name
        mib, what = _recording_mib(recording, profile, clock)
    identity = f"{name}/{seed}/{port}"
    v3 = v3_engine(users, os.environ, clock, identity)
    sender = None
    if target is not None:
        sender = trap_sender(target, load_builtin(CATALOG[name].profile, traps=True), v3, clock)
    faults = Faults(
        loss=loss, delay_ms=delay, duplicate=duplicate, garbage=garbage, max_varbinds=max_varbinds,
        too_big="error" if too_big == "error" else "silence", no_bulk=no_bulk,
        silent_after_s=silent_after, seed=seed,
    )  # fmt: skip
    agent = Agent(
        mib, community=Secret(community), write_community=Secret(write_community),
        max_message=max_size, faults=faults, v3=v3,
    )  # fmt: skip
    udp = UdpAgent(agent, clock=clock, faults=faults)
    asyncio.run(_serve(udp, mib, host, port, what, sender))
