"""The audit in a syslog, over sockets as they are."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.domain.audit import GENESIS, AuditQuery, StoredAudit
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import AuditRecord
from pdutui.domain.syslog import SyslogTarget, parse_target, syslog_message
from pdutui.engine.recorder import Recorder
from pdutui.engine.syslog import SyslogForwarder
from pdutui.settings import AuditSettings, Settings
from pdutui.store.history import HistoryStore

TIME = datetime(2026, 11, 20, 14, 2, 11, 3456, tzinfo=UTC)


def row(n: int, **other: object) -> StoredAudit:
    fields: dict[str, object] = {
        "time": TIME, "intent_id": "i1", "user": "alice", "ssh_origin": None, "origin": "console",
        "pdu": "rack1-a", "outlet": 3, "outlet_name": "db01", "action": "off",
        "state_from": "on", "state_to": "off", "outcome": "observed", "detail": "it is off",
    }  # fmt: skip
    record = AuditRecord(**(fields | other))  # type: ignore[arg-type]
    return StoredAudit(n=n, record=record, before=GENESIS, hash="f" * 64)


def message(one: StoredAudit, host: str = "noc1") -> str:
    return syslog_message(one, facility="authpriv", host=host, pid=42).decode()


# -- the message ---------------------------------------------------------------------------------


def test_a_record_as_a_message() -> None:
    assert message(row(17, ticket="CHG-7")) == (
        "<85>1 2026-11-20T14:02:11.003456Z noc1 pdutui 42 audit "
        f'[pdutui@32473 n="17" hash="{"f" * 64}" before="{GENESIS}" intent="i1" user="alice"'
        ' origin="console" pdu="rack1-a" outlet="3" name="db01" action="off" from="on" to="off"'
        ' outcome="observed" ticket="CHG-7"]'
        " observed off outlet 3 db01 on rack1-a by alice: it is off"
    )
    severities = {"requested": 86, "refused": 84, "failed": 83, "contradicted": 83}
    for outcome, priority in severities.items():
        assert message(row(1, outcome=outcome)).startswith(f"<{priority}>1 ")


_WHOLE = re.compile(
    r"<\d+>1 \S+ [!-~]+ pdutui 42 audit "
    r'\[pdutui@32473(?: [a-zA-Z]+="(?:[^"\\\]]|\\["\\\]])*")+\](?: [^\[].*)?'
)


@pytest.mark.parametrize(
    "evil",
    [
        "a\n<85>1 - forged", "a\r\nb", "\x1b[2J", '"] forged [x y="', "\\", '\\"', "]", "\x00",
        "\u2028<85>1", "\u202e", "caf\udce9", pytest.param("x" * 100_000, id="long"),
    ],
)  # fmt: skip
def test_nothing_that_was_typed_can_forge_a_message(evil: str) -> None:
    said = message(row(1, user=evil, reason=evil, detail=evil, pdu=evil, outlet_name=evil))
    assert _WHOLE.fullmatch(said)
    assert said.count("\n") == 0
    assert all(c.isprintable() or c == "\ufeff" for c in said)
    assert len(said) < 10_000


def test_other_letters_are_marked_as_utf8_and_hosts_are_plain() -> None:
    assert " \ufeffobserved off outlet 3 größe on" in message(row(1, outlet_name="größe"))
    assert " hst pdutui " in message(row(1), host="h ö\nst")
    assert " - pdutui " in message(row(1), host="")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("udp://loghost", "udp://loghost:514"), ("tcp://loghost", "tcp://loghost:601"),
        ("tcp://[::1]:6514", "tcp://[::1]:6514"), ("unix:/dev/log", "unix:/dev/log"),
        ("unix:///dev/log", "unix:/dev/log"),
    ],
)  # fmt: skip
def test_where_to(url: str, said: str) -> None:
    assert parse_target(url).said == said


@pytest.mark.parametrize("url", ["loghost", "http://x", "unix:log", "udp:x", "udp://x:0", ""])
def test_where_not_to(url: str) -> None:
    with pytest.raises(ValueError, match=r"syslog|address|port"):
        parse_target(url)


# -- the sockets ---------------------------------------------------------------------------------


class Told(list[tuple[str, str]]):
    """What people were told."""

    def __call__(self, severity: str, text: str) -> None:
        self.append((severity, text))


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def forwarder(target: SyslogTarget, told: Told, **other: object) -> SyslogForwarder:
    numbers: dict[str, object] = {"first_pause_s": 0.02} | other
    return SyslogForwarder(target, "local3", tell=told, **numbers)  # type: ignore[arg-type]


def numbers(datagrams: list[bytes]) -> list[int]:
    return [int(re.search(rb' n="(\d+)"', one)[1]) for one in datagrams]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["udp", "unix"])
async def test_datagrams(tmp_path: Path, kind: str) -> None:
    told = Told()
    path = str(tmp_path / "log")
    server = socket.socket(socket.AF_INET if kind == "udp" else socket.AF_UNIX, socket.SOCK_DGRAM)
    with server:
        server.settimeout(5)
        server.bind(("127.0.0.1", 0) if kind == "udp" else path)
        port = server.getsockname()[1] if kind == "udp" else 0
        target = SyslogTarget(kind=kind, host="127.0.0.1", port=port, path=path)  # type: ignore[arg-type]
        to = forwarder(target, told)
        to.send([row(1), row(2)])
        got = [await asyncio.to_thread(server.recv, 65536) for _ in range(2)]
        to.send([row(3)])
        await to.stop()
        got.append(server.recv(65536))
    assert numbers(got) == [1, 2, 3]
    assert got[0].startswith(b"<157>1 2026-11-20T14:02:11.003456Z ")
    assert told == []


async def read(reader: asyncio.StreamReader) -> bytes:
    length = (await reader.readuntil(b" ")).decode().strip()
    return await reader.readexactly(int(length))


class Server:
    """A syslog over TCP that counts octets."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                self.got.append(await read(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def stop(self) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()
        await self.server.wait_closed()


