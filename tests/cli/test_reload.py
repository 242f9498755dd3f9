"""Reading the configuration of a running console again: files, secrets, devices over real UDP."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.snmp.library import load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.cli.console import opened_engine
from pdutui.cli.wanted import Wanted
from pdutui.config_errors import ConfigError
from pdutui.domain.clock import SystemClock
from pdutui.engine.engine import Engine
from pdutui.engine.events import ReadingArrived, SettingsChanged
from tests.support.agent import ServedMib

PDU = '[[pdu]]\nname = "{}"\nhost = "127.0.0.1:{}"\nwrite_community = "private"\n'
MOCK = '[[pdu]]\nname = "{}"\nbackend = "mock"\n'


def served() -> ServedMib:
    clock = SystemClock()
    model = mock_pdu("pdu44001", start_s=clock.monotonic(), incidents=False)
    return ServedMib(ModelMib(load_builtin("cyberpower-epdu"), model, clock=clock))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.touch(0o600)
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "state"))
    for name in ("PDUTUI_COMMUNITY", "PDUTUI_WRITE_COMMUNITY"):
        monkeypatch.delenv(name, raising=False)
    return path


@asynccontextmanager
async def console(
    file: Path, *hosts: str, **control: object
) -> AsyncIterator[tuple[Engine, list[str]]]:
    """An engine as the console has it, started; and what it said of the configuration."""
    wanted = Wanted(overrides={"control": control}, config=file, hosts=hosts)
    settings = wanted.read(say=lambda _: None)
    said: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, SettingsChanged):
            said.append(event.text)

    clock = SystemClock()
    async with opened_engine(settings, clock, demo=None, read=wanted.read_again) as engine:
        engine.subscribe(hear)
        await engine.start()
        try:
            yield engine, said
        finally:
            await engine.stop()


async def again(engine: Engine) -> bool:
    assert engine.reread is not None
    return await engine.reread() is not None


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def test_devices_come_and_go_and_the_others_are_asked_on_in_time(file: Path) -> None:
    async with served() as one, served() as two:
        fast = "[poll]\ninterval_s = 0.2\n[history]\nenabled = false\n"
        file.write_text(fast + PDU.format("rack1-a", one.port))
        async with console(file) as (engine, said):
            await until(lambda: engine.view("rack1-a").health == "live")
            times: list[float] = []
            clock = SystemClock()

            def hear(event: object) -> None:
                if isinstance(event, ReadingArrived) and event.pdu == "rack1-a":
                    times.append(clock.monotonic())

            engine.subscribe(hear)
            both = PDU.format("rack1-b", two.port) + PDU.format("rack1-a", one.port)
            file.write_text(fast + both)
            assert await again(engine)
            assert engine.pdus == ("rack1-b", "rack1-a")
            await until(lambda: engine.view("rack1-b").health == "live")
            file.write_text(fast + both.replace("private", "other"))
            assert await again(engine)
            await until(lambda: len(times) > 6)
            assert engine.view("rack1-a").health == "live"
            file.write_text(fast + PDU.format("rack1-b", two.port))
            assert await again(engine)
            assert engine.pdus == ("rack1-b",)
            assert engine.view("rack1-b").health == "live"
            # How even the polls are is tried on a clock of our own: machines of tests are busy.
            assert max(b - a for a, b in itertools.pairwise(times)) < 3
        assert said == [
            "configuration read again: 1 PDU added (rack1-b)",
            "configuration read again: 2 PDUs changed (rack1-b, rack1-a)",
            "configuration read again: 1 PDU gone (rack1-a), 1 changed (rack1-b)",
        ]


async def test_a_bad_file_changes_nothing_and_is_named_with_its_line(
    file: Path, tmp_path: Path
) -> None:
    file.write_text(MOCK.format("rack1-a"))
    async with console(file) as (engine, said):
        before = engine.settings
        for text, first, more in (
            (
                "[poll]\ninterval_s = 0\nretries = 99\n" + MOCK.format("x"),
                "line 2: poll.interval_s",
                1,
            ),
            ("[poll\n", "is not TOML", 0),
            ("[ui]\n", "it names no PDU", 0),
            (MOCK.format("x") + 'profile = "nonesuch"\n', "line 4: [pdu 'x'] profile", 0),
        ):
            file.write_text(text)
            assert not await again(engine)
            assert engine.settings is before
            many = " (2 problems, all in pdutui.log)" if more else ""
            where = "config.toml" if "line" in first or "TOML" in first else "it"
            assert said[-1].startswith(f"configuration not taken{many}: {where}")
            assert first in said[-1]
        file.unlink()
        assert not await again(engine)
        assert "no such file" in said[-1]
        assert engine.pdus == ("rack1-a",)
        assert [line.text for line in engine.recent_log(9)][-1] == said[-1]
    log = (tmp_path / "state" / "pdutui.log").read_text()
    assert "line 3: poll.retries" in log


async def test_what_the_command_line_says_stays_said(file: Path) -> None:
    file.write_text(MOCK.format("rack1-a") + MOCK.format("rack1-b") + "[control]\n")
    async with console(file, "rack1-b", read_only=True) as (engine, said):
        file.write_text(MOCK.format("rack1-a") + MOCK.format("rack1-b") + 'feed = "B"\n')
        assert await again(engine)
        assert engine.pdus == ("rack1-b",)
        info = engine.view("rack1-b").info
        assert (info.feed, info.read_only) == ("B", True)
        file.write_text(MOCK.format("rack1-a"))
        assert not await again(engine)
        assert "rack1-b is not configured any more" in said[-1]
        assert engine.view("rack1-b").info.address == "mock"


async def test_new_secrets_are_kept_out_of_the_log_from_the_start(
    file: Path, tmp_path: Path
) -> None:
    file.write_text(MOCK.format("rack1-a"))
    async with console(file) as (engine, _):
        file.write_text(MOCK.format("rack1-a") + 'write_community = "hush-hush"\n')
        assert await again(engine)
        logging.getLogger("pdutui.test").warning("it was hush-hush")
    assert "it was ***" in (tmp_path / "state" / "pdutui.log").read_text()


async def test_wishes_while_it_is_read_are_one_wish_more(file: Path) -> None:
    file.write_text(MOCK.format("rack1-a"))
    async with console(file) as (engine, said):
        assert engine.reread is not None
        done = await asyncio.gather(*(engine.reread() for _ in range(5)))
        assert [settings is not None for settings in done] == [True, True, False, False, False]
        assert said == ["configuration read again: it says what it said before"] * 2


def test_a_host_that_cannot_be_meant_any_more_is_an_error_of_the_reload(file: Path) -> None:
    file.write_text(MOCK.format("rack1-a"))
    wanted = Wanted(overrides={}, config=file, hosts=("rack1-a",))
    settings = wanted.read()
    again = Wanted(overrides={}, config=file, hosts=("not a host",))
    with pytest.raises(ConfigError, match="no host name"):
        again.read_again(settings)
