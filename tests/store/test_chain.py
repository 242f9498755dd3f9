"""The audit as a chain: what was done to it by hand is found."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pdutui.domain.audit import GENESIS, AuditQuery, ChainReport
from pdutui.domain.commands import AuditRecord
from pdutui.store.audit import AuditEntry
from pdutui.store.audit_head import HEAD_NAME, HeadFile
from pdutui.store.audit_trail import open_trail
from pdutui.store.chain import FIELDS, digest
from pdutui.store.errors import StoreTrouble
from pdutui.store.history import HistoryStore
from pdutui.store.schema import MIGRATIONS, migrate
from pdutui.store.schema_chain import TRIGGERS
from pdutui.store.spill import SpillFile

from .conftest import Opener
from .helpers import START, query, record

MANY = 6


def test_the_hash_is_over_every_field_of_a_record() -> None:
    assert set(FIELDS[1:]) == set(AuditRecord.__struct_fields__)


def test_anybody_can_work_the_hash_out() -> None:
    """By the rules in the docstring of `store.chain`, with nothing but the standard library."""
    odd = "".join(map(chr, range(0x300))) + "\u2028\U0001f600"
    values = ["u", "t", odd, None, 3, '"],["']
    text = json.dumps([7, GENESIS, *values], ensure_ascii=False, separators=(",", ":"))
    said = hashlib.sha256(b"pdutui audit record 1\n" + text.encode()).hexdigest()
    assert digest(7, GENESIS, values) == said


def test_no_two_records_have_the_same_hash() -> None:
    """Texts cannot move from one field into the next, and nothing is taken for something else."""
    alike: list[list[object]] = [
        ["a", "b"], ["ab", ""], ["", "ab"], ["a", None], ["a", ""], ['a","b', ""], ["a", 1],
        ["a", "1"], ["b", "a"],
    ]  # fmt: skip
    hashes = {digest(n, GENESIS, values) for values in alike for n in (1, 12)}
    assert len(hashes) == 2 * len(alike)


@pytest.fixture
async def written(open_store: Opener, path: Path) -> Path:
    """A database with some records, that nobody has open."""
    store = await open_store()
    for k in range(MANY):
        assert await store.audit_durable(record(k, reason="why", ticket="CHG-1", role="admin"))
    await store.close()
    return path


async def verify(path: Path, expect: str | None = None) -> ChainReport:
    trail = await open_trail(path)
    try:
        return await trail.verify(expect)
    finally:
        await trail.close()


def by_hand(path: Path, *statements: str, guards: bool = True) -> None:
    """As somebody with a shell would: the triggers away, the change, the triggers back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for name in TRIGGERS:
            conn.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            conn.execute(statement)
        if guards:
            for name, what in TRIGGERS.items():
                conn.execute(f"CREATE TRIGGER {name} {what}")


async def test_what_was_written_holds(written: Path) -> None:
    report = await verify(written)
    assert report.ok
    assert report.records == MANY
    assert report.notes == ()
    rows = query(written, "SELECT n, before_hash, hash FROM audit ORDER BY n")
    assert [n for n, *_ in rows] == [*range(1, MANY + 1)]
    assert [before for _, before, _ in rows] == [GENESIS, *(h for *_, h in rows[:-1])]
    assert report.head == rows[-1][2]
    head = HeadFile(written).read()
    assert head is not None
    assert (head.n, head.hash) == (MANY, report.head)
    assert written.with_name(HEAD_NAME).stat().st_mode & 0o777 == 0o600


SWAP = (
    "UPDATE audit SET n = -3 WHERE n = 3",
    "UPDATE audit SET n = 3 WHERE n = 4",
    "UPDATE audit SET n = 4 WHERE n = -3",
)
MISSING_END = f"DELETE FROM audit WHERE n = {MANY}"
SEQUENCE = f"UPDATE sqlite_sequence SET seq = {MANY - 1} WHERE name = 'audit'"


@pytest.mark.parametrize(
    ("statements", "n", "what"),
    [
        (("UPDATE audit SET user = 'eve' WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET reason = NULL WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET outlet = 4 WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET time = 'x' WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET ticket = x'80' WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET user = CAST(x'616c80' AS TEXT) WHERE n = 3",), 3, "was changed"),
        # The BLOB whose base64 is "db01", as the name was.
        (("UPDATE audit SET outlet_name = x'75bd35' WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET hash = before_hash WHERE n = 3",), 3, "was changed"),
        (("UPDATE audit SET before_hash = hash WHERE n = 3",), 3, "does not follow record 2"),
        (SWAP, 3, "does not follow record 2"),
        (SWAP, 4, "was changed"),
        (("DELETE FROM audit WHERE n = 3",), 3, "record 3 is missing"),
        (("DELETE FROM audit WHERE n IN (3, 4)",), 3, "records 3 to 4 are missing"),
        (("DELETE FROM audit WHERE n = 1",), 1, "record 1 is missing"),
        (("DELETE FROM audit WHERE n = 3", "UPDATE audit SET n = 3 WHERE n = 6"), 3, "changed"),
        ((MISSING_END,), MANY, "record 6 is missing at the end"),
        ((MISSING_END, SEQUENCE), MANY, "records are missing at the end, or this is an older"),
        (("DELETE FROM audit", "DELETE FROM sqlite_sequence"), MANY, "which is not there"),
        ((SEQUENCE,), MANY, "sqlite_sequence was changed"),
    ],
)
async def test_what_was_done_by_hand_is_found(
    written: Path, statements: tuple[str, ...], n: int, what: str
) -> None:
    by_hand(written, *statements)
    report = await verify(written)
    assert not report.ok
    assert [fault for fault in report.faults if fault.n == n and what in fault.what], report.faults


