"""The program itself as a child process: the simulator on a port of its own, and one-shot runs."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PDUTUI = [sys.executable, "-m", "pdutui"]


def free_port() -> int:
    """A UDP port that is free on loopback right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the user's config, state or secrets is seen."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PDUTUI_")}
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_CLIENT"):
        kept.pop(name, None)
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PDUTUI_STATE_DIR": str(home / "state"),
        **more,
    }


def run(
    *args: str, home: Path, timeout_s: float = 30.0, **env: str
) -> subprocess.CompletedProcess[str]:
    """`pdutui ARGS`, to its end."""
    return subprocess.run(
        [*PDUTUI, *args],
        capture_output=True,
        text=True,
        env=environment(home, **env),
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
    )


class Simulator:
    """`pdutui simulate …` on a port of its own; up when the constructor returns."""

    def __init__(
        self, *args: str, home: Path, port: int | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.port = port or free_port()
        self.address = f"{host}:{self.port}"
        self._child = subprocess.Popen(
            [*PDUTUI, "simulate", "--listen", self.address, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(home, PYTHONUNBUFFERED="1"),
        )
        assert self._child.stdout is not None
        first = self._child.stdout.readline()
        if self.address not in first:
            self.kill()
            pytest.fail(f"the simulator did not start: {first!r}")

    def kill(self) -> None:
        """Take it away at once, as a power cut does."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGKILL)
        self._child.wait(5)
        if self._child.stdout is not None:
            self._child.stdout.close()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def snmpget(address: str, oid: str, community: str = "public") -> str:
    """What net-snmp's snmpget answers for one OID: the bare value."""
    if shutil.which("snmpget") is None:
        pytest.skip("net-snmp's tools are not installed")
    done = subprocess.run(
        ["snmpget", "-v2c", "-c", community, "-Oqv", "-t", "1", "-r", "3", address, oid],
        capture_output=True,
        text=True,
        timeout=15,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def snmpget_until(address: str, oid: str, value: str, timeout_s: float = 6.0) -> str:
    """Ask until the answer is `value`, and give back the last answer."""
    deadline = time.monotonic() + timeout_s
    while (got := snmpget(address, oid)) != value and time.monotonic() < deadline:
        time.sleep(0.1)
    return got
