"""The fleet of `--demo`: two feeds of one rack and a transfer switch."""

from __future__ import annotations

from pdutui.backends.base import Backend
from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import build, mock_pdu
from pdutui.backends.mock.specs.raritan import px3
from pdutui.domain.clock import Clock
from pdutui.settings import PduSettings


def demo_backends(clock: Clock, seed: int = 1, *, incidents: bool = True) -> dict[str, Backend]:
    """`rack1-a` and `rack1-b`, the PX3 feeds of one rack that share its devices, and `ats-1`.

    The devices have two cords: when one feed dies, the other carries them. With `incidents` off
    nothing happens that nobody asked for.
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
            feed="A", location="Row 3 / Rack 1", protected=frozenset({17}),
        ),
        PduSettings(
            name="rack1-b", backend="mock", model="px3", seed=seed, profile="raritan-pdu2",
            feed="B", location="Row 3 / Rack 1", protected=frozenset({17}),
        ),
        PduSettings(
            name="ats-1", backend="mock", model="pdu44001", seed=seed, profile="cyberpower-epdu",
            location="Row 3 / Rack 2", protected=frozenset({1}),
        ),
    )  # fmt: skip
