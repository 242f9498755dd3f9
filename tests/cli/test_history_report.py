"""`pdutui history report`, over a past that is known exactly."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, DONE, USAGE
from pdutui.domain.history import HOUR_MS
from pdutui.domain.report_model import read_report
from tests.cli.conftest import Cli
from tests.store.energy_data import frame, ms, open_database, put_frame, steady, write_polls
from tests.support.program import PDUTUI, environment

STEP = 5 * 60_000
W09, W10 = ms("2024-02-26T00:00+01:00"), ms("2024-03-04T00:00+01:00")
END = ms("2024-03-11T00:00+01:00")
TARIFF = """
[energy]
currency = "EUR"
price_per_kwh = 0.30
[[energy.band]]
name = "night"
from = "22:00"
to = "06:00"
price_per_kwh = 0.24
"""


def fill(path: Path) -> None:
    conn = open_database(path)
    watts = {"inlet.1": 300.0, "bank.1": 300.0, "outlet.1": 100.0, "outlet.2": 200.0}
    put_frame(conn, frame("rack1-a", outlets=2, banks=1), W09)
    write_polls(conn, "rack1-a", range(W09, END + HOUR_MS, STEP), steady(watts, W09))
    put_frame(conn, frame("old pdu", outlets=1, serial="S9"), W10)
    half = [ts for ts in range(W10, END, STEP) if not W10 + 6 * HOUR_MS < ts < W10 + 90 * HOUR_MS]
    write_polls(conn, "old pdu", half, steady({"inlet.1": 50.0}, W10, counter=None))
    put_frame(conn, frame("bench", outlets=3, serial="S3"), W09)
    write_polls(
        conn, "bench", range(W09, W10, STEP), steady({"outlet.1": 10.0, "outlet.2": 20.0}, W09)
    )
    conn.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("energy") / "history.db"
    fill(path)
    return path


@pytest.fixture
def db(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three PDUs over two weeks: with counters, without, and one that is not metered in full."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "state").mkdir(mode=0o700)
    return Path(shutil.copy(filled, tmp_path / "state" / "history.db"))


@pytest.fixture
def priced(cli: Cli, tmp_path: Path) -> None:
    """A tariff in the configuration of `cli`."""
    with (tmp_path / "config.toml").open("a") as file:
        file.write(TARIFF)


@pytest.mark.usefixtures("db", "priced")
def test_a_week_of_all_pdus(cli: Cli) -> None:
    done = cli("history", "report", "--week", "2024-W10")
    assert (done.code, done.err) == (DONE, "")
    lines = done.out.splitlines()
    assert lines[0] == ("Energy of week 2024-W10, Mon 2024-03-04 to Sun 2024-03-10 (Europe/Berlin)")
    assert all(len(line) <= 80 for line in lines), max(lines, key=len)
    assert lines[2:6] == [
        "  PDU          kWh      share    EUR  change    in %       read  by",
        "  old pdu    4.200  *   7.7 %   1.16       -       -     50.0 %  power",
        "  rack1-a   50.400     92.3 %  14.11  +0.025   0.0 %      100 %  counter",
        "  all PDUs  54.600  *       -  15.28  +4.225  +8.4 %  !  75.0 %  mixed",
    ]
    assert "  energy  50.400 kWh by counter" in lines
    assert "  Outlet 1 db01  16.800  33.3 %  4.70  +0.009  +0.1 %  100 %  counter" in lines
    assert "no reading in this time: bench" in lines
    assert "  lost time: 1 gap, 3 d 11 h in all" in lines
    assert lines[-2].startswith("* a part of the time is not known")


@pytest.mark.usefixtures("db", "priced")
def test_sums_are_right_to_the_digit(cli: Cli) -> None:
    """By hour, by day, as a whole; 300 W is 7.2 kWh a day, a third of it at night."""
    whole = json.loads(cli("history", "report", "rack1-a", "--week", "2024-W10", "--json").out)
    total = whole["pdus"][0]["total"]
    assert (total["kwh"], total["method"], total["coverage"]) == (50.4, "counter", 1.0)
    assert total["cost"] == pytest.approx(33.6 * 0.3 + 16.8 * 0.24, abs=1e-6)
    assert [(b["name"], b["price_per_kwh"]) for b in whole["bands"]] == [
        ("base", 0.3), ("night", 0.24),
    ]  # fmt: skip
    assert [b["kwh"] for b in whole["bands"]] == pytest.approx([33.6, 16.8], abs=0.001)
    for by, count in (("hour", 168), ("day", 7), ("week", 1), ("month", 1)):
        done = cli("history", "report", "rack1-a", "--week", "2024-W10", "--by", by, "--csv")
        rows = list(csv.DictReader(io.StringIO(done.out)))
        assert len(rows) == count
        assert sum(Decimal(row["kwh"]) for row in rows) == Decimal("50.4")
        cost = sum(Decimal(row["cost"]) for row in rows)
        assert float(cost) == pytest.approx(total["cost"], abs=1e-9)


@pytest.mark.usefixtures("db")
def test_without_a_tariff_there_is_no_cost(cli: Cli) -> None:
    done = cli("history", "report", "--week", "2024-W10")
    assert "EUR" not in done.out
    assert "cost" not in done.out
    report = json.loads(cli("history", "report", "--week", "2024-W10", "--json").out)
    assert (report["currency"], report["total"]["cost"]) == (None, None)


@pytest.mark.usefixtures("db", "priced")
def test_what_is_not_known_is_said(cli: Cli) -> None:
    report = read_report(cli("history", "report", "old pdu", "--week", "2024-W10", "--json").out)
    (pdu,) = report.pdus
    assert pdu.total.method == "power"
    assert pdu.total.partial
    assert pdu.total.coverage == pytest.approx(1 - 84 / 168, abs=0.001)
    assert pdu.total.kwh == pytest.approx(50 * 84 / 1000, abs=0.01)
    assert (pdu.gap_count, pdu.total.previous_kwh, pdu.outlets[0].kwh) == (1, None, None)
    text = cli("history", "report", "old pdu", "--week", "2024-W10").out
    assert "by measured power; of 50.0 % of the time only" in text
    assert "of a part of the time only" in text


@pytest.mark.usefixtures("db")
def test_a_pdu_of_which_one_outlet_is_not_metered_has_no_total(cli: Cli) -> None:
    report = read_report(cli("history", "report", "bench", "--week", "2024-W09", "--json").out)
    (pdu,) = report.pdus
    assert (pdu.basis, pdu.total.kwh) == (None, None)
    assert [one.kwh for one in pdu.outlets] == [
        pytest.approx(1.68, abs=0.003), pytest.approx(3.36, abs=0.003), None,
    ]  # fmt: skip
    text = cli("history", "report", "bench", "--week", "2024-W09").out
    assert "not known: neither counters nor measured power tell it" in text
    assert "Outlet 1 db-main" in text, "as the configuration calls it"


@pytest.mark.usefixtures("db", "priced")
def test_days_beside_each_other_and_hours_below(cli: Cli) -> None:
    done = cli("history", "report", "--week", "2024-W10", "--by", "day")
    heads, *rows = done.out.splitlines()[2:5]
    assert " ".join(heads.split()) == ("PDU, kWh Mon 4 Tue 5 Wed 6 Thu 7 Fri 8 Sat 9 Sun 10 sum")
    assert rows[1].split() == ["rack1-a", *["7.200"] * 7, "50.400"]
    done = cli("history", "report", "rack1-a", "--day", "2024-03-05", "--by", "hour", "--per",
               "outlet")  # fmt: skip
    assert done.out.count("Tue 2024-03-05 13:00") == 2
    assert all(len(line) <= 80 for line in done.out.splitlines())


@pytest.mark.usefixtures("db")
def test_the_day_on_which_the_clock_is_changed(cli: Cli, db: Path) -> None:
    conn = open_database(db)
    begin = ms("2024-10-26T20:00+02:00")
    write_polls(
        conn, "dst", range(begin, begin + 40 * HOUR_MS, STEP), steady({"inlet.1": 1000.0}, begin)
    )
    conn.close()
    done = cli("history", "report", "dst", "--day", "2024-10-27", "--by", "hour")
    hours = [line.split() for line in done.out.splitlines() if "2024-10-27 02" in line]
    assert [h[2] for h in hours] == ["02:00+02:00", "02:00+01:00"]
    assert next(line.split()[1] for line in done.out.splitlines() if "sum" in line) == "25.000"


@pytest.mark.usefixtures("db", "priced")
def test_a_report_is_kept_and_shown_as_it_was(cli: Cli, db: Path) -> None:
    done = cli("history", "report", "--week", "2024-W10", "--fresh")
    assert (done.code, done.err) == (DONE, "")
    conn = sqlite3.connect(db)
    rows = conn.execute("SELECT pdu FROM report ORDER BY pdu").fetchall()
    assert rows == [("",), ("old pdu",), ("rack1-a",)]
    json_of_one = conn.execute("SELECT json FROM report WHERE pdu = 'rack1-a'").fetchone()[0]
    changed = json_of_one.replace('"kwh":50.4,', '"kwh":12.3,')
    conn.execute("UPDATE report SET json = ? WHERE pdu = 'rack1-a'", (changed,))
    conn.commit()
    conn.close()
    kept = cli("history", "report", "--week", "2024-W10")
    assert "as it was kept, made on" in kept.out
    assert "12.300" in kept.out
    alone = cli("history", "report", "rack1-a", "--week", "2024-W10", "--json")
    assert json.loads(alone.out)["pdus"][0]["total"]["kwh"] == 12.3
    assert json.loads(alone.out)["total"] is None
    again = cli("history", "report", "rack1-a", "--week", "2024-W10", "--fresh")
    assert "50.400" in again.out
    assert "as it was kept" not in again.out
    assert "50.400" in cli("history", "report", "--week", "2024-W10").out


@pytest.mark.usefixtures("db")
def test_a_report_that_cannot_be_kept_is_shown(cli: Cli, db: Path) -> None:
    lock = sqlite3.connect(db, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    import pdutui.cli.report_find as find

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find, "_BUSY_S", 0.05)
        done = cli("history", "report", "--week", "2024-W10", "--fresh")
    lock.close()
    assert done.code == DONE
    assert "50.400" in done.out
    assert "the report is not kept" in done.err
    assert "is locked by another program" in done.err


@pytest.mark.usefixtures("db", "priced")
def test_markdown(cli: Cli) -> None:
    out = cli("history", "report", "--week", "2024-W10", "--md").out
    assert out.startswith("# Energy of week 2024-W10")
    assert "| PDU | kWh |  | share | EUR | change | in % |  | read | by |" in out
    tables = [block.splitlines() for block in out.split("\n\n") if block.startswith("|")]
    assert len(tables) == 5
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    assert "## rack1-a" in out
    lines = out.splitlines()
    gap = lines.index("- lost time: 1 gap, 3 d 11 h in all")
    assert lines[gap + 1].startswith("  "), "when it was belongs to the gap, as one item"


@pytest.mark.usefixtures("db")
def test_names_cannot_break_out(cli: Cli, db: Path) -> None:
    conn = open_database(db)
    bad = frame("=cmd|' /C'!A0", outlets=1)
    put_frame(conn, bad, W10)
    write_polls(conn, bad.pdu, range(W10, END, STEP), steady({"inlet.1": 10.0}, W10))
    conn.close()
    out = cli("history", "report", "--week", "2024-W10", "--md").out
    assert "=cmd\\|' /C'!A0" in out
    rows = list(
        csv.reader(io.StringIO(cli("history", "report", "--week", "2024-W10", "--csv").out))
    )
    assert any(row[0] == "'=cmd|' /C'!A0" for row in rows)


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("nope",), USAGE, "there is no PDU 'nope'"),
        (("rack1a", "--week", "2024-W10"), USAGE, "did you mean 'rack1-a'?"),
        (("dead",), USAGE, "dead is configured, but nothing was recorded of it"),
        (("--week", "2024-W60"), USAGE, "2024 has no week 60"),
        (("--week", "soon"), USAGE, "an ISO week looks like 2026-W47"),
        (("--month", "2024-13"), USAGE, "2024 has no month 13"),
        (("--day", "2024-02-30"), USAGE, "there is no such day"),
        (("--week", "2024-W10", "--day", "2024-03-05"), USAGE, "--week and --day exclude"),
        (("--json", "--csv"), USAGE, "exclude each other"),
        (("--to", "now"), USAGE, "--to goes with --from"),
        (("--from", "2024-03-05", "--to", "2024-03-04"), USAGE, "--from is not before --to"),
        (("--from", "2020-01-01", "--to", "2024-03-04"), USAGE, "more than 400 days apart"),
        (("--from", "sometime"), USAGE, "--from: 'sometime' is no time"),
        (("--from", "2024-01-01", "--to", "2024-04-01", "--by", "hour"), USAGE, "--by day"),
        (("--by", "year"), USAGE, "year"),
        (("--per", "plug"), USAGE, "plug"),
        (("rack1-a", "--day", "2024-06-01"), BAD_NEWS, "no reading of rack1-a in Sat 2024-06-01"),
        (("rack1-a", "--day", "2024-06-01"), BAD_NEWS, "rack1-a was read from 2024-02-26 00:00 to"),
        ((), BAD_NEWS, "no reading of any PDU in week"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("db")
def test_what_is_wrong_is_said(cli: Cli, argv: tuple[str, ...], code: int, says: str) -> None:
    done = cli("history", "report", *argv)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


def test_without_a_history(cli: Cli) -> None:
    done = cli("history", "report")
    assert done.code != DONE
    assert "nothing was recorded yet" in done.err


@pytest.mark.usefixtures("priced")
def test_last_week_is_what_is_meant(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "state").mkdir(mode=0o700)
    conn = open_database(tmp_path / "state" / "history.db")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday() + 7)
    begin = round(monday.timestamp() * 1000)
    write_polls(
        conn, "rack1-a", range(begin, begin + 7 * 24 * HOUR_MS, 30 * 60_000),
        steady({"inlet.1": 100.0}, begin),
    )  # fmt: skip
    conn.close()
    year, week, _ = monday.isocalendar()
    out = cli("history", "report").out
    assert out.startswith(f"Energy of week {year}-W{week:02d}, Mon {monday:%Y-%m-%d}")


@pytest.mark.usefixtures("db")
def test_beside_a_program_that_writes(cli: Cli, db: Path) -> None:
    writer = sqlite3.connect(db, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM gap")
    done = cli("history", "report", "rack1-a", "--week", "2024-W10")
    writer.execute("ROLLBACK")
    writer.close()
    assert done.code == DONE


def test_the_program_itself_pipes_well(db: Path, tmp_path: Path) -> None:
    env = environment(tmp_path) | {"TZ": "Europe/Berlin"}
    done = subprocess.run(
        [*PDUTUI, "history", "report", "--db", str(db), "--week", "2024-W10", "--csv"],
        capture_output=True, text=True, env=env, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("pdu,part,name,period,from,to,kwh,method,coverage")
