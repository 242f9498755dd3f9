"""Tables that a spreadsheet has written: the lines of a CSV file, and its header.

Comma, semicolon, tab; a byte order mark is no harm.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from pdutui.config_errors import ConfigError, nearest, show

SEPARATORS = ",;\t"
_LARGEST = 10_000_000
"""Bytes."""


class Row(NamedTuple):
    """A line that is not blank; its cells have no blanks at their ends."""

    line: int
    """Of the file, from 1: where it begins."""
    cells: list[str]


def read_rows(
    path: Path, *, expected: str, largest: int = _LARGEST, separators: str = SEPARATORS
) -> list[Row]:
    """The lines of a CSV file, header first.

    Args:
        path: the file.
        expected: what its first line is to be, for the error of an empty one.
        largest: more bytes than these are no such table.
        separators: what may stand between cells: whichever the first line has most of.

    Raises:
        ConfigError: it cannot be read, or is no such table.
    """
    text = _text(path, largest)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(separators, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError([f"{path}, line {reader.line_num}: {error}"]) from error
    if not rows:
        raise ConfigError([f"{path}: is empty; its first line must be {expected}"])
    return rows


def column_names(
    path: Path, head: Row, columns: Sequence[str], needed: Collection[str]
) -> list[str]:
    """The names of the columns in small letters, in any order.

    Args:
        path: the file.
        head: its first line.
        columns: those that it may have.
        needed: those that it must have.

    Raises:
        ConfigError: with a line for every problem.
    """
    problems = []
    names = [cell.lower() for cell in head.cells]
    while names and not names[-1]:  # spreadsheets leave empty columns at the end
        names.pop()
    place = f"{path}, line {head.line}"
    for number, name in enumerate(names, 1):
        if name not in columns:
            near = nearest(name, columns) if name else None
            hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(columns)})"
            problems.append(
                f"{place}, column {number}: {show(head.cells[number - 1])} is not known{hint}"
            )
        elif name in names[: number - 1]:
            problems.append(f"{place}, column {number}: {name!r} is there twice")
    if not any(name in columns for name in names):
        problems = [f"{place}: is no header: the first line must be {','.join(columns)}"]
    else:
        problems += [f"{place}: column {n!r} is missing" for n in needed if n not in names]
    if problems:
        raise ConfigError(problems)
    return names


def _text(path: Path, largest: int) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)  # not by its size: /dev/zero has none
        if len(data) > largest:
            raise ConfigError([f"{path}: is longer than {largest // 1_000_000} MB: no such table"])
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError([f"{path}: is UTF-16 text: save it as CSV in UTF-8"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}, line {line}: is not UTF-8 text"]) from error
    if "\x00" in text:
        raise ConfigError([f"{path}: is no text file"])
    return text
