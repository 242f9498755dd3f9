"""Which alarms a `pdutui alarms` command is about, and who asks."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from pdutui.cli.exits import REFUSED, CliError
from pdutui.cli.target import config_option
from pdutui.domain.alarm import Alarm, Silence, worst_first
from pdutui.domain.alarm_watched import silenced_until
from pdutui.domain.commands import Actor
from pdutui.engine.alarms.book import Book, BookTrouble, Kept, directory_of
from pdutui.engine.alarms.lead import judged_now
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms and the settings that go with them."""

    settings: Settings
    demo: bool

    @property
    def directory(self) -> Path:
        """Where they are kept."""
        return directory_of(self.settings)

    def book(self) -> Book:
        """What is kept there."""
        return Book(self.directory, self.settings.alarms.history_days)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The list as it can be told from what is kept."""

    alarms: tuple[Alarm, ...]
    """`known` is False for those whose PDU nobody judges now."""
    silences: tuple[Silence, ...]
    judged: frozenset[str]
    """The PDUs that a program judges now; it has "" in it where one does."""
    written: datetime | None
    """When it was changed last; None: never."""
    mishap: str = ""
    """What was found damaged."""


def place_options(command: _Command) -> _Command:
    """Add `--demo` and `--config`; the command gets one `Place`, keyword `place`."""

    @functools.wraps(command)
    def with_place(*args: Any, demo: bool, config_file: Path | None, **rest: Any) -> Any:
        return command(*args, place=place_of(config_file, demo=demo), **rest)

    decorated: Any = config_option(with_place)
    decorated = click.option("--demo", is_flag=True, help="The alarms of 'pdutui --demo'.")(
        decorated
    )
    return decorated  # type: ignore[no-any-return]


def place_of(config_file: Path | None, *, demo: bool) -> Place:
    """The place that the options mean; warnings of the configuration go to standard error."""
    from pdutui.cli.build import demo_settings
    from pdutui.config import load_settings

    settings = load_settings(config=config_file, env=os.environ)
    for warning in settings.warnings:
        click.echo(f"pdutui: warning: {warning}", err=True)
    return Place(settings=demo_settings(settings) if demo else settings, demo=demo)


def listed(place: Place, now: datetime) -> Listed:
    """What is kept, as far as it can be told now. Raises CliError."""
    book = place.book()
    with said():
        kept = book.read()
    judged = judged_now(place.directory, now.timestamp())
    return Listed(
        alarms=tuple(sorted(_alarms(kept, judged, now), key=worst_first)),
        silences=silences_of(kept, now),
        judged=judged,
        written=kept.written,
        mishap=book.mishap,
    )


def _alarms(kept: Kept, judged: frozenset[str], now: datetime) -> Iterator[Alarm]:
    """Those in the list; a silence that has ended meanwhile has, whoever should have noted it."""
    for one in kept.watched:
        alarm = one.alarm
        if not one.listed or alarm is None:
            continue
        yield msgspec.structs.replace(
            alarm,
            known=alarm.known and (alarm.over is not None or alarm.pdu in judged),
            silenced_until=silenced_until(alarm, kept.silences, now),
        )


def silences_of(kept: Kept, now: datetime) -> tuple[Silence, ...]:
    """Those that have not ended, the first to end first."""
    return tuple(sorted((s for s in kept.silences if s.until > now), key=lambda s: s.until))


@contextlib.contextmanager
def said() -> Iterator[None]:
    """What cannot be done about alarms, as an error of the command line."""
    try:
        yield
    except (BookTrouble, AlarmTrouble) as error:
        raise CliError(str(error)) from error


def may_or_refuse(place: Place) -> Actor:
    """Who asks. Raises CliError, code 4, for a viewer."""
    from pdutui.engine.actor import current_actor
    from pdutui.engine.alarms.deeds import may_not

    actor = current_actor(os.environ, "cli")
    refused = may_not(actor, place.settings.control.roles)
    if refused:
        raise CliError(refused, REFUSED)
    return actor


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)
