"""Room on the disk: who may have what is left of it when it is full."""

from __future__ import annotations

from pathlib import Path

from pdutui.store.errors import StoreTrouble
from pdutui.store.files import Ballast, free_bytes
from pdutui.store.limits import MIB, StoreLimits
from pdutui.store.worker import in_thread

_FULL = "history paused: disk full"


class Room:
    """The audit goes first: on a full disk the ballast is given up for it and for nothing else.

    Args:
        path: The database.
        limits: How much is how little.
    """

    def __init__(self, path: Path, limits: StoreLimits) -> None:
        self.ballast = Ballast(path.with_name(f"{path.name}.ballast"), limits.ballast_bytes)
        self.full = False
        """So it was when readings were to be written last."""
        self._directory = path.parent
        self._limits = limits

    async def none_left(self) -> bool:
        """Whether there is next to nothing; SQLite calls that by many names."""
        return await in_thread(free_bytes, self._directory) < MIB

    async def for_rows(self) -> None:
        """Readings are to be written: after a full disk, only with plenty of room.

        Raises:
            StoreTrouble: There is not enough yet.
        """
        if self.full:
            if await in_thread(free_bytes, self._directory) < self._limits.floor_bytes:
                raise StoreTrouble("full", _FULL)
            await in_thread(self.ballast.restore)

    async def for_upkeep(self) -> None:
        """What can wait is to be done: sealing makes room in the end, and takes some at first.

        Raises:
            StoreTrouble: What room there is, is for the audit.
        """
        reserved = self._limits.ballast_bytes // 2
        if self.full and await in_thread(free_bytes, self._directory) < reserved:
            raise StoreTrouble("full", _FULL)

    async def ran_out(self) -> bool:
        """A write found no room; whether some was made."""
        self.full = True
        return await in_thread(self._give_up_ballast)

    def _give_up_ballast(self) -> bool:
        short = free_bytes(self._directory) < self._limits.floor_bytes
        return short and self.ballast.release()
