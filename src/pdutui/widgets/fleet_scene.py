"""All that list and cards of the fleet may look at, and how a PDU's state is said in either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_groups import Grouping, Section, Totals
from pdutui.domain.fleet_sort import (
    CRITICAL,
    USUAL,
    WARNING,
    Limits,
    Order,
    load_standing,
)
from pdutui.domain.health import Health, is_stale
from pdutui.widgets.figures import age, amps, percent, power, watts
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Piece, pieces_width
from pdutui.widgets.plot import buckets, chart, columns, extent, nice_scale, spark
from pdutui.widgets.text import clean, width_of, wrap

TREND_S = 60
_CAPTION = "last minute"
_HEALTH_INKS: dict[Health, str] = {
    "live": "fine",
    "connecting": "warning",
    "late": "warning",
    "lost": "critical",
    "refused": "critical",
    "unsupported": "critical",
}


_STATES = {
    "warning": ("WARNING", "WARN"), "critical": ("CRITICAL", "CRIT"),
    "tripped": ("TRIPPED", "TRIP"),
}  # fmt: skip
"""What a part's state is called where it is not well, and in short."""


class FleetScene(Struct, frozen=True, kw_only=True):
    """The fleet at one moment, and where the person looking at it is."""

    rows: Mapping[str, FleetRow]
    sections: Sequence[Section]
    totals: Mapping[tuple[str, int], Totals]
    """Of each section, by title and level; none where there are no groups."""
    now: datetime
    inks: Inks
    glyphs: GlyphSet
    trend: Callable[[str], tuple[Sequence[float | None], int]]
    """PDU -> the last values, one a second, and the second of the last one."""
    cursor: str | None = None
    order: Order = "worst"
    grouping: Grouping = "none"
    limits: Limits = USUAL
    filter: str = ""
    has_ats: bool = False
    """Whether any PDU of the fleet has a transfer switch."""
    has_alarms: bool = False
    """Whether any has an alarm, quiet or not."""
    names: int = 0
    """Cells of the longest name."""
    places: int = 0
    """Cells of the longest location; 0: there is none, or groups say it."""
    feeds: int = 0
    """Cells of the longest feed; 0: as above."""

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    @property
    def na(self) -> str:
        """What stands for n/a."""
        return self.glyphs.dash


def stale_row(row: FleetRow) -> bool:
    """Whether its figures are older than they should be."""
    return is_stale(row.health)


def ink(row: FleetRow, name: str) -> str:
    """An ink, or the stale one while the row's figures are stale: none escapes it."""
    return "stale" if is_stale(row.health) else name


def health_pieces(scene: FleetScene, row: FleetRow, room: int) -> list[Piece]:
    """`● live 0s`, `▲ lost 2m05s`; the age is left out where there is no room for it."""
    glyph = scene.glyphs.live if row.health == "live" else scene.glyphs.alert
    word = f"{glyph} {row.health}"
    since = age(row.age_s)
    if row.dark:
        return [(f"{scene.glyphs.alert} dark", "critical")]
    if row.unsure and not is_stale(row.health):
        return [(f"{scene.glyphs.unknown} not known"[:room], "unknown")]
    if row.estimated and not row.unsure:
        return [(f"{scene.glyphs.dot} estimated"[:room], "replay")]
    pieces: list[Piece] = [(word[:room], _HEALTH_INKS[row.health])]
    if since and len(word) + 1 + len(since) <= room:
        pieces.append((f" {since}", "muted" if row.health == "live" else _HEALTH_INKS[row.health]))
    return pieces


def alarm_pieces(scene: FleetScene, row: FleetRow | Totals, room: int) -> list[Piece]:
    """`▲ 2 critical 1 warning`; shorter `▲ 2 crit +1`; `1 quiet` where somebody has seen to all."""
    counts = (
        (row.critical, "critical", "crit", "critical"),
        (row.warning, "warning", "warn", "warning"),
        (row.quiet, "quiet", "quiet", "muted"),
    )
    found = [each for each in counts if each[0]]
    loud = bool(row.critical or row.warning)
    sign = f"{scene.glyphs.alert} " if loud else ""
    for place in (1, 2):
        pieces = [
            (f"{' ' if i else sign}{each[0]} {each[place]}", str(each[3]))
            for i, each in enumerate(found)
        ]
        if pieces_width(pieces) <= room:
            return pieces
    number, _, word, name = found[0]
    others = sum(each[0] for each in found[1:])
    text = f"{sign}{number} {word}"
    more = f" +{others}" if others else ""
    return [(text, name), (more, "text")] if len(text) + len(more) <= room else [(text, name)]


