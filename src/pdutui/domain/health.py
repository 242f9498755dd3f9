"""How far a PDU's figures can be trusted, as a pure function of what was heard and when."""

from __future__ import annotations

from typing import Literal

import msgspec

Health = Literal["connecting", "live", "late", "lost", "refused", "unsupported"]
RecordedHealth = Literal[Health, "stopped"]
"""As the history has it: `stopped` when pdutui was ended in good order, so that the silence after
it is not taken for the device's."""
STARTED = "pdutui started"
"""The detail of the `connecting` with which a run begins in the history; without a `stopped` before
it, the run before ended without a word (killed, or no power)."""
STOPPED = "pdutui ended"
"""The detail of `stopped`."""

LATE_AFTER_POLLS = 2.0
"""A reading younger than this many poll intervals is live."""
LOST_AFTER_POLLS = 2.6
"""With no reading for so long and a device that has been silent, it is lost."""
LOST_AFTER_UNANSWERED = 4
"""Datagrams in a row without an answer before silence counts as lost."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the line to a device. Times are seconds of the injected monotonic clock."""

    opened_s: float
    last_heard_s: float | None = None
    """When the last valid answer of any kind came in."""
    unanswered: int = 0
    """Requests sent in a row, resends included, that nothing came back for."""


def is_stale(health: Health) -> bool:
    """Whether figures under this health must be drawn as stale and control be refused."""
    return health != "live"