async def test_a_record_that_was_put_in_is_found(written: Path) -> None:
    columns = ", ".join(FIELDS[1:])
    by_hand(
        written,
        "UPDATE audit SET n = n + 10 WHERE n > 3",
        "UPDATE audit SET n = n - 9 WHERE n > 3",
        f"INSERT INTO audit (n, uid, {columns}, before_hash, hash)"
        f" SELECT 4, 'x', {columns}, hash, hash FROM audit WHERE n = 3",
    )
    faults = (await verify(written)).faults
    assert [f.n for f in faults if f.what.startswith(f"record {f.n} was")] == [4, 5, 6, 7]


async def test_taken_away_guards_are_found(written: Path) -> None:
    by_hand(written, guards=False)
    (fault,) = (await verify(written)).faults
    assert "audit_no_delete" in fault.what


def chained_anew(path: Path) -> None:
    """Everything by the rules, after a change: as good as a forger can be."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        before = GENESIS
        for n, *values in conn.execute(f"SELECT n, {', '.join(FIELDS)} FROM audit").fetchall():
            hashed = digest(n, before, values)
            conn.execute("UPDATE audit SET before_hash=?, hash=? WHERE n=?", (before, hashed, n))
            before = hashed


async def test_a_chain_made_anew_is_found_by_a_hash_kept_elsewhere(written: Path) -> None:
    kept = (await verify(written)).head
    for hashed in (kept, str(query(written, "SELECT hash FROM audit WHERE n = 2")[0][0])):
        report = await verify(written, expect=hashed)
        assert report.ok
        assert "the hash that was expected is that of record" in report.notes[0]
    by_hand(written, "UPDATE audit SET user = 'eve' WHERE n = 3", guards=False)
    chained_anew(written)
    by_hand_guards = [f"CREATE TRIGGER {name} {what}" for name, what in TRIGGERS.items()]
    with closing(sqlite3.connect(written, isolation_level=None)) as conn:
        for statement in by_hand_guards:
            conn.execute(statement)
    (fault,) = (await verify(written)).faults
    assert "the chain was made anew" in fault.what
    written.with_name(HEAD_NAME).unlink()
    assert (await verify(written)).ok, "nothing here can tell"
    (fault,) = (await verify(written, expect=kept)).faults
    assert kept in fault.what


async def test_what_is_missing_stays_to_be_found_when_more_is_written(
    written: Path, open_store: Opener
) -> None:
    by_hand(written, MISSING_END, SEQUENCE)
    store = await open_store()
    for k in (7, 8):
        assert await store.audit_durable(record(k))
    await store.close()
    report = await verify(written)
    (fault,) = report.faults
    assert f"{HEAD_NAME} speaks of record {MANY} of" in fault.what
    assert query(written, "SELECT count(*) FROM audit_note") == [(1,)]


async def test_an_older_copy_in_its_place_is_found(written: Path, open_store: Opener) -> None:
    copy = written.read_bytes()
    store = await open_store()
    await store.audit_durable(record(9))
    await store.close()
    written.write_bytes(copy)
    (fault,) = (await verify(written)).faults
    assert (fault.n, "older copy" in fault.what) == (MANY + 1, True)


async def test_a_head_file_that_is_behind_or_not_there_is_no_fault(written: Path) -> None:
    file = HeadFile(written)
    newest = json.loads(file.path.read_text())
    (earlier,) = query(written, "SELECT n, hash, time FROM audit WHERE n = 2")
    newest["heads"][written.name] = dict(zip(("n", "hash", "time"), earlier, strict=True))
    file.path.write_text(json.dumps(newest))
    assert (await verify(written)) == ChainReport(
        records=MANY, head=(await verify(written)).head, faults=(), notes=()
    )
    for spoil, said in (
        (lambda: file.path.write_text("{"), "cannot be read"),
        (file.path.unlink, "says nothing of this database"),
    ):
        spoil()
        report = await verify(written)
        assert report.ok
        assert said in report.notes[0]


async def test_two_programs_write_one_chain(open_store: Opener, path: Path) -> None:
    one, other = await open_store(busy_ms=2000), await open_store(busy_ms=2000)
    chained: list[int] = []
    one.on_chained = other.on_chained = lambda records: chained.extend(r.n for r in records)

    async def write(store: HistoryStore, begin: int) -> None:
        for k in range(begin, begin + 10):
            assert await store.audit_durable(record(k))

    await asyncio.gather(write(one, 0), write(other, 100))
    report = await verify(path)
    assert report.ok
    assert report.records == 20
    assert sorted(chained) == [*range(1, 21)], "each is told of once, by who has written it"


async def test_spilled_records_are_chained_and_told_of(open_store: Opener, path: Path) -> None:
    """Also those of a pdutui that knew fewer fields."""
    (await open_store()).audit(record(1))
    old = json.loads(json.dumps(AuditEntry.of(record(2)), default=_plain))
    old["record"] = {k: v for k, v in old["record"].items() if k not in FIELDS[15:]}
    spill = SpillFile(path.with_name("audit-spill.jsonl"))
    spill.append([AuditEntry.of(record(3, plan="P-1"))])
    with spill.path.open("a") as file:
        file.write(json.dumps(old) + "\n")
    again = await open_store()
    await again.flush()
    report = await verify(path)
    assert report.ok
    assert query(path, "SELECT count(*), count(plan) FROM audit") == [(3, 1)]


def _plain(value: object) -> object:
    fields = getattr(value, "__struct_fields__", None)
    return str(value) if fields is None else {f: getattr(value, f) for f in fields}


async def test_a_damaged_database_begins_a_chain_anew_and_says_so(
    written: Path, open_store: Opener
) -> None:
    data = bytearray(written.read_bytes())
    data[28:32] = b"\xff" * 4  # the size in the header
    data[100:108] = b"\x00" * 8
    written.write_bytes(data)
    store = await open_store()
    assert "set aside" in store.status.detail
    assert await store.audit_durable(record(50))
    await store.close()
    report = await verify(written)
    assert report.ok
    (note,) = report.notes
    assert "was damaged" in note
    assert f"the newest that it had was record {MANY} of" in note


def older(path: Path, count: int) -> None:
    """A database as it was before there was a chain."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        migrate(conn, path, {step: MIGRATIONS[step] for step in (0, 1)})
        columns = FIELDS[:15]
        given = dict.fromkeys(columns, "") | {"outlet": 3, "ssh_origin": None, "user": "alice"}
        conn.execute("BEGIN")
        for k in range(count):
            given |= {"uid": f"u{k}", "time": START.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
            conn.execute(
                f"INSERT INTO audit ({', '.join(columns)}) VALUES ({', '.join('?' * 15)})",
                [given[f] for f in columns],
            )
        conn.execute("COMMIT")


async def test_an_older_audit_is_chained_with_a_note(path: Path, open_store: Opener) -> None:
    older(path, 9)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for name in ("audit_no_update", "audit_no_delete"):
            conn.execute(f"DROP TRIGGER {name}")
        conn.execute("DELETE FROM audit WHERE n IN (4, 9)")
        conn.execute("UPDATE audit SET user = CAST(x'ff' AS TEXT) WHERE n = 5")
        conn.execute("UPDATE audit SET detail = x'00ff' WHERE n = 6")
        # A view of somebody's that does not work: renaming a table would fail for it.
        conn.execute("CREATE VIEW mine AS SELECT x FROM nowhere")
    with pytest.raises(StoreTrouble, match="an older pdutui"):
        await verify(path)
    store = await open_store()
    assert store.status == type(store.status)(True, "")
    assert await store.audit_durable(record(1))
    rows = await (await store.audit_trail()).rows(AuditQuery())
    assert [row.n for row in rows] == [10, 8, 7, 6, 5, 3, 2, 1]
    assert {row.record.user for row in rows} == {"alice", "\\xff"}
    report = await verify(path)
    assert report.ok
    (note,) = report.notes
    assert note.startswith("records up to 9 were made part of the chain")
    assert "cannot be proved" in note


def test_an_update_that_is_cut_off_leaves_the_old_audit(path: Path) -> None:
    older(path, 3)

    class Cut(Exception):
        pass

    def cut(statement: str) -> None:
        if "audit_plan" in statement:
            raise Cut

    def steps(conn: sqlite3.Connection) -> None:
        MIGRATIONS[2](_Watched(conn, cut))  # type: ignore[arg-type]

    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        with pytest.raises(Cut):
            migrate(conn, path, {**MIGRATIONS, 2: steps})
        assert conn.execute("PRAGMA user_version").fetchone() == (2,)
        assert conn.execute("SELECT count(*), max(n) FROM audit").fetchone() == (3, 3)
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            conn.execute("DELETE FROM audit")
        migrate(conn, path)
        assert conn.execute("SELECT count(*) FROM audit WHERE length(hash) = 64").fetchone() == (3,)


class _Watched:
    """A connection that shows each statement first."""

    def __init__(self, conn: sqlite3.Connection, look: Callable[[str], None]) -> None:
        self._conn, self._look = conn, look

    def execute(self, statement: str, values: tuple[int | str, ...] = ()) -> sqlite3.Cursor:
        self._look(statement)
        return self._conn.execute(statement, values)

    def executemany(self, statement: str, rows: object) -> sqlite3.Cursor:
        return self._conn.executemany(statement, rows)  # type: ignore[arg-type]
