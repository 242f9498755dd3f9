"""How the console is to look, as options of a command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from pdutui.cli.kinds import utf8
from pdutui.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of it; None says nothing."""

    theme: str | None = None
    glyphs: str | None = None
    color: str | None = None
    no_mouse: bool = False

    @property
    def said(self) -> dict[str, object]:
        """The keys of `[ui]` that are said."""
        found = {
            "theme": self.theme, "glyphs": self.glyphs, "color": self.color,
            "mouse": False if self.no_mouse else None,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value is not None}

    def on(self, settings: Settings) -> Settings:
        """The settings with what is said on top."""
        ui = msgspec.structs.replace(settings.ui, **self.said)
        return msgspec.structs.replace(settings, ui=ui)


def look_options(command: _Command) -> _Command:
    """Add `--theme`, `--glyphs`, `--color`, `--no-mouse`; the command gets one `Look`, `look`."""

    @functools.wraps(command)
    def with_look(
        *args: Any, theme: str | None, glyphs: str | None, color: str | None, no_mouse: bool,
        **rest: Any,
    ) -> Any:  # fmt: skip
        look = Look(theme=theme, glyphs=glyphs, color=color, no_mouse=no_mouse)
        return command(*args, look=look, **rest)

    decorated: Any = with_look
    for option in (
        click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal."),
        click.option(
            "--color",
            type=click.Choice(["auto", "truecolor", "256", "16", "none"]),
            help="How many colours the terminal has.",
        ),
        click.option(
            "--glyphs",
            type=click.Choice(["auto", "unicode", "console", "ascii"]),
            help="What pictures are made of.",
        ),
        click.option(
            "--theme", metavar="NAME", callback=utf8, help="Theme (default noc-dark)."
        ),
    ):  # fmt: skip
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
