"""Who may switch what: roles, and the lists of PDUs and outlets.

Whatever asks is judged by its actor: a rule or a message from the network is no way around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdutui.domain.commands import WHOLE_PDU, Action, Actor
from pdutui.domain.roles import RoleSettings, named, role_of
from pdutui.engine.labels import number_ranges, outlet_label
from pdutui.engine.policy import ALLOWED, Ruling
from pdutui.engine.subject import is_preference

if TYPE_CHECKING:
    from pdutui.domain.reading import Reading
    from pdutui.settings import PduSettings

NOBODY = Actor(user="nobody that is known")
"""Who sits at an engine that was not told. Not root's `nobody`: no list can name it."""


def barred(actor: Actor, roles: RoleSettings) -> Ruling:
    """Whether this person switches nothing at all."""
    if role_of(actor, roles) != "viewer":
        return ALLOWED
    return Ruling(rule="role", reason=f"{actor.login_name} is a viewer, and viewers switch nothing")


def not_on_any_list(actor: Actor, pdu: PduSettings) -> Ruling:
    """Whether the lists of a PDU leave this person nothing of it to switch."""
    if _listed(actor, pdu.allow):
        return ALLOWED
    own = [one.allow for one in pdu.outlets.values() if one.allow is not None]
    if any(named(actor, allow) for allow in own):
        return ALLOWED
    return Ruling(rule="not_allowed", reason=f"{actor.login_name} is not on the list of {pdu.name}")


def closed_outlets(actor: Actor, pdu: PduSettings, numbers: Sequence[int]) -> dict[int, str]:
    """The outlets of these that this person may not switch, and why."""
    found = {number: _not_on_list(actor, pdu, number) for number in numbers}
    return {number: why for number, why in found.items() if why}


def may(
    actor: Actor,
    roles: RoleSettings,
    pdu: PduSettings,
    reading: Reading | None,
    outlet: int,
    action: Action,
) -> Ruling:
    """The lists on one command, and the role that the whole PDU asks for.

    A list of an outlet beats that of its PDU; a list that is empty means nobody. Commands on all
    outlets need every one that can be switched to be open to whoever asks.
    """
    name, who = pdu.name, actor.login_name
    if outlet != WHOLE_PDU:
        why = _not_on_list(actor, pdu, outlet)
        if not why:
            return ALLOWED
        part = reading.outlet(outlet) if reading is not None else None
        label = outlet_label(outlet, part.name if part else "", part.label if part else None)
        return Ruling(rule="not_allowed", reason=f"{label}: {why}")
    able = [o.number for o in reading.outlets if o.switchable] if reading is not None else []
    if able and not is_preference(action):
        shut = closed_outlets(actor, pdu, able)
        text = f"{who} may not switch outlets {number_ranges(list(shut))} of {name}"
        refusal = text if shut else ""
    else:
        refusal = "" if _listed(actor, pdu.allow) else f"{who} is not on the list of {name}"
    if refusal:
        return Ruling(rule="not_allowed", reason=refusal)
    role = role_of(actor, roles)
    if role == "admin":
        return ALLOWED
    what = "the transfer switch" if is_preference(action) else "all outlets at once"
    text = f"{what} of {name}: admins only, {who} is an {role}"
    return Ruling(rule="role", reason=text)


def _not_on_list(actor: Actor, pdu: PduSettings, outlet: int) -> str:
    settings = pdu.outlets.get(outlet)
    own = settings.allow if settings is not None else None
    if own is not None:
        return "" if named(actor, own) else f"{actor.login_name} is not on its list"
    if _listed(actor, pdu.allow):
        return ""
    return f"{actor.login_name} is not on the list of {pdu.name}"


def _listed(actor: Actor, allow: Sequence[str] | None) -> bool:
    return allow is None or named(actor, allow)
