"""The device map as a table: `device,pdu,outlet,cord,critical`, one cord a line.

The columns are in any order; only the first three are needed. It is what `[impact] map` names, and
what an import writes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pdutui.config_errors import ConfigError, show
from pdutui.config_rows import column_names, read_rows
from pdutui.config_table import FALSE, TRUE
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.outlet_numbers import HIGHEST_OUTLET, outlet_number

COLUMNS = ("device", "pdu", "outlet", "cord", "critical")
_NEEDED = ("device", "pdu", "outlet")
LONGEST_CORD = 16
_LONGEST_NAME = 200
_MOST_LINES = 200_000


class MapLine(NamedTuple):
    """A cord and the line of the file that it comes from."""

    line: int
    cord: MappedCord


def read_map(path: Path) -> tuple[MapLine, ...]:
    """The cords of a file, in its order.

    Raises:
        ConfigError: with a line for every problem, naming file, line and column.
    """
    head, *body = read_rows(path, expected=",".join(COLUMNS))
    columns = column_names(path, head, COLUMNS, _NEEDED)
    if len(body) > _MOST_LINES:
        raise ConfigError([f"{path}: has {len(body)} lines; {_MOST_LINES} are the most"])
    problems: list[str] = []
    lines: list[MapLine] = []
    seen: dict[tuple[str, str, int], int] = {}
    for row in body:
        place = f"{path}, line {row.line}"
        if any(row.cells[len(columns) :]):
            many = len(row.cells)
            problems.append(f"{place}: has {many} values under {len(columns)} columns")
        cells = dict(zip(columns, row.cells, strict=False))
        cord = _cord(place, cells, problems)
        if cord is None:
            continue
        first = seen.setdefault((cord.device.casefold(), cord.pdu, cord.outlet), row.line)
        if first != row.line:
            what = f"{cord.device} in outlet {cord.outlet} of {cord.pdu}"
            problems.append(f"{place}: {what} is in line {first} already")
        lines.append(MapLine(row.line, cord))
    if problems:
        raise ConfigError(problems)
    return tuple(lines)


def map_text(cords: Iterable[MappedCord]) -> str:
    """The table of some cords, as `read_map` reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cord in cords:
        critical = "yes" if cord.critical else ""
        writer.writerow((cord.device, cord.pdu, cord.outlet, cord.cord, critical))
    return out.getvalue()


def _cord(place: str, cells: dict[str, str], problems: list[str]) -> MappedCord | None:
    """What a line says; None if something is wrong with it."""
    before = len(problems)
    for column, cell in cells.items():
        longest = LONGEST_CORD if column == "cord" else _LONGEST_NAME
        if not cell.isprintable():
            problems.append(f"{place}, column {column}: has control codes in it")
        elif len(cell) > longest:
            problems.append(f"{place}, column {column}: has more than {longest} characters")
        elif not cell and column in _NEEDED:
            problems.append(f"{place}, column {column}: is empty")
    for column in _NEEDED:
        if column not in cells:
            problems.append(f"{place}, column {column}: is missing")
    text = cells.get("outlet", "")
    number = outlet_number(text)
    if number is None and text:
        problems.append(f"{place}, column outlet: {_wrong_outlet(text)}")
    critical = _yes(place, cells.get("critical", ""), problems)
    if len(problems) > before or number is None:
        return None
    return MappedCord(
        device=cells["device"],
        pdu=cells["pdu"],
        outlet=number,
        cord=cells.get("cord", ""),
        critical=critical,
    )


def _wrong_outlet(text: str) -> str:
    unit, dot, outlet = text.partition(".")
    if dot and unit.strip("0") == "1" and outlet.isdecimal():
        return f"is {show(text)}: outlets of the first unit of a chain have plain numbers, {outlet}"
    right = f"must be a number from 1 to {HIGHEST_OUTLET}, or 2.5 for outlet 5 of unit 2 of a chain"
    return f"{right}, is {show(text)}"


def _yes(place: str, text: str, problems: list[str]) -> bool:
    word = text.lower()
    if word and word not in (*TRUE, *FALSE):
        problems.append(f"{place}, column critical: must be yes, no or empty, is {show(text)}")
    return word in TRUE
