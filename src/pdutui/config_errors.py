"""What can be wrong with a configuration, collected so that one run shows all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.config_lines import Keys


class ConfigError(ValueError):
    """A configuration that cannot be used. The text has one line for each problem.

    Every line names the file (or the environment variable), the key and what would be right. No
    line holds a community or a key.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Problems:
    """Collects problems of a file and turns them into one ConfigError.

    Args:
        text: the file, to find out in which line a key stands; empty: no line is named.
    """

    def __init__(self, text: str = "") -> None:
        self._text = text
        self._lines: list[str] = []

    @cached_property
    def _where(self) -> dict[Keys, int]:
        """Only looked for when something is wrong."""
        from pdutui.config_lines import key_lines

        return key_lines(self._text)

    def at(self, keys: Keys, key: str = "") -> str:
        """`, line 12`, to stand behind the file; that of its table for a key that is missing.

        Args:
            keys: the table.
            key: the key in it; empty for the table itself.
        """
        name = key.strip('"')
        path = (*keys, name) if name else keys
        if path not in self._where:
            path = (*keys, *name.split("."))
        while path and path not in self._where:
            path = path[:-1]
        return f", line {self._where[path]}" if path else ""

    def add(self, line: str) -> None:
        """One more problem; the same line is kept once."""
        if line not in self._lines:
            self._lines.append(line)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._lines)

    def raise_if_any(self) -> None:
        """Raises ConfigError if anything was added."""
        if self._lines:
            raise ConfigError(self._lines)


def nearest(word: str, known: Collection[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that `word` was probably meant to be, or None."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=cutoff)
    return close[0] if close else None


def suggestion(word: str, known: Collection[str]) -> str:
    """`: did you mean 'community'?`, or the list of what there is."""
    near = nearest(word, known)
    if near is not None:
        return f": did you mean {near!r}?"
    return f" (there: {', '.join(sorted(known))})"


def show(value: object) -> str:
    """A TOML value as people wrote it, short enough for a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_short("".join(c if c.isprintable() else "?" for c in value))}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
