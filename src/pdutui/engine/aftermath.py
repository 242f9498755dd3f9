"""The load after a switch against what was expected: an outlet may be on and yet bring nothing.

A command is `observed` when the relay shows it. Whether the device behind it runs is another
question, and the meter answers it some time later. Only what stands out is called a doubt: no load
where there should be one, a load where there should be none, far less than before. A device that
draws more than it did is none: it starts, it charges, it works.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.commands import WHOLE_PDU, CommandResult, Intent
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.naming import amps, outlet_label, seconds, watts
from pdutui.engine.events import (
    CommandEnded,
    CommandProgressed,
    EngineEvent,
    ReadingArrived,
    Severity,
)
from pdutui.engine.subject import is_preference, outlet_part
from pdutui.engine.view import Doubt

if TYPE_CHECKING:
    from pdutui.domain.clock import Clock
    from pdutui.domain.reading import Outlet, Reading
    from pdutui.engine.fleet import Pdu
    from pdutui.settings import Settings

NOTHING_W = 1.0
NOTHING_A = 0.02
"""Below these an outlet draws nothing."""
STILL_W = 5.0
STILL_A = 0.1
"""From these on an outlet that is off still draws: more than the noise of a meter."""
FAR_LESS = 3.0
FAR_LESS_W = 20.0
FAR_LESS_A = 0.2
"""Far less than expected: less than a third, and by so much at least."""
DELAYED_WAIT_S = 7200.0 + 600.0
"""How long a delayed command is waited for: no device has a longer delay than two hours."""


class _Load(msgspec.Struct, frozen=True):
    """A load by the meter there is."""

    power_w: float | None = None
    current_a: float | None = None


class _Expected(msgspec.Struct, kw_only=True):
    """What is to be looked at after a switch."""

    on: bool
    load: _Load
    """Expected when it is on; nothing in it: nobody knows."""
    from_s: float | None
    """Since when it is switched; None: a delayed command that is still to come."""
    until_s: float
    delayed: bool = False
    under_way: bool = False
    """Of a delayed one: it was seen pending, or half done."""
    doubted: bool = False


class Aftermath:
    """Listens to an engine, and keeps the doubts of its PDUs.

    Args:
        fleet: the PDUs; their `doubts` are kept here.
        settings: how long to wait, and the device map.
        clock: time.
        note: takes a line of the event log.
    """

    def __init__(
        self,
        fleet: Mapping[str, Pdu],
        settings: Settings,
        *,
        clock: Clock,
        note: Callable[[str, Severity, str], None],
    ) -> None:
        self._fleet = fleet
        self._settings = settings
        self._wait_s = settings.control.load_check_s
        self._clock = clock
        self._note = note
        self._sent: dict[str, dict[int, Outlet]] = {}
        """By intent: its outlets as they were when it went out."""
        self._waiting: dict[str, dict[int, _Expected]] = {}

    @cached_property
    def _map(self) -> DeviceMap:
        return DeviceMap(self._settings.cords)

    def take(self, settings: Settings, gone: Collection[str]) -> None:
        """Go by other settings; nothing more is expected of the PDUs that are gone."""
        self._settings = settings
        self._wait_s = settings.control.load_check_s
        self.__dict__.pop("_map", None)
        for pdu in gone:
            self._waiting.pop(pdu, None)

    def hear(self, event: EngineEvent) -> None:
        """Take in what the engine tells."""
        if self._wait_s <= 0:
            return
        if isinstance(event, ReadingArrived):
            if self._waiting.get(event.pdu):
                self._look(event.pdu, event.reading)
        elif isinstance(event, CommandProgressed):
            if event.stage == "sent":
                self._begin(event.intent)
        elif isinstance(event, CommandEnded):
            self._ended(event.result, self._sent.pop(event.result.intent.id, {}))

    def forget(self, pdu: str, outlet: int) -> None:
        """Take a doubt away: somebody has seen it, or the outlet is switched again."""
        self._waiting.get(pdu, {}).pop(outlet, None)
        if pdu in self._fleet:
            self._fleet[pdu].doubts.pop(outlet, None)

    # -- inside ------------------------------------------------------------------------------

    def _begin(self, intent: Intent) -> None:
        """A command is on its way: what was doubted before is another matter now."""
        pdu = self._fleet.get(intent.pdu)
        if pdu is None or pdu.reading is None or is_preference(intent.action):
            return
        action = outlet_part(intent.action)
        if action in ("identify", "cancel"):
            return
        outlets = {
            o.number: o
            for o in pdu.reading.outlets
            if (o.switchable if intent.outlet == WHOLE_PDU else o.number == intent.outlet)
        }
        self._sent[intent.id] = outlets
        for number in outlets:
            self.forget(intent.pdu, number)

    def _ended(self, result: CommandResult, outlets: dict[int, Outlet]) -> None:
        if result.outcome != "observed" or not outlets:
            return
        intent, now_s = result.intent, self._clock.monotonic()
        action = outlet_part(intent.action)
        plain = action.removeprefix("delayed_")
        known = self._fleet[intent.pdu].loads.known(now_s)
        waiting = self._waiting.setdefault(intent.pdu, {})
        for number, was in outlets.items():
            if was.state == plain:
                continue  # it was so before: nothing was switched
            load = _Load()
            if plain == "reboot" and was.state == "on":
                load = _Load(was.power_w, was.current_a)
            elif (last := known.get(number)) is not None:
                load = _Load(last.power_w, last.current_a)
            waiting[number] = _Expected(
                on=plain != "off",
                load=load,
                from_s=None if result.pending else now_s,
                until_s=now_s + DELAYED_WAIT_S + (intent.delay_s or 0),
                delayed=result.pending,
            )

    def _look(self, pdu: str, reading: Reading) -> None:
        now_s = self._clock.monotonic()
        waiting = self._waiting[pdu]
        outlets = {o.number: o for o in reading.outlets}
        for number, expected in list(waiting.items()):
            outlet = outlets.get(number)
            if outlet is None or not self._goes_on(pdu, outlet, expected, now_s):
                self.forget(pdu, number)

    def _goes_on(self, pdu: str, outlet: Outlet, expected: _Expected, now_s: float) -> bool:
        """Whether there is more to be seen of an outlet."""
        target = "on" if expected.on else "off"
        if expected.delayed and outlet.state != target:
            expected.from_s, expected.under_way = None, True
        if expected.from_s is None:
            if outlet.pending is not None:
                expected.under_way = True
            elif outlet.state == target and expected.under_way:
                expected.from_s = now_s
            return now_s < expected.until_s
        if outlet.state != target:
            return outlet.state == "unknown"  # switched by somebody else: no matter of ours
        if now_s - expected.from_s < self._wait_s:
            return True
        if outlet.power_w is None and outlet.current_a is None:
            return expected.doubted
        found = self._find(pdu, outlet, expected)
        if not found:
            return False
        if not expected.doubted:
            expected.doubted = True
            text = f"{found[0]} after {seconds(self._wait_s)}{found[1]}"
            self._fleet[pdu].doubts[outlet.number] = Doubt(text=text, since=self._clock.now())
            label = outlet_label(outlet.number, outlet.name, outlet.label)
            self._note(pdu, "warning", f"{label} is {text}")
        return True

    def _find(self, pdu: str, outlet: Outlet, expected: _Expected) -> tuple[str, str] | None:
        """What stands out, as text before and behind the time; None: nothing does."""
        by_power = outlet.power_w is not None
        drawn = outlet.power_w if by_power else outlet.current_a
        if drawn is None:
            return None
        shown = watts if by_power else amps
        nothing = NOTHING_W if by_power else NOTHING_A
        if not expected.on:
            still = STILL_W if by_power else STILL_A
            return (f"off, but still draws {shown(drawn)}", "") if drawn >= still else None
        wanted = expected.load.power_w if by_power else expected.load.current_a
        text = f"on, but draws {shown(drawn)}"
        hint = "" if wanted is None else f" ({shown(wanted)} expected)"
        cords = self._map.at(pdu, outlet.number)
        if drawn < nothing:
            should = wanted >= nothing if wanted is not None else bool(cords)
            return (text, hint) if should else None
        if wanted is None or any(len(self._map.of(cord.device)) > 1 for cord in cords):
            return None  # a device with two cords shares its load as it likes
        least = FAR_LESS_W if by_power else FAR_LESS_A
        return (text, hint) if drawn * FAR_LESS < wanted and wanted - drawn > least else None
