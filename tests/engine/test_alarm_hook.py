"""The exec hook: real programs, real processes, short times."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.alarm import Alarm, AlarmChange, AlarmEntry, AlarmLevel
from pdutui.engine.alarms import hook as hook_module
from pdutui.engine.alarms import hook_run
from pdutui.engine.alarms.hook import MOST_AT_ONCE, MOST_WAITING, AlarmHook
from pdutui.engine.alarms.hook_job import HookJob, job_of
from pdutui.engine.alarms.hook_run import HookOutcome, run_hook
from pdutui.settings import AlarmHookSettings, PduSettings

TIME = datetime(2026, 11, 20, 14, 2, 11, 3456, tzinfo=UTC)
ENV = {
    "PATH": os.environ["PATH"], "LC_TIME": "C", "PDU_READ": "public", "PDUTUI_COMMUNITY": "secret",
    "MY_KEY": "12345678",
}  # fmt: skip
PDU = PduSettings(name="rack1-a", host="10.0.0.5", location="Row 3 / Rack 1", feed="A")


def entry(
    change: AlarmChange = "raised", level: AlarmLevel = "critical", ident: str = "abcd2345",
    **values: object,
) -> AlarmEntry:  # fmt: skip
    alarm = Alarm(
        id=ident, pdu="rack1-a", kind="overload", part="bank.1", level=level, since=TIME,
        changed=TIME, text="Bank 1 at 83 % of 16 A", value=13.28, limit=12.8, unit="A",
    )  # fmt: skip
    alarm = msgspec.structs.replace(alarm, **values)
    return AlarmEntry(time=TIME, change=change, alarm=alarm)


def script(folder: Path, text: str, name: str = "hook") -> AlarmHookSettings:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return AlarmHookSettings(argv=(str(file), "an argument"), timeout_s=5)


def job(settings: AlarmHookSettings, **values: object) -> HookJob:
    made = job_of(entry(), settings, env=ENV, pdu=PDU)
    return msgspec.structs.replace(made, **values)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- one run -------------------------------------------------------------------------------------


def test_the_program_gets_the_alarm_and_nothing_of_ours(tmp_path: Path) -> None:
    settings = script(tmp_path, f'cat > {tmp_path}/in; env > {tmp_path}/env; echo "$1" >&2')
    outcome = run_hook(job(settings))
    assert (outcome.ok, outcome.code, outcome.said) == (True, 0, "an argument")
    given = json.loads((tmp_path / "in").read_text())
    assert (given["version"], given["change"], given["location"]) == (1, "raised", "Row 3 / Rack 1")
    assert given["time"] == "2026-11-20T14:02:11.003Z"
    assert given["alarm"]["id"] == "abcd2345"
    assert (given["alarm"]["value"], given["alarm"]["over"]) == (13.28, None)
    seen = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert seen["PDUTUI_ALARM_TEXT"] == "Bank 1 at 83 % of 16 A"
    assert (seen["PDUTUI_ALARM_VALUE"], seen["PDUTUI_ALARM_LEVEL"]) == ("13.28", "critical")
    assert (seen["PDUTUI_ALARM_FEED"], seen["PDUTUI_ALARM_OVER"]) == ("A", "")
    assert seen["LC_TIME"] == "C"
    others = {name for name in seen if not name.startswith("PDUTUI_ALARM_")}
    assert others <= {"PATH", "LC_TIME", "PWD", "SHLVL", "_", "OLDPWD"}


def test_text_of_devices_cannot_put_lines_into_the_variables() -> None:
    made = job_of(
        entry(text="a\nSubject: b\x1b[2J\x00\udce9"),
        AlarmHookSettings(argv=("true",)),
        env={},
    )
    assert made.env["PDUTUI_ALARM_TEXT"] == "a?Subject: b?[2J??"
    assert json.loads(made.stdin)["alarm"]["text"].startswith("a\nSubject")


@pytest.mark.parametrize(
    ("text", "detail", "code"),
    [
        ("echo; echo ' no route  to host' >&2; echo more >&2; exit 3", "ended with 3: no route", 3),
        ("exit 1", "ended with 1", 1),
        ("kill -9 $$", "died of SIGKILL", -9),
    ],
)
def test_a_bad_end_is_said_with_the_first_line(
    tmp_path: Path, text: str, detail: str, code: int
) -> None:
    outcome = run_hook(job(script(tmp_path, text)))
    assert not outcome.ok
    assert outcome.detail.startswith(detail)
    assert outcome.code == code
    assert "more" not in outcome.detail


def test_a_program_that_takes_too_long_is_ended_with_all_of_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_run, "TERM_S", 0.1)
    settings = script(tmp_path, f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/pid; wait; wait")
    began = time.monotonic()
    outcome = run_hook(job(settings, timeout_s=0.2))
    assert time.monotonic() - began < 2
    assert outcome.detail == "took longer than 0.2 s and was ended"
    assert not alive(int((tmp_path / "pid").read_text()))


def test_what_it_leaves_behind_ends_with_it_and_holds_up_nobody(tmp_path: Path) -> None:
    """A child that keeps standard error open would hold up whoever waits for its end."""
    settings = script(tmp_path, f"sleep 60 & echo $! > {tmp_path}/pid; exit 0")
    outcome = run_hook(job(settings))
    assert outcome.ok
    assert outcome.took_s < 2
    assert not alive(int((tmp_path / "pid").read_text()))


def test_one_that_reads_nothing_and_says_much(tmp_path: Path) -> None:
    outcome = run_hook(job(script(tmp_path, "head -c 300000 /dev/zero | tr '\\0' x >&2")))
    assert outcome.ok
    assert outcome.said == "x" * 200


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    def said(settings: AlarmHookSettings) -> str:
        outcome = run_hook(job(settings))
        assert not outcome.ok
        assert outcome.code is None
        return outcome.detail

    bad = script(tmp_path, "")
    Path(bad.argv[0]).write_text("no interpreter\n")
    assert "could not be started: Exec format error" in said(bad)
    Path(bad.argv[0]).chmod(0o757)
    assert "everybody may write to" in said(bad)
    Path(bad.argv[0]).unlink()
    assert "No such file" in said(bad)


# -- the queue -----------------------------------------------------------------------------------


class Desk:
    """A hook whose programs a test runs by hand."""

    def __init__(self, **settings: object) -> None:
        self.notes: list[str] = []
        self.ran: list[HookJob] = []
        self.most = 0
        self.going = threading.Event()
        self.outcome = HookOutcome(ok=True, detail="done")
        self._lock = threading.Lock()
        self._now = 0
        self.hook = AlarmHook(
            msgspec.structs.replace(AlarmHookSettings(argv=("page",)), **settings),
            env={}, pdus={}, note=lambda _pdu, _severity, text: self.notes.append(text),
            run=self._run,
        )  # fmt: skip

    def _run(self, job: HookJob, stop: threading.Event) -> HookOutcome:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.ran.append(job)
        while not self.going.is_set() and not stop.is_set():
            time.sleep(0.002)
        with self._lock:
            self._now -= 1
        return self.outcome

    def tell(self, one: AlarmEntry, *, again: bool = False, silenced: bool = False) -> None:
        self.hook.tell(one, again=again, silenced=silenced)


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.002)


async def test_who_is_told_what() -> None:
    desk = Desk(level="critical")
    desk.going.set()
    desk.tell(entry(), again=True)
    desk.tell(entry(), silenced=True)
    desk.tell(entry(level="warning"))
    desk.tell(entry("acknowledged"))
    desk.tell(entry("eased"))
    desk.tell(entry("over", level="warning", ident="other"))
    desk.tell(entry())
    desk.tell(entry("over", level="warning"))  # it was told of as critical
    desk.tell(entry("over", ident="quiet"), silenced=True)
    desk.tell(entry(ident="b"))
    desk.tell(entry("over", ident="b"), silenced=True)  # somebody has opened a ticket for it
    await until(lambda: len(desk.ran) == 4)
    await desk.hook.stop()
    said = sorted((job.alarm_id, job.env["PDUTUI_ALARM_CHANGE"]) for job in desk.ran)
    assert [change for _, change in said] == ["over", "raised"] * 2
    assert said[2][0] == "b"
    desk.tell(entry())
    assert len(desk.ran) == 4, "nothing after the end"


async def test_a_storm_is_bounded_and_what_is_dropped_is_counted() -> None:
    desk = Desk()
    began = time.monotonic()
    for n in range(MOST_WAITING + MOST_AT_ONCE + 3):
        desk.tell(entry(ident=f"a{n}", level="warning" if 6 < n < 9 or n == 200 else "critical"))
    assert time.monotonic() - began < 1, "nobody waits for a program"
    await until(lambda: len(desk.ran) == MOST_AT_ONCE)
    assert desk.notes == ["alarm hook page: too many wait, the oldest are dropped"]
    assert desk.hook.problem == "alarm hook page 3 alarms were dropped, too many wait"
    desk.going.set()
    await until(lambda: len(desk.ran) == MOST_WAITING + MOST_AT_ONCE)
    left = {job.alarm_id for job in desk.ran}
    assert not left & {"a7", "a8", "a200"}, "what is critical gets out before warnings"
    await desk.hook.stop()
    assert desk.most == MOST_AT_ONCE
    assert desk.hook.problem == ""


async def test_one_alarm_is_told_in_its_order() -> None:
    desk = Desk()
    desk.tell(entry(ident="a"))
    desk.tell(entry("over", ident="a"))
    desk.tell(entry(ident="b"))
    await until(lambda: len(desk.ran) == 2)
    assert [job.alarm_id for job in desk.ran] == ["a", "b"]
    desk.going.set()
    await until(lambda: len(desk.ran) == 3)
    assert desk.ran[2].env["PDUTUI_ALARM_CHANGE"] == "over"
    await desk.hook.stop()


async def test_failures_are_noted_once_in_a_row() -> None:
    desk = Desk()
    desk.going.set()

    async def run(outcome: HookOutcome) -> None:
        desk.outcome = outcome
        count = len(desk.ran)
        desk.tell(entry(ident=f"a{count}"))
        await until(lambda: len(desk.ran) > count and desk.hook._idle.is_set())

    await run(HookOutcome(ok=False, detail="ended with 3: no route"))
    await run(HookOutcome(ok=False, detail="ended with 4"))
    assert desk.notes == [
        "alarm hook page failed: ended with 3: no route (raised: Bank 1 at 83 % of 16 A)"
    ]
    assert desk.hook.problem == "alarm hook page failed: ended with 4"
    await run(HookOutcome(ok=True, detail="done"))
    assert desk.notes[1:] == ["alarm hook page works again"]
    assert desk.hook.problem == ""
    await desk.hook.stop()


async def test_stopping_ends_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_module, "DRAIN_S", 0.05)
    settings = script(tmp_path, f"echo $$ > {tmp_path}/pid.part; mv {tmp_path}/pid.part"
                                f" {tmp_path}/pid; trap '' TERM; sleep 60; sleep 60")  # fmt: skip
    hook = AlarmHook(settings, env=ENV, pdus={}, note=lambda *_: None)
    hook.tell(entry(), again=False, silenced=False)
    pid = tmp_path / "pid"
    await until(pid.exists)
    began = time.monotonic()
    await hook.stop()
    assert time.monotonic() - began < 2
    assert not alive(int(pid.read_text()))
    threads = [t for t in threading.enumerate() if t.name == "pdutui-hook"]
    for thread in threads:
        await asyncio.to_thread(thread.join, 5)
    assert not [thread for thread in threads if thread.is_alive()]
