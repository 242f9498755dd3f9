"""The contract between the engine and whatever reaches a PDU."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.reading import ActiveSource, OutletState, Pending, Reading

if TYPE_CHECKING:
    from pdutui.domain.commands import OutletAction, PduAction
    from pdutui.domain.health import Link


class BackendError(Exception):
    """A poll or a command did not work out. The text is for people and holds no secret."""


class Unreachable(BackendError):
    """Nothing came back: host down, no route, SNMP off, a name that does not resolve."""


class Refused(BackendError):
    """The device answers, but not to these credentials."""


class Unsupported(BackendError):
    """The device answers and is no PDU that any profile knows."""


class DeviceError(BackendError):
    """The device answered with an error, or with something that cannot be understood."""


class CommandRejected(DeviceError):
    """The device did not take the command (wrong value, not writable, no access, silence)."""


class OutletStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The read-back of one outlet, younger than any reading."""

    state: OutletState
    pending: Pending | None = None
    reboot_off_s: float | None = None
    """How long the device keeps an outlet off in a reboot, where it says so."""
    on_delay_s: float | None = None
    """How long the device waits in a delayed on, where it says so; below 0: it never does."""
    off_delay_s: float | None = None
    """The same for a delayed off, and for a delayed reboot."""
    reboot_delay_s: float | None = None
    """The same for a delayed reboot, where that is not the one of a delayed off."""


class PduStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The read-back of a whole PDU, younger than any reading."""

    outlets: dict[int, OutletStatus] = {}
    """By number; all of them, or none if they were not asked for."""
    preferred: ActiveSource | None = None
    active: ActiveSource | None = None


class Backend(ABC):
    """One PDU. All methods are called from one event loop; requests never overlap.

    Implementations put nothing on the screen, keep no history and apply no policy.
    """

    name: str
    """The configured name of the PDU: it stands in every Reading."""

    actions: frozenset[OutletAction] = frozenset()
    """What `command` can do at all; the gate refuses anything else."""
    pdu_actions: frozenset[PduAction] = frozenset()
    """What `command_pdu` can do."""
    takes_delay: bool = False
    """Whether delayed actions take a number of seconds; otherwise the device has its own."""
    prefer_transfers: bool = False
    """Whether preferring a source transfers the load to it at once, whatever it prefers now."""
    reading_age_s: float = 0.0
    """How old the last reading was when `poll` gave it, in seconds; 0 where it was just taken."""

    @abstractmethod
    async def poll(self) -> Reading:
        """One complete reading.

        The first call also finds out what the device is. Either every measurement and state of
        the poll was answered for, or an error is raised: a value is never carried over from an
        earlier poll.

        Raises:
            Unreachable: no answer within the time the target allows.
            Refused: an answer that says that the credentials are not accepted.
            Unsupported: an answer, but not from a PDU that is known.
            DeviceError: an answer that makes no sense.
        """

    @abstractmethod
    async def read_outlet(self, number: int) -> OutletStatus:
        """State of one outlet now, asked of the device itself. Raises like `poll`."""

    @abstractmethod
    async def command(
        self,
        number: int,
        action: OutletAction,
        on_sent: Callable[[], None],
        *,
        delay_s: int | None = None,
    ) -> None:
        """Ask the device to switch one outlet; `on_sent` is called when the request is on its way.

        Returning means that the device accepted, not that the outlet switched. A command is put
        on the wire at most once: a lost answer is never answered by sending again.

        Raises:
            CommandRejected: the device said no, or the outlet cannot be switched.
            Unreachable: no answer; whether the command arrived is unknown.
        """

    async def command_pdu(
        self, action: PduAction, on_sent: Callable[[], None], *, delay_s: int | None = None
    ) -> None:
        """Ask the device to switch all its outlets, or to prefer a source.

        One write on the wire, at most once. Raises like `command`.
        """
        raise CommandRejected(f"{self.name} cannot do {action}")

    async def read_pdu(self, *, outlets: bool) -> PduStatus:
        """State of the transfer switch now and, if asked for, of every outlet. Raises like `poll`.

        It is what `command_pdu` is verified by.
        """
        raise DeviceError(f"{self.name} has nothing to read back")

    @property
    @abstractmethod
    def link(self) -> Link:
        """The state of the line, up to date at every moment, also while a poll is under way."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of sockets and tasks. May be called twice."""
