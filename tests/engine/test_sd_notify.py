"""What systemd hears of a console, over a real socket."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from pdutui.engine.sd_notify import SystemdNotifier

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd")


def test_it_hears_of_start_life_and_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "10000000"}
        notifier = SystemdNotifier(env)
        assert notifier.every_s == 4.0
        notifier.ready()
        for now_s in (0.0, 1.0, 3.9, 4.0, 5.0):
            notifier.alive(now_s)
        notifier.stopping()
        heard = []
        while True:
            try:
                heard.append(systemd.recv(100).decode())
            except BlockingIOError:
                break
    assert heard == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]
    notifier.alive(100.0)  # nobody there any more: no error


@pytest.mark.parametrize(
    "env",
    [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "relative"}, {"NOTIFY_SOCKET": "vsock:2:3"}],
)
def test_without_systemd_it_is_silent(env: dict[str, str]) -> None:
    notifier = SystemdNotifier({**env, "WATCHDOG_USEC": "10000000"})
    assert notifier.every_s == 0.0
    notifier.ready()
    notifier.alive(0.0)
    notifier.stopping()


@pytest.mark.parametrize(
    ("more", "every_s"),
    [
        ({"WATCHDOG_USEC": "no"}, 0.0),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
    ],
)
def test_whose_watchdog_it_is(more: dict[str, str], every_s: float) -> None:
    assert SystemdNotifier({"NOTIFY_SOCKET": "@x", **more}).every_s == every_s
