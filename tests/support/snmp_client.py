"""An SnmpClient for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.opening import ReaderName
from pdutui.backends.snmp.types import RequestLimits, SnmpTarget, SnmpVersion
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User


@asynccontextmanager
async def client_for(
    port: int,
    version: SnmpVersion = "2c",
    *,
    host: str = "127.0.0.1",
    community: str = "public",
    write_community: str | None = "private",
    limits: RequestLimits | None = None,
    timeout_s: float = 2.0,
    retries: int = 1,
    clock: Clock | None = None,
    reader: ReaderName = "auto",
    v3: V3User | None = None,
    v3_write: V3User | None = None,
) -> AsyncIterator[SnmpClient]:
    target = SnmpTarget(
        host=host,
        port=port,
        version=version if v3 is None else "3",
        v3=v3,
        v3_write=v3_write,
        community=Secret(community),
        write_community=None if write_community is None else Secret(write_community),
        timeout_s=timeout_s,
        retries=retries,
    )
    client = SnmpClient(
        target, limits or RequestLimits(), clock=clock or SystemClock(), reader=reader
    )
    try:
        yield client
    finally:
        await client.aclose()
