"""The user-based security model (RFC 3414) for one user: making, proving and opening messages.

Used by the client, by the simulator's agent and by the trap receiver. There is no global state: a
`UserKeys` belongs to one set of credentials, so two devices with one user name and two pass phrases
cannot mix.

    keys = UserKeys(V3User(user="ops", auth="SHA256", auth_key=..., priv="AES128", priv_key=...))

Sending, in either role::

    datagram = seal(scoped, keys=keys, msg_id=n, engine_id=engine, boots=b, time=t, reportable=True)

where `scoped` is `v3_message.scoped_pdu(context_engine_id, context_name, pdu)`. `engine_id`, boots
and time are always those of the authoritative engine: the agent's for requests, responses and
traps, the receiver's for informs. `seal_plain` makes what no user has to prove: a discovery, or the
Report to one.

Receiving::

    message = parse(datagram)              # believe nothing yet; UsmError("garbled")
    keys = users[message.user]             # the caller's own table
    scoped = unseal(message, keys)         # proves the digest, then decrypts

`unseal` uses the level that the message itself says it has. Whether that level is enough for what
the message asks or tells, and whether boots and time are within the window (`usm_time`), is for the
caller to say: the rules differ between the roles.

Nothing here raises anything but `UsmError`, whatever the bytes are.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
from collections import OrderedDict
from typing import Literal, NamedTuple

from pdutui.backends.snmp import v3_message
from pdutui.backends.snmp.codec import MAX_DATAGRAM, OCTETS, BerError, tlv
from pdutui.backends.snmp.usm_cipher import (
    CipherFailed,
    CipherMissing,
    check,
    decrypt,
    encrypt,
    salt,
)
from pdutui.backends.snmp.usm_keys import AUTHS, localized, pass_phrase_key, privacy_key
from pdutui.backends.snmp.v3_message import FLAGS, REPORTABLE, ScopedPdu, V3Message
from pdutui.domain.v3 import Level, V3User

Reason = Literal["garbled", "level", "digest", "decryption", "unsupported"]
"""What is wrong with a message:

garbled: no SNMPv3 message of this security model, or a broken one.
level: it is authenticated or encrypted, and the user has no key for that.
digest: the digest is not the one these credentials make (wrong key or protocol, or a forgery).
decryption: the digest is right, but what was decrypted is nonsense (wrong privacy key or protocol).
unsupported: this installation has no such hash or cipher; the text says which.
"""

_ENGINES = 8
"""Engines whose keys are kept; a device has one, a trap user may have many."""
_RANKS: dict[Level, int] = {"noAuthNoPriv": 0, "authNoPriv": 1, "authPriv": 2}


class UsmError(Exception):
    """A message that cannot be made or must not be believed. The text holds no secret."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class EngineKeys(NamedTuple):
    """The keys of one user on one engine."""

    auth: bytes
    priv: bytes

    def __repr__(self) -> str:
        return "EngineKeys(***)"


class UserKeys:
    """The keys of one user, made when they are first needed (1 to 3 ms each) and remembered.

    Args:
        user: the credentials.
        engines: how many engines' keys are kept.
    """

    __slots__ = ("_base", "_counter", "_engines", "_known", "name", "user")

    def __init__(self, user: V3User, engines: int = _ENGINES) -> None:
        self.user = user
        self.name = user.user.encode()
        """msgUserName."""
        self._base: tuple[bytes, bytes] | None = None
        self._known: OrderedDict[bytes, EngineKeys] = OrderedDict()
        self._engines = engines
        self._counter = secrets.randbits(64)

    @property
    def level(self) -> Level:
        """The highest level there are keys for."""
        return self.user.level

    def supports(self, level: Level) -> bool:
        """Whether there are keys for a level."""
        return _RANKS[level] <= _RANKS[self.user.level]

    def on(self, engine_id: bytes) -> EngineKeys:
        """The keys for one engine. Raises UsmError (unsupported)."""
        keys = self._known.get(engine_id)
        if keys is not None:
            return keys
        try:
            keys = self._make(engine_id)
        except ValueError as error:
            raise UsmError("unsupported", f"authentication {self.user.auth}: {error}") from None
        self._known[engine_id] = keys
        while len(self._known) > self._engines:
            self._known.popitem(last=False)
        return keys

    def prepare(self) -> None:
        """Do what takes long (some 50 ms the first time in a process); may run in a thread.

        What is wrong is told by the first message that is made or opened.
        """
        user = self.user
        if user.priv is not None:
            with contextlib.suppress(CipherMissing):
                check(user.priv)
        if user.auth is not None:
            with contextlib.suppress(ValueError):
                self._phrases(AUTHS[user.auth].hash_name)

    def next_salt(self, boots: int) -> bytes:
        """A salt that no other message of these keys has."""
        assert self.user.priv is not None
        self._counter += 1
        return salt(self.user.priv, boots, self._counter)

    def _make(self, engine_id: bytes) -> EngineKeys:
        user = self.user
        if user.auth is None:
            return EngineKeys(b"", b"")
        name = AUTHS[user.auth].hash_name
        auth, priv = self._phrases(name)
        return EngineKeys(
            localized(name, auth, engine_id),
            b"" if user.priv is None else privacy_key(name, priv, user.priv, engine_id),
        )

    def _phrases(self, hash_name: str) -> tuple[bytes, bytes]:
        if self._base is None:
            phrases = (self.user.auth_key, self.user.priv_key)
            made = [
                b"" if one is None else pass_phrase_key(hash_name, one.reveal().encode())
                for one in phrases
            ]
            self._base = (made[0], made[1])
        return self._base

    def __repr__(self) -> str:
        return f"UserKeys({self.user.user!r}, {self.level})"


