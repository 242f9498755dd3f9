"""`pdutui discover` and `pdutui config test`: from addresses to a configuration."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, Cli
from tests.support.program import PDUTUI, Simulator, environment, free_port

FAST = ("--timeout", "0.3", "--retries", "0")


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A CyberPower at 127.0.0.2, a Raritan with a community of its own at .5; the port of both."""
    home = tmp_path_factory.mktemp("rack")
    port = free_port()
    with (
        Simulator("--profile", "cyberpower-epdu", "--quiet", home=home, port=port,
                  host="127.0.0.2"),
        Simulator("--profile", "raritan-pdu2", "--quiet", "--community", "hush7", home=home,
                  port=port, host="127.0.0.5"),
    ):  # fmt: skip
        yield port


def test_a_range_as_a_table(cli: Cli, rack: int) -> None:
    done = cli("discover", "127.0.0.0/29", "--port", str(rack), *FAST)
    assert done.code == 0
    head, row = done.out.splitlines()
    assert head.split() == ["address", "profile", "model", "serial", "name", "outlets"]
    assert row.split()[:4] == [f"127.0.0.2:{rack}", "cyberpower-epdu", "CyberPower", "PDU44001"]
    assert row.split()[-1] == "10"
    assert "1 PDU, 1 that answer, but not to these credentials, 4 silent" in done.err
    assert "\r" not in done.err, "no progress where there is no terminal"


def test_what_is_no_pdu_and_why(cli: Cli, rack: int) -> None:
    done = cli("discover", f"127.0.0.5:{rack}", "127.0.0.9", "--all", "--json", *FAST)
    assert done.code == 1
    (line,) = map(json.loads, done.out.splitlines())
    assert (line["address"], line["status"]) == (f"127.0.0.5:{rack}", "refused")
    assert line["profile"] is None


def test_toml_goes_into_the_configuration_and_is_known_then(
    cli: Cli, rack: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUSH", "hush7")
    argv = ("discover", "127.0.0.0/29", "--port", str(rack), "--community-env", "HUSH", *FAST)
    shown = cli(*argv, "--toml")
    (entry,) = tomllib.loads(shown.out)["pdu"]
    assert entry == {
        "name": "R1-A", "host": "127.0.0.5", "port": rack, "community_env": "HUSH",
        "profile": "raritan-pdu2",
    }  # fmt: skip
    assert "hush7" not in shown.out + shown.err
    written = cli(*argv, "--toml", "--write")
    config = tmp_path / "config.toml"
    assert f"added to {config}: R1-A" in written.err
    assert config.read_text().startswith(CONFIG)
    again = cli(*argv, "--toml", "--write")
    assert tomllib.loads(again.out) == {}
    assert "configured already, as R1-A" in again.out
    assert "nothing to add" in again.err
    assert cli("poll", "R1-A", "--json").code == 0


def test_a_configuration_that_is_not_there_is_made(cli: Cli, rack: int, tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    done = cli("discover", f"127.0.0.2:{rack}", "--write", "--config", str(new), *FAST)
    assert done.code == 0, done.err
    assert f"added to {new}" in done.err
    assert cli("config", "check", "--config", str(new)).code == 0


def test_a_literal_community_is_never_written(cli: Cli, rack: int) -> None:
    done = cli("discover", f"127.0.0.5:{rack}", "--community", "hush7", "--toml", *FAST)
    assert done.code == 0
    assert tomllib.loads(done.out)["pdu"][0]["community_env"] == "PDU_READ"
    assert "PDU_READ" in done.err
    assert "hush7" not in done.out + done.err


def test_an_address_that_is_named_twice_is_asked_once(cli: Cli, rack: int) -> None:
    at = f"127.0.0.2:{rack}"
    done = cli("discover", at, "127.0.0.2/31", at, "--port", str(rack), "--csv-out", *FAST)
    header, *rows = done.out.splitlines()
    assert header == "name,host,profile,community_env,feed,location"
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("8.8.8.0/24",), "public"),
        (("10.0.0.0/8",), "--force"),
        (("10.0.0.0/99",), "no range"),
        (("10.0.0.1-20",), "a range is written as 10.0.0.0/24"),
        (("10.0.0.1-10.0.0.20",), "a range is written as 10.0.0.0/24"),
        (("10.0.0.*",), "a range is written as 10.0.0.0/24"),
        ((), "Name ranges"),
        (("--csv", "x.csv", "10.0.0.1"), "Name ranges"),
        (("10.0.0.1", "--no-probe"), "--csv"),
        (("10.0.0.1", "--v3-user", "x", "--v3-auth", "SHA256"), "--v3-auth-key"),
    ],
)
def test_what_is_not_scanned(cli: Cli, argv: tuple[str, ...], says: str) -> None:
    done = cli("discover", *argv)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_an_interrupted_scan_prints_what_it_found(rack: int, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [*PDUTUI, "discover", f"127.0.0.2:{rack}", "127.1.0.0/24", "--rate", "5", "--toml"],
        stdout=subprocess.PIPE, stderr=slave, text=True, env=environment(tmp_path),
    )  # fmt: skip
    os.close(slave)
    seen = b""
    while b"1 PDU " not in seen:
        seen += os.read(master, 1000)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=10)
    seen += os.read(master, 10_000)
    os.close(master)
    assert child.returncode == 130
    assert len(tomllib.loads(out)["pdu"]) == 1
    assert b"interrupted: 1 PDU" in seen
    assert b"/255" in seen, "the bar says how many there are"


