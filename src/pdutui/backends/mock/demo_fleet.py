"""The room of `--demo --fleet N`: racks in rows with two feeds, some with a transfer switch."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec

from pdutui.backends.base import Backend
from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import build
from pdutui.backends.mock.catalog import CATALOG, spec_of
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.spec import PduSpec
from pdutui.backends.mock.specs.raritan import px3, rack_cords
from pdutui.domain.clock import Clock
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.reading import Reading, SourceId
from pdutui.settings import OutletSettings, PduSettings

FEWEST, MOST = 2, 500
"""PDUs of a room."""
RACKS_A_ROW = 10
_MODELS = ("px3", "emat08", "px3-3ph", "emat10")
"""What racks have, in turn: the same on both feeds."""
_ATS_EVERY = 4
"""So many racks on there is one with a transfer switch."""
_ATS = "pdu44001"
_CALM = (0.4, 0.8)
"""How busy a rack is, as a part of what the models usually carry."""
_BUSY, _BUSY_RACK = 1.22, 2
"""The rack that is near its limit."""
SILENT_AFTER_S, SOURCE_AFTER_S, TRIP_AFTER_S = 20.0, 30.0, 45.0
"""Seconds after the start: a PDU answers no more, a source is lost, a breaker trips; for good."""
_SILENT_FROM, _TRIP_FROM = 4, 12
"""Rooms of so many PDUs have that trouble."""
_IDLE = "kvm01"
"""It draws nothing as a rule: on the map it would be a doubt in each rack."""
_LIVELY_RACKS = 5
"""In the first racks somebody else switches an outlet now and then."""


class _Place(msgspec.Struct, frozen=True):
    """One PDU of the room."""

    rack: int
    """From 1."""
    feed: SourceId | None
    """None: it is the transfer switch."""

    @property
    def name(self) -> str:
        """`r03-a`, `r04-ats`."""
        return f"r{self.rack:02d}-{self.feed.lower() if self.feed else 'ats'}"

    @property
    def location(self) -> str:
        """`Row 1 / Rack 3`."""
        return f"Row {(self.rack - 1) // RACKS_A_ROW + 1} / Rack {self.rack}"

    @property
    def model(self) -> str:
        """As the catalogue has it."""
        return _MODELS[(self.rack - 1) % len(_MODELS)] if self.feed else _ATS


class Silenced(MockBackend):
    """A PDU that answers no more from a moment on: its card has died."""

    silent_s = 0.0
    """When, on the monotonic clock."""

    async def poll(self) -> Reading:
        """A reading, while it answers."""
        if self._clock.monotonic() >= self.silent_s:
            self.fault = "silent"
        return await super().poll()


def fleet_backends(clock: Clock, count: int, seed: int = 1) -> dict[str, Backend]:
    """The PDUs of a room, by name. The same seed gives the same room with the same troubles.

    A rack is near its limit from the start. Where there are enough PDUs for it, the last one of a
    feed B falls silent, a transfer switch loses a source and a breaker trips, in the first minute.

    Args:
        clock: for everything.
        count: so many PDUs, `FEWEST` to `MOST`.
        seed: which room.
    """
    start_s = clock.monotonic()
    places = list(_places(count))
    racks: dict[int, list[_Place]] = {}
    for place in places:
        racks.setdefault(place.rack, []).append(place)
    models: dict[str, MockPdu] = {}
    for rack, members in racks.items():
        lively = rack <= _LIVELY_RACKS
        made = build(
            [_spec(place, seed) for place in members],
            start_s=start_s,
            seed=seed * 1000 + rack,
            shared=True,
            incidents=lively,
        )
        models |= {place.name: model for place, model in zip(members, made, strict=True)}
    out: dict[str, Backend] = {
        name: MockBackend(name, model, clock=clock) for name, model in models.items()
    }
    _troubles(places, models)
    silent = _silent(places)
    if silent is not None:
        backend = Silenced(silent, models[silent], clock=clock)
        backend.silent_s = start_s + SILENT_AFTER_S
        out[silent] = backend
    return out


def fleet_pdus(count: int, seed: int = 1) -> tuple[PduSettings, ...]:
    """The settings that go with `fleet_backends`, in the same order."""
    return tuple(
        PduSettings(
            name=place.name,
            backend="mock",
            model=place.model,
            seed=seed,
            profile=CATALOG[place.model].profile,
            feed=place.feed,
            location=place.location,
            outlets=_outlets(place),
        )
        for place in _places(count)
    )


def fleet_cords(pdus: tuple[PduSettings, ...]) -> tuple[MappedCord, ...]:
    """The device map that is in the settings: it knows half of the racks, as maps do."""
    return tuple(
        MappedCord(device=outlet.device, pdu=pdu.name, outlet=number, cord=outlet.cord)
        for pdu in pdus
        for number, outlet in pdu.outlets.items()
        if outlet.device
    )


def _places(count: int) -> Iterator[_Place]:
    """So many places, rack by rack."""
    rack = 0
    while count > 0:
        rack += 1
        feeds: tuple[SourceId | None, ...] = ("A", "B")
        if rack % _ATS_EVERY == 0:
            feeds = (*feeds, None)
        for feed in feeds[:count]:
            yield _Place(rack, feed)
        count -= len(feeds)


def _silent(places: list[_Place]) -> str | None:
    """The PDU that falls silent."""
    if len(places) < _SILENT_FROM:
        return None
    return next(place.name for place in reversed(places) if place.feed == "B")


def _troubles(places: list[_Place], models: dict[str, MockPdu]) -> None:
    """What goes wrong inside the models, and stays so."""
    ats = next((place for place in places if place.feed is None), None)
    if ats is not None:
        switch = models[ats.name]
        switch.world.at(SOURCE_AFTER_S, lambda _: _lose(switch, "B"))
    if len(places) >= _TRIP_FROM:
        tripping = next(p for p in places if p.rack == 1 + len(_MODELS) and p.feed == "A")
        model = models[tripping.name]
        bank = model.spec.banks[0].number
        model.world.at(TRIP_AFTER_S, lambda _: model.tripped.add(bank))


def _lose(model: MockPdu, source: SourceId) -> None:
    model.feeds[source].depth = 1.0


def _spec(place: _Place, seed: int) -> PduSpec:
    """The data sheet of a PDU, with what its rack carries."""
    if place.model == "px3" and place.feed is not None:
        spec = px3(place.feed)
    else:
        spec = spec_of(place.model)
    busy = _BUSY if place.rack == _BUSY_RACK else Random(f"{seed}/{place.rack}").uniform(*_CALM)
    outlets = tuple(
        msgspec.structs.replace(outlet, watts=round(outlet.watts * busy, 1))
        for outlet in spec.outlets
    )
    serial = f"{spec.serial}-{place.name}"
    if place.feed is not None:
        return msgspec.structs.replace(
            spec, outlets=outlets, serial=serial, name=place.name, sources=(place.feed,)
        )
    # The voltage of the room.
    return msgspec.structs.replace(
        spec, outlets=outlets, serial=serial, name=place.name, nominal_v=230.0, nominal_hz=50.0
    )


def _outlets(place: _Place) -> dict[int, OutletSettings]:
    """What the map says is plugged in: in racks with a PX3, and of them in every other one."""
    if place.model != "px3" or place.feed is None or place.rack % (2 * len(_MODELS)) != 1:
        return {}
    return {
        number: OutletSettings(device=f"{device}-r{place.rack:02d}", cord=place.feed if two else "")
        for number, (device, two) in rack_cords(place.feed).items()
        if device != _IDLE
    }
