"""Why a device is silent in SNMPv3: asks step by step, and names the first thing that is wrong.

Many agents drop a message that they cannot prove or decrypt without a word. But the standard has an
order in which an engine looks at a message (RFC 3414, 3.2): engine, user, digest, time, decryption.
So a message that is right up to some step and wrong on purpose behind it shows how far it came:

1. a discovery: is there an SNMPv3 agent at all?
2. signed, out of the time window: a signed notInTimeWindows Report proves user and authentication;
3. unsigned, where 2 met silence: any word but unknownUserNames says that the user is known;
4. where 2 was answered: without the context, then without privacy. An answer to one of them names
   what was one too many, silence leaves the privacy key.

Nothing is read or changed by it.
"""

from __future__ import annotations

from typing import NamedTuple

from pdutui.backends.snmp.codec import PduCodec, Response
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.types import GarbledAnswer, Timeout
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.v3_codec import REPORTED, Complaint
from pdutui.backends.snmp.v3_reader import V3Conversation, reported
from pdutui.backends.snmp.v3_reports import (
    ReportName,
    no_access,
    words,
    wrong_authentication,
    wrong_privacy,
)
from pdutui.domain.v3 import Level

_SENDS = 2
_AUTHORIZATION_ERROR = 16
_UPTIME = "1.3.6.1.2.1.1.3.0"


class Finding(NamedTuple):
    """What came of the steps."""

    speaks_v3: bool
    """An SNMPv3 engine answered."""
    cause: str
    """What is wrong, for people; goes on from `<where> answers SNMPv3, but `. Empty: not known."""


class _Said(NamedTuple):
    """What one step was answered with."""

    report: ReportName | None
    signed: bool
    status: int
    """errorStatus of a response; 0 for a Report."""


async def why_silent(address: Address, keys: UserKeys, wait_s: float) -> Finding:
    """Find out; at most two datagrams a step, each waited for `wait_s` seconds.

    Raises:
        UsmError: this installation cannot do the user's protocols.
    """
    try:
        conversation = V3Conversation(address, keys)
    except OSError:
        return Finding(False, "")
    try:
        if not await _discovered(conversation, wait_s):
            return Finding(False, "")
        return Finding(True, await _cause(conversation, keys, wait_s))
    except OSError:
        return Finding(False, "")
    finally:
        conversation.close()


async def _discovered(conversation: V3Conversation, wait_s: float) -> bool:
    for _ in range(_SENDS):
        try:
            await conversation.discover(wait_s)
        except (Timeout, GarbledAnswer):
            continue
        return True
    return False


async def _cause(conversation: V3Conversation, keys: UserKeys, wait_s: float) -> str:
    user = keys.user
    if user.auth is not None:
        said = await _ask(conversation, wait_s, "authNoPriv", in_time=False)
        if said is not None and (said.signed or said.report is None):
            return await _behind_authentication(conversation, keys, wait_s)
        if said is not None and said.report == "usmStatsNotInTimeWindows":
            return ""  # not signed: it proves nothing
        if said is not None and said.report is not None:
            return words(said.report, user)
    said = await _ask(conversation, wait_s, "noAuthNoPriv")
    if said is None:
        return _silent(keys)
    if said.report == "usmStatsUnknownUserNames" or user.auth is None:
        if said.status == _AUTHORIZATION_ERROR:
            return no_access(user)
        return "" if said.report is None else words(said.report, user)
    return f"{wrong_authentication(user)} (the user is known, and a signed request met silence)"


async def _behind_authentication(
    conversation: V3Conversation, keys: UserKeys, wait_s: float
) -> str:
    """The digest is right, and still the user's requests meet silence."""
    user = keys.user
    if user.context:
        said = await _ask(conversation, wait_s, user.level, context=b"")
        if said is not None and said.signed:
            return f"it has no context {user.context!r} (without one it answers)"
    if user.priv is None:
        why = f"no context {user.context!r}" if user.context else "other access rights"
        return f"not to user {user.user!r}, whose authentication is right: it may have {why}"
    said = await _ask(conversation, wait_s, "authNoPriv")
    if said is not None and said.report is None and said.status == 0:
        return (
            f"to user {user.user!r} only without privacy: the user has none there, or "
            f"the privacy pass phrase or its protocol ({user.priv}) is wrong"
        )
    if user.context:
        return f"{wrong_privacy(user)}, or it has no context {user.context!r}"
    return (
        f"{wrong_privacy(user)} (the authentication is right; "
        "a device that needs a context name would be silent, too)"
    )


def _silent(keys: UserKeys) -> str:
    user = keys.user
    if user.auth is None:
        return f"not to user {user.user!r}: the user is unknown, or needs authentication"
    return (
        f"not to these credentials: user {user.user!r}, or the pass phrase or protocol "
        f"of authentication ({user.auth}), is wrong"
    )


async def _ask(
    conversation: V3Conversation,
    wait_s: float,
    level: Level,
    *,
    in_time: bool = True,
    context: bytes | None = None,
) -> _Said | None:
    """What a step is answered with; None for silence. Args as `V3Codec.seal`."""
    codec, pdus = conversation.codec, PduCodec()
    for _ in range(_SENDS):
        try:
            response, complaint = await conversation.once(
                lambda number: codec.seal(
                    number,
                    pdus.get_pdu(number, (_UPTIME,)),
                    level=level,
                    in_time=in_time,
                    context=context,
                ),
                wait_s,
            )
        except (Timeout, GarbledAnswer):
            continue
        return _said(response, complaint)
    return None


def _said(response: Response | None, complaint: Complaint | None) -> _Said:
    if complaint is not None:
        return _Said(complaint.name, False, 0)
    assert response is not None
    if response.status == REPORTED:
        return _Said(reported(response), True, 0)
    return _Said(None, True, response.status)
