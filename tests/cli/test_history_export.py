"""`pdutui history export`: what is in the file is what was recorded, however it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdutui.cli.exits import BAD_NEWS, BROKEN_PIPE, DONE, USAGE
from pdutui.domain.clock import SystemClock
from pdutui.domain.series import series_values
from pdutui.store.history import HistoryStore
from tests.cli.conftest import Cli
from tests.store.helpers import reading, record
from tests.support.program import PDUTUI, environment

START = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SECONDS = 9000
GAP = range(3000, 3600)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two and a half hours of one PDU at one reading in five seconds, with ten minutes lost, two
    hours of it sealed."""
    path = tmp_path_factory.mktemp("recorded") / "state" / "history.db"

    async def fill() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=9999)
        for k in range(0, SECONDS, 5):
            if k not in GAP:
                store.append(reading(k, pdu="bench", start=START))
        store.append_event(START + timedelta(seconds=60), "bench", "warning", "breaker, hot")
        store.audit(record())
        await store.flush()
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def export(cli: Cli, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`export(...)` → exit code, output, errors of an export of `bench`."""
    monkeypatch.setenv("PDUTUI_STATE_DIR", str(recorded.parent))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return lambda *argv: cli("history", "export", "bench", *argv)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def at(row: dict[str, str]) -> float:
    return (datetime.fromisoformat(row["time"]) - START).total_seconds()


def test_every_reading_comes_out_as_it_went_in(export: Cli) -> None:
    done = export("--step", "poll")
    assert (done.code, done.err) == (DONE, "")
    rows = rows_of(done.out)
    assert [at(row) for row in rows] == [k for k in range(0, SECONDS, 5) if k not in GAP]
    for row in rows:
        one = reading(at(row), pdu="bench", start=START)
        for series, stored in series_values(one).items():
            head = series.key + (" (°C)" if series.key.endswith(".value") else "")
            if head not in row:
                assert stored is None, "what never had a value has no column"
            elif stored is None:
                assert row[head] == ""
            elif series.codes is not None:
                assert series.codes[row[head]] == stored
            else:
                assert round(float(row[head]) * series.units_per) == stored


def test_steps_are_worked_out_from_the_readings(export: Cli) -> None:
    out = export("--step", "5m", "--series", "outlet 3", "--stat", "min,mean,max,last,n").out
    rows = rows_of(out)
    raw = rows_of(export("--step", "poll", "--series", "outlet 3").out)
    by_step: dict[float, list[dict[str, str]]] = {}
    for row in raw:
        by_step.setdefault(at(row) // 300 * 300, []).append(row)
    assert [at(row) for row in rows] == list(by_step)
    for row in rows:
        values = [float(one["outlet.3.power_w"]) for one in by_step[at(row)]]
        words = [one["outlet.3.state"] for one in by_step[at(row)]]
        assert float(row["outlet.3.power_w.min"]) == min(values)
        assert float(row["outlet.3.power_w.max"]) == max(values)
        assert float(row["outlet.3.power_w.last"]) == values[-1]
        assert float(row["outlet.3.power_w.mean"]) == pytest.approx(sum(values) / len(values))
        assert int(row["outlet.3.power_w.n"]) == len(values)
        assert row["outlet.3.state.last"] == words[-1]
        assert "outlet.3.state.mean" not in row
    assert 3300 not in by_step, "there are no rows of lost time"


def test_json_and_line_say_the_same_as_csv(export: Cli) -> None:
    asked = ("--series", "outlet.4", "--series", "ats,sensor", "--step", "poll", "--from",
             "2026-03-01 13:30", "--to", "2026-03-01T12:31:00Z")  # fmt: skip
    table = rows_of(export(*asked).out)
    assert len(table) == 12
    objects = [json.loads(line) for line in export(*asked, "--format", "json").out.splitlines()]
    lines = export(*asked, "--format", "line").out.splitlines()
    assert [one["time"] for one in objects] == [row["time"] for row in table]
    for row, one in zip(table, objects, strict=True):
        assert one["pdu"] == "bench"
        stamp = round(datetime.fromisoformat(row["time"]).timestamp() * 1000) * 1_000_000
        mine = {line.partition(",")[0]: line for line in lines if line.endswith(f" {stamp}")}
        assert set(mine) == {"outlet", "ats", "sensor"}
        for head, cell in row.items():
            key = head.removesuffix(" (°C)")
            if key == "time":
                continue
            value = one["values"][key]
            assert (str(value) if isinstance(value, str) else f"{value:g}") == cell
            entity, _, field = key.split(".")
            said = dict(pair.split("=") for pair in mine[entity].split(" ")[-2].split(","))[field]
            if isinstance(value, str):
                assert said.endswith("i")
            else:
                assert float(said) == value


def test_the_span_is_local_and_half_open(export: Cli) -> None:
    asked = ("--series", "outlet.1.power_w", "--step", "poll")
    rows = rows_of(export(*asked, "--from", "2026-03-01 13:31", "--to", "2026-03-01 13:32").out)
    assert [at(row) for row in rows] == [*range(60, 120, 5)]
    local = export(*asked, "--from", "2026-03-01 13:31", "--to", "2026-03-01 13:32", "--local").out
    assert rows_of(local)[0]["time"] == "2026-03-01T13:31:00.000+01:00"
    assert [at(row) for row in rows_of(local)] == [at(row) for row in rows]
    day = rows_of(export(*asked, "--from", "2026-03-01", "--to", "2026-03-02").out)
    assert len(day) == (SECONDS - len(GAP)) // 5


def test_auto_steps_follow_the_span(export: Cli) -> None:
    def seconds_apart(*asked: str) -> float:
        rows = rows_of(export("--series", "outlet.1.power_w", *asked).out)
        return at(rows[1]) - at(rows[0])

    assert seconds_apart("--from", "2026-03-01 13:30", "--to", "2026-03-01 14:30") == 5
    assert seconds_apart("--from", "2026-03-01 13:30", "--to", "2026-03-01 16:00") == 10
    assert seconds_apart("--from", "2026-03-01", "--to", "2026-03-02") == 60
    assert seconds_apart("--from", "2026-02-25", "--to", "2026-03-04") == 300


def test_times_that_come_twice_are_told(export: Cli) -> None:
    done = export("--from", "2025-10-26 02:30", "--to", "2025-10-26 02:30", "--step", "1h")
    assert done.code == DONE, "the first one to the second one"
    assert "note: --from: 2025-10-26 02:30 comes twice" in done.err
    assert "note: --to: 2025-10-26 02:30 comes twice" in done.err
    assert "nothing from 2025-10-26T00:30:00.000Z to 2025-10-26T01:30:00.000Z" in done.err
    assert done.out.startswith("time,"), "the header is there all the same"


def test_marks(export: Cli) -> None:
    done = export("--marks", "--format", "json")
    assert done.code == DONE
    marks = [json.loads(line) for line in done.out.splitlines()]
    assert {
        "time": "2026-03-01T12:31:00.000Z", "pdu": "bench", "kind": "alarm", "level": "warning",
        "text": "breaker, hot",
    } in marks  # fmt: skip


def test_a_file_is_whole_or_not_there(
    export: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out.csv"
    before = os.umask(0o027)
    try:
        done = export("-o", str(file), "--step", "poll")
    finally:
        os.umask(before)
    assert done.code == DONE
    assert file.stat().st_mode & 0o777 == 0o640, "what the umask says"
    assert "1,680 rows" in done.out
    assert file.read_text() == export("--step", "poll").out
    done = export("-o", str(file))
    assert done.code == USAGE
    assert "--force" in done.err
    assert export("-o", str(file), "--force", "--step", "1h").code == DONE
    assert len(file.read_text().splitlines()) == 4

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pdutui.cli.export_sink._all", fails)
    done = export("-o", str(tmp_path / "full.csv"))
    assert done.code == BAD_NEWS
    assert "full.csv cannot be written: No space left on device" in done.err
    assert [path.name for path in tmp_path.glob("*full*")] == []


def test_an_export_never_writes_over_a_database(export: Cli, recorded: Path) -> None:
    before = recorded.read_bytes()
    for target in (recorded, recorded.with_name(f"{recorded.name}-wal")):
        done = export("-o", str(target), "--force")
        assert done.code == USAGE
        assert "name another file" in done.err
    assert recorded.read_bytes() == before


def test_a_dash_is_standard_output(
    export: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert export("-o", "-", "--step", "1h").out == export("--step", "1h").out
    assert not Path("-").exists()


def test_a_closed_directory_is_named(
    export: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed" / "out.csv"
    exists = Path.exists

    def denied(path: Path) -> bool:  # root may look into any
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", denied)
    done = export("-o", str(closed))
    assert done.code == BAD_NEWS
    assert "out.csv cannot be written: Permission denied" in done.err


def test_what_is_not_there_is_said_with_what_is_near(export: Cli, cli: Cli) -> None:
    done = cli("history", "export", "bensh")
    assert done.code == USAGE
    assert "there is no PDU 'bensh'" in done.err
    assert "did you mean 'bench'?" in done.err
    done = cli("history", "export", "shelf")
    assert done.code == USAGE
    assert "shelf is configured, but nothing was recorded of it (there: bench)" in done.err
    done = export("--series", "outlet 33")
    assert done.code == USAGE
    assert "bench has no 'outlet 33': did you mean" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "soon"), "--from: 'soon' is no time"),
        (("--from", "-1h", "--to", "-2h"), "--from is not before --to"),
        (("--step", "fast"), "is no step"),
        (("--stat", "median"), "is none of min, mean"),
        (("--step", "poll", "--stat", "min"), "--stat goes with a step"),
        (("--format", "line", "--local"), "its times are numbers"),
        (("--marks",), "--marks goes with --format json"),
        (("-o", "/nowhere/x.csv"), "/nowhere: no such directory"),
        (("-o", "/dev/null"), "is no file"),
        (("--db", "/nowhere.db"), "/nowhere.db: no such file"),
    ],
)
def test_nonsense_is_refused(export: Cli, options: tuple[str, ...], said: str) -> None:
    done = export(*options)
    assert (done.code, done.out) == (USAGE, "")
    assert said in done.err


def test_nothing_recorded_yet(cli: Cli) -> None:
    done = cli("history", "export", "bench")
    assert done.code == USAGE
    assert "nothing was recorded yet" in done.err


def test_where_only_totals_are_kept_the_export_says_so(
    cli: Cli, recorded: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(recorded)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    assert (
        cli("history", "prune", "--before", "2026-03-01T14:00Z", "--yes", "--db", str(copy)).code
        == DONE
    )
    here = ("history", "export", "bench", "--db", str(copy), "--series", "outlet.1.power_w")
    done = cli(*here, "--step", "poll", "--from", "2026-03-01T12:00Z")
    assert min(map(at, rows_of(done.out))) == 5400
    assert "readings before 2026-03-01T14:00:00.000Z are not kept any more; --step 15m" in done.err
    done = cli(*here, "--step", "1m", "--stat", "n", "--format", "json")
    steps = [json.loads(line) for line in done.out.splitlines()]
    assert [one["step_s"] for one in steps[:5]] == [900] * 5
    assert {one["step_s"] for one in steps[7:]} == {60}
    assert sum(one["values"]["outlet.1.power_w"]["n"] for one in steps) == 1680
    assert "before 2026-03-01T14:00:00.000Z nothing finer than 15m is kept" in done.err
    done = cli(*here, "--step", "15m", "--stat", "n")
    assert done.err == ""


def test_damage_is_passed_over_and_said(cli: Cli, recorded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(recorded)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    assert cli("history", "prune", "--seal", "--db", str(copy)).code == DONE
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        conn.execute(
            "UPDATE chunk SET z = x'00' WHERE hour = (SELECT max(hour) FROM chunk) AND part ="
            " (SELECT id FROM part WHERE name = 'outlet.1')"
        )
    done = cli("history", "export", "bench", "--db", str(copy), "--step", "poll", "--series",
               "power_w")  # fmt: skip
    assert done.code == BAD_NEWS
    assert "this is not all: 1 hour of outlet.1 cannot be read" in done.err
    rows = rows_of(done.out)
    assert len(rows) == 1680
    assert rows[-1]["outlet.1.power_w"] == ""
    assert rows[-1]["outlet.2.power_w"] != ""


# -- as a program --------------------------------------------------------------------------------


def program(recorded: Path, home: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A shell script in which `$PDUTUI` is the program and the history is the recorded one."""
    env = environment(home, PDUTUI=" ".join(PDUTUI), PDUTUI_STATE_DIR=str(recorded.parent))
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=30, env=env
    )