def watts_of(scene: FleetScene, row: FleetRow) -> tuple[str, str]:
    """Figure and unit of the total: W, or VA where that is all the device gives."""
    if row.power_w is None and row.apparent_power_va is not None:
        return watts(row.apparent_power_va, scene.na), "VA"
    return watts(row.power_w, scene.na), "W" if row.power_w is not None else ""


def load_ink(scene: FleetScene, row: FleetRow) -> str:
    """The ink of its load: the device's word first, then how full it is."""
    found = load_standing(row, scene.limits)
    return ink(row, "critical" if found == CRITICAL else "warning" if found == WARNING else "value")


def percent_ink(scene: FleetScene, row: FleetRow) -> str:
    """The ink of the total's share: of that alone."""
    share = row.percent
    if share is not None and share >= scene.limits.critical:
        return ink(row, "critical")
    return ink(row, "warning" if share is not None and share >= scene.limits.warning else "value")


def worst_pieces(scene: FleetScene, row: FleetRow, room: int) -> list[Piece]:
    """`Bank 2 82 %`; `Bank 2 TRIPPED`, `C1 WARNING 79 %`: what is nearest to its limit."""
    worst = row.worst
    if worst is None:
        return []
    share = "" if worst.percent is None else f"{percent(worst.percent)} %"
    found = load_ink(scene, row)
    word, short = _STATES.get(worst.state, ("", ""))
    if not share and not word:
        return []
    if worst.state == "tripped":
        share = ""  # nothing flows, and that is no comfort
    name, sign = scene.clean(worst.name), scene.glyphs.alert if word else ""
    for head, tail in (
        (name, f" {word} {share}"),
        (name, f" {short} {share}"),
        (name, f" {sign}{share}"),
        (name, f" {short}"),
        ("", short or share),
    ):
        tail = " ".join(tail.split())
        tail = f" {tail}" if head and tail else tail
        if width_of(head) + len(tail) <= room:
            return [(head, ink(row, "text")), (tail, found)]
    return []


def source_pieces(scene: FleetScene, row: FleetRow, room: int) -> list[Piece]:
    """`A +B`: A carries the load and B could; `A only`: nothing would take over; `NO SOURCE`."""
    if not row.has_ats:
        return []
    if row.active is None:
        return [("source ?", ink(row, "unknown"))]
    if row.active == "none":
        return [("NO SOURCE", ink(row, "critical"))]
    other = "B" if row.active == "A" else "A"
    pieces: list[Piece] = [(row.active, ink(row, "source"))]
    if row.redundancy == "lost":
        pieces.append((" only", ink(row, "warning")))
    else:
        pieces.append(
            (f" +{other}" if row.redundancy == "full" else f" {other}?", ink(row, "text"))
        )
    if row.preferred == other:
        wish = f", prefers {other}"
        if pieces_width(pieces) + len(wish) <= room:
            pieces.append((wish, ink(row, "warning")))
    return pieces


def outlet_pieces(scene: FleetScene, row: FleetRow, room: int) -> list[Piece]:
    """`7 on 2 off 1 unknown`, `7 on 2 off 1 ?`, `●7 ○2 ?1`, as there is room.

    With fewer glyphs `7on 2off 1?`: a `-2` is a figure. Of a device without outlets nothing.
    """
    glyphs = scene.glyphs
    counts = (
        (row.outlets_on, "on", glyphs.on, "fine"),
        (row.outlets_off, "off", glyphs.off, "text"),
        (row.outlets_unknown, "unknown", glyphs.unknown, "unknown"),
    )
    if not any(count for count, *_ in counts):
        return []
    shown = [each for each in counts if each[0] or each[1] == "on"]
    long: list[Piece] = [
        (f"{' ' * bool(i)}{n} {word}", ink(row, name)) for i, (n, word, _, name) in enumerate(shown)
    ]
    brief: list[Piece] = [(text.replace("unknown", glyphs.unknown), name) for text, name in long]
    short: list[Piece] = [
        (f"{' ' * bool(i)}{sign}{n}", ink(row, name)) for i, (n, _, sign, name) in enumerate(shown)
    ]
    if glyphs.name != "unicode":
        short = [(f"{' ' * bool(i)}{text.replace(' ', '')}", name)
                 for i, (text, name) in enumerate(brief)]  # fmt: skip
    return next((p for p in (long, brief, short) if pieces_width(p) <= room), [])


