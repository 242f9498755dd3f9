"""Completion of command lines: what is offered, and the scripts in the shells themselves."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pdutui.cli.complete import answer
from pdutui.cli.completion import SHELLS, script
from pdutui.cli.main import cli
from tests.support.program import environment, run

CONFIG = """
[[pdu]]
name = "rack1-a"
host = "10.0.0.5:1161"
feed = "A"
location = "Row 3"

[pdu.outlets.3]
name = "db 01"
group = ["storage", "odd"]

[[pdu]]
name = "rack 2"
host = "10.0.0.6"
feed = "B"

[group.web]
outlets = ["rack1-a:1"]

[[sequence]]
name = "storage-up"
text = "disks first"
this = "is a mistake, and no reason to know nothing"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "config" / "pdutui" / "themes").mkdir(parents=True)
    (home / "config" / "pdutui" / "config.toml").write_text(CONFIG, encoding="utf-8")
    (home / "config" / "pdutui" / "themes" / "mine.toml").touch()
    (home / "state" / "plans").mkdir(parents=True, mode=0o700)
    (home / "state" / "plans" / "K7Q2MX.plan.json").touch()
    (home / "state" / "alarms").mkdir(mode=0o700)
    alarm = {"id": "y7t2uuco", "pdu": "rack1-a", "text": "source\tA \x1b[31mlost"}
    kept = {"watched": [{"alarm": alarm, "listed": True}, {"alarm": {"id": "gone"}}, 7]}
    (home / "state" / "alarms" / "state.json").write_text(json.dumps(kept), encoding="utf-8")
    return home


def offered(home: Path, *words: str, shell: str = "zsh") -> dict[str, str]:
    """What may stand as the last of the words, with what it is."""
    file = home / "config" / "pdutui" / "config.toml"
    env = environment(home, PDUTUI_CONFIG=str(file))
    found = (line.split("\t") for line in answer(cli, shell, words, env).splitlines())
    return {value: text for _, value, text in found}


def test_commands_and_pdus_come_first_and_the_console_is_meant_without_a_command(
    home: Path,
) -> None:
    first = offered(home, "")
    assert first["poll"] == "Read PDUs and print what they say."
    assert first["rack1-a"] == "10.0.0.5:1161, Row 3"
    assert offered(home, "ra") == {"rack1-a": "10.0.0.5:1161, Row 3", "rack 2": "10.0.0.6"}
    assert "--demo" in offered(home, "--d")
    assert "--theme" in offered(home, "rack1-a", "--th")
    assert "rack1-a" not in offered(home, "rack1-a", "")


def test_values_are_those_of_the_parameter(home: Path) -> None:
    outlets = offered(home, "outlet", "rack1-a", "")
    assert outlets == {"all": "every outlet", "3": "db 01", "db 01": "outlet 3"}
    assert offered(home, "outlet", "rack1-a", "3,d") == {"3,db 01": "outlet 3"}
    assert "delayed-off" in offered(home, "outlet", "rack1-a", "3", "")
    assert set(offered(home, "group", "")) == {"web", "storage", "odd"}
    assert offered(home, "sequence", "run", "") == {"storage-up": "disks first"}
    assert set(offered(home, "plan", "resume", "")) == {"K7Q2MX"}
    assert set(offered(home, "approve", "k")) == set()
    assert offered(home, "alarms", "ack", "y") == {"y7t2uuco": "rack1-a: source A [31mlost"}
    assert "gone" not in offered(home, "alarms", "ack", "")
    assert set(offered(home, "whatif", "feed", "")) == {"A", "B"}
    themes = offered(home, "run", "--theme", "")
    assert themes["mine"] == "yours"
    assert "noc-light" in themes
    assert offered(home, "--theme=mi") == {"--theme=mine": "yours"}
    assert "raritan-pdu2" in offered(home, "poll", "--profile", "rar")
    assert set(offered(home, "plan", "")) >= {"list", "resume", "put-back"}


def test_a_name_that_confirms_is_not_typed_by_a_machine(home: Path) -> None:
    assert offered(home, "outlet", "rack1-a", "3", "off", "--confirm-name", "") == {}


