"""What happened on a PDU, told from one reading to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from pdutui.domain.commands import WHOLE_PDU, CommandResult
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    LoadState,
    Outlet,
    OutletState,
    Pending,
    Phase,
    Reading,
    Sensor,
)
from pdutui.engine.events import Severity
from pdutui.engine.labels import outlet_label, seconds
from pdutui.engine.subject import outlet_part

UPTIME_WRAP_S = 2**32 // 100
"""sysUpTime counts hundredths of a second in 32 bits: after 497 days it starts again."""
UPTIME_SLACK_S = 60.0
"""How far a device's uptime may lag behind our clock over one gap."""

_LOAD_SEVERITY: dict[LoadState, Severity] = {"critical": "critical", "tripped": "critical"}


LATE_EFFECT_S = 120.0
"""How long after an unconfirmed command a change to what it asked for counts as its effect."""
DELAYED_EFFECT_S = 7200.0 + LATE_EFFECT_S
"""The same for a delayed one whose delay is the device's own: none is longer than two hours."""
EARLY_S = 30.0
"""How much sooner than asked for a delayed command may seem to come."""
PENDING_LAG_S = 10.0
"""How long after its pending mark has gone an outlet may still do what was pending."""


Place = tuple[str | int, ...]
"""A part of a PDU that has a state: its kind first, then which one it is."""


class Note(msgspec.Struct, frozen=True):
    """Something worth a line."""

    severity: Severity
    text: str


class _Own(msgspec.Struct):
    """What the last command on an outlet left behind, until a later poll has shown it."""

    ended_s: float
    after: str
    """What it read back."""
    to_come: list[OutletState]
    """The states that it may still bring, in their order."""
    until_s: float
    """Until when."""
    delayed: bool
    from_s: float
    """Not before then."""
    beside: bool = False
    """It was on all outlets; this one is not known to be switchable."""
    pending_seen: bool = False
    """A poll has shown something pending."""
    pending_gone_s: float | None = None
    """Since when it has not."""

    def may_come(self, now_s: float) -> bool:
        """Whether it may still take effect."""
        return bool(self.to_come) and now_s < self.until_s

    def look(self, pending: Pending | None, now_s: float) -> None:
        """Note whether a command is pending; one that is gone without effect is not to come."""
        if not self.delayed:
            return
        if pending is not None:
            self.pending_seen, self.pending_gone_s = True, None
        elif self.pending_seen and self.pending_gone_s is None:
            self.pending_gone_s = now_s
        elif self.pending_gone_s is not None and now_s - self.pending_gone_s > PENDING_LAG_S:
            self.to_come.clear()

    def came(self) -> None:
        """The next of what it was to bring is there."""
        self.to_come.pop(0)
        self.pending_seen, self.pending_gone_s = False, None


def _own(result: CommandResult, at_s: float) -> _Own:
    """What a command that has ended leaves to be seen."""
    action, delay_s = outlet_part(result.intent.action), result.intent.delay_s
    comes: dict[str, list[OutletState]] = {
        "on": ["on"], "off": ["off"], "delayed_on": ["on"], "delayed_off": ["off"],
        "delayed_reboot": ["off", "on"],
    }  # fmt: skip
    delayed = action.startswith("delayed_")
    open_end = result.outcome == "unconfirmed" or result.pending
    after = result.after
    if result.intent.outlet == WHOLE_PDU:
        # What was read back speaks of many outlets; of each it is known if all have followed.
        done = {"on": "on", "off": "off", "reboot": "on"}.get(action, "unknown")
        after = done if result.outcome == "observed" else "unknown"
    usual_s = DELAYED_EFFECT_S if delayed else LATE_EFFECT_S
    return _Own(
        ended_s=at_s,
        after=after,
        to_come=list(comes.get(action, ())) if open_end else [],
        until_s=at_s + (usual_s if delay_s is None else delay_s + LATE_EFFECT_S),
        delayed=delayed,
        from_s=at_s + max(0.0, (delay_s or 0) - EARLY_S),
    )


def _beside(result: CommandResult, at_s: float) -> _Own:
    """What a command on all outlets may have done to one that cannot be switched."""
    open_ended = msgspec.structs.replace(result, outcome="unconfirmed")
    own = msgspec.structs.replace(_own(open_ended, at_s), after="", beside=True)
    if outlet_part(result.intent.action) == "reboot":
        own.to_come = ["off", "on"]
    return own


