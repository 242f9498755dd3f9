"""The banner of a replay: of which moment, how it goes, and what happens live meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from textual.strip import Strip

from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Contents, Rect, arrange
from pdutui.widgets.line import Line, Piece, pieces_width
from pdutui.widgets.panel import Panel
from pdutui.widgets.scene import Replay, Scene
from pdutui.widgets.text import clean, cut

INK = "badge-replay"
END = "end of what was kept"


class ReplayBanner(Panel):
    """One line over the whole width, in the colour that nothing else has."""

    def draw(self, scene: Scene, width: int, height: int, focused: bool) -> list[Strip]:
        """The line."""
        assert scene.replay is not None
        return [banner(scene.replay, scene.now, scene.inks, scene.glyphs, width)]


def banner(replay: Replay, now: datetime, inks: Inks, glyphs: GlyphSet, width: int) -> Strip:
    """The banner in exactly `width` cells.

    What does not fit goes by rank; the word and the time of day stay. What happens to the live
    fleet has a place of its own at the right.

    Args:
        replay: How it goes.
        now: The moment, in the zone of the screen.
        inks: The colours.
        glyphs: What is drawn with.
        width: In cells.
    """
    badge: list[Piece] = []
    if replay.alarm:
        room = max(0, min(width - 18, width * 3 // 5))
        words = clean(replay.alarm, glyphs.ascii_only)
        text = cut(f" {glyphs.alert} LIVE: {words}", room - 1, glyphs.ellipsis)
        badge = [(f"{text} ", "badge-critical")] if room >= 12 else []
    parts: list[tuple[int, str]] = [
        (100, "REPLAY"),
        (60, f"{now:%a %Y-%m-%d}"),
        (90, f"{now:%H:%M:%S}"),
        (50, now.tzname() or ""),
        (80, how(replay, glyphs.head)),
        (40, "names of that time are not known" if replay.incomplete else ""),
        (70, "nothing here is live"),
    ]
    parts = [part for part in parts if part[1]]
    room = width - pieces_width(badge) - 2
    gap = 2 if room >= 60 else 1
    while len(parts) > 1 and sum(len(text) + gap for _, text in parts) - gap > room:
        parts.remove(min(parts))
    line = Line(inks, width)
    line.add(" " + (" " * gap).join(text for _, text in parts), INK)
    return line.to(width - pieces_width(badge), " ", INK).extend(badge).strip()


def how(replay: Replay, head: str) -> str:
    """`> x10 playing`, `x10 paused`, `end of what was kept`."""
    if replay.ended and not replay.playing:
        return END
    speed = f"x{replay.speed:g}"
    return f"{head} {speed} playing" if replay.playing else f"{speed} paused"


def places(width: int, height: int, contents: Contents) -> dict[str, Rect]:
    """Rectangles by panel: the banner, and below it what is always there."""
    return below(arrange(width, height - 1, contents), width, height)


def below(panels: Mapping[str, Rect], width: int, height: int) -> dict[str, Rect]:
    """The banner on top, at any size, and panels that were placed for a row less."""
    if width < 1 or height < 1:
        return {}
    out = {name: Rect(r.x, r.y + 1, r.width, r.height) for name, r in panels.items()}
    return {"banner": Rect(0, 0, width, 1), **out}
