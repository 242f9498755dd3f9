"""One PDU at run time: its last reading, how far to trust it, and what is under way on it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from pdutui.domain.address import format_address
from pdutui.domain.commands import WHOLE_PDU, Actor, CommandResult
from pdutui.domain.health import LATE_AFTER_POLLS
from pdutui.domain.roles import role_of
from pdutui.engine.boundary import contain
from pdutui.engine.due import DueBook
from pdutui.engine.given import Given
from pdutui.engine.health import Evidence, Judgement, assess
from pdutui.engine.last_loads import LastLoads
from pdutui.engine.policy import ALLOWED, Ruling, Situation, closed, forbidden
from pdutui.engine.policy_who import NOBODY, barred, closed_outlets, not_on_any_list
from pdutui.engine.shown import shown
from pdutui.engine.subject import is_preference
from pdutui.engine.trends import Trends
from pdutui.engine.view import Doubt, InFlight, PduInfo, PduView
from pdutui.engine.waiting import cancel
from pdutui.engine.watch import Watch

if TYPE_CHECKING:
    from pdutui.backends.base import Backend, BackendError
    from pdutui.domain.reading import Reading
    from pdutui.engine.overrides import Overrides
    from pdutui.engine.poller import Grid, Tick
    from pdutui.engine.sentences import Timing
    from pdutui.settings import ControlSettings, PduSettings

CLOSE_LIMIT_S = 3.0
"""How long backends may take, in real seconds, to let go."""


class Pdu:
    """The state of one PDU. It knows no time: every question brings its own."""

    def __init__(
        self,
        settings: PduSettings,
        backend: Backend,
        *,
        grid: Grid,
        control: ControlSettings,
        overrides: Overrides,
        actor: Actor | None = None,
    ) -> None:
        self.settings = settings
        self.backend = backend
        self.grid = grid
        self.watch = Watch()
        self.loads = LastLoads()
        self.due = DueBook()
        self.doubts: dict[int, Doubt] = {}
        """By outlet: a load that is not what a switch led to expect."""
        self.trends = Trends(start_s=grid.due_s(0), interval_s=grid.interval_s)
        self.judgement = Judgement(health="connecting")
        self.in_flight: dict[int, InFlight] = {}
        self.results: dict[int, CommandResult] = {}
        self.switched_s: dict[int, float] = {}
        """By outlet: when a command of ours ended, until a poll has begun after it. Until then
        the reading is older than what the command did."""
        self.timing: dict[int, Timing] = {}
        """By outlet: the delays set in the device, where it was asked for them."""
        self.timed_s: dict[int, float] = {}
        """By outlet: when it was."""
        self._turned: dict[int, int] = {}
        self.given = Given()
        """What this program has sent to it."""
        self.lock = asyncio.Lock()
        """Held while a command is carried out: one at a time on a device."""
        self.reading: Reading | None = None
        """As shown: floor and names applied."""
        self._raw: Reading | None = None
        self._reading_s: float | None = None
        self._error: BackendError | None = None
        self._control = control
        self._overrides = overrides
        self._actor = actor or NOBODY
        self._info: PduInfo | None = None
        self._info_for: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """Its configured name."""
        return self.settings.name

    def arrived(self, reading: Reading, tick: Tick) -> Reading:
        """Take in a good poll; returns the reading as it is shown."""
        if self._raw is not None and _identity(self._raw) != _identity(reading):
            self.timing.clear()
            self.timed_s.clear()
            self.loads.clear()
            self.due = DueBook()
        self._count_turns(reading)
        self._raw = reading
        self._reading_s = tick.ended_s
        self._error = None
        self.switched_s = {
            outlet: at_s for outlet, at_s in self.switched_s.items() if at_s > tick.began_s
        }
        self.reading = self._shown(reading)
        self.loads.saw(self.reading, tick.ended_s)
        self.due.saw(self.reading, tick.began_s)
        return self.reading

    def _count_turns(self, reading: Reading) -> None:
        before = {o.number: o.state for o in self._raw.outlets} if self._raw is not None else {}
        for outlet in reading.outlets:
            states = {before.get(outlet.number, "unknown"), outlet.state}
            if states == {"on", "off"}:
                self._turned[outlet.number] = self._turned.get(outlet.number, 0) + 1

    def turned(self, outlet: int) -> int:
        """How often an outlet was seen to go on or off; with `WHOLE_PDU` any of them.

        Who pressed the button of an outlet twice has left it as it was, and yet its device is
        another: it has restarted.
        """
        counts = self._turned
        return sum(counts.values()) if outlet == WHOLE_PDU else counts.get(outlet, 0)

    def failed(self, error: BackendError) -> bool:
        """Take in a poll that did not work out; returns whether the trouble is a new one."""
        before, self._error = self._error, error
        return str(before) != str(error)

    def ended(self, result: CommandResult, sent: bool, now_s: float) -> None:
        """Take in the end of a command that held a place here."""
        outlet = result.intent.outlet
        self.in_flight.pop(outlet, None)
        touched, beside = ([outlet], []) if outlet != WHOLE_PDU else self._touched(result)
        if sent:
            self.watch.ended(result, now_s, touched, beside)
            self.switched_s |= dict.fromkeys(touched, now_s)
            self.due.ended(result, touched, self.timing, now_s)
        if result.outcome in ("unconfirmed", "contradicted", "failed"):
            self.results[outlet] = result
        elif result.outcome == "observed":
            for number in (outlet, *touched):
                self.results.pop(number, None)

    def _touched(self, result: CommandResult) -> tuple[list[int], list[int]]:
        """The outlets that a command on the whole PDU was about, and the others."""
        if is_preference(result.intent.action) or self.reading is None:
            return [], []
        outlets = self.reading.outlets
        able = [outlet.number for outlet in outlets if outlet.switchable]
        return able, [outlet.number for outlet in outlets if not outlet.switchable]

    def renamed(self) -> None:
        """Names have changed: show the last reading with the new ones."""
        if self._raw is not None:
            self.reading = self._shown(self._raw)

    def take(self, settings: PduSettings, control: ControlSettings) -> None:
        """Other things are said of it, or others may switch it: show it so."""
        self.settings = settings
        self._control = control
        self._info_for = ()
        self.renamed()

    def ask_every(self, grid: Grid) -> None:
        """It is polled on another grid from now on."""
        self.grid = grid
        self.trends.pace(grid.interval_s)

    def judge(self, now_s: float) -> Judgement:
        """Health at this moment."""
        return assess(
            Evidence(
                now_s=now_s,
                interval_s=self.grid.interval_s,
                link=self.backend.link,
                reading_s=self._reading_s,
                error=self._error,
            )
        )

    def is_steady(self, now_s: float) -> bool:
        """Whether it is judged live, and judging it again would find just that."""
        if self.judgement.health != "live" or self._error is not None or self._reading_s is None:
            return False
        return now_s - self._reading_s < LATE_AFTER_POLLS * self.grid.interval_s

    def age_s(self, now_s: float) -> float | None:
        """How old the reading is."""
        return None if self._reading_s is None else max(0.0, now_s - self._reading_s)

    def trend(self, key: str, seconds: int, now_s: float) -> Sequence[float | None]:
        """The last values of a series at 1 Hz, oldest first, None for gaps."""
        age = self.age_s(now_s)
        fresh = age is not None and age < LATE_AFTER_POLLS * self.grid.interval_s
        return self.trends.window(key, seconds, now_s, fresh=fresh)

    def situation(self, now_s: float) -> Situation:
        """All that the policy judges by, judged at this moment and not at the last tick."""
        judgement = self.judge(now_s)
        return Situation(
            pdu=self.settings,
            actions=self.backend.actions,
            pdu_actions=self.backend.pdu_actions,
            takes_delay=self.backend.takes_delay,
            reading=self.reading,
            health=judgement.health,
            detail=judgement.detail,
            age_s=self.age_s(now_s),
            in_flight=self.in_flight,
            settling=self.switched_s,
        )

    def view(self, now_s: float, polls_missed: int) -> PduView:
        """What a screen may know, at this moment."""
        judgement = self.judge(now_s)
        return PduView(
            info=self._current_info(now_s),
            reading=self.reading,
            health=judgement.health,
            detail=judgement.detail,
            age_s=self.age_s(now_s),
            in_flight=dict(self.in_flight),
            settling=frozenset(self.switched_s),
            results=dict(self.results),
            due=self.due.view(self.reading, self._busy(), now_s),
            doubts=dict(self.doubts),
            polls_missed=polls_missed,
        )

    def _busy(self) -> Collection[int]:
        """Outlets with a command of ours under way."""
        if WHOLE_PDU in self.in_flight and self.reading is not None:
            return {outlet.number for outlet in self.reading.outlets}
        return self.in_flight

    def _current_info(self, now_s: float) -> PduInfo:
        """The info, made anew only when something that it depends on has changed."""
        backend = self.backend
        can = (backend.actions, backend.pdu_actions, backend.takes_delay)
        outlets = self.reading.outlets if self.reading is not None else ()
        numbers = tuple(outlet.number for outlet in outlets)
        depends = (*can, self.reading is None, numbers)
        if self._info is None or self._info_for != depends:
            shut = self._shut(now_s)
            self._info_for = depends
            self._info = PduInfo(
                name=self.settings.name,
                address=_address(self.settings),
                feed=self.settings.feed,
                location=self.settings.location,
                read_only=not shut.allowed,
                read_only_reason=shut.reason,
                protected=self.settings.protected,
                actions=self.backend.actions,
                pdu_actions=self.backend.pdu_actions,
                takes_delay=self.backend.takes_delay,
                closed=closed_outlets(self._actor, self.settings, numbers),
                role=role_of(self._actor, self._control.roles),
            )
        return self._info

    def _shut(self, now_s: float) -> Ruling:
        """Why nothing of it can be switched by who sits here."""
        rulings = (
            forbidden(self._control),
            barred(self._actor, self._control.roles),
            closed(self.situation(now_s)),
            not_on_any_list(self._actor, self.settings),
        )
        return next((ruling for ruling in rulings if not ruling.allowed), ALLOWED)

    def _shown(self, raw: Reading) -> Reading:
        return shown(raw, self.settings, self._overrides)


def _identity(reading: Reading) -> tuple[str | None, ...]:
    return reading.profile, reading.model, reading.serial


def _address(settings: PduSettings) -> str:
    return "mock" if settings.backend == "mock" else format_address(settings.host, settings.port)


async def close_backends(backends: Iterable[Backend]) -> None:
    """Close all of them, within `CLOSE_LIMIT_S`. Trouble is logged."""
    closings = [
        asyncio.create_task(contain(f"closing {each.name}", each.aclose())) for each in backends
    ]
    if closings:
        _, late = await asyncio.wait(closings, timeout=CLOSE_LIMIT_S)
        await cancel(*late)
