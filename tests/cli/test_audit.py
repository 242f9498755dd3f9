"""`pdutui audit`: all of it, or a word on what may be missing."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, USAGE
from pdutui.domain.audit import AuditQuery
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import AuditRecord
from pdutui.store.audit import AuditEntry
from pdutui.store.audit_read import waiting_rows
from pdutui.store.audit_trail import open_trail
from pdutui.store.history import HistoryStore
from pdutui.store.schema_chain import TRIGGERS
from tests.cli.conftest import Cli
from tests.support.program import run

START = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def switch(cli: Cli) -> None:
    assert cli("outlet", "bench", "3", "off", "--yes").code == DONE


def test_nothing_switched_yet(cli: Cli) -> None:
    done = cli("audit")
    assert done.code == DONE
    assert "nothing has been switched from here yet" in done.err
    assert cli("audit", "--json") == (DONE, "", "")


def test_a_console_that_writes_the_history_leaves_the_audit_whole(cli: Cli, tmp_path: Path) -> None:
    """Another writer of readings keeps neither the audit from being read nor from being written."""
    (tmp_path / "state").mkdir(mode=0o700)
    config = tmp_path / "config.toml"

    async def pdutui(*argv: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, *argv, home=tmp_path, PDUTUI_CONFIG=str(config))

    async def beside_a_console() -> None:
        path = tmp_path / "state" / "history.db"
        console = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        try:
            done = await pdutui("outlet", "bench", "3", "off", "--yes")
            assert (done.returncode, done.stderr) == (DONE, "")
            done = await pdutui("audit", "--json")
        finally:
            await console.close()
        assert (done.returncode, done.stderr) == (DONE, "")
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        assert outcomes == ["requested", "observed"]

    asyncio.run(beside_a_console())


def test_a_damaged_database_is_not_an_empty_audit(cli: Cli, tmp_path: Path) -> None:
    switch(cli)
    (tmp_path / "state" / "history.db").write_bytes(b"rubbish" * 5000)
    for _ in range(2):  # it is set aside by the first look at it, and still is missing afterwards
        done = cli("audit")
        assert done.code == BAD_NEWS
        assert "this may not be all" in done.err
        assert "history.db.damaged-" in done.err


def test_a_state_directory_that_cannot_be_looked_into(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "file"))
    done = cli("audit")
    assert done.code == USAGE
    assert "history.db cannot be read: Not a directory" in done.err


def test_an_audit_that_could_not_be_kept_is_said_on_leaving(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(tmp_path / "file"))
    done = cli("outlet", "bench", "3", "off", "--yes")
    assert done.code == DONE
    assert "observed" in done.out
    assert "lines of the audit are on no disk: 2" in done.err


def test_an_audit_in_the_spill_file_is_said_and_shown(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "state" / "history.db").mkdir(parents=True)
    (tmp_path / "state").chmod(0o700)
    done = cli("outlet", "bench", "3", "off", "--yes")
    assert "the audit is in audit-spill.jsonl" in done.err
    done = cli("audit", "--json")
    assert done.code == BAD_NEWS
    assert "this may not be all" in done.err
    assert len(done.out.splitlines()) == 2


# -- choosing, and other forms -------------------------------------------------------------------


def record(k: int, **other: object) -> AuditRecord:
    fields: dict[str, object] = {
        "time": START + timedelta(minutes=k), "intent_id": f"i{k}", "user": "alice",
        "ssh_origin": None, "origin": "cli", "pdu": "rack1-a", "outlet": 3, "outlet_name": "db01",
        "action": "off", "state_from": "on", "state_to": "off", "outcome": "observed",
        "detail": "done",
    }  # fmt: skip
    return AuditRecord(**(fields | other))  # type: ignore[arg-type]


ROWS = (
    record(0),
    record(1, user="bob (sudo by alice)", pdu="rack1-b", reason='=HYPERLINK("x")'),
    record(2, user="alice (sudo by bob)", ticket="CHG-7", outcome="refused", state_to=None),
    record(3, plan="P-1", approved_by="carol", role="admin", outlet=2005, detail="Größe,\x1b[2J"),
    record(4, action="all_off", outlet=0, outlet_name="", origin="console"),
)
"""Written in one console, looked at in all the ways there are."""


def fill(path: Path, *records: AuditRecord) -> None:
    async def write() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        for one in records:
            assert await store.audit_durable(one)
        await store.close()

    asyncio.run(write())


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "history.db"
    fill(path, *ROWS)
    return path


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ((), [1, 2, 3, 4, 5]),
        (("--limit", "2"), [4, 5]),
        (("--since", "2026-11-20T14:02:00Z"), [3, 4, 5]),
        (("--until", "2026-11-20T14:02:00Z"), [1, 2]),
        (("--user", "alice"), [1, 2, 3, 4, 5]),
        (("--user", "bob"), [2, 3]),
        (("--user", "bo"), []),
        (("--user", "alice (sudo by bob)"), [3]),
        (("--pdu", "rack1-b"), [2]),
        (("--outlet", "0"), [5]),
        (("--outlet", "2.5"), [4]),
        (("--action", "all_off"), [5]),
        (("--action", "all-off"), [5]),
        (("--outcome", "refused"), [3]),
        (("--plan", "p-1"), [4]),
        (("--ticket", "CHG-7"), [3]),
        (("--grep", "grösse"), [4]),
        (("--grep", "CAROL"), [4]),
        (("--grep", "%"), []),
        (("--user", "alice", "--outcome", "observed", "--limit", "1"), [5]),
    ],
)
def test_a_choice_of_records(
    cli: Cli, filled: Path, options: tuple[str, ...], numbers: list[int]
) -> None:
    done = cli("audit", "--json", *options, "--file", str(filled))
    assert done.code == DONE
    assert [json.loads(line)["n"] for line in done.out.splitlines()] == numbers
    if not numbers:
        assert "no record fits" in cli("audit", *options).err


def test_what_waits_is_chosen_by_the_same_rules(filled: Path) -> None:
    """The database chooses what is stored, Python what is not stored yet."""
    chosen = [
        AuditQuery(user="alice"), AuditQuery(text="GRÖSSE"), AuditQuery(since=ROWS[2].time),
        AuditQuery(until=ROWS[2].time), AuditQuery(outlet=0), AuditQuery(origin="console"),
        AuditQuery(ticket="CHG-7", plan="P-1"), AuditQuery(limit=2), AuditQuery(text="i3"),
    ]  # fmt: skip

    async def both(query: AuditQuery) -> tuple[list[AuditRecord], list[AuditRecord]]:
        trail = await open_trail(filled)
        stored = await trail.rows(query)
        await trail.close()
        waiting = waiting_rows([AuditEntry("u", one) for one in ROWS], query)
        return [row.record for row in stored], [row.record for row in waiting]

    for query in chosen:
        stored, waiting = asyncio.run(both(query))
        assert stored == waiting


def test_as_csv(cli: Cli, filled: Path) -> None:
    done = cli("audit", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["n"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert all(len(row["hash"]) == 64 and len(row) == 21 for row in rows)
    assert rows[1]["reason"] == '\'=HYPERLINK("x")'
    assert rows[3]["detail"] == "Größe,?[2J"
    assert rows[3]["before_hash"] == rows[2]["hash"]
    assert (rows[2]["state_to"], rows[2]["ticket"], rows[4]["outlet"]) == ("", "CHG-7", "0")


# -- the chain -----------------------------------------------------------------------------------


def by_hand(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for name in TRIGGERS:
            conn.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            conn.execute(statement)
        for name, what in TRIGGERS.items():
            conn.execute(f"CREATE TRIGGER {name} {what}")


def test_a_chain_that_holds(cli: Cli, filled: Path) -> None:
    done = cli("audit", "--verify")
    assert done.code == DONE
    assert "5 records, the chain holds" in done.out
    head = json.loads(cli("audit", "--head", "--json").out)
    assert head["n"] == 5
    assert cli("audit", "--head").out == f"5 {head['hash']}\n"
    assert head["hash"] in done.out
    said = json.loads(cli("audit", "--verify", "--json", "--expect", head["hash"].upper()).out)
    assert said["head"] == head["hash"]
    assert (said["ok"], said["records"], said["faults"]) == (True, 5, [])
    assert said["notes"] == ["the hash that was expected is that of record 5"]
    other = cli("audit", "--verify", "--expect", "0" * 64)
    assert other.code == BAD_NEWS
    assert "no record has the hash that was expected" in other.out


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (("UPDATE audit SET user = 'eve' WHERE n = 2",), "record 2 was changed"),
        (
            (
                "UPDATE audit SET n = 9 WHERE n = 2", "UPDATE audit SET n = 2 WHERE n = 3",
                "UPDATE audit SET n = 3 WHERE n = 9",
            ),
            "record 3 was changed",
        ),
        (("DELETE FROM audit WHERE n = 3",), "record 3 is missing"),
        (("DELETE FROM audit WHERE n = 5",), "record 5 is missing at the end"),
    ],
)  # fmt: skip
def test_tampering_is_found(cli: Cli, filled: Path, statements: tuple[str, ...], said: str) -> None:
    by_hand(filled, *statements)
    done = cli("audit", "--verify")
    assert done.code == BAD_NEWS
    assert "THE CHAIN IS BROKEN" in done.out
    assert said in done.out
    plain = json.loads(cli("audit", "--verify", "--json").out)
    assert plain["ok"] is False
    assert any(said in fault["what"] for fault in plain["faults"])
    assert "alice" in cli("audit").out, "what is there is shown all the same"


def test_a_record_that_is_rubbish_is_shown_as_such(cli: Cli, filled: Path) -> None:
    by_hand(filled, "UPDATE audit SET time = 'never', user = CAST(x'ff1b' AS TEXT) WHERE n = 5")
    done = cli("audit", "--json")
    assert json.loads(done.out.splitlines()[-1])["outcome"] == "unreadable"
    assert "unreadable" in cli("audit").out
    assert "record 5 was changed" in cli("audit", "--verify").out


def test_an_audit_that_was_taken_away_is_missed(cli: Cli, filled: Path) -> None:
    filled.unlink()
    for argv in (("audit",), ("audit", "--verify")):
        done = cli(*argv)
        assert done.code == BAD_NEWS
        assert "history.db is not there, but audit-head.json speaks of record 5" in done.err
    fill(filled)
    assert "audit-head.json speaks of record 5" in cli("audit").err
    assert cli("audit", "--verify").code == BAD_NEWS


def test_a_copy_on_another_machine_is_only_read(cli: Cli, filled: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for name in ("history.db", "audit-head.json"):
        (away / name).write_bytes((filled.parent / name).read_bytes())
        (away / name).chmod(0o400)
    done = cli("audit", "--verify", "--file", str(away / "history.db"))
    assert (done.code, done.err) == (DONE, "")
    assert len(cli("audit", "--json", "--file", str(away / "history.db")).out.splitlines()) == 5
    assert cli("audit", "--file", str(away / "none.db")).code == USAGE


@pytest.mark.parametrize(
    "argv",
    [
        ("--json", "--csv"), ("--verify", "--csv"), ("--verify", "--pdu", "x"), ("--expect", "0"),
        ("--verify", "--expect", "0"), ("--since", "soon"), ("--outlet", "db01"),
        ("--file", "/x", "--demo"), ("--head", "--verify"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(cli: Cli, argv: tuple[str, ...]) -> None:
    assert cli("audit", *argv).code == USAGE
