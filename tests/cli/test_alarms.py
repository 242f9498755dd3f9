"""`pdutui alarms`: what a console has left, and what can be done about it without one."""

from __future__ import annotations

import asyncio
import csv
import getpass
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
import pytest

from pdutui.cli import alarms_watch
from pdutui.cli.alarms_place import place_of
from pdutui.cli.exits import BAD_NEWS, DONE, REFUSED, USAGE
from pdutui.cli.kinds import Duration
from pdutui.domain.alarm import Alarm, AlarmChange, AlarmEntry, AlarmKind, AlarmLevel, Silence
from pdutui.domain.alarm_finding import alarm_id
from pdutui.domain.alarm_watched import Watched
from pdutui.domain.clock import SystemClock
from pdutui.domain.reading import Inlet, Reading
from pdutui.engine.alarms.book import Book, Kept
from pdutui.engine.alarms.journal import Line
from pdutui.engine.alarms.lead import Lead
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli

NOW = datetime.now(UTC)
AGO = NOW - timedelta(minutes=5)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """The alarms of `cli`."""
    return Book(tmp_path / "state" / "alarms")


@pytest.fixture
def console(book: Book) -> Iterator[Lead]:
    """Another program that judges two of its PDUs."""
    lead = Lead(book, ("bench", "shelf"))
    lead.look(0.0)
    yield lead
    lead.let_go()


def watched(
    pdu: str = "bench", kind: AlarmKind = "overload", part: str = "bank.1",
    level: AlarmLevel = "critical", text: str = "Bank 1 at 103 % of 16 A", **values: object,
) -> Watched:  # fmt: skip
    alarm = Alarm(
        id=alarm_id(pdu, (kind, part, "")), pdu=pdu, kind=kind, part=part, level=level, text=text,
        since=AGO, changed=AGO,
    )  # fmt: skip
    alarm = msgspec.structs.replace(alarm, **values)
    return Watched(pdu=pdu, kind=kind, part=part, alarm=alarm, listed=True, worst=level)


def keep(book: Book, *alarms: Watched, silences: tuple[Silence, ...] = ()) -> None:
    changes: dict[bool, AlarmChange] = {False: "over", True: "raised"}
    lines = [
        Line(entry=AlarmEntry(time=AGO, change=changes[one.alarm.over is None], alarm=one.alarm))
        for one in alarms
        if one.alarm is not None
    ]
    book.change(lambda _: (Kept(watched=alarms, silences=silences), lines), AGO)


def ids(*alarms: Watched) -> list[str]:
    return [one.alarm.id for one in alarms if one.alarm is not None]


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


# -- the list ------------------------------------------------------------------------------------


def test_nothing_was_ever_judged_and_that_is_not_called_good(cli: Cli) -> None:
    done = cli("alarms")
    assert (done.code, done.out) == (DONE, "no alarms are known\n")
    assert "nobody judges alarms now: nothing was ever judged here" in done.err
    assert cli("alarms", "--judged").code == BAD_NEWS
    (found,) = objects(cli("alarms", "list", "--json").out)
    assert found == {"judged": False, "written": None, "alarms": [], "silences": []}


def test_a_pdu_that_is_none_is_not_called_good(cli: Cli, tmp_path: Path) -> None:
    for more in ((), ("--poll",), ("--watch",)):
        done = cli("alarms", "--pdu", "bemch", *more)
        assert done.code == USAGE
        assert done.err == "pdutui: --pdu bemch fits no PDU: did you mean bench?\n"
    assert cli("alarms", "--pdu", "ben?h").code == DONE
    nothing = tmp_path / "nothing.toml"
    nothing.touch()
    done = cli("alarms", "--poll", "--json", "--config", str(nothing))
    assert (done.code, done.out) == (USAGE, "")
    assert "no PDU is configured, so none is read" in done.err


def test_what_a_console_that_has_ended_left(cli: Cli, book: Book) -> None:
    warning = watched(level="warning", part="bank.2", text="Bank 2\x1b[2J at 83 %", times=3)
    over = watched("rack9", "source_lost", "source.A", text="source A lost", over=NOW)
    keep(book, warning, over, watched())
    done = cli("alarms")
    assert done.code == BAD_NEWS
    lines = done.out.splitlines()
    assert lines[1].split("  ")[1] == "CRITICAL"
    assert "Bank 1 at 103 % of 16 A" in lines[1]
    assert "not known any more" in lines[1]
    assert "Bank 2?[2J at 83 %" in lines[2]
    assert "over " in lines[3]
    assert lines[-1] == "3 alarms: 2 critical, 1 warning"
    said = re.search(
        r"nobody judges alarms now: this is as it was left, the last change (\d+) min", done.err
    )
    assert said is not None
    assert 5 <= int(said[1]) <= 5 + (datetime.now(UTC) - NOW).total_seconds() / 60
    (found,) = objects(cli("alarms", "--json").out)
    alarms = found["alarms"]
    assert isinstance(alarms, list)
    assert [one["known"] for one in alarms] == [False, False, True]
    assert list(alarms[0]) == [
        "id", "pdu", "kind", "part", "rule", "level", "text", "value", "limit", "unit", "series",
        "since", "changed", "over", "known", "times", "loud", "ack", "silenced_until",
    ]  # fmt: skip
    assert alarms[1]["times"] == 3


