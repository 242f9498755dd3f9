"""The delays that a device has set for an outlet, asked for when a command is about to use them."""

from __future__ import annotations

import math

from pdutui.backends.base import BackendError
from pdutui.domain.clock import Clock
from pdutui.engine.fleet import Pdu
from pdutui.engine.sentences import Timing
from pdutui.engine.waiting import within

PREPARE_LIMIT_S = 1.5
TIMING_KEPT_S = 30.0
"""For how long the delays of an outlet are not asked for again."""


async def learn_delays(pdu: Pdu, outlet: int, clock: Clock) -> None:
    """Ask for them once, and keep them with the PDU. Never raises for device trouble."""
    if pdu.reading is None or pdu.reading.outlet(outlet) is None:
        return
    if clock.monotonic() - pdu.timed_s.get(outlet, -math.inf) < TIMING_KEPT_S:
        return
    try:
        status = await within(clock, PREPARE_LIMIT_S, pdu.backend.read_outlet(outlet))
    except (BackendError, TimeoutError):
        return
    pdu.timed_s[outlet] = clock.monotonic()
    pdu.timing[outlet] = Timing(
        reboot_off_s=status.reboot_off_s,
        on_delay_s=status.on_delay_s,
        off_delay_s=status.off_delay_s,
        reboot_delay_s=status.reboot_delay_s,
    )