def parse(datagram: bytes) -> V3Message:
    """Take a datagram apart, believing nothing. Raises UsmError (garbled)."""
    try:
        return v3_message.parse(datagram)
    except BerError as error:
        raise UsmError("garbled", str(error)) from None


def seal(
    scoped: bytes,
    *,
    keys: UserKeys,
    msg_id: int,
    engine_id: bytes,
    boots: int,
    time: int,
    reportable: bool,
    level: Level | None = None,
    max_size: int = MAX_DATAGRAM,
) -> bytes:
    """A message of a user, encrypted and signed.

    Args:
        scoped: the scoped PDU element.
        keys: of the user.
        msg_id: msgID; an answer carries that of the request.
        engine_id: the authoritative engine.
        boots: its engineBoots.
        time: its engineTime, in seconds.
        reportable: for requests and informs; not for responses, traps and reports.
        level: a lower level than the keys would allow (probes, Reports); None: the keys' own.
        max_size: the longest answer that is wanted.

    Raises:
        UsmError: `level` (no keys for it) or `unsupported`.
    """
    level = keys.level if level is None else level
    if not keys.supports(level):
        raise UsmError("level", f"the user has no keys for {level}")
    user = keys.user
    salt_, body, digest_size = b"", scoped, 0
    own = keys.on(engine_id) if level != "noAuthNoPriv" else EngineKeys(b"", b"")
    if level == "authPriv":
        assert user.priv is not None
        salt_ = keys.next_salt(boots)
        try:
            body = tlv(OCTETS, encrypt(user.priv, own.priv, boots, time, salt_, scoped))
        except CipherMissing as error:
            raise UsmError("unsupported", str(error)) from None
    if level != "noAuthNoPriv":
        assert user.auth is not None
        digest_size = AUTHS[user.auth].mac_size
    message, at = v3_message.encode(
        msg_id=msg_id,
        flags=FLAGS[level] | (REPORTABLE if reportable else 0),
        engine_id=engine_id,
        boots=boots,
        time=time,
        user=keys.name,
        digest_size=digest_size,
        salt=salt_,
        body=body,
        max_size=max_size,
    )
    if not digest_size:
        return message
    assert user.auth is not None
    digest = _digest(own.auth, AUTHS[user.auth].hash_name, message)[:digest_size]
    return message[:at] + digest + message[at + digest_size :]


def seal_plain(
    scoped: bytes,
    *,
    msg_id: int,
    engine_id: bytes = b"",
    boots: int = 0,
    time: int = 0,
    user: bytes = b"",
    reportable: bool,
    max_size: int = MAX_DATAGRAM,
) -> bytes:
    """A message that nobody signs: a discovery, or an agent's Report to one. Args as `seal`."""
    message, _ = v3_message.encode(
        msg_id=msg_id,
        flags=REPORTABLE if reportable else 0,
        engine_id=engine_id,
        boots=boots,
        time=time,
        user=user,
        digest_size=0,
        salt=b"",
        body=scoped,
        max_size=max_size,
    )
    return message


def verify(message: V3Message, keys: UserKeys) -> None:
    """Prove the digest of a message that says it has one; does not decrypt.

    Raises:
        UsmError: `level` (the message or the user is without authentication), `digest`,
            `unsupported`.
    """
    auth = keys.user.auth
    if auth is None or message.level == "noAuthNoPriv":
        raise UsmError("level", "without authentication there is nothing to prove")
    protocol = AUTHS[auth]
    size = protocol.mac_size
    if len(message.digest) != size:
        raise UsmError("digest", "the digest is as long as another protocol's")
    data, at = message.data, message.digest_at
    blank = data[:at] + bytes(size) + data[at + size :]
    right = _digest(keys.on(message.engine_id).auth, protocol.hash_name, blank)[:size]
    if not hmac.compare_digest(right, message.digest):
        raise UsmError("digest", "the digest is not what these credentials make")


def unseal(message: V3Message, keys: UserKeys) -> ScopedPdu:
    """Prove a message at the level it says it has, decrypt it, and give back what it is about.

    A message at noAuthNoPriv proves nothing: whether it may count is for the caller to say.

    Raises:
        UsmError: any reason.
    """
    if not keys.supports(message.level):
        raise UsmError("level", f"the user has no keys for {message.level}")
    body = message.body
    if message.level != "noAuthNoPriv":
        verify(message, keys)
    if message.encrypted:
        priv = keys.user.priv
        assert priv is not None
        key = keys.on(message.engine_id).priv
        try:
            body = decrypt(priv, key, message.boots, message.time, message.salt, body)
        except CipherFailed as error:
            raise UsmError("decryption", str(error)) from None
        except CipherMissing as error:
            raise UsmError("unsupported", str(error)) from None
    try:
        return v3_message.read_scoped(body)
    except BerError as error:
        reason: Reason = "decryption" if message.encrypted else "garbled"
        raise UsmError(reason, str(error)) from None


def _digest(key: bytes, hash_name: str, data: bytes) -> bytes:
    try:
        return hmac.digest(key, data, hash_name)
    except ValueError as error:
        raise UsmError("unsupported", str(error)) from None
