"""What the PDU screen asks of the app: messages, each one wish of the person at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from pdutui.domain.commands import OutletAction
    from pdutui.domain.reading import Outlet


class Wanted(Message, namespace="pdu_screen"):
    """Somebody wants to switch the outlet under the cursor."""

    def __init__(self, pdu: str, outlet: int, action: OutletAction) -> None:
        super().__init__()
        self.pdu, self.outlet, self.action = pdu, outlet, action


class PlanWanted(Message, namespace="pdu_screen"):
    """Somebody wants to switch all outlets that are marked."""

    def __init__(self, action: OutletAction) -> None:
        super().__init__()
        self.action = action


class PlansWanted(Message, namespace="pdu_screen"):
    """Somebody wants to see the plans."""


class MenuWanted(Message, namespace="pdu_screen"):
    """Somebody wants to see what the device can do."""

    def __init__(self, pdu: str, outlet: int | None) -> None:
        super().__init__()
        self.pdu, self.outlet = pdu, outlet


class HistoryWanted(Message, namespace="pdu_screen"):
    """Somebody wants to see the past of what the cursor is on."""

    def __init__(self, pdu: str, subject: str) -> None:
        super().__init__()
        self.pdu, self.subject = pdu, subject


class RenameWanted(Message, namespace="pdu_screen"):
    """Somebody wants to name the outlet under the cursor."""

    def __init__(self, pdu: str, outlet: Outlet) -> None:
        super().__init__()
        self.pdu, self.outlet = pdu, outlet
