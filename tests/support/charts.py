"""Windows of history to draw: made up, the same every time."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from pdutui.domain.history import Gap, Mark, Points, SeriesInfo, step_for
from pdutui.widgets.chart_model import ChartLine, ChartModel, Threshold

BERLIN = ZoneInfo("Europe/Berlin")
NOON = round(datetime(2026, 11, 20, 11, 0, tzinfo=UTC).timestamp() * 1000)
"""Fri 20 Nov 2026, noon in Berlin."""
HOUR, DAY = 3_600_000, 86_400_000
OUTLET = SeriesInfo(key="outlet.3.power_w", name="Outlet 3 db01", unit="W")
OTHER = SeriesInfo(key="outlet.4.power_w", name="Outlet 4 db02", unit="W")
BANK = SeriesInfo(key="bank.1.current_a", name="Bank 1", unit="A")
INLET = SeriesInfo(key="inlet.1.voltage_v", name="Inlet I1", unit="V")
ENV = SeriesInfo(key="sensor.temperature_env_1.value", name="Env 1", unit="°C")
ENERGY = SeriesInfo(key="outlet.3.energy_kwh", name="Outlet 3 db01", unit="kWh")
STATE = SeriesInfo(
    key="outlet.3.state", name="Outlet 3 db01", unit="", words={0: "off", 1: "on"}
)  # fmt: skip
ACTIVE = SeriesInfo(
    key="ats.0.active", name="Transfer switch", unit="", words={0: "none", 1: "A", 2: "B"}
)


def points(
    key: str,
    from_ms: int,
    to_ms: int,
    step_ms: int,
    value: object,
    *,
    noise: float = 0.0,
    gaps: tuple[Gap, ...] = (),
    spikes: tuple[tuple[int, float], ...] = (),
    seed: int = 1,
) -> Points:
    """Points of `value(ms)` with noise between minimum and maximum; spikes are of one second."""
    chance = random.Random(seed)
    made = Points(
        key=key, ts_ms=[], n=[], minimum=[], mean=[], maximum=[], last=[],
        hold_ms=round(1.75 * max(step_ms, 1000)),
    )  # fmt: skip
    for ts in range(-(-from_ms // step_ms) * step_ms, to_ms, step_ms):
        if any(gap.from_ms < ts + step_ms // 2 < gap.to_ms for gap in gaps):
            continue
        mean = value(ts)  # type: ignore[operator]
        low = mean - abs(chance.gauss(0, noise)) if noise and step_ms > 1000 else mean
        high = mean + abs(chance.gauss(0, noise)) if noise and step_ms > 1000 else mean
        if noise and step_ms == 1000:
            low = mean = high = mean + chance.gauss(0, noise)
        for at, peak in spikes:
            if ts <= at < ts + step_ms:
                high = max(high, peak)
                low = min(low, peak)
                if step_ms == 1000:
                    low = mean = high = peak
        made.ts_ms.append(ts)
        made.n.append(step_ms // 1000)
        made.minimum.append(low)
        made.mean.append(mean)
        made.maximum.append(high)
        made.last.append(mean)
    return made


def daily(base: float, swing: float, *, phase: float = 0.0) -> object:
    """A load that follows the day."""
    return lambda ms: base + swing * math.sin((ms / DAY + phase) * 2 * math.pi)


def window(
    span_ms: int = DAY,
    *,
    to_ms: int = NOON,
    kinds: str = "W",
    zone: tzinfo = BERLIN,
    compare: bool = False,
    happened: bool = True,
    **more: object,
) -> ChartModel:
    """A chart of a span up to noon.

    `kinds` has a letter for each line: W and w are outlets, A a bank, V an inlet, C a temperature,
    k a counter, s an outlet's state, t the active source.
    """
    from_ms, step = to_ms - span_ms, step_for(span_ms)
    gap = Gap(from_ms + span_ms * 55 // 100, from_ms + span_ms * 60 // 100)
    gaps = (gap,) if happened else ()
    spike = (from_ms + span_ms * 3 // 10, 310.0)
    shapes: dict[str, tuple[SeriesInfo, object, float, tuple[tuple[int, float], ...]]] = {
        "W": (OUTLET, daily(104, 18), 2.5, (spike,) if happened else ()),
        "w": (OTHER, daily(180, 30, phase=0.3), 3.0, ()),
        "A": (BANK, daily(4.2, 1.1, phase=0.1), 0.05, ()),
        "V": (INLET, daily(230, 2.2, phase=0.6), 0.4, ()),
        "C": (ENV, daily(22, 3.0, phase=0.4), 0.1, ()),
        "k": (ENERGY, lambda ms: 1042.3 + (ms - from_ms) / HOUR * 0.104, 0.0, ()),
        "s": (STATE, lambda ms: 0.0 if 40 <= (ms - from_ms) * 100 // span_ms < 47 else 1.0, 0, ()),
        "t": (ACTIVE, lambda ms: 1.0 if (ms - from_ms) * 100 // span_ms < 70 else 2.0, 0, ()),
    }
    lines = []
    for slot, kind in enumerate(kinds):
        info, value, noise, spikes = shapes[kind]
        made = points(
            info.key, from_ms, to_ms, step, value,
            noise=noise, gaps=gaps, spikes=spikes, seed=slot,
        )  # fmt: skip
        lines.append(ChartLine(info=info, points=made, slot=slot))
        if compare and kind not in "st":
            early = points(
                info.key, from_ms - DAY, to_ms - DAY, step,
                lambda ms, value=value: value(ms) * 0.93, noise=noise, seed=slot + 10,
            )  # fmt: skip
            lines.append(ChartLine(info=info, points=early, slot=slot, shift_ms=DAY))

    def mark(part: int, kind: str, level: str, text: str) -> Mark:
        ts = from_ms + span_ms * part // 1000
        return Mark(ts_ms=ts, pdu="rack1-a", kind=kind, level=level, text=text)  # type: ignore[arg-type]

    marks = (
        mark(300, "alarm", "warning", "Bank 1 near its limit: 12.3 A of 16 A"),
        mark(400, "command", "info", "Turn OFF outlet 3 db01 by eva: observed"),
        mark(402, "event", "info", "outlet 3 db01: on to off"),
        mark(470, "command", "info", "Turn ON outlet 3 db01 by eva: observed"),
        mark(550, "health", "critical", "rack1-a lost: no answer for 8 s"),
        mark(600, "health", "info", "rack1-a answers again"),
        mark(700, "transfer", "critical", "Source A lost, load moved to source B"),
        mark(702, "alarm", "critical", "redundancy lost"),
        mark(900, "identity", "warning", "firmware 1.3.2 is now 1.4.0"),
    )
    fields: dict[str, object] = {
        "pdu": "rack1-a", "from_ms": from_ms, "to_ms": to_ms, "step_ms": step, "zone": zone,
        "lines": tuple(lines), "marks": marks if happened else (), "gaps": gaps,
        "oldest_ms": from_ms - 9 * DAY, "newest_ms": to_ms - 1000,
        "thresholds": (
            Threshold(value=5.0, unit="A", level="warning", text="Bank 1 warning"),
            Threshold(value=16.0, unit="A", level="critical", text="Bank 1 critical"),
        ) if "A" in kinds else (),
        **more,
    }  # fmt: skip
    return ChartModel(**fields)  # type: ignore[arg-type]
