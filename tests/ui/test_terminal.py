"""The console in a real terminal: what is left of it when the terminal goes, stalls or changes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import termios
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from pdutui.widgets import driver
from tests.support.program import PDUTUI, environment
from tests.support.screen import ModelTerminal
from tests.support.tmux import Terminal

DEMO = [*PDUTUI, "--demo"]
_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}


RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?7h")
"""Its own screen again, a cursor, no mouse, no bracketed paste, lines that wrap."""


class Pty:
    """The demo on a pty of its own, whose far end a test may stop reading or take away.

    Args:
        home: Where it finds nothing of the user's.
        columns, rows: The size.
        options: Of the command line, behind `--demo`.
        controlling: The pty is the controlling terminal of the program.
        deaf: Keys come from another pty, whose far end is `keyboard`.
        quiet: Standard error goes to nowhere.
        baud: The speed of the line, as a `termios` constant; its own where not given.
        env: More of the environment.
    """

    def __init__(
        self,
        home: Path,
        *options: str,
        columns: int = 100,
        rows: int = 30,
        controlling: bool = True,
        deaf: bool = False,
        quiet: bool = False,
        baud: int | None = None,
        **env: str,
    ) -> None:
        self._master, slave = pty.openpty()
        self.keyboard, keys = pty.openpty() if deaf else (-1, slave)
        if baud is not None:
            how = termios.tcgetattr(slave)
            how[4] = how[5] = baud
            termios.tcsetattr(slave, termios.TCSANOW, how)
        self.resize(columns, rows)
        self.output = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            if controlling:
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            errors = os.open(os.devnull, os.O_WRONLY) if quiet else slave
            for fd, end in ((0, keys), (1, slave), (2, errors)):
                os.dup2(end, fd)
            os.closerange(3, 64)
            given = {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env}
            environ: Mapping[str, str] = environment(home, **given)
            os.execvpe(DEMO[0], [*DEMO, *options], environ)
        os.close(slave)
        if deaf:
            os.close(keys)
        os.set_blocking(self._master, False)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(
        self, seconds: float = 0.0, until: bytes | None = None, *, bps: float | None = None
    ) -> bytes:
        """Take what comes for so long, or until something has come. Answers terminal queries.

        Args:
            seconds: So long.
            until: What ends it sooner.
            bps: Bytes a second that are read at the most; answers nothing then.
        """
        end = time.monotonic() + seconds
        got = b""
        while True:
            ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
            if ready:
                try:
                    data = os.read(self._master, 1 << 16 if bps is None else int(bps / 50))
                except OSError:
                    break
                got += data
                for query, answer in _ANSWERS.items():
                    if bps is None and query in data:
                        self.write(answer)
            if bps is not None:
                time.sleep(0.02)
            if (until is not None and until in got) or time.monotonic() >= end:
                break
        self.output += got
        return got

    def wait(self, until: bytes, seconds: float = 10.0) -> None:
        if until not in self.read(seconds, until):
            pytest.fail(f"waited for {until!r} in vain; last: {self.output[-400:]!r}")

    def write(self, data: bytes) -> None:
        os.write(self._master, data)

    def hang_up(self) -> None:
        """The SSH session drops: the terminal is gone."""
        os.close(self._master)
        self._master = -1

    def unplug_keyboard(self) -> None:
        """The input ends; the screen is still there."""
        os.close(self.keyboard)
        self.keyboard = -1

    def code(self, seconds: float = 8.0) -> int:
        """The exit code, once it has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            if self._master >= 0:
                self.read(0.05)
            else:
                time.sleep(0.05)
        pytest.fail("it did not end")

    def __enter__(self) -> Pty:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for end in (self._master, self.keyboard):
            if end >= 0:
                os.close(end)


def readings(home: Path) -> list[int]:
    """When the first PDU of the demo was read, in milliseconds, as the store has it."""
    [path] = (home / "state").glob("*.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT ts FROM raw_1 ORDER BY ts")]


def test_a_line_that_drops_under_a_dialog_ends_it_with_129_and_the_store_flushed(
    tmp_path: Path,
) -> None:
    with Pty(tmp_path) as terminal:
        terminal.wait(b"LIVE")
        terminal.read(1.0)
        terminal.write(b"\x1b[1114112u\x1b[1:2A")  # noise, which is no end of keys
        terminal.read(0.2)
        terminal.write(b"f")
        terminal.wait(b"Turn OFF")
        terminal.read(1.0)
        terminal.hang_up()
        assert terminal.code() == 129
    assert len(readings(tmp_path)) >= 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)])
