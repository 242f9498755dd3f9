"""`pdutui poll`: pacing and exit codes with backends made up, then a device over real SNMP."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdutui.backends.base import (
    Backend,
    BackendError,
    DeviceError,
    OutletStatus,
    Refused,
    Unreachable,
    Unsupported,
)
from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE, USAGE
from pdutui.cli.poll import poll_all
from pdutui.domain.clock import Clock
from pdutui.domain.commands import OutletAction
from pdutui.domain.health import Link
from pdutui.domain.reading import Reading, from_json
from pdutui.settings import PduSettings
from tests.cli.conftest import Cli
from tests.support.clock import ManualClock


class Scripted(Backend):
    """Answers from a list: an error to raise, or how many seconds a good poll takes."""

    def __init__(self, name: str, clock: Clock, script: list[BackendError | float]) -> None:
        self.name = name
        self.began: list[float] = []
        self.closed = False
        self._clock = clock
        self._script = script

    async def poll(self) -> Reading:
        self.began.append(self._clock.monotonic() - 1000.0)
        step = self._script.pop(0)
        if isinstance(step, BackendError):
            raise step
        await self._clock.sleep(step)
        return Reading(pdu=self.name, time=datetime(2026, 1, 1, tzinfo=UTC))

    async def read_outlet(self, number: int) -> OutletStatus:
        raise AssertionError("poll reads no single outlet")

    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        raise AssertionError("poll switches nothing")

    @property
    def link(self) -> Link:
        return Link(opened_s=0.0)

    async def aclose(self) -> None:
        self.closed = True


async def run_poll(
    scripts: dict[str, list[BackendError | float]], *, count: int, interval_s: float = 1.0
) -> tuple[int, dict[str, Scripted], list[str], list[str]]:
    clock = ManualClock()
    backends = {name: Scripted(name, clock, script) for name, script in scripts.items()}
    read: list[str] = []
    failed: list[str] = []
    work = asyncio.create_task(
        poll_all(
            tuple(PduSettings(name=name, host="h") for name in scripts),
            clock,
            count=count,
            interval_s=interval_s,
            emit=lambda reading: read.append(reading.pdu),
            complain=lambda pdu, error: failed.append(f"{pdu.name}: {error}"),
            make=lambda pdu, _: backends[pdu.name],
        )
    )
    await clock.run(60)
    assert work.done()
    return work.result(), backends, read, failed


async def test_polls_keep_to_the_grid_and_skip_what_they_overran() -> None:
    code, backends, read, _ = await run_poll({"a": [0.25, 0.25, 2.5, 0.25, 0.0]}, count=5)
    assert code == DONE
    assert backends["a"].began == [0.0, 1.0, 2.0, 5.0, 6.0]
    assert backends["a"].closed
    assert read == ["a"] * 5


async def test_a_poll_that_ends_on_the_grid_does_not_lose_a_slot() -> None:
    _, backends, _, _ = await run_poll({"a": [1.0, 1.0, 0.0]}, count=3)
    assert backends["a"].began == [0.0, 1.0, 2.0]


async def test_targets_are_read_side_by_side() -> None:
    _, backends, read, _ = await run_poll({"slow": [3.0], "fast": [0.1]}, count=1)
    assert backends["slow"].began == backends["fast"].began == [0.0]
    assert read == ["fast", "slow"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([Unreachable("no answer"), 0.0], DONE),
        ([0.0, Unreachable("no answer")], UNREACHABLE),
        ([0.0, Refused("bad community")], UNREACHABLE),
        ([0.0, Unsupported("a printer")], BAD_NEWS),
        ([0.0, DeviceError("nonsense")], BAD_NEWS),
    ],
)
async def test_the_last_try_decides_the_exit_code(
    script: list[BackendError | float], code: int
) -> None:
    got, _, read, failed = await run_poll({"a": script}, count=2)
    assert got == code
    assert (len(read), len(failed)) == (1, 1)


async def test_the_worst_target_decides_the_exit_code() -> None:
    got, _, read, failed = await run_poll(
        {"a": [0.0], "b": [Unreachable("no answer")], "c": [Unsupported("a printer")]}, count=1
    )
    assert got == UNREACHABLE
    assert read == ["a"]
    assert sorted(failed) == ["b: no answer", "c: a printer"]


def test_a_configured_model_as_json(cli: Cli) -> None:
    done = cli("poll", "bench", "--json", "--count", "2", "--interval", "0.2")
    assert (done.code, done.err) == (0, "")
    first, second = (from_json(line) for line in done.out.splitlines())
    assert first.pdu == "bench"
    assert len(first.outlets) == 24
    assert first.outlets[0].name == "db-main", "the configured name"
    assert second.time > first.time


def test_names_given_in_the_console_are_shown_too(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "names.toml").write_text('[bench]\n1 = "renamed"\n')
    assert json.loads(cli("poll", "bench", "--json").out)["outlets"][0]["name"] == "renamed"


def test_several_targets_and_one_of_them_dead(cli: Cli) -> None:
    done = cli("poll", "bench", "dead", "--json")
    assert done.code == 3
    assert json.loads(done.out)["pdu"] == "bench"
    assert done.err.startswith("pdutui: dead: ")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("poll",), "Missing argument"),
        (("poll", "bench", "bench"), "bench is named twice"),
        (("poll", "two words"), "no host name"),
        (("poll", "h:99999"), "the port must be a number from 1 to 65535"),
        (("poll", "h:161", "--port", "162"), "names a port and --port 162 another"),
        (("poll", "h", "--snmp-version", "3"), "h: --v3-user is missing"),
        (("poll", "h", "--profile", "raritan"), "did you mean 'raritan-pdu2'?"),
        (("poll", "h", "--timeout", "0"), "is not in the range"),
        (("poll", "h", "--community", "a", "--community-env", "B"), "exclude each other"),
        (("poll", "h", "--community-env", "NOT_SET_AT_ALL"), "has no NOT_SET_AT_ALL"),
        (("poll", "h", "--community-file", "/nowhere"), "/nowhere cannot be read"),
        (("poll", "h", "--interval", "0.1"), "is not in the range"),
        (("poll", "h", "--comunity", "x"), "No such option"),
        (("poll", "h", "--config", "/nowhere.toml"), "/nowhere.toml: no such file"),
    ],
)
def test_wrong_usage(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli(*argv)
    assert done.code == USAGE
    assert said in done.err
    assert done.out == ""


def test_a_word_that_is_neither_configured_nor_a_host(cli: Cli) -> None:
    done = cli("poll", "rack9", "--timeout", "0.5", "--retries", "0")
    assert done.code == UNREACHABLE
    assert "not a configured PDU either; configured: bench, shelf, dead" in done.err


def test_a_device_over_snmp(cli: Cli, device: str) -> None:
    started = time.monotonic()
    done = cli("poll", device)
    took = time.monotonic() - started
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{device}  CyberPower PDU44001")
    assert "transfer switch: active A" in done.out
    assert took < 1.0


def test_a_wrong_community_is_unreachable_and_says_what_it_may_be(cli: Cli, device: str) -> None:
    argv = ("poll", device, "--timeout", "0.3", "--retries", "0")
    done = cli(*argv, "--community", "hush-hush")
    assert done.code == UNREACHABLE
    assert "community" in done.err
    assert "hush" not in done.err


@pytest.mark.parametrize("way", ["option", "env", "file", "PDUTUI_COMMUNITY"])
def test_ways_to_give_the_community(
    cli: Cli, device: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ro").write_text("public\n")
    monkeypatch.setenv("MINE", "public")
    monkeypatch.setenv("PDUTUI_COMMUNITY", "public" if way == "PDUTUI_COMMUNITY" else "wrong")
    given = {
        "option": ("--community", "public"),
        "env": ("--community-env", "MINE"),
        "file": ("--community-file", str(tmp_path / "ro")),
    }.get(way, ())
    done = cli("poll", device, "--timeout", "1", "--retries", "0", *given)
    assert done.code == DONE, done.err
