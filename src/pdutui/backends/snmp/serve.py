"""A profile run backwards: a model of a PDU as the MIB that such a device would answer with."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.ber import INTEGER, Oid, decode_int, decode_oid, encode_value
from pdutui.backends.snmp.mib import (
    INCONSISTENT_VALUE,
    NO_CREATION,
    NO_ERROR,
    NOT_WRITABLE,
    WRONG_TYPE,
    WRONG_VALUE,
    Mib,
)
from pdutui.backends.snmp.orders import Order
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.served import serve_profile
from pdutui.backends.snmp.types import SnmpValue
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Action, OutletAction, PduAction
from pdutui.domain.reading import ActiveSource, Reading

REFRESH_S = 0.2
"""The model is looked at again at most this often: a card does not measure between two packets."""

OnCommand = Callable[[int, Action], None]
"""Told of an outlet's number, or `WHOLE_PDU`, and what was asked for."""
_PREFERRED: dict[Action, ActiveSource] = {"prefer_a": "A", "prefer_b": "B", "prefer_none": "none"}


class ModelMib(Mib):
    """What an agent serves for a model; a SET on a command moves it.

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
        plan = serve_profile(profile, model, self._reading)
        by_oid = {_arcs(oid): served for oid, served in plan.served.items()}
        super().__init__(by_oid, plan.objects)
        self._served = [by_oid[oid] for oid in self.oids]
        self._writables = {_arcs(oid): what for oid, what in plan.writables.items()}
        self._columns = plan.command_columns
        self._written = {
            self.oids.index(oid): encode_value(SnmpValue("integer", value))
            for oid, value in ((_arcs(o), v) for o, v in plan.echoes.items())
        }
        """Position -> what a column that answers with the last value written answers."""

    def idle(self) -> None:
        """Let the model live on, so that the first request after a long pause is not a slow one."""
        self._look()

    def look(self) -> Reading:
        """The model as it stands, at most `REFRESH_S` old."""
        return self._look()

    def value(self, position: int) -> bytes:
        """As of now, at most `REFRESH_S` old."""
        written = self._written.get(position)
        return encode_value(self._served[position](self._look())) if written is None else written

    def snapshot(self) -> dict[str, SnmpValue]:
        """The whole MIB as values, in the order of a walk."""
        reading = self._look()
        return {
            ".".join(map(str, oid)): served(reading)
            for oid, served in zip(self.oids, self._served, strict=True)
        }

    def check_set(self, name: bytes, tag: int, content: bytes) -> int:
        """Only a command takes a value, and only one that means something there."""
        oid = decode_oid(name)
        writable = self._writables.get(oid)
        if writable is None:
            in_column = any(oid[: len(column)] == column for column in self._columns)
            return NO_CREATION if in_column else NOT_WRITABLE
        if tag != INTEGER:
            return WRONG_TYPE
        order = writable.order(decode_int(content))
        if order is None:
            return WRONG_VALUE
        preferred = _PREFERRED.get(order.action)
        if preferred is not None:
            can = self._model.can_prefer(preferred, self._clock.monotonic())
            return NO_ERROR if can else INCONSISTENT_VALUE
        return NO_ERROR

    def commit_set(self, name: bytes, content: bytes) -> None:
        """Do what was written."""
        oid = decode_oid(name)
        order = self._writables[oid].order(decode_int(content))
        if order is None:
            return
        self._carry_out(order)
        self._looked_s = float("-inf")
        position = self.position(name)
        if position in self._written:
            self._written[position] = bytes((INTEGER, len(content))) + content
        if self._on_command is not None:
            self._on_command(order.outlet, order.action)

    def _carry_out(self, order: Order) -> None:
        now_s = self._clock.monotonic()
        if order.outlet == WHOLE_PDU:
            action = cast(PduAction, order.action)
            self._model.switch_pdu(action, now_s, order.delay_s, order.module, order.only)
        else:
            doing = self._model.sockets[order.outlet].doing
            if order.only in (None, doing):
                outlet_action = cast(OutletAction, order.action)
                self._model.switch(order.outlet, outlet_action, now_s, order.delay_s)

    def _look(self) -> Reading:
        now_s = self._clock.monotonic()
        if now_s - self._looked_s >= REFRESH_S:
            self._reading = self._model.reading(now_s, self._clock.now(), "")
            self._looked_s = now_s
        return self._reading


def _arcs(oid: str) -> Oid:
    """The arcs of an OID that a profile has made, and that is therefore one."""
    return tuple(map(int, oid.split(".")))
