"""What screens and commands may ask of the alarms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmKind, AlarmLevel, Silence
    from pdutui.domain.commands import Actor


class AlarmTrouble(Exception):
    """An acknowledgement or a silence that cannot be; the text is for people."""


class AlarmsPort(Protocol):
    """The alarms of the whole fleet."""

    def active(self) -> tuple[Alarm, ...]:
        """All in the list, as `worst_first` sorts them; the same tuple while none changed."""
        ...

    def of(self, pdu: str) -> tuple[Alarm, ...]:
        """Those of one PDU, in the same order."""
        ...

    def silences(self) -> tuple[Silence, ...]:
        """Those that have not ended, the first to end first."""
        ...

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
        """What became of alarms, newest first. Raises AlarmTrouble where it cannot be read."""
        ...

    async def acknowledge(self, ids: Sequence[str], actor: Actor, comment: str = "") -> None:
        """Take note of alarms: kept on the disk before this returns, told by `AlarmChanged`.

        Raises:
            AlarmTrouble: there is no such alarm any more, the person may not (viewers), or it
                could not be written.
        """
        ...

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
        """Keep alarms quiet for a time, 1 s to 30 days. Raises AlarmTrouble as `acknowledge`."""
        ...

    async def unsilence(self, silence_id: str, actor: Actor) -> None:
        """End a silence. Raises AlarmTrouble as `acknowledge`."""
        ...

    @property
    def unjudged(self) -> str:
        """Why nothing is judged, so that no alarm says nothing; empty where alarms are judged."""
        ...

    @property
    def problem(self) -> str:
        """Why alarms are not kept, not told outside, or not judged; empty when all is well."""
        ...
