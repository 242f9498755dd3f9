"""The end of an attempt: audited, shown, told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import CommandResult
from pdutui.engine.attempt import Attempt, Ending, describe_end
from pdutui.engine.events import CommandEnded, Severity
from pdutui.engine.recorder import Recorder


class Closing:
    """Brings attempts to their end.

    Args:
        clock: for when it was.
        recorder: takes the audit.
        emit: is told the result.
        note: takes the line for the event log.
        poke: has the PDU polled at once.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        recorder: Recorder,
        emit: Callable[[CommandEnded], None],
        note: Callable[[str, Severity, str], None],
        poke: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._emit = emit
        self._note = note
        self._poke = poke

    async def end(self, attempt: Attempt, ending: Ending, note: str) -> CommandResult:
        """Audit the end; what is wrong with the audit itself is said in the detail.

        Args:
            attempt: what ends.
            ending: how.
            note: what was wrong with the audit when it began.
        """
        ended = self._clock.now()
        closing = attempt.closing(ending, ended)
        attempt.closed = True
        if note:
            self._recorder.audit_soon(closing)
        else:
            note = await self._recorder.audit(closing)
        if note:
            ending = msgspec.structs.replace(ending, detail=f"{ending.detail} ({note})")
        return self._tell(attempt, ending, ended)

    def end_now(self, attempt: Attempt, ending: Ending) -> CommandResult:
        """The same without waiting for the disk."""
        ended = self._clock.now()
        if not attempt.closed:
            self._recorder.audit_soon(attempt.closing(ending, ended))
        return self._tell(attempt, ending, ended)

    def _tell(self, attempt: Attempt, ending: Ending, ended: datetime) -> CommandResult:
        """Update what screens see, have the device polled, and say how it ended."""
        result = attempt.result(ending, ended)
        if attempt.pdu is not None and attempt.holds_place:
            attempt.pdu.ended(result, attempt.sent, self._clock.monotonic())
        self._emit(CommandEnded(result=result))
        severity, text = describe_end(result, attempt.subject.label, ending.rule)
        self._note(attempt.intent.pdu, severity, text)
        if attempt.sent:
            self._poke(attempt.intent.pdu)
        return result
