"""What a person does first: a simulated PDU in one terminal, the console in another."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.support.program import PDUTUI, Simulator, environment, free_port, run, snmpget_until
from tests.support.tmux import Terminal

CYBERPOWER_STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4.3"
RARITAN_STATE = "1.3.6.1.4.1.13742.6.4.1.2.1.3.1.3"


@pytest.mark.parametrize(
    ("profile", "state_oid", "off"),
    [("cyberpower-epdu", CYBERPOWER_STATE, "2"), ("raritan-pdu2", RARITAN_STATE, "8")],
)
def test_f_and_y_on_outlet_3_turn_it_off_and_the_device_says_so(
    tmp_path: Path, profile: str, state_oid: str, off: str
) -> None:
    with (
        Simulator("--profile", profile, "--seed", "7", home=tmp_path) as device,
        Terminal([*PDUTUI, device.address], env=environment(tmp_path)) as terminal,
    ):
        terminal.wait("LIVE", 15)
        assert snmpget_until(device.address, state_oid, "x", 0) != off
        terminal.keys("j", "j", "f")
        terminal.wait("Turn OFF outlet 3")
        time.sleep(0.4)
        terminal.keys("y")
        assert snmpget_until(device.address, state_oid, off) == off
        terminal.wait("fw01: off after" if profile == "cyberpower-epdu" else "db01: off after")
        terminal.keys("q")
        terminal.wait("exit-code=0")
    rows = run("audit", "--json", home=tmp_path)
    outcomes = [json.loads(line)["outcome"] for line in rows.stdout.splitlines()]
    assert sorted(outcomes) == ["observed", "requested"]


def test_a_dead_device_is_late_then_lost_within_3_s_and_live_again_by_itself(
    tmp_path: Path,
) -> None:
    port = free_port()
    device = Simulator("--profile", "cyberpower-epdu", home=tmp_path, port=port)
    with Terminal([*PDUTUI, f"127.0.0.1:{port}"], env=environment(tmp_path)) as terminal:
        terminal.wait("LIVE", 15)
        device.kill()
        killed = time.monotonic()
        terminal.wait("LATE", 3)
        terminal.wait("LOST", 3 - (time.monotonic() - killed) + 0.3)
        terminal.keys("f")
        time.sleep(0.3)
        assert "Turn OFF" not in terminal.screen(), "no dialog on a device that is lost"
        with Simulator("--profile", "cyberpower-epdu", home=tmp_path, port=port):
            terminal.wait("LIVE", 8)


def test_loss_duplicates_and_garbage_make_it_late_at_most(tmp_path: Path) -> None:
    faults = ("--loss", "0.2", "--duplicate", "0.2", "--garbage", "0.1", "--max-varbinds", "12")
    with (
        Simulator("--profile", "cyberpower-epdu", *faults, home=tmp_path) as device,
        Terminal([*PDUTUI, device.address], env=environment(tmp_path)) as terminal,
    ):
        terminal.wait("LIVE", 45)  # finding out what the device is takes 60 requests
        until = time.monotonic() + 8
        while time.monotonic() < until:
            screen = terminal.screen()
            assert "LOST" not in screen, screen
            time.sleep(0.2)
