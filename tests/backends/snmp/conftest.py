"""A foreign agent for the SNMP tests, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.snmpsim import SnmpsimAgent

BASE = "1.3.6.1.4.1.3808.1"

SERVED: dict[str, int | str | bytes | None] = {
    "1.3.6.1.2.1.1.1.0": b"PDU44001",
    "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.3808.1.1.3",
    **{f"{BASE}.1.{n}": n * 7 for n in range(1, 61)},
    **{f"{BASE}.2.{n}": f"outlet {n}".encode() for n in range(1, 31)},
    **{f"{BASE}.3.{n}": 4294967295 - n for n in range(1, 31)},
    f"{BASE}.4.1": None,
    f"{BASE}.4.2": 1,
}
"""What the agent serves under the community `public`."""

WRITABLE = f"{BASE}.9.1"
NOT_WRITABLE = f"{BASE}.1.1"
"""Under the community `private`."""


def _record(oid: str, value: int | str | bytes | None) -> str:
    if value is None:
        return f"{oid}|5|"
    if isinstance(value, bytes):
        return f"{oid}|4|{value.decode()}"
    if isinstance(value, str):
        return f"{oid}|6|{value}"
    return f"{oid}|{66 if value > 2**31 else 2}|{value}"


@pytest.fixture(scope="session")
def foreign_agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpsimAgent]:
    """The agent `snmpsim` with the communities `public` and `private`."""
    folder: Path = tmp_path_factory.mktemp("snmpsim")
    lines = [_record(oid, value) for oid, value in SERVED.items()]
    (folder / "public.snmprec").write_text("\n".join(lines) + "\n")
    private = [f"{NOT_WRITABLE}|2|7", f"{WRITABLE}|2:writecache|value=1"]
    (folder / "private.snmprec").write_text("\n".join(private) + "\n")
    with SnmpsimAgent(folder) as agent:
        yield agent