def _inherited(own: _Own, before: _Own) -> _Own:
    """What is left to be seen when the later command has changed nothing about the earlier."""
    to_come = before.to_come[before.to_come[:1] == [own.after] :]
    return msgspec.structs.replace(
        before,
        ended_s=own.ended_s,
        after=own.after if own.after in ("on", "off") else before.after,
        to_come=to_come,
    )


def _did_not_cancel(result: CommandResult) -> bool:
    return outlet_part(result.intent.action) == "cancel" and result.outcome != "observed"


class Watch:
    """Compares the readings of one PDU.

    A change that one of our own commands made is that command's to tell. For it the watch knows
    which outlets have a command in flight and how commands ended; polls that began before a
    command ended say nothing about its outlet.
    """

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._last_s = 0.0
        self._states: dict[int, OutletState] = {}
        self._words: dict[Place, str] = {}
        self._own: dict[int, _Own] = {}
        self.foreign: list[Outlet] = []
        """Outlets that the last `compare` found switched, by nobody here."""

    def ended(
        self,
        result: CommandResult,
        at_s: float,
        outlets: Sequence[int],
        beside: Sequence[int] = (),
    ) -> None:
        """A command of ours ended: the state that it read back is what the next poll must show.

        Args:
            result: how it ended.
            at_s: when, monotonic.
            outlets: the outlets it was about.
            beside: those that it was not about, and that may have been switched all the same.
        """
        if result.outcome != "failed":
            self._own.update({number: _beside(result, at_s) for number in beside})
        for number in outlets:
            if result.intent.action == "identify":
                continue
            own, before = _own(result, at_s), self._own.get(number)
            if before is not None and before.may_come(at_s):
                if result.outcome == "failed" or _did_not_cancel(result):
                    own = _inherited(own, before)
                elif own.after not in ("on", "off"):
                    own = msgspec.structs.replace(own, after=before.after)
            self._own[number] = own

    def compare(
        self, reading: Reading, *, began_s: float, ended_s: float, in_flight: frozenset[int]
    ) -> list[Note]:
        """What changed since the reading before; nothing for the first one.

        Args:
            reading: with names as they are shown.
            began_s: when its poll began, monotonic.
            ended_s: when its poll ended.
            in_flight: outlets with a command of ours under way.
        """
        self.foreign = []
        last, elapsed = self._last, ended_s - self._last_s
        self._last, self._last_s = reading, ended_s
        notes: list[Note] = []
        if last is not None:
            if last.serial and reading.serial and last.serial != reading.serial:
                self._states.clear()
                self._words.clear()
                self._own.clear()
                notes.append(Note("critical", "another device answers here: serial "
                                  f"{reading.serial}, was {last.serial}"))  # fmt: skip
            else:
                notes += _restarted(last, reading, elapsed)
        notes += _ats(self._words, reading.ats)
        notes += _loads(self._words, reading)
        notes += _sensors(self._words, reading.sensors)
        for outlet in reading.outlets:
            if outlet.number not in in_flight and WHOLE_PDU not in in_flight:
                notes += self._outlet(outlet, began_s)
        return notes

    def _outlet(self, outlet: Outlet, began_s: float) -> list[Note]:
        own = self._own.get(outlet.number)
        if own is not None and began_s < own.ended_s:
            return []
        if own is not None:
            own.look(outlet.pending, began_s)
        before = self._states.get(outlet.number)
        if own is not None and own.after in ("on", "off"):
            before = "on" if own.after == "on" else "off"
            own.after = ""  # told once: from now on the polls say what was before
        if outlet.state == "unknown":
            return []
        self._states[outlet.number] = outlet.state
        if own is None or outlet.state == before:
            if own is not None and not own.may_come(began_s):
                del self._own[outlet.number]
            return self._changed(outlet, before)
        if before is None or not own.may_come(began_s) or own.to_come[0] != outlet.state:
            del self._own[outlet.number]
            return self._changed(outlet, before)
        if began_s < own.from_s:
            return self._changed(outlet, before)  # somebody else's; ours is still to come
        own.came()
        if not own.to_come:
            del self._own[outlet.number]
        return [self._came(outlet, own)]

    @staticmethod
    def _came(outlet: Outlet, own: _Own) -> Note:
        label = outlet_label(outlet.number, outlet.name, outlet.label)
        if own.beside:
            text = f"{label} is {outlet.state} now: the command on all outlets took it along"
            return Note("warning", text)
        if own.delayed:
            return Note("info", f"{label} is {outlet.state} now: the delayed command was due")
        text = f"{label} is {outlet.state} now: the unconfirmed command took effect late"
        return Note("warning", text)

    def _changed(self, outlet: Outlet, before: OutletState | None) -> list[Note]:
        """A change that no command of ours has made."""
        if before is None or before == outlet.state:
            return []
        self.foreign.append(outlet)
        label = outlet_label(outlet.number, outlet.name, outlet.label)
        return [Note("warning", f"{label} turned {outlet.state}, not by this console")]


