"""The model behind the backend contract, with faults that can be switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Literal

import msgspec

from pdutui.backends.base import (
    Backend,
    CommandRejected,
    DeviceError,
    OutletStatus,
    PduStatus,
    Unreachable,
)
from pdutui.domain.health import Link
from pdutui.domain.reading import PollStats, Reading

if TYPE_CHECKING:
    from pdutui.backends.mock.model import MockPdu
    from pdutui.domain.clock import Clock
    from pdutui.domain.commands import OutletAction, PduAction

Fault = Literal["silent", "slow", "error", "deaf", "reversed", "sluggish", "rejects"]
"""silent: no answer. slow: answers take `slow_s`. error: the device answers nonsense.
deaf: commands are accepted and nothing moves. reversed: commands are accepted and it goes the other
way. sluggish: the relay takes `slow_s`. rejects: commands are refused by the device."""

_RESENDS = 4
_REVERSED: dict[OutletAction, OutletAction] = {"on": "off", "off": "on", "reboot": "on"}
_PDU_REVERSED: dict[PduAction, PduAction] = {
    "all_on": "all_off", "all_off": "all_on", "all_reboot": "all_on",
    "prefer_a": "prefer_b", "prefer_b": "prefer_a",
}  # fmt: skip


class MockBackend(Backend):
    """A `MockPdu` as a backend. Nothing waits on a network, so a poll takes no time by itself."""

    def __init__(self, name: str, model: MockPdu, *, clock: Clock) -> None:
        self.name = name
        self.model = model
        self.actions: frozenset[OutletAction] = model.spec.actions
        self.pdu_actions: frozenset[PduAction] = model.spec.pdu_actions
        self.takes_delay = model.spec.takes_delay
        self.prefer_transfers = model.spec.ats.transfers and bool(model.spec.pdu_actions)
        self.fault: Fault | None = None
        self.timeout_s = 2.0
        """How long a silent device is waited for."""
        self.slow_s = 3.0
        """How long a slow answer, or a sluggish relay, takes."""
        self._clock = clock
        self._opened_s = clock.monotonic()
        self._heard_s: float | None = None
        self._unanswered = 0
        self._dice = Random(f"poll/{name}")
        self._closed = False

    async def poll(self) -> Reading:
        """One reading of the model, or what the fault makes of it."""
        await self._exchange()
        now = self._clock.now()
        reading = self.model.reading(self._clock.monotonic(), now, self.name)
        took_ms = round(self._dice.uniform(6.0, 11.0), 1)
        return msgspec.structs.replace(
            reading,
            poll=PollStats(duration_ms=took_ms, requests=4, varbinds=16 + 3 * len(reading.outlets)),
        )

    async def read_outlet(self, number: int) -> OutletStatus:
        """State of one outlet. Raises DeviceError if there is no such outlet."""
        await self._exchange()
        if number not in self.model.outlets:
            raise DeviceError(f"{self.name} has no outlet {number}")
        return self.model.outlet_status(number, self._clock.monotonic())

    async def read_pdu(self, *, outlets: bool) -> PduStatus:
        """State of the transfer switch and, if asked for, of every outlet."""
        await self._exchange()
        return self.model.pdu_status(self._clock.monotonic(), outlets=outlets)

    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        """Switch an outlet of the model, or what the fault makes of it."""
        if number not in self.model.outlets:
            raise CommandRejected(f"{self.name} has no outlet {number}")
        if action not in self.actions:
            raise CommandRejected(f"{self.name}: outlet {number} cannot be switched {action}")
        if await self._is_taken(on_sent):
            what = _REVERSED.get(action, action) if self.fault == "reversed" else action
            with self._sluggish():
                self.model.switch(number, what, self._clock.monotonic(), self._delay(delay_s))

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        """Switch all outlets of the model or prefer a source, or what the fault makes of it."""
        if action not in self.pdu_actions:
            raise CommandRejected(f"{self.name} cannot do {action}")
        if await self._is_taken(on_sent):
            what = _PDU_REVERSED.get(action, action) if self.fault == "reversed" else action
            with self._sluggish():
                try:
                    self.model.switch_pdu(what, self._clock.monotonic(), self._delay(delay_s))
                except ValueError as error:
                    raise CommandRejected(f"{self.name}: the device refused: {error}") from error

    async def _is_taken(self, on_sent: Callable[[], None]) -> bool:
        """Put a command on its way; whether the device does something about it."""
        if self._closed:
            raise Unreachable(f"{self.name}: closed")
        on_sent()
        await self._exchange()
        if self.fault == "rejects":
            raise CommandRejected(f"{self.name}: the device refused: notWritable")
        return self.fault != "deaf"

    def _delay(self, delay_s: int | None) -> int | None:
        return delay_s if self.takes_delay else None

    @contextmanager
    def _sluggish(self) -> Iterator[None]:
        """With that fault, what is begun in here takes its time."""
        relays = self.model.relays
        usual = relays.relay_s
        if self.fault == "sluggish":
            relays.relay_s = (self.slow_s, self.slow_s)
        try:
            yield
        finally:
            relays.relay_s = usual

    async def _exchange(self) -> None:
        if self._closed:
            raise Unreachable(f"{self.name}: closed")
        if self.fault == "silent":
            for _ in range(_RESENDS):
                self._unanswered += 1
                await self._clock.sleep(self.timeout_s / _RESENDS)
            raise Unreachable(f"{self.name}: no answer within {self.timeout_s:g} s")
        if self.fault == "slow":
            await self._clock.sleep(self.slow_s)
        self._heard_s = self._clock.monotonic()
        self._unanswered = 0
        if self.fault == "error":
            raise DeviceError(f"{self.name}: the answer makes no sense")

    @property
    def link(self) -> Link:
        """Heard at every exchange that was answered."""
        return Link(
            opened_s=self._opened_s, last_heard_s=self._heard_s, unanswered=self._unanswered
        )

    async def aclose(self) -> None:
        """From now on nothing is answered."""
        self._closed = True
