"""The `--v3-...` options, and what becomes of them: the SNMPv3 users of a target.

No option takes a key itself: everybody may read the process list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pdutui.cli.adding import Command, adding
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import utf8
from pdutui.config_env import (
    community_from_env,
    expanded,
    secret_from_env,
    secret_from_file,
)
from pdutui.config_v3 import (
    AUTH_NAMES,
    KEY_VARIABLES,
    PRIV_NAMES,
    V3Error,
    V3Given,
    auth_name,
    priv_name,
    read_user,
    write_user,
)
from pdutui.domain.secret import Secret

if TYPE_CHECKING:
    from pdutui.domain.v3 import V3User
    from pdutui.settings import PduSettings

_FIELDS = V3Given.__struct_fields__


class V3Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of the SNMPv3 users, and the keys that the environment has."""

    given: V3Given
    env_keys: dict[str, Secret] = {}
    """By field of `V3Given`. They count where nothing else gives that key and it is of use."""

    def users(self, pdu: PduSettings, *, writes_itself: bool) -> tuple[V3User, V3User | None]:
        """Who reads and who writes on a PDU whose own settings are these.

        A user that is named here stands alone: nothing of the configured one is taken over but
        the context. Options without a user change the configured one.

        Args:
            pdu: what the configuration says of it; without users if it speaks another version.
            writes_itself: without a write user, the reader writes, too.

        Raises:
            CliError: with a line for everything that is wrong.
        """
        given = self.given
        problems: list[tuple[str, str]] = []
        base, base_writer = pdu.v3, pdu.v3_write
        context = given.context if given.context is not None else base.context if base else ""
        reader = writer = None
        try:
            reader = read_user(self._reading(base, context), option_name)
        except V3Error as error:
            problems += error.problems
        try:
            if given.said("write_"):
                said = self._writing(base_writer, reader, context)
                writer = write_user(said, reader, option_name)
            elif base_writer is not None:
                own = base_writer == base and given.user is None
                writer = reader if own else msgspec.structs.replace(base_writer, context=context)
            elif writes_itself:
                writer = reader
        except V3Error as error:
            problems += error.problems
        if problems or reader is None:
            raise CliError("\n".join(f"{pdu.name}: {name} {text}" for name, text in problems))
        return reader, writer

    def _reading(self, base: V3User | None, context: str) -> V3Given:
        given = self.given
        if given.user is None and base is not None:
            given = _over(base, given)
        given = self._with_env(given, ("auth_key", given.auth), ("priv_key", given.priv))
        return msgspec.structs.replace(given, context=context)

    def _writing(self, base: V3User | None, reader: V3User | None, context: str) -> V3Given:
        given = self.given
        user = reader.user if reader is not None else given.user
        if given.write_user is None and base is not None:
            changes = {f.removeprefix("write_"): getattr(given, f) for f in given.said("write_")}
            whole = _over(base, V3Given(**changes))
            given = msgspec.structs.replace(
                V3Given(), **{f"write_{f}": getattr(whole, f) for f in _USER_FIELDS}
            )
        given = msgspec.structs.replace(given, user=user, context=context)
        if given.write_user is None or given.write_user == user:
            return given
        auth, priv = (reader.auth, reader.priv) if reader is not None else (None, None)
        return self._with_env(
            given,
            ("write_auth_key", given.write_auth or auth),
            ("write_priv_key", given.write_priv or priv),
        )

    def _with_env(self, given: V3Given, *wanted: tuple[str, str | None]) -> V3Given:
        """With the environment's keys where a protocol wants one and nothing gave it."""
        found = {
            field: self.env_keys[field]
            for field, protocol in wanted
            if protocol is not None and field in self.env_keys and getattr(given, field) is None
        }
        return msgspec.structs.replace(given, **found)


_USER_FIELDS = ("user", "auth", "auth_key", "priv", "priv_key")


