"""net-snmp's command line tools as a foreign manager."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Sequence

import pytest

needs_netsnmp = pytest.mark.skipif(
    shutil.which("snmpget") is None, reason="net-snmp's tools are not installed"
)

_LINE = re.compile(r"^\.(\d+(?:\.\d+)*) = (.*)$")


async def netsnmp(tool: str, port: int, *args: str, version: str = "2c", community: str = "public",
                  timeout_s: float = 2.0) -> tuple[int, str]:  # fmt: skip
    """Run a tool against a loopback port; its return code and all that it printed."""
    command = [
        tool, f"-v{version}", "-c", community, "-On", "-Oe", "-Ot", "-t", f"{timeout_s}", "-r", "0",
        f"127.0.0.1:{port}", *args,
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode("latin-1")


async def netsnmp_v3(tool: str, port: int, login: Sequence[str], *args: str) -> tuple[int, str]:
    """The same over SNMPv3; `login` are net-snmp's options for the user."""
    process = await asyncio.create_subprocess_exec(
        tool, "-v3", *login, "-On", "-Oe", "-t", "2", "-r", "1", f"127.0.0.1:{port}", *args,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode or 0, out.decode("latin-1")


async def walk(port: int, tool: str = "snmpbulkwalk", *, root: str = ".1", version: str = "2c"
               ) -> list[tuple[str, str]]:  # fmt: skip
    """OID and printed value of every object below a root, in the order they came."""
    _, out = await netsnmp(tool, port, root, version=version)
    rows: list[tuple[str, str]] = []
    for line in out.splitlines():
        found = _LINE.match(line)
        if found is not None and "No more variables" not in line:
            rows.append((found[1], found[2]))
    return rows


async def value(port: int, oid: str, *, version: str = "2c") -> str:
    """One value as net-snmp prints it, without its type."""
    _, out = await netsnmp("snmpget", port, oid, version=version)
    return out.strip().rpartition(": ")[2]
