"""Putting worlds together: a PDU alone, or a rack with two feeds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from pdutui.backends.mock.catalog import spec_of
from pdutui.backends.mock.incidents import Incidents
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.parts import Load, Loads, Socket
from pdutui.backends.mock.world import World

if TYPE_CHECKING:
    from pdutui.backends.mock.spec import PduSpec


def build(
    specs: Sequence[PduSpec], *, start_s: float, seed: int, shared: bool, incidents: bool
) -> list[MockPdu]:
    """PDUs in one world, in the order of the specs.

    Args:
        specs: the PDUs.
        start_s: the monotonic time at which the world begins.
        seed: the same seed gives the same world.
        shared: outlets of the same name on different PDUs feed one device with two cords, so that
            one feed takes the load when the other dies. Otherwise each outlet is a load of its own.
        incidents: whether things happen by themselves.
    """
    world = World(start_s)
    pdus = [MockPdu(spec, world, f"{seed}/{place}") for place, spec in enumerate(specs)]
    groups: dict[str, list[Socket]] = {}
    for place, pdu in enumerate(pdus):
        for socket in pdu.sockets.values():
            alone = not shared or socket.watts <= 0
            key = f"{place}/{socket.number}" if alone else socket.name
            groups.setdefault(key, []).append(socket)
    world.add(Loads([Load(s, Random(f"{seed}/load/{key}")) for key, s in groups.items()]))
    world.start()
    if incidents:
        for place, pdu in enumerate(pdus):
            Incidents(pdu, f"{seed}/{place}")
    return pdus


def mock_pdu(model: str, *, start_s: float, seed: int = 1, incidents: bool = True) -> MockPdu:
    """One PDU in a world of its own.

    Args:
        model: one of `catalog.MODELS`.
        start_s: the monotonic time at which it begins.
        seed: the same seed gives the same PDU.
        incidents: whether outlets, sources and probes get into trouble by themselves.

    Raises:
        ValueError: there is no such model; the text names those there are.
    """
    specs = [spec_of(model)]
    return build(specs, start_s=start_s, seed=seed, shared=False, incidents=incidents)[0]
