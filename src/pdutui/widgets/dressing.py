"""An app in the colours that its terminal has: how many there are, which theme, which inks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.color import ColorSystem
from textual.app import App
from textual.filter import Monochrome, NoColor

from pdutui.keys.keymap import DEFAULT
from pdutui.settings import UiSettings
from pdutui.widgets import themes
from pdutui.widgets.inks import Inks
from pdutui.widgets.leaving import LeavingApp

_FORCED = {
    "truecolor": ColorSystem.TRUECOLOR,
    "256": ColorSystem.EIGHT_BIT,
    "16": ColorSystem.STANDARD,
}


class DressedApp(LeavingApp):
    """Knows its colours and wears a theme.

    Args:
        ui: What the configuration says of colours and the theme.
        own_themes: The folder of the user's themes; None without one.
        env: The environment: NO_COLOR is looked at.
    """

    def __init__(self, ui: UiSettings, own_themes: Path | None, env: Mapping[str, str]) -> None:
        super().__init__()
        self.keymap = DEFAULT
        """The keys as the user has them."""
        self.few_colors = False
        """Sixteen colours or fewer."""
        self.theme_names: tuple[str, ...] = ()
        """Those that can be worn on this terminal."""
        self._choose_colors(ui.color, env)
        self.theme_problems = self._load_themes(ui.theme, own_themes)
        """What was wrong with themes, for people."""

    def _choose_colors(self, wanted: str, env: Mapping[str, str]) -> None:
        """How many colours there are: config and command line first, then NO_COLOR, then TERM."""
        forced = _FORCED.get(wanted)
        if forced is not None:
            self.console._color_system = forced
        system = self.console.color_system
        self.colorless = wanted == "none" or (
            forced is None and (bool(env.get("NO_COLOR")) or system is None)
        )
        self.few_colors = system in ("standard", "windows")
        self.no_color = self.colorless
        self._filters = [f for f in self._filters if not isinstance(f, Monochrome | NoColor)]
        if self.colorless:
            self._filters.append(NoColor())

    def _load_themes(self, wanted: str, own: Path | None) -> list[str]:
        """Register themes and put on the one that is wanted; says what went wrong."""
        found, problems = themes.load_themes([themes.shipped_dir(), *([own] if own else [])])
        for theme in found.values():
            self.register_theme(theme)
        plain = self.colorless or self.few_colors
        self.theme_names = tuple(n for n, t in found.items() if t.ansi or not plain)
        known = wanted in self.available_themes
        if not known:
            problems.append(f"theme {wanted} is not known; there are {', '.join(found)}")
            wanted = themes.DEFAULT_THEME
        if plain and not (known and self.available_themes[wanted].ansi):
            wanted = themes.ANSI_THEME
        if wanted in self.available_themes:
            # Before anything is parsed, so that the stylesheet is made once and not twice.
            self.set_reactive(App.theme, wanted)
            self.stylesheet.set_variables(self.get_css_variables())
            self._refresh_truecolor_filter(self.ansi_theme)
        return problems

    @property
    def inks(self) -> Inks:
        """The styles of the theme that is worn."""
        return themes.inks_of(self.current_theme, colorless=self.colorless)
