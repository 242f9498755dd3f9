"""What a what-if is worked out from, by what the engine knows at this moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pdutui.domain.devicemap import DeviceMap, MappedCord
from pdutui.domain.fleet import Loss
from pdutui.domain.health import is_stale
from pdutui.domain.impact_facts import PduFacts
from pdutui.domain.racks import Member
from pdutui.domain.room import Room
from pdutui.engine.impact import why_stale
from pdutui.engine.view import PduInfo, PduView

Views = Callable[[str], PduView]


def facts_of(view: PduView) -> PduFacts:
    """What is known of a PDU now. What is being switched counts as not known."""
    stale = is_stale(view.health)
    return PduFacts(
        reading=view.reading,
        stale=stale,
        why=why_stale(view.info.name, view.health) if stale else "",
        feed=view.info.feed,
        unsettled=view.in_flight.keys() | view.settling,
    )


def all_facts(pdus: Iterable[str], views: Views) -> dict[str, PduFacts]:
    """Of all PDUs, in their order."""
    return {name: facts_of(views(name)) for name in pdus}


def room_of(infos: Iterable[PduInfo], cords: Sequence[MappedCord]) -> Room:
    """The racks and the map of a fleet, by its settings."""
    members = (
        Member(pdu=info.name, location=info.location or "", feed=info.feed or "") for info in infos
    )
    return Room(members, DeviceMap(tuple(cords)))


def losses(room: Room, views: Views, near: str | None = None) -> list[Loss]:
    """What can be lost: every feed, every source of a transfer switch, and a PDU.

    Args:
        room: the fleet.
        views: a PDU as it stands.
        near: the PDU that is looked at: it is among them, and its sources come first.
    """
    out = [Loss(kind="feed", name=feed) for feed in room.racks.feeds]
    if near is not None:
        out.append(Loss(kind="pdu", name=near))
    with_switch = []
    for name in room.pdus:
        reading = views(name).reading
        if reading is not None and reading.ats is not None:
            with_switch.append((name, reading.ats.sources))
    with_switch.sort(key=lambda pair: pair[0] != near)
    out += [
        Loss(kind="source", name=name, source=source.id)
        for name, sources in with_switch
        for source in sources
    ]
    return out
