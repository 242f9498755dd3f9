"""The console on a wall, as options of a command, and what it makes of the configuration."""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase
from typing import Any

import click
import msgspec

from pdutui.cli.adding import Command, adding
from pdutui.cli.exits import CliError
from pdutui.cli.kinds import Number, utf8
from pdutui.config_errors import nearest
from pdutui.config_kiosk import LONGEST_S, PAGES, SHORTEST_S
from pdutui.settings import LockSettings, Settings


class Kiosk(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of it."""

    on: bool = False
    pages: tuple[str, ...] = ()
    """Empty: those of the configuration."""
    every_s: float | None = None

    @property
    def said(self) -> dict[str, object]:
        """The keys of `[kiosk]` that are said, but for the pages."""
        return {} if self.every_s is None else {"every_s": self.every_s}

    def check(self, settings: Settings) -> None:
        """Look whether its pages can be meant, once all PDUs are known. Raises CliError if not.

        Only at the start: a wall goes on without the page of a PDU that is taken away later.
        """
        from pdutui.config_names import what_there_is

        pdus = [pdu.name for pdu in settings.pdus]
        for page in self.pages:
            pattern = page.removeprefix("pdu:")
            if pattern != page and not any(fnmatchcase(name, pattern) for name in pdus):
                raise CliError(f"--pages: {page!r} fits no PDU{what_there_is(pattern, pdus)}")

    def on_top_of(self, settings: Settings) -> Settings:
        """The settings of a wall: it only shows, whatever the configuration allows who it runs as.

        There is nothing to be locked, and nothing to be pointed at.
        """
        if not self.on:
            return settings
        control = msgspec.structs.replace(settings.control, read_only=True, lock=LockSettings())
        return msgspec.structs.replace(
            settings,
            control=control,
            kiosk=msgspec.structs.replace(
                settings.kiosk, on=True, pages=self.pages or settings.kiosk.pages
            ),
            ui=msgspec.structs.replace(settings.ui, mouse=False),
        )


def _pages(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """The pages, in their order; whether there is such a PDU is not known yet."""
    if value is None:
        return ()
    words = [word.strip() for word in utf8(ctx, param, value).split(",")]
    for word in words:
        if word not in PAGES and not (word.startswith("pdu:") and word != "pdu:"):
            near = nearest(word, PAGES)
            hint = f": did you mean {near!r}?" if near else ""
            raise click.BadParameter(f"must be of {', '.join(PAGES)}, pdu:NAME; has {word!r}{hint}")
    return tuple(words)


def kiosk_options(command: Command) -> Command:
    """Add `--kiosk`, `--pages`, `--every`; the command gets one `Kiosk`, `kiosk`."""

    @functools.wraps(command)
    def with_kiosk(
        *args: Any, kiosk: bool, pages: tuple[str, ...], every_s: float | None, **rest: Any
    ) -> Any:
        for option, said in (("--pages", bool(pages)), ("--every", every_s is not None)):
            if said and not kiosk:
                raise click.UsageError(f"{option} goes with --kiosk.")
        return command(*args, kiosk=Kiosk(on=kiosk, pages=pages, every_s=every_s), **rest)

    decorated: Any = adding(
        click.option(
            "--kiosk",
            is_flag=True,
            help="On a wall: pages in turn, alarms at once; no key switches, asks or quits.",
        ),
        click.option(
            "--pages",
            metavar="LIST",
            callback=_pages,
            help="With --kiosk: of fleet, pairs, alarms, events, pdus, pdu:NAME or a pattern.",
        ),
        click.option(
            "--every",
            "every_s",
            metavar="S",
            type=Number(SHORTEST_S, LONGEST_S),
            help="With --kiosk: seconds that a page stays (default 20).",
        ),
    )(with_kiosk)
    return decorated  # type: ignore[no-any-return]
