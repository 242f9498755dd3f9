"""SET: one variable, one datagram, one answer, checked.

In v1 and v2c the message is made and read by pysnmp, an implementation of its own beside the one
that reads; in v3 by `v3_writer`. It goes over a socket of its own, connected to the device, that
lives for this one request. Nothing here sends a SET twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pdutui.backends.base import CommandRejected, DeviceError, Unreachable
from pdutui.backends.snmp.codec import Response
from pdutui.backends.snmp.exchange import Address, Exchange
from pdutui.backends.snmp.opening import load_pysnmp_codec
from pdutui.backends.snmp.types import GarbledAnswer, SnmpTarget, SnmpValue, Timeout
from pdutui.backends.snmp.usm import UserKeys
from pdutui.backends.snmp.v3_writer import set_v3

_WORDS = {
    1: "the answer would be too big (tooBig)",
    2: "there is no such object, or it cannot be written by this {who} (noSuchName)",
    3: "it does not take this value (badValue)",
    4: "it is read-only (readOnly)",
    5: "the device failed to do it (genErr)",
    6: "access to it is not allowed (noAccess)",
    7: "it wants another type of value (wrongType)",
    8: "it wants a value of another length (wrongLength)",
    9: "the value is encoded wrongly for it (wrongEncoding)",
    10: "it does not take this value (wrongValue)",
    11: "it cannot be created (noCreation)",
    12: "it does not take this value at present (inconsistentValue)",
    13: "the device lacks the means at present (resourceUnavailable)",
    14: "the device could not commit it (commitFailed)",
    15: "the device could not undo it: its state is unclear (undoFailed)",
    16: "this {who} may not write it (authorizationError)",
    17: "it is not writable (notWritable)",
    18: "it does not exist in this state of the device (inconsistentName)",
}


async def set_variable(
    target: SnmpTarget,
    address: Address,
    oid: str,
    value: SnmpValue,
    *,
    on_sent: Callable[[], None],
    on_heard: Callable[[float], None],
    reads_work: bool,
    wait_s: float,
    on_extra: Callable[[], None],
    keys: UserKeys | None = None,
) -> None:
    """Write one variable and check the answer.

    Args:
        target: whose write community (or v3 user) and timeout count.
        address: where `target` is.
        oid: what to write.
        value: the value with its type.
        on_sent: called when the datagram has left.
        on_heard: called with the seconds it took when a valid answer is in, whatever it says.
        reads_work: whether the device answers the read community; it makes the error text better.
        wait_s: how long a question before the SET is waited for; v3 only.
        on_extra: called for every datagram but the SET; v3 only.
        keys: of the user who writes; v3 only.

    Raises:
        CommandRejected: the device said no, or there is nobody to write as.
        DeviceError: the answer does not fit what was written.
        Unreachable: no answer; the text says whether the command may have arrived.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    if target.version == "3":
        if keys is None:
            raise CommandRejected("no SNMPv3 user to write with is configured")

        def note_v3_sent() -> None:
            nonlocal began
            began = loop.time()
            on_sent()

        response = await set_v3(
            target, keys, address, oid, value,
            wait_s=wait_s, on_sent=note_v3_sent, on_extra=on_extra,
        )  # fmt: skip
        on_heard(loop.time() - began)
        _check(response, oid, value, "user")
        return
    if target.write_community is None:
        raise CommandRejected("no write community configured")
    # pysnmp takes some 100 ms to import: in a thread, so that the loop goes on.
    codec_class = await asyncio.to_thread(load_pysnmp_codec)
    codec = codec_class(target.version, target.write_community)
    try:
        codec.set(0, oid, value)
    except ValueError as error:
        raise CommandRejected(str(error)) from None
    sent = False

    def note_sent() -> None:
        nonlocal sent
        sent = True
        on_sent()

    began = loop.time()
    exchange: Exchange | None = None
    try:
        exchange = Exchange(address, codec)
        response = await exchange.ask(
            lambda number: codec.set(number, oid, value), target.timeout_s, note_sent
        )
    except OSError as error:
        raise Unreachable(_not_delivered(target, error, sent)) from None
    except (Timeout, GarbledAnswer):
        raise Unreachable(_unacknowledged(reads_work)) from None
    finally:
        if exchange is not None:
            exchange.close()
    on_heard(loop.time() - began)
    _check(response, oid, value, "community")


def _check(response: Response, oid: str, value: SnmpValue, who: str) -> None:
    if response.status:
        words = _WORDS.get(response.status, f"errorStatus {response.status}").format(who=who)
        raise CommandRejected(f"the device rejected the command: {words}")
    answered = dict(response.rows)
    if oid not in answered:
        raise DeviceError("the device's answer to the command does not speak of what was written")
    got = answered[oid]
    if got is None:
        raise CommandRejected("the device rejected the command: it has no such object to write")
    wrote = value.value
    if value.syntax == "string" and isinstance(wrote, str):
        wrote = wrote.encode()
    if got != wrote:
        raise DeviceError(
            f"the device acknowledged another value than was written ({got!r}, not {wrote!r}): "
            "whether it took the command shows in its state"
        )


def _not_delivered(target: SnmpTarget, error: OSError, sent: bool) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"no SNMP agent on port {target.port}: the command did not arrive"
    reason = error.strerror or type(error).__name__
    if not sent:
        return f"the command was not sent: {reason}"
    return f"the device did not acknowledge the command ({reason}); it may or may not have arrived"


def _unacknowledged(reads_work: bool) -> str:
    text = "the device did not acknowledge the command; it may or may not have arrived"
    if reads_work:
        text += " (it does answer to the read community: is the write community right?)"
    return text
