"""The SNMPv3 users of `pdutui simulate`, as a process, with net-snmp as the manager."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from ..support.netsnmp import needs_netsnmp, netsnmp
from ..support.netsnmp import netsnmp_v3 as v3
from .test_simulate import SWITCH, ends, running

NAME = "1.3.6.1.2.1.1.5.0"
LOGIN = ("-u", "ops", "-l", "authPriv", "-a", "SHA-256", "-A", "hush auth phrase",
         "-x", "AES", "-X", "hush priv phrase")  # fmt: skip


@pytest.fixture
def user(tmp_path: Path) -> list[str]:
    (tmp_path / "a").write_text("hush auth phrase\n")
    (tmp_path / "p").write_text("hush priv phrase\n")
    return [
        "--v3-user", "ops", "--v3-auth", "sha-256", "--v3-auth-key-file", str(tmp_path / "a"),
        "--v3-priv", "aes", "--v3-priv-key-file", str(tmp_path / "p"),
    ]  # fmt: skip


@needs_netsnmp
async def test_a_user_who_may_write_beside_the_communities(user: list[str]) -> None:
    async with running("--quiet", *user, "--v3-write") as simulator:
        said = await simulator.line()
        assert re.fullmatch(r"SNMPv3 engine 80001f8804[0-9a-f]+: ops \(authPriv, writes\)", said)
        assert (await v3("snmpget", simulator.port, LOGIN, NAME))[0] == 0
        assert (await netsnmp("snmpget", simulator.port, NAME))[0] == 0
        assert (await v3("snmpset", simulator.port, LOGIN, SWITCH, "i", "2"))[0] == 0
        assert "outlet 3 off" in await simulator.line()
        simulator.process.send_signal(signal.SIGTERM)
        assert await simulator.process.wait() == 0


@needs_netsnmp
async def test_a_user_who_reads_and_one_who_writes(user: list[str]) -> None:
    async with running("--quiet", *user, "--v3-write-user", "boss") as simulator:
        said = await simulator.line()
        assert said.endswith(": ops (authPriv, reads), boss (authPriv, writes)")
        code, out = await v3("snmpset", simulator.port, LOGIN, SWITCH, "i", "2")
        assert (code, "noAccess" in out) == (2, True)
        boss = ("-u", "boss", *LOGIN[2:])
        assert (await v3("snmpset", simulator.port, boss, SWITCH, "i", "2"))[0] == 0


@needs_netsnmp
async def test_a_recording_in_a_context(user: list[str], tmp_path: Path) -> None:
    (tmp_path / "one.snmprec").write_text(f"{NAME}|4|recorded\n")
    recording = ("--recording", str(tmp_path / "one.snmprec"))
    async with running(*recording, *user, "--v3-context", "rack") as simulator:
        _, out = await v3("snmpget", simulator.port, (*LOGIN, "-n", "rack"), NAME)
        assert "recorded" in out
        _, out = await v3("snmpget", simulator.port, LOGIN, NAME)
        assert "Bad context" in out


@needs_netsnmp
async def test_a_reboot_does_not_lock_out_a_manager_that_asks_for_the_time(
    user: list[str],
) -> None:
    async with running(*user, "--v3-reboot-after", "0") as simulator:
        assert (await v3("snmpget", simulator.port, LOGIN, NAME))[0] == 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--v3-write"], "--v3-write goes with --v3-user"),
        (["--v3-auth", "MD5"], "--v3-user is missing"),
        (["--v3-user", "ops", "--v3-auth", "MD5"], "is missing, the key for MD5"),
        (["--v3-user", "ops", "--v3-auth", "MD6"], "did you mean MD5?"),
        (["--v3-user", "ops", "--v3-auth", "MD5", "--v3-auth-key-env", "NOT_SET"],
         "--v3-auth-key-env: the environment has no NOT_SET"),
    ],
)  # fmt: skip
async def test_wrong_users(args: list[str], says: str) -> None:
    code, out = await ends(*args)
    assert (code, "Traceback" in out) == (2, False)
    assert says in out
