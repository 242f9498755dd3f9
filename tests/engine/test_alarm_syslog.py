"""Alarms in a syslog: the message, and who is sent what."""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.alarm import Alarm, AlarmChange, AlarmEntry
from pdutui.domain.syslog_alarm import alarm_message
from pdutui.engine.alarms.syslog_out import AlarmSyslog
from pdutui.settings import AlarmSettings

TIME = datetime(2026, 11, 20, 14, 2, 11, 3456, tzinfo=UTC)
ALARM = Alarm(
    id="abcd2345", pdu="rack1-a", kind="overload", part="bank.1", level="critical", since=TIME,
    changed=TIME, text="Bank 1 at 103 % of 16 A", value=16.5, limit=16, unit="A",
)  # fmt: skip


def entry(change: AlarmChange = "raised", **values: object) -> AlarmEntry:
    return AlarmEntry(time=TIME, change=change, alarm=msgspec.structs.replace(ALARM, **values))


def message(one: AlarmEntry) -> str:
    return alarm_message(one, facility="local0", host="noc1", pid=42).decode()


def test_an_alarm_as_a_message() -> None:
    assert message(entry()) == (
        "<130>1 2026-11-20T14:02:11.003456Z noc1 pdutui 42 alarm "
        '[pdutui@32473 id="abcd2345" pdu="rack1-a" kind="overload" part="bank.1" level="critical"'
        ' change="raised" since="2026-11-20T14:02:11.003456Z" value="16.5" limit="16" unit="A"'
        ' times="1"] raised critical: near overload on rack1-a: Bank 1 at 103 % of 16 A'
    )
    over = entry("over", over=TIME + timedelta(seconds=9), value=None, rule="r")
    assert ' rule="r" level="critical" change="over"' in message(over)
    assert ' over="2026-11-20T14:02:20.003456Z" limit=' in message(over)
    ack = msgspec.structs.replace(entry("acknowledged"), by="anna", comment="on my way")
    assert message(ack).endswith("Bank 1 at 103 % of 16 A by anna (on my way)")


@pytest.mark.parametrize(
    ("change", "level", "priority"),
    [
        ("raised", "critical", 130), ("raised", "warning", 132), ("escalated", "critical", 130),
        ("eased", "warning", 132), ("over", "critical", 133), ("acknowledged", "critical", 134),
    ],
)  # fmt: skip
def test_severities(change: AlarmChange, level: str, priority: int) -> None:
    assert message(entry(change, level=level)).startswith(f"<{priority}>1 ")


def test_nothing_in_an_alarm_can_forge_a_message() -> None:
    evil = 'a\n<85>1 - forged"] \x1b[2J\\'
    said = message(entry(text=evil, pdu=evil, rule=evil))
    assert said.count("\n") == 0
    assert re.fullmatch(r'<130>1 [^\[]*\[(?:[^"\]]|"(?:[^"\\\]]|\\.)*")*\] [^\n\x1b]*', said)


async def test_silenced_alarms_are_logged_and_repeated_ones_are_not(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.settimeout(5)
        server.bind(path)
        told: list[str] = []
        settings = AlarmSettings(syslog=f"unix:{path}", facility="daemon")
        out = AlarmSyslog(settings, tell=lambda _severity, text: told.append(text))
        out.tell(entry(id="first"), again=False, silenced=True)
        out.tell(entry(id="again"), again=True, silenced=False)
        out.tell(entry(id="last"), again=False, silenced=False)
        got = [await asyncio.to_thread(server.recv, 65536) for _ in range(2)]
        await out.stop()
    assert b'id="first"' in got[0]
    assert got[0].startswith(b"<26>1 ")
    assert b'id="last"' in got[1]
    assert (told, out.problem) == ([], "")


async def test_a_syslog_that_is_away_is_a_problem(tmp_path: Path) -> None:
    told: list[str] = []
    settings = AlarmSettings(syslog=f"unix:{tmp_path}/away")
    out = AlarmSyslog(settings, tell=lambda _severity, text: told.append(text))
    out.tell(entry(), again=False, silenced=False)
    for _ in range(1000):
        if out.problem:
            break
        await asyncio.sleep(0.002)
    assert told == [out.problem]
    assert out.problem.startswith(f"alarms to unix:{tmp_path}/away does not work")
    await out.stop()
