"""TARGET and the options that say how to reach it, the same in every command."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
import msgspec

from pdutui.cli.adding import adding
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import Number, utf8
from pdutui.cli.target_v3 import V3Options, take_v3, v3_options
from pdutui.config_env import (
    COMMUNITY,
    FACTORY_COMMUNITY,
    FACTORY_WRITE_COMMUNITY,
    WRITE_COMMUNITY,
    community_from_env,
    expanded,
    secret_from_env,
    secret_from_file,
)
from pdutui.config_errors import suggestion
from pdutui.config_v3 import V3Given
from pdutui.domain.address import AddressError, format_address, parse_address
from pdutui.domain.secret import Secret
from pdutui.settings import PduSettings, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class TargetOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of the targets; None where it says nothing."""

    version: Literal["1", "2c", "3"] | None = None
    community: Secret | None = None
    write_community: Secret | None = None
    port: int | None = None
    timeout_s: float | None = None
    retries: int | None = None
    profile: str | None = None
    v3: V3Options | None = None
    """What is said of the SNMPv3 users; None: nothing."""

    def on_top_of(self, pdu: PduSettings, *, ad_hoc: bool = False) -> PduSettings:
        """The settings of a PDU with what the command line says put over them.

        Args:
            pdu: what is known of it so far.
            ad_hoc: no configuration names it; then an SNMPv3 user who reads may write as well.

        Raises:
            CliError: what is said does not go with the version that the PDU is asked in, or the
                SNMPv3 users are not whole.
        """
        said = {f: v for f in self.__struct_fields__ if (v := getattr(self, f)) is not None}
        v3: V3Options | None = said.pop("v3", None)
        if pdu.backend == "mock":
            return msgspec.structs.replace(pdu, **said)
        if v3 is not None:
            said["version"] = "3"
        changed = msgspec.structs.replace(pdu, **said)
        if changed.version != "3":
            return msgspec.structs.replace(changed, v3=None, v3_write=None)
        if self.community is not None or self.write_community is not None:
            raise CliError(f"{pdu.name} is asked in SNMPv3, which has no communities but --v3-user")
        if v3 is None and pdu.v3 is not None:
            return changed
        v3 = v3 or V3Options(given=V3Given())
        reader, writer = v3.users(pdu, writes_itself=ad_hoc)
        return msgspec.structs.replace(changed, v3=reader, v3_write=writer)


def _version(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """`1`, `2c` or `3`, with or without a v."""
    text = None if value is None else value.lower().removeprefix("v")
    if text not in (None, "1", "2c", "3"):
        raise click.BadParameter(f'{value!r} is neither "1" nor "2c" nor "3"')
    return text


config_option = click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file (default: PDUTUI_CONFIG, else 'pdutui config path').",
)


def target_options(command: _Command) -> _Command:
    """Add the target options; the command gets them as one `TargetOptions`, keyword `target`."""

    @functools.wraps(command)
    def with_target(
        *args: Any,
        snmp_version: Literal["1", "2c", "3"] | None,
        port: int | None,
        timeout: float | None,
        retries: int | None,
        profile: str | None,
        **rest: Any,
    ) -> Any:
        target = TargetOptions(
            version=snmp_version,
            community=_secret(rest, "community"),
            write_community=_secret(rest, "write_community"),
            port=port,
            timeout_s=timeout,
            retries=retries,
            profile=profile,
            v3=take_v3(rest, os.environ),
        )
        _check_version(target)
        return command(*args, target=target, **rest)

    return adding(*_OPTIONS)(_V3(with_target))  # type: ignore[return-value]


_OPTIONS = (
    click.option(
        "--snmp-version",
        metavar="1|2c|3",
        callback=_version,
        help="SNMP version (default 2c; with --v3-user 3).",
    ),
    click.option(
        "--community",
        metavar="NAME",
        callback=utf8,
        help="Read community (default: public). Others see it in the process list: "
        f"{COMMUNITY} and the two options below do not show it.",
    ),
    click.option("--community-env", metavar="VAR", help="... in this environment variable."),
    click.option(
        "--community-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="... in the first line of this file.",
    ),
    click.option(
        "--write-community",
        metavar="NAME",
        callback=utf8,
        help=f"Write community (or {WRITE_COMMUNITY}; default for a target that is not "
        "configured: private).",
    ),
    click.option("--write-community-env", metavar="VAR", help="... in this variable."),
    click.option(
        "--write-community-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="... in the first line of this file.",
    ),
    click.option("--port", type=click.IntRange(1, 65535), help="UDP port (default 161)."),
    click.option(
        "--timeout",
        metavar="S",
        type=Number(0, 60, min_open=True),
        help="Longest wait for an answer, in seconds (default 2).",
    ),
    click.option(
        "--retries", metavar="N", type=click.IntRange(0, 10), help="Further tries (default 1)."
    ),
    click.option(
        "--profile", metavar="NAME|auto", callback=utf8, help="Device family (default auto)."
    ),
)


_V3 = v3_options(
    user="SNMPv3 user, who reads; on a target that is not configured also writes, unless there is "
    "a --v3-write-user (or --read-only in the console).",
    write_user="SNMPv3 user who writes.",
)


