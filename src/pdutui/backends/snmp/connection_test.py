"""A connection tried step by step, so that a person sees how far it got and why no further.

Nothing is ever written to the device: whether it would take a command is told from what it answers
to reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from pdutui.backends.base import Backend, BackendError, Unreachable, Unsupported
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.client import SnmpClient
from pdutui.backends.snmp.codec import MAX_DATAGRAM, engine_discovery, is_report
from pdutui.backends.snmp.exchange import Address, connected_socket, new_request_id, send_now
from pdutui.backends.snmp.opening import resolve
from pdutui.backends.snmp.recognise import read_system
from pdutui.backends.snmp.types import RequestLimits, SnmpTarget
from pdutui.domain.address import format_address
from pdutui.domain.clock import Clock
from pdutui.domain.reading import Reading

StepName = Literal["reachable", "snmp", "credentials", "recognised", "readable", "writable"]
StepState = Literal["ok", "failed", "unknown"]
STEPS: tuple[StepName, ...] = (
    "reachable", "snmp", "credentials", "recognised", "readable", "writable",
)  # fmt: skip
TITLES: dict[StepName, str] = {
    "reachable": "reachable",
    "snmp": "answers SNMP",
    "credentials": "credentials right",
    "recognised": "recognised",
    "readable": "readable",
    "writable": "writable",
}
"""How the steps are called on a screen."""
_KNOCK_WAIT_S = 0.4
_KNOCKS = 2

Knock = Literal["answered", "refused", "silent"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How one step ended."""

    name: StepName
    state: StepState
    """unknown: it could not be told, or an earlier step failed, or there was nothing to try."""
    words: str
    """What was found, for people; holds no secret."""


class Findings(msgspec.Struct, kw_only=True):
    """What a test found out besides its steps; filled while it goes on."""

    reading: Reading | None = None
    """The reading that the step `readable` took."""


async def try_connection(
    target: SnmpTarget,
    *,
    clock: Clock,
    backend: Callable[[SnmpTarget], Backend],
    findings: Findings | None = None,
) -> AsyncIterator[Step]:
    """Try a connection; gives every one of `STEPS` as soon as it is known, in their order.

    Args:
        target: where the device is and the credentials to try.
        clock: the time.
        backend: makes what reads the device, with the profile to try; it is closed in the end.
        findings: takes what is found on the way.
    """
    try:
        addresses = await resolve(target, target.timeout_s)
    except Unreachable as error:
        yield Step(name="reachable", state="failed", words=str(error))
        for name in STEPS[1:]:
            yield _not_tried(name)
        return
    where = _where(target, addresses)
    knock = await _knock(addresses[0], min(_KNOCK_WAIT_S, target.timeout_s))
    if knock == "answered":  # sure before the credentials are
        yield Step(name="reachable", state="ok", words=f"{where} answers")
        yield Step(name="snmp", state="ok", words="an SNMP agent is there")
    trouble = await _first_question(target, clock)
    for step in _told_by(trouble, knock, target, where)[2 if knock == "answered" else 0 :]:
        yield step
    if trouble is not None:
        for name in STEPS[3:]:
            yield _not_tried(name)
        return
    async for step in _use(target, clock, backend(target), findings or Findings()):
        yield step


async def _first_question(target: SnmpTarget, clock: Clock) -> BackendError | None:
    """Ask what any device answers; gives what went wrong."""
    client = SnmpClient(target, RequestLimits(), clock=clock, reader="own")
    try:
        await read_system(client)
    except BackendError as error:
        return error
    finally:
        await client.aclose()
    return None


def _told_by(
    trouble: BackendError | None, knock: Knock, target: SnmpTarget, where: str
) -> tuple[Step, Step, Step]:
    """What the first question says of reachable, snmp and credentials."""
    here: tuple[StepState, str] = ("ok", f"{where} answers")
    agent: tuple[StepState, str] = ("ok", "an SNMP agent is there")
    allowed: tuple[StepState, str] = ("ok", _accepted(target))
    text = str(trouble)
    if isinstance(trouble, Unreachable):
        allowed = ("unknown", "not tried")
        if knock == "answered":
            allowed = ("failed", _ignored(target))
        elif knock == "refused":
            here = ("ok", f"the host of {where} is there")
            agent = ("failed", text)
        else:
            here = ("unknown", f"nothing came back from {where}")
            agent = ("unknown", text)
            allowed = ("unknown", "agents meet wrong credentials with silence, too")
    elif trouble is not None:
        allowed = ("failed", text)
    return (
        Step(name="reachable", state=here[0], words=here[1]),
        Step(name="snmp", state=agent[0], words=agent[1]),
        Step(name="credentials", state=allowed[0], words=allowed[1]),
    )


