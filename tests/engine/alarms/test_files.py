"""The alarms on the disk: whole or set aside, shared, and with the one that was there first."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.alarm import Acknowledgement, Alarm, AlarmChange, AlarmEntry
from pdutui.domain.alarm_finding import alarm_id
from pdutui.domain.alarm_watched import Watched, acknowledge
from pdutui.engine.alarms import journal
from pdutui.engine.alarms.archive import CLOSE_LIMIT_S, Archive, merge
from pdutui.engine.alarms.book import Book, BookTrouble, Kept, NewerBook
from pdutui.engine.alarms.journal import HistoryQuery, Journal, Line, Tail
from pdutui.engine.alarms.lead import STALLED_S, Lead
from tests.support.clock import ManualClock

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def alarm(pdu: str = "rack1-a", part: str = "bank.1", **values: object) -> Alarm:
    one = Alarm(
        id=alarm_id(pdu, ("overload", part, "")), pdu=pdu, kind="overload", part=part,
        level="critical", text="Bank 1 at 103 % of 16 A", since=NOW, changed=NOW,
    )  # fmt: skip
    return msgspec.structs.replace(one, **values)


def watched(one: Alarm | None = None) -> Watched:
    one = one or alarm()
    return Watched(
        pdu=one.pdu, kind=one.kind, part=one.part, alarm=one, listed=True, worst=one.level,
        told_s=1.0, loud_since=NOW,
    )  # fmt: skip


def line(change: AlarmChange = "raised", at: datetime = NOW, **values: object) -> Line:
    return Line(entry=AlarmEntry(time=at, change=change, alarm=alarm(**values)), program="p1")  # type: ignore[arg-type]


def put(book: Book, *what: Watched, lines: tuple[Line, ...] = ()) -> Kept:
    return book.change(
        lambda kept: (msgspec.structs.replace(kept, watched=(*kept.watched, *what)), lines), NOW
    )


# -- the state -----------------------------------------------------------------------------------


def test_what_is_written_is_read_again_and_private(tmp_path: Path) -> None:
    book = Book(tmp_path / "alarms")
    assert book.read() == Kept()
    assert not (tmp_path / "alarms").exists(), "looking makes nothing"
    kept = put(book, watched(), lines=(line(),))
    assert Book(tmp_path / "alarms").read() == kept
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "alarms").iterdir()]
    assert set(modes) == {0o600}
    assert (tmp_path / "alarms").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("bytes_left", [0, 1, 40, -3])
def test_a_damaged_file_is_set_aside_and_the_journal_is_taken(
    tmp_path: Path, bytes_left: int
) -> None:
    book = Book(tmp_path)
    seen = alarm(part="bank.2", ack=Acknowledgement(by="alice", time=NOW))
    gone = alarm(part="bank.3", over=NOW, ack=Acknowledgement(by="alice", time=NOW))
    lines = [line(), line("acknowledged", part="bank.2", ack=seen.ack)]
    lines.append(line("acknowledged", part="bank.3", over=NOW, ack=gone.ack))
    put(book, watched(), watched(seen), lines=tuple(lines))
    path = tmp_path / "state.json"
    path.write_bytes(path.read_bytes()[:bytes_left])
    again = Book(tmp_path)
    kept = again.read()
    assert {(one.part, one.alarm and one.alarm.ack) for one in kept.watched} == {
        ("bank.1", None), ("bank.2", seen.ack),
    }  # fmt: skip
    assert "was damaged" in again.mishap
    assert (tmp_path / "state.json.damaged-1").exists()


def test_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    book = Book(tmp_path)
    put(book, watched())
    path = tmp_path / "state.json"
    newer = json.dumps({"format": 2, "watched": {"all": "different"}})
    path.write_text(newer)
    with pytest.raises(NewerBook, match="written by a newer pdutui"):
        book.read()
    with pytest.raises(NewerBook):
        put(book, watched())
    assert path.read_text() == newer


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / "state.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BookTrouble, match=r"state\.json"):
        Book(tmp_path).read()


def test_what_work_raises_writes_nothing(tmp_path: Path) -> None:
    book = Book(tmp_path)
    kept = put(book, watched())

    def refuse(kept: Kept) -> tuple[Kept, tuple[Line, ...]]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        book.change(refuse, NOW)
    assert book.read() == kept


def test_a_merge_takes_acknowledgements_and_leaves_what_others_judge() -> None:
    mine, other = watched(), watched(alarm("rack2-a"))
    seen, _ = acknowledge(mine, Acknowledgement(by="bob", time=NOW))
    kept = Kept(watched=(seen, other))
    merged = merge(kept, [mine], frozenset({"rack1-a"}), NOW)
    assert merged.watched == (other, seen)
    merged = merge(kept, [], frozenset({"rack1-a"}), NOW)
    assert merged.watched == (other,), "what is not followed any more goes"
    late = merge(kept, [], frozenset({"rack1-a"}), NOW + timedelta(days=40))
    assert late.watched == (), "nobody has watched that PDU for a month"


# -- the journal ---------------------------------------------------------------------------------


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    log = Journal(tmp_path, 400)
    log.append([line(part="bank.1")], NOW)
    with log.path.open("ab") as file:
        file.write(b'{"entry":{"time":"2026-11')
    log.append([line(part="bank.2")], NOW)
    found = log.read(HistoryQuery())
    assert [one.alarm.part for one in found] == ["bank.2", "bank.1"]


def test_questions_to_the_journal(tmp_path: Path) -> None:
    log = Journal(tmp_path, 400)
    hour = timedelta(hours=1)
    log.append([line(part="bank.1"), line("over", NOW + hour, part="bank.1")], NOW)
    log.append([line(at=NOW + 2 * hour, pdu="rack2-a", level="warning")], NOW)

    def count(**query: object) -> int:
        return len(log.read(HistoryQuery(**query)))  # type: ignore[arg-type]

    assert count() == 3
    assert count(limit=2) == 2
    assert count(limit=0) == 0
    assert count(from_time=NOW + hour) == 2
    assert count(to_time=NOW + hour) == 2
    assert count(pdu="rack2-a") == 1
    assert count(level="critical") == 2
    assert count(text="RACK2") == 1


def test_a_long_journal_goes_on_in_a_new_part_and_old_parts_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PART_BYTES", 2000)
    log = Journal(tmp_path, days=10)
    day = timedelta(days=1)
    for number in range(40):
        now = NOW + number * day
        log.append([line(at=now, part=f"bank.{number}")], now)
    found = log.read(HistoryQuery())
    parts = [int(one.alarm.part.removeprefix("bank.")) for one in found]
    assert parts == list(range(39, parts[-1] - 1, -1)), "none is missing, the newest first"
    assert 10 <= len(parts) < 25
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_a_tail_hears_what_is_added_over_a_new_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, tail = Journal(tmp_path, 400), Tail(tmp_path / journal.NAME)
    log.append([line(part="bank.0")], NOW)
    assert tail.read() == []
    log.append([line(part="bank.1")], NOW)
    monkeypatch.setattr(journal, "PART_BYTES", 10)
    log.append([line(part="bank.2"), line(part="bank.3")], NOW)
    assert [one.entry.alarm.part for one in tail.read()] == ["bank.1", "bank.2", "bank.3"]
    assert tail.read() == []
    log.path.write_bytes(b"")
    assert tail.read() == []
    tail.close()
    tail.close()


# -- who leads -----------------------------------------------------------------------------------


def test_the_first_of_several_leads_what_they_share(tmp_path: Path) -> None:
    book = Book(tmp_path)
    wall, one, late = Lead(book, ["a", "b"]), Lead(book, ["b", "c"]), Lead(book, ["c"])
    assert wall.look(0.0) == frozenset()
    assert one.look(0.0) == {"", "a", "b"}
    assert late.look(0.0) == {"", "a", "b", "c"}
    wall.let_go()
    assert one.look(1.0) == frozenset()
    assert late.look(1.0) == {"", "b", "c"}
    back = Lead(book, ["a", "b"])
    assert back.look(2.0) == {"", "b", "c"}, "who comes back stands behind the others"
    for lead in (one, late, back):
        lead.let_go()
    assert not list(tmp_path.glob("lead-*"))


def test_a_program_that_was_killed_leads_nobody(tmp_path: Path) -> None:
    (tmp_path / "lead-0.json").write_text('{"pid":1,"pdus":["a"]}')
    lead = Lead(Book(tmp_path), ["a"])
    assert lead.look(0.0) == frozenset()
    assert [path.name for path in tmp_path.glob("lead-*")] == ["lead-0.json"]
    lead.let_go()


def test_a_program_that_hangs_is_passed_over_and_stands_behind_when_it_is_back(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path)
    hung, other = Lead(book, ["a"]), Lead(book, ["a"])
    hung.look(0.0)
    assert other.look(0.0) == {"", "a"}
    for now_s in range(1, int(STALLED_S)):
        assert other.look(float(now_s)) == {"", "a"}
    assert other.look(STALLED_S + 1) == frozenset()
    assert hung.look(STALLED_S + 2) == {"", "a"}
    assert other.look(STALLED_S + 2) == frozenset()
    hung.let_go()
    other.let_go()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BookTrouble, match="Permission denied"):
        Lead(Book(tmp_path / "alarms"), ["a"]).look(0.0)
    tmp_path.chmod(0o700)


def test_of_a_long_journal_only_the_end_is_read(tmp_path: Path) -> None:
    """A part has up to 4 MB, and whoever looks at the history wants a screen of it."""
    log = Journal(tmp_path, 30)
    texts = [f"{number} " + "x" * (number * 37 % 3000) for number in range(1500)]
    log.append([line(text=text) for text in texts], NOW)
    with log.path.open("ab") as file:
        file.write(b'{"entry": torn')
    assert [one.alarm.text for one in log.read(HistoryQuery(limit=9999))] == texts[::-1]
    assert log.path.stat().st_size > 2_000_000
    tracemalloc.start()
    few = log.read(HistoryQuery(limit=20))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.alarm.text for one in few] == texts[:-21:-1]
    assert most < 500_000
    assert log.last_of_each()[alarm().id].alarm.text == texts[-1]


async def test_a_disk_that_answers_after_the_end_still_has_its_files_closed(tmp_path: Path) -> None:
    """Else a console that reads its configuration anew would hold the old place for months."""
    clock, book, answers = ManualClock(), Book(tmp_path / "alarms"), threading.Event()
    archive = Archive(book, ["rack1-a"], "p1", clock)
    await archive.open()
    place = tmp_path / "alarms" / "lead-0.json"
    assert place.exists()
    hanging = asyncio.create_task(archive._thread.run(answers.wait))
    closing = asyncio.create_task(archive.close([watched()]))
    await clock.run(CLOSE_LIMIT_S + 1)
    await closing
    assert archive.trouble
    assert place.exists()
    answers.set()
    await hanging
    for _ in range(200):
        if not place.exists():
            break
        await asyncio.sleep(0.01)
    assert not place.exists()
    assert not archive._lead.held