def _check_version(target: TargetOptions) -> None:
    """Raises click.UsageError where versions are mixed."""
    if target.v3 is None:
        return
    if target.version in ("1", "2c"):
        raise click.UsageError(f"--v3-... options and --snmp-version {target.version} do not mix.")
    if target.community is not None or target.write_community is not None:
        raise click.UsageError("--v3-... options and communities do not mix.")


def _secret(rest: dict[str, Any], name: str) -> Secret | None:
    """Take the three ways to give a community out of `rest`; at most one may be used."""
    option = "--" + name.replace("_", "-")
    literal: str | None = rest.pop(name)
    variable: str | None = rest.pop(f"{name}_env")
    file: Path | None = rest.pop(f"{name}_file")
    if sum(way is not None for way in (literal, variable, file)) > 1:
        raise click.UsageError(f"{option}, {option}-env and {option}-file exclude each other.")
    if variable is not None:
        return Secret(secret_from_env(os.environ, variable, f"{option}-env"))
    if file is not None:
        return Secret(secret_from_file(expanded(file, f"{option}-file"), f"{option}-file"))
    if literal == "":
        raise click.UsageError(f"{option} is empty.")
    return None if literal is None else Secret(literal)


def note_on_stderr(text: str) -> None:
    """Say something beside what a command prints."""
    click.echo(f"pdutui: note: {text}", err=True)


def resolve_targets(
    texts: Sequence[str],
    settings: Settings,
    options: TargetOptions,
    env: Mapping[str, str],
    *,
    say: Callable[[str], None] = note_on_stderr,
) -> tuple[PduSettings, ...]:
    """The PDUs that are meant: configured names, or addresses taken as they are.

    The address of a configured PDU means that PDU, or what is said of it there (read-only,
    protected, who may) would be got round by its address.

    Raises CliError for a target that cannot be an address, or that is named twice.
    """
    check_profile(options.profile, settings)
    by_name = {pdu.name: pdu for pdu in settings.pdus}
    found: dict[str, PduSettings] = {}
    for text in texts:
        pdu = by_name.get(text) or _configured_at(text, settings, options, say)
        pdu = options.on_top_of(pdu) if pdu is not None else _ad_hoc(text, settings, options, env)
        if pdu.name in found:
            raise CliError(f"{pdu.name} is named twice")
        found[pdu.name] = pdu
    return tuple(found.values())


def _configured_at(
    text: str, settings: Settings, options: TargetOptions, say: Callable[[str], None]
) -> PduSettings | None:
    """The configured PDU that has this address; None where none has.

    Raises CliError where several have it, as two SNMPv3 contexts of one agent may.
    """
    try:
        host, port = parse_address(text)
    except AddressError:
        return None
    if not settings.pdus:
        return None
    wanted = _plain_host(host), port or options.port or 161
    there = [
        pdu
        for pdu in settings.pdus
        if pdu.backend == "snmp" and (_plain_host(pdu.host), pdu.port) == wanted
    ]
    if not there:
        return None
    if len(there) > 1:
        names = " and ".join(pdu.name for pdu in there)
        raise CliError(f"{text} is {names} in the configuration: write one of these names")
    say(f"{text} is {there[0].name} in the configuration")
    return there[0]


def _plain_host(host: str) -> str:
    """A host so that the same address is the same text."""
    from ipaddress import ip_address

    try:
        return str(ip_address(host))
    except ValueError:
        return host.rstrip(".").lower()


def check_profile(name: str | None, settings: Settings) -> None:
    """See that the profile named on the command line can be used. Raises CliError."""
    if name in (None, "auto"):
        return
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.backends.snmp.profile import ProfileError

    library = ProfileLibrary(settings.profile_dir)
    if name not in library.names:
        names = ("auto", *library.names)
        raise CliError(f"--profile: {name!r} is not known{suggestion(name, names)}")
    try:
        library.load(name)
    except ProfileError as error:
        raise CliError(f"--profile {name}: {error}") from error


def is_configured(pdu: PduSettings, settings: Settings) -> bool:
    """Whether the PDU comes from the configuration, and not from an address on the command line."""
    return any(pdu.name == known.name for known in settings.pdus)


def _ad_hoc(
    text: str, settings: Settings, options: TargetOptions, env: Mapping[str, str]
) -> PduSettings:
    try:
        host, port = parse_address(text)
    except AddressError as error:
        names = ", ".join(pdu.name for pdu in settings.pdus)
        there = f" (configured PDUs: {names})" if names else ""
        raise CliError(f"{error}{there}") from error
    if port is not None and options.port is not None and port != options.port:
        raise CliError(f"{text} names a port and --port {options.port} another")
    port = port or options.port or 161
    base = PduSettings(
        name=format_address(host, port),
        host=host,
        port=port,
        community=Secret(community_from_env(env, COMMUNITY) or FACTORY_COMMUNITY),
        write_community=Secret(community_from_env(env, WRITE_COMMUNITY) or FACTORY_WRITE_COMMUNITY),
        timeout_s=settings.poll.timeout_s,
        retries=settings.poll.retries,
    )
    return options.on_top_of(base, ad_hoc=True)
