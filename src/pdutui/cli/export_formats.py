"""Rows of history as CSV, as JSON lines and as InfluxDB's line protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, Protocol

import msgspec

from pdutui.cli.export_pick import own_name
from pdutui.domain.history import SeriesInfo
from pdutui.domain.series import UNITS_PER

Stat = Literal["value", "min", "mean", "max", "last", "n"]
"""`value`: of a poll. The others are of a step; `n` is how many polls gave a value."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MEAN_DIGITS = 3
"""A mean has more decimals than what it is the mean of."""
_CACHED = 1000


class Column(msgspec.Struct, frozen=True):
    """What stands in one column."""

    info: SeriesInfo
    stat: Stat

    @property
    def head(self) -> str:
        """`outlet.3.power_w`, `outlet.3.power_w.mean`."""
        return self.info.key if self.stat == "value" else f"{self.info.key}.{self.stat}"


class Piece(msgspec.Struct, frozen=True):
    """Some rows, oldest first."""

    ts_ms: Sequence[int]
    values: Sequence[Sequence[float | None]]
    """By column, then by row; None where nothing is known."""
    step_ms: int = 0
    """0: rows are polls."""


class Format(Protocol):
    """Turns pieces into text."""

    def head(self) -> str:
        """What comes before the rows."""
        ...

    def rows(self, piece: Piece) -> Iterator[str]:
        """A text for every row, each with its end of line."""
        ...


def columns_for(series: Sequence[SeriesInfo], stats: Sequence[Stat]) -> tuple[Column, ...]:
    """A column for each statistic of each series.

    The mean of words or of a counter says nothing: they give the last one in its place.
    """
    out: list[Column] = []
    for info in series:
        plain = bool(info.words) or info.key.endswith(".energy_kwh")
        said: list[Stat] = ["last" if plain and stat == "mean" else stat for stat in stats]
        out += [Column(info, stat) for stat in dict.fromkeys(said)]
    return tuple(out)


def digits_of(column: Column) -> int:
    """How many decimals the values of a column can have."""
    if column.stat == "n" or column.info.words:
        return 0
    kept = len(str(UNITS_PER[column.info.key.rpartition(".")[2]])) - 1
    return kept + _MEAN_DIGITS if column.stat == "mean" else kept


def time_writer(zone: tzinfo | None) -> Callable[[int], str]:
    """Unix ms to `2026-11-20T14:02:11.003Z`, or with `zone` to local time with its offset."""

    def utc(ms: int) -> str:
        moment = _EPOCH + timedelta(milliseconds=ms)
        return moment.isoformat(timespec="milliseconds")[:-6] + "Z"

    def local(ms: int) -> str:
        moment = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
        return moment.isoformat(timespec="milliseconds")

    return utc if zone is None else local


class _Figures(dict[float | None, str]):
    """The text of each value of a column, made once: neighbours are mostly alike."""

    def __init__(self, column: Column, unknown: str = "") -> None:
        super().__init__({None: unknown})
        self._digits = digits_of(column)
        self._words = column.info.words if column.stat != "n" else {}
        self._unknown = unknown

    def __missing__(self, value: float) -> str:
        if len(self) > _CACHED:
            self.clear()
            self[None] = self._unknown
        text = self._words.get(int(value)) if self._words else None
        if text is None:
            text = f"{value:.{self._digits}f}"
            if self._digits:
                text = text.rstrip("0").rstrip(".")
            text = "0" if text == "-0" else text
        self[value] = text
        return text


class CsvFormat:
    """A header, then a row per moment: time and a column per series, quoted as in RFC 4180.

    States are words. Nothing stands where nothing is known.
    """

    def __init__(self, columns: Sequence[Column], *, zone: tzinfo | None) -> None:
        self._columns = columns
        self._time = time_writer(zone)
        self._figures = [_Figures(column, "0" if column.stat == "n" else "") for column in columns]

    def head(self) -> str:
        """Keys, with the unit where the key does not say it."""
        heads = [_quoted(_with_unit(column)) for column in self._columns]
        return ",".join(["time", *heads]) + "\n"

    def rows(self, piece: Piece) -> Iterator[str]:
        """The rows."""
        time = self._time
        texts = [
            [figures[value] for value in values]
            for figures, values in zip(self._figures, piece.values, strict=True)
        ]
        for ms, row in zip(piece.ts_ms, zip(*texts, strict=True), strict=True):
            yield f"{time(ms)},{','.join(row)}\n"


def _with_unit(column: Column) -> str:
    unit = column.info.unit
    said = column.info.key.endswith(".value") and unit and column.stat != "n"
    return f"{column.head} ({unit})" if said else column.head


