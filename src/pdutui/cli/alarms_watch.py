"""`pdutui alarms --watch`: what becomes of alarms, as it comes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

import click
import msgspec

from pdutui.cli.alarms_place import Place, now
from pdutui.cli.alarms_text import NOBODY, entry_line
from pdutui.cli.exits import CliError
from pdutui.domain.alarm import Alarm
from pdutui.domain.alarm_json import entry_plain
from pdutui.domain.zone import local_zone
from pdutui.engine.alarms.journal import Tail
from pdutui.engine.alarms.lead import judged_now

EVERY_S = 0.5
_LOOK_EVERY = 10
"""How many times the journal is read before it is looked whether somebody judges still."""


def tail_of(place: Place) -> Tail:
    """The changes from now on. Raises CliError."""
    tail = Tail(place.book().journal.path)
    try:
        tail.read()
    except OSError as error:
        raise _unreadable(place, error) from error
    return tail


async def follow(
    place: Place, tail: Tail, wanted: Callable[[Alarm], bool], *, as_json: bool
) -> int:
    """Print every change of the alarms that are wanted, until it is cancelled.

    Args:
        place: whose they are.
        tail: from where on; it is closed.
        wanted: which alarms.
        as_json: one JSON object a line.

    Raises:
        CliError: they cannot be read any more.
    """
    zone = local_zone(os.environ)
    turn = 0
    judged = _is_judged(place)
    try:
        while True:
            for line in tail.read():
                if not wanted(line.entry.alarm):
                    continue
                if as_json:
                    click.echo(msgspec.json.encode(entry_plain(line.entry)))
                else:
                    click.echo(entry_line(line.entry, zone))
            sys.stdout.flush()
            await asyncio.sleep(EVERY_S)
            turn += 1
            if turn % _LOOK_EVERY == 0 and judged != (judged := _is_judged(place)):
                text = "alarms are judged again" if judged else f"{NOBODY}: no change will be seen"
                click.echo(f"pdutui: {text}", err=True)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise _unreadable(place, error) from error
    finally:
        tail.close()


def _is_judged(place: Place) -> bool:
    return bool(judged_now(place.directory, now().timestamp()))


def _unreadable(place: Place, error: OSError) -> CliError:
    return CliError(f"{place.directory} cannot be read: {error.strerror or error}")
