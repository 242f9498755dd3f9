"""net-snmp's agent, as a process of its own with SNMPv3 users of a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pytest

from pdutui.domain.v3 import V3User
from tests.support.snmpsim import _DISCOVERY

PROGRAM = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
needs_snmpd = pytest.mark.skipif(PROGRAM is None, reason="net-snmp's agent snmpd is not installed")

AUTH = {"SHA1": "SHA", "SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384",
        "SHA512": "SHA-512"}  # fmt: skip
PRIV = {"AES128": "AES", "AES192": "AES-192", "AES256": "AES-256"}
LOCATION = "1.3.6.1.2.1.1.6.0"
"""A string that may be written."""


class Snmpd:
    """`with Snmpd(users) as agent:` on `agent.port`; all of them may write what is writable."""

    def __init__(self, users: Sequence[V3User], *, engine_id: str = "80001f88046e6574") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="snmpd-"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.set_up(users, engine_id=engine_id)

    def set_up(self, users: Sequence[V3User], *, engine_id: str) -> None:
        """Write the configuration anew, boots included; takes effect at the next start."""
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        lines = [f"exactEngineID 0x{engine_id}"]
        for user in users:
            words = ["createUser", user.user]
            if user.auth is not None and user.auth_key is not None:
                words += [AUTH.get(user.auth, user.auth), f'"{user.auth_key.reveal()}"']
            if user.priv is not None and user.priv_key is not None:
                words += [PRIV.get(user.priv, user.priv), f'"{user.priv_key.reveal()}"']
            level = {"noAuthNoPriv": "noauth", "authNoPriv": "auth", "authPriv": "priv"}
            lines += [" ".join(words), f"rwuser {user.user} {level[user.level]}"]
        (self._folder / "agent.conf").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        assert PROGRAM is not None
        command = [PROGRAM, "-f", "-c", str(self._folder / "agent.conf"), "-Lf", "/dev/null"]
        command += [f"udp:127.0.0.1:{self.port}"]
        folder = str(self._folder)
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **dict.fromkeys(("SNMP_PERSISTENT_DIR", "SNMPCONFPATH"), folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", self.port))
            sock.settimeout(0.1)
            while time.monotonic() < end and self._process.poll() is None:
                try:
                    sock.send(_DISCOVERY)
                    if sock.recv(4096):
                        return
                except OSError:
                    time.sleep(0.02)
        raise RuntimeError("snmpd does not answer")

    def stop(self) -> None:
        """End it; it keeps its boots, and adds one at the next start."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5)
            self._process = None

    def __enter__(self) -> Snmpd:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