def _quoted(text: str) -> str:
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


class JsonFormat:
    """An object a line: `{"time": ..., "pdu": ..., "values": {key: value}}`.

    With steps there is `"step_s"`, and in place of each value an object by statistic. States are
    words, null is unknown.
    """

    def __init__(self, columns: Sequence[Column], *, pdu: str, zone: tzinfo | None) -> None:
        self._pdu = pdu
        self._columns = columns
        self._time = time_writer(zone)
        self._encode = msgspec.json.Encoder().encode
        self._digits = [digits_of(column) for column in columns]

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, piece: Piece) -> Iterator[str]:
        """The objects."""
        plain = [
            _plain(column, digits, values)
            for column, digits, values in zip(
                self._columns, self._digits, piece.values, strict=True
            )
        ]
        for ms, row in zip(piece.ts_ms, zip(*plain, strict=True), strict=True):
            out: dict[str, object] = {"time": self._time(ms), "pdu": self._pdu}
            if not piece.step_ms:
                out["values"] = {
                    column.info.key: value for column, value in zip(self._columns, row, strict=True)
                }
            else:
                out["step_s"] = piece.step_ms // 1000
                by_key: dict[str, dict[str, object]] = {}
                for column, value in zip(self._columns, row, strict=True):
                    by_key.setdefault(column.info.key, {})[column.stat] = value
                out["values"] = by_key
            yield self._encode(out).decode() + "\n"


def _plain(
    column: Column, digits: int, values: Sequence[float | None]
) -> list[float | int | str | None]:
    words = column.info.words
    if column.stat == "n":
        return [0 if value is None else int(value) for value in values]
    if words:
        return [None if v is None else words.get(int(v)) for v in values]
    return [None if v is None else round(v, digits) for v in values]


class LineFormat:
    """InfluxDB's line protocol: a line per part and moment, time in nanoseconds.

    `outlet,pdu=rack1-a,id=3,name=db01 current_a=0.9,power_w=104,state=1i 1795183331003000000`.
    States are their codes: VictoriaMetrics would make 0 of every word. What is not known has no
    field. With steps a field is called `power_w_mean`, and the time is the step's beginning.
    """

    def __init__(self, columns: Sequence[Column], *, pdu: str) -> None:
        self._parts: list[tuple[str, list[tuple[int, str, str]]]] = []
        by_part: dict[str, list[int]] = {}
        for place, column in enumerate(columns):
            by_part.setdefault(column.info.key.rpartition(".")[0], []).append(place)
        for part, places in by_part.items():
            entity, _, ident = part.partition(".")
            tags = {"pdu": pdu, "id": ident, "name": own_name(columns[places[0]].info)}
            if entity == "sensor":
                tags["unit"] = next((u for p in places if (u := columns[p].info.unit)), "")
            self._parts.append(
                (entity + _tags(tags) + " ", [_field(place, columns[place]) for place in places])
            )
        self._figures = [
            _Figures(Column(msgspec.structs.replace(c.info, words={}), c.stat)) for c in columns
        ]

    def head(self) -> str:
        """Nothing."""
        return ""

    def rows(self, piece: Piece) -> Iterator[str]:
        """The lines of each moment; an empty text where nothing is known."""
        texts = [
            [figures[value] for value in values]
            for figures, values in zip(self._figures, piece.values, strict=True)
        ]
        for ms, row in zip(piece.ts_ms, zip(*texts, strict=True), strict=True):
            lines = []
            for head, fields in self._parts:
                said = [f"{name}{row[at]}{suffix}" for at, name, suffix in fields if row[at]]
                if said:
                    lines.append(f"{head}{','.join(said)} {ms}000000\n")
            yield "".join(lines)


def _field(place: int, column: Column) -> tuple[int, str, str]:
    field = column.info.key.rpartition(".")[2]
    name = field if column.stat == "value" else f"{field}_{column.stat}"
    return place, f"{name}=", "i" if column.info.words or column.stat == "n" else ""


def _tags(tags: dict[str, str]) -> str:
    """Tags escaped; those that are empty have no place in the protocol."""
    return "".join(f",{key}={text}" for key, value in tags.items() if (text := _tag(value)))


def _tag(value: str) -> str:
    r"""A tag's value. Databases differ over backslashes, so there are none: `a\b` is `a/b`."""
    plain = "".join(c if c.isprintable() else " " for c in value.replace("\\", "/")).strip()
    for special in ", =":
        plain = plain.replace(special, f"\\{special}")
    return plain
