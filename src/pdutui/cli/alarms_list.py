"""`pdutui alarms list`: what is wrong now."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

import click
import msgspec

from pdutui.cli.alarms_place import Listed, Place, listed, now, place_options
from pdutui.cli.alarms_text import NOBODY, listed_plain, listed_text, summary
from pdutui.cli.amounts import span_text
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.kinds import utf8
from pdutui.cli.text import clean
from pdutui.config_errors import nearest
from pdutui.domain.alarm import Alarm, AlarmLevel
from pdutui.domain.zone import local_zone

Filter = tuple[tuple[str, ...], AlarmLevel | None, bool]
"""PDUs or patterns, the least level, loud ones only."""


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; with --watch one a line.")
@click.option(
    "--pdu", "pdus", metavar="P", multiple=True, callback=utf8,
    help="Of one PDU, or a pattern (rack1-*). May be repeated.",
)  # fmt: skip
@click.option("--level", type=click.Choice(("warning", "critical")), help="This level and worse.")
@click.option("--loud", is_flag=True, help="Without those that are acknowledged or silenced.")
@click.option(
    "--poll", "fresh", is_flag=True,
    help="Read the configured PDUs now and judge what they say, without hold times.",
)  # fmt: skip
@click.option("--watch", is_flag=True, help="Then print what becomes of alarms, until Ctrl+C.")
@click.option("--judged", is_flag=True, help="End with 1 as well where nobody judges them now.")
@place_options
def list_(
    as_json: bool,
    pdus: tuple[str, ...],
    level: Literal["warning", "critical"] | None,
    loud: bool,
    fresh: bool,
    watch: bool,
    judged: bool,
    place: Place,
) -> int:
    """Print the alarms, worst first, as a running console has judged them.

    Where no console runs, they are as the last one left them, and that is said; --poll judges anew
    instead.

    \b
    pdutui alarms --level critical --loud
    pdutui alarms --poll --json
    pdutui alarms --judged --loud > /dev/null    # as a check: 0 is good

    Ends with 1 if a critical alarm is neither acknowledged nor silenced.
    """  # noqa: D301 - click's sign for lines that stay as they are
    if watch and fresh:
        raise click.UsageError("--watch and --poll exclude each other.")
    wanted: Filter = (pdus, level, loud)
    if fresh:
        from pdutui.cli.quiet import quiet_logging

        quiet_logging()
        return run_to_the_end(_polled(place, wanted, as_json=as_json))
    if watch:
        return _watched(place, wanted, as_json=as_json)
    found = _shown(place, wanted, as_json=as_json)
    if judged and not found.judged:
        return BAD_NEWS
    return _code(found)


def _shown(place: Place, wanted: Filter, *, as_json: bool) -> Listed:
    """Print the list as it was left."""
    moment = now()
    found = _only(listed(place, moment), wanted, place)
    _print(found, moment, as_json=as_json, live=False)
    _say_how_old(place, found, moment)
    return found


def _watched(place: Place, wanted: Filter, *, as_json: bool) -> int:
    from pdutui.cli.alarms_watch import follow, tail_of

    tail = tail_of(place)  # before the list: what comes between is then told twice, and not never
    _shown(place, wanted, as_json=as_json)
    sys.stdout.flush()

    def fit(alarm: Alarm) -> bool:
        return fits(alarm, wanted)

    return run_to_the_end(follow(place, tail, fit, as_json=as_json))


async def _polled(place: Place, wanted: Filter, *, as_json: bool) -> int:
    from pdutui.cli.alarms_poll import judged_once

    if not place.settings.pdus:
        raise CliError(
            "no PDU is configured, so none is read ('pdutui config template' makes a file to"
            " begin with)"
        )
    found = _only(await judged_once(place), wanted, place)
    _print(found, now(), as_json=as_json, live=True)
    return _code(found)


def fits(alarm: Alarm, wanted: Filter) -> bool:
    """Whether an alarm is one of those that are asked for."""
    pdus, level, loud = wanted
    if pdus and not any(alarm.pdu == one or fnmatchcase(alarm.pdu, one) for one in pdus):
        return False
    if level == "critical" and alarm.level != "critical":
        return False
    return alarm.loud or not loud


def _only(found: Listed, wanted: Filter, place: Place) -> Listed:
    """Those that are asked for. Raises CliError for a PDU that is none: it has no alarms, too."""
    known = {pdu.name for pdu in place.settings.pdus} | {one.pdu for one in found.alarms}
    known |= found.judged
    for pattern in wanted[0]:
        if pattern not in known and not any(fnmatchcase(pdu, pattern) for pdu in known):
            meant = nearest(pattern, known)
            hint = f": did you mean {clean(meant)}?" if meant else ""
            raise CliError(f"--pdu {clean(pattern)} fits no PDU{hint}")
    alarms = tuple(alarm for alarm in found.alarms if fits(alarm, wanted))
    return msgspec.structs.replace(found, alarms=alarms)


def _print(found: Listed, moment: datetime, *, as_json: bool, live: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(listed_plain(found, live=live)))
        return
    for line in listed_text(found, moment, local_zone(os.environ), live=live):
        click.echo(line)
    if found.alarms:
        click.echo(f"\n{summary(found)}")


def _say_how_old(place: Place, found: Listed, moment: datetime) -> None:
    """To standard error: that nobody judges now, or not all PDUs."""
    if found.mishap:
        click.echo(f"pdutui: {clean(found.mishap)}", err=True)
    if not found.judged:
        last = "nothing was ever judged here"
        if found.written is not None:
            ago = span_text((moment - found.written).total_seconds())
            last = f"this is as it was left, the last change {ago} ago"
        click.echo(f"pdutui: {NOBODY}: {last}; --poll judges anew", err=True)
        return
    left = [pdu.name for pdu in place.settings.pdus if pdu.name not in found.judged]
    if left:
        names = ", ".join(map(clean, left))
        click.echo(f"pdutui: a console runs, and judges no alarms of {names}", err=True)


def _code(found: Listed) -> int:
    bad = any(alarm.loud and alarm.level == "critical" for alarm in found.alarms)
    return BAD_NEWS if bad else DONE
