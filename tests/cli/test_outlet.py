"""`pdutui outlet` and `pdutui audit`: nothing switches that was not agreed to, all is on record."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, UNREACHABLE, USAGE
from tests.cli.conftest import CONFIG, Cli, Done
from tests.support.program import PDUTUI, environment, snmpget

STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4."
ON, OFF = "1", "2"
CTRL_C = "\x03"


def audit(cli: Cli) -> list[dict[str, Any]]:
    done = cli("audit", "--json")
    assert done.code == DONE, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def outcomes(cli: Cli) -> list[tuple[int, str]]:
    return [(row["outlet"], row["outcome"]) for row in audit(cli)]


@pytest.mark.parametrize(
    ("action", "said"),
    [("off", "off after"), ("on", "was on already, and still is")],
)
def test_off_and_on_of_a_model(cli: Cli, action: str, said: str) -> None:
    done = cli("outlet", "bench", "1", action, "--yes")
    assert done.code == DONE, done.err
    assert done.out.startswith(f"bench outlet 1 db-main: observed: {said}")
    assert done.err == ""


def test_json_has_the_whole_result(cli: Cli) -> None:
    done = cli("outlet", "bench", "db-main", "off", "--yes", "--json", "--reason", "move it")
    assert done.code == DONE
    result = json.loads(done.out)
    assert result["outcome"] == "observed"
    assert (result["before"], result["after"]) == ("on", "off")
    assert result["outlet_name"] == "db-main"
    assert result["load_w"] > 0
    assert [stage for stage, _ in result["stages"]] == [
        "requested", "confirmed", "sent", "accepted",
    ]  # fmt: skip
    assert result["ended"].endswith("Z")
    intent = result["intent"]
    assert (intent["pdu"], intent["outlet"], intent["action"]) == ("bench", 1, "off")
    assert intent["reason"] == "move it"
    assert intent["actor"]["origin"] == "cli"


def test_the_audit_has_who_what_and_how_it_ended(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    cli("outlet", "bench", "1", "off", "--yes", "--reason", "move it")
    began, ended = audit(cli)
    assert (began["outcome"], ended["outcome"]) == ("requested", "observed")
    assert began["intent_id"] == ended["intent_id"]
    for row in (began, ended):
        assert row["ssh_origin"] == "192.0.2.7"
        assert row["user"]
        assert (row["pdu"], row["outlet"], row["outlet_name"]) == ("bench", 1, "db-main")
        assert row["reason"] == "move it"
        assert row["time"].endswith("Z")
    assert (ended["state_from"], ended["state_to"]) == ("on", "off")
    table = cli("audit").out
    assert "192.0.2.7" in table
    assert "on > off" in table


def test_without_yes_and_without_a_terminal_nothing_is_sent(cli: Cli, device: str) -> None:
    done = cli("outlet", device, "4", "off")
    assert done.code == REFUSED
    assert "not confirmed" in done.err
    assert snmpget(device, STATE + "4") == ON
    assert outcomes(cli) == [(4, "requested"), (4, "refused")]


def test_dry_run_says_it_sends_nothing_and_records_nothing(cli: Cli, device: str) -> None:
    done = cli("outlet", device, "4-5", "off", "--yes", "--dry-run")
    assert (done.code, done.err) == (DONE, "")
    first, second, *impact = done.out.splitlines()
    assert first.startswith("would: Turn OFF outlet 4 nas01")
    assert second.startswith("would: Turn OFF outlet 5 pbx01")
    assert "  unknown: What outlets 4 and 5 feed is not known" in impact
    assert snmpget(device, STATE + "4") == ON
    assert cli("audit").out == ""
    as_json = cli("outlet", device, "4", "off", "--dry-run", "--json")
    assert json.loads(as_json.out)["allowed"] is True


def test_a_device_over_snmp_switches_one_by_one(cli: Cli, device: str) -> None:
    done = cli("outlet", device, "6-7", "off", "--yes", "--json")
    assert done.code == DONE, done.err
    assert [json.loads(line)["intent"]["outlet"] for line in done.out.splitlines()] == [6, 7]
    assert [snmpget(device, STATE + n) for n in ("5", "6", "7")] == [ON, OFF, OFF]
    assert cli("outlet", device, "6,7", "on", "--yes").code == DONE
    assert [snmpget(device, STATE + n) for n in ("6", "7")] == [ON, ON]


def test_a_wrong_write_community_is_bad_news_and_stops_the_run(
    cli: Cli, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDUTUI_CONTROL_VERIFY_TIMEOUT_S", "1.5")
    done = cli(
        "outlet", device, "4,5", "off", "--yes", "--write-community", "wrong-one",
        "--timeout", "0.5", "--retries", "0",
    )  # fmt: skip
    assert done.code == BAD_NEWS
    assert "stopped there; not tried: outlet 5" in done.err
    assert "wrong-one" not in done.err + done.out
    assert [snmpget(device, STATE + n) for n in ("4", "5")] == [ON, ON]


def test_a_protected_outlet_needs_its_name(cli: Cli) -> None:
    done = cli("outlet", "bench", "2", "off", "--yes")
    assert done.code == REFUSED
    assert "--confirm-name 'core-switch'" in done.err
    assert "protected" in done.err
    done = cli("outlet", "bench", "2", "off", "--yes", "--confirm-name", "core-swich")
    assert done.code == REFUSED
    assert outcomes(cli) == [(2, "requested"), (2, "refused")] * 2
    assert cli("outlet", "bench", "2", "off", "--confirm-name", "core-switch").code == REFUSED
    done = cli("outlet", "bench", "2", "off", "--yes", "--confirm-name", "core-switch")
    assert done.code == DONE, done.err


def test_one_outlet_that_may_not_switch_keeps_all_from_switching(cli: Cli) -> None:
    done = cli("outlet", "bench", "1-3", "off", "--yes")
    assert done.code == REFUSED
    assert outcomes(cli) == [(2, "requested"), (2, "refused")]


@pytest.mark.parametrize(
    ("argv", "env", "said"),
    [
        (("outlet", "shelf", "1", "off", "--yes"), {}, "read only"),
        (("outlet", "bench", "1", "off", "--yes"), {"PDUTUI_READ_ONLY": "1"}, "read only"),
        (("outlet", "bench", "1", "off", "--yes"), {"PDUTUI_CONTROL_ENABLED": "0"}, "control"),
    ],
)
def test_read_only_is_refused_with_the_reason_and_on_record(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    env: dict[str, str],
    said: str,
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    done = cli(*argv)
    assert done.code == REFUSED
    assert said in done.err.replace("-", " ")
    assert [row["outcome"] for row in audit(cli)] == ["requested", "refused"]


def test_a_configured_pdu_without_write_community_is_read_only(
    cli: Cli, device: str, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[[pdu]]\nname = "rack"\nhost = "{device}"\n')
    done = cli("outlet", "rack", "4", "off", "--yes")
    assert done.code == REFUSED
    assert "write community" in done.err
    assert snmpget(device, STATE + "4") == ON


def test_a_dead_device_is_unreachable_and_the_attempt_on_record(cli: Cli) -> None:
    done = cli("outlet", "dead", "3", "off", "--yes")
    assert done.code == UNREACHABLE
    assert done.err.startswith("pdutui: dead: ")
    assert outcomes(cli) == [(3, "requested"), (3, "refused")]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("bench", "25", "off"), "bench has no outlet 25 (there: 1 to 24)"),
        (("bench", "db-", "off"), "no outlet named 'db-'"),
        (("bench", "3-1", "off"), "3-1 runs backwards"),
        (("bench", "1", "toggle"), "'toggle' is not one of"),
        (("bench", "1"), "Missing argument"),
    ],
)
def test_wrong_usage(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli("outlet", *argv, "--yes")
    assert done.code == USAGE
    assert said in done.err
    assert cli("audit").out == ""


def test_a_database_from_the_future_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    cli("outlet", "bench", "1", "off", "--yes")
    path = tmp_path / "state" / "history.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    for argv in (("outlet", "bench", "1", "on", "--yes"), ("audit",)):
        done = cli(*argv)
        assert done.code == USAGE
        assert "newer pdutui" in done.err


def at_a_terminal(home: Path, *argv: str, answers: dict[str, str], timeout_s: float = 20.0) -> Done:
    """Run in a pseudo-terminal, typing an answer when its question appears."""
    (home / "config.toml").write_text(CONFIG)
    (home / "config.toml").chmod(0o600)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [*PDUTUI, *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(home, PDUTUI_CONFIG=str(home / "config.toml")),
        close_fds=True,
    )
    os.close(theirs)
    seen = ""
    waiting = dict(answers)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                data = os.read(ours, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data.decode(errors="replace")
        for question, answer in list(waiting.items()):
            if question in seen:
                if answer == CTRL_C:  # no terminal of its own, so nobody makes a signal of it
                    child.send_signal(signal.SIGINT)
                else:
                    os.write(ours, answer.encode())
                del waiting[question]
    os.close(ours)
    return Done(child.wait(5), seen, "")


def audited(home: Path) -> list[tuple[str, str]]:
    """Outcome and detail of every record, without starting the program for it."""
    path = home / "state" / "history.db"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT outcome, detail FROM audit ORDER BY n").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return []


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04", "yeah\n"])
def test_anything_but_yes_is_no(tmp_path: Path, answer: str) -> None:
    done = at_a_terminal(tmp_path, "outlet", "bench", "1", "off", answers={"[y/N]": answer})
    assert done.code == REFUSED, done.out
    assert "Turn OFF outlet 1 db-main on bench: drops" in done.out
    assert "cancelled" in done.out
    assert audited(tmp_path) == [("requested", "asked for"), ("refused", "cancelled")]


def test_yes_at_the_terminal_switches(tmp_path: Path) -> None:
    done = at_a_terminal(tmp_path, "outlet", "bench", "1", "off", answers={"[y/N]": "y\n"})
    assert done.code == DONE, done.out
    assert "observed: off after" in done.out


def test_a_protected_outlet_is_asked_for_by_name(tmp_path: Path) -> None:
    answers = {"[y/N]": "y\n", "type its name": "core-switch\n"}
    done = at_a_terminal(tmp_path, "outlet", "bench", "2", "off", answers=answers)
    assert done.code == DONE, done.out


def test_ctrl_c_at_the_question_is_quiet(tmp_path: Path) -> None:
    done = at_a_terminal(tmp_path, "outlet", "bench", "1", "off", answers={"[y/N]": CTRL_C})
    assert done.code == 130, done.out
    assert "Traceback" not in done.out
    assert audited(tmp_path) == [("requested", "asked for"), ("refused", "cancelled")]


def test_what_was_typed_before_the_question_is_no_answer(tmp_path: Path) -> None:
    answers = {"": "y\n", "[y/N]": "n\n"}
    done = at_a_terminal(tmp_path, "outlet", "bench", "1", "off", answers=answers)
    assert done.code == REFUSED, done.out


def test_signals_in_the_middle_of_a_command_leave_its_end_on_record(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "config.toml").chmod(0o600)
    env = environment(tmp_path, PDUTUI_CONFIG=str(tmp_path / "config.toml"))
    child = subprocess.Popen(
        [*PDUTUI, "outlet", "bench", "1", "reboot", "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    deadline = time.monotonic() + 10
    while not audited(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    for number in (signal.SIGTERM, signal.SIGINT):  # somebody who cannot wait
        child.send_signal(number)
        time.sleep(0.2)
    out, err = child.communicate(timeout=15)
    assert (child.returncode, out) == (128 + signal.SIGTERM, "")
    waiting, ended = err.strip().splitlines()
    assert waiting.startswith("pdutui: Reboot outlet 1 db-main on bench")
    assert waiting.endswith("waiting 5 s at most for its end")
    assert ended == "bench outlet 1 db-main: unconfirmed: program ended"
    assert [outcome for outcome, _ in audited(tmp_path)] == ["requested", "unconfirmed"]
