"""Which family a device belongs to: asked, never assumed from its sysObjectID."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.backends.base import Unreachable, Unsupported
from pdutui.backends.snmp.device import Asking
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.profile_load import builtin_names
from pdutui.backends.snmp.text import clean_text

SYS_DESCR_OID = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID_OID = "1.3.6.1.2.1.1.2.0"


class System(msgspec.Struct, frozen=True):
    """What a device says of itself in the system group."""

    descr: str | None
    object_id: str | None


def candidates(profiles: Sequence[Profile], object_id: str | None) -> list[Profile]:
    """All profiles, those whose sysObjectID prefix fits best first."""

    def fit(profile: Profile) -> int:
        own = f"{object_id or ''}."
        prefixes = profile.recognise.sys_object_id
        return max((len(p) for p in prefixes if own.startswith(f"{p}.")), default=0)

    return sorted(profiles, key=fit, reverse=True)


async def read_system(client: Asking) -> System:
    """SysDescr and sysObjectID. Raises Unreachable if the device does not answer."""
    answer = await client.get((SYS_DESCR_OID, SYS_OBJECT_ID_OID))
    if not answer.values and not answer.absent:
        raise Unreachable("; ".join(answer.errors) or "no answer")
    object_id = answer.values.get(SYS_OBJECT_ID_OID)
    return System(
        descr=clean_text(answer.values.get(SYS_DESCR_OID)),
        object_id=object_id if isinstance(object_id, str) else None,
    )


async def _is_there(client: Asking, oid: str, *, must_say: bool = False) -> bool:
    """Whether an OID has a value (an empty text is none), or, with `.*`, a row below it.

    With `.*=3,6` only a row with one of these integers counts. Raises Unreachable where the device
    `must_say` and did not: what it has must not be taken for absent because an answer was lost.
    """
    root, rows, values = oid.partition(".*")
    if rows:
        wanted = {int(value) for value in values.removeprefix("=").split(",") if value}
        found = [value for _, value in await client.walk(root) if value is not None]
        return any(value in wanted for value in found) if wanted else bool(found)
    answer = await client.get((oid,))
    value = answer.values.get(oid)
    if must_say and value is None and oid not in answer.absent:
        raise Unreachable("; ".join(answer.errors) or f"no answer for {oid}")
    return clean_text(value) != "" if isinstance(value, bytes) else value is not None


async def _fits(client: Asking, profile: Profile) -> bool:
    recognise = profile.recognise
    for oid in recognise.none:
        if await _is_there(client, profile.absolute(oid), must_say=True):
            return False
    for oid in recognise.any:
        if await _is_there(client, profile.absolute(oid)):
            return True
    return False


async def recognise(client: Asking, library: ProfileLibrary | None = None) -> Profile:
    """The profile that fits the device, out of a library; without one, of those that ship.

    Raises:
        Unsupported: none does; the text has what the device says of itself and what to do.
        Unreachable: no answer.
    """
    system = await read_system(client)
    profiles, _ = (library or ProfileLibrary()).all()
    for profile in candidates(profiles, system.object_id):
        if await _fits(client, profile):
            return profile
    raise Unsupported(unsupported_text(system))


def unsupported_text(system: System) -> str:
    """What a person needs to know about a device that no profile fits."""
    known = ", ".join(builtin_names())
    return (
        f"not a PDU of a known family: sysDescr {system.descr or 'none'!r},"
        f" sysObjectID {system.object_id or 'none'};"
        f" if it is one, name its profile by hand with --profile ({known})"
    )
