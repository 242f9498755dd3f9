"""How the console is to look, as options of a command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from pdutui.cli.kinds import utf8

if TYPE_CHECKING:
    from pdutui.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of it; None says nothing."""

    theme: str | None = None
    glyphs: str | None = None
    color: str | None = None
    mouse: bool | None = None

    @property
    def said(self) -> dict[str, object]:
        """The keys of `[ui]` that are said."""
        found = {
            "theme": self.theme, "glyphs": self.glyphs, "color": self.color,
            "mouse": self.mouse,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value is not None}

    def on(self, settings: Settings) -> Settings:
        """The settings with what is said on top."""
        ui = msgspec.structs.replace(settings.ui, **self.said)
        return msgspec.structs.replace(settings, ui=ui)


def look_options(command: _Command) -> _Command:
    """Add `--theme`, `--glyphs`, `--color`, `--mouse`; the command gets one `Look`, `look`."""

    @functools.wraps(command)
    def with_look(
        *args: Any, theme: str | None, glyphs: str | None, color: str | None, mouse: bool | None,
        **rest: Any,
    ) -> Any:  # fmt: skip
        look = Look(theme=theme, glyphs=glyphs, color=color, mouse=mouse)
        return command(*args, look=look, **rest)

    decorated: Any = with_look
    for option in (
        click.option(
            "--mouse/--no-mouse",
            default=None,
            help="Whether clicks are taken; without, the terminal's own selection works.",
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "truecolor", "256", "16", "none"]),
            help="How many colours the terminal has (default: by TERM, COLORTERM, NO_COLOR).",
        ),
        click.option(
            "--glyphs",
            type=click.Choice(["auto", "unicode", "console", "ascii"]),
            help="What pictures are made of; console: what Linux console fonts have.",
        ),
        click.option(
            "--theme",
            metavar="NAME",
            callback=utf8,
            help="Theme: noc-dark (default), noc-light, amber, mono, ... or your own.",
        ),
    ):  # fmt: skip
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
