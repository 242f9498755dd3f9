"""Recorded walks: read strictly, served as they are, switched through their profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.backends.snmp import ber
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.recorded import RecordingMib
from pdutui.backends.snmp.recorded_outlet import RELAY_S
from pdutui.backends.snmp.recording import (
    RecordingError,
    load_recording,
    recognise_recording,
)

from ...support.agent import ServedMib
from ...support.clock import ManualClock
from ...support.netsnmp import needs_netsnmp, netsnmp, value, walk

SMALL = """1.3.6.1.2.1.1.1.0|4|a PDU
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.3808.1.1.6
1.3.6.1.2.1.1.3.0|67|4242
1.3.6.1.2.1.2.2.1.6.1|4x|000c15417c5d
1.3.6.1.2.1.4.20.1.1.10|64|10.3.2.1
1.3.6.1.2.1.4.20.1.1.11|64x|0a030201
1.3.6.1.2.1.5.1.0|65|4294967295
1.3.6.1.2.1.5.2.0|66|7
1.3.6.1.2.1.5.3.0|70|18446744073709551615
1.3.6.1.2.1.5.4.0|2|-5
1.3.6.1.2.1.5.5.0|5|
1.3.6.1.2.1.5.6.0|4|bar|pipe
1.3.6.1.2.1.5.7.0|4|
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "small.snmprec"
    path.write_text(text, encoding="latin-1")
    return path


@needs_netsnmp
async def test_every_type_is_served(tmp_path: Path) -> None:
    mib = RecordingMib(load_recording(write(tmp_path, SMALL)), ManualClock(), None)
    async with ServedMib(mib) as agent:
        rows = dict(await walk(agent.port))
    assert list(rows.values()) == [
        'STRING: "a PDU"',
        "OID: .1.3.6.1.4.1.3808.1.1.6",
        "4242",
        "Hex-STRING: 00 0C 15 41 7C 5D ",
        "IpAddress: 10.3.2.1",
        "IpAddress: 10.3.2.1",
        "Counter32: 4294967295",
        "Gauge32: 7",
        "Counter64: 18446744073709551615",
        "INTEGER: -5",
        "NULL",
        'STRING: "bar|pipe"',
        '""',
    ]


