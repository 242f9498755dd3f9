"""One look at the device right before a command goes out.

What is on the screen is up to two polls old. Since then somebody may have pressed a button on the
PDU, or another console may have: the outlet is read once more, and has to be what the question was
about.
"""

from __future__ import annotations

from collections.abc import Mapping

from pdutui.backends.base import BackendError, OutletStatus, PduStatus
from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU
from pdutui.engine.attempt import Attempt
from pdutui.engine.changed import moved_since
from pdutui.engine.fleet import Pdu
from pdutui.engine.policy import ALLOWED, Ruling
from pdutui.engine.subject import is_preference, states_text
from pdutui.engine.verify import ONE_READ_S
from pdutui.engine.waiting import within


async def look(attempt: Attempt, pdu: Pdu, clock: Clock) -> Ruling:
    """Ask the device once, and compare with what was asked about. At most `ONE_READ_S`.

    A device that does not answer now is not sent anything: it could not be read back either.
    """
    intent = attempt.intent
    if intent.action == "identify":
        return ALLOWED
    label = attempt.asked.label or attempt.subject.label
    try:
        if intent.outlet != WHOLE_PDU:
            one = await within(clock, ONE_READ_S, pdu.backend.read_outlet(intent.outlet))
            return _outlet(attempt, label, one)
        outlets = not is_preference(intent.action)
        whole = await within(clock, ONE_READ_S, pdu.backend.read_pdu(outlets=outlets))
    except (BackendError, TimeoutError) as error:
        text = f"{label} could not be read right before the command: {error}; nothing was sent"
        return Ruling(rule="not_live", reason=text)
    return _all(attempt, label, whole) if outlets else _switch(attempt, whole)


def _outlet(attempt: Attempt, label: str, now: OutletStatus) -> Ruling:
    if now.state == "unknown":
        return Ruling(rule="state_unknown", reason=f"the state of {label} is not known now")
    if now.state != attempt.before:
        return _changed(moved_since(attempt, label, now.state))
    was = attempt.asked.context
    pending = now.pending or "nothing"
    if attempt.intent.action != "cancel":
        return (
            _changed(f"{label} has a command ({pending}) pending now") if now.pending else ALLOWED
        )
    if was and was != (pending,):
        return _changed(
            f"{label} had {', '.join(was)} pending when asked for and has {pending} now"
        )
    return ALLOWED


def _all(attempt: Attempt, label: str, now: PduStatus) -> Ruling:
    states: Mapping[int, str] = {
        number: now.outlets[number].state if number in now.outlets else "unknown"
        for number in attempt.outlets
    }
    unknown = [number for number, state in states.items() if state == "unknown"]
    if unknown or not states:
        text = f"the state of outlet {unknown[0]} is not known now" if unknown else "no outlets now"
        return Ruling(rule="state_unknown", reason=text)
    if states_text(states) != attempt.before:
        return _changed(moved_since(attempt, label, states_text(states)))
    pending = [n for n in states if now.outlets[n].pending is not None]
    if pending and attempt.intent.action != "all_cancel":
        return _changed(f"outlet {pending[0]} has a command pending now")
    return ALLOWED


def _switch(attempt: Attempt, now: PduStatus) -> Ruling:
    if now.preferred is None:
        return Ruling(rule="state_unknown", reason="which source is preferred is not known now")
    if now.preferred != attempt.before:
        return _changed(moved_since(attempt, attempt.subject.label, now.preferred))
    was = attempt.asked.context[:1]
    if was and now.active is not None and was[0] != f"{now.active} in use":
        return _changed(f"{was[0]} when asked for, {now.active} in use now")
    return ALLOWED


def _changed(why: str) -> Ruling:
    return Ruling(rule="changed", reason=why)
