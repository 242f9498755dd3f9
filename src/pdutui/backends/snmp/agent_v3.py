"""The SNMPv3 side of an agent: an authoritative engine with users (RFC 3412, 3414, 3415).

It proves, opens and answers v3 messages; what the answer says comes from the agent that it is put
in front of. An engine without users still answers a discovery, as every agent has to: that is how a
manager tells a device that is alive from one that is not, even where no community fits.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from pdutui.backends.snmp import ber, usm
from pdutui.backends.snmp.ber import BadMessage, Message, Oid
from pdutui.backends.snmp.codec import BerError
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.usm_time import in_own_window
from pdutui.backends.snmp.v3_message import ScopedPdu, V3Message, read_scoped, scoped_pdu
from pdutui.domain.clock import Clock
from pdutui.domain.v3 import Level, V3User

_USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED_SEC_LEVELS: Oid = (*_USM_STATS, 1, 0)
NOT_IN_TIME_WINDOWS: Oid = (*_USM_STATS, 2, 0)
UNKNOWN_USER_NAMES: Oid = (*_USM_STATS, 3, 0)
UNKNOWN_ENGINE_IDS: Oid = (*_USM_STATS, 4, 0)
WRONG_DIGESTS: Oid = (*_USM_STATS, 5, 0)
DECRYPTION_ERRORS: Oid = (*_USM_STATS, 6, 0)
UNKNOWN_CONTEXTS: Oid = (1, 3, 6, 1, 6, 3, 12, 1, 5, 0)
UNKNOWN_PDU_HANDLERS: Oid = (1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0)

_COUNTER_OF: dict[usm.Reason, Oid] = {
    "level": UNSUPPORTED_SEC_LEVELS,
    "unsupported": UNSUPPORTED_SEC_LEVELS,
    "digest": WRONG_DIGESTS,
    "decryption": DECRYPTION_ERRORS,
}
_AUTHORIZATION_ERROR = 16
_SMALLEST_MAX_SIZE = 484
_HEADERS = 140
"""Octets around a PDU in a v3 message at most, names and engine ids apart."""
_BOOTS_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_ENTERPRISE = bytes.fromhex("80001f8804")
"""RFC 3411: an engine id of net-snmp's enterprise (8072), in format 4, text."""

Respond = Callable[[Message, bool], bytes | None]
"""The response PDU to a request of somebody who may read, and may write where the flag says so.
Raises BadMessage."""


def engine_id_of(text: str) -> bytes:
    """An engine id that is always the same for the same text."""
    return _ENTERPRISE + b"pdutui-" + hashlib.sha256(text.encode()).hexdigest()[:12].encode()


class V3Access(NamedTuple):
    """A user of an agent."""

    user: V3User
    """Asked at a lower level than these credentials give, nothing is told. The context does not
    count here."""
    may_write: bool


class _Refused(Exception):
    """A message that is answered with a Report."""

    def __init__(self, counter: Oid, level: Level = "noAuthNoPriv") -> None:
        super().__init__(counter)
        self.counter = counter
        self.level = level


