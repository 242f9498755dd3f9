"""Trying a device out before it is configured, and writing it into the configuration if asked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.connection_test import Step, try_connection
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import ProfileError
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.config_env import FACTORY_COMMUNITY
from pdutui.config_errors import ConfigError
from pdutui.config_v3 import SHORTEST_KEY
from pdutui.config_write import PduEntry, append_pdu
from pdutui.domain.address import AddressError, format_address, parse_address
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import AuthName, PrivName, V3User
from pdutui.settings import PduSettings

SECRETS = "secrets"
"""The folder beside the configuration that communities and keys are put into."""
TIMEOUT_S = 2.0

Auth = AuthName | Literal["none"]
Priv = PrivName | Literal["none"]
AUTHS: tuple[Auth, ...] = ("none", *get_args(AuthName))
PRIVS: tuple[Priv, ...] = ("none", *get_args(PrivName))


class TrialError(ValueError):
    """Something that was filled in cannot be meant; the text says what would be right."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        """The field of `Trial` it is about."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled in. Empty means: not given."""

    host: str = ""
    """`10.0.0.5`, `pdu1:1161`."""
    version: Literal["1", "2c", "3"] = "2c"
    community: Secret = Secret("")
    write_community: Secret = Secret("")
    user: str = ""
    auth: Auth = "none"
    auth_key: Secret = Secret("")
    priv: Priv = "none"
    priv_key: Secret = Secret("")
    context: str = ""
    write_user: str = ""
    """Writes with the keys of `user`."""
    profile: str = "auto"


def target_of(trial: Trial) -> SnmpTarget:
    """Where to ask, and with what. Raises TrialError."""
    try:
        host, port = parse_address(trial.host)
    except AddressError as error:
        raise TrialError("host", str(error)) from None
    if trial.version != "3":
        write = trial.write_community
        return SnmpTarget(
            host=host,
            port=port or 161,
            version=trial.version,
            community=trial.community if trial.community.reveal() else Secret(FACTORY_COMMUNITY),
            write_community=write if write.reveal() else None,
            timeout_s=TIMEOUT_S,
        )
    reader = _user(trial)
    writer = msgspec.structs.replace(reader, user=trial.write_user) if trial.write_user else None
    return SnmpTarget(
        host=host, port=port or 161, version="3", v3=reader, v3_write=writer, timeout_s=TIMEOUT_S
    )


def _user(trial: Trial) -> V3User:
    if not trial.user:
        raise TrialError("user", "SNMPv3 needs a user")
    if trial.priv != "none" and trial.auth == "none":
        raise TrialError("auth", "privacy needs authentication: choose a protocol for it")
    for name, protocol, key in (
        ("auth_key", trial.auth, trial.auth_key),
        ("priv_key", trial.priv, trial.priv_key),
    ):
        if protocol != "none" and len(key.reveal().encode()) < SHORTEST_KEY:
            raise TrialError(name, f"a key has at least {SHORTEST_KEY} characters")
    return V3User(
        user=trial.user,
        auth=None if trial.auth == "none" else trial.auth,
        auth_key=None if trial.auth == "none" else trial.auth_key,
        priv=None if trial.priv == "none" else trial.priv,
        priv_key=None if trial.priv == "none" else trial.priv_key,
        context=trial.context,
    )


def pdu_of(trial: Trial) -> PduSettings:
    """The device as a PDU of the console, without a configuration. Raises TrialError."""
    target = target_of(trial)
    return PduSettings(
        name=suggested_name(trial),
        host=target.host,
        port=target.port,
        version=target.version,
        community=target.community,
        write_community=target.write_community,
        v3=target.v3,
        v3_write=target.v3_write,
        profile=trial.profile,
        timeout_s=target.timeout_s,
        retries=target.retries,
    )


async def run_trial(trial: Trial, *, clock: Clock, profile_dir: Path | None) -> AsyncIterator[Step]:
    """Try it, step by step; nothing is written to the device.

    Raises:
        TrialError: before anything is sent, if what was filled in cannot be meant.
    """
    target, library = target_of(trial), ProfileLibrary(profile_dir)
    if trial.profile != "auto":
        try:
            library.load(trial.profile)
        except ProfileError as error:
            raise TrialError("profile", str(error)) from None

    def backend(target: SnmpTarget) -> SnmpBackend:
        return SnmpBackend("trial", target, trial.profile, clock=clock, library=library)

    async for step in try_connection(target, clock=clock, backend=backend):
        yield step


def suggested_name(trial: Trial) -> str:
    """A name for the configuration, from the address."""
    host, port = parse_address(trial.host)
    return format_address(host, port or 161)


def keep(trial: Trial, name: str, path: Path, env: Mapping[str, str]) -> list[Path]:
    """Write the device into the configuration, its secrets into files of their own beside it.

    Args:
        trial: what was tried.
        name: what the PDU is to be called.
        path: the configuration file; made if it is not there.
        env: the environment.

    Returns:
        The files with secrets that were made, mode 0600.

    Raises:
        ConfigError: the name is taken, or something cannot be written. All is as it was then.
        TrialError: what was filled in cannot be meant.
    """
    target, folder = target_of(trial), path.parent / SECRETS
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip(".") or "pdu"
    secrets: dict[str, Secret] = {}
    if target.version != "3":
        secrets |= {"community": trial.community, "write_community": trial.write_community}
    elif target.v3 is not None:
        secrets |= {"auth_key": trial.auth_key} if target.v3.auth else {}
        secrets |= {"priv_key": trial.priv_key} if target.v3.priv else {}
    made: list[Path] = []
    try:
        files: dict[str, str] = {}
        for key, secret in secrets.items():
            if secret.reveal():
                file = folder / f"{stem}.{key.replace('_', '-')}"
                write_secret(file, secret)
                made.append(file)
                files[f"{key}_file"] = f"{SECRETS}/{file.name}"
        append_pdu(path, _entry(trial, target, name, files), env)
    except (ConfigError, OSError) as error:
        for file in made:
            with suppress(OSError):
                file.unlink()
        if isinstance(error, OSError):
            where = error.filename or folder
            raise ConfigError([f"{where}: cannot be written: {error.strerror}"]) from error
        raise
    return made


def _entry(trial: Trial, target: SnmpTarget, name: str, files: Mapping[str, str]) -> PduEntry:
    plain = PduEntry(
        name=name,
        host=target.host,
        port=target.port,
        version=trial.version,
        profile=trial.profile,
    )
    if target.v3 is not None:
        plain = msgspec.structs.replace(
            plain,
            user=trial.user,
            auth=target.v3.auth,
            priv=target.v3.priv,
            context=trial.context or None,
            write_user=trial.write_user or None,
        )
    return msgspec.structs.replace(plain, **cast("dict[str, str]", dict(files)))


def write_secret(file: Path, secret: Secret) -> None:
    """A new file that only its owner can read; one that is there is left alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError([f"{file}: is there already: choose another name"]) from None
    with os.fdopen(number, "w", encoding="utf-8") as out:
        out.write(secret.reveal() + "\n")
