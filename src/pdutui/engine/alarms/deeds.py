"""What people do about alarms, to what is kept: the same for the console and the command line."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from pdutui.domain.alarm import Acknowledgement, AlarmEntry, AlarmKind, Silence
from pdutui.domain.alarm_watched import Moment, Step, Turn, Watched, acknowledge, hush
from pdutui.domain.commands import Actor
from pdutui.domain.roles import RoleSettings, role_of
from pdutui.engine.alarms.book import Kept
from pdutui.engine.alarms.journal import Line
from pdutui.engine.alarms.port import AlarmTrouble

LONGEST_COMMENT = 500
LONGEST_SILENCE_S = 30 * 86400.0
MOST_SILENCES = 500
Deed = tuple[Kept, tuple[Line, ...]]
"""What is to be kept, and lines for the journal."""


def may_not(actor: Actor, roles: RoleSettings) -> str:
    """Why a person may not acknowledge or silence; empty for one who may."""
    if role_of(actor, roles) != "viewer":
        return ""
    return f"{actor.login_name} is a viewer, and viewers acknowledge and silence nothing"


def plain(comment: str) -> str:
    """A comment as it is kept: printable, in one line, `LONGEST_COMMENT` characters at most."""
    printable = "".join(c if c.isprintable() else " " for c in comment)
    return " ".join(printable.split())[:LONGEST_COMMENT]


def acknowledgement(actor: Actor, comment: str, at: datetime) -> Acknowledgement:
    """That somebody has seen alarms."""
    return Acknowledgement(by=actor.user, time=at, comment=plain(comment))


def acknowledged(kept: Kept, ids: Sequence[str], ack: Acknowledgement, program: str = "") -> Deed:
    """Take note of alarms.

    Raises:
        AlarmTrouble: one of them is not in the list; nothing is acknowledged then.
    """
    missing = set(ids) - {one.alarm.id for one in kept.watched if one.listed and one.alarm}
    if missing or not ids:
        raise AlarmTrouble(_gone(sorted(missing), len(set(ids))))

    def see(one: Watched) -> Step:
        wanted = one.listed and one.alarm is not None and one.alarm.id in ids
        return acknowledge(one, ack) if wanted else (one, None)

    return _with_each(kept, see, ack.time, ack.by, ack.comment, program)


def _gone(missing: Sequence[str], asked: int) -> str:
    if not missing:
        return "no alarm is named"
    if asked == 1:
        return "there is no such alarm any more: it has ended"
    return f"{len(missing)} of {asked} alarms are not in the list any more: {', '.join(missing)}"


def new_silence(
    *,
    pdu: str,
    kind: AlarmKind | None,
    part: str,
    for_s: float,
    actor: Actor,
    comment: str,
    at: datetime,
) -> Silence:
    """A silence from a moment on.

    Raises:
        AlarmTrouble: it is for no PDU, or not for 1 s to 30 days.
    """
    if not pdu.strip():
        raise AlarmTrouble("a silence is for a PDU or a pattern (`*` for all)")
    if not math.isfinite(for_s) or not 1 <= for_s <= LONGEST_SILENCE_S:
        raise AlarmTrouble("a silence lasts 1 s to 30 days")
    return Silence(
        id=secrets.token_hex(3),
        pdu=pdu.strip(),
        kind=kind,
        part=part,
        until=at + timedelta(seconds=for_s),
        by=actor.user,
        comment=plain(comment),
    )


def silenced(kept: Kept, silence: Silence, at: datetime, program: str = "") -> Deed:
    """Begin a silence. Raises AlarmTrouble where there are too many already."""
    standing = tuple(one for one in kept.silences if one.until > at)
    if len(standing) >= MOST_SILENCES:
        raise AlarmTrouble(f"there are {MOST_SILENCES} silences already: end some of them first")
    new = msgspec.structs.replace(kept, silences=(*standing, silence))
    return hushed(new, Moment(at, at.timestamp()), silence.by, silence.comment, program)


def unsilenced(
    kept: Kept, silence_id: str, by: str, at: datetime, program: str = ""
) -> tuple[Deed, Silence]:
    """End a silence. Raises AlarmTrouble where there is no such one."""
    found = next((one for one in kept.silences if one.id == silence_id and one.until > at), None)
    if found is None:
        raise AlarmTrouble("there is no such silence any more: it has ended")
    new = msgspec.structs.replace(
        kept, silences=tuple(one for one in kept.silences if one.id != silence_id)
    )
    return hushed(new, Moment(at, at.timestamp()), by, "", program), found


def hushed(kept: Kept, now: Moment, by: str, comment: str, program: str) -> Deed:
    """Look anew which alarms are silenced."""
    return _with_each(kept, lambda one: hush(one, kept.silences, now), now.at, by, comment, program)


def _with_each(
    kept: Kept,
    work: Callable[[Watched], Step],
    at: datetime,
    by: str,
    comment: str,
    program: str,
) -> Deed:
    watched: list[Watched] = []
    lines: list[Line] = []
    for one in kept.watched:
        after, turn = work(one)
        watched.append(after)
        if turn is not None:
            entry = entry_of(turn, at, by, comment)
            lines.append(Line(entry=entry, program=program, again=turn.again))
    return msgspec.structs.replace(kept, watched=tuple(watched)), tuple(lines)


def entry_of(turn: Turn, at: datetime, by: str = "", comment: str = "") -> AlarmEntry:
    """A turn as a line of the history."""
    return AlarmEntry(time=at, change=turn.change, alarm=turn.alarm, by=by, comment=comment)