def test_beside_a_console_that_runs(cli: Cli, book: Book, console: Lead) -> None:
    keep(book, watched(level="warning"), watched("dead", "pdu_lost", "", text="lost: no answer"))
    done = cli("alarms", "--pdu", "be*", "--judged")
    assert done.code == DONE
    assert " active " in done.out
    assert done.err == "pdutui: a console runs, and judges no alarms of dead\n"
    (found,) = objects(cli("alarms", "--json").out)
    assert found["judged"] is True
    alarms = found["alarms"]
    assert isinstance(alarms, list)
    assert {one["pdu"]: one["known"] for one in alarms} == {"bench": True, "dead": False}
    assert "lost" in cli("alarms", "--level", "critical").out
    hangs = NOW.timestamp() - 60
    os.utime(book.directory / "lead-0.json", (hangs, hangs))
    assert "nobody judges" in cli("alarms").err, "it holds its place, and does nothing"
    console.let_go()
    assert "nobody judges" in cli("alarms").err


def test_a_silence_that_ended_while_nobody_looked_has_ended(cli: Cli, book: Book) -> None:
    until = NOW - timedelta(seconds=5)
    silence = Silence(id="aa11", pdu="*", until=until, by="anna")
    keep(book, watched(silenced_until=until), silences=(silence,))
    done = cli("alarms", "--loud")
    assert done.code == BAD_NEWS
    assert "silenced" not in done.out


def test_damaged_alarms_are_said(cli: Cli, book: Book) -> None:
    keep(book, watched())
    (book.directory / "state.json").write_bytes(b'{"format":1,')
    done = cli("alarms")
    assert done.code == BAD_NEWS
    assert "Bank 1 at 103 %" in done.out
    assert "was damaged" in done.err
    (book.directory / "state.json").write_bytes(b'{"format":99}')
    done = cli("alarms", "ack", "all")
    assert done.code == USAGE
    assert "newer pdutui" in done.err


# -- what people do ------------------------------------------------------------------------------


def test_acknowledging(cli: Cli, book: Book) -> None:
    one, other = watched(), watched(part="bank.2")
    keep(book, one, other)
    first, second = ids(one, other)
    done = cli("alarms", "ack", first[:4].upper(), "--comment", " on my\nway ")
    assert done.code == DONE
    assert done.out == f"acknowledged: bench: Bank 1 at 103 % of 16 A [{first}]\n"
    done = cli("alarms")
    assert f"acknowledged by {getpass.getuser()}: on my way" in done.out
    assert done.code == BAD_NEWS, "the other one is loud"
    assert cli("alarms", "ack", "all").out.count(second) == 1
    assert cli("alarms").code == DONE
    assert cli("alarms", "ack", "all").out == "no alarm is loud\n"
    (entry, *_) = reversed(objects(cli("alarms", "history", "--json").out))
    assert (entry["change"], entry["by"]) == ("acknowledged", getpass.getuser())


@pytest.mark.parametrize(
    ("word", "said"),
    [("zzzz", "there is no alarm 'zzzz': 2 alarms are there"), ("", "there is no alarm ''")],
)
def test_alarms_that_are_not_there(cli: Cli, book: Book, word: str, said: str) -> None:
    keep(book, watched(), watched(part="bank.2"))
    done = cli("alarms", "ack", word)
    assert done.code == USAGE
    assert said in done.err
    assert "there is no silence 'x'" in cli("alarms", "unsilence", "x").err


def test_ids_that_begin_alike_are_not_guessed(cli: Cli, book: Book) -> None:
    keep(book, watched(id="abcd2222"), watched(part="bank.2", id="abcd3333"))
    done = cli("alarms", "ack", "abcd")
    assert done.code == USAGE
    assert "could be abcd2222, abcd3333: type more of it" in done.err