async def test_tcp_counts_octets_and_connects_again() -> None:
    told, server = Told(), Server()
    await server.start()
    to = forwarder(SyslogTarget(kind="tcp", host="127.0.0.1", port=server.port), told)
    to.send([row(1, detail="zwölf"), row(2)])
    await until(lambda: len(server.got) == 2)
    await server.stop()
    await asyncio.sleep(0.02)
    to.send([row(3)])
    await until(lambda: bool(told))
    assert told[0][0] == "warning"
    assert f"audit to tcp://127.0.0.1:{server.port} does not work" in told[0][1]
    await server.start()
    await until(lambda: len(server.got) == 3)
    to.send([row(4)])
    await to.stop()
    await until(lambda: len(server.got) == 4)
    assert numbers(server.got) == [1, 2, 3, 4], "nothing went into the connection that was closed"
    assert told[1:] == [("info", f"audit to tcp://127.0.0.1:{server.port} works again")]
    await server.stop()


async def test_a_server_that_is_away_costs_the_oldest_and_nothing_waits() -> None:
    told, server = Told(), Server()
    await server.start()
    await server.stop()
    to = forwarder(SyslogTarget(kind="tcp", host="127.0.0.1", port=server.port), told, most=3)
    begin = time.monotonic()
    for n in range(1, 11):
        to.send([row(n)])
    assert time.monotonic() - begin < 0.5
    await until(lambda: len(told) == 2)
    assert {severity for severity, _ in told} == {"warning"}
    assert sum("too many records wait" in text for _, text in told) == 1
    await server.start()
    await until(lambda: len(server.got) == 3)
    await until(lambda: len(told) == 3)
    await to.stop()
    assert numbers(server.got) == [8, 9, 10]
    assert "works again; 7 records were not sent" in told[2][1]
    await server.stop()


async def test_refused_datagrams_are_told_once_and_sent_later() -> None:
    told = Told()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    to = forwarder(SyslogTarget(kind="udp", host="127.0.0.1", port=port), told)
    to.send([row(1)])
    await asyncio.sleep(0.02)
    to.send([row(2), row(3)])
    await until(lambda: len(told) == 1)
    await asyncio.sleep(0.3)
    assert len(told) == 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.settimeout(5)
        server.bind(("127.0.0.1", port))
        got = [await asyncio.to_thread(server.recv, 65536) for _ in range(2)]
        await until(lambda: len(told) == 2)
        await to.stop()
    assert numbers(got) == [2, 3]


async def test_committed_records_of_a_store_are_sent(tmp_path: Path) -> None:
    """From the gate's record to the wire: with its place in the chain, after the commit."""
    told, server = Told(), Server()
    await server.start()
    settings = Settings(
        state_dir=tmp_path, audit=AuditSettings(syslog=f"tcp://127.0.0.1:{server.port}")
    )
    store = await HistoryStore.open(tmp_path / "history.db", clock=SystemClock(), retention_days=1)
    recorder = Recorder(
        store, clock=SystemClock(), settings=settings, emit=lambda event: None,
        note=lambda pdu, severity, text: told(severity, text),
    )  # fmt: skip
    recorder.start()
    assert await recorder.audit(row(0, reason="why").record) == ""
    recorder.audit_soon(row(0, outcome="failed").record)
    await recorder.stop()
    await until(lambda: len(server.got) == 2)
    (stored, *_) = await (await store.audit_trail()).rows(AuditQuery(limit=1, outcome="observed"))
    assert f'n="1" hash="{stored.hash}" before="{GENESIS}"'.encode() in server.got[0]
    assert b'reason="why"' in server.got[0]
    await store.close()
    await server.stop()
    assert told == []
