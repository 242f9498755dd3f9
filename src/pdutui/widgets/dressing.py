"""An app in the colours that its terminal has: how many there are, which theme, which inks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.color import ColorSystem
from textual.app import App
from textual.filter import Monochrome, NoColor
from textual.theme import Theme

from pdutui.keys.keymap import DEFAULT
from pdutui.widgets import themes
from pdutui.widgets.leaving import LeavingApp
from pdutui.widgets.theme_file import ThemeError
from pdutui.widgets.themes import ANSI_THEME, DEFAULT_THEME
from pdutui.widgets.wardrobe import News, Wardrobe

if TYPE_CHECKING:
    from pdutui.settings import UiSettings
    from pdutui.widgets.inks import Inks

LOOK_EVERY_S = 2.0
"""So often theme files are looked after: one that is saved is seen while its author looks up."""

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
        self._choose_colors(ui.color, env)
        self._wardrobe = Wardrobe(themes.shipped_dir(), own_themes)
        self._opened = False
        """All themes were read; until the first frame only the one that is worn is."""
        self.theme_problems = self._dress_first(ui.theme)
        """What was wrong with the theme that is wanted, for people."""

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

    @property
    def _plain(self) -> bool:
        """Only themes of the terminal's own colours can be worn."""
        return self.colorless or self.few_colors

    def _dress_first(self, wanted: str) -> list[str]:
        """Put on the theme that is wanted, or another; says what went wrong."""
        problems: list[str] = []
        theme = self._find(wanted, problems)
        if theme is None:
            theme = self._find(DEFAULT_THEME, problems)
        if self._plain and not (theme is not None and theme.ansi):
            # What is wanted for another terminal is no reason to say anything.
            theme = self._find(ANSI_THEME, problems)
        if theme is not None:
            self.register_theme(theme)
            # Before anything is parsed, so that the stylesheet is made once and not twice.
            self.set_reactive(App.theme, theme.name)
            self.stylesheet.set_variables(self.get_css_variables())
            self._refresh_truecolor_filter(self.ansi_theme)
        return problems

    def _find(self, name: str, problems: list[str]) -> Theme | None:
        """A theme by name: from the file of that name, else from any, else Textual's own."""
        try:
            theme: Theme | None = self._wardrobe.one(name)
        except ThemeError:
            theme = None
        if theme is None:
            news = self._open_wardrobe()
            problems += news.problems
            theme = self.available_themes.get(name)
            if theme is None and not problems:
                known = ", ".join(self._wardrobe.themes)
                problems.append(f"theme {name} is not known; there are {known}")
        return theme

    def _open_wardrobe(self) -> News:
        """Read what theme files there are, or what has become of them since."""
        self._opened = True
        news = self._wardrobe.look()
        for name in news.changed:
            self.register_theme(self._wardrobe.themes[name])
        for name in news.gone:
            if name != self.theme:  # what is worn stays until something else is put on
                self.unregister_theme(name)
        return news

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The themes that can be worn on this terminal."""
        if not self._opened:
            self._open_wardrobe()
        known = self._wardrobe.themes.items()
        return tuple(sorted(n for n, t in known if t.ansi or not self._plain))

    def wear(self, theme: str) -> None:
        """Put on a theme; anew, where it is the one that is worn already."""
        if theme not in self.available_themes:
            self._open_wardrobe()
        if theme == self.theme:
            self.mutate_reactive(App.theme)
        else:
            self.theme = theme

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew: Textual forgets the screen on top where it is no first one."""
        super().refresh_css(animate=animate)
        if len(self.screen_stack) > 1:
            self.stylesheet.update(self.screen, animate=animate)

    def watch_theme_files(self) -> None:
        """Read those that were not needed for the first frame, and look after all from now on."""
        self._look_at_theme_files()
        self.set_interval(LOOK_EVERY_S, self._look_at_theme_files)

    def _look_at_theme_files(self) -> None:
        first = not self._opened
        news = self._open_wardrobe()
        worn = self.theme in news.changed and not first
        if worn:
            self.wear(self.theme)
        if worn or news.problems or news.warnings:
            self.told_of_themes(news, worn=worn)

    def told_of_themes(self, news: News, *, worn: bool) -> None:
        """Theme files have changed.

        Args:
            news: what of them.
            worn: the theme that is worn was put on anew.
        """

    @property
    def inks(self) -> Inks:
        """The styles of the theme that is worn."""
        return themes.inks_of(self.current_theme, colorless=self.colorless)
