"""The command line as a whole: what it takes for a command, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pdutui import __version__
from pdutui.cli.commands import COMMANDS
from pdutui.cli.exits import BROKEN_PIPE, DONE, USAGE
from tests.cli.conftest import Cli
from tests.support.program import PDUTUI, environment


def test_version(cli: Cli) -> None:
    assert cli("--version") == (DONE, f"pdutui {__version__}\n", "")


def test_help_names_every_command(cli: Cli) -> None:
    out = cli("--help").out
    for name, (_, text) in COMMANDS.items():
        assert name in out
        assert text in out
    assert cli("-h").out == out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(cli: Cli, name: str) -> None:
    done = cli(name, "--help")
    assert done.code == DONE
    assert "Usage: pdutui " + name in done.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("run",), "the console needs a terminal"),
        (("bench",), "the console needs a terminal"),
        (("--demo",), "the console needs a terminal"),
        (("run", "simulator"), "the console needs a terminal"),
        (("10.0.0.5:1161", "bench"), "the console needs a terminal"),
        (("pol", "bench"), "there is no command 'pol': did you mean 'poll'?"),
        (("simulator",), "did you mean 'simulate'? (for a device of that name: pdutui run"),
        (("--read-only", "poll", "bench"), "options of a command stand behind it: pdutui poll"),
        (("--demo", "bench"), "--demo and HOST exclude each other"),
        (("--seed", "3"), "--seed goes with --demo"),
        (("--fleet", "3"), "--fleet goes with --demo"),
        (("--demo", "--pages", "fleet"), "--pages goes with --kiosk"),
        (("--demo", "--every", "5"), "--every goes with --kiosk"),
        (("--demo", "--kiosk", "--pages", "flet"), "pdu:NAME; has 'flet': did you mean 'fleet'?"),
        (("--demo", "--fleet", "501"), "501 is not in the range 2<=x<=500"),
        (("--kiosks",), "No such option"),
        (("--theme",), "requires an argument"),
        (("bench:x",), "the port must be a number from 1 to 65535"),
        (("--config", "/nowhere.toml"), "/nowhere.toml: no such file"),
        (("poll", "--nonsense"), "No such option"),
    ],
)
def test_what_is_taken_for_a_command_and_what_is_not(
    cli: Cli, argv: tuple[str, ...], said: str
) -> None:
    done = cli(*argv)
    assert done.code == USAGE
    assert said in " ".join(done.err.split())
    assert done.out == ""


def test_without_anything_to_show_it_says_how_to_go_on(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[ui]\nmouse = false\n")
    done = cli()
    assert done.code == USAGE
    for way in ("pdutui --demo", "pdutui HOST", "pdutui config template", "config.toml"):
        assert way in done.err


def test_a_bad_configuration_is_said_line_by_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[poll]\ninterval_s = "fast"\n[[pdu]]\nname = "p"\nhost = "h"\ncomunity = "x"\n'
    )
    for argv in ((), ("poll", "p"), ("outlet", "p", "1", "on"), ("audit",), ("config", "check")):
        done = cli(*argv)
        assert done.code == USAGE
        lines = done.err.splitlines()
        assert len(lines) == 2
        file = tmp_path / "config.toml"
        assert lines[0].startswith(f"pdutui: {file}, line 2: poll.interval_s ")
        assert lines[1].startswith(f"pdutui: {file}, line 6: [pdu 'p'] ")


def test_config_path_check_and_template(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = cli("config", "path").out
    assert str(tmp_path / "config.toml") in out
    assert str(tmp_path / "state") in out
    done = cli("config", "check")
    assert (done.code, done.err) == (DONE, "")
    assert done.out == f"{tmp_path / 'config.toml'}: right, 3 PDUs\n"
    example = Path(__file__).parents[2] / "config.example.toml"
    assert cli("config", "template").out == example.read_text()
    monkeypatch.setenv("PDUTUI_CONFIG", "")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    assert "no configuration file" in cli("config", "check").out


def test_config_path_names_the_database_that_is_used(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[history]\npath = "elsewhere.db"\n')
    assert str(tmp_path / "elsewhere.db") in cli("config", "path").out
    (tmp_path / "config.toml").write_text("[history")
    done = cli("config", "path")
    assert done.code == DONE
    assert "has errors" in done.out


def test_config_check_warns_of_an_open_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[pdu]]\nname = "p"\nhost = "h"\ncommunity = "hush"\n')
    path.chmod(0o644)
    done = cli("config", "check")
    assert done.code == DONE
    assert "other users may read it" in done.err
    assert "hush" not in done.err + done.out


def test_the_state_directory_is_closed_to_others(cli: Cli, tmp_path: Path) -> None:
    cli("outlet", "bench", "1", "on", "--yes")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "state").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_state_directory_that_others_may_enter_is_left_as_it_is(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    done = cli("outlet", "bench", "1", "on", "--yes")
    assert done.code == DONE
    assert "can be entered by other users" in done.err
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o755


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "m"\nbackend = "mock"\n')
    command = [*PDUTUI, "poll", "m", "--config", str(config), "--count", "0", "--interval", "0.2"]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline().startswith("m  ")
    child.stdout.close()
    assert child.wait(10) == BROKEN_PIPE
    assert child.stderr.read() == ""
    child.stderr.close()


def test_ctrl_c_is_quiet(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "m"\nbackend = "mock"\n')
    child = subprocess.Popen(
        [*PDUTUI, "poll", "m", "--config", str(config), "--count", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(2)
    _, err = child.communicate(timeout=10)
    assert child.returncode == 130
    assert err.strip() == ""


def test_a_terminal_without_utf8_gets_question_marks_and_no_crash(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "机"\nbackend = "mock"\n')
    done = subprocess.run(
        [*PDUTUI, "poll", "机", "--config", str(config)],
        capture_output=True,
        env=environment(tmp_path, PYTHONIOENCODING="latin-1"),
        timeout=20,
    )
    assert done.returncode == DONE, done.stderr
    assert done.stdout.startswith(b"?  CyberPower")


def test_an_error_nobody_foresaw_is_one_line(tmp_path: Path) -> None:
    broken = (
        "import pdutui.cli.config_cmd as c, pdutui.cli.main as m, sys\n"
        "def fail(**_): raise RuntimeError('boom')\n"
        "c.config.commands['path'].callback = fail\n"
        "sys.argv[1:] = ['config', 'path']\n"
        "m.entry()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=20,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "pdutui: internal error: RuntimeError: boom (PDUTUI_DEBUG=1 shows where)\n"
    )
