"""`pdutui simulate --trap-to`: the simulated PDU tells of what happens to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

import click

from pdutui.backends.snmp.agent_v3 import V3Engine
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.trap_message import TrapVersion
from pdutui.backends.snmp.trap_sender import TrapSender, TrapTarget
from pdutui.backends.snmp.trap_story import happenings
from pdutui.backends.snmp.usm import UserKeys
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import utf8
from pdutui.domain.address import AddressError, parse_address
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret

LOOK_S = 0.1
"""How often the model is looked at."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def trap_options(command: _Command) -> _Command:
    """Add the options that `trap_target` takes out of the command's arguments again."""
    decorated: Any = command
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


_OPTIONS = (
    click.option("--trap-to", metavar="HOST[:PORT]", callback=utf8, help="Send traps there (162)."),
    click.option(
        "--trap-version",
        type=click.Choice(["1", "2c", "3"]),
        default="2c",
        show_default=True,
        help="... in this version; 3 as --v3-user.",
    ),
    click.option(
        "--trap-community", callback=utf8, default="public", show_default=True, help="... with it."
    ),
    click.option("--inform", is_flag=True, help="... as informs, until they are answered."),
)


def trap_target(rest: dict[str, Any]) -> TrapTarget | None:
    """Where the options send traps; None: nowhere. Takes them out of `rest`.

    Raises:
        click.UsageError: options that do not go together.
        click.BadParameter: no address.
    """
    to: str | None = rest.pop("trap_to")
    version: TrapVersion = rest.pop("trap_version")
    community = Secret(rest.pop("trap_community"))
    inform: bool = rest.pop("inform")
    if to is None:
        if inform:
            raise click.UsageError("--inform goes with --trap-to.")
        return None
    if inform and version == "1":
        raise click.UsageError("SNMPv1 has no informs: --trap-version 2c or 3.")
    try:
        host, port = parse_address(to)
    except AddressError as error:
        raise click.BadParameter(str(error), param_hint="--trap-to") from error
    return TrapTarget(
        host=host, port=port or 162, version=version, community=community, inform=inform
    )


def trap_sender(target: TrapTarget, profile: Profile, engine: V3Engine, clock: Clock) -> TrapSender:
    """What sends the traps of a profile. Raises click.UsageError where v3 has no user."""
    keys = None
    if target.version == "3":
        if not engine.users:
            raise click.UsageError("--trap-version 3 needs a --v3-user.")
        keys = UserKeys(engine.users[0].user)
    return TrapSender(profile, target, clock=clock, engine=engine, keys=keys)


@contextlib.asynccontextmanager
async def telling(
    sender: TrapSender | None, mib: object, say: Callable[[str], None]
) -> AsyncIterator[None]:
    """While it lasts, what happens to the model is sent.

    Raises CliError if the receiver is nowhere.
    """
    if sender is None:
        yield
        return
    try:
        await sender.start()
    except OSError as error:
        raise CliError(f"--trap-to: {sender.receiver}: {error.strerror or error}") from error
    task = asyncio.create_task(_tell(sender, cast(ModelMib, mib), say), name="traps")
    try:
        yield
    finally:
        task.cancel()
        sender.close()


async def _tell(sender: TrapSender, mib: ModelMib, say: Callable[[str], None]) -> None:
    last = mib.look()
    while True:
        await asyncio.sleep(LOOK_S)
        now = mib.look()
        for happening in happenings(last, now) if now is not last else ():
            name = sender.tell(happening)
            if name is not None:
                say(f"TRAP {name}")
        last = now
