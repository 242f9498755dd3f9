"""One table of the configuration, read key by key with its type and range checked.

A value comes from the command line, else the environment, else the file, else the default; the
error names whichever it came from. Wrong values are collected, not raised, and the default stands
in for them until the end of the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pdutui.config_env import expanded
from pdutui.config_errors import ConfigError, Problems, nearest, show, suggestion

if TYPE_CHECKING:
    from pdutui.config_lines import Keys

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", bound=str)


class _Found(NamedTuple):
    """A value and how an error names its place."""

    value: object
    place: str | None = None
    """None: the key in the file."""


class Table:
    """A table of the file, with what the environment and the command line say on top of it."""

    def __init__(
        self,
        data: object,
        *,
        file: str,
        path: str,
        problems: Problems,
        env: Mapping[str, tuple[str, str]] | None = None,
        given: Mapping[str, object] | None = None,
        keys: Keys = (),
    ) -> None:
        """`path` goes in front of a key in errors, e.g. `poll.` or `[pdu 'rack1-a'] `.

        Args:
            data: the table as tomllib gave it; None if the file has none.
            file: the name of the file for errors.
            path: see above.
            problems: where errors go.
            env: key -> (name of the variable, its text).
            given: key -> value from the command line, already of the right type.
            keys: what it is in the file, for the line that an error names; nothing: it is the
                whole file, or no file's.
        """
        self._keys = keys
        self._file = file
        self._path = path
        self._problems = problems
        self._env = env or {}
        self._given = given or {}
        self._data: dict[str, object] = {}
        self._there = data is not None
        if isinstance(data, dict):
            self._data = data
        elif data is not None:
            problems.add(
                f"{file}{problems.at(keys)}: {path.rstrip('. ')} must be a table, is {show(data)}"
            )

    def fail(self, key: str, text: str, *, at: Keys = ()) -> None:
        """Add a problem of one key of the file: `FILE, line 3: poll.KEY TEXT`.

        Args:
            key: as errors call it.
            text: what is wrong with it.
            at: where it stands, if not under that name in this table.
        """
        line = self._problems.at(at) if at else self._problems.at(self._keys, key)
        self._problems.add(f"{self._file}{line}: {self._path}{key} {text}")

    def fail_value(self, key: str, text: str) -> None:
        """Add a problem of the value of a key, wherever it is from: file or environment."""
        found = self._find(key)
        self._problems.add(f"{(found and found.place) or self.place(key)} {text}")

    def place(self, key: str) -> str:
        """How an error names a key: the file, the line, the table and the key."""
        return f"{self._file}{self._problems.at(self._keys, key)}: {self._path}{key}"

    def check_keys(self, known: Collection[str], *, silent: Collection[str] = ()) -> None:
        """Add a problem for every key of the file that is not known."""
        for key in self._data:
            if key not in known and key not in silent:
                where = self._path.rstrip(". ")
                place = where if where.startswith("[") or not where else f"[{where}]"
                self._problems.add(
                    f"{self._file}{self._problems.at(self._keys, key)}: "
                    f"{place}{' ' if place else ''}unknown key {key!r}"
                    f"{suggestion(key, known)}"
                )

    @property
    def said(self) -> bool:
        """Whether anything is said: by the file, the environment or the command line."""
        return bool(self._there or self._env or self._given)

    def has(self, key: str) -> bool:
        """Whether the file has the key."""
        return key in self._data

    def raw(self, key: str) -> object:
        """The value in the file, unchecked; None without one."""
        return self._data.get(key)

    def number(
        self,
        key: str,
        default: float,
        *,
        at_least: float | None = None,
        above: float | None = None,
        at_most: float | None = None,
    ) -> float:
        """A finite number within a range."""
        found = self._find(key, _as_float)
        if found is None:
            return default
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong(key, found, "a number", default)
        if not _is_finite(value) or not _within(value, at_least, above, at_most):
            return self._wrong(
                key, found, _range_text("a number", at_least, above, at_most), default
            )
        return float(value)

    def integer(
        self, key: str, default: int, *, at_least: int | None = None, at_most: int | None = None
    ) -> int:
        """A whole number within a range."""
        found = self._find(key, _as_int)
        if found is None:
            return default
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong(key, found, "a whole number", default)
        if not _within(value, at_least, None, at_most):
            what = _range_text("a whole number", at_least, None, at_most)
            return self._wrong(key, found, what, default)
        return value

    def boolean(self, key: str, default: bool) -> bool:
        """True or false; in the environment also 1, 0, yes, no, on, off."""
        found = self._find(key, _as_bool)
        if found is None:
            return default
        if not isinstance(found.value, bool):
            return self._wrong(key, found, "true or false", default)
        return found.value

    def text(self, key: str) -> str | None:
        """Text of at least one character that is not blank; None where nothing is said."""
        found = self._find(key)
        if found is None:
            return None
        if not isinstance(found.value, str):
            return self._wrong(key, found, "text", None)
        if not found.value.strip() or not found.value.isprintable():
            return self._wrong(key, found, "text that is not blank and has no control codes", None)
        return found.value.strip()

    def path(self, key: str) -> Path | None:
        """A path with `~` put in full; None where nothing is said."""
        text = self.text(key)
        try:
            return None if text is None else expanded(text, lambda: self.place(key))
        except ConfigError as error:
            self._problems.add(str(error))
            return None

    def choice(self, key: str, default: _Choice, choices: tuple[_Choice, ...]) -> _Choice:
        """One word of a list."""
        found = self._find(key)
        if found is None:
            return default
        for choice in choices:
            if found.value == choice:
                return choice
        near = nearest(found.value, choices) if isinstance(found.value, str) else None
        hint = f': did you mean "{near}"?' if near is not None else ""
        return self._wrong(key, found, " or ".join(f'"{c}"' for c in choices), default, hint)

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts of the file, or one text in place of a list of one; None: not there.

        Each is there once, is not blank and has no control codes.
        """
        value = self._data.get(key)
        if value is None:
            return None
        found: dict[str, None] = {}
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str) or not one.strip() or not one.isprintable():
                self.fail(key, f'must be a list of texts, as ["one", "two"], has {show(one)}')
            elif one.strip() in found:
                self.fail(key, f"has {show(one.strip())} twice")
            else:
                found[one.strip()] = None
        return tuple(found)

    def sub(self, key: str, *, title: str | None = None) -> Table:
        """The table of the file under a key: empty where there is none.

        `title` goes in front of its keys in errors, in place of their path.
        """
        return Table(
            self.raw(key),
            file=self._file,
            path=f"{self._path}{key}." if title is None else title,
            problems=self._problems,
            keys=(*self._keys, key),
        )

    def subs(
        self, key: str, *, header: str, most: int, title: str | None = None, named: bool = False
    ) -> list[Table]:
        """The tables of the file under a key, `[[control.window]]`: none where there are none.

        Args:
            key: the key in this table.
            header: how the file calls them: `control.window`.
            most: how many there may be.
            title: how errors call them, a number after it; None: as the file does.
            named: whether errors call them by their `name`, where they have one.
        """
        value = self._data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(key, f"must be tables of their own, [[{header}]], is {show(value)}")
            return []
        if len(value) > most:
            self.fail(key, f"is there {len(value)} times; {most} are the most")
            return []
        out = []
        for number, one in enumerate(value, 1):
            name = one.get("name") if named and isinstance(one, dict) else None
            called = repr(name) if isinstance(name, str) and name.strip() else number
            path = f"[{title or header} {called}] "
            keys = (*self._keys, key, number - 1)
            table = Table(one, file=self._file, path=path, problems=self._problems, keys=keys)
            out.append(table)
        return out

    def secret_text(self, key: str) -> str | None:
        """Text of the file that no error shows; None where nothing is said."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.fail(key, "must be text and not empty")
            return None
        return value

    def _find(self, key: str, read: Callable[[str], object] = str) -> _Found | None:
        """The value that counts; `read` makes text of the environment into one."""
        if key in self._given:
            return _Found(self._given[key], f"command line: {key}")
        if key in self._env:
            name, text = self._env[key]
            return _Found(read(text), f"environment: {name}")
        if key in self._data:
            return _Found(self._data[key])
        return None

    def _wrong(self, key: str, found: _Found, what: str, default: _T, hint: str = "") -> _T:
        place = found.place or self.place(key)
        self._problems.add(f"{place} must be {what}, is {show(found.value)}{hint}")
        return default


def _as_float(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _as_int(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        return text


def _as_bool(text: str) -> object:
    word = text.strip().lower()
    return True if word in TRUE else False if word in FALSE else text


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False


def _within(
    value: float, at_least: float | None, above: float | None, at_most: float | None
) -> bool:
    return (
        (at_least is None or value >= at_least)
        and (above is None or value > above)
        and (at_most is None or value <= at_most)
    )


def _range_text(
    what: str, at_least: float | None, above: float | None, at_most: float | None
) -> str:
    if at_least is not None and at_most is not None:
        return f"{what} from {at_least:g} to {at_most:g}"
    if at_least is not None:
        return f"{what} of at least {at_least:g}"
    if above is not None and at_most is not None:
        return f"{what} above {above:g} and at most {at_most:g}"
    if above is not None:
        return f"{what} above {above:g}"
    return f"{what} of at most {at_most:g}"
