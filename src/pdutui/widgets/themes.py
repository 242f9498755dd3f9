"""Themes from TOML files: those shipped, and those a user drops into `themes/` beside the config.

A bad file is reported and left out; it never stops the console, since a Textual app dies of a theme
whose colours do not parse. So everything is checked here, before Textual sees it.

    name = "my-theme"          # optional, else the file's name
    dark = true
    ansi = false               # true: only the terminal's own sixteen colours, `ansi_green`, ...
    [colors]                   # Textual's: primary is required
    primary = "#7aa2c9"
    [pdutui]                   # meanings, see inks.MEANINGS; what is left out comes from [colors]
    critical = "#ff7b72"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from pdutui.widgets.inks import MEANINGS, ColorMode, Inks

DEFAULT_THEME = "noc-dark"
ANSI_THEME = "noc-16"
"""What is used instead of an RGB theme where the terminal has sixteen colours."""
PREFIX = "pdu-"
"""Meanings stand among the theme's CSS variables under this prefix: `$pdu-critical`."""

_COLORS = (
    "primary", "secondary", "accent", "warning", "error", "success", "foreground", "background",
    "surface", "panel",
)  # fmt: skip
_FALLBACK = {
    "text": "foreground", "value": "foreground", "muted": "foreground", "rule": "secondary",
    "title": "primary", "on": "success", "off": "foreground", "unknown": "secondary",
    "warning": "warning", "critical": "error", "stale": "foreground", "source": "accent",
    "spark": "primary", "line2": "success", "line3": "secondary", "line4": "foreground",
    "key": "primary", "replay": "secondary", "cursor": "panel", "bar": "surface",
}  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class ThemeError(ValueError):
    """A theme file that cannot be used; the text says where and why."""


def shipped_dir() -> Path:
    """Where the shipped themes are: inside the package, or beside `src/` in a source tree."""
    inside = Path(str(resources.files("pdutui") / "themes"))
    return inside if inside.is_dir() else Path(__file__).resolve().parents[3] / "themes"


def load_theme(path: Path) -> Theme:
    """One theme file. Raises ThemeError for anything that is wrong with it."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"{path.name}: {error}") from error
    try:
        return _theme(table, path.stem)
    except ThemeError as error:
        raise ThemeError(f"{path.name}: {error}") from error


def load_themes(directories: Iterable[Path]) -> tuple[dict[str, Theme], list[str]]:
    """Themes of several directories by name, later ones winning; and what could not be loaded."""
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for directory in directories:
        for path in sorted(directory.glob("*.toml")):
            try:
                theme = load_theme(path)
            except ThemeError as error:
                problems.append(f"theme {error}")
            else:
                themes[theme.name] = theme
    return themes, problems


def inks_of(theme: Theme, *, colorless: bool = False) -> Inks:
    """The styles of a theme.

    Also works for Textual's own themes, which know nothing of our meanings.
    """
    mode: ColorMode = "none" if colorless else "ansi" if theme.ansi else "rgb"
    given = {k.removeprefix(PREFIX): v for k, v in theme.variables.items() if k.startswith(PREFIX)}
    base = {name: getattr(theme, name) for name in _COLORS if getattr(theme, name)}
    if not theme.ansi:
        generated = theme.to_color_system().generate()
        base = {name: base.get(name) or generated[name] for name in _COLORS}
    colors = {m: given.get(m) or base.get(_FALLBACK[m], "ansi_default") for m in MEANINGS}
    return Inks(colors, base.get("background", "ansi_default"), mode)


def _theme(table: Mapping[str, object], stem: str) -> Theme:
    _known(table, ("name", "dark", "ansi", "colors", "pdutui"), "")
    name = table.get("name", stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ThemeError(f"name: {name!r} (small letters, digits, - and _)")
    dark, ansi = _flag(table, "dark", True), _flag(table, "ansi", False)
    colors = _colors(table, "colors", _COLORS, ansi)
    meanings = _colors(table, "pdutui", tuple(MEANINGS), ansi)
    if "primary" not in colors:
        raise ThemeError("colors.primary is required")
    variables = {f"{PREFIX}{meaning}": color for meaning, color in meanings.items()}
    if ansi:
        # Textual's stylesheet needs variables that only its own ANSI themes define.
        own = BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"]
        variables = {**own.variables, **variables}
        colors = {**{c: getattr(own, c) for c in _COLORS if getattr(own, c)}, **colors}
        return _made(name, dark, True, variables, {"boost": "ansi_default", **colors})
    if "panel" in colors and "surface" in colors:
        variables["scrollbar"] = colors["panel"]
        variables["scrollbar-background"] = colors["surface"]
    theme = _made(name, dark, False, variables, colors)
    theme.to_color_system().generate()
    return theme


def _made(
    name: str, dark: bool, ansi: bool, variables: dict[str, str], colors: Mapping[str, str]
) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        ansi=ansi,
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


def _flag(table: Mapping[str, object], key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise ThemeError(f"{key}: {value!r} (true or false)")
    return value


def _colors(
    table: Mapping[str, object], key: str, known: tuple[str, ...], ansi: bool
) -> dict[str, str]:
    part = table.get(key, {})
    if not isinstance(part, dict):
        raise ThemeError(f"{key}: a table of colours is wanted")
    _known(part, known, f"{key}.")
    for name, value in part.items():
        if not isinstance(value, str):
            raise ThemeError(f"{key}.{name}: {value!r} is no colour")
        if value.startswith("ansi_") != ansi:
            kind = "an ansi_ colour" if ansi else 'a colour like "#7aa2c9"'
            raise ThemeError(
                f"{key}.{name}: {value!r} ({kind} is wanted where ansi = {str(ansi).lower()})"
            )
        try:
            color = Color.parse(value)
        except ColorParseError as error:
            raise ThemeError(f"{key}.{name}: {value!r} is no colour") from error
        if color.a != 1 and value != "ansi_default":
            raise ThemeError(f"{key}.{name}: {value!r} is transparent")
    return dict(part)


def _known(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f" (did you mean {where}{near[0]}?)" if near else ""
            raise ThemeError(f"{where}{key} is not known{hint}")
