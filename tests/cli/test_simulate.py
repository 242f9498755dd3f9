"""`pdutui simulate` as a process: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ..support.netsnmp import needs_netsnmp, netsnmp, value

COMMAND = [sys.executable, "-m", "pdutui", "simulate"]
STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4.3"
SWITCH = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4.3"


class Running:
    def __init__(self, process: asyncio.subprocess.Process, port: int, first: str) -> None:
        self.process, self.port, self.first = process, port, first

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 5)).decode().rstrip()


@asynccontextmanager
async def running(*args: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--listen", "127.0.0.1:0", *args,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        first = (await asyncio.wait_for(process.stdout.readline(), 15)).decode().rstrip()
        found = re.match(r"listening on 127\.0\.0\.1:(\d+), serving ", first)
        assert found is not None, first
        yield Running(process, int(found[1]), first)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ends(*args: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 15)
    return process.returncode or 0, out.decode()


@needs_netsnmp
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_switching_is_logged_and_a_signal_ends_it(number: signal.Signals) -> None:
    async with running("--profile", "cyberpower-epdu", "--seed", "4") as simulator:
        assert "CyberPower PDU44001 (cyberpower-epdu, 10 outlets, seed 4)" in simulator.first
        assert await value(simulator.port, STATE) == "1"
        await netsnmp("snmpset", simulator.port, SWITCH, "i", "2", community="private")
        assert await simulator.line() == "SET outlet 3 off"
        await asyncio.sleep(0.95)
        assert await value(simulator.port, STATE) == "2"
        simulator.process.send_signal(number)
        assert await asyncio.wait_for(simulator.process.wait(), 5) == 0
        assert await simulator.line() == ""


@needs_netsnmp
async def test_communities_and_faults() -> None:
    options = ["--community", "see", "--write-community", "touch", "--max-varbinds", "2",
               "--too-big", "error"]  # fmt: skip
    async with running("--profile", "raritan-pdu2", *options) as simulator:
        port, name = simulator.port, "1.3.6.1.2.1.1.5.0"
        assert (await netsnmp("snmpget", port, name, community="see"))[0] == 0
        assert (await netsnmp("snmpget", port, name, community="touch"))[0] == 0
        assert "Timeout" in (await netsnmp("snmpget", port, name, timeout_s=0.3))[1]
        _, out = await netsnmp("snmpget", port, name, name, name, community="see")
        assert "tooBig" in out


@needs_netsnmp
async def test_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "one.snmprec"
    path.write_text("1.3.6.1.2.1.1.5.0|4|recorded\n")
    async with running("--recording", str(path)) as simulator:
        assert "one.snmprec (no profile, read only, 1 records, 0 switchable" in simulator.first
        assert await value(simulator.port, "1.3.6.1.2.1.1.5.0") == '"recorded"'


async def test_the_models_are_listed_by_family() -> None:
    code, out = await ends("--model", "list")
    assert code == 0
    assert "raritan-pdu2\n  px3 " in out
    assert "\n  px3ts           Raritan PX3TS-5464R: transfer switch, 8 metered outlets\n" in out


async def test_a_model_brings_its_family_along() -> None:
    async with running("--model", "ap7724") as simulator:
        assert simulator.first.endswith("serving APC AP7724 (apc-ats, 0 outlets, seed 1)")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--profile", "toaster"], "there is no model to serve as 'toaster' (there are: cyberp"),
        (["--model", "toaster"], "there is no model 'toaster' (there are: pdu44001, "),
        (["--model", "px3", "--profile", "eaton-epdu"], "of eaton-epdu (there are: emat08, emat10"),
        (["--model", "px3", "--recording", "x"], "--model and --recording exclude each other"),
        (["--profile", "auto"], "there is no model to serve as 'auto'"),
        (["--listen", "nowhere"], "HOST:PORT"),
        (["--listen", "127.0.0.1:99999"], "HOST:PORT"),
        (["--listen", "203.0.113.9:1161"], "cannot listen on 203.0.113.9:1161"),
        (["--recording", "/no/such/file"], "No such file"),
        (["--loss", "1.5"], "--loss"),
        (["--max-varbinds", "0"], "--max-varbinds"),
        (["--bogus"], "--bogus"),
    ],
)
async def test_bad_usage(args: list[str], says: str) -> None:
    code, out = await ends(*args)
    assert code == 2, out
    assert says in out
    assert "Traceback" not in out


async def test_a_bad_recording_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.snmprec"
    path.write_text("1.3.6.1.2.1.1.5.0|4|fine\n1.3.6.1.2.1.1.7.0|2|seven\n")
    code, out = await ends("--recording", str(path))
    assert code == 2
    assert "line 2" in out
    assert "'seven' is not a whole number" in out


async def test_a_port_in_use() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        code, out = await ends("--listen", f"127.0.0.1:{port}")
    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in out
    assert "in use" in out
    assert "Traceback" not in out
