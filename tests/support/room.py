"""A room of PDUs that stands still: racks with two feeds, one lost, one stale, alarms, events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from pdutui.domain.alarm import Acknowledgement
from pdutui.domain.clock import Clock
from pdutui.domain.devicemap import MappedCord
from pdutui.domain.reading import Reading
from pdutui.engine.events import Logged
from pdutui.engine.view import PduInfo
from tests.support.fake_alarms import FakeAlarms, with_alarms
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import ats_reading, fill_trends, px_reading

LOADS = {
    "rack1-a": 1.0, "rack1-b": 0.84, "rack2-a": 0.35, "rack2-b": 0.31, "rack3-a": 2.35,
    "rack3-b": 1.62, "rack4-a": 0.6, "rack4-b": 0.0, "rack5-a": 1.1, "rack5-b": 1.3,
    "rack6-a": 0.12, "rack6-b": 0.1,
}  # fmt: skip
"""How much of what `px_reading` says each carries; rack4-b never answered."""
CORDS = tuple(
    MappedCord(device=f"r{rack}-node{n:02d}", pdu=f"rack{rack}-{feed}", outlet=n, cord=feed.upper())
    for rack in (1, 3)
    for n in range(1, 9)
    for feed in "ab"
    if (n, feed) != (3, "b")
)
"""Of racks 1 and 3; the third device of each has but one cord."""


@dataclass(frozen=True)
class Room:
    engine: FakeEngine
    alarms: FakeAlarms


def loaded(reading: Reading, factor: float) -> Reading:
    """With so much of its load; over a threshold where that makes it so."""

    def times(value: float | None, digits: int) -> float | None:
        return None if value is None else round(value * factor, digits)

    def bank_state(amps: float | None) -> str:
        return "warning" if (amps or 0.0) >= 12.8 else "normal"

    banks = []
    for bank in reading.banks:
        amps = times(bank.current_a, 2)
        banks.append(replace(bank, current_a=amps, power_w=times(bank.power_w, 0),
                             state=bank_state(amps)))  # fmt: skip
    return replace(
        reading,
        banks=tuple(banks),
        inlets=tuple(
            replace(i, current_a=times(i.current_a, 2), power_w=times(i.power_w, 0))
            for i in reading.inlets
        ),
        outlets=tuple(
            replace(o, current_a=times(o.current_a, 2), power_w=times(o.power_w, 1))
            for o in reading.outlets
        ),
    )


def end_now(engine: FakeEngine, reading: Reading) -> None:
    """Let the trends of a PDU end with what it reads."""
    parts = {f"inlet.{i.number}": i for i in reading.inlets}
    parts |= {f"bank.{b.number}": b for b in reading.banks}  # type: ignore[misc]
    parts |= {f"outlet.{o.number}": o for o in reading.outlets}  # type: ignore[misc]
    for (pdu, key), values in engine.trends.items():
        name, _, field = key.rpartition(".")
        value = getattr(parts.get(name), field, None) if pdu == reading.pdu else None
        if value is not None and values[-1] is not None:
            by = value - values[-1]
            values[:] = [None if v is None else max(0.0, v + by) for v in values]


def room_engine(clock: Clock) -> Room:
    """A transfer switch and six racks; the alarms are raised, and nothing was acknowledged but
    one."""
    infos = [PduInfo(name="ats-1", address="mock", location="Row 3 / Rack 9")]
    infos += [
        PduInfo(
            name=name, address="mock", feed=name[-1].upper(), location=f"Row 3 / Rack {name[4]}"
        )
        for name in LOADS
    ]
    engine = FakeEngine(clock, infos)
    now = clock.now()
    engine.read(ats_reading("ats-1", now))
    fill_trends(engine, ats_reading("ats-1", now))
    end_now(engine, ats_reading("ats-1", now))
    for name, factor in LOADS.items():
        if name == "rack4-b":
            engine.become(name, "lost", "no answer since the start")
            continue
        ago = timedelta(seconds=8 if name == "rack5-a" else 0)
        reading = loaded(px_reading(name, now - ago, 16), factor)
        engine.read(reading)
        fill_trends(engine, reading)
        end_now(engine, reading)
    engine.become("rack5-a", "late", "no answer for 8 s")
    engine.log += [
        Logged(time=now - timedelta(seconds=95), pdu="rack1-a", severity="info",
               text="outlet 8 node08 went off"),
        Logged(time=now - timedelta(seconds=42), pdu="rack3-a", severity="warning",
               text="OCP C3 warning: 14.1 A, limit 12.8 A"),
        Logged(time=now - timedelta(seconds=9), pdu="ats-1", severity="info",
               text="outlet 8 spare: off observed"),
    ]  # fmt: skip
    return Room(engine, with_alarms(engine))


def raise_alarms(room: Room, *, loud_critical: bool = False) -> None:
    """Warnings, a critical one that was seen to, one that is over, one silenced; if asked, a
    critical one that nobody has seen to, which has the banner."""
    alarms, now = room.alarms, room.engine.clock.now()

    def ago(**span: float) -> dict[str, object]:
        since = now - timedelta(**span)
        return {"since": since, "changed": since}

    alarms.raise_("rack3-a", "overload", "warning", "OCP C3 at 88 % of 16 A", part="bank.3",
                  value=14.1, limit=12.8, unit="A", series="bank.3.current_a", tell=False,
                  **ago(seconds=42))  # fmt: skip
    seen = Acknowledgement(by="grace", time=now - timedelta(minutes=31), comment="CHG-4711")
    alarms.raise_("rack4-b", "pdu_lost", "critical", "lost: no answer since the start", part="",
                  ack=seen, tell=False, **ago(minutes=40))  # fmt: skip
    alarms.raise_("rack5-a", "overload", "warning", "OCP C2 at 83 % of 16 A", part="bank.2",
                  known=False, tell=False, **ago(minutes=12))  # fmt: skip
    alarms.raise_("ats-1", "outlet_changed", "warning", "outlet 8 spare went off, not by us",
                  part="outlet.8", over=now - timedelta(minutes=3), times=3, tell=False,
                  **ago(minutes=3))  # fmt: skip
    alarms.raise_("rack2-a", "outlet_no_load", "warning", "outlet 5 node05 is on and draws 0 W",
                  part="outlet.5", silenced_until=now + timedelta(hours=2), tell=False,
                  **ago(hours=5))  # fmt: skip
    if loud_critical:
        alarms.raise_("ats-1", "source_lost", "critical", "source B lost", part="source.B",
                      tell=False, **ago(seconds=71))  # fmt: skip
        alarms.raise_("rack3-b", "breaker_tripped", "critical", "OCP C1 has tripped",
                      part="bank.1", tell=False, **ago(seconds=220))  # fmt: skip
    alarms.entries = [replace(entry, time=entry.alarm.since) for entry in alarms.entries]
    alarms.entries.sort(key=lambda entry: entry.time)


def lose_b(engine: FakeEngine) -> None:
    """Source B of the transfer switch is lost, as its alarm says."""
    reading = engine.view("ats-1").reading
    assert reading is not None
    assert reading.ats is not None
    a, b = reading.ats.sources
    gone = replace(b, state="lost", voltage_v=0.0, frequency_hz=0.0)
    engine.read(replace(reading, ats=replace(reading.ats, redundancy="lost", sources=(a, gone))))
