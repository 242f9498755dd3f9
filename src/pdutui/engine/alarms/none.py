"""No alarms: of a replay, whose alarms are long over, and where they are switched off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pdutui.engine.alarms.port import AlarmTrouble

if TYPE_CHECKING:
    from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmKind, AlarmLevel, Silence
    from pdutui.domain.commands import Actor


class NoAlarms:
    """An `AlarmsPort` that has none.

    Args:
        why: why nothing can be acknowledged or silenced here, for people.
    """

    def __init__(self, why: str) -> None:
        self._why = self.unjudged = why

    problem = ""

    def active(self) -> tuple[Alarm, ...]:
        """None."""
        return ()

    def of(self, pdu: str) -> tuple[Alarm, ...]:
        """None."""
        return ()

    def silences(self) -> tuple[Silence, ...]:
        """None."""
        return ()

    async def history(
        self,
        *,
        limit: int = 500,
        from_time: datetime | None = None,
        to_time: datetime | None = None,
        pdu: str | None = None,
        level: AlarmLevel | None = None,
        text: str = "",
    ) -> list[AlarmEntry]:
        """Nothing."""
        return []

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str = "") -> None:
        """Raises AlarmTrouble."""
        raise AlarmTrouble(self._why)

    async def silence(
        self,
        *,
        pdu: str,
        kind: AlarmKind | None = None,
        part: str = "",
        for_s: float,
        actor: Actor,
        comment: str = "",
    ) -> Silence:
        """Raises AlarmTrouble."""
        raise AlarmTrouble(self._why)

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        """Raises AlarmTrouble."""
        raise AlarmTrouble(self._why)
