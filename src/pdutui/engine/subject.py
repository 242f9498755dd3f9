"""What a command is about, as the last reading shows it: an outlet, all of them, or the switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

import msgspec

from pdutui.domain.commands import Action, OutletAction, PduAction
from pdutui.engine.labels import number_ranges, outlet_label

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading, SourceId

_PDU_ACTIONS: frozenset[str] = frozenset(get_args(PduAction))
_OUTLET_ACTIONS: frozenset[str] = frozenset(get_args(OutletAction))


def is_pdu_action(action: Action) -> bool:
    """Whether an action is about the PDU as a whole."""
    return action in _PDU_ACTIONS


def is_outlet_action(action: str) -> bool:
    """Whether a word is an action on one outlet."""
    return action in _OUTLET_ACTIONS


def is_preference(action: Action) -> bool:
    """Whether an action is about the transfer switch."""
    return action.startswith("prefer_")


def source_of(action: Action) -> SourceId | None:
    """The source that a preference is for; None for `prefer_none` and for everything else."""
    return "A" if action == "prefer_a" else "B" if action == "prefer_b" else None


def outlet_part(action: Action) -> OutletAction:
    """What an action does to each outlet it is about: `all_off` is `off` to all of them."""
    part = action.removeprefix("all_")
    for known in get_args(OutletAction):
        if part == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"{action} does nothing to outlets")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched, in the words of the screen."""

    label: str
    """`outlet 3 db01`, `all 24 outlets`, `the transfer switch`."""
    name: str = ""
    """An outlet's name as shown, may be empty; the PDU's where it is about the whole."""
    state: str = "unknown"
    """on, off, unknown; `1-8 on; 9-10 off`; the preferred source."""
    context: tuple[str, ...] = ()
    """What else must not have changed between the question and the answer."""
    load_w: float | None = None
    """The load in question; None where it is not known, or not known whole."""


def subject_of(reading: Reading | None, pdu: str, number: int, action: Action) -> Subject:
    """What a reading shows of the subject of a command."""
    if is_preference(action):
        return _switch(reading, pdu)
    if is_pdu_action(action):
        return _all_outlets(reading, pdu)
    part = reading.outlet(number) if reading is not None else None
    if part is None:
        return Subject(label=outlet_label(number, ""))
    return Subject(
        label=outlet_label(number, part.name, part.label),
        name=part.name,
        state=part.state,
        context=(part.pending or "nothing",) if action == "cancel" else (),
        load_w=part.power_w,
    )


def states_text(states: Mapping[int, str]) -> str:
    """`1-8 on; 9-10 off`; empty for no outlets."""
    by_state: dict[str, list[int]] = {}
    for number, state in states.items():
        by_state.setdefault(state, []).append(number)
    return "; ".join(f"{number_ranges(ns)} {state}" for state, ns in by_state.items())


def _all_outlets(reading: Reading | None, pdu: str) -> Subject:
    outlets = [o for o in reading.outlets if o.switchable] if reading is not None else []
    text = states_text({outlet.number: outlet.state for outlet in outlets})
    loads = [outlet.power_w for outlet in outlets]
    known = [load for load in loads if load is not None]
    return Subject(
        label=f"all {len(outlets)} outlets" if outlets else "all outlets",
        name=pdu,
        state=text or "unknown",
        load_w=sum(known) if known and len(known) == len(loads) else None,
    )


def _switch(reading: Reading | None, pdu: str) -> Subject:
    label, ats = "the transfer switch", reading.ats if reading is not None else None
    if ats is None:
        return Subject(label=label, name=pdu)
    return Subject(
        label=label,
        name=pdu,
        state=ats.preferred or "unknown",
        context=(
            f"{ats.active or 'nobody knows which'} in use",
            *(f"{source.id} {source.state.replace('_', ' ')}" for source in ats.sources),
        ),
    )