class V3Engine:
    """An authoritative engine.

    Args:
        clock: engineTime runs by its monotonic time. engineBoots begins with its wall time: an
            agent that is started again has booted once more without keeping a file.
        engine_id: snmpEngineID.
        users: may ask; each name once.
        context: the one contextName that is served.
        reboot_after_s: so many seconds after the start engineBoots grows by one, and engineTime
            begins anew.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        engine_id: bytes,
        users: Iterable[V3Access] = (),
        context: str = "",
        reboot_after_s: float | None = None,
    ) -> None:
        self.engine_id = engine_id
        self._clock = clock
        self._start_s = clock.monotonic()
        self._first_boots = max(1, int((clock.now() - _BOOTS_SINCE).total_seconds()))
        self._reboot_after_s = reboot_after_s
        self._context = context.encode()
        self.users = tuple(users)
        """Who may ask."""
        self._users: dict[bytes, tuple[UserKeys, bool]] = {}
        for access in self.users:
            keys = UserKeys(access.user)
            self._users[keys.name] = (keys, access.may_write)
        self.counters: Counter[Oid] = Counter()
        """How often each Report was due, by its object."""

    @property
    def boots(self) -> int:
        """How often the engine has booted: snmpEngineBoots."""
        return self._first_boots + self._rebooted

    @property
    def time(self) -> int:
        """Seconds since it last did: snmpEngineTime."""
        up_s = self._clock.monotonic() - self._start_s
        return int(up_s - (self._reboot_after_s or 0.0) if self._rebooted else up_s)

    @property
    def _rebooted(self) -> bool:
        after_s = self._reboot_after_s
        return after_s is not None and self._clock.monotonic() - self._start_s >= after_s

    def answer(self, datagram: bytes, respond: Respond, max_message: int) -> bytes | None:
        """The answer to a datagram; None for silence: garbage, or nothing that wants an answer.

        Args:
            datagram: as it came.
            respond: what is in front of the MIB.
            max_message: longest answer in bytes.
        """
        try:
            message = usm.parse(datagram)
            return self._answer(message, respond, max_message)
        except (UsmError, BadMessage):
            return None

    def _answer(self, message: V3Message, respond: Respond, max_message: int) -> bytes | None:
        keys: UserKeys | None = None
        scoped: ScopedPdu | None = None
        try:
            keys, may_write = self._known(message)
            scoped = self._opened(message, keys)
            return self._served(message, keys, scoped, may_write, respond, max_message)
        except _Refused as refused:
            self.counters[refused.counter] += 1
            return self._report(message, refused, keys, scoped) if message.reportable else None

    def _known(self, message: V3Message) -> tuple[UserKeys, bool]:
        """The user, by the steps 3 and 4 of RFC 3414, 3.2."""
        if message.engine_id != self.engine_id:
            raise _Refused(UNKNOWN_ENGINE_IDS)
        user = self._users.get(message.user)
        if user is None:
            raise _Refused(UNKNOWN_USER_NAMES)
        return user

    def _opened(self, message: V3Message, keys: UserKeys) -> ScopedPdu:
        """What the message is about, by the steps 5 to 8."""
        try:
            if not keys.supports(message.level):
                raise _Refused(UNSUPPORTED_SEC_LEVELS)
            if message.level != "noAuthNoPriv":
                usm.verify(message, keys)
                if not in_own_window(self.boots, self.time, message.boots, message.time):
                    raise _Refused(NOT_IN_TIME_WINDOWS, "authNoPriv")
            return usm.unseal(message, keys)
        except UsmError as error:
            counter = _COUNTER_OF.get(error.reason)
            if counter is None:
                raise
            raise _Refused(counter) from error

    def _served(
        self,
        message: V3Message,
        keys: UserKeys,
        scoped: ScopedPdu,
        may_write: bool,
        respond: Respond,
        max_message: int,
    ) -> bytes | None:
        if scoped.engine_id != self.engine_id:
            raise _Refused(UNKNOWN_PDU_HANDLERS, message.level)
        if scoped.context != self._context:
            raise _Refused(UNKNOWN_CONTEXTS, message.level)
        longest = min(max_message, max(message.max_size, _SMALLEST_MAX_SIZE))
        names = 2 * len(self.engine_id) + len(keys.name) + len(scoped.context)
        request = msgspec.structs.replace(
            ber.decode_pdu(scoped.pdu), limit=longest - _HEADERS - names
        )
        if message.level != keys.level:
            pdu = _not_authorized(request)
        else:
            pdu = respond(request, may_write)
        if pdu is None:
            return None
        return usm.seal(
            scoped_pdu(scoped.engine_id, scoped.context, pdu),
            keys=keys,
            msg_id=message.msg_id,
            engine_id=self.engine_id,
            boots=self.boots,
            time=self.time,
            reportable=False,
            level=message.level,
            max_size=max_message,
        )

    def _report(
        self,
        message: V3Message,
        refused: _Refused,
        keys: UserKeys | None,
        scoped: ScopedPdu | None,
    ) -> bytes:
        scoped = scoped or _in_plain(message)
        request_id = ber.request_id_of(scoped.pdu) if scoped is not None else b"\x00"
        count = ber.encode_int(ber.COUNTER32, self.counters[refused.counter] & 0xFFFFFFFF)
        pdu = ber.report(request_id, ber.varbind(ber.encode_oid(refused.counter), count))
        body = scoped_pdu(self.engine_id, b"" if scoped is None else scoped.context, pdu)
        if keys is not None and refused.level != "noAuthNoPriv":
            return usm.seal(
                body,
                keys=keys,
                msg_id=message.msg_id,
                engine_id=self.engine_id,
                boots=self.boots,
                time=self.time,
                reportable=False,
                level=refused.level,
            )
        return usm.seal_plain(
            body,
            msg_id=message.msg_id,
            engine_id=self.engine_id,
            boots=self.boots,
            time=self.time,
            user=message.user,
            reportable=False,
        )


def _in_plain(message: V3Message) -> ScopedPdu | None:
    """What an unencrypted message is about, unproved: for the request-id of a Report."""
    try:
        return None if message.encrypted else read_scoped(message.body)
    except BerError:
        return None


def _not_authorized(request: Message) -> bytes | None:
    """What access control says to a level that is too low (RFC 3413, 3.2)."""
    if request.pdu not in (ber.GET, ber.GET_NEXT, ber.GET_BULK, ber.SET):
        return None
    return ber.echo(request, _AUTHORIZATION_ERROR, 0)