def test_silencing(cli: Cli, book: Book) -> None:
    keep(book, watched(), watched(part="bank.2"))
    done = cli(
        "alarms", "silence", "bench", "--kind", "overload", "--part", "bank.1", "--for", "1d12h",
        "--comment", "work on it",
    )  # fmt: skip
    assert done.code == DONE
    assert ": bench, overload, bank.1 [" in done.out
    done = cli("alarms")
    assert done.out.count("silenced until") == 1
    assert "1 d 12 h" in done.out
    assert "work on it" in done.out
    assert cli("alarms", "silence", "be*", "--for", "600").code == DONE
    assert cli("alarms").code == DONE, "nothing is loud"
    done = cli("alarms", "unsilence", "all")
    assert done.out.count("ended: silence of be") == 2
    assert cli("alarms").code == BAD_NEWS
    assert cli("alarms", "unsilence", "all").out == "nothing is silenced\n"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("bnch", "--for", "1h"), "there is no PDU 'bnch': did you mean 'bench'?"),
        (("bench", "--for", "1h", "--kind", "pdu-los"), "did you mean pdu-lost?"),
        (("bench", "--for", "1h", "--part", "3"), "'3' is no part: outlet.3"),
        (("bench", "--for", "31d"), "is not from 1 s to 30 days"),
        (("bench",), "Missing option '--for'"),
    ],
)
def test_wrong_silences(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli("alarms", "silence", *argv)
    assert done.code == USAGE
    assert said in done.err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("15m", 900), ("2 h", 7200), ("1d12h", 129_600), ("1.5h", 5400)],
)
def test_spans_of_time(text: str, seconds: float) -> None:
    assert Duration(1, 30 * 86400).convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "h", "2x", "-5m", "1h-", "nan", "1e3", "0", "1e9d", "٣h"])
