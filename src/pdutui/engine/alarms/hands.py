"""What people do about the alarms of a desk: kept for all programs, then told here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from pdutui.domain.alarm import AlarmKind, Silence
from pdutui.domain.alarm_watched import Watched
from pdutui.domain.commands import Actor
from pdutui.engine.alarms import deeds
from pdutui.engine.alarms.archive import Archive
from pdutui.engine.alarms.book import BookTrouble, Kept
from pdutui.engine.alarms.journal import Line
from pdutui.engine.alarms.out import Surroundings
from pdutui.engine.alarms.port import AlarmTrouble
from pdutui.engine.alarms.words import silence_words


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """What a desk follows, at the moment."""

    kept: Kept
    """What it has read or written last."""
    led: tuple[Watched, ...]
    """What this program judges for all."""
    private: tuple[Watched, ...]
    """Of models that are judged here and kept nowhere. A person does not care which is which."""
    private_pdus: frozenset[str]


class _NotKept(AlarmTrouble):
    """It could not be written."""


class Hands:
    """Acknowledges and silences.

    Args:
        archive: where it is kept.
        around: settings, clock, event log.
        program: the name of this run.
        locked: why nobody may; empty: whoever has the role may.
        stock: what there is.
        done: is given what is kept now, what became of private ones, and the lines.
    """

    def __init__(
        self,
        archive: Archive,
        around: Surroundings,
        program: str,
        *,
        locked: Callable[[], str],
        stock: Callable[[], Stock],
        done: Callable[[Kept, Sequence[Watched], Sequence[Line]], None],
    ) -> None:
        self._archive = archive
        self._around = around
        self._program = program
        self._locked = locked
        self._stock = stock
        self._done = done

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str) -> None:
        """Take note of alarms. Raises AlarmTrouble."""
        self._let(actor)
        ack = deeds.acknowledgement(actor, comment, self._around.clock.now())

        def work(kept: Kept) -> deeds.Deed:
            return deeds.acknowledged(kept, ids, ack, self._program)

        try:
            await self._do(work)
        except _NotKept as trouble:
            if not self._in_memory(work, ids):
                raise
            self._around.note("", "warning", f"acknowledged in this console only: {trouble}")

    def _in_memory(self, work: Callable[[Kept], deeds.Deed], ids: Sequence[str]) -> bool:
        """Acknowledge what is judged here, and write it down when that can be done.

        A bell that nobody can stop while a disk is full helps nobody.
        """
        stock = self._stock()
        own = (*stock.led, *stock.private)
        if not {one.alarm.id for one in own if one.alarm is not None}.issuperset(ids):
            return False
        new, lines = work(msgspec.structs.replace(stock.kept, watched=own))
        for line in lines:
            if line.entry.alarm.pdu not in stock.private_pdus:
                self._archive.wait(line)
        others = [one for one in stock.kept.watched if one.pdu not in self._archive.led]
        led = [one for one in new.watched if one.pdu not in stock.private_pdus]
        private = [one for one in new.watched if one.pdu in stock.private_pdus]
        self._done(msgspec.structs.replace(new, watched=(*others, *led)), private, lines)
        return True

    async def silence(
        self,
        *,
        pdu: str,
        kind: AlarmKind | None,
        part: str,
        for_s: float,
        actor: Actor,
        comment: str,
    ) -> Silence:
        """Keep alarms quiet for a time. Raises AlarmTrouble."""
        self._let(actor)
        at = self._around.clock.now()
        silence = deeds.new_silence(
            pdu=pdu, kind=kind, part=part, for_s=for_s, actor=actor, comment=comment, at=at
        )
        await self._do(lambda kept: deeds.silenced(kept, silence, at, self._program))
        self._around.note("", "info", silence_words(silence, self._around.zone))
        return silence

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        """End a silence. Raises AlarmTrouble."""
        self._let(actor)
        at = self._around.clock.now()
        ended: list[Silence] = []

        def work(kept: Kept) -> deeds.Deed:
            deed, silence = deeds.unsilenced(kept, silence_id, actor.user, at, self._program)
            ended.append(silence)
            return deed

        await self._do(work)
        text = f"the silence of {ended[-1].pdu} was ended by {actor.user}"
        self._around.note("", "info", text)

    def _let(self, actor: Actor) -> None:
        """Raises AlarmTrouble where this person, or anybody, may not."""
        settings = self._around.settings
        why = self._locked() or deeds.may_not(actor, settings.control.roles)
        if not why and settings.kiosk.on:
            why = "this is a kiosk: alarms are acknowledged and silenced elsewhere"
        if why:
            raise AlarmTrouble(why)

    async def _do(self, work: Callable[[Kept], deeds.Deed]) -> None:
        stock = self._stock()
        lines: list[Line] = []
        private: list[Watched] = []

        def whole(kept: Kept) -> tuple[Kept, Sequence[Line]]:
            hidden = tuple(one for one in kept.watched if one.pdu in stock.private_pdus)
            seen = tuple(one for one in kept.watched if one.pdu not in stock.private_pdus)
            new, done = work(msgspec.structs.replace(kept, watched=(*seen, *stock.private)))
            lines[:] = done
            private[:] = [one for one in new.watched if one.pdu in stock.private_pdus]
            public = tuple(one for one in new.watched if one.pdu not in stock.private_pdus)
            told = [one for one in done if one.entry.alarm.pdu not in stock.private_pdus]
            return msgspec.structs.replace(new, watched=(*public, *hidden)), told

        try:
            kept = await self._archive.change(stock.led, whole)
        except BookTrouble as error:
            raise _NotKept(f"it could not be kept: {error}") from error
        self._done(kept, private, lines)
