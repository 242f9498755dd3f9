"""What a command will do, in one sentence to confirm it by."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from pdutui.domain.commands import VERBS, Action, OutletAction
from pdutui.engine.labels import outlet_label, seconds, watts
from pdutui.engine.subject import is_pdu_action, is_preference, outlet_part, source_of, subject_of

if TYPE_CHECKING:
    from pdutui.domain.reading import Ats, Outlet, Reading


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The delays that a device has set for an outlet, in seconds; None: it does not say."""

    reboot_off_s: float | None = None
    on_delay_s: float | None = None
    """Below 0: never."""
    off_delay_s: float | None = None
    reboot_delay_s: float | None = None
    """Of a delayed reboot; None: as of a delayed off."""


UNTIMED = Timing()


def sentence(
    pdu: str,
    number: int,
    action: Action,
    reading: Reading | None,
    *,
    timing: Timing = UNTIMED,
    delay_s: int | None = None,
    protected: Collection[int] = (),
    transfers: bool = False,
) -> str:
    """What a command will do, for the dialog and the command line.

    `Turn OFF outlet 3 db01 on rack1-a: drops 104 W`. A load or a delay that is not known is said
    to be unknown.

    Args:
        pdu: configured name of the PDU.
        number: the outlet; `WHOLE_PDU` for an action on all of it.
        action: what is asked for.
        reading: the last one, as it is shown.
        timing: the device's own delays for the outlet.
        delay_s: the delay asked for, where the device takes one.
        protected: outlets that are not switched without typing a name.
        transfers: whether preferring a source moves the load there at once.
    """
    if is_preference(action):
        return _prefer(pdu, action, reading.ats if reading else None, transfers)
    if is_pdu_action(action):
        return _all(pdu, action, reading, delay_s, protected)
    outlet = reading.outlet(number) if reading is not None else None
    label = outlet_label(number, outlet.name if outlet else "", outlet.label if outlet else None)
    head = f"{VERBS[outlet_part(action)]} {label} on {pdu}"
    if action == "identify":
        return f"{head}: its light blinks, nothing is switched"
    if outlet is None:
        return head
    if action == "cancel":
        return f"{head}: {_pending(outlet)}, it stays {outlet.state}"
    return f"{head}{_outlet(outlet, outlet_part(action), reading, timing, delay_s)}"


def _outlet(
    outlet: Outlet, action: OutletAction, reading: Reading | None, timing: Timing, delay: int | None
) -> str:
    """What comes behind `Turn OFF outlet 3 db01 on rack1-a`."""
    if action == outlet.state:
        return f": already {action}"
    if action == "on":
        return ""
    if action == "off":
        return f": {_drop(outlet, reading)}"
    own_s = own_delay_s(action, timing) if delay is None else None
    if own_s is not None and own_s < 0:
        return ": the device's own delay is set to never, so nothing should happen"
    if action == "delayed_on":
        return _when(delay, own_s)
    if action == "delayed_off":
        return f"{_when(delay, own_s)}: {_drop(outlet, reading)}"
    off_s, when = timing.reboot_off_s, ""
    back = f"after about {seconds(off_s)}" if off_s is not None else "after the device's own delay"
    if action == "delayed_reboot":
        when = _when(delay, own_s)
        # Some families wait for their on delay as well before it comes back.
        back = f"{seconds(off_s)} later at the earliest" if off_s is not None else back
    if outlet.state == "off":
        return f"{when}: off now, comes on {back}"
    return f"{when}: {_drop(outlet, reading)}, back {back}"


def own_delay_s(action: OutletAction, timing: Timing) -> float | None:
    """How long the device itself waits with a delayed action; below 0: for ever."""
    if action == "delayed_on":
        return timing.on_delay_s
    if action == "delayed_reboot" and timing.reboot_delay_s is not None:
        return timing.reboot_delay_s
    return timing.off_delay_s if action.startswith("delayed_") else None


def _when(delay_s: int | None, own_s: float | None) -> str:
    """` in 30 s`, ` after the device's own delay`."""
    if delay_s is not None:
        return f" in {_exactly(delay_s)}"
    if own_s is None:
        return " after the device's own delay"
    if own_s == 0:
        return " at once (the device's own delay is 0 s)"
    return f" in {_exactly(own_s)} (the device's own delay)"


def _exactly(value: float) -> str:
    """`30 s`, `3600 s = 60 min`: a digit too many must show."""
    return f"{value:.0f} s" + (f" = {seconds(value)}" if value >= 120 else "")


def _pending(outlet: Outlet) -> str:
    if outlet.pending is None:
        return "none is shown"
    return "a command" if outlet.pending == "unspecified" else f"{outlet.pending} is pending"


def _all(
    pdu: str,
    action: Action,
    reading: Reading | None,
    delay_s: int | None,
    protected: Collection[int],
) -> str:
    part = outlet_part(action)
    subject = subject_of(reading, pdu, 0, action)
    head = f"{VERBS[part]} {subject.label.upper() if part != 'cancel' else subject.label} of {pdu}"
    if part == "cancel":
        head = f"Cancel every pending command of {pdu}"
    if part.startswith("delayed_"):
        head += _when(delay_s, None)
    outlets = reading.outlets if reading is not None else ()
    if part in ("off", "reboot", "delayed_off", "delayed_reboot"):
        head += f": {_drop_all(reading)}"
    shielded = [o for o in outlets if o.number in protected and o.switchable]
    if shielded:
        names = ", ".join(f"{o.label or o.number} {o.name}".strip() for o in shielded)
        head += f"; protected among them: {names}"
    return head


def _prefer(pdu: str, action: Action, ats: Ats | None, transfers: bool) -> str:
    source = source_of(action)
    if source is None:
        return f"Prefer no source on {pdu}: the load stays on the source that carries it"
    verb = "Transfer to and prefer" if transfers else "Prefer"
    head = f"{verb} source {source} on {pdu}"
    if ats is None:
        return head
    state = next((s.state for s in ats.sources if s.id == source), "unknown")
    shown = state.replace("_", " ")
    if ats.active == source:
        already = " and is preferred already" if ats.preferred == source else ""
        return f"{head}: it carries the load now{already}"
    if state == "normal":
        return f"{head}: source {source} is normal, the load moves there from {ats.active or '?'}"
    return f"{head}: source {source} is {shown}, the load may be lost"


def _drop_all(reading: Reading | None) -> str:
    outlets = reading.outlets if reading is not None else ()
    loads = [o.power_w for o in outlets if o.switchable and o.state != "off"]
    known = [load for load in loads if load is not None]
    if loads and len(known) == len(loads):
        return f"drops {watts(sum(known))}"
    inlets = [inlet.power_w for inlet in reading.inlets] if reading is not None else []
    total = [load for load in inlets if load is not None]
    if total and len(total) == len(inlets):
        return f"drops the whole load of {watts(sum(total))}"
    return "load unknown"


def _drop(outlet: Outlet, reading: Reading | None) -> str:
    if outlet.power_w is not None:
        return f"drops {watts(outlet.power_w)}"
    if outlet.current_a is not None:
        return f"drops {outlet.current_a:.1f} A (power unknown)"
    others = reading.outlets if reading is not None else ()
    if any(o.power_w is not None or o.current_a is not None for o in others):
        return "load unknown: no figure for this outlet"
    return "load unknown: this PDU does not meter outlets"
