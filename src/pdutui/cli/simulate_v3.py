"""The SNMPv3 users of `pdutui simulate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
from pdutui.backends.snmp.usm_cipher import CipherMissing, check
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import Number
from pdutui.cli.target_v3 import take_v3, v3_options
from pdutui.domain.clock import Clock
from pdutui.domain.v3 import V3User
from pdutui.settings import PduSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def agent_v3_options(command: _Command) -> _Command:
    """Add the options that `v3_engine` takes out of the command's arguments again."""
    decorated: Any = click.option(
        "--v3-reboot-after",
        type=Number(0),
        metavar="S",
        help="The SNMPv3 engine starts anew then: one boot more, its time from 0.",
    )(command)
    decorated = click.option("--v3-write", is_flag=True, help="--v3-user may write, too.")(
        decorated
    )
    add = v3_options(
        user="SNMPv3 user who may read, beside the communities.",
        write_user="SNMPv3 user who may read and write.",
    )
    return add(decorated)  # type: ignore[no-any-return]


def v3_engine(
    rest: dict[str, Any], env: Mapping[str, str], clock: Clock, identity: str
) -> V3Engine:
    """The engine that the options ask for; without any it has no users.

    Args:
        rest: the arguments of the command; those of `agent_v3_options` are taken out.
        env: the environment.
        clock: of the engine.
        identity: what is simulated: the same text has the same engine id.

    Raises:
        CliError: users that are not whole, or a protocol that cannot be done here.
        click.UsageError: options that exclude each other.
        ConfigError: a variable or a file that has no key.
    """
    itself: bool = rest.pop("v3_write")
    reboot_after_s: float | None = rest.pop("v3_reboot_after")
    options = take_v3(rest, env)
    users: tuple[V3Access, ...] = ()
    context = ""
    if options is not None:
        reader, writer = options.users(PduSettings(name="simulate"), writes_itself=itself)
        users = _access(reader, writer, itself)
        context = reader.context
    elif itself or reboot_after_s is not None:
        option = "--v3-write" if itself else "--v3-reboot-after"
        raise click.UsageError(f"{option} goes with --v3-user.")
    return V3Engine(
        clock,
        engine_id=engine_id_of(identity),
        users=users,
        context=context,
        reboot_after_s=reboot_after_s,
    )


def _access(reader: V3User, writer: V3User | None, itself: bool) -> tuple[V3Access, ...]:
    same = writer is not None and writer.user == reader.user
    found = [V3Access(reader, may_write=itself or same)]
    if writer is not None and not same:
        found.append(V3Access(writer, may_write=True))
    for user in {access.user.priv for access in found} - {None}:
        assert user is not None
        try:
            check(user)
        except CipherMissing as error:
            raise CliError(f"--v3-priv: {error}") from error
    return tuple(found)


def users_text(engine: V3Engine) -> str:
    """One line on who may do what, without secrets; empty where there are no users."""
    said = ", ".join(
        f"{a.user.user} ({a.user.level}, {'writes' if a.may_write else 'reads'})"
        for a in engine.users
    )
    if not said:
        return ""
    return f"SNMPv3 engine {engine.engine_id.hex()}: {said}"
