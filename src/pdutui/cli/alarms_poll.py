"""`pdutui alarms --poll`: the configured PDUs, read and judged once, without a console.

What one look cannot tell stays as it was left: what happened in a moment (a transfer, a step of
the load). How long a figure has been beyond its limit does not count. Nothing is written.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import click
import msgspec

from pdutui.backends.base import Backend, BackendError, Refused, Unsupported
from pdutui.cli.alarms_place import Listed, Place, now, said, silences_of
from pdutui.cli.build import Demo, build_backends
from pdutui.domain.alarm import Alarm, worst_first
from pdutui.domain.alarm_finding import Finding, Key, alarm_id, clear, found
from pdutui.domain.alarm_watched import Watched, silenced_until
from pdutui.domain.clock import Clock, SystemClock
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.reading import Reading
from pdutui.engine.alarms.book import Kept
from pdutui.engine.alarms.judge import PduJudge
from pdutui.engine.alarms.lead import judged_now
from pdutui.engine.last_loads import LastLoads
from pdutui.engine.overrides import Overrides
from pdutui.engine.shown import shown
from pdutui.settings import PduSettings, Settings

_AT_ONCE = 64
"""PDUs that are read side by side."""
Read = Mapping[str, Reading | BackendError]


async def judged_once(place: Place) -> Listed:
    """The list as it would be if what is wrong now had been for long enough. Raises CliError."""
    book = place.book()
    with said():
        kept = book.read()
    read = await _read_all(place, SystemClock())
    findings = _findings(place.settings, kept, read)
    await _add_budgets(place, read, findings)
    moment = now()
    listed: list[Alarm] = []
    for name in dict.fromkeys((*findings, *(one.pdu for one in kept.watched))):
        watched = {one.key: one for one in kept.watched if one.pdu == name}
        merged = _merged(name, findings.get(name, ()), watched, place.settings, moment)
        listed += [_hushed(alarm, kept, moment) for alarm in merged]
    return Listed(
        alarms=tuple(sorted(listed, key=worst_first)),
        silences=silences_of(kept, moment),
        judged=judged_now(place.directory, moment.timestamp()),
        written=kept.written,
        mishap=book.mishap,
    )


# -- reading -------------------------------------------------------------------------------------


async def _read_all(place: Place, clock: Clock) -> Read:
    """One reading of every PDU, as it is shown, or why there is none."""
    settings = place.settings
    names = Overrides(settings.state_dir)
    names.load()
    if names.problem:
        click.echo(f"pdutui: warning: {names.problem}", err=True)
    backends = build_backends(settings, clock, demo=Demo() if place.demo else None)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(pdu: PduSettings) -> Reading | BackendError:
        async with room:
            raw = await _read(backends[pdu.name])
        return shown(raw, pdu, names) if isinstance(raw, Reading) else raw

    found = await asyncio.gather(*(one(pdu) for pdu in settings.pdus))
    return {pdu.name: what for pdu, what in zip(settings.pdus, found, strict=True)}


async def _read(backend: Backend) -> Reading | BackendError:
    try:
        return await backend.poll()
    except BackendError as error:
        return error
    finally:
        await backend.aclose()


# -- judging -------------------------------------------------------------------------------------


def _findings(settings: Settings, kept: Kept, read: Read) -> dict[str, list[Finding]]:
    """What is wrong with each PDU, and what is well of that which was wrong."""
    cords = DeviceMap(settings.cords)
    off = settings.alarms.off
    out: dict[str, list[Finding]] = defaultdict(list)
    for pdu in settings.pdus:
        tracked = {one.key for one in kept.watched if one.pdu == pdu.name}
        judge = PduJudge(pdu, settings, cords, LastLoads())
        looked = _look(judge, read[pdu.name], tracked)
        out[pdu.name] = [one for one in looked if one.kind not in off]
    return out


def _look(
    judge: PduJudge, what: Reading | BackendError, tracked: Collection[Key]
) -> Sequence[Finding]:
    if isinstance(what, Reading):
        well = [clear("pdu_lost"), clear("pdu_stale")]
        return [*well, *judge.look(what, 0.0, tracked)]
    health = "lost"
    if isinstance(what, Refused):
        health = "refused"
    elif isinstance(what, Unsupported):
        health = "unsupported"
    return [found("pdu_lost", "critical", f"{health}: {what}")]


async def _add_budgets(place: Place, read: Read, findings: dict[str, list[Finding]]) -> None:
    """Energy budgets, from the history."""
    alarms = place.settings.alarms
    if not alarms.budgets or "energy_budget" in alarms.off:
        return
    from pdutui.cli.alarms_budgets import watched_budgets

    readings = {name: one for name, one in read.items() if isinstance(one, Reading)}
    async with watched_budgets(place, readings) as watch:
        for name, finding in await watch.look():
            findings.setdefault(name, []).append(finding)
        if watch.problem:
            click.echo(f"pdutui: {watch.problem}", err=True)


# -- what was wrong before -----------------------------------------------------------------------


def _merged(
    pdu: str,
    findings: Sequence[Finding],
    watched: Mapping[Key, Watched],
    settings: Settings,
    moment: datetime,
) -> list[Alarm]:
    """What is wrong now, and what is left in the list of what was."""
    by_key = {finding.key: finding for finding in findings}
    out = [
        _raised(pdu, finding, finding.level, watched.get(finding.key), moment)
        for finding in findings
        if finding.known and finding.level is not None
    ]
    for key, one in watched.items():
        alarm, finding = one.alarm, by_key.get(key)
        if not one.listed or alarm is None or (finding is not None and finding.level is not None):
            continue
        if alarm.over is not None:
            out.append(alarm)
        elif finding is None or not finding.known:
            out.append(msgspec.structs.replace(alarm, known=False))
        elif finding.holds is not None:
            out.append(msgspec.structs.replace(alarm, known=True))
        elif alarm.ack is None and _stays(one, settings):
            out.append(msgspec.structs.replace(alarm, known=True, over=moment))
    return out


def _raised(pdu: str, finding: Finding, level: str, one: Watched | None, moment: datetime) -> Alarm:
    """The alarm of a finding; what is known of it from before is kept."""
    old = one.alarm if one is not None and one.active else None
    alarm = Alarm(
        id=alarm_id(pdu, finding.key), pdu=pdu, kind=finding.kind, part=finding.part,
        rule=finding.rule, level="critical" if level == "critical" else "warning",
        text=finding.text, value=finding.value, limit=finding.limit, unit=finding.unit,
        series=finding.series, since=moment, changed=moment,
    )  # fmt: skip
    if old is None:
        return alarm
    worse = old.level == "warning" and alarm.level == "critical"
    return msgspec.structs.replace(
        alarm, since=old.since, changed=old.changed, times=old.times, ack=None if worse else old.ack
    )


def _stays(one: Watched, settings: Settings) -> bool:
    """Whether it stays in the list when it is over."""
    keep = settings.alarms.keep
    return keep == "all" or (keep == "critical" and one.worst == "critical")


def _hushed(alarm: Alarm, kept: Kept, moment: datetime) -> Alarm:
    until = silenced_until(alarm, kept.silences, moment)
    return msgspec.structs.replace(alarm, silenced_until=until)