def test_a_reader_that_goes_away_ends_it(recorded: Path, tmp_path: Path) -> None:
    script = "$PDUTUI history export bench --step poll | head -1; exit ${PIPESTATUS[0]}"
    done = program(recorded, tmp_path, script)
    assert done.returncode == BROKEN_PIPE
    assert done.stdout.startswith("time,")
    assert done.stderr == ""


def test_a_full_disk_on_standard_output(recorded: Path, tmp_path: Path) -> None:
    done = program(recorded, tmp_path, "$PDUTUI history export bench --step poll > /dev/full")
    assert done.returncode == BAD_NEWS
    assert done.stderr == "pdutui: the output cannot be written: No space left on device\n"


def test_a_reader_that_sleeps_does_not_keep_it_from_ending(recorded: Path, tmp_path: Path) -> None:
    script = (
        "mkfifo pipe; sleep 20 < pipe & sleeper=$!;"
        " $PDUTUI history export bench --step poll > pipe & export=$!;"
        " sleep 1.2; kill -TERM $export; wait $export; code=$?; kill $sleeper; exit $code"
    )
    done = program(recorded, tmp_path, f"cd {tmp_path}; {script}")
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    assert done.stderr == ""


def test_an_interrupted_file_is_not_left(recorded: Path, tmp_path: Path) -> None:
    script = (
        "ulimit -f 100; cd $HOME; $PDUTUI history export bench --step poll -o big.csv; code=$?;"
        " ls -A *big*; exit $code"
    )
    done = program(recorded, tmp_path, script)
    assert done.returncode != DONE
    assert done.stdout == ""
    assert "big.csv cannot be written: File too large" in done.stderr
