"""All that is judged by the readings of one PDU, from one to the next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pdutui.domain.alarm import AlarmKind
from pdutui.domain.alarm_finding import Finding, Key, found
from pdutui.domain.alarm_loads import LoadRules, load_findings
from pdutui.domain.alarm_outlets import no_load_findings
from pdutui.domain.alarm_power import ats_findings, sensor_findings
from pdutui.domain.alarm_steps import SETTLE_S, LoadSteps
from pdutui.domain.commands import Action
from pdutui.domain.devicemap import DeviceMap
from pdutui.domain.naming import outlet_label
from pdutui.domain.reading import ActiveSource, Outlet, OutletState, Reading
from pdutui.engine.alarms.thresholds import Thresholds, rules_of
from pdutui.engine.last_loads import LastLoads
from pdutui.settings import PduSettings, Settings

OWN_TRANSFER_S = 60.0
"""How long after a command of ours to the transfer switch a transfer is what it was about."""
ELSEWHERE: frozenset[AlarmKind] = frozenset({"pdu_lost", "pdu_stale", "clock_off", "energy_budget"})
"""Kinds that are no matter of a reading."""


def explains(actions: Collection[str], active: ActiveSource) -> bool:
    """Whether commands to a transfer switch are why a source carries the load now."""
    return "prefer_none" in actions or f"prefer_{active.lower()}" in actions


class PduJudge:
    """Judges one PDU. It remembers what it needs of the reading before.

    Args:
        pdu: its settings.
        settings: the rules, and how often it is polled.
        cords: what is plugged in where.
        loads: what its outlets carried.
    """

    def __init__(
        self, pdu: PduSettings, settings: Settings, cords: DeviceMap, loads: LastLoads
    ) -> None:
        alarms = settings.alarms
        self._pdu = pdu
        self._cords = cords
        self._loads = loads
        self._no_load_s = alarms.no_load_after_s
        self._hold_s = alarms.hold_s
        self._load_rules = LoadRules(
            warning_percent=alarms.warning_percent,
            critical_percent=alarms.critical_percent,
            hysteresis_percent=alarms.hysteresis_percent,
            hold_s=alarms.hold_s,
        )
        self._steps = LoadSteps(alarms.load_step_percent, max(5.0, 2.5 * settings.poll.interval_s))
        self.rules = rules_of(pdu.name, alarms)
        """Its thresholds."""
        self.aged = any(rule.settings.measure == "age_s" for rule in self.rules)
        """Whether one of them is for the age of its reading."""
        self._thresholds = Thresholds(self.rules)
        self.critical = frozenset(
            {number for number, outlet in pdu.outlets.items() if outlet.critical}
            | {cord.outlet for cord in cords.cords if cord.pdu == pdu.name and cord.critical}
        )
        """Outlets whose going dark is critical."""
        self._active: ActiveSource | None = None
        self._identity: tuple[str | None, ...] | None = None
        self._states: list[OutletState] = []
        self._switched_s: float | None = None
        self._preferred_s: dict[Action, float] = {}

    def switched(self, now_s: float) -> None:
        """A command of ours to an outlet is on its way, or has just ended."""
        self._switched_s = now_s

    def preferred(self, action: Action, now_s: float) -> None:
        """The same to the transfer switch."""
        self._preferred_s[action] = now_s

    def look(
        self,
        reading: Reading,
        now_s: float,
        tracked: Collection[Key],
        foreign: Sequence[Outlet] = (),
    ) -> list[Finding]:
        """Everything that is wrong, and what is well again of `tracked`.

        What is tracked and not among it is not known. Conditions that are well and not tracked are
        left out: that is nearly all of them.

        Args:
            reading: as it is shown, with the floor applied.
            now_s: seconds that do not jump.
            tracked: the conditions that are followed already.
            foreign: outlets that somebody else has switched since the reading before.
        """
        happened = self.happenings(reading, now_s, foreign)
        findings = list(load_findings(reading, self._load_rules, tracked))
        findings += ats_findings(reading.ats, self._hold_s, tracked)
        findings += sensor_findings(reading.sensors, tracked)
        findings += no_load_findings(
            reading, self._no_load_s, self._expects, self.critical, tracked
        )
        findings += self._thresholds.look(reading, tracked)
        return findings + happened

    def happenings(
        self, reading: Reading, now_s: float, foreign: Sequence[Outlet] = ()
    ) -> list[Finding]:
        """What has happened since the reading before: it is in no later one.

        Args:
            reading: as for `look`, which does this as well.
            now_s: seconds that do not jump.
            foreign: outlets that somebody else has switched since.
        """
        self._compare_identity(reading)
        found = [*self._transfers(reading, now_s), *self._load_steps(reading, now_s)]
        return found + [self._changed(outlet) for outlet in foreign]

    def _compare_identity(self, reading: Reading) -> None:
        identity = (reading.profile, reading.model, reading.serial)
        if self._identity is not None and identity != self._identity:
            self._active = None
            self._states = []
            self._steps.forget()
        self._identity = identity

    def _transfers(self, reading: Reading, now_s: float) -> Iterator[Finding]:
        active = reading.ats.active if reading.ats is not None else None
        was, self._active = self._active, active or self._active
        if active is None or was is None or active in (was, "none"):
            return  # `none` stands for as long as it lasts: it is no event
        lately = {a for a, at_s in self._preferred_s.items() if now_s - at_s < OWN_TRANSFER_S}
        if explains(lately, active):
            return
        came = "" if was == "none" else f" from {was}"
        text = f"transferred{came} to source {active}"
        yield found("transfer", "warning", text, series="ats.0.active")

    def _load_steps(self, reading: Reading, now_s: float) -> list[Finding]:
        """Steps that no switch explains, whoever has switched: that is told by itself."""
        states = [outlet.state for outlet in reading.outlets]
        if self._states and states != self._states:
            self._switched_s = now_s
        self._states = states
        switched_s = self._switched_s
        explained = switched_s is not None and now_s - switched_s < SETTLE_S
        return self._steps.look(reading, now_s, explained=explained)

    def _expects(self, number: int) -> bool:
        """Whether something should draw at an outlet."""
        return (
            number in self.critical
            or self._loads.carried(number)
            or bool(self._cords.at(self._pdu.name, number))
        )

    def _changed(self, outlet: Outlet) -> Finding:
        dark = outlet.state == "off" and outlet.number in self.critical
        label = outlet_label(outlet.number, outlet.name, outlet.label)
        part = f"outlet.{outlet.number}"
        return found(
            "outlet_changed",
            "critical" if dark else "warning",
            f"{label} turned {outlet.state}, not from here",
            part=part,
            series=f"{part}.state",
        )
