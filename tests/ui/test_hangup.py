"""SIGHUP: a wish while the terminal is there, the end when it has gone."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pdutui.widgets.hangup import terminal_there
from tests.support.program import PDUTUI, environment
from tests.support.tmux import Terminal

MOCK = '[[pdu]]\nname = "{}"\nbackend = "mock"\n'


def test_a_terminal_is_there_until_its_other_end_is_closed() -> None:
    outer, inner = os.openpty()
    read, write = os.pipe()
    try:
        assert terminal_there(inner)
        assert not terminal_there(read)
        assert not terminal_there(-1)
        os.close(outer)
        assert not terminal_there(inner)
    finally:
        for fd in (inner, read, write):
            os.close(fd)
    assert not terminal_there(inner)


def test_from_no_configuration_to_a_console_that_reads_it_at_sighup_and_ends_with_its_terminal(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config" / "pdutui" / "config.toml"
    pids, code = tmp_path / "pid", tmp_path / "code"
    command = ["sh", "-c", f'echo $$ > {pids}; exec "$@"', "sh", *PDUTUI]
    script = 'trap "" HUP; "$@"; echo $? > "$0"'
    whole = ["sh", "-c", script, str(code), *command]
    with Terminal(whole, columns=80, rows=24, env=environment(tmp_path)) as terminal:
        terminal.wait("There is no configuration yet")
        terminal.keys("w")
        terminal.wait("Open the console")
        assert "[poll]" in file.read_text()
        file.write_text(MOCK.format("rack1-a"))
        terminal.keys("o")  # the console takes the terminal over, in the same process
        terminal.wait("LIVE")
        pid = int(pids.read_text())
        file.write_text(MOCK.format("rack1-a") + MOCK.format("rack1-b"))
        os.kill(pid, signal.SIGHUP)
        terminal.wait("configuration read again: 1 PDU added (rack1-b)")
        file.write_text("[ui]\ntheme = 3\n")
        os.kill(pid, signal.SIGHUP)
        terminal.wait("not taken: config.toml, line 2: ui.theme")
        assert "1/2" in terminal.screen()
    for _ in range(100):
        if code.exists() and code.read_text():
            break
        time.sleep(0.05)
    assert code.read_text() == "129\n"
