"""The console over SNMPv3: it reads, switches, and goes on after the device was replaced."""

from __future__ import annotations

import time
from pathlib import Path

from tests.support.program import PDUTUI, Simulator, environment, snmpget_until
from tests.support.tmux import Terminal

STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4.3"
USER = ("--v3-user", "ops", "--v3-auth", "SHA256", "--v3-priv", "AES")


def test_the_console_switches_and_outlives_another_engine(tmp_path: Path) -> None:
    for name in ("auth", "priv"):
        (tmp_path / name).write_text(f"hush {name} phrase")
        (tmp_path / name).chmod(0o600)
    agent = (
        "--quiet", *USER, "--v3-write", "--v3-auth-key-file", str(tmp_path / "auth"),
        "--v3-priv-key-file", str(tmp_path / "priv"),
    )  # fmt: skip
    env = environment(
        tmp_path, PDUTUI_V3_AUTH_KEY="hush auth phrase", PDUTUI_V3_PRIV_KEY="hush priv phrase"
    )
    device = Simulator(*agent, home=tmp_path)
    with Terminal([*PDUTUI, device.address, *USER], env=env) as terminal:
        terminal.wait("LIVE", 15)
        terminal.keys("j", "j", "f")
        terminal.wait("Turn OFF outlet 3")
        time.sleep(0.4)
        terminal.keys("y")
        assert snmpget_until(device.address, STATE, "2") == "2"
        terminal.wait("fw01: off after")
        device.kill()
        terminal.wait("LATE", 4)
        with Simulator(*agent, "--seed", "2", home=tmp_path, port=device.port):
            screen = terminal.wait("LIVE", 10)
            assert "hush" not in screen
            terminal.keys("q")
            terminal.wait("exit-code=0")
    log = tmp_path / "state" / "pdutui.log"
    assert not log.exists() or "hush" not in log.read_text()
