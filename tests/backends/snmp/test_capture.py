"""Walks for recordings: every row with its type, from good devices and from bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pdutui.backends.base import DeviceError, Unreachable
from pdutui.backends.snmp import ber
from pdutui.backends.snmp.ber import Oid, dotted, parse_oid
from pdutui.backends.snmp.capture import ALL_ROOTS, DEFAULT_ROOTS, Capture, Progress, distinct_roots
from pdutui.backends.snmp.capture_file import CaptureFileError, check_writable, write_recording
from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.recorded import RecordingMib
from pdutui.backends.snmp.recording import Recorded, Recording, load_recording
from pdutui.backends.snmp.snmprec import NotRecordable, format_record
from pdutui.backends.snmp.types import RequestLimits, SnmpTarget, SnmpVersion, TypedRow
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from tests.support.agent import ServedMib
from tests.support.clock import ManualClock
from tests.support.recorded import Got
from tests.support.snmpsim import SnmpsimAgent
from tests.support.udp_proxy import Faults, UdpProxy

BASE = "1.3.6.1.4.1.99"


async def captured(
    port: int,
    roots: Sequence[str] = ALL_ROOTS,
    *,
    version: SnmpVersion = "2c",
    community: str = "public",
    timeout_s: float = 2.0,
) -> Capture:
    target = SnmpTarget(
        host="127.0.0.1",
        port=port,
        version=version,
        community=Secret(community),
        timeout_s=timeout_s,
    )
    clock = SystemClock()
    client = SnmpClient(target, RequestLimits(), clock=clock, reader="own")
    capture = Capture(client, clock=clock)
    try:
        await capture.run(roots)
    finally:
        await client.aclose()
    return capture


def as_recorded(capture: Capture) -> Recording:
    return {oid: Recorded(row.tag, row.content) for oid, row in capture.rows.items()}


# -- the same rows, types and values ------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["cyberpower_pdu44005", "raritan_px_12out", "apc_ap8641", "eaton_ema114"]
)
async def test_a_captured_recording_is_the_recording(
    shared_snmp: Path, tmp_path: Path, name: str
) -> None:
    recording = load_recording(shared_snmp / "recordings" / f"{name}.snmprec")
    async with ServedMib(RecordingMib(recording, SystemClock(), None)) as served:
        capture = await captured(served.port)
    assert capture.notes == []
    assert as_recorded(capture) == recording
    write_recording(tmp_path / "again.snmprec", capture.rows, force=False)
    assert load_recording(tmp_path / "again.snmprec") == recording


async def test_a_foreign_agent_serves_what_was_captured(shared_snmp: Path, tmp_path: Path) -> None:
    """Captured from us, served by snmpsim, captured again from there: nothing has changed."""
    recording = load_recording(shared_snmp / "recordings" / "apc_ats_ap7724.snmprec")
    odd = {
        parse_oid(f"{BASE}.1"): Recorded(ber.STRING, b"a|b"),
        parse_oid(f"{BASE}.2"): Recorded(ber.STRING, b" \x00\n"),
        parse_oid(f"{BASE}.3"): Recorded(ber.STRING, b""),
        parse_oid(f"{BASE}.4"): Recorded(ber.IP_ADDRESS, bytes((10, 0, 0, 1))),
        parse_oid(f"{BASE}.5"): Recorded(ber.OPAQUE, bytes.fromhex("9f780442f60000")),
        parse_oid(f"{BASE}.6"): Recorded(ber.COUNTER64, b"\x00" + b"\xff" * 8),
        parse_oid(f"{BASE}.7"): Recorded(ber.NULL, b""),
        parse_oid(f"{BASE}.8"): Recorded(ber.INTEGER, b"\xfe"),
    }
    async with ServedMib(RecordingMib(recording | odd, SystemClock(), None)) as served:
        first = await captured(served.port)
    write_recording(tmp_path / "pdu.snmprec", first.rows, force=False)
    with SnmpsimAgent(tmp_path) as agent:
        second = await captured(agent.port, community="pdu")
    assert as_recorded(first) == recording | odd
    assert second.rows == first.rows


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_lost_datagrams_lose_no_row(shared_snmp: Path, version: SnmpVersion) -> None:
    recording = load_recording(shared_snmp / "recordings" / "apc_ats_ap7724.snmprec")
    async with (
        ServedMib(RecordingMib(recording, SystemClock(), None)) as served,
        UdpProxy(served.port, Faults(loss=0.03, duplicate=0.1)) as proxy,
    ):
        capture = await captured(proxy.port, version=version)
    assert as_recorded(capture) == recording


async def test_the_default_is_what_says_something_of_power(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "apc_ats_ap7724.snmprec")
    extra: dict[Oid, Recorded] = {
        **recording,
        parse_oid("1.3.6.1.2.1.4.20.1.1.10.0.0.1"): Recorded(ber.IP_ADDRESS, bytes((10, 0, 0, 1))),
        parse_oid("1.3.6.1.2.1.47.1.1.1.1.2.1"): Recorded(ber.STRING, b"a part"),
    }
    async with ServedMib(RecordingMib(extra, SystemClock(), None)) as served:
        capture = await captured(served.port, DEFAULT_ROOTS)
        single = await captured(served.port, ("1.3.6.1.2.1.1.5.0",))
    assert not any(dotted(oid).startswith("1.3.6.1.2.1.4.") for oid in capture.rows)
    assert len(capture.rows) == len(recording) + 1
    assert [dotted(oid) for oid in single.rows] == ["1.3.6.1.2.1.1.5.0"]


async def test_cyberpower_is_asked_row_by_row(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "cyberpower_pdu44005.snmprec")
    async with (
        ServedMib(RecordingMib(recording, SystemClock(), None)) as served,
        UdpProxy(served.port) as proxy,
    ):
        await captured(proxy.port, ("1.3.6.1.4.1.3808.1.1.1", "1.3.6.1.2.1.1"))
    assert proxy.requests
    tags = {request[request.index(b"public") + 6] for request in proxy.requests}
    assert 0xA5 not in tags, "no GETBULK"


def test_roots_below_other_roots_are_walked_once() -> None:
    roots = distinct_roots(("1.3.6.1.4.1", "1.3.6.1.2.1.1", "1.3.6.1.4.1.318", "1.3.6.1.4.10"))
    assert list(map(dotted, roots)) == ["1.3.6.1.2.1.1", "1.3.6.1.4.1", "1.3.6.1.4.10"]


# -- lines of the file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "content", "line"),
    [
        (ber.INTEGER, b"\xff", "2|-1"),
        (ber.INTEGER, b"\x00\x80", "2|128"),
        (ber.STRING, b"Outlet 1", "4|Outlet 1"),
        (ber.STRING, b"a|b", "4|a|b"),
        (ber.STRING, b"", "4|"),
        (ber.STRING, b" ends with a blank ", f"4x|{b' ends with a blank '.hex()}"),
        (ber.STRING, b"two\nlines", f"4x|{b'two'.hex()}0a{b'lines'.hex()}"),
        (ber.STRING, b"\x00\x0c\x15", "4x|000c15"),
        (ber.STRING, "Büro".encode(), "4x|42c3bc726f"),
        (ber.NULL, b"", "5|"),
        (ber.OID, bytes.fromhex("2b06010401"), "6|1.3.6.1.4.1"),
        (ber.IP_ADDRESS, bytes((10, 0, 0, 1)), "64|10.0.0.1"),
        (ber.COUNTER32, b"\xff\xff\xff\xff", "65|4294967295"),
        (ber.GAUGE32, b"\x00\xff", "66|255"),
        (ber.TIMETICKS, b"\x01\x00", "67|256"),
        (ber.OPAQUE, bytes.fromhex("9f780442f60000"), "68x|9f780442f60000"),
        (ber.COUNTER64, b"\x00\xff\xff\xff\xff\xff\xff\xff\xff", f"70|{2**64 - 1}"),
        (0x47, b"\x05", "66|5"),
    ],
)
def test_a_row_as_a_line(tmp_path: Path, tag: int, content: bytes, line: str) -> None:
    row = TypedRow(f"{BASE}.1", tag, content)
    assert format_record(row) == f"{BASE}.1|{line}"
    write_recording(tmp_path / "f.snmprec", {parse_oid(row.oid): row}, force=False)
    (back,) = load_recording(tmp_path / "f.snmprec").values()
    if tag != 0x47:
        assert back.tag == tag
    if tag in (ber.INTEGER, ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64):
        signed = tag == ber.INTEGER
        assert int.from_bytes(back.content, "big", signed=True) == int.from_bytes(
            content, "big", signed=signed
        )
    elif tag != 0x47:
        assert back.content == content


@pytest.mark.parametrize(
    ("tag", "content"),
    [(ber.INTEGER, b""), (ber.INTEGER, b"\x00" * 12), (ber.COUNTER32, b"\x01\x00\x00\x00\x00"),
     (ber.IP_ADDRESS, b"\x01"), (ber.OID, b"\x80"), (0x81, b"")],
)  # fmt: skip
def test_what_a_recording_cannot_hold(tag: int, content: bytes) -> None:
    with pytest.raises(NotRecordable):
        format_record(TypedRow(f"{BASE}.1", tag, content))


def test_rows_stand_in_the_order_of_numbers_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "f.snmprec"
    rows = {
        parse_oid(oid): TypedRow(oid, ber.INTEGER, b"\x01")
        for oid in (f"{BASE}.10", f"{BASE}.9", f"{BASE}.9.1")
    }
    write_recording(path, rows, force=False)
    assert path.read_text().splitlines() == [f"{BASE}.9|2|1", f"{BASE}.9.1|2|1", f"{BASE}.10|2|1"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f.snmprec"
    path.write_text("precious")
    row = {parse_oid(f"{BASE}.1"): TypedRow(f"{BASE}.1", ber.INTEGER, b"\x01")}
    with pytest.raises(CaptureFileError, match="--force"):
        check_writable(path, force=False)
    with pytest.raises(CaptureFileError, match="--force"):
        write_recording(path, row, force=False)
    assert path.read_text() == "precious"
    check_writable(path, force=True)
    write_recording(path, row, force=True)
    assert path.read_text() == f"{BASE}.1|2|1\n"
    with pytest.raises(CaptureFileError, match="cannot be written"):
        check_writable(tmp_path / "no" / "such" / "f", force=False)


# -- devices that misbehave ----------------------------------------------------------------------


class BadDevice:
    """Implements `TypedAsking` over a function: what follows an OID."""

    def __init__(self, after: Callable[[str], list[TypedRow]]) -> None:
        self.limits = RequestLimits()
        self.after = after
        self.alive = True

    async def get(self, oids: Sequence[str]) -> Got:
        if not self.alive:
            raise Unreachable("gone")
        return Got({}, frozenset(oids))

    async def next_typed(self, oid: str) -> list[TypedRow]:
        return self.after(oid)


def row(oid: str) -> TypedRow:
    return TypedRow(oid, ber.INTEGER, b"\x01")


class Rows:
    """Well-behaved rows, as GETNEXT gives them."""

    def __init__(self, *oids: str) -> None:
        self.oids = sorted(map(parse_oid, oids))

    def __call__(self, oid: str) -> list[TypedRow]:
        at = parse_oid(oid)
        return [row(dotted(one)) for one in self.oids if one > at][:1]


COLUMNS = [f"{BASE}.1.1.{column}.{index}" for column in (1, 2, 3) for index in (1, 2)]


async def run(device: BadDevice, **options: int) -> Capture:
    capture = Capture(device, clock=ManualClock(), **options)
    await capture.run((BASE,))
    return capture


async def test_a_circle_is_named_and_walked_past() -> None:
    good = Rows(*COLUMNS)

    def after(oid: str) -> list[TypedRow]:
        return [row(f"{BASE}.1.1.1.1")] if oid == f"{BASE}.1.1.2.1" else good(oid)

    capture = await run(BadDevice(after))
    assert [dotted(oid) for oid in capture.rows] == [c for c in COLUMNS if not c.endswith("2.2")]
    (note,) = capture.notes
    assert f"circles: {BASE}.1.1.1.1 follows {BASE}.1.1.2.1" in note
    assert f"went on behind {BASE}.1.1.3" in note


async def test_getbulk_that_is_out_of_order_is_done_without() -> None:
    good = Rows(*COLUMNS)
    device: BadDevice

    def after(oid: str) -> list[TypedRow]:
        return [row(f"{BASE}.1.1.1.1")] * 2 if device.limits.bulk else good(oid)

    device = BadDevice(after)
    capture = await run(device)
    assert len(capture.rows) == len(COLUMNS)
    assert capture.notes == []


async def test_a_row_that_fails_costs_its_column() -> None:
    good = Rows(*COLUMNS)

    def after(oid: str) -> list[TypedRow]:
        if oid == f"{BASE}.1.1.1.1":
            raise DeviceError(f"the device fails to walk on from {oid}")
        return good(oid)

    capture = await run(BadDevice(after))
    assert len(capture.rows) == len(COLUMNS) - 1
    assert "fails" in capture.notes[0]


async def test_a_question_that_is_never_answered_is_skipped_where_others_are() -> None:
    good = Rows(*COLUMNS)

    def after(oid: str) -> list[TypedRow]:
        if oid == f"{BASE}.1.1.2.1":
            raise Unreachable("no answer")
        return good(oid)

    capture = await run(BadDevice(after))
    assert [dotted(oid) for oid in capture.rows] == [c for c in COLUMNS if not c.endswith("2.2")]
    assert f"does not answer when asked behind {BASE}.1.1.2.1" in capture.notes[0]


async def test_a_device_that_comes_back_is_walked_on() -> None:
    good = Rows(*COLUMNS)
    clock = ManualClock()
    device: BadDevice
    left = 3

    def after(oid: str) -> list[TypedRow]:
        nonlocal left
        if oid == COLUMNS[3] and left:
            left -= 1
            device.alive = left == 0
            raise Unreachable("no answer")
        return good(oid)

    device = BadDevice(after)
    capture = Capture(device, clock=clock)

    task = asyncio.ensure_future(capture.run((BASE,)))
    await clock.run(20)
    await task
    assert len(capture.rows) == len(COLUMNS)
    assert capture.notes == []


async def test_what_came_before_the_silence_is_kept() -> None:
    good = Rows(*COLUMNS)
    device: BadDevice

    def after(oid: str) -> list[TypedRow]:
        if oid == COLUMNS[2]:
            device.alive = False
            raise Unreachable("no answer")
        return good(oid)

    device = BadDevice(after)
    clock = ManualClock()
    capture = Capture(device, clock=clock)

    task = asyncio.ensure_future(capture.run((BASE,)))
    await clock.run(60)
    with pytest.raises(Unreachable):
        await task
    assert [dotted(oid) for oid in capture.rows] == COLUMNS[:3]


async def test_a_walk_without_end_ends() -> None:
    def after(oid: str) -> list[TypedRow]:
        at = parse_oid(oid)
        start = at[7] if len(at) > 7 else 0
        return [row(f"{BASE}.{start + n}") for n in range(1, 25)]

    seen: list[Progress] = []
    capture = Capture(BadDevice(after), clock=ManualClock(), max_rows=1000, on_progress=seen.append)
    await capture.run((BASE,))
    assert len(capture.rows) == 1000
    assert capture.truncated
    assert "1000 rows" in capture.notes[-1]
    assert seen[0] == Progress(24, f"{BASE}.24")


async def test_values_that_cannot_be_recorded_are_named_and_left_out() -> None:
    good = Rows(*COLUMNS)

    def after(oid: str) -> list[TypedRow]:
        found = good(oid)
        return [r._replace(content=b"") if r.oid == COLUMNS[1] else r for r in found]

    capture = await run(BadDevice(after))
    assert len(capture.rows) == len(COLUMNS) - 1
    assert COLUMNS[1] in capture.notes[0]


async def test_a_device_that_answers_nothing_sensible_does_not_hold_us() -> None:
    capture = await run(BadDevice(lambda oid: [row("1.3.6.1.2.1.1.1.0")]))
    assert capture.rows == {}
    assert capture.notes
