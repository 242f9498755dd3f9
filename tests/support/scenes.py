"""Readings, trends and scenes made by hand: always the same, so that pictures of them are too."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import cache

from pdutui.domain.clock import Clock
from pdutui.domain.reading import (
    Ats,
    Bank,
    Inlet,
    Outlet,
    Phase,
    PollStats,
    Reading,
    Sensor,
    Source,
)
from pdutui.domain.series import sensor_ids
from pdutui.engine.events import Logged
from pdutui.engine.view import PduInfo
from tests.support.fake_engine import FakeEngine

NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)
_NAMES = (
    "core-sw-1", "core-sw-2", "db01", "db02", "web-frontend-01", "backup", "kvm", "spare", "nas-1",
    "lab bench left",
)  # fmt: skip


def ats_reading(pdu: str = "ats-1", time: datetime = NOW) -> Reading:
    """A PDU44001: 10 outlets, 2 banks, a transfer switch, a probe."""
    watts = (62.0, 58.0, 104.0, 98.0, 44.0, 0.0, 6.5, 0.0, None, 21.0)
    outlets = tuple(
        Outlet(
            number=i + 1,
            name=_NAMES[i],
            state="off" if i in (5, 7) else "unknown" if i == 8 else "on",
            bank=1 if i < 5 else 2,
            switchable=True,
            current_a=None if watts[i] is None else round(watts[i] / 120.9, 2),
            power_w=watts[i],
            energy_kwh=None if watts[i] is None else round(312.4 + 37.1 * i, 1),
        )
        for i in range(10)
    )
    return Reading(
        pdu=pdu,
        time=time,
        vendor="CyberPower",
        model="PDU44001",
        name="ATS011",
        inlets=(
            Inlet(
                number=1, name="I1", voltage_v=120.9, current_a=3.1, power_w=361.0,
                apparent_power_va=371.0, power_factor=0.97, frequency_hz=60.0, energy_kwh=1042.3,
                rating_a=20.0, state="normal",
            ),
        ),
        banks=(
            Bank(
                number=1, name="Bank 1", voltage_v=120.9, current_a=1.8, power_w=211.0,
                rating_a=16.0, warning_a=12.0, critical_a=16.0, state="normal",
            ),
            Bank(
                number=2, name="Bank 2", voltage_v=120.9, current_a=13.1, power_w=1510.0,
                rating_a=16.0, warning_a=12.0, critical_a=16.0, state="warning",
            ),
        ),
        outlets=outlets,
        ats=Ats(
            active="A", preferred="A", redundancy="full", phase_sync="in_sync",
            sensitivity="medium",
            sources=(
                Source(id="A", name="Source A", voltage_v=120.9, frequency_hz=60.0,
                       state="normal"),
                Source(id="B", name="Source B", voltage_v=121.4, frequency_hz=60.0,
                       state="normal"),
            ),
        ),
        sensors=(
            Sensor(name="Env 1", kind="temperature", value=20.7, unit="degC", state="normal"),
            Sensor(name="Env 1", kind="humidity", value=41.0, unit="percent", state="normal"),
        ),
        poll=PollStats(duration_ms=11.8, requests=4, varbinds=61),
    )  # fmt: skip


def px_reading(pdu: str = "rack1-a", time: datetime = NOW, outlets: int = 24) -> Reading:
    """A PX3: 24 metered outlets behind 3 overcurrent protectors, no transfer switch."""
    banks = tuple(
        Bank(
            number=n, name=f"OCP C{n}", voltage_v=230.4, current_a=2.0 * n, power_w=430.0 * n,
            apparent_power_va=460.0 * n, power_factor=0.93, rating_a=16.0, warning_a=12.8,
            state="normal",
        )
        for n in (1, 2, 3)
    )  # fmt: skip
    return Reading(
        pdu=pdu,
        time=time,
        vendor="Raritan",
        model="PX3-5902",
        inlets=(
            Inlet(
                number=1, name="I1", voltage_v=230.4, current_a=12.0, power_w=2580.0,
                apparent_power_va=2764.0, power_factor=0.93, frequency_hz=50.0,
                energy_kwh=18211.7, rating_a=32.0, state="normal",
            ),
        ),
        banks=banks,
        outlets=tuple(
            Outlet(
                number=i + 1,
                name=f"node{i + 1:02d}",
                state="off" if i % 11 == 7 else "on",
                bank=i // 8 + 1,
                switchable=True,
                voltage_v=230.4,
                current_a=0.0 if i % 11 == 7 else round(0.4 + i * 0.01, 2),
                power_w=0.0 if i % 11 == 7 else 92.0 + i * 2,
                power_factor=None if i % 11 == 7 else 0.95,
                energy_kwh=100.0 + i,
            )
            for i in range(outlets)
        ),
        poll=PollStats(duration_ms=23.4, requests=5, varbinds=180),
    )  # fmt: skip


def wave(
    level: float, swing: float, seconds: int = 900, period: float = 97.0
) -> list[float | None]:
    """A series that swings round a level, with a step and a gap."""
    return list(_wave(level, swing, seconds, period))


@cache
def _wave(level: float, swing: float, seconds: int, period: float) -> tuple[float | None, ...]:
    out: list[float | None] = []
    for s in range(seconds):
        value = level + swing * math.sin(s / period) + (swing if s > seconds * 0.7 else 0.0)
        gap = seconds * 0.4 < s < seconds * 0.45
        out.append(None if gap else round(value, 2))
    return tuple(out)


def fill_trends(engine: FakeEngine, reading: Reading) -> None:
    """Fifteen minutes for everything that is drawn."""
    parts: list[tuple[str, Inlet | Phase | Bank]] = [
        (f"inlet.{i.number}", i) for i in reading.inlets
    ]
    parts += [(f"phase.{p.number}", p) for p in reading.phases]
    for ident, sensor in zip(sensor_ids(reading.sensors), reading.sensors, strict=True):
        if reading.profile == "generic":
            engine.trends[reading.pdu, f"sensor.{ident}.value"] = wave(sensor.value or 0, 0.6)
    for key, part in [*parts, *((f"bank.{b.number}", b) for b in reading.banks)]:
        for field, swing in (("voltage_v", 0.6), ("current_a", 0.3), ("power_w", 36.0)):
            value = getattr(part, field)
            if value is not None:
                engine.trends[reading.pdu, f"{key}.{field}"] = wave(value, swing)
    for outlet in reading.outlets:
        if outlet.power_w is not None:
            swing = outlet.power_w * 0.01 * outlet.number
            engine.trends[reading.pdu, f"outlet.{outlet.number}.power_w"] = wave(
                outlet.power_w, swing, 60, 7.0 + outlet.number
            )


def demo_engine(clock: Clock) -> FakeEngine:
    """Three PDUs with a reading each, as the demo has them."""
    infos = (
        PduInfo(name="ats-1", address="mock", location="Row 3 / Rack 2"),
        PduInfo(name="rack1-a", address="mock", feed="A", location="Row 3 / Rack 1"),
        PduInfo(name="rack1-b", address="mock", feed="B", location="Row 3 / Rack 1"),
    )
    engine = FakeEngine(clock, infos)
    now = clock.now()
    for reading in (
        ats_reading("ats-1", now),
        px_reading("rack1-a", now),
        px_reading("rack1-b", now),
    ):
        engine.read(reading)
        fill_trends(engine, reading)
    engine.log += [
        Logged(time=now - timedelta(seconds=95), pdu="rack1-a", severity="info",
               text="outlet 8 node08 went off"),
        Logged(time=now - timedelta(seconds=42), pdu="ats-1", severity="warning",
               text="bank 2 warning: 13.1 A, limit 12 A"),
        Logged(time=now - timedelta(seconds=9), pdu="ats-1", severity="info",
               text="outlet 8 spare: off observed"),
    ]  # fmt: skip
    return engine
