"""Bulk set-up: PDUs from a table that a spreadsheet has written.

`name,host,profile,community_env,feed,location`, the names of the columns in the first line, in any
order; only the first two are needed. Comma, semicolon or tab; a byte order mark is no harm.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from pdutui.config_errors import ConfigError, nearest, show
from pdutui.config_rows import column_names, read_rows
from pdutui.config_write import PduEntry
from pdutui.domain.address import AddressError, format_address, parse_address

COLUMNS = ("name", "host", "profile", "community_env", "feed", "location")
_NEEDED = ("name", "host")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class CsvEntry(msgspec.Struct, frozen=True):
    """An entry and the line of the file that it comes from."""

    line: int
    entry: PduEntry


def read_csv(
    path: Path,
    *,
    profiles: Collection[str],
    env: Mapping[str, str] | None,
) -> tuple[CsvEntry, ...]:
    """The PDUs of a CSV file, in its order.

    Args:
        path: the file.
        profiles: the names of profiles that there are, besides `auto`.
        env: the environment: a variable that a line names must be set; None: it need not be.

    Raises:
        ConfigError: with a line for every problem, naming file, line and column.
    """
    head, *body = read_rows(path, expected=",".join(COLUMNS))
    columns = column_names(path, head, COLUMNS, _NEEDED)
    problems: list[str] = []
    entries = [
        entry
        for line, cells in body
        if (entry := _Line(path, line, columns, cells, problems).entry(profiles, env)) is not None
    ]
    _refuse_duplicates(path, entries, problems)
    if not body:
        problems.append(f"{path}: has no line below its header")
    if problems:
        raise ConfigError(problems)
    return tuple(entries)


class _Line:
    """One line below the header."""

    def __init__(
        self, path: Path, line: int, columns: list[str], cells: list[str], problems: list[str]
    ) -> None:
        self._place = f"{path}, line {line}"
        self._line = line
        self._cells = dict(zip(columns, cells, strict=False))
        self._problems = problems
        self._before = len(problems)
        if any(cells[len(columns) :]):
            many = len(cells)
            problems.append(f"{self._place}: has {many} values under {len(columns)} columns")

    def entry(self, profiles: Collection[str], env: Mapping[str, str] | None) -> CsvEntry | None:
        """The entry; None if something is wrong with it."""
        for column in _NEEDED:
            if not self._cells.get(column):
                self._fail(column, "is empty")
        for column, cell in self._cells.items():
            if not cell.isprintable():
                self._fail(column, "has control codes in it")
        host, port = self._address()
        profile = self._profile(profiles)
        variable = self._variable(env)
        if len(self._problems) > self._before:
            return None
        return CsvEntry(
            self._line,
            PduEntry(
                name=self._cells["name"],
                host=host,
                port=port,
                profile=profile,
                community_env=variable,
                feed=self._cells.get("feed") or None,
                location=self._cells.get("location") or None,
            ),
        )

    def _address(self) -> tuple[str, int]:
        text = self._cells.get("host")
        if text:
            try:
                host, port = parse_address(text)
                return host, port or 161
            except AddressError as error:
                self._fail("host", str(error))
        return "", 161

    def _profile(self, profiles: Collection[str]) -> str:
        text = self._cells.get("profile") or "auto"
        if text != "auto" and text not in profiles:
            near = nearest(text, profiles)
            known = f" (there: auto, {', '.join(sorted(profiles))})"
            hint = f": did you mean {near!r}?" if near else known
            self._fail("profile", f"{show(text)} is not known{hint}")
        return text

    def _variable(self, env: Mapping[str, str] | None) -> str | None:
        text = self._cells.get("community_env") or None
        if text is not None and not _VARIABLE.match(text):
            # It may be the community itself: it is not shown.
            self._fail("community_env", "must be the name of an environment variable, as PDU_READ")
        elif text is not None and env is not None and not env.get(text):
            self._fail("community_env", f"the environment has no {text}, or it is empty")
        return text

    def _fail(self, column: str, text: str) -> None:
        self._problems.append(f"{self._place}, column {column}: {text}")


def _refuse_duplicates(path: Path, entries: list[CsvEntry], problems: list[str]) -> None:
    names: dict[str, int] = {}
    hosts: dict[str, int] = {}
    for one in entries:
        entry = one.entry
        address = format_address(entry.host.lower(), entry.port)
        for seen, value, column in ((names, entry.name, "name"), (hosts, address, "host")):
            if value in seen:
                where = f"{path}, line {one.line}, column {column}"
                problems.append(f"{where}: {show(value)} is in line {seen[value]} already")
            seen.setdefault(value, one.line)
