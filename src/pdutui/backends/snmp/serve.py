"""A profile run backwards: a model of a PDU as the MIB that such a device would answer with."""

from __future__ import annotations

from collections.abc import Callable

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.ber import INTEGER, decode_int, decode_oid, encode_value, parse_oid
from pdutui.backends.snmp.mib import (
    NO_CREATION,
    NO_ERROR,
    NOT_WRITABLE,
    WRONG_TYPE,
    WRONG_VALUE,
    Mib,
)
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.served import ServedProfile
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.clock import Clock
from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import Reading

REFRESH_S = 0.2
"""The model is looked at again at most this often: a card does not measure between two packets."""

OnCommand = Callable[[int, OutletAction], None]


class ModelMib(Mib):
    """What an agent serves for a model; a SET on the command column switches its outlet.

    Args:
        profile: the family the model is served as.
        model: the PDU.
        clock: time of the model.
        on_command: told of every command that was taken.
    """

    def __init__(
        self,
        profile: Profile,
        model: MockPdu,
        clock: Clock,
        on_command: OnCommand | None = None,
    ) -> None:
        self._model = model
        self._clock = clock
        self._on_command = on_command
        self._reading = model.reading(clock.monotonic(), clock.now(), "")
        self._looked_s = clock.monotonic()
        plan = ServedProfile(profile, model, self._reading)
        by_oid = {parse_oid(oid): served for oid, served in plan.served.items()}
        super().__init__(by_oid, plan.objects)
        self._served = [by_oid[oid] for oid in self.oids]
        self._outlets = {parse_oid(oid): number for oid, number in plan.commands.items()}
        self._columns = plan.command_columns
        self._actions = plan.actions

    def idle(self) -> None:
        """Let the model live on, so that the first request after a long pause is not a slow one."""
        self._look()

    def value(self, position: int) -> bytes:
        """As of now, at most `REFRESH_S` old."""
        return encode_value(self._served[position](self._look()))

    def snapshot(self) -> dict[str, SnmpValue]:
        """The whole MIB as values, in the order of a walk."""
        reading = self._look()
        return {
            ".".join(map(str, oid)): served(reading)
            for oid, served in zip(self.oids, self._served, strict=True)
        }

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """Only the outlet command takes a value, and only one that the model can carry out."""
        oid = decode_oid(name)
        if oid not in self._outlets:
            in_column = any(oid[: len(column)] == column for column in self._columns)
            return NO_CREATION if in_column else NOT_WRITABLE
        if tag != INTEGER:
            return WRONG_TYPE
        return NO_ERROR if decode_int(content) in self._actions else WRONG_VALUE

    def commit_set(self, name: bytes, content: bytes) -> None:
        """Switch the outlet that the column is for."""
        outlet = self._outlets[decode_oid(name)]
        action = self._actions[decode_int(content)]
        self._model.switch(outlet, action, self._clock.monotonic())
        self._looked_s = float("-inf")
        if self._on_command is not None:
            self._on_command(outlet, action)

    def _look(self) -> Reading:
        now_s = self._clock.monotonic()
        if now_s - self._looked_s >= REFRESH_S:
            self._reading = self._model.reading(now_s, self._clock.now(), "")
            self._looked_s = now_s
        return self._reading
