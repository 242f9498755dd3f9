"""Client CPU of one poll, from bytes to a Reading, for each family, beside its peers.

    python benchmarks/poll.py                             # all families, v2c and v3, with peers
    python benchmarks/poll.py --family raritan-pdu2       # one
    python benchmarks/poll.py --no-peers --polls 100      # ours alone, more exactly
    python benchmarks/poll.py --readers                   # our backend over the other v2c readers

CPU in ms for 120 OIDs, so that devices and programs of different size compare; medians of rounds
that are interleaved, since shared machines are noisy. v3 is authPriv, SHA256 and AES128.

    decode   from the device's datagrams to a Reading, requests made as well; without a socket
    poll     all that a poll costs the client, with sockets and event loop, over loopback
    pysnmp   its own high-level API, tuned: one engine, GETBULK, no MIB lookup
    net-snmp `snmpbulkwalk`, one process a walk, without MIB files

The peers walk the whole subtree of the family by GETBULK: what costs them least for an OID. They
end with values; units, states and what they mean are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import shutil
import statistics
import time
from collections.abc import Callable
from typing import Protocol

from agents import AUTH_KEY, FAMILIES, PRIV_KEY, USER, agents, make_agent, pin
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.codec import Response
from pdutui.backends.snmp.exchange import Exchange, new_request_id
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock

REFERENCE_OIDS = 120
ROUNDS = 5
PEER_POLLS = 2
"""Polls a round; a peer's poll is long."""
VERSIONS = ("v2c", "v3")


class Polled(Protocol):
    """Something that reads a device."""

    async def poll(self) -> tuple[float, int]:
        """Read it once: CPU ms that it took, and OIDs."""
        ...

    async def close(self) -> None: ...


def cpu_ms() -> float:
    """CPU of this process and of children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages) * 1000


def target(port: int, version: str) -> SnmpTarget:
    v3 = USER if version == "v3" else None
    return SnmpTarget(host="127.0.0.1", port=port, version="3" if v3 else "2c", v3=v3)


class Ours:
    """The backend as the engine uses it."""

    def __init__(self, port: int, family: str, version: str, reader: str = "auto") -> None:
        self._backend = SnmpBackend(
            "pdu", target(port, version), family, clock=SystemClock(), reader=reader
        )
        self.requests = 0
        self.wall_ms: list[float] = []

    async def poll(self) -> tuple[float, int]:
        before = cpu_ms()
        reading = await self._backend.poll()
        used = cpu_ms() - before
        self.requests = reading.poll.requests
        self.wall_ms.append(reading.poll.duration_ms)
        return used, reading.poll.varbinds

    async def close(self) -> None:
        await self._backend.aclose()


class InMemory:
    """The same, answered by a simulated device in this process, whose time does not count."""

    def __init__(self, number: int, family: str, version: str) -> None:
        clock = SystemClock()
        _, self._agent = make_agent(number, clock)
        # Nobody is asked there: a free port would do as well.
        self._backend = SnmpBackend("pdu", target(9, version), family, clock=clock)
        self._theirs_ns = 0

    async def _ask(
        self,
        exchange: Exchange,
        build: Callable[[int], bytes],
        wait_s: float,
        on_sent: Callable[[], None] | None = None,
    ) -> Response:
        request = build(new_request_id())
        began = time.thread_time_ns()
        answer = self._agent.answer(request)
        self._theirs_ns += time.thread_time_ns() - began
        assert answer is not None
        return exchange._decoder.decode(answer)

    async def poll(self) -> tuple[float, int]:
        asked, Exchange.ask = Exchange.ask, _with(self._ask)  # type: ignore[method-assign]
        try:
            self._theirs_ns, began = 0, time.thread_time_ns()
            reading = await self._backend.poll()
            used = time.thread_time_ns() - began - self._theirs_ns
        finally:
            Exchange.ask = asked  # type: ignore[method-assign]
        return used / 1e6, reading.poll.varbinds

    async def close(self) -> None:
        await self._backend.aclose()


def _with(ask):  # type: ignore[no-untyped-def]
    async def method(exchange, build, wait_s, on_sent=None):  # type: ignore[no-untyped-def]
        return await ask(exchange, build, wait_s, on_sent)

    return method


class Pysnmp:
    """pysnmp's high-level API."""

    def __init__(self, port: int, root: str, version: str) -> None:
        from pysnmp.hlapi.v3arch import asyncio as api

        self._api, self._engine, self._port = api, api.SnmpEngine(), port
        self._object = api.ObjectType(api.ObjectIdentity(root))
        self._context = api.ContextData()
        if version == "v3":
            self._auth = api.UsmUserData(
                USER.user, AUTH_KEY, PRIV_KEY,
                authProtocol=api.USM_AUTH_HMAC192_SHA256, privProtocol=api.USM_PRIV_CFB128_AES,
            )  # fmt: skip
        else:
            self._auth = api.CommunityData("public")

    async def poll(self) -> tuple[float, int]:
        before, rows = cpu_ms(), 0
        place = ("127.0.0.1", self._port)
        transport = await self._api.UdpTransportTarget.create(place, timeout=2, retries=1)
        async for error, _, _, varbinds in self._api.bulk_walk_cmd(
            self._engine, self._auth, transport, self._context, 0, 24, self._object,
            lookupMib=False, lexicographicMode=False,
        ):  # fmt: skip
            if error:
                raise SystemExit(f"pysnmp: {error}")
            rows += len(varbinds)
        return cpu_ms() - before, rows

    async def close(self) -> None:
        self._engine.close_dispatcher()