def test_signals_leave_the_terminal_as_it_was(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with Pty(tmp_path) as terminal:
        terminal.wait(b"LIVE")
        terminal.read(1.1)
        changed = termios.tcgetattr(terminal._master)
        # systemd sends that behind a SIGTERM, the kernel behind a SIGHUP: it never stood still.
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.read(0.2)
        os.kill(terminal.pid, number)
        assert terminal.code() == code
        after = termios.tcgetattr(terminal._master)
        assert changed[3] & termios.ICANON == 0
        assert after[3] & termios.ICANON
        assert after[3] & termios.ECHO
        for sequence in RESTORED:
            assert sequence in terminal.output
        assert b"Traceback" not in terminal.output
        model = ModelTerminal(100, 30)
        model.feed(_MODES.sub("", terminal.output.decode()))
        assert not "".join(model.text()).strip(), "old figures stay where there is one screen only"
        assert model.pen == ((), "", ""), "the shell's prompt has colours of its own"
    assert len(readings(tmp_path)) >= 1


@pytest.mark.parametrize("controlling", [True, False])
def test_a_hangup_that_nobody_hears_of_still_ends_it(tmp_path: Path, controlling: bool) -> None:
    """`nohup pdutui`, `setsid pdutui`: no SIGHUP, but input that has ended."""
    inherited = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Pty(tmp_path, controlling=controlling) as terminal:
            terminal.wait(b"LIVE")
            terminal.hang_up()
            assert terminal.code() == 129
    finally:
        signal.signal(signal.SIGHUP, inherited)


def test_input_that_ends_before_the_screen_ends_it_and_leaves_the_screen_in_order(
    tmp_path: Path,
) -> None:
    with Pty(tmp_path, deaf=True) as terminal:
        terminal.wait(b"LIVE")
        terminal.unplug_keyboard()
        assert terminal.code() == 129
        for sequence in RESTORED:
            assert sequence in terminal.output


def test_a_wall_goes_on_without_a_keyboard_and_no_key_ends_it(tmp_path: Path) -> None:
    with Pty(tmp_path, "--kiosk", "--pages", "pdus", deaf=True) as terminal:
        terminal.wait(b"next in")
        # ctrl+c, ctrl+q, ctrl+z, ctrl+\\, q, and what would ask before it switches.
        os.write(terminal.keyboard, b"\x03\x11\x1a\x1cqf:")
        terminal.read(0.5)
        terminal.unplug_keyboard()
        terminal.read(0.5)
        assert terminal.read(1.5), "it goes on drawing"
        assert b"Turn OFF" not in terminal.output
        assert os.waitpid(terminal.pid, os.WNOHANG) == (0, 0)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.code() == 143
        assert b"\x1b[?1049l" in terminal.output
        assert b"\x1b[?1003h" not in terminal.output, "there is no mouse"
    assert len(readings(tmp_path)) >= 1


def test_a_wall_whose_screen_is_gone_ends(tmp_path: Path) -> None:
    with Pty(tmp_path, "--kiosk", quiet=True) as terminal:
        terminal.wait(b"fleet")
        terminal.hang_up()
        assert terminal.code() == 129


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_terminal_that_stops_reading_stops_no_polling(tmp_path: Path) -> None:
    with Pty(tmp_path, columns=200, rows=60) as terminal:
        terminal.wait(b"LIVE")
        terminal.read(0.5)
        # Ctrl+L again and again: whole screens, far more than the pty and the queue can hold.
        for _ in range(50):
            terminal.write(b"\x0c")
            time.sleep(0.02)
        time.sleep(1.5)
        before = cpu_s(terminal.pid)
        time.sleep(2.0)
        assert cpu_s(terminal.pid) - before < 0.6, "it does not spin either"
        # It reads again: the screen comes back and goes on.
        terminal.read(1.0)
        tail = terminal.read(1.5)
        assert b"\x1b[" in tail, "it goes on drawing"
        terminal.write(b"q")
        assert terminal.code() == 0
    times = readings(tmp_path)
    gaps_ms = [after - before for before, after in pairwise(times)]
    assert len(times) >= 5
    assert max(gaps_ms) < 3000, "it was read all the time, seen or not"


def test_a_stalled_terminal_does_not_hang_the_exit(tmp_path: Path) -> None:
    with Pty(tmp_path, columns=200, rows=60) as terminal:
        terminal.wait(b"LIVE")
        for _ in range(50):
            terminal.write(b"\x0c")
            time.sleep(0.02)
        os.kill(terminal.pid, signal.SIGTERM)
        end = time.monotonic() + 8
        while time.monotonic() < end:
            pid, status = os.waitpid(terminal.pid, os.WNOHANG)
            if pid:
                terminal.pid = 0
                assert os.waitstatus_to_exitcode(status) == 143
                left = terminal.read(0.3)
                assert all(sequence in left for sequence in RESTORED), "what it reads when it can"
                return
            time.sleep(0.05)
        pytest.fail("it did not end")


def test_latin_terminals_get_ascii_and_keep_their_mouse_if_asked(tmp_path: Path) -> None:
    with Pty(tmp_path, "--no-mouse", PYTHONIOENCODING="iso8859-1") as terminal:
        terminal.wait(b"LIVE")
        terminal.read(1.2)
        terminal.write(b"q")
        assert terminal.code() == 0
        assert all(byte < 0x80 for byte in terminal.output)
        for mode in (b"1000", b"1002", b"1003", b"1006", b"1015", b"1016"):
            assert b"\x1b[?" + mode + b"h" not in terminal.output


SERIAL_BPS = 1_920
_MODES = re.compile(r"\x1b\[[?>][0-9;]*[a-z$]+|\x1b\[[0-9;]*[lqnu]|\x1b\[<u")


def test_a_serial_line_shows_the_present_and_polls_on(tmp_path: Path) -> None:
    """19,200 baud, read no faster: less than a second's changes of a screen in colour."""
    with Pty(tmp_path, columns=80, rows=24, baud=termios.B19200, TERM="vt220") as terminal:
        terminal.read(6.0, bps=SERIAL_BPS)
        model = ModelTerminal(80, 24)
        model.feed(_MODES.sub("", terminal.output.decode()).rpartition("\x1b")[0])
        shown = re.search(r"(\d\d):(\d\d):(\d\d)", model.text()[0])
        assert shown is not None
        hours, minutes, seconds = map(int, shown.groups())
        now = time.localtime()
        behind = (now.tm_hour - hours) * 3600 + (now.tm_min - minutes) * 60 + now.tm_sec - seconds
        assert -1 <= behind % 86_400 <= 3
        assert len(terminal.output) < 6.5 * SERIAL_BPS
        os.kill(terminal.pid, signal.SIGTERM)
        began = time.monotonic()
        assert terminal.code() == 143
        assert time.monotonic() - began < 2
    times = readings(tmp_path)
    assert len(times) >= 5
    assert max(after - before for before, after in pairwise(times)) < 1_500


def test_a_storm_of_sizes_ends_in_the_last_one(tmp_path: Path) -> None:
    with Pty(tmp_path) as terminal:
        terminal.wait(b"LIVE")
        for number in range(100):
            terminal.resize(40 + number * 37 % 160, 10 + number * 13 % 50)
            terminal.read(0.005)
        terminal.resize(91, 27)
        terminal.read(1.0)
        assert cpu_s(terminal.pid) < 6
        terminal.write(b"\x0c")
        painted = terminal.read(0.4).decode()
        model = ModelTerminal(91, 27)
        model.feed(_MODES.sub("", painted[painted.index("\x1b[2J") :]))
        lines = model.text()
        assert "LIVE" in lines[0]
        assert "quit" in lines[26]
        assert sum("Outlets" in line for line in lines) == 1
        terminal.write(b"q")
        assert terminal.code() == 0


def fits(columns: int, rows: int) -> Callable[[str], bool]:
    def whole(screen: str) -> bool:
        lines = screen.rstrip("\n").split("\n")
        return len(lines) == rows and "quit" in lines[-1] and "LIVE" in lines[0]

    return whole


def test_sizes_may_change_at_will_whatever_the_shell_has_exported(tmp_path: Path) -> None:
    env = environment(tmp_path, COLUMNS="70", LINES="20")
    with Terminal(DEMO, columns=80, rows=24, env=env) as terminal:
        terminal.wait(fits(80, 24))
        for size in [(120, 36), (40, 12), (200, 60), (20, 5), (60, 40), (100, 30), (81, 25)] * 2:
            terminal.resize(*size)
        terminal.wait(fits(81, 25))
        terminal.resize(120, 36)
        screen = terminal.wait(fits(120, 36))
        assert screen.count("Outlets") == 1, "nothing of other sizes is left behind"
        assert screen.count("LIVE") == 1
        terminal.keys("q")
        terminal.wait("exit-code=0")


def test_where_no_pipe_can_be_waited_for_keys_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hundreds of PDUs have hundreds of sockets: `select` ends with an error from 1024 on."""
    before = os.dup(0)
    os.close(before)
    with monkeypatch.context() as patch:
        patch.setattr(driver, "_SELECTABLE", before)
        assert driver._pipe() is None
        patch.setattr(os, "pipe", lambda: os.open("/nowhere", 0))
        assert driver._pipe() is None, "all files that may be open are"
    ends = driver._pipe()
    assert ends is not None
    assert min(ends) == before, "none of those that were of no use is left open"
    for end in ends:
        os.close(end)


_JOBS = """set -m
stopped() {
    for _ in $(seq 400); do ps -o stat= -p $! | grep -q T && return; sleep 0.05; done; exit 3
}
"$@" & echo $! > "$HOME/pid"; stopped; fg
bg; stopped; touch "$HOME/twice"; fg"""
"""Begun in the background, where it must not draw; and after SIGTSTP put there once more."""


def test_from_start_to_quit(tmp_path: Path) -> None:
    command = ["bash", "-c", _JOBS, "bash", *DEMO]
    with Terminal(command, columns=80, rows=24, env=environment(tmp_path)) as terminal:
        screen = terminal.wait(fits(80, 24))
        assert "rack1-a" in screen
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTSTP)
        terminal.wait(lambda screen: (tmp_path / "twice").exists() and fits(80, 24)(screen))
        terminal.keys("]")
        terminal.wait("rack1-b")
        terminal.keys("?")
        terminal.wait("Works here")
        terminal.keys("Escape")
        terminal.wait(fits(80, 24))
        terminal.keys("j", "j", "f")
        terminal.wait("Turn OFF outlet 3")
        terminal.keys("Enter")
        terminal.wait("cancelled")
        terminal.keys("q")
        screen = terminal.wait("exit-code=0")
        assert "LIVE" not in screen, "the terminal has its own screen again"
