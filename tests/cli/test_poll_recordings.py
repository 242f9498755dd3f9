"""`pdutui poll --json` on recorded devices served by a foreign agent, judged from outside."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from tests.cli.conftest import Cli
from tests.support.snmpsim import SnmpsimAgent

NAMES = (
    "cyberpower_pdu44005",
    "raritan_px3",
    "raritan_px_12out",
    "raritan_px2_sensors",
    "apc_ap8641",
    "apc_ap8932",
    "apc_ats_ap7724",
    "eaton_ema114",
)


OPS = V3User(
    user="ops", auth="SHA256", auth_key=Secret("auth-pass-1"), priv="AES128",
    priv_key=Secret("priv-pass-1"),
)  # fmt: skip
KEYS = {"AUTH_PASS": "auth-pass-1", "PRIV_PASS": "priv-pass-1"}


def credentials(version: str, name: str) -> list[str]:
    """The options that reach a recording: its name is the community, or the v3 context."""
    if version != "3":
        return ["--snmp-version", version, "--community", name]
    return ["--snmp-version", "3", "--v3-user", "ops", "--v3-auth", "SHA256", "--v3-auth-key-env",
            "AUTH_PASS", "--v3-priv", "AES128", "--v3-priv-key-env", "PRIV_PASS", "--v3-context",
            name]  # fmt: skip


@pytest.fixture(scope="module")
def foreign(shared_snmp: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an agent that serves each recording under its name as community."""
    folder = tmp_path_factory.mktemp("recordings")
    for name in NAMES:
        shutil.copy(shared_snmp / "recordings" / f"{name}.snmprec", folder)
    with SnmpsimAgent(folder, users=(OPS,)) as agent:
        yield f"127.0.0.1:{agent.port}"


@pytest.mark.parametrize("version", ["1", "2c", "3"])
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_device_reads_as_expected(
    cli: Cli,
    foreign: str,
    shared_snmp: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    version: str,
) -> None:
    for variable, key in KEYS.items():
        monkeypatch.setenv(variable, key)
    done = cli("poll", foreign, *credentials(version, name), "--json")
    assert (done.code, done.err) == (0, "")
    judged = subprocess.run(
        [sys.executable, shared_snmp / "compare.py", shared_snmp / "expected" / f"{name}.json"],
        input=done.out,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert judged.returncode == 0, judged.stdout
