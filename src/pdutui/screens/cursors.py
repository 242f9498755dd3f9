"""Where on each PDU the person is: the outlet under the cursor, the row of the load panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pdutui.widgets.bank_meter import meters

if TYPE_CHECKING:
    from pdutui.domain.reading import Outlet
    from pdutui.engine.view import PduView


class Cursors:
    """Two cursors a PDU; they stay where they were put while another PDU is on the screen.

    Args:
        shown: The outlets of a PDU that are shown: the cursor lies on no other.
    """

    def __init__(self, shown: Callable[[PduView], tuple[Outlet, ...]] | None = None) -> None:
        self._shown = shown or _outlets
        self._outlets: dict[str, int] = {}
        self._meters: dict[str, int] = {}

    def outlet(self, view: PduView) -> int | None:
        """The number of the outlet under the cursor: the first one, until it was moved.

        Where the one it was put on is not shown, the next one that is.
        """
        numbers = [o.number for o in self._shown(view)]
        wanted = self._outlets.get(view.info.name, 0)
        if wanted in numbers or not numbers:
            return wanted if numbers else None
        return next((n for n in numbers if n > wanted), numbers[-1])

    def claim(self, view: PduView, outlet: int) -> int:
        """What the cursor was put on; puts it on `outlet` where it was put nowhere yet."""
        return self._outlets.setdefault(view.info.name, outlet)

    def put(self, pdu: str, outlet: int) -> None:
        """Put the cursor on an outlet."""
        self._outlets[pdu] = outlet

    def kept(self) -> dict[str, int]:
        """Where the outlet cursors are, to be put back there."""
        return dict(self._outlets)

    def put_back(self, kept: dict[str, int]) -> None:
        """Put the outlet cursors where they were."""
        self._outlets = dict(kept)

    def step(self, view: PduView, by: int) -> None:
        """Move by so many outlets, stopping at the ends."""
        cursor = self.outlet(view)
        if cursor is not None:
            numbers = [o.number for o in self._shown(view)]
            place = max(0, min(len(numbers) - 1, numbers.index(cursor) + by))
            self._outlets[view.info.name] = numbers[place]

    def side(self, view: PduView, by: int) -> None:
        """Move by so many outlets, or not at all where there is none: to another column."""
        numbers = [o.number for o in self._shown(view)]
        cursor = self.outlet(view)
        if cursor is not None and 0 <= numbers.index(cursor) + by < len(numbers):
            self.step(view, by)

    def part(self, view: PduView) -> Outlet | None:
        """The outlet under the cursor."""
        cursor = self.outlet(view)
        return view.reading.outlet(cursor) if view.reading and cursor is not None else None

    def meter(self, view: PduView) -> int:
        """The row of the load panel that is looked at."""
        rows = meters(view.reading) if view.reading else []
        return max(0, min(self._meters.get(view.info.name, 0), len(rows) - 1))

    def put_meter(self, pdu: str, row: int) -> None:
        """Look at a row of the load panel."""
        self._meters[pdu] = max(0, row)

    def subject(self, view: PduView, *, outlets: bool) -> str:
        """What the cursor is on, as the beginning of a series: `outlet.3`, `bank.1`, or nothing.

        Args:
            view: The PDU.
            outlets: Whether the outlets have the keys; else the load panel or its trends.
        """
        outlet = self.outlet(view)
        if outlets and outlet is not None:
            return f"outlet.{outlet}"
        rows = meters(view.reading) if view.reading else []
        return rows[self.meter(view)].key if rows else ""


def _outlets(view: PduView) -> tuple[Outlet, ...]:
    return view.reading.outlets if view.reading else ()


def place_in(pdus: Sequence[str], pdu: str) -> int:
    """Which of some PDUs one is, from 1; 0 for one that is not configured any more."""
    return pdus.index(pdu) + 1 if pdu in pdus else 0


def beside(pdus: Sequence[str], pdu: str, by: int) -> str:
    """The PDU that stands so many places behind one, round and round."""
    return pdus[(place_in(pdus, pdu) - 1 + by) % len(pdus)]
