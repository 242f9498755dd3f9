"""SNMPv3 from the manager's side: messages of one user to one device, and what comes back.

Made for polling: the engine is found once and its clock followed from every proved answer, so that
a request costs one datagram as in v2c, however long it goes on.

What is believed:

- An answer counts if it carries the number of a request that is still open, is signed with the
  user's key of the very engine that was asked, has the user's level, and the same number inside.
  Such an answer cannot be an old one played again: nobody knew the number before. That is why the
  device's clock is taken from it as it is, even backwards: devices that forget the time in a reboot
  would be shut out for ever by the time window alone, which RFC 3414 has for those who cannot tell.
- A Report that is not signed says only that something may be wrong. It is kept as a complaint, for
  when no answer comes; it changes nothing. Only the Report to a discovery is taken without a
  signature, since there is none to have; if it lied, no answer can be proved, and the engine is
  looked for anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pdutui.backends.snmp import usm
from pdutui.backends.snmp.codec import REPORT, RESPONSE, BerError, PduCodec, Response
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.usm_time import EngineClock
from pdutui.backends.snmp.v3_message import V3Message, read_scoped, scoped_pdu
from pdutui.backends.snmp.v3_reports import ReportName, report_name
from pdutui.domain.v3 import Level

REPORTED = -1
"""Status of a Response that is a Report: its first row names the counter."""
FOUND = -2
"""Status of a Response that is the answer to a discovery."""
_FOREIGN = Response(-1, 0, 0, [], None)
"""What is no answer to anything that is open."""
_REMEMBERED = 17
"""Open requests whose answers are still recognised when they come late."""
_SHORTEST_ENGINE_ID = 5


class Engine(NamedTuple):
    """An engine as it is known."""

    engine_id: bytes
    clock: EngineClock


class _Asked(NamedTuple):
    """A request that is open."""

    engine_id: bytes | None
    """None: a discovery."""
    level: Level
    context: bytes = b""


class Complaint(NamedTuple):
    """What was said against a request, unproved."""

    name: ReportName | None
    """None: an answer was signed rightly, but decrypted to nonsense."""


class V3Codec:
    """Makes and reads the messages of one user to one device.

    Args:
        keys: of the user.
        now_s: a clock that never jumps, in seconds.
    """

    def __init__(self, keys: UserKeys, now_s: Callable[[], float]) -> None:
        self.keys = keys
        self.engine: Engine | None = None
        """Set by the answer to a discovery, once there is one."""
        self._now_s = now_s
        self._pdus = PduCodec()
        self._context = keys.user.context.encode()
        self._open: OrderedDict[int, _Asked] = OrderedDict()
        self._complaint: tuple[int, Complaint] | None = None

    def discovery(self, number: int) -> bytes:
        """A question that any engine answers with a Report that names it."""
        self._expect(number, None, "noAuthNoPriv")
        pdu = self._pdus.get_pdu(number, ())
        return usm.seal_plain(scoped_pdu(b"", b"", pdu), msg_id=number, reportable=True)

    def get(self, number: int, oids: Sequence[str]) -> bytes:
        """A GetRequest for `oids`."""
        return self.seal(number, self._pdus.get_pdu(number, oids))

    def next(self, number: int, oid: str, count: int) -> bytes:
        """A GetBulkRequest for up to `count` rows behind `oid`, or a GetNextRequest for one."""
        return self.seal(number, self._pdus.next_pdu(number, oid, count))

    def set(self, number: int, oid: str, value: bytes) -> bytes:
        """A SetRequest for one variable; `value` is an element."""
        return self.seal(number, self._pdus.set_pdu(number, oid, value))

    def seal(
        self,
        number: int,
        pdu: bytes,
        *,
        level: Level | None = None,
        in_time: bool = True,
        context: bytes | None = None,
    ) -> bytes:
        """A request, signed and encrypted. The engine must be known.

        Args:
            number: msgID.
            pdu: the PDU element.
            level: a lower level than the user's own, for probes.
            in_time: False puts it out of the time window, so that a Report answers it.
            context: another contextName than the user's, for probes.

        Raises:
            UsmError: `unsupported`.
        """
        engine = self.engine
        assert engine is not None
        level = self.keys.level if level is None else level
        context = self._context if context is None else context
        self._expect(number, engine.engine_id, level, context)
        clock = engine.clock
        return usm.seal(
            scoped_pdu(engine.engine_id, context, pdu),
            keys=self.keys,
            msg_id=number,
            engine_id=engine.engine_id,
            boots=clock.boots if in_time else 0,
            time=clock.time(self._now_s()) if in_time else 0,
            reportable=True,
            level=level,
        )

    def complaint(self, number: int) -> Complaint | None:
        """What was said against a request, where nothing else came."""
        if self._complaint is None or self._complaint[0] != number:
            return None
        return self._complaint[1]

    def decode(self, data: bytes) -> Response:
        """The answer in a datagram; its request id is the number of the request.

        A signed Report is a Response of status `REPORTED`, the answer to a discovery one of status
        `FOUND`. What answers no open request has a request id that no request has.

        Raises:
            BerError: it is no SNMPv3 message, or not to be believed.
        """
        try:
            message = usm.parse(data)
            number = message.msg_id
            if number not in self._open:
                return _FOREIGN
            asked = self._open[number]
            if asked.engine_id is None:
                return self._found(message)
            response = self._proved(message, asked)
        except UsmError as error:
            raise BerError(str(error)) from None
        self._open.pop(number, None)
        return response

    def _proved(self, message: V3Message, asked: _Asked) -> Response:
        """The answer to `asked` in a message."""
        if message.engine_id != asked.engine_id or message.user != self.keys.name:
            if message.level == "noAuthNoPriv":
                self._complain(message)
            raise BerError("an answer of another engine, or to another user")
        try:
            scoped = usm.unseal(message, self.keys)
        except UsmError as error:
            if error.reason == "decryption":
                self._complaint = (message.msg_id, Complaint(None))
            raise
        if scoped.pdu[:1] == bytes((REPORT,)):
            if message.level == "noAuthNoPriv":
                self._complain(message)
                raise BerError("a Report that is not signed")
            report = self._pdus.decode_pdu(scoped.pdu, REPORT)
            self._follow(message)
            return report._replace(request_id=message.msg_id, status=REPORTED)
        if message.level != asked.level:
            raise BerError("an answer of another level than the request")
        response = self._pdus.decode_pdu(scoped.pdu, RESPONSE)
        if response.request_id != message.msg_id or response.status < 0:
            raise BerError("an answer to another request")
        if (scoped.engine_id, scoped.context) != (asked.engine_id, asked.context):
            raise BerError("an answer out of another context")
        self._follow(message)
        return response

    def _follow(self, message: V3Message) -> None:
        """Take the clock of a proved message of an engine that is still the one."""
        if self.engine is not None and self.engine.engine_id == message.engine_id:
            clock = EngineClock(message.boots, message.time, self._now_s())
            self.engine = Engine(message.engine_id, clock)

    def _found(self, message: V3Message) -> Response:
        if len(message.engine_id) < _SHORTEST_ENGINE_ID:
            raise BerError("an answer that names no engine")
        clock = EngineClock(message.boots, message.time, self._now_s())
        self.engine = Engine(message.engine_id, clock)
        self._open.pop(message.msg_id, None)
        return Response(message.msg_id, FOUND, 0, [], None)

    def _complain(self, message: V3Message) -> None:
        """Keep what an unsigned Report says. Anything else that is unsigned says nothing."""
        if message.encrypted:
            return
        report = self._pdus.decode_pdu(read_scoped(message.body).pdu, REPORT)
        name = report_name(report.rows[0][0]) if report.rows else "another report"
        self._complaint = (message.msg_id, Complaint(name))

    def _expect(
        self, number: int, engine_id: bytes | None, level: Level, context: bytes = b""
    ) -> None:
        self._open[number] = _Asked(engine_id, level, context)
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