def test_the_file_of_the_command_line_counts(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[[pdu]]\nname = "elsewhere"\nhost = "h"\n', encoding="utf-8")
    assert set(offered(home, "poll", "--config", str(other), "")) == {"elsewhere"}
    assert answer(cli, "zsh", ["poll", "--config", ""], environment(home)) == "file\t\t\n"


@pytest.mark.parametrize("broken", ["[[pdu", '[pdu]\nname = "x"', "pdu = 3\ngroup = [1]", "\xff"])
def test_a_broken_file_offers_nothing_and_says_nothing(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(broken, encoding="latin-1")
    assert answer(cli, "fish", ["poll", "--config", str(file), ""], environment(tmp_path)) == ""
    assert answer(cli, "fish", ["group", "--config", str(file), ""], environment(tmp_path)) == ""


@pytest.mark.parametrize(
    ("line", "current", "wanted"),
    [
        ("pdutui run --theme=mi", "mi", {"mine"}),
        ("pdutui run --theme=", "=", {"mine", "noc-dark"}),
        ("pdutui run --pages fleet,pdu:rack1", "rack1", {"rack1-a"}),
        ("pdutui outlet 'rack1-a' 3 ide", "ide", {"identify"}),
        ('pdutui poll "rack', '"rack', {"rack1-a", "rack 2"}),
    ],
)
def test_bash_has_its_own_ends_of_words(
    home: Path, line: str, current: str, wanted: set[str]
) -> None:
    assert wanted <= set(offered(home, line, current, shell="bash"))


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from every_command(found, (*path, name))


def test_every_command_can_be_completed_at_every_place(home: Path) -> None:
    for path, command in every_command(cli):
        assert "--help" in offered(home, *path, "--h"), path
        for param in command.params:
            if isinstance(param, click.Option) and not param.is_flag and not param.hidden:
                answer(cli, "zsh", [*path, param.opts[0], ""], environment(home))
        answer(cli, "zsh", [*path, "x", "y", "--", "z", ""], environment(home))


# The shells themselves


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    """A directory with a `pdutui` in it."""
    program = tmp_path / "pdutui"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pdutui "$@"\n')
    program.chmod(0o755)
    return tmp_path


def in_shell(shell: str, text: str, home: Path, shim: Path, *options: str) -> list[str]:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell}")
    env = environment(home)
    env["PATH"] = f"{shim}:{env['PATH']}"
    done = subprocess.run(
        [found, *options, "-c", text], capture_output=True, text=True, env=env, timeout=30
    )
    assert done.stderr == "", done.stderr
    return done.stdout.splitlines()


def test_bash_completes(home: Path, shim: Path) -> None:
    text = (
        script("bash")
        + """
try() {
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=$2
    [[ $1 == *' ' ]] && COMP_WORDS+=('')
    _pdutui pdutui; printf '%s\\n' "${COMPREPLY[@]}"
}
try 'pdutui poll rack' 2
try 'pdutui completion ' 2
"""
    )
    assert in_shell("bash", text, home, shim, "--norc") == ["rack1-a", "rack\\ 2", *SHELLS]


def test_zsh_completes(home: Path, shim: Path) -> None:
    text = (
        "compdef() { : }; compadd() { print -l -- ${(P)5}; }; _describe() { print -l -- $told; }\n"
        + script("zsh").replace("compadd -V pdutui -a plain", "compadd -V pdutui -a x plain")
        + "\nwords=(pdutui poll 'rack') CURRENT=3; _pdutui"
        + "\nwords=(pdutui completion '') CURRENT=3; _pdutui"
    )
    assert in_shell("zsh", text, home, shim, "-f") == [
        "rack1-a:10.0.0.5:1161, Row 3", "rack 2:10.0.0.6", *SHELLS,
    ]  # fmt: skip


def test_fish_completes(home: Path, shim: Path) -> None:
    text = script("fish") + "\ncomplete -C 'pdutui poll rack'"
    found = in_shell("fish", text, home, shim, "--no-config")
    assert found == ["rack1-a\t10.0.0.5:1161, Row 3", "rack 2\t10.0.0.6"]


def test_the_program_answers_and_loads_nothing_heavy(home: Path) -> None:
    done = run("poll", "rack", home=home, _PDUTUI_COMPLETE="fish", PYTHONPROFILEIMPORTTIME="1")
    assert done.stdout.startswith("word\track1-a\t")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "pdutui.cli.complete" in loaded
    assert not loaded & {"textual", "pysnmp", "plotext", "sqlite3", "pdutui.config", "cryptography"}
    assert run("completion", "zsh", home=home).stdout == script("zsh")
