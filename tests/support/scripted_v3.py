"""SNMPv3 for the scripted agent: its own engine, one user, no policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pdutui.backends.snmp import usm
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.v3_message import V3Message, scoped_pdu
from tests.support.scripted_agent import Request, number, oid_bytes, parse_pdu, tlv

COUNTERS = "1.3.6.1.6.3.15.1.1"


@dataclass
class ScriptedEngine:
    """Answers discoveries, opens requests, signs answers. Everything may be changed on the way."""

    keys: UserKeys
    engine_id: bytes = b"\x80\x00\x1f\x88\x04scripted"
    boots: int = 7
    time: int = 1000
    discoveries: int = 0
    silent: bool = False
    """Discoveries are not answered, either."""
    checks_time: bool = False
    """Requests out of the time window get the signed Report."""
    mute: frozenset[int] = frozenset()
    """Reports that are not sent, by the number of their counter."""

    def received(self, data: bytes) -> bytes | Request | None:
        """The answer to a discovery or to what is not acceptable, or the request in a message."""
        message = usm.parse(data)
        if self.silent:
            return None
        if not message.engine_id:
            self.discoveries += 1
            return self.report(message, 4)
        if message.engine_id != self.engine_id:
            return None if 4 in self.mute else self.report(message, 4)
        if message.user != self.keys.name:
            return None if 3 in self.mute else self.report(message, 3)
        try:
            return self._opened(message)
        except UsmError as error:
            counter = {"level": 1, "digest": 5, "decryption": 6}[error.reason]
            return None if counter in self.mute else self.report(message, counter)

    def _opened(self, message: V3Message) -> bytes | Request:
        if message.level != "noAuthNoPriv":
            usm.verify(message, self.keys)
            late = message.boots != self.boots or abs(message.time - self.time) > 150
            if self.checks_time and late:
                return self.report(message, 2, signed=True)
        if message.level != self.keys.level:
            raise UsmError("level", "another level than the user's")
        scoped = usm.unseal(message, self.keys)
        return V3Request(
            **vars(parse_pdu(b"\x03", message.user, scoped.pdu)),
            message=message,
            engine=self,
            context=scoped.context,
        )

    def report(self, message: V3Message, counter: int | str, *, signed: bool = False) -> bytes:
        """A Report: a usmStats counter by its number, or any by its OID."""
        oid = counter if isinstance(counter, str) else f"{COUNTERS}.{counter}.0"
        row = tlv(0x30, tlv(0x06, oid_bytes(oid)) + number(1, 0x41))
        pdu = tlv(0xA8, number(0) * 3 + tlv(0x30, row))
        return self.seal(message, pdu, level="authNoPriv" if signed else None)

    def seal(self, message: V3Message, pdu: bytes, **how: Any) -> bytes:
        """A message that answers another, with anything different that a test wants."""
        scoped = scoped_pdu(self.engine_id, b"", pdu)
        about: dict[str, Any] = {
            "msg_id": message.msg_id, "engine_id": self.engine_id, "boots": self.boots,
            "time": self.time, "reportable": False,
        }  # fmt: skip
        level = how.pop("level", self.keys.level)
        if level is None:
            return usm.seal_plain(scoped, **(about | {"user": message.user} | how))
        return usm.seal(scoped, **(about | {"keys": self.keys, "level": level} | how))


@dataclass(frozen=True)
class V3Request(Request):
    """A request that came in SNMPv3."""

    message: V3Message = None  # type: ignore[assignment]
    engine: ScriptedEngine = None  # type: ignore[assignment]
    context: bytes = b""

    def answer(self, rows: Iterable[tuple[str, bytes]], **how: Any) -> bytes:
        return self.engine.seal(self.message, self.response(rows, **how))

    def report(self, counter: int | str, *, signed: bool = False) -> bytes:
        """A Report against this request."""
        return self.engine.report(self.message, counter, signed=signed)

    def sealed(self, rows: Iterable[tuple[str, bytes]], **how: Any) -> bytes:
        """The answer in a message that is not as it should be: `ScriptedEngine.seal`."""
        return self.engine.seal(self.message, self.response(rows), **how)

    def of(self, engine: ScriptedEngine) -> V3Request:
        """The same request, answered by another engine."""
        return replace(self, engine=engine)
