"""Appends `[[pdu]]` entries to the configuration file: safely, or not at all.

The text that is there stays as it is, comments and all. The new text is read back as a whole
configuration before it takes the old one's place, in one step.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import tomli_w

from pdutui.config import load_settings
from pdutui.config_errors import ConfigError
from pdutui.settings import Settings

_PLACEHOLDER = "not-set-here"
"""Stands in for a variable that is not set now; as long as a v3 key has to be."""


class PduEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A `[[pdu]]` of the file, by the file's own keys. What is None is not written.

    There is no field for a secret itself: it belongs in a variable or a file of its own.
    """

    name: str
    host: str
    port: int = 161
    version: str = "2c"
    community_env: str | None = None
    community_file: str | None = None
    write_community_env: str | None = None
    write_community_file: str | None = None
    user: str | None = None
    auth: str | None = None
    auth_key_env: str | None = None
    auth_key_file: str | None = None
    priv: str | None = None
    priv_key_env: str | None = None
    priv_key_file: str | None = None
    context: str | None = None
    write_user: str | None = None
    write_auth: str | None = None
    write_auth_key_env: str | None = None
    write_auth_key_file: str | None = None
    write_priv: str | None = None
    write_priv_key_env: str | None = None
    write_priv_key_file: str | None = None
    profile: str = "auto"
    feed: str | None = None
    location: str | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        named = (getattr(self, f) for f in self.__struct_fields__ if f.endswith("_env"))
        return tuple(name for name in named if name)


def entry_toml(entry: PduEntry) -> str:
    """The entry as text for the file, `[[pdu]]` and all, with an end of line."""
    return "[[pdu]]\n" + tomli_w.dumps(msgspec.to_builtins(entry))


def append_pdu(path: Path, entry: PduEntry, env: Mapping[str, str]) -> None:
    """Append one entry; see `append_pdus`."""
    append_pdus(path, (entry,), env)


def append_pdus(path: Path, entries: Sequence[PduEntry], env: Mapping[str, str]) -> None:
    """Append the entries to the file, which is made if it is not there, mode 0600.

    Variables that an entry names need not be set now.

    Args:
        path: the configuration file.
        entries: what is to be added, in this order.
        env: the environment, for what the file says already.

    Raises:
        ConfigError: a name is taken, the file has errors, or would have some, or cannot be written.
            It is as it was then.
    """
    real = Path(os.path.realpath(path))
    before = _read(real, path)
    known = load_settings(config=path, env=env).pdus if before is not None else ()
    _check_names(path, [pdu.name for pdu in known], entries)
    old = before or b""
    addition = "\n".join(entry_toml(entry) for entry in entries)
    gap = "" if not old else "\n" if old.endswith(b"\n") else "\n\n"
    end = "\r\n" if b"\r\n" in old else "\n"
    new = old + (gap + addition).replace("\n", end).encode()
    try:
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".tmp", dir=real.parent)
        temporary = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(new)
                _take_over_owner(file.fileno(), real)
                file.flush()
                os.fsync(file.fileno())
            _check(temporary, path, entries, len(known), env)
            if _read(real, path) != before:
                raise ConfigError([f"{path}: was changed by somebody else just now: nothing added"])
            os.replace(temporary, real)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror or error}"]) from error


def _read(real: Path, path: Path) -> bytes | None:
    try:
        return real.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from error


def _check_names(path: Path, known: Sequence[str], entries: Sequence[PduEntry]) -> None:
    taken = set(known)
    problems = []
    for entry in entries:
        if entry.name in known:
            problems.append(f"{path}: there is a PDU {entry.name!r} already: choose another name")
        elif entry.name in taken:
            problems.append(f"{entry.name!r} is the name of two entries: choose another for one")
        taken.add(entry.name)
    if problems:
        raise ConfigError(problems)


def _check(
    temporary: Path, path: Path, entries: Sequence[PduEntry], known: int, env: Mapping[str, str]
) -> None:
    """Read the new text as a configuration. Raises ConfigError naming the real file."""
    named = {name for entry in entries for name in entry.variables}
    unset = {name: _PLACEHOLDER for name in named if not env.get(name)}
    try:
        settings: Settings = load_settings(config=temporary, env={**env, **unset})
    except ConfigError as error:
        problems = [line.replace(str(temporary), str(path)) for line in error.problems]
        raise ConfigError([*problems, f"{path}: nothing was added"]) from error
    if len(settings.pdus) != known + len(entries):
        raise ConfigError([f"{path}: the entries would not be read as PDUs: nothing was added"])


def _take_over_owner(number: int, real: Path) -> None:
    """Mode and owner of the file that is replaced, as far as we may."""
    with suppress(FileNotFoundError):
        old = real.stat()
        os.fchmod(number, old.st_mode & 0o777)
        with suppress(PermissionError):
            os.fchown(number, old.st_uid, old.st_gid)