def test_order_line_ends_and_comments_do_not_matter(tmp_path: Path) -> None:
    text = "# a comment\r\n1.3.6.1.10.0|2|2\r\n\r\n1.3.6.1.9.0|2|1"
    mib = RecordingMib(load_recording(write(tmp_path, text)), ManualClock(), None)
    assert mib.oids == [(1, 3, 6, 1, 9, 0), (1, 3, 6, 1, 10, 0)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1.3.6.1.9.0|2", "a record is OID|type|value"),
        ("1.3.x|2|1", "'1.3.x' is not an OID"),
        ("3.9|2|1", "'3.9' is not an OID"),
        ("1.3.6.1.9.0|2|one", "'one' is not a whole number"),
        ("1.3.6.1.9.0|66|-1", "-1 does not fit"),
        ("1.3.6.1.9.0|2|99999999999", "does not fit"),
        ("1.3.6.1.9.0|4x|0g", "not hexadecimal"),
        ("1.3.6.1.9.0|64|10.3.2", "not an IP address"),
        ("1.3.6.1.9.0|99|1", "type 99 is not known"),
        ("1.3.6.1.9.0|two|1", "not a BER tag"),
        ("1.3.6.1.9.0|2:writecache|value=1", "variation modules"),
        ("1.3.6.1.2.1.1.1.0|4|again", "there twice"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, f"1.3.6.1.2.1.1.1.0|4|a PDU\n\n{line}\n")
    with pytest.raises(RecordingError, match="line 3") as caught:
        load_recording(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_files_that_are_no_recordings(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        load_recording(tmp_path / "nowhere.snmprec")
    with pytest.raises(RecordingError, match="directory"):
        load_recording(tmp_path)
    with pytest.raises(RecordingError, match="no record"):
        load_recording(write(tmp_path, "\n"))


# -- real ones ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "profile", "outlets"),
    [
        ("cyberpower_pdu44005", "cyberpower-epdu", 10),
        ("raritan_px3", "raritan-pdu2", 24),
        ("raritan_px_12out", "raritan-pdu2", 12),
        ("raritan_px2_sensors", "raritan-pdu2", 0),
    ],
)
@needs_netsnmp
async def test_a_recording_is_walked_as_it_is(
    shared_snmp: Path, name: str, profile: str, outlets: int
) -> None:
    path = shared_snmp / "recordings" / f"{name}.snmprec"
    recording = load_recording(path)
    found = recognise_recording(recording)
    assert found is not None
    assert found.name == profile
    mib = RecordingMib(recording, ManualClock(), found)
    assert mib.outlets == outlets
    async with ServedMib(mib) as agent:
        rows = await walk(agent.port)
    recorded = [line.split("|", 1)[0] for line in path.read_text("latin-1").splitlines() if line]
    assert [oid for oid, _ in rows] == recorded


def test_what_is_no_known_pdu_is_not_recognised(tmp_path: Path) -> None:
    text = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.3808.1.1.6\n1.3.6.1.4.1.3808.1.1.3.1.5.0|5|\n"
    assert recognise_recording(load_recording(write(tmp_path, text))) is None


@needs_netsnmp
async def test_a_cyberpower_recording_switches_in_both_branches(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "cyberpower_pdu44005.snmprec")
    clock = ManualClock()
    told: list[str] = []
    mib = RecordingMib(
        recording, clock, load_builtin("cyberpower-epdu"), lambda o, a: told.append(f"{o} {a}")
    )
    base = "1.3.6.1.4.1.3808.1.1"
    columns = [f"{base}.3.3.5.1.1.4", f"{base}.6.6.1.4.1.5", f"{base}.3.3.3.1.1.4",
               f"{base}.3.3.5.1.1.5"]  # fmt: skip
    async with ServedMib(mib) as agent:

        async def send(column: str, number: int) -> None:
            code, out = await netsnmp(
                "snmpset", agent.port, f"{column}.3", "i", str(number), community="private"
            )
            assert code == 0, out

        async def seen(outlet: int = 3) -> list[str]:
            return [await value(agent.port, f"{column}.{outlet}") for column in columns]

        assert await seen() == ["1", "1", "1", "2"]
        await send(f"{base}.3.3.3.1.1.4", 2)
        assert await seen() == ["1", "1", "1", "1"]
        clock.advance(RELAY_S)
        assert await seen() == ["2", "2", "2", "2"]
        assert await seen(4) == ["1", "1", "1", "2"]
        await send(f"{base}.6.6.1.5.1.5", 1)
        clock.advance(RELAY_S)
        assert await seen() == ["1", "1", "1", "2"]
        await send(f"{base}.3.3.3.1.1.4", 3)
        clock.advance(RELAY_S)
        assert await seen() == ["2", "2", "2", "1"]
        clock.advance(4.9)
        assert (await seen())[0] == "2"
        clock.advance(0.1)
        assert await seen() == ["1", "1", "1", "2"]
        assert len(await walk(agent.port)) == len(recording)
    assert told == ["3 off", "3 on", "3 reboot"]


@pytest.mark.parametrize("name", ["raritan_px3", "raritan_px_12out"])
@needs_netsnmp
async def test_a_raritan_recording_switches_without_a_control_branch(
    shared_snmp: Path, name: str
) -> None:
    recording = load_recording(shared_snmp / "recordings" / f"{name}.snmprec")
    clock = ManualClock()
    mib = RecordingMib(recording, clock, load_builtin("raritan-pdu2"))
    command = "1.3.6.1.4.1.13742.6.4.1.2.1.2.1"
    state = "1.3.6.1.4.1.13742.6.5.4.3.1.3.1.3.14"
    async with ServedMib(mib) as agent:
        code, out = await netsnmp(
            "snmpset", agent.port, f"{command}.3", "i", "0", community="private"
        )
        assert code == 0, out
        clock.advance(1)
        assert await value(agent.port, state) == "8"
        await netsnmp("snmpset", agent.port, f"{command}.3", "i", "2", community="private")
        clock.advance(1)
        assert await value(agent.port, state) == "8"
        clock.advance(10)
        assert await value(agent.port, state) == "7"
        code, out = await netsnmp(
            "snmpset", agent.port, f"{command}.25", "i", "0", community="private"
        )
        assert "noCreation" in out
        assert len(await walk(agent.port)) == len(recording)


def test_nothing_can_be_written_without_a_profile(tmp_path: Path) -> None:
    mib = RecordingMib(load_recording(write(tmp_path, SMALL)), ManualClock(), None)
    assert mib.check_set(ber.encode_oid((1, 3, 6, 1, 2, 1, 5, 4, 0)), ber.INTEGER, b"\x01") == 17


APC = "1.3.6.1.4.1.318.1.1"
EATON = "1.3.6.1.4.1.534.6.6.7.6.6.1"


@pytest.mark.parametrize(
    ("name", "sets", "state", "on", "off", "rebooting"),
    [
        # Each is: OID, integer, seconds after which the outlet shows it; on, off, reboot.
        ("apc_ap8641", [(f"{APC}.26.9.2.4.1.5.3", 2, 0.5), (f"{APC}.26.9.2.4.1.5.3", 1, 0.5),
                        (f"{APC}.26.9.2.4.1.5.3", 3, 0.5)], f"{APC}.26.9.2.3.1.5.3", "2", "1", "1"),
        ("apc_ap8932", [(f"{APC}.26.9.2.4.1.5.1", 2, 0.5), (f"{APC}.26.9.2.4.1.5.1", 1, 0.5),
                        (f"{APC}.26.9.2.4.1.5.1", 3, 0.5)], f"{APC}.26.9.2.3.1.5.1", "2", "1", "1"),
        ("eaton_ema114", [(f"{EATON}.3.0.2", 0, 0.5), (f"{EATON}.4.0.2", 7, 7.5),
                          (f"{EATON}.5.0.2", 0, 0.5)], f"{EATON}.2.0.2", "1", "0", "3"),
    ],
)  # fmt: skip
@needs_netsnmp
async def test_recordings_of_other_families_switch(
    shared_snmp: Path,
    name: str,
    sets: list[tuple[str, int, float]],
    state: str,
    on: str,
    off: str,
    rebooting: str,
) -> None:
    recording = load_recording(shared_snmp / "recordings" / f"{name}.snmprec")
    clock = ManualClock()
    mib = RecordingMib(recording, clock, recognise_recording(recording))
    assert mib.outlets == 24
    async with ServedMib(mib) as agent:
        assert await value(agent.port, state) == on
        for (oid, number, after_s), shown in zip(sets, (off, on, rebooting), strict=True):
            code, out = await netsnmp(
                "snmpset", agent.port, oid, "i", str(number), community="private"
            )
            assert code == 0, out
            clock.advance(after_s)
            assert await value(agent.port, state) == shown
        clock.advance(60)
        assert await value(agent.port, state) == on
        assert len(await walk(agent.port)) == len(recording)


async def set_number(mib: RecordingMib, oid: str, number: int) -> int:
    name = ber.encode_oid(ber.parse_oid(oid))
    content = ber.int_content(number)
    status = mib.check_set(name, ber.INTEGER, content)
    if status == 0:
        mib.commit_set(name, content)
    return status


def number_at(mib: RecordingMib, oid: str) -> int:
    position = mib.position(ber.encode_oid(ber.parse_oid(oid)))
    assert position is not None
    return ber.decode_int(mib.value(position)[2:])


async def test_a_recorded_delay_is_seen_and_taken_back(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "eaton_ema114.snmprec")
    clock = ManualClock()
    mib = RecordingMib(recording, clock, load_builtin("eaton-epdu"))
    state, off, on = f"{EATON}.2.0.2", f"{EATON}.3.0.2", f"{EATON}.4.0.2"
    assert await set_number(mib, off, 30) == 0
    assert number_at(mib, state) == 2
    assert await set_number(mib, on, -1) == 0
    assert number_at(mib, state) == 2
    assert await set_number(mib, off, -1) == 0
    assert number_at(mib, state) == 1
    clock.advance(60)
    assert number_at(mib, state) == 1
    assert await set_number(mib, off, -2) == 10
    assert await set_number(mib, off, 100_000) == 10


async def test_all_outlets_of_a_recording_and_a_cancelled_command(shared_snmp: Path) -> None:
    recording = load_recording(shared_snmp / "recordings" / "cyberpower_pdu44005.snmprec")
    clock = ManualClock()
    told: list[tuple[int, str]] = []
    mib = RecordingMib(
        recording, clock, load_builtin("cyberpower-epdu"), lambda o, a: told.append((o, a))
    )
    base = "1.3.6.1.4.1.3808.1.1.3.3"
    states = [f"{base}.5.1.1.4.{n}" for n in range(1, 11)]
    assert await set_number(mib, f"{base}.1.1.0", 3) == 0
    clock.advance(1)
    assert {number_at(mib, oid) for oid in states} == {2}
    assert await set_number(mib, f"{base}.1.1.0", 5) == 0
    assert {number_at(mib, f"{base}.5.1.1.5.{n}") for n in range(1, 11)} == {1}
    assert await set_number(mib, f"{base}.1.1.0", 8) == 0
    clock.advance(60)
    assert {number_at(mib, oid) for oid in states} == {2}
    assert await set_number(mib, f"{base}.3.1.1.4.4", 8) == 0
    assert told == [(0, "all_off"), (0, "all_delayed_on"), (0, "all_cancel"), (4, "identify")]


@pytest.mark.parametrize(
    ("name", "profile", "preferred", "active", "before", "number"),
    [
        ("apc_ats_ap7724", "apc-ats", f"{APC}.8.4.2.0", f"{APC}.8.5.1.2.0", 2, 1),
        ("cyberpower_pdu44005", "cyberpower-epdu", "1.3.6.1.4.1.3808.1.1.6.9.2.1.3.1",
         "1.3.6.1.4.1.3808.1.1.6.9.4.1.3.1", 1, 2),
    ],
)  # fmt: skip
async def test_a_recorded_transfer_switch_follows_its_preference(
    shared_snmp: Path,
    name: str,
    profile: str,
    preferred: str,
    active: str,
    before: int,
    number: int,
) -> None:
    recording = load_recording(shared_snmp / "recordings" / f"{name}.snmprec")
    clock = ManualClock()
    mib = RecordingMib(recording, clock, load_builtin(profile))
    assert (number_at(mib, preferred), number_at(mib, active)) == (before, before)
    assert await set_number(mib, preferred, number) == 0
    assert (number_at(mib, preferred), number_at(mib, active)) == (number, before)
    clock.advance(6)
    assert number_at(mib, active) == number
    assert await set_number(mib, preferred, 3) == 0
    clock.advance(6)
    assert (number_at(mib, preferred), number_at(mib, active)) == (3, number)
    assert await set_number(mib, preferred, 4) == 10
