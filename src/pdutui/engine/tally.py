"""What became of every tick of a PDU's grid, so that no poll can get lost unseen."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct, kw_only=True):
    """Counts since the start. Two sums hold at every moment.

    `ticks` = `polled` + `missed` + `paused` + `connecting`: a tick that has come was polled, or it
    passed for one of three reasons.

    `polled` + `between` = `readings` + `failed` + `under_way`: a poll that began has ended as one
    of two things, or has not ended.
    """

    ticks: int = 0
    """Ticks of the grid that have come and been seen to; one that has come while a poll is under
    way is seen to when that ends."""
    polled: int = 0
    """... that a poll began for."""
    missed: int = 0
    """... that passed because the poll before was still under way, or the program was late."""
    paused: int = 0
    """... that passed because a device that cannot be read is not asked every second."""
    connecting: int = 0
    """... that passed while it was found out what the device is, before the first reading."""
    between: int = 0
    """Polls that began between ticks: the first one, those that were asked for, those that end a
    pause."""
    readings: int = 0
    failed: int = 0
    under_way: int = 0
    """0 or 1."""

    @property
    def balanced(self) -> bool:
        """Whether both sums hold."""
        passed = self.polled + self.missed + self.paused + self.connecting
        begun = self.polled + self.between
        return self.ticks == passed and begun == self.readings + self.failed + self.under_way

    def __add__(self, other: Tally) -> Tally:
        """Of two PDUs together."""
        names = self.__struct_fields__
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def __sub__(self, earlier: Tally) -> Tally:
        """Since an earlier moment. Polls under way at either end are told by `under_way`."""
        names = self.__struct_fields__
        return Tally(**{name: getattr(self, name) - getattr(earlier, name) for name in names})
