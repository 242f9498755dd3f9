"""When the terminal's bell rings for alarms: once for many, again while one stands."""

from __future__ import annotations

from collections.abc import Iterable

from pdutui.domain.alarm import Alarm, AlarmEntry, AlarmLevel
from pdutui.settings import AlarmSettings

LEAST_S = 2.0
"""Alarms that come together ring once."""
_NEW = frozenset({"raised", "escalated", "unsilenced"})
"""What is heard; an alarm whose silence has ended may never have been."""


class Bell:
    """Decides; somebody else rings."""

    def __init__(self) -> None:
        self._rung_s: float | None = None
        self._wanted = False

    def heard(self, entry: AlarmEntry, *, again: bool, settings: AlarmSettings) -> None:
        """Something became of an alarm.

        Args:
            entry: What.
            again: It came back so soon that it is not told again.
            settings: Which levels ring.
        """
        stands = entry.change != "unsilenced" or entry.alarm.over is None
        if entry.change in _NEW and stands and not again and _rings(entry.alarm, settings):
            self._wanted = True

    def due(self, now_s: float, alarms: Iterable[Alarm], settings: AlarmSettings) -> bool:
        """Whether to ring now; to be asked after `heard`, and every second.

        An alarm that is over rings no more, though it stays in the list: nobody can do anything
        about it at once. One of which nobody knows whether it is over goes on.

        Args:
            now_s: Monotonic seconds.
            alarms: All that stand.
            settings: Which levels ring, and how often.
        """
        since = None if self._rung_s is None else now_s - self._rung_s
        if self._wanted:
            if since is not None and since < LEAST_S:
                return False
            self._wanted = False
            if not any(_rings(alarm, settings) for alarm in alarms):
                return False  # somebody has seen it meanwhile
        else:
            every_s = settings.bell_every_s
            if every_s <= 0 or (since is not None and since < max(every_s, LEAST_S)):
                return False
            if not any(_rings(a, settings) and a.over is None for a in alarms):
                return False
        self._rung_s = now_s
        return True


def _rings(alarm: Alarm, settings: AlarmSettings) -> bool:
    levels: dict[str, tuple[AlarmLevel, ...]] = {
        "off": (), "critical": ("critical",), "all": ("critical", "warning"),
    }  # fmt: skip
    return alarm.loud and alarm.level in levels[settings.bell]
