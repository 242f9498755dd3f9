"""Themes from TOML files: those shipped, and those a user drops into `themes/` beside the config.

A bad file is reported and left out; it never stops the console, since a Textual app dies of a theme
whose colours do not parse. So everything is checked here, before Textual sees it.

    name = "my-theme"          # optional, else the file's name
    dark = true
    ansi = false               # true: only the terminal's own sixteen colours, `ansi_green`, ...
    monochrome = false         # true: bold, underline and reverse carry the meaning, not hue
    [colors]                   # Textual's: primary is required
    primary = "#7aa2c9"
    [pdutui]                   # meanings, see inks.MEANINGS; what is left out comes from [colors]
    critical = "#ff7b72"
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual.theme import Theme

from pdutui.widgets.inks import MEANINGS, ColorMode, Inks
from pdutui.widgets.theme_file import COLORS, PREFIX, FileTheme, ThemeError, load_theme

__all__ = (
    "ANSI_THEME", "DEFAULT_THEME", "PREFIX", "FileTheme", "ThemeError", "inks_of", "load_theme",
    "load_themes", "shipped_dir",
)  # fmt: skip

DEFAULT_THEME = "noc-dark"
ANSI_THEME = "noc-16"
"""What is used instead of an RGB theme where the terminal has sixteen colours."""

_FALLBACK = {
    "text": "foreground", "value": "foreground", "muted": "foreground", "rule": "secondary",
    "title": "primary", "on": "success", "off": "foreground", "unknown": "secondary",
    "warning": "warning", "critical": "error", "stale": "foreground", "source": "accent",
    "spark": "primary", "line2": "success", "line3": "secondary", "line4": "foreground",
    "key": "primary", "replay": "secondary", "cursor": "panel", "bar": "surface",
}  # fmt: skip


def shipped_dir() -> Path:
    """Where the shipped themes are: inside the package, or beside `src/` in a source tree."""
    here = Path(__file__).resolve()  # importlib.resources takes longer to load than all of this
    inside = here.parents[1] / "themes"
    return inside if inside.is_dir() else here.parents[3] / "themes"


def load_themes(directories: Iterable[Path]) -> tuple[dict[str, FileTheme], list[str]]:
    """Themes of several directories by name, later ones winning; and what could not be loaded."""
    themes: dict[str, FileTheme] = {}
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
    base = {name: getattr(theme, name) for name in COLORS if getattr(theme, name)}
    if not theme.ansi:
        generated = theme.to_color_system().generate()
        base = {name: base.get(name) or generated[name] for name in COLORS}
    colors = {m: given.get(m) or base.get(_FALLBACK[m], "ansi_default") for m in MEANINGS}
    hueless = isinstance(theme, FileTheme) and theme.monochrome
    return Inks(colors, base.get("background", "ansi_default"), mode, hueless=hueless)
