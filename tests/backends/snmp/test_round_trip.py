"""The profile forwards and backwards: what the backend reads is what the model says.

For every family, every model and whatever may befall it; and for every command what it moves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from pdutui.backends.base import CommandRejected
from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS, models_of, spec_of
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.mock.transfer import RETRANSFER_S
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin
from pdutui.backends.snmp.serve import ModelMib
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import OutletAction, PduAction
from pdutui.domain.reading import Reading
from pdutui.domain.secret import Secret

from ...support.agent import ServedMib
from ...support.clock import ManualClock

# CPS-MIB has no state for a probe's temperature and humidity.
NOT_CARRIED = {"cyberpower-epdu": {("sensors", "temperature"), ("sensors", "humidity")}}


@asynccontextmanager
async def rig(
    kind: str, *, version: str = "2c", profile: str = ""
) -> AsyncIterator[tuple[ManualClock, MockPdu, SnmpBackend]]:
    """A model served on a port, under a clock of its own, and a backend for it."""
    profile = profile or CATALOG[kind].profile
    clock = ManualClock()
    model = mock_pdu(kind, start_s=clock.monotonic(), seed=7, incidents=False)
    clock.advance(61.5)
    mib = ModelMib(load_builtin(CATALOG[kind].profile), model, clock)
    async with ServedMib(mib) as served:
        target = SnmpTarget(
            host="127.0.0.1", port=served.port, version=version,  # type: ignore[arg-type]
            community=Secret("public"), write_community=Secret("private"),
        )  # fmt: skip
        backend = SnmpBackend("pdu", target, profile, clock=SystemClock())
        try:
            yield clock, model, backend
        finally:
            await backend.aclose()


def said_by(model: MockPdu, clock: ManualClock) -> Reading:
    return model.reading(clock.monotonic(), clock.now(), "pdu")


def plain(reading: Reading, profile: str) -> dict[str, Any]:
    """A reading as data, without its label and without what the profile has no column for."""
    data: dict[str, Any] = msgspec.to_builtins(reading)
    for key in ("pdu", "time", "poll"):
        del data[key]
    for sensor in data["sensors"]:
        if ("sensors", sensor["kind"]) in NOT_CARRIED.get(profile, set()):
            del sensor["state"]
    return data


def differences(read: Any, said: Any, where: str = "") -> list[str]:
    if isinstance(said, dict) and isinstance(read, dict):
        keys = sorted(set(said) | set(read))
        return [d for k in keys for d in differences(read.get(k), said.get(k), f"{where}.{k}")]
    if isinstance(said, list | tuple) and isinstance(read, list | tuple) and len(said) == len(read):
        pairs = enumerate(zip(read, said, strict=True))
        return [d for n, (r, s) in pairs for d in differences(r, s, f"{where}[{n}]")]
    if isinstance(said, float) and isinstance(read, int | float):
        return [] if abs(said - read) < 1e-6 else [f"{where}: read {read}, said {said}"]
    return [] if read == said else [f"{where}: read {read!r}, said {said!r}"]


# -- reading -----------------------------------------------------------------------------------

Trouble = Callable[[MockPdu, float], None]


def busy(model: MockPdu, now_s: float) -> None:
    for outlet, action, ago_s in (
        (2, "off", 0.0), (3, "reboot", 0.0), (4, "off", 60.0), (5, "delayed_off", 0.0),
        (6, "delayed_on", 0.0), (7, "delayed_reboot", 0.0),
    ):  # fmt: skip
        if action in model.spec.actions and outlet in model.outlets:
            model.switch(outlet, action, now_s - ago_s)  # type: ignore[arg-type]


def rebooting(model: MockPdu, now_s: float) -> None:
    for outlet in model.outlets[:1]:
        model.switch(outlet, "reboot", now_s - 2)
    for outlet in model.outlets[-1:]:
        model.switch(outlet, "off", now_s - 2)


def faulty_probe(model: MockPdu, now_s: float) -> None:
    model.fault_probe(True, now_s)


def open_door(model: MockPdu, now_s: float) -> None:
    for place, gauge in enumerate(model.gauges):
        if gauge.spec.kind == "contact":
            model.disturb_contact(place, True, now_s)


def dead_source(model: MockPdu, now_s: float) -> None:
    model.fail_source(model.spec.sources[0], now_s)


def all_dead(model: MockPdu, now_s: float) -> None:
    for ident in model.spec.sources:
        model.fail_source(ident, now_s)


def sagging_source(model: MockPdu, now_s: float) -> None:
    model.sag_source(model.spec.sources[-1], 0.2, now_s)


def swell(model: MockPdu, now_s: float) -> None:
    model.sag_source(model.spec.sources[-1], -0.15, now_s)


def preferring_none(model: MockPdu, now_s: float) -> None:
    if model.can_prefer("none", now_s):
        model.prefer("none", now_s)


def tripped_bank(model: MockPdu, now_s: float) -> None:
    if model.spec.banks:
        model.trip_bank(model.spec.banks[-1].number, now_s)


def overload(model: MockPdu, now_s: float) -> None:
    for number in (1, 2, 3):
        if number in model.sockets:
            model.sockets[number].watts = 900.0
    model.world.changed()


TROUBLES: list[Trouble] = [
    busy, rebooting, faulty_probe, open_door, dead_source, all_dead, sagging_source,
    swell, preferring_none, tripped_bank, overload,
]  # fmt: skip


def is_possible(trouble: Trouble, kind: str) -> bool:
    spec = spec_of(kind)
    kinds = {sensor.kind for sensor in spec.sensors}
    if trouble in (busy, rebooting, overload):
        return bool(spec.actions)
    if trouble is faulty_probe:
        # A lost APC probe does not say whether it had humidity, too.
        return bool(kinds - {"link"}) and spec.vendor != "APC"
    if trouble is open_door:
        return "contact" in kinds
    if trouble in (preferring_none, dead_source, sagging_source, swell):
        return len(spec.sources) > 1
    return trouble is not tripped_bank or bool(spec.banks)


@pytest.mark.parametrize(
    ("kind", "trouble"), [(k, t) for k in MODELS for t in TROUBLES if is_possible(t, k)]
)
async def test_reading_survives_the_wire(kind: str, trouble: Trouble) -> None:
    profile = CATALOG[kind].profile
    async with rig(kind) as (clock, model, backend):
        trouble(model, clock.monotonic())
        clock.advance(0.2)
        said = said_by(model, clock)
        assert differences(plain(await backend.poll(), profile), plain(said, profile)) == []


@pytest.mark.parametrize("kind", MODELS)
async def test_the_family_is_recognised_and_the_next_poll_says_the_same(kind: str) -> None:
    async with rig(kind, profile="auto") as (clock, model, backend):
        await backend.poll()
        read, profile = await backend.poll(), CATALOG[kind].profile
        assert backend.profile == profile
        assert differences(plain(read, profile), plain(said_by(model, clock), profile)) == []


async def test_v1_reads_the_same() -> None:
    async with rig("px3ts", version="1") as (clock, model, backend):
        read = await backend.poll()
        said = said_by(model, clock)
        assert differences(plain(read, ""), plain(said, "")) == []


def test_every_family_has_a_model() -> None:
    without = {"generic"}
    assert {name for name in builtin_names() if not models_of(name)} == without


# -- commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MODELS)
async def test_the_backend_can_do_what_the_model_can(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()
        spec = model.spec
        assert backend.actions == spec.actions
        assert backend.pdu_actions == spec.pdu_actions
        assert backend.takes_delay == spec.takes_delay
        if len(spec.sources) > 1:
            assert backend.prefer_transfers == spec.ats.transfers
        for outlet in (*model.outlets[:2], *model.outlets[-1:]):
            said = model.outlet_status(outlet, clock.monotonic())
            read = await backend.read_outlet(outlet)
            assert read.reboot_delay_s in (None, said.off_delay_s)
            assert msgspec.structs.replace(read, reboot_delay_s=None) == said
        if spec.pdu_actions:
            status = await backend.read_pdu(outlets=bool(model.outlets))
            meant = model.pdu_status(clock.monotonic(), outlets=True)
            assert (status.preferred, status.active) == (meant.preferred, meant.active)
            assert {n: (s.state, s.pending) for n, s in status.outlets.items()} == {
                n: (s.state, s.pending) for n, s in meant.outlets.items()
            }


OUTLET_COMMANDS: dict[OutletAction, tuple[str, str, str]] = {
    "on": ("off", "on", "on"),
    "off": ("on", "off", "off"),
    "reboot": ("on", "off", "on"),
    "delayed_on": ("off", "on", "on"),
    "delayed_off": ("on", "off", "off"),
    "delayed_reboot": ("on", "off", "on"),
}
"""Action -> the state before, as soon as the relay has moved, and in the end."""


@pytest.mark.parametrize("kind", [kind for kind in MODELS if spec_of(kind).actions])
async def test_every_outlet_command_moves_its_outlet_alone(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()
        sent: list[str] = []
        outlet = model.outlets[-1]
        before = {n: s.on for n, s in model.sockets.items() if n != outlet}
        takes = model.spec.takes_delay
        for action, (state, moved, end) in OUTLET_COMMANDS.items():
            if action not in model.spec.actions:
                continue
            model.throw(outlet, state == "on", clock.monotonic())
            delayed = action.startswith("delayed")
            delay_s = 20 if delayed and takes else None
            await backend.command(outlet, action, lambda: sent.append("sent"), delay_s=delay_s)
            waits_s = (
                20.0 if delay_s else
                model.relays.on_delay_s if action == "delayed_on" else model.relays.off_delay_s
            )  # fmt: skip
            if delayed:
                clock.advance(waits_s - 0.5)
                assert (await backend.read_outlet(outlet)).state == state
                clock.advance(0.5)
            clock.advance(1.0)
            assert (await backend.read_outlet(outlet)).state == moved
            clock.advance(60.0)
            assert (await backend.read_outlet(outlet)).state == end
        assert {n: s.on for n, s in model.sockets.items() if n != outlet} == before
        assert sent == ["sent"] * len(OUTLET_COMMANDS.keys() & model.spec.actions)


@pytest.mark.parametrize("kind", [k for k in MODELS if "cancel" in spec_of(k).actions])
async def test_cancel_takes_a_delayed_command_back(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()
        outlet = model.outlets[0]
        model.relays.on_delay_s = model.relays.off_delay_s = 30.0
        delay_s = 30 if model.spec.takes_delay else None
        for action in ("delayed_off", "delayed_reboot"):
            await backend.command(outlet, action, lambda: None, delay_s=delay_s)
            clock.advance(5)
            pending = (await backend.read_outlet(outlet)).pending
            assert pending == model.outlet_status(outlet, clock.monotonic()).pending is not None
            await backend.command(outlet, "cancel", lambda: None)
            assert (await backend.read_outlet(outlet)).pending is None
            clock.advance(60)
            assert (await backend.read_outlet(outlet)).state == "on"


@pytest.mark.parametrize("kind", [k for k in MODELS if "identify" in spec_of(k).actions])
async def test_identify_moves_nothing(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()
        before = said_by(model, clock).outlets
        await backend.command(2, "identify", lambda: None)
        assert model.relays.identified == {2: 1}
        assert [o.state for o in said_by(model, clock).outlets] == [o.state for o in before]


ALL: dict[PduAction, tuple[str, str, str]] = {
    "all_off": ("on", "off", "off"),
    "all_on": ("off", "on", "on"),
    "all_reboot": ("on", "off", "on"),
    "all_delayed_off": ("on", "off", "off"),
    "all_delayed_on": ("off", "on", "on"),
    "all_delayed_reboot": ("on", "off", "on"),
}


@pytest.mark.parametrize("kind", [k for k in MODELS if "all_off" in spec_of(k).pdu_actions])
async def test_commands_for_all_outlets(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()

        async def states() -> set[str]:
            return {s.state for s in (await backend.read_pdu(outlets=True)).outlets.values()}

        for action, (state, moved, end) in ALL.items():
            if action not in model.spec.pdu_actions:
                continue
            for number in model.outlets:
                model.throw(number, state == "on", clock.monotonic())
            delay_s = 10 if "delayed" in action and model.spec.takes_delay else None
            await backend.command_pdu(action, lambda: None, delay_s=delay_s)
            if "delayed" in action:
                clock.advance(1.5)
                assert await states() == {state}
                clock.advance(8.5 if delay_s else model.relays.off_delay_s - 1.5)
            clock.advance(1.0)
            assert await states() == {moved}
            clock.advance(60.0)
            assert await states() == {end}
        model.relays.off_delay_s = 30.0
        await backend.command_pdu(
            "all_delayed_off", lambda: None, delay_s=30 if model.spec.takes_delay else None
        )
        clock.advance(5)
        await backend.command_pdu("all_cancel", lambda: None)
        clock.advance(60)
        assert await states() == {end}


@pytest.mark.parametrize("kind", [k for k in MODELS if "prefer_b" in spec_of(k).pdu_actions])
async def test_the_preferred_source(kind: str) -> None:
    async with rig(kind) as (clock, model, backend):
        await backend.poll()
        transfers = model.spec.ats.transfers
        for action, preferred, active in (
            ("prefer_b", "B", "B"), ("prefer_a", "A", "A"), ("prefer_none", "none", "A"),
            ("prefer_b", "B", "B"),
        ):  # fmt: skip
            if action not in model.spec.pdu_actions:
                continue
            await backend.command_pdu(action, lambda: None)  # type: ignore[arg-type]
            clock.advance(0.2 if transfers else RETRANSFER_S + 0.2)
            status = await backend.read_pdu(outlets=False)
            assert (status.preferred, status.active) == (preferred, active)
            assert (model.transfer.preferred, model.transfer.active) == (preferred, active)


async def test_a_source_that_is_dead_is_not_transferred_to() -> None:
    async with rig("px3ts") as (clock, model, backend):
        await backend.poll()
        model.fail_source("B", clock.monotonic())
        with pytest.raises(CommandRejected, match="inconsistentValue"):
            await backend.command_pdu("prefer_b", lambda: None)
        assert model.transfer.active == "A"


async def test_a_chain_switches_the_outlet_of_the_right_unit() -> None:
    for kind in ("pdu81001-chain", "px3-link", "ap8641-chain"):
        async with rig(kind) as (clock, model, backend):
            await backend.poll()
            await backend.command(2003, "off", lambda: None)
            clock.advance(1)
            model.advance(clock.monotonic())
            assert (model.sockets[2003].on, model.sockets[3].on) == (False, True)
            await backend.command(3, "reboot", lambda: None)
            clock.advance(1)
            model.advance(clock.monotonic())
            assert (model.sockets[2003].on, model.sockets[3].on) == (False, False)
            assert (await backend.read_outlet(2003)).state == "off"
            with pytest.raises(CommandRejected):
                await backend.command(1003, "off", lambda: None)