class NetSnmp:
    """net-snmp's `snmpbulkwalk`."""

    def __init__(self, port: int, root: str, version: str) -> None:
        login = ["-v2c", "-c", "public"]
        if version == "v3":
            login = ["-v3", "-l", "authPriv", "-u", USER.user, "-a", "SHA-256", "-A", AUTH_KEY]
            login += ["-x", "AES", "-X", PRIV_KEY]
        self._command = ["snmpbulkwalk", *login, "-m", "", "-On", "-Cr24", f"127.0.0.1:{port}"]
        self._command.append(root)

    async def poll(self) -> tuple[float, int]:
        before = cpu_ms()
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        out, _ = await child.communicate()
        if child.returncode:
            raise SystemExit("snmpbulkwalk failed")
        return cpu_ms() - before, out.count(b"\n")

    async def close(self) -> None:
        return


def subjects(
    number: int, family: str, port: int, version: str, options: argparse.Namespace
) -> dict[str, Polled]:
    """What is measured on one device."""
    found: dict[str, Polled] = {
        "decode": InMemory(number, family, version),
        "poll": Ours(port, family, version),
    }
    if options.readers and version == "v2c":
        for reader in ("gufo", "pysnmp"):
            found[f"over {reader}"] = Ours(port, family, version, reader)
    if options.peers:
        root = load_builtin(family).base
        found["pysnmp"] = Pysnmp(port, root, version)
        if shutil.which("snmpbulkwalk"):
            found["net-snmp"] = NetSnmp(port, root, version)
    return found


async def measure(found: dict[str, Polled], polls: int) -> dict[str, tuple[float, int]]:
    """CPU ms for 120 OIDs, and OIDs a poll, of each."""
    for subject in found.values():
        for _ in range(3):  # the first polls find out what the device has
            await subject.poll()
    samples: dict[str, list[float]] = {name: [] for name in found}
    oids = dict.fromkeys(found, 0)
    for _ in range(ROUNDS):
        for name, subject in found.items():
            own = isinstance(subject, Ours | InMemory)
            count = max(1, polls // ROUNDS) if own else PEER_POLLS
            got = [await subject.poll() for _ in range(count)]
            oids[name] = max(n for _, n in got)
            total = sum(ms for ms, _ in got) / sum(n for _, n in got)
            samples[name].append(total * REFERENCE_OIDS)
    return {name: (statistics.median(seen), oids[name]) for name, seen in samples.items()}


async def run(devices: list[tuple[str, int]], options: argparse.Namespace) -> None:
    names: list[str] = []
    for number, (family, port) in enumerate(devices):
        if options.family and family not in options.family:
            continue
        for version in options.version:
            found = subjects(number, family, port, version, options)
            got = await measure(found, options.polls)
            if not names or len(got) > len(names):
                names = list(got)
                head = "".join(f"{name:>10}" for name in names)
                print(f"{'CPU ms for 120 OIDs':<26}{'OIDs':>5}{'GETs':>6}{head}{'wall ms':>9}")
            ours = found["poll"]
            assert isinstance(ours, Ours)
            figures = "".join(f"{got[n][0]:>10.2f}" if n in got else " " * 10 for n in names)
            print(
                f"{family:<22}{version:<4}{got['poll'][1]:>5}{ours.requests:>6}{figures}"
                f"{statistics.median(ours.wall_ms):>9.1f}",
                flush=True,
            )
            for subject in found.values():
                await subject.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polls", type=int, default=50, help="polls of ours for each figure")
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("--version", action="append", choices=VERSIONS)
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--readers", action="store_true")
    options = parser.parse_args()
    options.version = options.version or list(VERSIONS)
    with agents(len(FAMILIES)) as devices:
        if (os.cpu_count() or 1) > 1:
            pin(0)
        gc.freeze()
        asyncio.run(run(devices, options))


if __name__ == "__main__":
    main()
