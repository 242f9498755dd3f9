"""The fleet of `--demo`: two feeds of one rack and a transfer switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import build, mock_pdu
from pdutui.backends.mock.specs.raritan import px3, rack_cords
from pdutui.domain.devicemap import MappedCord
from pdutui.settings import (
    GroupSettings,
    OutletRef,
    OutletSettings,
    PduSettings,
    SequenceSettings,
    SequenceStep,
)

if TYPE_CHECKING:
    from pdutui.backends.base import Backend
    from pdutui.domain.clock import Clock
    from pdutui.domain.reading import SourceId

_CRITICAL = frozenset({"san01"})
_BEHIND_ATS = {
    1: "core-sw1", 2: "core-sw2", 3: "fw01", 4: "nas01", 6: "mon01", 8: "kvm-r2", 10: "oob-router",
}  # fmt: skip
"""pbx01 and wlc01 are left out: somebody plugged them in and told nobody."""


def demo_backends(clock: Clock, seed: int = 1, *, incidents: bool = True) -> dict[str, Backend]:
    """`rack1-a` and `rack1-b`, the PX3 feeds of one rack that share its devices, and `ats-1`.

    The devices have two cords: when one feed dies, the other carries them. One of them has a dead
    supply on feed B. With `incidents` off nothing happens that nobody asked for.
    """
    start_s = clock.monotonic()
    feeds = build(
        [px3("A"), px3("B")], start_s=start_s, seed=seed, shared=True, incidents=incidents
    )
    ats = mock_pdu("pdu44001", start_s=start_s, seed=seed, incidents=incidents)
    models = {"rack1-a": feeds[0], "rack1-b": feeds[1], "ats-1": ats}
    return {name: MockBackend(name, model, clock=clock) for name, model in models.items()}


def demo_pdus(seed: int = 1) -> tuple[PduSettings, ...]:
    """The settings that go with `demo_backends`, in the same order."""
    return (
        PduSettings(
            name="rack1-a", backend="mock", model="px3", seed=seed, profile="raritan-pdu2",
            feed="A", location="Row 3 / Rack 1", protected=frozenset({17}), outlets=_rack("A"),
        ),
        PduSettings(
            name="rack1-b", backend="mock", model="px3", seed=seed, profile="raritan-pdu2",
            feed="B", location="Row 3 / Rack 1", protected=frozenset({17}), outlets=_rack("B"),
        ),
        PduSettings(
            name="ats-1", backend="mock", model="pdu44001", seed=seed, profile="cyberpower-epdu",
            location="Row 3 / Rack 2", protected=frozenset({1}),
            outlets={n: OutletSettings(device=device) for n, device in _BEHIND_ATS.items()},
        ),
    )  # fmt: skip


def demo_cords() -> tuple[MappedCord, ...]:
    """The device map that is in the settings of `demo_pdus`."""
    return tuple(
        MappedCord(
            device=outlet.device,
            pdu=pdu.name,
            outlet=number,
            cord=outlet.cord,
            critical=outlet.critical,
        )
        for pdu in demo_pdus()
        for number, outlet in pdu.outlets.items()
        if outlet.device
    )


def demo_groups() -> tuple[GroupSettings, ...]:
    """A group to try plans with: the storage of the rack, on both feeds."""
    return (GroupSettings(name="storage", members=(*_both("san01"), *_both("san01-shelf"))),)


def demo_sequences() -> tuple[SequenceSettings, ...]:
    """The storage down and up again, in the order that its shelf needs."""
    return (
        SequenceSettings(
            name="storage-down",
            text="The controller first, then its shelf",
            steps=(
                SequenceStep(action="off", members=_both("san01"), pause_s=5.0),
                SequenceStep(action="off", members=_both("san01-shelf")),
            ),
        ),
        SequenceSettings(
            name="storage-up",
            text="The shelf first; the controller when its load has settled",
            steps=(
                SequenceStep(action="on", members=_both("san01-shelf"), pace="settle", pause_s=30),
                SequenceStep(action="on", members=_both("san01")),
            ),
        ),
    )


def _both(outlet: str) -> tuple[OutletRef, ...]:
    return tuple(OutletRef(pdu=pdu, selector=outlet) for pdu in ("rack1-a", "rack1-b"))


def _rack(feed: SourceId) -> dict[int, OutletSettings]:
    return {
        number: OutletSettings(
            device=device, cord=feed if paired else "", critical=device in _CRITICAL
        )
        for number, (device, paired) in rack_cords(feed).items()
    }
