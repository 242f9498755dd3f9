"""SET in SNMPv3: first everything that may be asked twice, then the one datagram that may not.

A SET that meets a wrong engine or a wrong time is answered with a Report and not carried out, and
most managers then send it again. This one need not: the engine is found and the clock set by
a GET of the same variable, by the user who is going to write. Its signed answer proves user, keys
and time, moments before the SET. So there is no reason left to send the SET twice, and it never is.

What is then believed of the answer to the SET: a signed response or Report says what happened. An
unsigned Report says nothing for sure, since anybody may have sent it: the outcome is unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pdutui.backends.base import CommandRejected, Unreachable
from pdutui.backends.snmp.codec import Response, encode_oid, value_element
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.types import GarbledAnswer, SnmpTarget, SnmpValue, Timeout
from pdutui.backends.snmp.usm import UserKeys, UsmError
from pdutui.backends.snmp.v3_codec import REPORTED, Complaint
from pdutui.backends.snmp.v3_reader import V3Conversation, reported
from pdutui.backends.snmp.v3_reports import Reported, Undecipherable, words


async def set_v3(
    target: SnmpTarget,
    keys: UserKeys,
    address: Address,
    oid: str,
    value: SnmpValue,
    *,
    wait_s: float,
    on_sent: Callable[[], None],
    on_extra: Callable[[], None],
) -> Response:
    """Write one variable; gives back the signed answer, whatever it says.

    Args:
        target: whose timeout counts: once for what comes before the SET, once for its answer.
        keys: of the user who writes.
        address: where `target` is.
        oid: what to write.
        value: the value with its type.
        wait_s: how long one of the questions before the SET is waited for.
        on_sent: called when the SET has left.
        on_extra: called for every datagram but the SET.

    Raises:
        CommandRejected: the SET was not sent, or the device says with its signature that it was
            not carried out.
        Unreachable: no answer; the text says whether the command may have arrived.
    """
    try:
        element = value_element(value)
        encode_oid(oid)
    except ValueError as error:
        raise CommandRejected(str(error)) from None
    try:
        conversation = V3Conversation(address, keys, on_extra=on_extra)
    except OSError as error:
        raise Unreachable(f"the command was not sent: {_reason(error, target)}") from None
    try:
        await _prepare(conversation, target, oid, wait_s, on_extra)
        return await _send(conversation, target, oid, element, on_sent)
    finally:
        conversation.close()


async def _prepare(
    conversation: V3Conversation,
    target: SnmpTarget,
    oid: str,
    wait_s: float,
    on_extra: Callable[[], None],
) -> None:
    """Have user, keys and time proved by the answer to a GET."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + target.timeout_s
    while loop.time() < end_s:
        on_extra()
        try:
            await conversation.ask(lambda number: conversation.codec.get(number, (oid,)), wait_s)
        except (Timeout, GarbledAnswer):
            continue
        except OSError as error:
            raise Unreachable(f"the command was not sent: {_reason(error, target)}") from None
        except (Reported, Undecipherable) as error:
            raise CommandRejected(
                f"the command was not sent: the device answers SNMPv3, but {error}"
            ) from None
        except UsmError as error:
            raise CommandRejected(f"the command was not sent: {error}") from None
        return
    user = conversation.codec.keys.user.user
    raise Unreachable(
        f"the command was not sent: the device does not answer user {user!r}, who is to write"
    )


async def _send(
    conversation: V3Conversation,
    target: SnmpTarget,
    oid: str,
    element: bytes,
    on_sent: Callable[[], None],
) -> Response:
    user = conversation.codec.keys.user
    sent = False

    def note_sent() -> None:
        nonlocal sent
        sent = True
        on_sent()

    try:
        response, complaint = await conversation.once(
            lambda number: conversation.codec.set(number, oid, element),
            target.timeout_s,
            note_sent,
        )
    except (Timeout, GarbledAnswer):
        raise Unreachable(
            "the device did not acknowledge the command; it may or may not have arrived"
        ) from None
    except OSError as error:
        reason = _reason(error, target)
        if not sent:
            raise Unreachable(f"the command was not sent: {reason}") from None
        raise Unreachable(
            f"the device did not acknowledge the command ({reason}); it may or may not have arrived"
        ) from None
    if response is None:
        raise Unreachable(_unsigned(complaint))
    if response.status == REPORTED:
        why = words(reported(response), user)
        raise CommandRejected(f"the device did not carry out the command: {why}")
    return response


def _unsigned(complaint: Complaint | None) -> str:
    name = None if complaint is None else complaint.name
    what = "an answer that cannot be decrypted" if name is None else f"an unsigned report ({name})"
    return (
        f"the device did not acknowledge the command, and {what} came back: "
        "it may or may not have been carried out"
    )


def _reason(error: OSError, target: SnmpTarget) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"no SNMP agent on port {target.port}"
    return error.strerror or type(error).__name__
