"""The top line: which PDU, how it is, how old that is, what it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from pdutui.domain.commands import WHOLE_PDU
from pdutui.domain.load import Load, total_load
from pdutui.domain.naming import in_chain
from pdutui.widgets.alarm_counts import badge
from pdutui.widgets.bank_meter import meters
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.figures import age, amps, percent, rating, watts
from pdutui.widgets.panel import Panel
from pdutui.widgets.rights import badges, rights_of
from pdutui.widgets.text import cut

if TYPE_CHECKING:
    from pdutui.domain.health import Health
    from pdutui.domain.reading import Reading
    from pdutui.widgets.line import Piece
    from pdutui.widgets.scene import Scene

_HEALTH: dict[Health, tuple[str, str]] = {
    "live": ("LIVE", "on"),
    "connecting": ("CONNECTING", "badge-warning"),
    "late": ("LATE", "badge-warning"),
    "lost": ("LOST", "badge-critical"),
    "refused": ("REFUSED", "badge-critical"),
    "unsupported": ("UNSUPPORTED", "badge-critical"),
}


GENERIC = "generic"
"""The profile of devices that no family knows: what standard MIBs say of them, and no more."""


class StatusLine(Panel):
    """One line, never wrapped; parts give way by rank."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The line."""
        return [status(scene, width)]


def status(scene: Scene, width: int) -> Strip:
    """The status line in exactly `width` cells."""
    return bar(scene.inks, _left(scene, width), _right(scene), width)


def _left(scene: Scene, width: int) -> list[Item]:
    view, glyphs = scene.view, scene.glyphs
    name = cut(scene.clean(view.info.name), max(3, min(32, width - 15)), glyphs.ellipsis)
    items = [Item(95, [(f" {name} ", "badge-text")])]
    index, count = scene.place
    if count > 1:
        items.append(Item(35, [(f"{index}/{count}", "muted")]))
    items.append(Item(100, _health(scene)))
    if scene.stale and view.detail and scene.reading is not None:
        # Before the first reading it stands large in the outlets' place.
        said = scene.clean(view.detail).removeprefix(f"{scene.clean(view.info.name)}: ")
        items.append(Item(34, [(cut(said, 48, glyphs.ellipsis), "warning")]))
    flight, result = view.in_flight.get(WHOLE_PDU), view.results.get(WHOLE_PDU)
    if flight is not None:
        words = f" {flight.intent.action.replace('_', ' ')} {flight.stage} "
        items.append(Item(93, [(words, "badge-warning")]))
    elif result is not None:
        words = f" {result.intent.action.replace('_', ' ')} {result.outcome.upper()} "
        mild = result.outcome == "unconfirmed"
        items.append(Item(93, [(words, "badge-warning" if mild else "badge-critical")]))
    if scene.plan.badge:
        ink = {"info": "badge-on", "warning": "badge-warning"}.get(
            scene.plan.severity, "badge-critical"
        )
        items.append(Item(94, [(f" {scene.clean(scene.plan.badge)} ", ink)]))
        if scene.plan.more:
            items.append(Item(72, [(scene.clean(scene.plan.more), "text")]))
    if scene.marked.counted:
        words = f" {glyphs.mark} {scene.clean(scene.marked.counted)} "
        items.append(Item(92, [(words, "badge-text")]))
    if scene.replay is None:
        items += badge(scene.alarms, glyphs, width)
        items += badges(rights_of(scene.locked, [view.info]))
    if scene.reading is not None and scene.reading.profile == GENERIC:
        items.append(Item(89, [("standard MIBs only", "warning")]))
    if scene.traps_problem:
        items.append(Item(73, [(f" {glyphs.alert} TRAPS ", "badge-warning")]))
        detail = cut(scene.clean(scene.traps_problem), 40, glyphs.ellipsis)
        items.append(Item(29, [(detail, "warning")]))
    elif scene.strange_traps:
        words = f"{scene.strange_traps} trap{'s' * (scene.strange_traps > 1)} not trusted"
        items.append(Item(28, [(words, "warning")]))
    if not scene.store_ok:
        detail = cut(scene.clean(scene.store_detail) or "not written", 40, glyphs.ellipsis)
        items.append(Item(74, [(f" {glyphs.alert} HISTORY ", "badge-warning")]))
        items.append(Item(30, [(detail, "warning")]))
    reading = scene.reading
    if reading is not None and reading.model:
        items.append(Item(40, [(cut(scene.clean(reading.model), 24, glyphs.ellipsis), "text")]))
    if view.info.location:
        place = cut(scene.clean(view.info.location), 24, glyphs.ellipsis)
        items.append(Item(15, [(place, "muted")]))
    if view.info.feed:
        items.append(Item(20, [("feed ", "muted"), (scene.clean(view.info.feed)[:8], "text")]))
    return items


