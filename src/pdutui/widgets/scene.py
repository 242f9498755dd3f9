"""All that the panels of the PDU screen may look at, as one frozen value.

A panel draws a Scene and nothing else: same scene, same picture. That is what makes it testable,
and what makes one reading one repaint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from pdutui.domain.health import is_stale
from pdutui.widgets.alarm_counts import NOTHING, Standing
from pdutui.widgets.figures import age
from pdutui.widgets.text import clean

if TYPE_CHECKING:
    from pdutui.domain.commands import Action
    from pdutui.domain.reading import Outlet, Reading
    from pdutui.engine.events import Logged, Severity
    from pdutui.engine.view import PduView
    from pdutui.widgets.glyphs import GlyphSet
    from pdutui.widgets.inks import Inks
    from pdutui.widgets.line import Piece

Pane = Literal["outlets", "meters", "trends"]
Trend = Callable[[str, int], Sequence[float | None]]
"""(series key, seconds) -> one value a second, oldest first, None for gaps."""


def no_trend(key: str, seconds: int) -> Sequence[float | None]:
    """The trend of a PDU of which nothing is known: nothing."""
    return [None] * seconds


def moment_of(now: datetime, view: PduView) -> tuple[int, int]:
    """A time and the age of a reading in whole seconds, as they are shown; -1: there is none."""
    return int(now.timestamp()), -1 if view.age_s is None else int(view.age_s)


class Notice(Struct, frozen=True):
    """What the console itself has to say: a refusal, a saved name. It passes."""

    text: str
    severity: Severity = "info"


class Replay(Struct, frozen=True):
    """How a replay is going; the moment is the scene's `now`."""

    playing: bool
    speed: float
    ended: bool = False
    """There is nothing more to be played."""
    incomplete: bool = False
    """Names and ratings of that time are not known."""
    alarm: str = ""
    """What has happened to the live fleet meanwhile."""


class Marked(Struct, frozen=True):
    """Which outlets are marked, and what is said of it."""

    here: frozenset[int] = frozenset()
    """On this PDU."""
    ranged: frozenset[int] = frozenset()
    """Those that the range would mark that is being drawn."""
    counted: str = ""
    """`3 marked on 2 PDUs`; empty for none."""


class PlanNews(Struct, frozen=True):
    """What is to be seen of plans wherever one is."""

    badge: str = ""
    """`plan K7Q2MX 3/12`; empty where none runs or waits."""
    more: str = ""
    """`next in 4 s`."""
    severity: Severity = "info"


class Scene(Struct, frozen=True):
    """One PDU at one moment, and where the person looking at it is."""

    view: PduView
    now: datetime
    """Local time, timezone-aware."""
    inks: Inks
    glyphs: GlyphSet
    second: int = 0
    """The second of the newest trend sample, counted from a fixed moment."""
    place: tuple[int, int] = (1, 1)
    """Which PDU of how many."""
    cursor: int | None = None
    """The number of the outlet under the cursor."""
    meter: int = 0
    """Which row of the load panel is looked at; the trends follow it."""
    window_s: int = 900
    """How far back the trends go."""
    trend: Trend = no_trend
    log: Sequence[Logged] = ()
    notice: Notice | None = None
    store_ok: bool = True
    store_detail: str = ""
    traps_problem: str = ""
    """Why traps are not listened to, where they should be."""
    strange_traps: int = 0
    """Traps from senders that are not trusted, since the start."""
    observed: Mapping[int, Action] = {}
    """By outlet: what was done just now, and seen to be."""
    locked: str = ""
    """Who locked the console and when; empty when it is not."""
    replay: Replay | None = None
    """The past is shown; None: it is live."""
    filter: str = ""
    """What the outlets that are shown have to fit."""
    shown: tuple[Outlet, ...] | None = None
    """Those that fit; None: all."""
    marked: Marked = Marked()
    plan: PlanNews = PlanNews()
    alarms: Standing = NOTHING
    """What stands of the alarms of all PDUs."""

    @property
    def moment(self) -> tuple[int, int]:
        """The second that it is, and how old the reading is: what changes by itself."""
        return moment_of(self.now, self.view)

    @property
    def reading(self) -> Reading | None:
        """The last reading, however old."""
        return self.view.reading

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """The outlets that are shown."""
        if self.shown is not None:
            return self.shown
        return self.reading.outlets if self.reading is not None else ()

    @property
    def stale(self) -> bool:
        """Whether the figures are to be drawn as stale."""
        return is_stale(self.view.health)

    def ink(self, name: str) -> str:
        """An ink, or the stale one while the figures are stale: no figure escapes it."""
        return "stale" if self.stale else name

    def clean(self, text: str | None) -> str:
        """Text from outside, fit for the screen."""
        return clean(text or "", self.glyphs.ascii_only)

    @property
    def na(self) -> str:
        """What stands for n/a."""
        return self.glyphs.dash

    def outlet(self) -> Outlet | None:
        """The outlet under the cursor."""
        if self.reading is None or self.cursor is None:
            return None
        return self.reading.outlet(self.cursor)

    def stale_badge(self) -> list[Piece]:
        """`STALE 7s` or `LOST 2m05s` for a panel's head; nothing while live."""
        health = self.view.health
        if not self.stale or self.reading is None:
            return []
        word = "STALE" if health in ("late", "connecting") else health.upper()
        ink = "badge-warning" if word == "STALE" else "badge-critical"
        return [(f" {word} {age(self.view.age_s)} ".replace("  ", " "), ink)]