def _over(base: V3User, given: V3Given) -> V3Given:
    """A user as if it had been said, with what is said in place of its own."""
    own = {f: getattr(base, f) for f in _USER_FIELDS}
    return V3Given(**own | {f: getattr(given, f) for f in given.said(*_USER_FIELDS)})


def option_name(field: str) -> str:
    """The option of a field of `V3Given`, for errors."""
    option = "--v3-" + field.replace("_", "-")
    variable = KEY_VARIABLES.get(field)
    return f"{option}-env (or -file, or {variable})" if variable is not None else option


def take_v3(rest: dict[str, Any], env: Mapping[str, str]) -> V3Options | None:
    """Take the `--v3-...` options out of a command's arguments; None where nothing was said.

    Raises:
        click.UsageError: two ways to give one key.
        ConfigError: a variable or a file that has no key.
    """
    said: dict[str, Any] = {}
    for field in _FIELDS:
        if field.endswith("_key"):
            said[field] = _key(rest, field, env)
        else:
            said[field] = rest.pop(f"v3_{field}")
    given = V3Given(**said)
    texts = {f: community_from_env(env, name) for f, name in KEY_VARIABLES.items()}
    keys = {field: Secret(text) for field, text in texts.items() if text}
    return V3Options(given=given, env_keys=keys) if given.said("") else None


def _key(rest: dict[str, Any], field: str, env: Mapping[str, str]) -> Secret | None:
    option = "--v3-" + field.replace("_", "-")
    variable: str | None = rest.pop(f"v3_{field}_env")
    file: Path | None = rest.pop(f"v3_{field}_file")
    if variable is not None and file is not None:
        raise click.UsageError(f"{option}-env and {option}-file exclude each other.")
    if variable is not None:
        return Secret(secret_from_env(env, variable, f"{option}-env"))
    if file is not None:
        return Secret(secret_from_file(expanded(file, f"{option}-file"), f"{option}-file"))
    return None


def _protocol(read: Callable[[str], str]) -> Callable[..., str | None]:
    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(f"{error}.") from error

    return convert


def _words(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("is empty.")
    return utf8(ctx, param, value)


def _key_options(option: str, field: str) -> tuple[Callable[[Command], Command], ...]:
    return (
        click.option(
            f"--v3-{option}-key-env",
            metavar="VAR",
            help=f"Its pass phrase is in this variable (or in {KEY_VARIABLES[field]}).",
        ),
        click.option(
            f"--v3-{option}-key-file",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="... in the first line of this file.",
        ),
    )


def v3_options(user: str, write_user: str) -> Callable[[Command], Command]:
    """Add the options; `take_v3` takes them out of the command's arguments again.

    Args:
        user: the help of --v3-user.
        write_user: the help of --v3-write-user.
    """
    name, auth, priv = _words, _protocol(auth_name), _protocol(priv_name)
    options = (
        click.option("--v3-user", metavar="NAME", callback=name, help=user),
        click.option(
            "--v3-auth",
            metavar="PROTO",
            callback=auth,
            help=f"Authentication: {', '.join(AUTH_NAMES)} (default: none).",
        ),
        *_key_options("auth", "auth_key"),
        click.option(
            "--v3-priv",
            metavar="PROTO",
            callback=priv,
            help=f"Privacy: {', '.join(PRIV_NAMES)} (default: none).",
        ),
        *_key_options("priv", "priv_key"),
        click.option(
            "--v3-context", metavar="NAME", callback=utf8, help="Context (PDUs have but the empty)."
        ),
        click.option("--v3-write-user", metavar="NAME", callback=name, help=write_user),
        click.option(
            "--v3-write-auth",
            metavar="PROTO",
            callback=auth,
            help="Protocols and keys of --v3-write-user; what is left out is that of --v3-user.",
        ),
        *_key_options("write-auth", "write_auth_key"),
        click.option("--v3-write-priv", metavar="PROTO", callback=priv, help="... its privacy."),
        *_key_options("write-priv", "write_priv_key"),
    )

    return adding(*options)
