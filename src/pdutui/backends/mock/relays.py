"""The relays of the model: what a command does to an outlet, and when."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.backends.mock.parts import Socket
    from pdutui.backends.mock.spec import PduSpec
    from pdutui.backends.mock.world import World
    from pdutui.domain.commands import OutletAction
    from pdutui.domain.reading import Pending


class Relays:
    """Carries commands out. A newer command on an outlet overrides one that is still under way."""

    def __init__(self, spec: PduSpec, world: World, rng: Random) -> None:
        self.relay_s = spec.relay_s
        """Shortest and longest seconds from a command to the contact."""
        self.reboot_off_s = spec.reboot_off_s
        """Seconds an outlet stays off in a reboot."""
        self.on_delay_s = spec.on_delay_s
        """Seconds that a delayed on waits; below 0 it never comes."""
        self.off_delay_s = spec.off_delay_s
        """The same for a delayed off or reboot."""
        self.identified: Counter[int] = Counter()
        """How often an outlet was asked to blink, by number."""
        self._words = spec.pending
        self._world = world
        self._rng = rng

    def switch(self, socket: Socket, action: OutletAction, delay_s: float | None = None) -> None:
        """Take a command.

        Args:
            socket: the outlet.
            action: what to do.
            delay_s: for a delayed action, how long to wait; None: the device's own delay.
        """
        if action == "identify":
            self.identified[socket.number] += 1
            return
        if action == "cancel":
            if socket.waiting:
                self._forget(socket)
            return
        wait_s = 0.0
        if action in ("delayed_on", "delayed_off", "delayed_reboot"):
            own_s = self.on_delay_s if action == "delayed_on" else self.off_delay_s
            wait_s = own_s if delay_s is None else delay_s
        self._forget(socket)
        if wait_s < 0:
            return
        socket.busy = True
        socket.waiting = wait_s > 0
        ticket = socket.ticket
        after_s = wait_s + self._rng.uniform(*self.relay_s)
        if socket.waiting:
            socket.begins_s = self._world.now_s + wait_s
            self._world.after(wait_s, self._begin(socket, ticket))
        if action in ("reboot", "delayed_reboot"):
            socket.doing = "reboot"
            self._world.after(after_s, self._contact(socket, ticket, on=False, last=False))
            back_s = after_s + self.reboot_off_s
            self._world.after(back_s, self._contact(socket, ticket, on=True, last=True))
        else:
            on = action in ("on", "delayed_on")
            socket.doing = "on" if on else "off"
            self._world.after(after_s, self._contact(socket, ticket, on=on, last=True))

    def throw(self, socket: Socket, on: bool) -> None:
        """Somebody else moves a relay, at once."""
        self._forget(socket)
        socket.on = on

    def pending(self, socket: Socket) -> Pending | None:
        """What the device says is under way."""
        if not socket.busy or socket.doing is None:
            return None
        doing: Pending = socket.doing
        if doing == "reboot" and "reboot" not in self._words:
            doing = "off" if socket.on else "on"
        if doing in self._words:
            return None if doing == ("on" if socket.on else "off") else doing
        return "unspecified" if "unspecified" in self._words else None

    def seconds_left(self, socket: Socket) -> int | None:
        """Whole seconds until a delayed command begins; None: none is waiting."""
        return math.ceil(socket.begins_s - self._world.now_s) if socket.waiting else None

    def _forget(self, socket: Socket) -> None:
        socket.ticket += 1
        socket.busy = socket.waiting = False
        socket.doing = None

    def _begin(self, socket: Socket, ticket: int) -> Callable[[float], None]:
        def begin(_: float) -> None:
            if socket.ticket == ticket:
                socket.waiting = False

        return begin

    def _contact(
        self, socket: Socket, ticket: int, *, on: bool, last: bool
    ) -> Callable[[float], None]:
        def move(_: float) -> None:
            if socket.ticket == ticket:
                socket.on = on
                if last:
                    socket.busy = False
                    socket.doing = None

        return move
