"""Rows as CSV, JSON lines and line protocol, held against parsers that share no line with them."""

from __future__ import annotations

import csv
import io
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pdutui.cli.exits import CliError
from pdutui.cli.export_formats import (
    Column,
    CsvFormat,
    Format,
    JsonFormat,
    LineFormat,
    Piece,
    columns_for,
)
from pdutui.cli.export_pick import own_name, pick_series
from pdutui.cli.export_steps import AUTO, POLLS, parse_stats, parse_step, step_name
from pdutui.domain.history import SeriesInfo

ON_OFF = {0: "off", 1: "on"}
POWER = SeriesInfo(key="outlet.3.power_w", name="Outlet 3 db01", unit="W")
STATE = SeriesInfo(key="outlet.3.state", name="Outlet 3 db01", unit="", words=ON_OFF)
ENERGY = SeriesInfo(key="outlet.3.energy_kwh", name="Outlet 3 db01", unit="kWh")
BANK = SeriesInfo(key="bank.1.current_a", name="Bank 1", unit="A")
FACTOR = SeriesInfo(key="inlet.1.power_factor", name="Inlet 1", unit="")
WARMTH = SeriesInfo(key="sensor.temperature_env_1.value", name="Env 1", unit="°C")
SOURCE = SeriesInfo(key="source.A.voltage_v", name="Source A", unit="V")
ALL = (FACTOR, BANK, STATE, POWER, ENERGY, SOURCE, WARMTH)
TS = 1_795_183_331_003


def polls(*series: SeriesInfo) -> tuple[Column, ...]:
    return columns_for(series, ("value",))


def text(form: Format, piece: Piece) -> str:
    return form.head() + "".join(form.rows(piece))


def test_csv_has_units_words_and_nothing_for_what_is_unknown() -> None:
    piece = Piece([TS, TS + 1000], [[104.0, None], [1.0, None], [20.75, -0.001], [0.973, 1.0]])
    got = text(CsvFormat(polls(POWER, STATE, WARMTH, FACTOR), zone=None), piece)
    assert got == (
        "time,outlet.3.power_w,outlet.3.state,sensor.temperature_env_1.value (°C),"
        "inlet.1.power_factor\n"
        "2026-11-20T14:02:11.003Z,104,on,20.75,0.973\n"
        "2026-11-20T14:02:12.003Z,,,0,1\n"
    )


def test_csv_in_local_time_says_the_offset() -> None:
    form = CsvFormat(polls(POWER), zone=ZoneInfo("Europe/Berlin"))
    row = text(form, Piece([TS], [[1.5]])).splitlines()[1]
    assert row == "2026-11-20T15:02:11.003+01:00,1.5"


def test_a_mean_has_more_decimals_and_what_has_no_mean_gives_its_last() -> None:
    columns = columns_for((POWER, ENERGY, STATE), ("min", "mean", "n"))
    heads = [column.head for column in columns]
    assert heads == [
        "outlet.3.power_w.min", "outlet.3.power_w.mean", "outlet.3.power_w.n",
        "outlet.3.energy_kwh.min", "outlet.3.energy_kwh.last", "outlet.3.energy_kwh.n",
        "outlet.3.state.min", "outlet.3.state.last", "outlet.3.state.n",
    ]  # fmt: skip
    values = [[104.5], [104.123456], [60], [3.001], [3.002], [60], [0], [1], [60]]
    row = text(CsvFormat(columns, zone=None), Piece([TS], values)).splitlines()[1]
    assert row.partition(",")[2] == "104.5,104.1235,60,3.001,3.002,60,off,on,60"


def test_json_is_an_object_a_line() -> None:
    piece = Piece([TS], [[104.0], [1.0], [None]])
    form = JsonFormat(polls(POWER, STATE, BANK), pdu="rack1-a", zone=None)
    assert [json.loads(line) for line in text(form, piece).splitlines()] == [
        {
            "time": "2026-11-20T14:02:11.003Z",
            "pdu": "rack1-a",
            "values": {"outlet.3.power_w": 104.0, "outlet.3.state": "on", "bank.1.current_a": None},
        }
    ]
    columns = columns_for((POWER, STATE), ("mean", "n"))
    form = JsonFormat(columns, pdu="rack1-a", zone=None)
    assert json.loads(text(form, Piece([TS], [[104.1234567], [59], [None], [None]], 60_000))) == {
        "time": "2026-11-20T14:02:11.003Z",
        "pdu": "rack1-a",
        "step_s": 60,
        "values": {
            "outlet.3.power_w": {"mean": 104.1235, "n": 59},
            "outlet.3.state": {"last": None, "n": 0},
        },
    }


