"""Where a key stands in a TOML file: the line, for errors.

`tomllib` gives values and no places. A file that it has read is right TOML, so that finding keys
in it takes no more than to tell strings, comments and brackets apart.
"""

from __future__ import annotations

import re
import tomllib

Keys = tuple[str | int, ...]
"""A key and the tables that it is in; a number is the place, from 0, in a list of tables."""

_BLANK = re.compile(r"[ \t]*")
_FILL = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^\s,\]}#]+(?:[ ][0-9][^\s,\]}#]*)?")
"""A number, a truth value or a date; between date and time there may be a blank."""
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


class _NotUnderstood(Exception):
    """The text is not what was expected: no line is better than a wrong one."""


def key_lines(text: str) -> dict[Keys, int]:
    """The line, from 1, in which each key and each table of a TOML text begins.

    Args:
        text: what `tomllib` has read without complaint. Of anything else what can be found.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    try:
        scan.whole()
    except _NotUnderstood:
        pass
    except RecursionError:
        pass
    return scan.lines


class _Scan:
    """One way through a text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Keys, int] = {}
        self._text = text
        self._at = 0
        self._counted_at = 0
        self._line = 1
        self._lists: dict[Keys, int] = {}
        """How many tables each list of tables has so far."""

    def whole(self) -> None:
        """Every table and key."""
        table: Keys = ()
        while self._skip(_FILL) < len(self._text):
            if self._next("["):
                listed = self._next("[")
                table = self._header(self._key(), listed=listed)
                self._want("]")
                if listed:
                    self._want("]")
            else:
                self._pair(table)

    def _header(self, keys: list[str], *, listed: bool) -> Keys:
        """The table that a header opens."""
        path = self._within((), keys[:-1])
        path = (*path, keys[-1])
        if listed:
            self.lines.setdefault(path, self._now())
            number = self._lists.get(path, 0)
            self._lists[path] = number + 1
            path = (*path, number)
        self.lines[path] = self._now()
        return path

    def _within(self, table: Keys, keys: list[str]) -> Keys:
        """The path of nested tables, in the last one of each list."""
        path = table
        for key in keys:
            path = (*path, key)
            if path in self._lists:
                path = (*path, self._lists[path] - 1)
            self.lines.setdefault(path, self._now())
        return path

    def _pair(self, table: Keys) -> None:
        line = self._now()
        keys = self._key()
        path = (*self._within(table, keys[:-1]), keys[-1])
        self.lines[path] = line
        self._want("=")
        self._value(path)

    def _value(self, path: Keys) -> None:
        self._skip(_BLANK)
        if self._next("["):
            number = 0
            while self._after(_FILL, "]") is None:
                self.lines[*path, number] = self._now()
                self._value((*path, number))
                number += 1
                self._after(_FILL, ",")
        elif self._next("{"):
            while self._after(_FILL, "}") is None:
                self._pair(path)
                self._after(_FILL, ",")
        elif not self._string():
            self._take(_PLAIN)

    # -- letters -----------------------------------------------------------------------------

    def _key(self) -> list[str]:
        """A key, dotted or not."""
        keys = []
        while True:
            self._skip(_BLANK)
            began = self._at
            if self._string():
                keys.append(_unquoted(self._text[began : self._at]))
            else:
                keys.append(self._take(_BARE))
            if self._after(_BLANK, ".") is None:
                return keys

    def _string(self) -> bool:
        return any(self._match(kind) for kind in _STRINGS)

    def _match(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._at)
        if found is None or found.end() == self._at:
            return False
        self._at = found.end()
        return True

    def _take(self, pattern: re.Pattern[str]) -> str:
        began = self._at
        if not self._match(pattern):
            raise _NotUnderstood
        return self._text[began : self._at]

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._match(pattern)
        return self._at

    def _next(self, sign: str) -> bool:
        there = self._text.startswith(sign, self._at)
        self._at += len(sign) if there else 0
        return there

    def _after(self, gap: re.Pattern[str], sign: str) -> str | None:
        """The sign, if it follows a gap; the gap is passed over in any case."""
        if self._skip(gap) >= len(self._text) and sign in "]}":
            raise _NotUnderstood
        return sign if self._next(sign) else None

    def _want(self, sign: str) -> None:
        if self._after(_BLANK, sign) is None:
            raise _NotUnderstood

    def _now(self) -> int:
        """The line that is read now."""
        self._line += self._text.count("\n", self._counted_at, self._at)
        self._counted_at = self._at
        return self._line


def _unquoted(text: str) -> str:
    """A quoted key as it is meant."""
    return str(tomllib.loads(f"key = {text}")["key"])
