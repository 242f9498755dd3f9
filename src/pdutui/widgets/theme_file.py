"""One theme file, read strictly: what is wrong with it is told with the line it stands in."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from pdutui.widgets.inks import MEANINGS

PREFIX = "pdu-"
"""Meanings stand among the theme's CSS variables under this prefix: `$pdu-critical`."""
COLORS = (
    "primary", "secondary", "accent", "warning", "error", "success", "foreground", "background",
    "surface", "panel",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_AT_LINE = r"\(at line (\d+), column \d+\)"
_AT_END = r"\(at end of document\)"
_MOST = 64_000
"""A theme is a page of text; what is larger is something else."""


class ThemeError(ValueError):
    """A theme file that cannot be used; the text says which, in which line, and why."""


class _Wrong(ValueError):
    """What is wrong with a theme, and where in its table."""

    def __init__(self, text: str, *path: str) -> None:
        super().__init__(text)
        self.path = path


@dataclass
class FileTheme(Theme):
    """A theme that was read from a file."""

    monochrome: bool = False
    """Meaning is carried by bold, underline and reverse video, as where there are no colours."""


def load_theme(path: Path) -> FileTheme:
    """One theme file. Raises ThemeError for anything that is wrong with it."""
    text = ""
    try:
        text = _text(path)
        return _theme(tomllib.loads(text), path.stem)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{path.name}{_syntax(str(error), text)}") from error
    except UnicodeDecodeError as error:
        raise ThemeError(f"{path.name}: not UTF-8 text") from error
    except OSError as error:
        raise ThemeError(f"{path.name}: {error.strerror or error}") from error
    except _Wrong as wrong:
        line = _line_of(text, wrong.path)
        where = f":{line}" if line else ""
        raise ThemeError(f"{path.name}{where}: {wrong}") from wrong


def _text(path: Path) -> str:
    """What is in it; a pipe would have the console wait, a device might never end."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ThemeError(f"{path.name}: no file")
    if found.st_size > _MOST:
        raise ThemeError(f"{path.name}: larger than {_MOST // 1000} kB: no theme")
    return path.read_text("utf-8-sig")


def _syntax(said: str, text: str) -> str:
    """`:3: Invalid value` of what the TOML reader says of a syntax error."""
    found = re.search(_AT_LINE, said)
    if found is not None:
        return f":{found[1]}: {re.sub(_AT_LINE, '', said).strip()}"
    return f":{text.count(chr(10)) + 1}: {re.sub(_AT_END, 'at the end of the file', said).strip()}"


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line in which a key stands, or the table that it is missing in; None: there is none."""
    from pdutui.config_lines import key_lines  # only for an error

    lines = key_lines(text)
    places = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[place] for place in places if place in lines), None)


def _theme(table: Mapping[str, object], stem: str) -> FileTheme:
    _known(table, ("name", "dark", "ansi", "monochrome", "colors", "pdutui"))
    name = table.get("name", stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Wrong(f"name: {name!r} (small letters, digits, - and _)", "name")
    dark, ansi = _flag(table, "dark", True), _flag(table, "ansi", False)
    monochrome = _flag(table, "monochrome", False)
    colors = _colors(table, "colors", COLORS, ansi)
    meanings = _colors(table, "pdutui", tuple(MEANINGS), ansi)
    if "primary" not in colors:
        raise _Wrong("colors.primary is required", "colors")
    variables = {f"{PREFIX}{meaning}": color for meaning, color in meanings.items()}
    if ansi:
        # Textual's stylesheet needs variables that only its own ANSI themes define.
        own = BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"]
        variables = {**own.variables, **variables}
        colors = {**{c: getattr(own, c) for c in COLORS if getattr(own, c)}, **colors}
        colors = {"boost": "ansi_default", **colors}
    else:
        variables |= _textuals_own(colors, meanings)
    theme = FileTheme(
        name=name,
        dark=dark,
        ansi=ansi,
        monochrome=monochrome,
        variables=variables,
        primary=colors["primary"],
        secondary=colors.get("secondary"),
        accent=colors.get("accent"),
        warning=colors.get("warning"),
        error=colors.get("error"),
        success=colors.get("success"),
        foreground=colors.get("foreground"),
        background=colors.get("background"),
        surface=colors.get("surface"),
        panel=colors.get("panel"),
        boost=colors.get("boost"),
    )
    if not ansi:
        theme.to_color_system().generate()
    return theme


def _textuals_own(colors: Mapping[str, str], meanings: Mapping[str, str]) -> dict[str, str]:
    """What Textual's own widgets are to look like, where it would make it too faint to read."""
    out: dict[str, str] = {}
    if "panel" in colors and "surface" in colors:
        out |= {"scrollbar": colors["panel"], "scrollbar-background": colors["surface"]}
    if "muted" in meanings:
        out |= {"text-disabled": meanings["muted"], "text-muted": meanings["muted"]}
    if "cursor" in meanings and "value" in meanings:
        fore, back = meanings["value"], meanings["cursor"]
        for kind in ("block-cursor", "block-cursor-blurred", "input-selection"):
            out |= {f"{kind}-foreground": fore, f"{kind}-background": back}
    return out


def _flag(table: Mapping[str, object], key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise _Wrong(f"{key}: {value!r} (true or false)", key)
    return value


def _colors(
    table: Mapping[str, object], key: str, known: tuple[str, ...], ansi: bool
) -> dict[str, str]:
    part = table.get(key, {})
    if not isinstance(part, dict):
        raise _Wrong(f"{key}: a table of colours is wanted", key)
    _known(part, known, key)
    for name, value in part.items():
        where = f"{key}.{name}: {value!r}"
        if not isinstance(value, str):
            raise _Wrong(f"{where} is no colour", key, name)
        if value.startswith("ansi_") != ansi:
            kind = "an ansi_ colour" if ansi else 'a colour like "#7aa2c9"'
            said = f"({kind} is wanted where ansi = {str(ansi).lower()})"
            raise _Wrong(f"{where} {said}", key, name)
        try:
            color = Color.parse(value)
        except ColorParseError as error:
            raise _Wrong(f"{where} is no colour", key, name) from error
        if color.a != 1 and value != "ansi_default":
            raise _Wrong(f"{where} is transparent", key, name)
    return dict(part)


def _known(table: Mapping[str, object], known: tuple[str, ...], *where: str) -> None:
    before = "".join(f"{name}." for name in where)
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f" (did you mean {before}{near[0]}?)" if near else ""
            raise _Wrong(f"{before}{key} is not known{hint}", *where, key)