def test_line_protocol_has_a_line_per_part_and_no_field_for_what_is_unknown() -> None:
    piece = Piece(
        [TS, TS + 1000],
        [[0.973, None], [None, None], [1, 0], [104.5, None], [3.001, None], [120.9, None],
         [20.75, None]],
    )  # fmt: skip
    assert text(LineFormat(polls(*ALL), pdu="rack 1,a=b"), piece).splitlines() == [
        r"inlet,pdu=rack\ 1\,a\=b,id=1 power_factor=0.973 1795183331003000000",
        r"outlet,pdu=rack\ 1\,a\=b,id=3,name=db01 state=1i,power_w=104.5,energy_kwh=3.001 "
        "1795183331003000000",
        r"source,pdu=rack\ 1\,a\=b,id=A voltage_v=120.9 1795183331003000000",
        r"sensor,pdu=rack\ 1\,a\=b,id=temperature_env_1,name=Env\ 1,unit=°C value=20.75 "
        "1795183331003000000",
        r"outlet,pdu=rack\ 1\,a\=b,id=3,name=db01 state=0i 1795183332003000000",
    ]
    columns = columns_for((POWER, STATE), ("max", "n"))
    got = text(LineFormat(columns, pdu="p"), Piece([TS], [[104.5], [60], [1], [60]]))
    fields = got.split(" ")[1]
    assert fields == "power_w_max=104.5,power_w_n=60i,state_max=1i,state_n=60i"


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(names, names)
@example("a\\", "b\\,c=d e")
@example("\n\t", " x ")
def test_line_protocol_is_read_back_whatever_things_are_called(pdu: str, name: str) -> None:
    info = SeriesInfo(key="outlet.3.power_w", name=f"Outlet 3 {name}", unit="W")
    form = LineFormat(polls(info), pdu=pdu)
    (line,) = text(form, Piece([TS], [[104.5]])).split("\n")[:-1]
    measurement, tags, fields, stamp = parse_line(line)
    assert (measurement, fields, stamp) == ("outlet", {"power_w": "104.5"}, TS * 1_000_000)
    assert tags["id"] == "3"
    for key, said in (("pdu", pdu), ("name", own_name(info))):
        plain = "".join(c if c.isprintable() else " " for c in said).replace("\\", "/").strip()
        assert tags.get(key, "") == plain


def parse_line(line: str) -> tuple[str, dict[str, str], dict[str, str], int]:
    """By the letter of the protocol: a backslash takes the meaning from the sign after it."""
    words: list[list[str]] = [[""]]
    signs = iter(line)
    for sign in signs:
        if sign == "\\":
            words[-1][-1] += "\0" + next(signs)
        elif sign == " ":
            words.append([""])
        elif sign == ",":
            words[-1].append("")
        else:
            words[-1][-1] += sign
    assert len(words) == 3, line
    head, fields, stamp = words

    def pairs(texts: list[str]) -> dict[str, str]:
        out = {}
        for one in texts:
            plain = one.replace("\0=", "\1")
            key, value = plain.split("=")
            out[key] = value.replace("\1", "=").replace("\0", "")
        return out

    return head[0], pairs(head[1:]), pairs(fields), int(stamp[0])


@given(st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=1, max_size=5))
def test_every_value_comes_back_as_it_was_stored(scaled: list[int | None]) -> None:
    values = [None if value is None else value / 10 for value in scaled]
    piece = Piece([TS + k * 1000 for k in range(len(values))], [values])
    rows = list(csv.reader(io.StringIO(text(CsvFormat(polls(POWER), zone=None), piece))))
    assert [None if not cell else round(float(cell) * 10) for _, cell in rows[1:]] == scaled
    lines = text(JsonFormat(polls(POWER), pdu="p", zone=None), piece).splitlines()
    got = [json.loads(line)["values"]["outlet.3.power_w"] for line in lines]
    assert [None if v is None else round(v * 10) for v in got] == scaled


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("outlet.3.power_w", [POWER]),
        ("OUTLET 3 power_w", [POWER]),
        ("outlet 3", [STATE, POWER, ENERGY]),
        ("outlet.3", [STATE, POWER, ENERGY]),
        ("outlet", [STATE, POWER, ENERGY]),
        ("db01", [STATE, POWER, ENERGY]),
        ("Outlet 3 db01", [STATE, POWER, ENERGY]),
        ("Env 1", [WARMTH]),
        ("power_w", [POWER]),
        ("outlet.power_w", [POWER]),
        ("outlet.*.power_w", [POWER]),
        ("*.energy_kwh", [ENERGY]),
        ("db*", [STATE, POWER, ENERGY]),
        ("source.a", [SOURCE]),
        ("bank.1.current_a,power_w", [BANK, POWER]),
        ("bank 1 , db01", [BANK, STATE, POWER, ENERGY]),
    ],
)
def test_series_as_people_name_them(said: str, keys: list[SeriesInfo]) -> None:
    assert list(pick_series((said,), ALL, "p")) == keys


def test_several_series_and_none() -> None:
    assert pick_series((), ALL, "p") == ALL
    assert pick_series(("power_w", "bank"), ALL, "p") == (BANK, POWER)
    named = SeriesInfo(key="outlet.4.power_w", name="Outlet 4 left, top", unit="W")
    assert pick_series(("left, top",), (*ALL, named), "p") == (named,)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("outlet.3.powr_w", "p has no 'outlet.3.powr_w': did you mean 'outlet.3.power_w'?"),
        ("db02", "did you mean 'db01'?"),
        ("bank.1,outlet.33", "p has no 'outlet.33'"),
        ("zzzzzz", "a series is like inlet.1.power_factor; there: inlet, bank, outlet"),
        ("x*y", "p has no 'x*y'"),
    ],
)
def test_a_series_that_is_not_there_is_said(said: str, why: str) -> None:
    with pytest.raises(CliError) as error:
        pick_series((said,), ALL, "p")
    assert why in str(error.value)


def test_steps_and_statistics() -> None:
    said = ("poll", "AUTO", "1s", "10s", "90 s", "1m", "5min", "15m", "1h", "24h")
    wanted = [POLLS, AUTO, 1000, 10_000, 90_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000]
    assert [parse_step(text) for text in said] == wanted
    assert [step_name(ms) for ms in wanted[2:8]] == ["1s", "10s", "90s", "1m", "5m", "15m"]
    for wrong in ("", "0s", "1", "25h", "1d", "-1s", "1.5m", "fast"):
        with pytest.raises(CliError, match="is no step"):
            parse_step(wrong)
    assert parse_stats(" Max,min, max ") == ("max", "min")
    for wrong in ("", "median", "min,,avg"):
        with pytest.raises(CliError, match="--stat"):
            parse_stats(wrong)
