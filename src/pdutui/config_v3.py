"""SNMPv3 credentials as people say them, in the file or on the command line, made into `V3User`s.

Both ways end here, so that both hold to the same rules; each names its keys as its reader knows
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, get_args

import msgspec

from pdutui.config_errors import nearest, show
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import AuthName, PrivName, V3User

AUTH_NAMES: tuple[AuthName, ...] = get_args(AuthName)
PRIV_NAMES: tuple[PrivName, ...] = get_args(PrivName)
SHORTEST_KEY = 8
"""Bytes; RFC 3414 wants pass phrases no shorter, and agents refuse to set them up."""
LONGEST_USER = 32
"""Bytes of msgUserName."""

KEY_VARIABLES = {
    "auth_key": "PDUTUI_V3_AUTH_KEY",
    "priv_key": "PDUTUI_V3_PRIV_KEY",
    "write_auth_key": "PDUTUI_V3_WRITE_AUTH_KEY",
    "write_priv_key": "PDUTUI_V3_WRITE_PRIV_KEY",
}
"""What the environment may say for every SNMPv3 device; they count where that user has the
protocol."""
MISSING_KEY = "is missing, the key for"

_Name = TypeVar("_Name", bound=str)
_AUTH_ALIASES: dict[str, AuthName] = {name: name for name in AUTH_NAMES} | {"SHA": "SHA1"}
_PRIV_ALIASES: dict[str, PrivName] = {name: name for name in PRIV_NAMES} | {"AES": "AES128"}


class V3Error(ValueError):
    """Credentials that are not to be used. `problems` has a key and a text for each of them."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{key} {text}" for key, text in problems))
        self.problems = problems


class V3Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was said; None where nothing was. The fields bear the names of the file's keys."""

    user: str | None = None
    auth: AuthName | None = None
    auth_key: Secret | None = None
    priv: PrivName | None = None
    priv_key: Secret | None = None
    context: str | None = None
    write_user: str | None = None
    write_auth: AuthName | None = None
    write_auth_key: Secret | None = None
    write_priv: PrivName | None = None
    write_priv_key: Secret | None = None

    def said(self, *prefixes: str) -> tuple[str, ...]:
        """The fields that are set, of those that begin with one of the prefixes ("": of all)."""
        names = self.__struct_fields__
        return tuple(f for f in names if f.startswith(prefixes) and getattr(self, f) is not None)


def auth_name(text: str) -> AuthName:
    """The protocol that is meant: any case, `SHA` for SHA1, `SHA-256` for SHA256.

    Raises ValueError with what would be right.
    """
    return _named(text, _AUTH_ALIASES, AUTH_NAMES)


def priv_name(text: str) -> PrivName:
    """The protocol that is meant: any case, `AES` for AES128, `AES-256` for AES256.

    Raises ValueError with what would be right.
    """
    return _named(text, _PRIV_ALIASES, PRIV_NAMES)


def _named(text: str, aliases: Mapping[str, _Name], names: tuple[_Name, ...]) -> _Name:
    word = text.strip().upper().replace("-", "").replace("_", "")
    if word in aliases:
        return aliases[word]
    near = nearest(word.lower(), [name.lower() for name in names])
    hint = f": did you mean {near.upper()}?" if near is not None else ""
    raise ValueError(f"must be one of {', '.join(names)}, is {show(text)}{hint}")


Naming = Callable[[str], str]
"""How the reader knows a field of `V3Given`: `auth_key`, or `--v3-auth-key-env`."""


def read_user(given: V3Given, name: Naming = str) -> V3User:
    """The user who reads.

    Raises:
        V3Error: no user, a protocol without key, a key without protocol, privacy without
            authentication, a key that is too short.
    """
    wrong = [] if given.user is not None else [(name("user"), "is missing")]
    wrong += _wrong_name(given.user, name("user"))
    wrong += _wrong_keys("", given, name)
    if wrong or given.user is None:
        raise V3Error(*wrong)
    return V3User(
        user=given.user,
        auth=given.auth,
        auth_key=given.auth_key,
        priv=given.priv,
        priv_key=given.priv_key,
        context=given.context or "",
    )


def write_user(given: V3Given, reader: V3User | None, name: Naming = str) -> V3User | None:
    """The user who writes; None where none is named.

    What is not said of the protocols is as the reader has it; without any key of its own, so are
    the keys. Whoever writes under the name of the reader is the reader.

    Args:
        given: what was said.
        reader: who reads; None where that could not be made out.
        name: for errors.

    Raises:
        V3Error: like `read_user`; or something is said of a writer who is not named.
    """
    own = given.said("write_auth", "write_priv")
    if given.write_user is None:
        if own:
            raise V3Error(*((name(f), f"goes with {name('write_user')}") for f in own))
        return None
    wrong = _wrong_name(given.write_user, name("write_user"))
    if given.write_user == given.user:
        wrong += [(name(f), f"is that of {name('user')}: both name one user") for f in own]
        if wrong:
            raise V3Error(*wrong)
        return reader
    whole = given
    if reader is not None:
        keys = given.said("write_auth_key", "write_priv_key")
        whole = msgspec.structs.replace(
            given,
            write_auth=given.write_auth or reader.auth,
            write_priv=given.write_priv or reader.priv,
            write_auth_key=given.write_auth_key if keys else reader.auth_key,
            write_priv_key=given.write_priv_key if keys else reader.priv_key,
        )
        wrong += _wrong_keys("write_", whole, name)
    if wrong:
        raise V3Error(*wrong)
    return V3User(
        user=given.write_user,
        auth=whole.write_auth,
        auth_key=whole.write_auth_key,
        priv=whole.write_priv,
        priv_key=whole.write_priv_key,
        context=given.context or "",
    )


def _wrong_name(user: str | None, name: str) -> list[tuple[str, str]]:
    if user is not None and len(user.encode()) > LONGEST_USER:
        return [(name, f"must have at most {LONGEST_USER} bytes")]
    return []


def _wrong_keys(prefix: str, given: V3Given, name: Naming) -> list[tuple[str, str]]:
    """What is wrong with the protocols and keys of one of the two users."""
    wrong: list[tuple[str, str]] = []
    for kind in ("auth", "priv"):
        field, key_field = prefix + kind, f"{prefix}{kind}_key"
        protocol: str | None = getattr(given, field)
        key: Secret | None = getattr(given, key_field)
        if protocol is None and key is not None:
            wrong.append((name(key_field), f"needs {name(field)}, too"))
        if protocol is not None and key is None:
            wrong.append((name(key_field), f"{MISSING_KEY} {protocol}"))
        if key is not None and len(key.reveal().encode()) < SHORTEST_KEY:
            wrong.append((name(key_field), f"must have at least {SHORTEST_KEY} characters"))
    auth, priv = name(prefix + "auth"), name(prefix + "priv")
    if getattr(given, prefix + "priv") is not None and getattr(given, prefix + "auth") is None:
        wrong.append((priv, f"needs {auth}, too: SNMPv3 encrypts only what it authenticates"))
    return wrong
