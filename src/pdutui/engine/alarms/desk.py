"""The alarms of a running engine: judged from what it brings, kept, told, seen to by people.

What an earlier program of the same directory judges is read from what it writes (`lead`). A model
lives in one program alone: it is judged there, and kept nowhere if that is not the first.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmKind, AlarmLevel, Silence
from pdutui.domain.alarm_watched import Habits, Moment, Turn, Watched
from pdutui.domain.clock import Clock, beat
from pdutui.domain.commands import Actor
from pdutui.domain.reading import Reading
from pdutui.engine.alarms.archive import Archive, News
from pdutui.engine.alarms.book import Book, BookTrouble, Kept, directory_of
from pdutui.engine.alarms.bystander import Bystander
from pdutui.engine.alarms.deeds import entry_of
from pdutui.engine.alarms.fitting import outlets, watchers
from pdutui.engine.alarms.hands import Hands, Stock
from pdutui.engine.alarms.journal import HistoryQuery, Line
from pdutui.engine.alarms.lead import STALLED_S
from pdutui.engine.alarms.out import Surroundings, Watcher
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.engine.alarms.register import Register
from pdutui.engine.alarms.rounds import Rounds
from pdutui.engine.alarms.watching import watch
from pdutui.engine.alarms.ways import Ways
from pdutui.engine.alarms.words import doubted, note_of
from pdutui.engine.events import AlarmChanged, EngineEvent, HealthChanged, SilenceChanged
from pdutui.engine.fleet import Pdu
from pdutui.engine.waiting import cancel

TICK_S, JUDGE_S = 0.5, 1.0
"""How often files are looked at and written, and time is let do its work. What a reading or a PDU's
health does is done at once."""
KEPT_AGAIN = "alarms are kept again"


class AlarmDesk:
    """An `AlarmsPort`. `open` it, `run` it, and `close` it in the end.

    Args:
        fleet: the PDUs of the engine; they may come and go.
        around: settings, clock, and what else is about.
        emit: is told what becomes of alarms.
        locked: why nobody may do anything here: a locked console; empty: it is open.
    """

    unjudged = ""

    def __init__(
        self,
        fleet: Mapping[str, Pdu],
        around: Surroundings,
        *,
        emit: Callable[[EngineEvent], None],
        locked: Callable[[], str],
    ) -> None:
        settings, alarms = around.settings, around.settings.alarms
        self._fleet, self._around = fleet, around
        self._settings = settings
        self._clock: Clock = around.clock
        self._emit = emit
        self._program = program = uuid.uuid4().hex[:12]
        habits = Habits(
            clear_s=alarms.clear_s,
            again_after_s=alarms.again_after_s,
            keep=alarms.keep,
            expire_s=alarms.expire_h * 3600.0,
        )
        self._register = Register(habits, alarms.off, self._became)
        self._rounds = Rounds(fleet, settings, self._clock)
        self._bystander = Bystander(settings.poll.interval_s)
        self.pdus = frozenset(pdu.name for pdu in settings.pdus)
        """The PDUs it is about."""
        self._models = frozenset(pdu.name for pdu in settings.pdus if pdu.backend == "mock")
        book = Book(directory_of(settings), alarms.history_days)
        self._archive = Archive(book, self.pdus, program, self._clock)
        self._hands = Hands(
            self._archive, around, program,
            locked=locked, stock=self._stock, done=self._was_done,
        )  # fmt: skip
        self._kept = Kept()
        self._led: frozenset[str] = frozenset()
        self._ways = Ways()
        self._watchers: tuple[Watcher, ...] = ()
        self._beat_s = self._clock.monotonic()
        self._ahead_s = self._clock.now().timestamp() - self._beat_s
        self._behind = False
        self._noted = ""
        self.ready = False
        """It has been opened."""

    # -- life --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Take up what was kept, and see who else is there."""
        self._kept = await self._archive.open()
        self._rounds.clock_watch.behind(self._kept.written)
        self._ways = Ways(outlets(self._around))
        self._watchers = watchers(self._around)
        self._register.silences = self._standing(self._kept.silences)
        self._change_places(self._archive.led)
        self._beat_s = self._clock.monotonic()
        self.ready = True

    async def run(self) -> None:
        """Go on until it is cancelled. A disk that hangs keeps nobody from judging."""
        tasks = [asyncio.create_task(work) for work in (self._judge_on(), self._keep_on())]
        for one in self._watchers:
            looking = watch(
                one, self._register, judged=lambda: self._led, now=self._now, clock=self._clock
            )
            tasks.append(asyncio.create_task(looking))
        try:
            # None of them ends by itself: what comes back is a defect, and all of it starts again.
            await asyncio.gather(*tasks)
        finally:
            await cancel(*tasks)

    async def close(self, gone: Iterable[str] = ()) -> None:
        """Keep what is to be kept, timers included, and give the lead to others; bounded.

        Args:
            gone: PDUs that are not configured any more: their alarms end.
        """
        ready, self.ready = self.ready, False
        for pdu in self._led.intersection(gone):
            self._register.end(pdu, self._now())
        await self._archive.close(self._mine() if ready else None)
        await self._ways.stop()

    async def _judge_on(self) -> None:
        while True:
            await beat(self._clock, JUDGE_S)
            if self._stood_still():
                self._behind = True  # others go on in its place: see first what they have written
                self._rounds.forget()
            self._beat_s = self._clock.monotonic()
            if not self._behind:
                self._go_round()

    async def _keep_on(self) -> None:
        while True:
            await beat(self._clock, TICK_S)
            news = await self._archive.news()
            if news is not None:
                self._hear_news(news)
            if self._archive.led != self._led:
                self._change_places(self._archive.led)
            self._behind = self._stood_still()
            if not self._behind:
                await self._save()
            self._say_trouble()

    def _stood_still(self) -> bool:
        """Whether the whole program did for so long that others judge in its place."""
        return self._clock.monotonic() - self._beat_s >= STALLED_S

    async def _save(self) -> None:
        archive, register = self._archive, self._register
        if not archive.due or not (register.changed or archive.waiting or archive.trouble):
            return
        register.changed = False
        kept = await archive.save(self._mine())
        if kept is None:
            register.changed = True
        else:
            self._settle(kept)

    def _go_round(self) -> None:
        """Health, our clock, and what time alone does."""
        now = self._now()
        for name, pdu in self._fleet.items():
            if self._judges(name):
                self._look_at_health(pdu, now)
        if "" in self._led:
            findings = self._rounds.clock_watch.look(self._register.tracked(""))
            self._register.take("", findings, now)
        before = self._register.silences
        self._register.silences = self._standing(before)
        judged = [pdu for pdu in self._register.roll.pdus() if self._judges(pdu)]
        self._register.pass_time(judged, now)
        self._tell_silences(before)

    def _look_at_health(self, pdu: Pdu, now: Moment) -> None:
        tracked = self._register.tracked(pdu.name)
        self._register.take(pdu.name, self._rounds.health(pdu, tracked), now)
        if tracked and self._rounds.is_blind(pdu):
            self._register.lose_sight(pdu.name, self._rounds.read(tracked))

    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic() + self._ahead_s)

    # -- what the engine brings --------------------------------------------------------------

    def judged(self, pdu: Pdu, reading: Reading) -> None:
        """A reading has come, and has been compared with the one before."""
        if not self.ready:
            return
        now = self._now()
        if not self._judges(pdu.name):
            if not self._behind and pdu.name in self.pdus:
                self._bystander.saw(pdu.name, self._rounds.happenings(pdu, reading), now)
            return
        tracked = self._register.tracked(pdu.name)
        seen = self._register.take(pdu.name, self._rounds.reading(pdu, reading, tracked), now)
        if len(tracked) > len(seen):
            self._register.miss(pdu.name, self._rounds.read(tracked) - seen, now)

    def hear(self, event: EngineEvent) -> None:
        """Take in what the engine tells."""
        self._rounds.hear(event)
        if isinstance(event, HealthChanged) and self.ready and self._judges(event.pdu):
            pdu = self._fleet.get(event.pdu)
            if pdu is not None:
                self._look_at_health(pdu, self._now())

    def _judges(self, pdu: str) -> bool:
        """Whether this program judges a PDU; not if it stood still for so long that others do."""
        if pdu not in self._led and pdu not in self._models:
            return False
        return not (self._behind or self._stood_still())

    # -- what becomes of alarms --------------------------------------------------------------

    def _became(self, turn: Turn) -> None:
        entry, led = entry_of(turn, self._clock.now()), turn.alarm.pdu in self._led
        if led:
            self._archive.wait(Line(entry=entry, program=self._program, again=turn.again))
        pdu = self._fleet.get(turn.alarm.pdu)
        note = note_of(turn, None if pdu is None else pdu.reading)
        if note is not None and not (pdu is not None and doubted(turn.alarm, pdu.doubts)):
            self._around.note(turn.alarm.pdu, *note)
        self._emit(AlarmChanged(entry=entry, again=turn.again))
        if led:
            self._ways.tell(entry, turn)

    def _tell_silences(self, before: Sequence[Silence]) -> None:
        after = self._register.silences
        for one in after:
            if one not in before:
                self._emit(SilenceChanged(silence=one, ended=False))
        for one in before:
            if one not in after:
                self._emit(SilenceChanged(silence=one, ended=True))

    # -- what is kept ------------------------------------------------------------------------

    def _standing(self, silences: Sequence[Silence]) -> tuple[Silence, ...]:
        standing = (one for one in silences if one.until > self._clock.now())
        return tuple(sorted(standing, key=lambda s: s.until))

    def _mine(self) -> tuple[Watched, ...]:
        return self._register.snapshot(self._led)

    def _of_file(self, pdu: str) -> list[Watched]:
        return [one for one in self._kept.watched if one.pdu == pdu]

    def _change_places(self, led: frozenset[str]) -> None:
        """Take over what is judged here from now on, and follow what others judge."""
        now, before = self._now(), self._led
        self._led = led
        for pdu in led - before:
            if pdu in self._models and self.ready and self._register.tracked(pdu):
                continue  # it was judged here all along
            self._register.resume(pdu, self._of_file(pdu), now, self._rounds.is_judged)
            self._bystander.tell(pdu, self._register, self._archive.alone_s(pdu), now)
        self._follow_others()

    def _follow_others(self) -> None:
        for pdu in (self.pdus | {""}) - self._led - self._models:
            self._register.follow(pdu, self._of_file(pdu))

    def _settle(self, kept: Kept) -> None:
        """What is on the disk now, by this program or by others."""
        self._kept = kept
        self._register.hear(one for one in kept.watched if one.pdu in self._led)
        self._follow_others()
        before = self._register.silences
        judged = self._led | (self._models & self.pdus)
        turns = self._register.quieten(self._standing(kept.silences), judged, self._now())
        for turn in turns:
            if turn.overdue and turn.alarm.pdu in self._led:
                self._ways.tell(entry_of(turn, self._clock.now()), turn)
        self._tell_silences(before)

    def _hear_news(self, news: News) -> None:
        if news.first:  # nothing could be read when it was opened: take it up now
            self._kept, self._led = news.kept, frozenset()
            self._change_places(self._archive.led)
        self._settle(news.kept)
        for line in news.lines:
            alarm = line.entry.alarm
            if alarm.pdu not in self.pdus and alarm.pdu:
                continue
            self._emit(AlarmChanged(entry=line.entry, again=line.again))
            if alarm.pdu in self._led:
                # Somebody did something about it elsewhere; to tell it outside is up to us.
                self._ways.tell(
                    line.entry, Turn(change=line.entry.change, alarm=alarm, again=line.again)
                )

    def _say_trouble(self) -> None:
        """A line of the event log when alarms are not kept, and when they are again."""
        trouble = self._archive.mishap or self._archive.trouble
        if trouble != self._noted:
            self._noted = trouble
            self._around.note("", *(("warning", trouble) if trouble else ("info", KEPT_AGAIN)))

    @property
    def problem(self) -> str:
        """Why alarms are not kept, not told outside, or not judged; empty when all is well."""
        watchers = next((one.problem for one in self._watchers if one.problem), "")
        return self._archive.problem or self._ways.problem or watchers

    # -- asking ------------------------------------------------------------------------------

    def active(self) -> tuple[Alarm, ...]:
        """All in the list, worst first; the same tuple while none changed."""
        return self._register.roll.active()

    def of(self, pdu: str) -> tuple[Alarm, ...]:
        """Those of one PDU, in the same order."""
        return self._register.roll.active_of(pdu)

    def silences(self) -> tuple[Silence, ...]:
        """Those that have not ended, the first to end first."""
        return self._register.silences

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
        """What became of alarms, newest first. Raises AlarmTrouble where it cannot be read."""
        query = HistoryQuery(
            limit=limit, from_time=from_time, to_time=to_time, pdu=pdu, level=level, text=text
        )
        try:
            return await self._archive.history(query)
        except BookTrouble as error:
            raise AlarmTrouble(f"the history of alarms cannot be read: {error}") from error

    # -- people ------------------------------------------------------------------------------

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str = "") -> None:
        """Take note of alarms. Raises AlarmTrouble."""
        await self._hands.acknowledge(ids, actor, comment)

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
        """Keep alarms quiet for a time, 1 s to 30 days. Raises AlarmTrouble."""
        return await self._hands.silence(
            pdu=pdu, kind=kind, part=part, for_s=for_s, actor=actor, comment=comment
        )

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        """End a silence. Raises AlarmTrouble."""
        await self._hands.unsilence(silence_id, actor)

    def _stock(self) -> Stock:
        private = self._models - self._led
        return Stock(
            kept=self._kept, led=self._mine(),
            private=self._register.snapshot(private), private_pdus=private,
        )  # fmt: skip

    def _was_done(self, kept: Kept, private: Sequence[Watched], lines: Sequence[Line]) -> None:
        """Somebody did something here, and it is kept."""
        self._register.hear(private)
        self._settle(kept)
        for line in lines:
            entry = line.entry
            turn = Turn(change=entry.change, alarm=entry.alarm, again=line.again)
            note = note_of(turn, None, entry.by, entry.comment)
            if note is not None:
                self._around.note(entry.alarm.pdu, *note)
            self._emit(AlarmChanged(entry=entry, again=line.again))
            if entry.alarm.pdu in self._led:
                self._ways.tell(entry, turn)
