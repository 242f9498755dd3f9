"""A program in a real terminal: tmux runs it, keys go in, the screen is read back."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

import pytest


class Terminal:
    """One detached tmux session of its own server, so that nothing of the user's is touched."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        env: Mapping[str, str] | None = None,
    ) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("tmux is not installed")
        self._socket = f"pdutui-{uuid.uuid4().hex[:12]}"
        line = " ".join(shlex.quote(part) for part in command)
        environ = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR")}
        environ.update({"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **(env or {})})
        # `; echo` keeps the exit code on the screen after the program has gone.
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows),
            f"{line}; echo exit-code=$?; sleep 60", env=environ,
        )  # fmt: skip

    def _tmux(self, *args: str, env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *args], capture_output=True, text=True, env=env, timeout=10
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def screen(self) -> str:
        """What stands on the screen now."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    def keys(self, *keys: str) -> None:
        """Type; names as tmux knows them (`Enter`, `Escape`, `C-l`)."""
        self._tmux("send-keys", "-t", "t", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self._tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    def pid(self) -> int:
        """The shell that runs the program."""
        return int(self._tmux("display-message", "-p", "-t", "t", "#{pane_pid}"))

    def wait(self, until: str | Callable[[str], bool], timeout_s: float = 10.0) -> str:
        """The screen as soon as the text is on it (or the condition holds); fails with it else."""
        deadline = time.monotonic() + timeout_s
        screen = ""
        while time.monotonic() < deadline:
            screen = self.screen()
            if until in screen if isinstance(until, str) else until(screen):
                return screen
            time.sleep(0.05)
        pytest.fail(f"waited {timeout_s} s for {until!r}; on the screen:\n{screen}")

    def close(self) -> None:
        """End the session and what runs in it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
