"""The SNMPv3 keys of a `[[pdu]]` with version = "3"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pdutui.config_errors import Problems
from pdutui.config_secret import SecretReader
from pdutui.config_table import Table
from pdutui.config_v3 import (
    KEY_VARIABLES,
    MISSING_KEY,
    V3Error,
    V3Given,
    auth_name,
    priv_name,
    read_user,
    write_user,
)
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User

V3_KEYS = (
    "user", "auth", "auth_key", "auth_key_env", "auth_key_file",
    "priv", "priv_key", "priv_key_env", "priv_key_file", "context",
    "write_user", "write_auth", "write_auth_key", "write_auth_key_env", "write_auth_key_file",
    "write_priv", "write_priv_key", "write_priv_key_env", "write_priv_key_file",
)  # fmt: skip

_Name = TypeVar("_Name")


def read_v3(
    table: Table, secrets: SecretReader, problems: Problems
) -> tuple[V3User | None, V3User | None]:
    """Who reads and who writes, by the keys of one PDU.

    What is wrong goes to `problems`; what could not be made out is None then.
    """
    before = problems.count
    given = _given(table, secrets)
    if problems.count > before:
        return None, None
    reader = writer = None
    try:
        reader = read_user(given)
    except V3Error as error:
        _report(table, error)
    try:
        writer = write_user(given, reader)
    except V3Error as error:
        _report(table, error)
    return reader, writer


def _given(table: Table, secrets: SecretReader) -> V3Given:
    user, write_user = table.text("user"), table.text("write_user")
    auth, priv = _protocol(table, "auth", auth_name), _protocol(table, "priv", priv_name)
    write_auth = _protocol(table, "write_auth", auth_name)
    write_priv = _protocol(table, "write_priv", priv_name)
    other = write_user is not None and write_user != user

    def key(name: str, counts: bool) -> Secret | None:
        variable = KEY_VARIABLES[name] if counts else None
        return secrets.read(table, name, variable=variable, what="a key")

    return V3Given(
        user=user,
        auth=auth,
        auth_key=key("auth_key", auth is not None),
        priv=priv,
        priv_key=key("priv_key", priv is not None),
        context=table.text("context"),
        write_user=write_user,
        write_auth=write_auth,
        write_auth_key=key("write_auth_key", other and (write_auth or auth) is not None),
        write_priv=write_priv,
        write_priv_key=key("write_priv_key", other and (write_priv or priv) is not None),
    )


def _protocol(table: Table, key: str, read: Callable[[str], _Name]) -> _Name | None:
    text = table.text(key)
    if text is None:
        return None
    try:
        return read(text)
    except ValueError as error:
        table.fail(key, str(error))
        return None


def _report(table: Table, error: V3Error) -> None:
    for key, text in error.problems:
        ways = f" ({key}, {key}_env or {key}_file)" if text.startswith(MISSING_KEY) else ""
        table.fail(key, f"{text}{ways}")