def why(scene: FleetScene, row: FleetRow, room: int) -> str:
    """What is said in place of figures that are not there, or too old: since when, and why.

    Empty where there is nothing to say, or not the room for as much as the time.
    """
    if row.unsure:
        return _whole(scene.clean(row.detail), room, scene.glyphs.ellipsis)
    if row.health in ("live", "late") or row.estimated:
        return ""
    said = scene.clean(row.detail).removeprefix(f"{row.pdu}: ")
    if row.age_s is None:
        return _whole(said or "no reading yet", room, scene.glyphs.ellipsis)
    since = scene.now - timedelta(seconds=row.age_s)
    day = "" if since.date() == scene.now.date() else f"{since:%d %b} "
    when = f"since {day}{since:%H:%M:%S}"
    return next((t for t in (f"{when}, {said}" if said else "", when) if 0 < len(t) <= room), "")


def _whole(text: str, room: int, ellipsis: str) -> str:
    """As many whole words as fit, and a mark where some are left out."""
    if width_of(text) <= room:
        return text
    lines = wrap(text, room - 2)
    return f"{lines[0]} {ellipsis}" if lines else ""


def bar_pieces(scene: FleetScene, row: FleetRow, cells: int) -> list[Piece]:
    """The bar of the total against its rating, with a mark from where on it is too much."""
    glyphs, share = scene.glyphs, row.percent
    if cells < 4 or share is None:
        return []
    parts = len(glyphs.bar_parts) + 1
    filled = min(cells * parts, round(cells * parts * share / 100.0))
    if share > 0 and filled == 0:
        filled = 1
    full, part = divmod(filled, parts)
    bar = list(glyphs.bar_full * full + (glyphs.bar_parts[part - 1] if part else ""))
    bar += [glyphs.bar_track] * (cells - len(bar))
    name = percent_ink(scene, row)
    fill = {"value": "spark", "stale": "stale"}.get(name, f"fill-{name}")
    reach = full + bool(part)
    at = min(cells - 1, int(cells * scene.limits.warning / 100.0))
    if at < reach:
        return [("".join(bar[:reach]), fill), ("".join(bar[reach:]), "rule")]
    bar[at] = glyphs.bar_warning
    return [
        ("".join(bar[:reach]), fill),
        ("".join(bar[reach:at]), "rule"),
        (bar[at], ink(row, "limit-warning")),
        ("".join(bar[at + 1 :]), "rule"),
    ]


def trend_lines(scene: FleetScene, row: FleetRow, cells: int, height: int) -> list[str]:
    """The trend of the last minute as a chart of some rows, or a sparkline of one."""
    if height < 2:
        return [spark_text(scene, row, cells)]
    samples, second = scene.trend(row.pdu)
    count = columns(cells, scene.glyphs)
    per = max(1, -(-TREND_S // count))
    data = buckets(samples, per, count, second)
    span = extent(data)
    if span is None:
        return [" " * cells] * height
    scale = nice_scale(*span, max(abs(span[1]) * 0.1, 0.05))
    return chart(data, scale, cells, height, scene.glyphs)


def trend_caption(scene: FleetScene, row: FleetRow, room: int) -> list[Piece]:
    """`last minute     325–433 W`: what a chart of some rows shows, which has no axes."""
    known = [value for value in scene.trend(row.pdu)[0] if value is not None]
    if not known:
        return []
    say, unit = (watts, "W") if row.power_w is not None else (amps, "A")
    low, high = say(min(known)), say(max(known))
    span = f"{low} {unit}" if low == high else f"{low}{scene.na}{high} {unit}"
    gap = room - len(_CAPTION) - len(span)
    muted = ink(row, "muted")
    return [(_CAPTION, muted), (" " * gap, "text"), (span, muted)] if gap > 0 else [(span, muted)]


def spark_text(scene: FleetScene, row: FleetRow, cells: int) -> str:
    """The trend of the last minute in so many cells."""
    samples, second = scene.trend(row.pdu)
    per = max(1, -(-TREND_S // (2 * cells)))
    return spark(samples, cells, second, scene.glyphs, per)


def total_words(totals: Totals, na: str, of: str = "") -> str:
    """`4.1 kW`; `4.1 kW of 5/6` where it is not known of all; `W unknown` where it is of none.

    Args:
        totals: Of what is summed up.
        na: What stands for n/a.
        of: What is counted, where there is room to say it: ` PDUs`.
    """
    if totals.power_w is None:
        return "W unknown" if totals.counted else na
    said = power(totals.power_w, na)
    whole = totals.measured == totals.counted
    return said if whole else f"{said} of {totals.measured}/{totals.counted}{of}"


def fullest_words(totals: Totals) -> str:
    """`fullest 82 %`; empty where nothing is known."""
    return "" if totals.percent is None else f"fullest {percent(totals.percent)} %"