async def _use(
    target: SnmpTarget, clock: Clock, backend: Backend, findings: Findings
) -> AsyncIterator[Step]:
    """Recognise and read the device, then see what a command would need."""
    try:
        try:
            reading = findings.reading = await backend.poll()
        except Unsupported as error:
            yield Step(name="recognised", state="failed", words=str(error))
            yield _not_tried("readable")
            yield _not_tried("writable")
            return
        except BackendError as error:
            profile = backend.profile if isinstance(backend, SnmpBackend) else None
            if profile is None:
                yield Step(name="recognised", state="unknown", words=str(error))
                yield _not_tried("readable")
            else:
                yield Step(name="recognised", state="ok", words=f"profile {profile}")
                yield Step(name="readable", state="failed", words=str(error))
            yield _not_tried("writable")
            return
        what = " ".join(part for part in (reading.vendor, reading.model) if part) or "a PDU"
        yield Step(
            name="recognised", state="ok", words=f"{what} (profile {reading.profile or 'unknown'})"
        )
        yield Step(name="readable", state="ok", words=_contents(reading))
        yield await _writable(target, clock, backend, reading)
    finally:
        await backend.aclose()


async def _writable(target: SnmpTarget, clock: Clock, backend: Backend, reading: Reading) -> Step:
    """Whether commands have a chance. The write credentials are tried by reading with them."""
    if not target.may_write:
        words = "no write credentials given: read only from here"
        return Step(name="writable", state="unknown", words=words)
    outlets = sum(outlet.switchable for outlet in reading.outlets)
    if not outlets and not backend.pdu_actions:
        words = "it has nothing that can be switched, or does not show it to these credentials"
        return Step(name="writable", state="unknown", words=words)
    if target.version == "3":
        writer = msgspec.structs.replace(target, v3=target.v3_write)
    else:
        assert target.write_community is not None
        writer = msgspec.structs.replace(target, community=target.write_community)
    trouble = await _first_question(writer, clock)
    if trouble is not None:
        words = f"the write {_kind(target)} is not taken: {_ignored(writer)}"
        if not isinstance(trouble, Unreachable):
            words = f"the write {_kind(target)} is not taken: {trouble}"
        return Step(name="writable", state="failed", words=words)
    can = f"{_count(outlets, 'outlet')} can be switched" if outlets else "the source can be chosen"
    words = f"the write {_kind(target)} is taken; {can} (nothing was written)"
    return Step(name="writable", state="ok", words=words)


async def _knock(address: Address, wait_s: float) -> Knock:
    """Ask for the SNMPv3 engine, which needs no credentials: any agent that knows v3 answers."""
    try:
        sock = connected_socket(address)
    except OSError:
        return "silent"
    loop = asyncio.get_running_loop()
    try:
        for _ in range(_KNOCKS):
            number = new_request_id()
            send_now(sock, engine_discovery(number))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    while not is_report(await loop.sock_recv(sock, MAX_DATAGRAM), number):
                        pass
                return "answered"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "silent"
    finally:
        sock.close()
    return "silent"


def _not_tried(name: StepName) -> Step:
    return Step(name=name, state="unknown", words="not tried")


def _where(target: SnmpTarget, addresses: Sequence[Address]) -> str:
    """The address as it was given, with what the name led to."""
    where = format_address(target.host, target.port)
    first = str(addresses[0].sockaddr[0])
    return where if first == target.host.strip("[]") else f"{where} ({first})"


def _kind(target: SnmpTarget) -> str:
    return "user" if target.version == "3" else "community"


def _accepted(target: SnmpTarget) -> str:
    if target.version == "3" and target.v3 is not None:
        return f"SNMP v3, user {target.v3.user}, {target.v3.level}"
    return f"SNMP v{target.version}, the community is taken"


def _ignored(target: SnmpTarget) -> str:
    return (
        f"no answer to this {_kind(target)} in SNMP v{target.version}: it is wrong, not allowed "
        "from here, or this version is switched off"
    )


def _contents(reading: Reading) -> str:
    parts = [
        _count(len(rows), word)
        for rows, word in (
            (reading.outlets, "outlet"),
            (reading.inlets, "inlet"),
            (reading.phases, "phase"),
            (reading.banks, "bank"),
            (reading.sensors, "sensor"),
        )
        if rows
    ]
    if reading.ats is not None:
        parts.append("a transfer switch")
    return f"{', '.join(parts) or 'nothing'}; a poll takes {reading.poll.duration_ms:.0f} ms"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
