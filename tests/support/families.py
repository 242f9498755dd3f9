"""Readings of the device families, made by hand as in `scenes`."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

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
from pdutui.engine.view import PduInfo
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import NOW, fill_trends, px_reading

UNSUPPORTED = (
    "not a PDU of a known family: sysDescr 'Cisco IOS Software, C2960X Software"
    " (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2) Technical Support:"
    " http://www.cisco.com/techsupport Copyright (c) 1986-2021 by Cisco Systems, Inc.';"
    " sysObjectID 1.3.6.1.4.1.9.1.1208; if it is one, record it with `pdutui capture 10.0.0.9"
    " -o pdu.snmprec --redact` and send that in, or name its profile by hand with --profile"
    " (apc-ats, apc-rpdu, apc-rpdu2, cyberpower-ats, cyberpower-epdu, eaton-epdu, generic,"
    " raritan-pdu2, sentry3, sentry4, vertiv-imd)"
)


def three_phase(pdu: str = "rack7-a", time: datetime = NOW) -> Reading:
    """24 outlets behind six breakers; a cord without a current of its own, three lines."""
    amps = (3.17, 14.2, 4.62)
    phases = tuple(
        Phase(
            number=n, name=f"L{n}", voltage_v=230.0 + n, current_a=amps[n - 1],
            power_w=round(amps[n - 1] * 224.0), apparent_power_va=round(amps[n - 1] * 231.0),
            power_factor=0.97, warning_a=12.8, state="warning" if n == 2 else "normal",
        )
        for n in (1, 2, 3)
    )  # fmt: skip
    banks = tuple(
        Bank(number=n, name=f"C{n}", current_a=1.1 * n, rating_a=16.0, warning_a=12.8,
             critical_a=16.0, state="normal")
        for n in range(1, 7)
    )  # fmt: skip
    inlet = Inlet(
        number=1, name="I1", power_w=4923.0, apparent_power_va=5079.0, power_factor=0.97,
        frequency_hz=50.0, energy_kwh=18211.7, rating_a=16.0, state="normal",
    )  # fmt: skip
    base = px_reading(pdu, time)
    outlets = tuple(replace(o, bank=(o.number - 1) // 4 + 1) for o in base.outlets)
    sensors = (
        Sensor(name="Inlet air", kind="temperature", value=22.5, unit="degC", state="normal"),
    )
    return replace(
        base, model="PX3-5730V", inlets=(inlet,), phases=phases, banks=banks, outlets=outlets,
        sensors=sensors, poll=PollStats(duration_ms=8.4, requests=8, varbinds=339),
    )  # fmt: skip


def chain(pdu: str = "row2", time: datetime = NOW, each: int = 12) -> Reading:
    """Two units on one network port, an inlet and a bank each."""
    inlets = tuple(
        Inlet(number=n, name="I1", module=m, voltage_v=208.4, current_a=4.1 * m,
              power_w=830.0 * m, apparent_power_va=856.0 * m, power_factor=0.97, rating_a=24.0,
              state="normal")
        for m, n in ((1, 1), (2, 2001))
    )  # fmt: skip
    banks = tuple(
        Bank(number=n, name="Bank 1", module=m, current_a=4.1 * m, rating_a=20.0, warning_a=16.0,
             critical_a=20.0, state="normal")
        for m, n in ((1, 1), (2, 2001))
    )  # fmt: skip
    outlets = tuple(
        Outlet(
            number=i if m == 1 else 2000 + i, label=f"{m}.{i}", module=m,
            name="" if i == each else f"node{m}{i:02d}",
            state="unknown" if (m, i) == (2, 5) else "off" if i == 3 else "on",
            bank=1 if m == 1 else 2001, switchable=True, current_a=0.3 * m, power_w=60.0 * m + i,
            pending="off" if (m, i) == (2, 2) else None,
        )
        for m in (1, 2)
        for i in range(1, each + 1)
    )  # fmt: skip
    return Reading(
        pdu=pdu, time=time, vendor="APC", model="AP8641", profile="apc-rpdu2", inlets=inlets,
        banks=banks, outlets=outlets,
        poll=PollStats(duration_ms=5.2, requests=7, varbinds=279),
    )  # fmt: skip


def transfer_switch(pdu: str = "ats-7", time: datetime = NOW) -> Reading:
    """A rack transfer switch that has no outlets to tell of, and no watts."""
    inlet = Inlet(number=1, name="I1", voltage_v=232.0, current_a=8.5, apparent_power_va=1977.0,
                  rating_a=32.0, state="normal")  # fmt: skip
    banks = tuple(
        Bank(number=n, name=f"Bank {n}", voltage_v=232.0, current_a=a,
             apparent_power_va=round(232 * a), state="normal")
        for n, a in ((1, 4.4), (2, 4.1))
    )  # fmt: skip
    sources = (
        Source(id="A", name="Source A", voltage_v=232.0, frequency_hz=50.0, state="normal"),
        Source(id="B", name="Source B", voltage_v=229.0, frequency_hz=50.0, state="normal"),
    )
    ats = Ats(active="A", preferred="A", redundancy="full", phase_sync="in_sync",
              sensitivity="high", sources=sources)  # fmt: skip
    return Reading(
        pdu=pdu, time=time, vendor="APC", model="AP7724", profile="apc-ats", inlets=(inlet,),
        banks=banks, ats=ats,
        sensors=(Sensor(name="Link to the switch", kind="status", state="normal"),),
        poll=PollStats(duration_ms=2.1, requests=1, varbinds=26),
    )  # fmt: skip


def generic(pdu: str = "gen-1", time: datetime = NOW) -> Reading:
    """A device that speaks nothing but ENTITY-SENSOR-MIB."""
    told = (
        ("Input voltage", "voltage", 230.4, "V"), ("Input current", "current", 4.12, "A"),
        ("Input power", "power", 946.0, "W"), ("Frequency", "frequency", 50.0, "Hz"),
        ("Inlet air", "temperature", 23.5, "degC"), ("Humidity", "humidity", 41.0, "percent"),
        ("Fan", "speed", 4200.0, "rpm"),
    )  # fmt: skip
    return Reading(
        pdu=pdu, time=time, model="RM-3000", profile="generic",
        sensors=tuple(Sensor(name=n, kind=k, value=v, unit=u) for n, k, v, u in told),
        poll=PollStats(duration_ms=1.2, requests=1, varbinds=17),
    )  # fmt: skip


def families_engine(clock: Clock) -> FakeEngine:
    """A three-phase PDU, a chain, a transfer switch, a generic one and an unknown device."""
    able = frozenset({"on", "off", "reboot", "delayed_on", "delayed_off", "delayed_reboot",
                      "cancel"})  # fmt: skip
    whole = frozenset({"all_on", "all_off", "all_reboot"})
    prefer = frozenset({"prefer_a", "prefer_b", "prefer_none"})
    infos = (
        PduInfo(name="rack7-a", address="10.0.0.5", actions=able, pdu_actions=whole),
        PduInfo(name="row2", address="10.0.0.6", actions=able, takes_delay=True),
        PduInfo(name="ats-7", address="10.0.0.7", pdu_actions=prefer),
        PduInfo(name="gen-1", address="10.0.0.8", read_only=True,
                read_only_reason="gen-1 offers no switching of outlets"),
        PduInfo(name="sw-17", address="10.0.0.9"),
    )  # fmt: skip
    engine = FakeEngine(clock, infos)  # type: ignore[arg-type]
    now = clock.now()
    for made in (three_phase, chain, transfer_switch, generic):
        reading = made(time=now)
        engine.read(reading)
        fill_trends(engine, reading)
    engine.become("sw-17", "unsupported", UNSUPPORTED)
    return engine
