"""Timeliness (RFC 3414, 2.2 and 3.2.7): whose clock counts, and how far one may be off it."""

from __future__ import annotations

from pdutui.backends.snmp.v3_message import MAX_INT

WINDOW_S = 150
"""How far a message's time may be off."""


def in_own_window(own_boots: int, own_time: int, boots: int, time: int) -> bool:
    """Whether an authoritative engine may take a message (3.2.7a).

    Args:
        own_boots: engineBoots of the engine that asks.
        own_time: its engineTime, in seconds.
        boots: of the message.
        time: of the message.
    """
    return own_boots != MAX_INT and boots == own_boots and abs(time - own_time) <= WINDOW_S


class EngineClock:
    """What is known of another engine's clock (3.2.7b); runs on by the caller's monotonic clock.

    Args:
        boots: engineBoots, as proved by a message of that engine or as it says itself.
        time: engineTime, in seconds.
        now_s: when that was heard.
    """

    __slots__ = ("_heard_s", "_latest", "_time", "boots")

    def __init__(self, boots: int, time: int, now_s: float) -> None:
        self.boots = boots
        self._time = time
        self._latest = time
        self._heard_s = now_s

    def time(self, now_s: float) -> int:
        """What its engineTime is now, as far as is known."""
        return min(self._time + max(0, int(now_s - self._heard_s)), MAX_INT)

    def acceptable(self, boots: int, time: int, now_s: float) -> bool:
        """Whether a proved message is no replay of an old one.

        A device whose counter is stuck at 2147483647 can never be trusted by the book. It is taken
        all the same: it cannot repair itself, and the client asks with numbers nobody can guess.
        """
        if boots != self.boots:
            return boots > self.boots
        return time >= self.time(now_s) - WINDOW_S

    def note(self, boots: int, time: int, now_s: float) -> None:
        """Take the clock from a proved message, if it is newer than what is known."""
        if boots > self.boots or (boots == self.boots and time > self._latest):
            self.boots, self._time, self._latest, self._heard_s = boots, time, time, now_s
