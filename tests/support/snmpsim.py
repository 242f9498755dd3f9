"""A foreign SNMP agent: snmpsim as a process of its own, on an ephemeral port."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from pdutui.domain.v3 import V3User

# An SNMPv3 engine discovery: any agent that is up answers it, whatever it serves.
_DISCOVERY = bytes.fromhex(
    "303a020103300f02024a69020300ffe30401040201030410300e0400020100020100040004000400"
    "301204000400a00c020237f00201000201003000"
)


_PROTOCOLS = {"SHA1": "SHA", "AES192": "AES192BLMT", "AES256": "AES256BLMT", "AES192C": "AES192",
              "AES256C": "AES256"}  # fmt: skip


def _options(user: V3User) -> list[str]:
    options = [f"--v3-user={user.user}"]
    if user.auth is not None and user.auth_key is not None:
        options += [f"--v3-auth-key={user.auth_key.reveal()}"]
        options += [f"--v3-auth-proto={_PROTOCOLS.get(user.auth, user.auth)}"]
    if user.priv is not None and user.priv_key is not None:
        options += [f"--v3-priv-key={user.priv_key.reveal()}"]
        options += [f"--v3-priv-proto={_PROTOCOLS.get(user.priv, user.priv)}"]
    return options


class SnmpsimAgent:
    """`with SnmpsimAgent(folder) as agent:` serves `folder/*.snmprec` on `agent.port`.

    The community, and the SNMPv3 context, is the file's name without its suffix. Writable
    variations (writecache) work.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        variation_dirs: Sequence[Path] = (),
        start_timeout_s: float = 20.0,
        users: Sequence[V3User] = (),
    ) -> None:
        self.data_dir = data_dir
        self.port = 0
        self._variation_dirs = variation_dirs
        self._users = users
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._cache: str | None = None

    def __enter__(self) -> SnmpsimAgent:
        for _ in range(3):  # the port may be taken between the look and the start
            self._start()
            if self._up():
                return self
            self._stop()
        raise RuntimeError("snmpsim does not answer")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._cache = tempfile.mkdtemp(prefix="snmpsim-")
        program = Path(sys.executable).with_name("snmpsim-command-responder")
        command = [str(program), f"--cache-dir={self._cache}"]
        if self._variation_dirs:
            import snmpsim

            builtin = Path(str(snmpsim.__file__)).parent / "variation"
            dirs = [*self._variation_dirs, builtin]
            command += [f"--variation-modules-dir={folder}" for folder in dirs]
        command += ["--v3-engine-id=auto"] if self._users else []
        for user in self._users:
            command += _options(user)
        command += [
            f"--data-dir={self.data_dir}",
            f"--agent-udpv4-endpoint=127.0.0.1:{self.port}",
        ]
        environment: Mapping[str, str] = {**os.environ, "SNMPSIM_ALLOW_ROOT": "true"}
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _up(self) -> bool:
        assert self._process is not None
        end = time.monotonic() + self._start_timeout_s
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", self.port))
            sock.settimeout(0.2)
            while time.monotonic() < end and self._process.poll() is None:
                with contextlib.suppress(OSError):
                    sock.send(_DISCOVERY)
                    if sock.recv(4096):
                        return True
                time.sleep(0.05)
        return False

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._cache is not None:
            shutil.rmtree(self._cache, ignore_errors=True)
            self._cache = None
