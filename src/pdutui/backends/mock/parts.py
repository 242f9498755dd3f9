"""The small parts of the model: feeds, loads and sensors that drift, each with its own dice."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pdutui.backends.mock.spec import SensorSpec
    from pdutui.domain.reading import Pending, SensorState, SourceId, SourceState

IN_RANGE = 0.10
"""A feed within this part of its nominal voltage is good."""
DEAD_BELOW = 0.10
"""Below this part of the nominal voltage a feed is lost."""
LIVES_ABOVE = 0.60
"""Loads run as long as they get this part of the nominal voltage."""


class Feed:
    """A source of power: a voltage that wanders within 3 % of nominal, unless it is in trouble.

    Of three phases each lies a little beside the others, always by the same.
    """

    def __init__(
        self,
        ident: SourceId,
        nominal_v: float,
        nominal_hz: float,
        rng: Random,
        offsets: tuple[float, ...] = (0.0,),
    ) -> None:
        self.id = ident
        self.offsets = offsets
        """By phase: its part of the nominal voltage above or below the middle."""
        self.nominal_v = nominal_v
        self.nominal_hz = nominal_hz
        self.depth = 0.0
        """Part of the voltage that is missing: 0 all is well, 1 dead."""
        self._rng = rng
        self._wander_v = rng.uniform(-0.006, 0.012) * nominal_v
        self._wander_hz = 0.0

    def step(self) -> None:
        """One step of a random walk that is drawn back to nominal and bounded."""
        bound = 0.03 * self.nominal_v
        pulled = 0.995 * self._wander_v + self._rng.gauss(0.0, 0.0009) * self.nominal_v
        self._wander_v = min(bound, max(-bound, pulled))
        self._wander_hz = min(0.04, max(-0.04, 0.9 * self._wander_hz + self._rng.gauss(0, 0.008)))

    @property
    def voltage_v(self) -> float:
        """Volts now, in the middle of the phases."""
        return (self.nominal_v + self._wander_v) * (1.0 - self.depth)

    def phase_v(self, phase: int) -> float:
        """Volts of one phase, counted from 1."""
        offset = self.offsets[phase - 1] if phase <= len(self.offsets) else 0.0
        return self.voltage_v * (1.0 + offset)

    @property
    def frequency_hz(self) -> float:
        """Hertz now; 0 from a dead feed."""
        return 0.0 if self.state == "lost" else self.nominal_hz + self._wander_hz

    @property
    def state(self) -> SourceState:
        """normal, under_voltage, over_voltage or lost."""
        off = self.voltage_v / self.nominal_v - 1.0
        if 1.0 + off < DEAD_BELOW:
            return "lost"
        if off < -IN_RANGE:
            return "under_voltage"
        return "over_voltage" if off > IN_RANGE else "normal"

    @property
    def good(self) -> bool:
        """Whether a transfer switch would use it."""
        return self.state == "normal"

    @property
    def alive(self) -> bool:
        """Whether loads run on it."""
        return self.voltage_v / self.nominal_v >= LIVES_ABOVE


class Socket(msgspec.Struct, eq=False):
    """An outlet of the model as its relay and its meter see it."""

    number: int
    """In the whole PDU."""
    name: str
    bank: int | None
    """In the whole PDU, as `number`."""
    power_factor: float
    on: bool
    watts: float
    """What its load draws here on average, with every cord alive."""
    phase: int = 1
    """Of its module."""
    module: int = 1
    label: str | None = None
    energised: bool = False
    power_w: float = 0.0
    energy_kwh: float = 0.0
    busy: bool = False
    """A command is under way."""
    waiting: bool = False
    """It is a delayed one that has not begun: it can be taken back."""
    begins_s: float = 0.0
    """With `waiting`: when it begins, in seconds since the world did."""
    doing: Pending | None = None
    """What it is under way to: on, off, reboot."""
    ticket: int = 0
    """Goes up with each command, so that a newer one overrides an older."""


class Load(msgspec.Struct, eq=False):
    """A device with one cord or more. Its demand is shared by the cords that have power.

    The demand moves in steps (work comes and goes) with a little noise on top; after a start it is
    higher for some seconds.
    """

    sockets: list[Socket]
    rng: Random
    level: float = 1.0
    target: float = 1.0
    noise: float = 0.0
    surge: float = 0.0
    running: bool = True
    restlessness: float = 0.0
    """Chance per step that the work changes."""

    def __post_init__(self) -> None:
        self.restlessness = 1.0 / self.rng.uniform(60.0, 240.0)
        self.level = self.target = self.rng.uniform(0.95, 1.04)

    def step(self) -> None:
        """One step of demand."""
        if self.rng.random() < self.restlessness:
            self.target = self.rng.uniform(0.9, 1.08)
        self.level += 0.4 * (self.target - self.level)
        self.noise = min(0.02, max(-0.02, self.rng.gauss(0.0, 0.006)))
        self.surge = 0.45 * self.surge if self.surge > 0.01 else 0.0

    def settle(self) -> None:
        """Share the demand among the sockets that have power; a start brings an inrush."""
        live = [socket for socket in self.sockets if socket.energised]
        for socket in self.sockets:
            socket.power_w = 0.0
        if not live:
            self.running = False
            return
        if not self.running:
            self.running = True
            self.surge = 0.7
        demand = sum(s.watts for s in self.sockets) * (self.level + self.noise) * (1 + self.surge)
        share = sum(s.watts for s in live)
        for socket in live:
            socket.power_w = demand * socket.watts / share if share else 0.0


class Loads:
    """The devices of one world; they settle after all PDUs have said which outlets have power."""

    def __init__(self, loads: list[Load]) -> None:
        self.loads = loads

    def integrate(self, seconds: float) -> None:
        """Energy is counted at the outlets."""

    def step(self, at_s: float) -> None:
        """Let the demands move."""
        for load in self.loads:
            load.step()

    def settle(self, at_s: float) -> None:
        """Share the demands among the outlets that have power."""
        for load in self.loads:
            load.settle()


class Gauge:
    """A sensor of the environment probe."""

    def __init__(self, spec: SensorSpec, rng: Random) -> None:
        self.spec = spec
        self.fault = False
        """The probe does not answer: no value."""
        self.disturbed = False
        """A contact that is not at rest: door open, alarm."""
        self._rng = rng
        self._off = rng.uniform(-0.3, 0.3) * spec.swing

    def step(self) -> None:
        """One step of a slow walk within the swing."""
        swing = self.spec.swing
        pulled = 0.998 * self._off + self._rng.gauss(0.0, 0.012) * swing
        self._off = min(swing, max(-swing, pulled))

    @property
    def value(self) -> float | None:
        """The value at the device's resolution; None where there is only a state, or a fault."""
        if self.fault or self.spec.unit is None:
            return None
        return round(self.spec.middle + self._off, self.spec.digits)

    @property
    def state(self) -> SensorState:
        """Normal or closed, alarm or open, and in a fault what the device says then."""
        if self.fault:
            return self.spec.on_fault
        if self.spec.unit is not None:
            return "normal"
        return self.spec.trouble if self.disturbed else self.spec.rest