def _restarted(last: Reading, reading: Reading, elapsed_s: float) -> list[Note]:
    """Uptime that went back, or that is too short for the time that passed since."""
    was, now = last.uptime_s, reading.uptime_s
    if was is None or now is None or now == was:
        return []
    if now > elapsed_s + UPTIME_SLACK_S:
        return []  # it cannot have started since: the uptime jitters
    if now < was:
        if was > UPTIME_WRAP_S - UPTIME_SLACK_S - elapsed_s:
            return []
    elif now >= was + elapsed_s * 0.9 - UPTIME_SLACK_S:
        return []
    return [Note("warning", f"the device restarted; it has been up for {seconds(now)}")]


def _was(words: dict[Place, str], place: Place, now: str | None) -> str | None:
    """What a part was when it was last known, if it is something else now; notes the new word.

    A spell of not knowing between the two is no reason to keep quiet about the change.
    """
    if now is None or now == "unknown":
        return None
    was = words.get(place)
    words[place] = now
    return None if was == now else was


def _ats(words: dict[Place, str], now: Ats | None) -> list[Note]:
    if now is None:
        return []
    notes: list[Note] = []
    if was := _was(words, ("active",), now.active):
        if now.active == "none":
            notes.append(Note("critical", "no source carries the load"))
        else:
            came = "" if was == "none" else f" from {was}"
            notes.append(Note("warning", f"transferred{came} to source {now.active}"))
    for source in now.sources:
        if was := _was(words, ("source", source.id), source.state):
            severity: Severity = "warning"
            if source.state in ("lost", "normal"):
                severity = "critical" if source.state == "lost" else "info"
            notes.append(Note(severity, f"source {source.id} {_words(source.state)}, "
                              f"was {_words(was)}"))  # fmt: skip
    if _was(words, ("redundancy",), now.redundancy):
        if now.redundancy == "lost":
            notes.append(Note("critical", "redundancy lost"))
        else:
            notes.append(Note("info", "redundancy restored"))
    return notes


def _load_states(reading: Reading) -> Iterator[tuple[tuple[str, int], str, LoadState]]:
    """Every part with a load state: what it is, what people call it, the state."""
    groups: tuple[tuple[str, tuple[Inlet | Phase | Bank, ...]], ...] = (
        ("inlet", reading.inlets),
        ("phase", reading.phases),
        ("bank", reading.banks),
    )
    for kind, parts in groups:
        for part in parts:
            label = part.name or f"{kind} {part.number}"
            if part.module is not None:
                label = f"{label} of unit {part.module}"
            yield (kind, part.number), label, part.state


def _loads(words: dict[Place, str], now: Reading) -> list[Note]:
    notes: list[Note] = []
    for place, label, state in _load_states(now):
        if was := _was(words, place, state):
            severity: Severity = _LOAD_SEVERITY.get(state, "warning")
            if state in ("normal", "low"):
                severity = "info"
            notes.append(Note(severity, f"{label} load {state}, was {was}"))
    return notes


def _sensors(words: dict[Place, str], now: Sequence[Sensor]) -> list[Note]:
    """Sensors are matched by name and kind: their places move when a probe is pulled.

    Of several that are called the same, nothing says which one is gone when their number changes.
    """
    notes: list[Note] = []
    alike = Counter((sensor.name, sensor.kind) for sensor in now)
    seen: Counter[tuple[str, str]] = Counter()
    for sensor in now:
        called = sensor.name, sensor.kind
        seen[called] += 1
        place = ("sensor", *called, alike[called], seen[called])
        if was := _was(words, place, sensor.state):
            severity: Severity = "warning"
            if sensor.state in ("critical", "alarm", "fault"):
                severity = "critical"
            elif sensor.state in ("normal", "open", "closed", "on", "off"):
                severity = "info"
            notes.append(Note(severity, f"{sensor.name} {sensor.kind} {sensor.state}, was {was}"))
    return notes


def _words(state: str) -> str:
    return state.replace("_", " ")