def test_what_is_no_span_of_time(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Duration(1, 30 * 86400).convert(text, None, None)


def test_viewers_are_refused(cli: Cli, book: Book, tmp_path: Path) -> None:
    keep(book, watched())
    with (tmp_path / "config.toml").open("a") as file:
        file.write(f'\n[control.roles]\nviewer = ["{getpass.getuser()}"]\n')
    for argv in (
        ("ack", "all"),
        ("silence", "bench", "--for", "1h"),
        ("unsilence", "all"),
    ):
        done = cli("alarms", *argv)
        assert (done.code, "is a viewer" in done.err) == (REFUSED, True)
    assert cli("alarms").code == BAD_NEWS
    assert book.read().silences == ()


# -- what became of them -------------------------------------------------------------------------


def test_history(cli: Cli, book: Book) -> None:
    keep(book, watched(text="=cmd()\x07", value=-1.5), watched("shelf", level="warning"))
    done = cli("alarms", "history", "--pdu", "bench")
    assert done.code == DONE
    assert done.out.count("\n") == 1
    assert "raised critical  bench: =cmd()?" in done.out
    rows = list(csv.DictReader(io.StringIO(cli("alarms", "history", "--csv").out)))
    assert [row["pdu"] for row in rows] == ["bench", "shelf"]
    assert (rows[0]["text"], rows[0]["value"], rows[0]["over"]) == ("'=cmd()?", "-1.5", "")
    assert "no alarm fits" in cli("alarms", "history", "--until", "-1h").err
    assert cli("alarms", "history", "--since", "soon").code == USAGE
    assert cli("alarms", "history", "--grep", "CMD", "--limit", "1").out.count("\n") == 1


async def test_watching(
    cli: Cli, book: Book, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(alarms_watch, "EVERY_S", 0.005)
    keep(book, watched())
    place = place_of(Path(os.environ["PDUTUI_CONFIG"]), demo=False)
    tail = alarms_watch.tail_of(place)
    wanted = asyncio.create_task(
        alarms_watch.follow(place, tail, lambda alarm: alarm.pdu == "bench", as_json=True)
    )
    capsys.readouterr()
    keep(book, watched(over=NOW), watched("shelf"))
    said = ""
    for _ in range(1000):
        await asyncio.sleep(0.005)
        said += capsys.readouterr().out
        if said:
            break
    wanted.cancel()
    (entry,) = objects(said)
    assert (entry["change"], list(entry)) == (
        "over",
        ["time", "change", "by", "comment", "alarm"],
    )


# -- judging without a console -------------------------------------------------------------------


def test_judging_once(cli: Cli, book: Book) -> None:
    well = watched(part="bank.9", kind="breaker_tripped", text="Bank 9: breaker tripped")
    lost = watched("bench", "pdu_lost", "", text="lost: no answer")
    moved = watched("bench", "transfer", "", "warning", text="transferred", over=AGO)
    keep(book, well, lost, moved)
    done = cli("alarms", "--poll", "--pdu", "dead", "--pdu", "bench")
    assert done.code == BAD_NEWS
    assert "lost: " in done.out.splitlines()[1]
    assert done.out.count("CRITICAL  dead") == 1
    (found,) = objects(cli("alarms", "--poll", "--json").out)
    assert found["judged"] is True
    alarms = {one["id"]: one for one in found["alarms"]}  # type: ignore[attr-defined]
    gone, back, momentary = ids(well, lost, moved)
    assert alarms[gone]["known"] is False, "there is no bank 9 to look at"
    assert alarms[back]["over"] is not None, "it was critical, and stays until somebody has seen it"
    assert alarms[momentary]["over"] is not None
    assert book.read().watched == (well, lost, moved), "nothing is written"
    assert cli("alarms", "ack", *ids(well, lost, moved)).code == DONE
    (found,) = objects(cli("alarms", "--poll", "--json", "--pdu", "bench").out)
    left = {one["id"]: one for one in found["alarms"]}  # type: ignore[attr-defined]
    assert left[gone]["loud"] is False
    assert back not in left


def test_judging_once_by_thresholds(cli: Cli, tmp_path: Path) -> None:
    with (tmp_path / "config.toml").open("a") as file:
        file.write(
            '\n[alarms]\noff = ["pdu_lost", "overload"]\n[[alarms.threshold]]\nname = "any"\n'
            'of = "pdu"\nmeasure = "power_w"\npdus = ["bench"]\nhigh_warning = 1\n'
        )
    done = cli("alarms", "--poll")
    assert done.code == DONE, "a warning is no bad news"
    assert "(any)" in done.out
    assert "dead" not in done.out
    assert cli("alarms", "--poll", "--watch").code == USAGE


# -- budgets -------------------------------------------------------------------------------------

BUDGET = """
[[alarms.budget]]
name = "bench"
kwh = 0.001
pdus = ["bench"]
[[alarms.budget]]
name = "later"
kwh = 1
pdus = ["later-*"]
"""


def test_budgets(cli: Cli, tmp_path: Path) -> None:
    assert "no budget is configured" in cli("alarms", "budgets").err
    with (tmp_path / "config.toml").open("a") as file:
        file.write(BUDGET)
    done = cli("alarms", "budgets")
    assert done.code == BAD_NEWS
    assert "energy budgets are not judged: no history" in done.err

    async def fill() -> None:
        path = tmp_path / "state" / "history.db"
        path.parent.mkdir(exist_ok=True)
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        for k in range(20):
            inlet = Inlet(number=1, name="I1", energy_kwh=10 + k / 1000)
            at = NOW - timedelta(seconds=20 - k)
            store.append(Reading(pdu="bench", time=at, inlets=(inlet,)))
        await store.close()

    asyncio.run(fill())
    done = cli("alarms", "budgets")
    assert done.code == BAD_NEWS, "it is used up"
    assert "used up" in done.out
    assert ">= " in done.out
    assert "budget later: fits no PDU" in done.err
    assert "too little is known of the day" in done.err
    (found,) = objects(cli("alarms", "budgets", "--json").out)
    assert (found["state"], found["unknown_pdus"]) == ("used_up", ["bench"])


# -- the hook ------------------------------------------------------------------------------------


def test_trying_the_hook(cli: Cli, tmp_path: Path) -> None:
    assert "no hook is configured" in cli("alarms", "test-hook").err
    config = tmp_path / "config.toml"
    before = config.read_text()
    script = tmp_path / "hook"
    text = f'\n[alarms.hook]\ncommand = ["{script}"]\n'
    config.write_text(before + text)
    script.write_text(f'#!/bin/sh\ncat > "{tmp_path}/given"; echo "$PDUTUI_ALARM_TEST" >&2\n')
    script.chmod(0o755)
    done = cli("alarms", "test-hook", "--change", "over")
    assert done.code == DONE
    assert f"{script}: done in " in done.out
    assert "it said: 1" in done.out
    given = json.loads((tmp_path / "given").read_text())
    assert (given["test"], given["change"], given["alarm"]["pdu"]) == (True, "over", "bench")
    done = cli("alarms", "test-hook", "--show")
    assert "PDUTUI_ALARM_LEVEL=critical\n" in done.out
    script.write_text("#!/bin/sh\necho no route >&2\nexit 3\n")
    done = cli("alarms", "test-hook")
    assert done.code == BAD_NEWS
    assert done.err == f"pdutui: {script}: ended with 3: no route\n"
    assert "the demo runs no hook" in cli("alarms", "test-hook", "--demo").err