# -- a table ---------------------------------------------------------------------------------------


def test_a_table_is_checked_and_written(
    cli: Cli, rack: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUSH", "hush7")
    table = tmp_path / "pdus.csv"
    table.write_text(
        "name;host;community_env;feed;location\n"
        f"left;127.0.0.2:{rack};;A;Row 3, Rack 1\n"
        f"right;127.0.0.5:{rack};HUSH;B;\n"
        f"gone;127.0.0.6:{rack};;;\n"
    )
    done = cli("discover", "--csv", str(table), "--write", *FAST)
    assert done.code == 1
    assert "1 of 3 could not be read as a PDU" in done.err
    left, right, gone = done.out.splitlines()[1:]
    assert "PDU44001" in left
    assert "left" in left
    assert "raritan-pdu2" in right
    assert "no answer" in gone
    assert "left, right" in done.err
    assert "gone" not in done.err
    pdus = tomllib.loads((tmp_path / "config.toml").read_text())["pdu"]
    assert pdus[-2:] == [
        {"name": "left", "host": "127.0.0.2", "port": rack, "profile": "cyberpower-epdu",
         "feed": "A", "location": "Row 3, Rack 1"},
        {"name": "right", "host": "127.0.0.5", "port": rack, "community_env": "HUSH",
         "profile": "raritan-pdu2", "feed": "B"},
    ]  # fmt: skip


def test_a_table_without_asking_anybody(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "pdus.csv"
    table.write_text("name,host,community_env\na,10.0.0.5,UNSET\n")
    assert cli("discover", "--csv", str(table)).code == 2
    done = cli("discover", "--csv", str(table), "--no-probe", "--toml")
    assert done.code == 0
    assert tomllib.loads(done.out)["pdu"] == [
        {"name": "a", "host": "10.0.0.5", "community_env": "UNSET"}
    ]


def test_what_nobody_asked_is_not_called_a_pdu(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "pdus.csv"
    table.write_text("name,host,profile\na,10.0.0.5,apc-ats\nb,10.0.0.6,\n")
    done = cli("discover", "--csv", str(table), "--no-probe", "--json", "--write")
    assert done.code == 0, done.err
    said = [json.loads(line) for line in done.out.splitlines()]
    assert [one["status"] for one in said] == ["unasked", "unasked"]
    assert [one["profile"] for one in said] == ["apc-ats", None]
    assert "added to" in done.err
    assert "not asked" in cli("discover", "--csv", str(table), "--no-probe").out


def test_a_name_that_is_taken_is_refused(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "pdus.csv"
    table.write_text("name,host\nbench,10.0.0.5\n")
    done = cli("discover", "--csv", str(table), "--no-probe", "--write")
    assert done.code == 2
    assert "line 2, column name: there is a PDU 'bench' already" in done.err


# -- config test -----------------------------------------------------------------------------------


def test_a_connection_step_by_step(cli: Cli, rack: int) -> None:
    done = cli("config", "test", f"127.0.0.2:{rack}", *FAST)
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == ["ok"] * 6
    wrong = cli("config", "test", f"127.0.0.5:{rack}", "--json", *FAST)
    assert wrong.code == 3
    steps = [json.loads(line) for line in wrong.out.splitlines()]
    assert [step["state"] for step in steps] == ["ok", "ok", "failed", *["unknown"] * 3]
    assert steps[2]["step"] == "credentials"
    assert cli("config", "test", "dead").code == 3
    assert cli("config", "test", "bench").code == 2
    taken = cli("config", "test", f"127.0.0.2:{rack}", "--write-community", "wr0ng", *FAST)
    assert taken.code == 1
    assert "wr0ng" not in taken.out + taken.err
