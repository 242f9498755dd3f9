"""The theme files there are: one of them at once, all of them later, and any that changes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from pdutui.widgets.theme_file import FileTheme, ThemeError, load_theme

_Stamp = tuple[int, int, int]
"""Time of change, size, inode: an editor that saves by renaming changes the last at least."""
_WARNED = 3
"""So many words about contrast are enough for a theme."""


class News(Struct, frozen=True):
    """What has become of theme files since they were last looked at."""

    changed: tuple[str, ...] = ()
    """Names of themes that are there now, or look different."""
    gone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """Files that cannot be used, for people; the theme that was there before stays."""
    warnings: tuple[str, ...] = ()
    """Themes of the user's that are hard to read, and used."""


class Wardrobe:
    """Themes of several folders, those of a later one winning.

    Args:
        shipped: The folder of the themes that ship.
        own: The user's; it need not exist.
    """

    def __init__(self, shipped: Path, own: Path | None) -> None:
        self._shipped, self._own = shipped, own
        self._stamps: dict[Path, _Stamp] = {}
        self._ships: dict[Path, _Stamp] | None = None
        """What ships, once it was looked for: it is part of the program, and stays as it is."""
        self._of_file: dict[Path, FileTheme] = {}
        self.themes: dict[str, FileTheme] = {}
        """Those that were read, by name."""

    def one(self, name: str) -> FileTheme | None:
        """The theme of a file of that name, read at once; None: there is none, or not in it.

        Raises:
            ThemeError: it cannot be used.
        """
        for folder in reversed(self._folders()):
            path = folder / f"{name}.toml"
            if path.is_file():
                theme = load_theme(path)
                if theme.name == name:
                    self.themes[name] = theme
                    return theme
        return None

    def look(self) -> News:
        """Read what is new or was changed since the last time."""
        found = self._found()
        if found == self._stamps:
            return News()
        from pdutui.widgets.contrast import faults

        problems: list[str] = []
        warnings: list[str] = []
        fresh: list[FileTheme] = []
        for path, stamp in found.items():
            if self._stamps.get(path) == stamp:
                continue
            try:
                theme = load_theme(path)
            except ThemeError as error:
                problems.append(f"theme {error}")
                continue
            self._of_file[path] = theme
            fresh.append(theme)
            if path.parent == self._own:
                warnings += [f"theme {path.name}: {f}" for f in faults(theme)[:_WARNED]]
        lost = [path for path in self._of_file if path not in found]
        for path in lost:
            del self._of_file[path]
        self._stamps = found
        if not (fresh or lost or problems):
            return News()
        before = self.themes
        # In the order of their files: an own one, which comes later, wins.
        self.themes = {self._of_file[p].name: self._of_file[p] for p in found if p in self._of_file}
        changed = [name for name, theme in self.themes.items() if before.get(name) != theme]
        gone = [name for name in before if name not in self.themes]
        return News(tuple(changed), tuple(gone), tuple(problems), tuple(warnings))

    def _folders(self) -> list[Path]:
        return [self._shipped, self._own] if self._own is not None else [self._shipped]

    def _found(self) -> dict[Path, _Stamp]:
        if self._ships is None:
            self._ships = dict(_stamped([self._shipped]))
        return self._ships | dict(_stamped([self._own] if self._own is not None else []))


def _stamped(folders: Iterable[Path]) -> Iterable[tuple[Path, _Stamp]]:
    for folder in folders:
        try:
            names = sorted(n for n in os.listdir(folder) if n.endswith(".toml") and n[0] != ".")
        except OSError:
            continue
        for path in map(folder.joinpath, names):
            try:
                stat = path.stat()
            except OSError:
                continue  # gone since it was listed
            yield path, (stat.st_mtime_ns, stat.st_size, stat.st_ino)
