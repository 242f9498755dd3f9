"""Lists that can be narrowed to one PDU: a name that is typed narrows them as one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pdutui.screens.finder import Finder

if TYPE_CHECKING:
    from pdutui.screens.finding import Find


class PduFinder(Finder):
    """A list of what is of PDUs. It stands before the other bases."""

    FINDS_PDUS = True

    @property
    def one_pdu(self) -> str | None:
        """The PDU that is shown alone; None for all."""
        raise NotImplementedError

    def only(self, pdu: str | None) -> None:
        """Show one PDU alone, or all."""
        raise NotImplementedError

    def before_find(self) -> Callable[[], None]:
        """What was shown is what brings one back."""
        pdu = self.one_pdu

        def back() -> None:
            if self.one_pdu != pdu:
                self.only(pdu)

        return back

    def show_find(self, find: Find) -> None:
        """The PDU alone; of an outlet its PDU."""
        if self.one_pdu != find.pdu:
            self.only(find.pdu)
