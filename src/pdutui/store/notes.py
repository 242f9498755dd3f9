"""What people should know of that has happened to the history."""

from __future__ import annotations


class Notes:
    """Collected until they are told. Notes may come from any thread."""

    def __init__(self) -> None:
        self._notes: list[str] = []

    def add(self, text: str) -> None:
        """Have something said."""
        if text not in self._notes:
            self._notes.append(text)

    def too_many(self, pdu: str) -> None:
        """A PDU says more than there is room for."""
        self.add(f"{pdu} has more values than are kept: new outlets or sensors are not recorded")

    def take(self) -> list[str]:
        """What was added since the last call."""
        notes, self._notes = self._notes, []
        return notes
