"""`pdutui traps` as a process, and `simulate --trap-to` beside it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.netsnmp import needs_netsnmp, netsnmp
from tests.support.program import environment, free_port
from tests.support.traps import OUTLET, OUTLET_OFF, send, v1_trap, v2_trap

COMMAND = [sys.executable, "-m", "pdutui"]


class Printing:
    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 5)).decode().rstrip()

    async def complaint(self) -> str:
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.readline(), 5)).decode().rstrip()


@asynccontextmanager
async def printing(home: Path, *args: str, **env: str) -> AsyncIterator[Printing]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "traps", "--listen", "127.0.0.1:0", *args,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=environment(home, **env),
    )  # fmt: skip
    assert process.stderr is not None
    try:
        first = (await asyncio.wait_for(process.stderr.readline(), 15)).decode()
        found = re.search(r"listening for traps on 127\.0\.0\.1:(\d+)", first)
        assert found is not None, first
        yield Printing(process, int(found[1]))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_lines_for_people_and_the_end_by_count(tmp_path: Path) -> None:
    async with printing(tmp_path, "--count", "2") as out:
        send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))
        line = await out.line()
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 127\.0\.0\.1 warning: outlet 3 turned off on the "
            r"device \[ePDUOutletOff 1\.3\.6\.1\.4\.1\.3808\.0\.103\]",
            line,
        ), line
        send(out.port, v1_trap("1.3.6.1.4.1.1718.4", 6, 3, ("1.3.6.1.4.1.1718.4.1", "words")))
        assert (await out.line()).endswith(
            "warning: trap 1.3.6.1.4.1.1718.4.0.3: words [1.3.6.1.4.1.1718.4.0.3]"
        )
        assert await asyncio.wait_for(out.process.wait(), 5) == 0


async def test_json_has_every_variable(tmp_path: Path) -> None:
    async with printing(tmp_path, "--json", "--community", "netops") as out:
        send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), community="public"))
        send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), ("1.3.6.1.4.1.9", b"\x00\xff"),
                               community="netops"))  # fmt: skip
        seen = json.loads(await out.line())
        assert "wrong community" in await out.complaint()
        out.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(out.process.wait(), 5) == 0
    assert (seen["pdu"], seen["kind"], seen["outlet"], seen["version"]) == (
        None, "outlet_off", 3, "2c",
    )  # fmt: skip
    assert seen["varbinds"] == [
        {"oid": f"{OUTLET}.3", "type": "integer", "value": 3},
        {"oid": "1.3.6.1.4.1.9", "type": "hex", "value": "00ff"},
    ]
    assert "netops" not in json.dumps(seen)


async def test_only_configured_pdus_count_where_there_are_any(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[traps]\ncommunity = ["one", "two"]\n[[pdu]]\nname = "rack1-a"\nhost = "127.0.0.1"\n'
        '[[pdu]]\nname = "far"\nhost = "192.0.2.1"\n'
    )
    config.chmod(0o600)
    async with printing(tmp_path, "--config", str(config), "--count", "1") as out:
        send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3), community="two"))
        assert " rack1-a warning: outlet 3 turned off" in await out.line()
    async with printing(tmp_path, "--config", str(config), "far") as out:
        send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))
        assert "unknown sender" in await out.complaint()


async def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    async with printing(tmp_path) as out:
        assert out.process.stdout is not None
        out.process.stdout._transport.close()  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
        for _ in range(3):
            send(out.port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))
        assert await asyncio.wait_for(out.process.wait(), 5) == 141


def test_what_cannot_be_listened_at(cli: Cli) -> None:
    done = cli("traps", "--listen", "127.0.0.1:70000")
    assert done.code == 2
    assert "--listen" in done.err
    done = cli("traps", "--listen", "192.0.2.1:1162", "--count", "1")
    assert (done.code, done.out) == (2, "")
    assert "cannot listen for traps on 192.0.2.1:1162" in done.err


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    async with printing(tmp_path) as out:
        second = await asyncio.create_subprocess_exec(
            *COMMAND, "traps", "--listen", f"127.0.0.1:{out.port}",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=environment(tmp_path),
        )  # fmt: skip
        _, err = await asyncio.wait_for(second.communicate(), 10)
        assert second.returncode == 2
        assert "in use" in err.decode()


@needs_netsnmp
@pytest.mark.parametrize("more", [(), ("--trap-version", "1"), ("--inform", "--trap-version", "3")])
async def test_the_simulator_tells_of_a_set(tmp_path: Path, more: tuple[str, ...]) -> None:
    login = ("--v3-user", "ops", "--v3-auth", "SHA256", "--v3-auth-key-env", "KEY",
             "--v3-priv", "AES", "--v3-priv-key-env", "KEY")  # fmt: skip
    user = login if "3" in more else ()
    port = free_port()
    async with printing(tmp_path, "--json", *user, KEY="passphrase1") as out:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "simulate", "--quiet", "--listen", f"127.0.0.1:{port}",
            "--trap-to", f"127.0.0.1:{out.port}", *more, *user,
            stdout=asyncio.subprocess.PIPE, env=environment(tmp_path, KEY="passphrase1"),
        )  # fmt: skip
        try:
            assert process.stdout is not None
            await asyncio.wait_for(process.stdout.readline(), 15)
            oid = "1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4.3"
            code, text = await netsnmp("snmpset", port, oid, "i", "2", community="private")
            assert code == 0, text
            seen = json.loads(await out.line())
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    assert (seen["kind"], seen["outlet"], seen["name"]) == ("outlet_off", 3, "ePDUOutletOff")
    assert seen["inform"] == ("--inform" in more)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--inform",), "--inform goes with --trap-to"),
        (("--trap-to", "127.0.0.1", "--inform", "--trap-version", "1"), "SNMPv1 has no informs"),
        (("--trap-to", "127.0.0.1", "--trap-version", "3"), "needs a --v3-user"),
        (("--trap-to", "x y"), "--trap-to"),
    ],
)
def test_what_the_simulator_refuses(cli: Cli, args: tuple[str, ...], says: str) -> None:
    done = cli("simulate", "--listen", "127.0.0.1:0", *args)
    assert done.code == 2
    assert says in done.err


def test_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys, pdutui.cli.traps, pdutui.engine.traps\n"
        "print([m for m in ('textual', 'pysnmp', 'plotext', 'cryptography') if m in sys.modules])"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env=dict(os.environ))  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr


async def test_a_name_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    async with printing(tmp_path, "nowhere.invalid") as out:
        assert "cannot resolve nowhere.invalid" in await out.complaint()


def test_what_the_environment_says_wrong_is_not_blamed_on_the_file(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDUTUI_TRAPS_LISTEN", "x:y")
    done = cli("config", "check")
    assert done.code == 2
    assert "environment: PDUTUI_TRAPS_LISTEN is wrong" in done.err
