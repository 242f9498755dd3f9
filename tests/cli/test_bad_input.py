"""What nobody should type, and streams that are not there: a line that says so, and a code."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, USAGE
from pdutui.cli.main import _stand_in_for_closed_streams
from tests.cli.conftest import Cli
from tests.support.program import PDUTUI, environment

NOT_UTF8 = os.fsdecode(b"\xff\xfe")
LONG = "9" * 5000
CLOSED = {"closed": "<&- >&- 2>&-", "full": "</dev/null >/dev/full"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("poll", "bench", "--timeout", "nan"), "'--timeout': 'nan' is not a finite number"),
        (("poll", "bench", "--interval", "nan"), "'--interval': 'nan' is not a finite number"),
        (("poll", "bench", "--interval", "1e300"), "is not in the range 0.2<=x<=3600"),
        (("poll", "bench", "--count", "-1"), "-1 is not in the range"),
        (("poll", "bench", "--community", NOT_UTF8), "'--community': is not UTF-8 text"),
        (("poll", "bench", "--write-community", NOT_UTF8), "is not UTF-8 text"),
        (("poll", "bench", "--community-file", "~no-such-user/c"), "no home directory is known"),
        (("poll", NOT_UTF8), "is no host name and no address"),
        (("poll", f"h:{LONG}"), "the port must be a number from 1 to 65535"),
        (("outlet", "bench", "1", "on", "--reason", NOT_UTF8), "'--reason': is not UTF-8 text"),
        (("outlet", "bench", NOT_UTF8, "on"), "'OUTLETS': is not UTF-8 text"),
        (("outlet", "bench", "1", "on", "--confirm-name", NOT_UTF8), "is not UTF-8 text"),
        (("outlet", "bench", "999999", "on", "--yes"), "no PDU has an outlet 999999"),
        (("outlet", "bench", LONG, "on", "--yes"), "no PDU has an outlet 9999"),
        (("run", "--theme", NOT_UTF8), "'--theme': is not UTF-8 text"),
        (("audit", "--limit", LONG[:30]), "is not in the range"),
        (("simulate", "--listen", "²"), "is not HOST:PORT"),
        (("simulate", "--listen", f":{LONG}"), "is not HOST:PORT"),
        (("simulate", "--listen", "[::1:1161"), "is not HOST:PORT"),
        (("simulate", "--listen", "a b:1161"), "is not HOST:PORT"),
        (("simulate", "--listen", "a..b:1161"), "cannot listen on a..b:1161: not a host name"),
        (("simulate", "--delay", "nan"), "is not a finite number"),
        (("simulate", "--loss", "nan"), "is not a finite number"),
        (("simulate", "--silent-after", "inf"), "is not a finite number"),
        (("simulate", "--community", NOT_UTF8), "'--community': is not UTF-8 text"),
    ],
)
def test_wrong_arguments(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli(*argv)
    assert done.code == USAGE
    assert said in done.err
    assert "internal error" not in done.err
    assert done.out == ""


@pytest.mark.parametrize("name", ["PDUTUI_CONFIG", "PDUTUI_STATE_DIR"])
def test_a_home_directory_that_nobody_has(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "~no-such-user/x")
    done = cli("poll", "bench")
    assert done.code == USAGE
    assert f"{name}: no home directory is known for ~no-such-user/x" in done.err


@pytest.mark.parametrize("target", ["10.0.0.5", "dead"])
def test_a_community_of_the_environment_that_is_no_text(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("PDUTUI_COMMUNITY", NOT_UTF8)
    done = cli("poll", target)
    assert done.code == USAGE
    assert "PDUTUI_COMMUNITY is not UTF-8 text" in done.err
    monkeypatch.delenv("PDUTUI_COMMUNITY")
    monkeypatch.setenv("READ", NOT_UTF8)
    assert "READ is not UTF-8 text" in cli("poll", target, "--community-env", "READ").err


def test_a_recording_of_junk_is_quoted_in_short(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "junk.snmprec").write_bytes(bytes(range(32, 256)) * 50 + b"|2|3\n")
    done = cli("simulate", "--recording", str(tmp_path / "junk.snmprec"))
    assert done.code == USAGE
    assert "junk.snmprec, line 1: " in done.err
    assert "is not an OID" in done.err
    assert len(done.err) < 1000


@pytest.mark.parametrize(
    ("argv", "streams", "code"),
    [
        (["poll", "m"], "closed", DONE),
        (["outlet", "m", "3", "off", "--yes"], "closed", DONE),
        (["outlet", "m", "3", "off"], "closed", REFUSED),
        (["--demo"], "closed", USAGE),
        (["poll", "m"], "full", BAD_NEWS),
        (["--version"], "full", BAD_NEWS),
        (["history", "--help"], "full", BAD_NEWS),
        (["poll", "m", "--json", "--count", "0"], "full", BAD_NEWS),
        (["outlet", "m", "3", "off", "--yes"], "full", BAD_NEWS),
    ],
)
def test_streams_that_are_closed_or_full(
    tmp_path: Path, argv: list[str], streams: str, code: int
) -> None:
    """Closed ones are as good as /dev/null; the database never gets their numbers."""
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "m"\nbackend = "mock"\nwrite_community = "unused"\n')
    config.chmod(0o600)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {CLOSED[streams]}', "sh", *PDUTUI, *argv],
        capture_output=True,
        text=True,
        env=environment(tmp_path, PDUTUI_CONFIG=str(config)),
        timeout=30,
    )
    assert done.returncode == code, done.stderr
    if streams == "full":
        assert done.stderr == "pdutui: the output cannot be written: No space left on device\n"
    if argv[0] == "outlet":
        with sqlite3.connect(tmp_path / "state" / "history.db") as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ends = conn.execute("SELECT count(*) FROM audit").fetchone()
        assert ends == (2,)


def test_a_configuration_that_is_a_directory_is_not_called_missing(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDUTUI_CONFIG", str(tmp_path))
    assert "has errors" in cli("config", "path").out
    done = cli("config", "check")
    assert done.code == USAGE
    assert f"{tmp_path}: cannot be read: Is a directory" in done.err


def test_closed_streams_have_a_stand_in_where_textual_looks_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("stdin", "__stdin__"):
        monkeypatch.setattr(sys, name, None)
    _stand_in_for_closed_streams()
    assert sys.stdin is sys.__stdin__
    assert sys.stdin is not None
    assert sys.stdin.fileno() == 0
