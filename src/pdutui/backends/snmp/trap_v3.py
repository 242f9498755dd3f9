"""SNMPv3 traps and informs (RFC 3414).

A trap is proved with the sender's engine: its id is in the message, the keys are those of the users
that are configured for the PDU. An inform is proved with ours: who wants to send one asks for our
engine first, and is told by a Report.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from pdutui.backends.snmp import ber, usm
from pdutui.backends.snmp.ber import BadMessage, Cursor
from pdutui.backends.snmp.trap_engine import OwnEngine
from pdutui.backends.snmp.trap_message import INFORM, Notification, decode_pdu, pdu_bytes
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.usm_time import EngineClock, in_own_window
from pdutui.backends.snmp.v3_message import ScopedPdu, V3Message, scoped_pdu
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import Level

_STATS = "1.3.6.1.6.3.15.1.1"
"""usmStats."""
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION = range(
    1, 7
)
_ENGINES = 512


class Credential(NamedTuple):
    """The keys of one user, and which PDU they are configured for."""

    owner: str
    keys: UserKeys


class Untrusted(Exception):
    """A message that must not count; the text says why and holds no secret."""

    def __init__(self, why: str, answer: bytes | None = None, *, routine: bool = False) -> None:
        super().__init__(why)
        self.answer = answer
        """The Report to send back, if there is one."""
        self.routine = routine
        """It is how an inform begins, and no cause for alarm."""


class Proved(NamedTuple):
    """A notification that somebody's credentials have proved."""

    notification: Notification
    owners: tuple[str, ...]
    """The PDUs whose credentials do."""
    engine_id: bytes | None
    """The sender's; None for an inform, which names ours."""
    level: Level
    answer: bytes | None
    """The Response to an inform."""


class V3Receiver:
    """Opens v3 messages; remembers the clocks of engines, a bounded number of them."""

    def __init__(self, engine: OwnEngine) -> None:
        self.engine = engine
        self._clocks: OrderedDict[bytes, EngineClock] = OrderedDict()
        self._counts = [0] * 7

    def receive(
        self, message: V3Message, credentials: Sequence[Credential], now_s: float
    ) -> Proved:
        """Prove a message.

        Args:
            message: as it came.
            credentials: of the PDUs that may be at the address, or that have this engine.
            now_s: monotonic time.

        Raises:
            BadMessage: it is authentic and no notification.
            Untrusted: it must not count.
        """
        own = message.engine_id == self.engine.engine_id
        if message.reportable and not own:
            # An inform of somebody who does not know our engine yet, or knew an earlier one.
            raise Untrusted(
                "engine discovery" if not message.engine_id else "unknown engine",
                self._report(message, UNKNOWN_ENGINE, now_s),
                routine=True,
            )
        named = [one for one in credentials if one.keys.name == message.user]
        if not named:
            report = self._report(message, UNKNOWN_USER, now_s) if own else None
            raise Untrusted("unknown SNMPv3 user", report)
        owners, scoped = self._open(message, named, own, now_s)
        if own:
            self._in_window(message, owners[0], now_s)
        elif message.level != "noAuthNoPriv":
            self._no_replay(message, now_s)
        return self._read(message, owners, scoped, own, now_s)

    def _open(
        self, message: V3Message, named: Sequence[Credential], own: bool, now_s: float
    ) -> tuple[list[Credential], ScopedPdu]:
        """All credentials that fit: two PDUs may have one user with one pass phrase."""
        fitting: list[Credential] = []
        scoped: ScopedPdu | None = None
        worst: UsmError | None = None
        for one in named:
            if message.level != one.keys.level:
                worst = worst or UsmError("level", f"{message.level} where {one.keys.level} is set")
                continue
            try:
                scoped = usm.unseal(message, one.keys)
            except UsmError as error:
                worst = error
            else:
                fitting.append(one)
        if scoped is None:
            assert worst is not None
            number = {
                "level": UNSUPPORTED_LEVEL,
                "digest": WRONG_DIGEST,
                "decryption": DECRYPTION,
            }.get(worst.reason)
            report = self._report(message, number, now_s) if own and number else None
            raise Untrusted(_words(worst), report)
        return fitting, scoped

    def _in_window(self, message: V3Message, user: Credential, now_s: float) -> None:
        """An inform must carry our clock; who has none of it yet is told it, signed."""
        if message.level == "noAuthNoPriv":
            return
        time = self.engine.time(now_s)
        if in_own_window(self.engine.boots, time, message.boots, message.time):
            return
        report = self._report(message, NOT_IN_WINDOW, now_s, signer=user.keys)
        raise Untrusted("clock out of window", report, routine=report is not None)

    def _no_replay(self, message: V3Message, now_s: float) -> None:
        clock = self._clocks.get(message.engine_id)
        if clock is None:
            clock = EngineClock(message.boots, message.time, now_s)
            self._clocks[message.engine_id] = clock
            while len(self._clocks) > _ENGINES:
                self._clocks.popitem(last=False)
            return
        self._clocks.move_to_end(message.engine_id)
        if not clock.acceptable(message.boots, message.time, now_s):
            raise Untrusted("an old message, sent again")
        clock.note(message.boots, message.time, now_s)

    def _read(
        self,
        message: V3Message,
        owners: Sequence[Credential],
        scoped: ScopedPdu,
        own: bool,
        now_s: float,
    ) -> Proved:
        outer = Cursor(scoped.pdu)
        tag, content = outer.element()
        notification, request_id, body = decode_pdu(tag, content, "3", Secret(""))
        if notification.inform != own:
            raise BadMessage("an inform names the receiver's engine, a trap the sender's")
        answer = None
        if tag == INFORM:
            response = scoped_pdu(
                scoped.engine_id, scoped.context, pdu_bytes(ber.RESPONSE, request_id, body)
            )
            answer = usm.seal(
                response,
                keys=owners[0].keys,
                msg_id=message.msg_id,
                engine_id=self.engine.engine_id,
                boots=self.engine.boots,
                time=self.engine.time(now_s),
                reportable=False,
                level=message.level,
            )
        return Proved(
            notification,
            tuple(dict.fromkeys(one.owner for one in owners)),
            None if own else message.engine_id,
            message.level,
            answer,
        )

    def _report(
        self, message: V3Message, number: int, now_s: float, signer: UserKeys | None = None
    ) -> bytes | None:
        """A Report, for a sender who wants one."""
        if not message.reportable:
            return None
        self._counts[number] = (self._counts[number] + 1) & 0xFFFFFFFF
        counter = ber.tlv(ber.COUNTER32, ber.int_content(self._counts[number]))
        name = ber.encode_oid(ber.parse_oid(f"{_STATS}.{number}.0"))
        pdu = pdu_bytes(ber.REPORT, b"\x00", ber.varbind(name, counter))
        engine = self.engine
        scoped = scoped_pdu(engine.engine_id, b"", pdu)
        if signer is None:
            return usm.seal_plain(
                scoped,
                msg_id=message.msg_id,
                engine_id=engine.engine_id,
                boots=engine.boots,
                time=engine.time(now_s),
                user=message.user,
                reportable=False,
            )
        return usm.seal(
            scoped,
            keys=signer,
            msg_id=message.msg_id,
            engine_id=engine.engine_id,
            boots=engine.boots,
            time=engine.time(now_s),
            reportable=False,
            level="authNoPriv",
        )


def _words(error: UsmError) -> str:
    return {
        "level": "wrong SNMPv3 security level",
        "digest": "wrong SNMPv3 authentication key",
        "decryption": "wrong SNMPv3 privacy key",
    }.get(error.reason, f"SNMPv3: {error}")
