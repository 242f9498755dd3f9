"""Going round a running fleet: what its readings, its health and our clock give to find."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pdutui.domain.alarm_finding import Finding, Key
from pdutui.domain.alarm_watched import Watched
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Intent
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.alarms.health import DOWN, LOST, STALE, ClockWatch, health_findings, is_stale
from pdutui.engine.alarms.judge import ELSEWHERE, PduJudge, explains
from pdutui.engine.alarms.thresholds import age_findings
from pdutui.engine.events import CommandEnded, CommandProgressed, EngineEvent
from pdutui.engine.fleet import Pdu
from pdutui.engine.subject import is_preference
from pdutui.engine.turns import commanded_lately, commanded_outlets
from pdutui.settings import Settings


class Rounds:
    """Judges the PDUs of an engine.

    Args:
        fleet: the PDUs.
        settings: the rules.
        clock: time.
    """

    def __init__(self, fleet: Mapping[str, Pdu], settings: Settings, clock: Clock) -> None:
        self._fleet = fleet
        self._settings = settings
        self._alarms = settings.alarms
        self._clock = clock
        self._map = DeviceMap(settings.cords)
        self._judges: dict[str, PduJudge] = {}
        self._began_s = clock.monotonic()
        self._aged = frozenset(
            rule.name for rule in settings.alarms.thresholds if rule.measure == "age_s"
        )
        self.clock_watch = ClockWatch(clock, settings.alarms.clock_off_s)

    def _judge(self, pdu: Pdu) -> PduJudge:
        judge = self._judges.get(pdu.name)
        if judge is None:
            judge = PduJudge(pdu.settings, self._settings, self._map, pdu.loads)
            self._judges[pdu.name] = judge
        return judge

    def forget(self) -> None:
        """This program stood still: what was before the next readings is not known."""
        self._judges.clear()

    def hear(self, event: EngineEvent) -> None:
        """Commands of our own explain what readings show of them."""
        if isinstance(event, CommandProgressed):
            if event.stage == "sent":
                self._switched(event.intent)
        elif isinstance(event, CommandEnded) and event.result.outcome != "refused":
            self._switched(event.result.intent)

    def _switched(self, intent: Intent) -> None:
        pdu = self._fleet.get(intent.pdu)
        if pdu is None or intent.action == "identify":
            return
        now_s = self._clock.monotonic()
        if is_preference(intent.action):
            self._judge(pdu).preferred(intent.action, now_s)
        else:
            self._judge(pdu).switched(now_s)

    def reading(self, pdu: Pdu, reading: Reading, tracked: Collection[Key]) -> list[Finding]:
        """What a reading that has just come gives to find."""
        foreign = self._nobodys(pdu) if pdu.watch.foreign else ()
        found = self._judge(pdu).look(reading, self._clock.monotonic(), tracked, foreign)
        return self._without_ordered(pdu, reading, found)

    def happenings(self, pdu: Pdu, reading: Reading) -> list[Finding]:
        """Of them what is in no later reading."""
        foreign = self._nobodys(pdu) if pdu.watch.foreign else ()
        found = self._judge(pdu).happenings(reading, self._clock.monotonic(), foreign)
        return self._without_ordered(pdu, reading, found)

    def _without_ordered(self, pdu: Pdu, reading: Reading, found: list[Finding]) -> list[Finding]:
        """Without a transfer that another console, or the command line, has ordered."""
        if reading.ats is None or not any(one.kind == "transfer" for one in found):
            return found
        lately = commanded_lately(self._settings.state_dir, pdu.settings, self._clock)
        if reading.ats.active is None or not explains(lately, reading.ats.active):
            return found
        return [one for one in found if one.kind != "transfer"]

    def _nobodys(self, pdu: Pdu) -> tuple[Outlet, ...]:
        """Outlets that no program of this state directory has switched.

        A command of another console, or of the command line, is none of somebody else's.
        """
        ours = commanded_outlets(self._settings.state_dir, pdu.settings, self._clock)
        if WHOLE_PDU in ours:
            return ()
        return tuple(outlet for outlet in pdu.watch.foreign if outlet.number not in ours)

    def health(self, pdu: Pdu, tracked: Mapping[Key, Watched]) -> Iterable[Finding]:
        """What its health gives to find. Next to nothing for one that is live."""
        judgement = pdu.judgement
        aged = self._judge(pdu).aged
        if judgement.health == "live" and not aged and LOST not in tracked and STALE not in tracked:
            return ()
        now_s = self._clock.monotonic()
        age_s = pdu.age_s(now_s)
        findings = list(
            health_findings(
                judgement.health,
                judgement.detail.removeprefix(f"{pdu.name}: "),
                age_s,
                now_s - self._began_s,
                self._alarms.stale_after_s,
                tracked,
            )
        )
        if aged:
            findings += age_findings(self._judge(pdu).rules, age_s, tracked)
        return findings

    def is_blind(self, pdu: Pdu) -> bool:
        """Whether nobody can tell how its parts are."""
        health = pdu.judgement.health
        if health == "live":
            return False
        now_s = self._clock.monotonic()
        watched_s = now_s - self._began_s
        stale = is_stale(health, pdu.age_s(now_s), watched_s, self._alarms.stale_after_s)
        return health in DOWN or stale

    def read(self, tracked: Iterable[Key]) -> set[Key]:
        """Those that are a matter of readings."""
        return {
            key
            for key in tracked
            if key[0] not in ELSEWHERE and (key[0] != "threshold" or key[2] not in self._aged)
        }

    def is_judged(self, one: Watched) -> bool:
        """Whether there is a rule for a condition by these settings."""
        pdu = self._fleet.get(one.pdu)
        if one.kind == "threshold":
            return pdu is not None and any(
                rule.settings.name == one.rule for rule in self._judge(pdu).rules
            )
        if one.kind == "energy_budget":
            return any(budget.name == one.rule for budget in self._alarms.budgets)
        return True
