"""Which family a device belongs to: asked, never assumed from its sysObjectID."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pdutui.backends.base import DeviceError, Unreachable, Unsupported
from pdutui.backends.snmp.device import Asking
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.types import RequestLimits

GENTLE = RequestLimits(max_varbinds=10, max_repetitions=10)
"""While nobody knows what it is: the most that every family takes."""
SYS_DESCR_OID = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID_OID = "1.3.6.1.2.1.1.2.0"


class System(msgspec.Struct, frozen=True):
    """What a device says of itself in the system group."""

    descr: str | None
    object_id: str | None


def _fit(profile: Profile, object_id: str | None) -> int:
    """How well a sysObjectID fits a family: the length of its longest prefix."""
    own = f"{object_id or ''}."
    prefixes = profile.recognise.sys_object_id
    return max((len(p) for p in prefixes if own.startswith(f"{p}.")), default=0)


def candidates(profiles: Sequence[Profile], object_id: str | None) -> list[Profile]:
    """All profiles: those whose sysObjectID prefix fits best first, last resorts last."""
    return sorted(profiles, key=lambda p: (p.last_resort, -_fit(p, object_id)))


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


class _Questions:
    """What a device has been asked and has said."""

    def __init__(self, client: Asking, *, one_by_one: bool) -> None:
        self._client = client
        self._one_by_one = one_by_one
        self._there: dict[str, bool] = {}

    async def prepare(self, profiles: Sequence[Profile]) -> None:
        """Ask for all single objects that these families are known by at once, if that is wise.

        In v1 one object that is missing fails the whole request.
        """
        if not self._one_by_one:
            oids = (
                profile.absolute(oid)
                for profile in profiles
                for oid in (*profile.recognise.none, *profile.recognise.any)
                if ".*" not in oid
            )
            await self._get(tuple(oid for oid in dict.fromkeys(oids) if oid not in self._there))

    async def has(self, oid: str) -> bool:
        """Whether an OID has a value (an empty text is none), or, with `.*`, a row below it.

        With `.*=3,6` only a row with one of these integers counts.

        Raises:
            Unreachable: it was not answered for. What a device has must not be taken for absent
                because an answer was lost.
            DeviceError: a walk that the device fails at.
        """
        root, rows, values = oid.partition(".*")
        if not rows:
            if oid not in self._there:
                await self._get((oid,))
            return self._there[oid]
        wanted = {int(value) for value in values.removeprefix("=").split(",") if value}
        found = [value for _, value in await self._client.walk(root) if value is not None]
        return any(value in wanted for value in found) if wanted else bool(found)

    async def _get(self, oids: Sequence[str]) -> None:
        if not oids:
            return
        answer = await self._client.get(oids)
        for oid in oids:
            value = answer.values.get(oid)
            if value is None and oid not in answer.absent:
                raise Unreachable("; ".join(answer.errors) or f"no answer for {oid}")
            self._there[oid] = (
                clean_text(value) != "" if isinstance(value, bytes) else value is not None
            )


async def _fits(questions: _Questions, profile: Profile) -> bool:
    for oid in profile.recognise.none:
        if await questions.has(profile.absolute(oid)):
            return False
    for oid in profile.recognise.any:
        try:
            if await questions.has(profile.absolute(oid)):
                return True
        except Unreachable:
            raise
        except DeviceError:
            continue  # a table it cannot be walked through is none of a PDU's
    return False


def _groups(profiles: Sequence[Profile], object_id: str | None) -> Iterator[list[Profile]]:
    """The families as they are looked for: those it claims to be of, the others, last resorts."""
    ordered = candidates(profiles, object_id)
    claimed = [p for p in ordered if not p.last_resort and _fit(p, object_id)]
    yield claimed
    yield [p for p in ordered if not p.last_resort and p not in claimed]
    yield [p for p in ordered if p.last_resort]


async def recognise(
    client: Asking,
    library: ProfileLibrary | None = None,
    *,
    host: str = "HOST",
    one_by_one: bool = False,
) -> Profile:
    """The profile that fits the device.

    Args:
        client: how to ask.
        library: the profiles there are; without one, those that ship.
        host: what the user calls the device, for the text of an error.
        one_by_one: ask for one object at a time, as is wise in v1.

    Raises:
        Unsupported: none does; the text has what the device says of itself and what to do.
        Unreachable: no answer, or not to everything: no family is guessed from half of it.
        DeviceError: what speaks against a family cannot be asked.
    """
    system = await read_system(client)
    known = library or ProfileLibrary()
    profiles = await known.usable()
    questions = _Questions(client, one_by_one=one_by_one)
    for group in _groups(profiles, system.object_id):
        await questions.prepare(group)
        for profile in group:
            if await _fits(questions, profile):
                return profile
    raise Unsupported(unsupported_text(system, host, known.names))


def unsupported_text(system: System, host: str, names: Sequence[str]) -> str:
    """What a person needs to know about a device that no profile fits."""
    return (
        f"not a PDU of a known family: sysDescr {system.descr or 'none'!r};"
        f" sysObjectID {system.object_id or 'none'};"
        f" if it is one, record it with `pdutui capture {host} -o pdu.snmprec --redact` and send"
        f" that in, or name its profile by hand with --profile ({', '.join(names)})"
    )
