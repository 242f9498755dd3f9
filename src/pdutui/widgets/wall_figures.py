"""What a wall shows large, of a PDU or of the fleet: figures that are read from across the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from pdutui.domain.fleet_groups import Totals
from pdutui.domain.fleet_rows import Facts, facts_of
from pdutui.domain.health import is_stale
from pdutui.domain.reading import LoadState
from pdutui.engine.view import PduView
from pdutui.widgets.alarm_counts import Standing
from pdutui.widgets.figures import age, rating

_POWER, _PERCENT, _AMPS, _CLOCK = "88.8kW", "100%", "88.8A", "88:88"
"""The widest of each: places stay where they are whatever the figures say."""
_FULL, _FILLING = 100.0, 80.0


class Figure(Struct, frozen=True):
    """One of them."""

    text: str
    """Written large; `-` for what is not known."""
    widest: str
    """What it has room for."""
    ink: str
    label: str
    """Below it, in the letters of the screen."""
    label_ink: str = "muted"
    vital: bool = True
    """Rather smaller letters than without it."""


def pdu_figures(view: PduView, now: datetime) -> tuple[Figure, ...]:
    """Of a PDU: watts, per cent of the rating, source, amperes, the time.

    Args:
        view: The PDU.
        now: In the zone of the screen.
    """
    reading = view.reading
    if reading is None:
        return (clock(now, vital=True),)
    facts, stale = facts_of(reading), is_stale(view.health)
    word, word_ink = _age(view) if stale else ("", "muted")

    def figure(text: str, widest: str, ink: str, label: str, *, vital: bool = True) -> Figure:
        unknown = text == "-"
        ink = "stale" if stale else "unknown" if unknown else ink
        label = f"{label} not known" if unknown else label
        return Figure(text, widest, ink, word or label, word_ink, vital)

    va = facts.power_w is None and facts.apparent_power_va is not None
    power = _power(facts.apparent_power_va if va else facts.power_w, "V" if va else "W")
    widest = "88.8kVA" if va else _POWER
    amps = facts.current_a
    ink = _load_ink(facts.percent, [inlet.state for inlet in reading.inlets])
    out = [
        figure(power + ("A" if va and power != "-" else ""), widest, "strong", "power"),
        figure(_percent(facts.percent), _PERCENT, ink, _of_rating(facts)),
    ]
    if facts.has_ats:
        dead = facts.active == "none"
        text = facts.active if facts.active in ("A", "B") else "-"
        if dead and not stale:
            out.append(Figure("-", "B", "critical", "NO SOURCE", "badge-critical"))
        else:
            out.append(figure(text, "B", "source", "source"))
    shown = "-" if amps is None else f"{amps:.1f}A" if amps < 100 else f"{amps:.0f}A"
    out.append(figure(shown, _AMPS, "strong", "current", vital=False))
    return (*out, clock(now))


def fleet_figures(totals: Totals, stands: Standing, now: datetime) -> tuple[Figure, ...]:
    """Of the fleet: watts, critical alarms, PDUs that are not live, the fullest part, the time.

    Args:
        totals: Of all PDUs.
        stands: The alarms, those of no PDU too.
        now: In the zone of the screen.
    """
    down = totals.count - totals.healths.get("live", 0)
    part = totals.measured != totals.counted
    known = totals.power_w is not None
    label = f"of {totals.measured} of {totals.counted} PDUs" if part and known else "all PDUs"
    power = _power(totals.power_w, "W")
    ink = "unknown" if not known else "warning" if part else "strong"
    full = totals.percent
    level = _load_ink(full, ())
    return (
        Figure(power, _POWER, ink, label if known else "power not known",
               "warning" if part else "muted"),
        _alarms(stands),
        Figure(str(down), _count(down), "critical" if down else "fine",
               "PDUs not live" if down else "all PDUs live"),
        Figure(_percent(full), _PERCENT, "unknown" if full is None else level,
               "fullest part" if full is not None else "load not known", vital=False),
        clock(now),
    )  # fmt: skip


def _alarms(stands: Standing) -> Figure:
    """How many critical ones ask for attention; that none does is no "all is well" by itself."""
    if stands.unjudged:
        return Figure(
            "-", _count(0), "unknown", "alarms are off" if stands.off else "alarms not known"
        )
    count, quiet = stands.critical, stands.quiet
    over = stands.banner is not None and stands.banner.over is not None
    ink = "warning" if over else "critical" if count else "text" if quiet else "fine"
    label = "critical, over" if over else "critical"
    if quiet:
        label += f", {quiet} quiet"
    elif not over:
        label += " alarms"
    return Figure(str(count), _count(count), ink, label if count or quiet else "no critical alarm")


def _count(number: int) -> str:
    """The room of a number of alarms or PDUs."""
    return "88" if number < 100 else "888"


def clock(now: datetime, *, vital: bool = False) -> Figure:
    """The time of day."""
    return Figure(f"{now:%H:%M}", _CLOCK, "text", f"{now:%a %d %b}", "muted", vital)


def _power(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if abs(value) < 9_999.5:
        return f"{value:.0f}{unit}"
    if abs(value) < 99_950:
        return f"{value / 1000:.1f}k{unit}"
    return f"{value / 1000:.0f}k{unit}" if abs(value) < 999_500 else f"{value / 1e6:.1f}M{unit}"


def _percent(value: float | None) -> str:
    if value is None:
        return "-"
    return "<1%" if 0 < value < 1 else f"{value:.0f}%"


def _of_rating(facts: Facts) -> str:
    if facts.percent is None:
        return "load"
    return "of rating" if facts.rating_a is None else f"of {rating(facts.rating_a)} A"


def _load_ink(percent: float | None, states: Sequence[LoadState]) -> str:
    """The device's own word about its inlets first, then the share of the rating."""
    share = percent or 0.0
    if "critical" in states or "tripped" in states or share >= _FULL:
        return "critical"
    return "warning" if "warning" in states or share >= _FILLING else "strong"


def _age(view: PduView) -> tuple[str, str]:
    """`LOST 2m05s`, as the heads of the panels have it."""
    late = view.health in ("late", "connecting")
    word = "STALE" if late else view.health.upper()
    return f"{word} {age(view.age_s)}".rstrip(), "badge-warning" if late else "badge-critical"
