"""A stand-in for the alarms of an engine: a list that the test fills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.alarm import (
    Acknowledgement,
    Alarm,
    AlarmChange,
    AlarmEntry,
    AlarmKind,
    AlarmLevel,
    Silence,
    worst_first,
)
from pdutui.domain.alarm_finding import alarm_id
from pdutui.domain.commands import Actor
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.engine.events import AlarmChanged, SilenceChanged

if TYPE_CHECKING:
    from tests.support.fake_engine import FakeEngine


class FakeAlarms:
    """`raise_`, `over` and `drop` are the test's; the rest is the port."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.listed: dict[str, Alarm] = {}
        self.quiet: list[Silence] = []
        self.entries: list[AlarmEntry] = []
        """Oldest first."""
        self.asked: list[tuple[object, ...]] = []
        """What was asked for, in order: (`acknowledge`, ids, user, comment), ..."""
        self.trouble: AlarmTrouble | None = None
        """Raised by whatever is asked next, once."""
        self.problem = self.unjudged = ""
        self._sorted: tuple[Alarm, ...] | None = None

    # what a test does

    def raise_(
        self,
        pdu: str,
        kind: AlarmKind = "overload",
        level: AlarmLevel = "warning",
        text: str = "Bank 1 at 83 % of 16 A",
        *,
        part: str = "bank.1",
        again: bool = False,
        tell: bool = True,
        **values: object,
    ) -> Alarm:
        """An alarm comes into the list; `values` are other fields of it."""
        now = self.engine.clock.now()
        rule = str(values.get("rule", ""))
        alarm = msgspec.structs.replace(
            Alarm(
                id=alarm_id(pdu, (kind, part, rule)), pdu=pdu, kind=kind, part=part, level=level,
                text=text, since=now, changed=now,
            ),
            **values,
        )  # fmt: skip
        self.put(alarm)
        self.tell("raised", alarm, again=again, tell=tell)
        return alarm

    def over(self, alarm_or_id: Alarm | str, *, stays: bool = True) -> None:
        """A condition has ended."""
        now = self.engine.clock.now()
        alarm = self.get(alarm_or_id)
        alarm = msgspec.structs.replace(alarm, over=now, changed=now)
        if stays:
            self.put(alarm)
        else:
            self.drop(alarm)
        self.tell("over", alarm)

    def put(self, alarm: Alarm) -> None:
        """Put it into the list, or in the place of what it was; nobody is told."""
        self.listed[alarm.id] = alarm
        self._sorted = None

    def drop(self, alarm_or_id: Alarm | str) -> None:
        """Take it off the list; nobody is told."""
        self.listed.pop(alarm_or_id if isinstance(alarm_or_id, str) else alarm_or_id.id, None)
        self._sorted = None

    def get(self, alarm_or_id: Alarm | str) -> Alarm:
        """As it stands."""
        return self.listed[alarm_or_id if isinstance(alarm_or_id, str) else alarm_or_id.id]

    def tell(
        self,
        change: AlarmChange,
        alarm: Alarm,
        *,
        by: str = "",
        comment: str = "",
        again: bool = False,
        tell: bool = True,
    ) -> None:
        """Write it into the history, and tell the engine's listeners."""
        entry = AlarmEntry(
            time=self.engine.clock.now(), change=change, alarm=alarm, by=by, comment=comment
        )
        self.entries.append(entry)
        if tell:
            self.engine.tell(AlarmChanged(entry=entry, again=again))

    # the port

    def active(self) -> tuple[Alarm, ...]:
        if self._sorted is None:
            self._sorted = tuple(sorted(self.listed.values(), key=worst_first))
        return self._sorted

    def of(self, pdu: str) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in self.active() if alarm.pdu == pdu)

    def silences(self) -> tuple[Silence, ...]:
        return tuple(sorted(self.quiet, key=lambda silence: silence.until))

    async def history(
        self,
        *,
        limit: int = 500,
        from_time: datetime | None = None,
        to_time: datetime | None = None,
        pdu: str | None = None,
        level: AlarmLevel | None = None,
        text: str = "",
    ) -> list[AlarmEntry]:
        self._raise()
        found = [
            entry
            for entry in reversed(self.entries)
            if (from_time is None or entry.time >= from_time)
            and (to_time is None or entry.time <= to_time)
            and pdu in (None, entry.alarm.pdu)
            and level in (None, entry.alarm.level)
            and text.casefold() in f"{entry.alarm.pdu} {entry.alarm.text}".casefold()
        ]
        return found[:limit]

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str = "") -> None:
        self.asked.append(("acknowledge", tuple(ids), actor.user, comment))
        self._raise()
        for one in ids:
            if one not in self.listed:
                raise AlarmTrouble("there is no such alarm any more")
        now = self.engine.clock.now()
        for one in ids:
            ack = Acknowledgement(by=actor.user, time=now, comment=comment)
            alarm = msgspec.structs.replace(self.listed[one], ack=ack, changed=now)
            self.put(alarm)
            if alarm.over is not None:
                self.drop(alarm)
            self.tell("acknowledged", alarm, by=actor.user, comment=comment)

    async def silence(
        self,
        *,
        pdu: str,
        kind: AlarmKind | None = None,
        part: str = "",
        for_s: float,
        actor: Actor,
        comment: str = "",
    ) -> Silence:
        self.asked.append(("silence", pdu, kind, part, for_s, actor.user, comment))
        self._raise()
        silence = Silence(
            id=f"s{len(self.asked)}", pdu=pdu, kind=kind, part=part, by=actor.user, comment=comment,
            until=self.engine.clock.now() + timedelta(seconds=for_s),
        )  # fmt: skip
        self.quiet.append(silence)
        for alarm in self.active():
            if alarm.pdu == pdu and kind in (None, alarm.kind) and part in ("", alarm.part):
                hushed = msgspec.structs.replace(alarm, silenced_until=silence.until)
                self.put(hushed)
                self.tell("silenced", hushed, by=actor.user, comment=comment)
        self.engine.tell(SilenceChanged(silence=silence, ended=False))
        return silence

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        self.asked.append(("unsilence", silence_id, actor.user))
        self._raise()
        ended = next((s for s in self.quiet if s.id == silence_id), None)
        if ended is None:
            raise AlarmTrouble("there is no such silence any more")
        self.quiet.remove(ended)
        for alarm in self.active():
            if alarm.pdu == ended.pdu and alarm.silenced_until is not None:
                loud = msgspec.structs.replace(alarm, silenced_until=None)
                self.put(loud)
                self.tell("unsilenced", loud, by=actor.user)
        self.engine.tell(SilenceChanged(silence=ended, ended=True))

    def _raise(self) -> None:
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble


def with_alarms(engine: FakeEngine) -> FakeAlarms:
    """Give a fake engine alarms that a test can fill."""
    engine.alarms = alarms = FakeAlarms(engine)
    return alarms