def _health(scene: Scene) -> list[Piece]:
    word, ink = _HEALTH[scene.view.health]
    if scene.replay is not None:
        word = f"WAS {word}"
    since = age(scene.view.age_s)
    glyph = scene.glyphs.live if scene.view.health == "live" else scene.glyphs.alert
    text = f"{glyph} {word} {since}".rstrip()
    return [(f" {text} " if ink.startswith("badge") else text, ink)]


def _right(scene: Scene) -> list[Item]:
    reading, na = scene.reading, scene.na
    clock = Item(45, [(f"{scene.now:%H:%M:%S}", "text")])
    if reading is None:
        return [clock]
    load = total_load(reading)
    figure = scene.ink("strong")
    percent_ink = scene.ink(_load_ink(load.percent, [i.state for i in reading.inlets]))
    items = []
    if not scene.stale and scene.replay is None:  # what a poll cost is not kept
        poll = reading.poll
        items.append(Item(33, [(f"{poll.duration_ms:.0f} ms", "muted")]))
        if poll.requests:
            cost = f"{poll.requests} req {poll.varbinds} var"
            items.append(Item(16, [(cost, "muted")]))
    if reading.ats is not None:
        items.append(Item(70, _source(scene)))
    if reading.inlets or reading.phases or reading.banks or reading.outlets:
        items.append(Item(85, _power(reading, load, na, figure)))
        items.append(Item(60, _current(scene, reading, load, figure)))
    if load.percent is not None:
        share: list[Piece] = [(f"{percent(load.percent)} %", percent_ink)]
        items.append(Item(80, share))
        if load.rating_a is not None and len(reading.inlets) == 1:
            items.append(
                Item(25, [("of ", "muted"), (f"{rating(load.rating_a)} A", scene.ink("text"))])
            )
    return [*items, clock]


def _power(reading: Reading, load: Load, na: str, ink: str) -> list[Piece]:
    """`361 W`; apparent power where that is all the device gives."""
    apparent = [i.apparent_power_va for i in reading.inlets]
    known = [va for va in apparent if va is not None]
    if load.power_w is None and known and len(known) == len(apparent):
        return [(watts(sum(known), na), ink), (" VA", "muted")]
    return [(watts(load.power_w, na), ink), (" W", "muted")]


def _current(scene: Scene, reading: Reading, load: Load, ink: str) -> list[Piece]:
    """`3.10 A`; of a three-phase cord that of its fullest line, `L2 4.71 A`."""
    fullest = [m for m in meters(reading) if m.fullest is not None]
    if load.current_a is None and fullest and len(fullest) == len(reading.inlets):
        line = max(fullest, key=lambda meter: meter.share or 0.0).fullest
        assert line is not None
        name = in_chain(line.module, scene.clean(line.name))
        return [(f"{name} ", "muted"), (amps(line.current_a, scene.na), ink), (" A", "muted")]
    return [(amps(load.current_a, scene.na), ink), (" A", "muted")]


def _source(scene: Scene) -> list[Piece]:
    ats = scene.reading.ats if scene.reading else None
    active = ats.active if ats else None
    if active is None:
        return [("source ", "muted"), ("unknown", scene.ink("unknown"))]
    if active == "none":
        return [(" NO SOURCE ", "badge-critical" if not scene.stale else "stale")]
    return [("source ", "muted"), (active, scene.ink("source"))]


def _load_ink(share: float | None, states: list[str]) -> str:
    """The ink of the total: the device's own word first, then what the share of the rating says."""
    if any(s in ("critical", "tripped") for s in states) or (share is not None and share >= 100):
        return "critical"
    if "warning" in states or (share is not None and share >= 80):
        return "warning"
    return "strong"
