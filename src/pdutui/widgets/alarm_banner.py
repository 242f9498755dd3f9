"""The banner that stands above everything while a critical alarm asks for attention."""

from __future__ import annotations

from datetime import datetime

from textual.strip import Strip

from pdutui.widgets.alarm_counts import Standing
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.line import Line
from pdutui.widgets.text import clean, cut, width_of


def alarm_banner(
    standing: Standing,
    now: datetime,
    inks: Inks,
    glyphs: GlyphSet,
    width: int,
    *,
    how: str = "",
    past: bool = False,
) -> Strip:
    """The banner in exactly `width` cells, in reverse video; it never blinks.

    What does not fit goes by rank; the word, the PDU and how many more there are stay. The text is
    cut before the time goes.

    Args:
        standing: What stands; its banner is not None.
        now: In the zone of the screen.
        inks: The colours.
        glyphs: What is drawn with.
        width: In cells.
        how: Says how the alarms are shown: `A shows them`.
        past: What is below it is of the past, and this is not.
    """
    alarm = standing.banner
    assert alarm is not None
    over = alarm.over is not None
    ink = "badge-warning" if over else "badge-critical"
    what = clean(f"{alarm.pdu}: {alarm.text}" if alarm.pdu else alarm.text, glyphs.ascii_only)
    parts = [
        (100, f"{glyphs.alert} {'LIVE ' * past}ALARM{' OVER' * over}"),
        (90, what),
        (70, "" if alarm.known else "not known now"),
        (60, clock_of(alarm.since, now)),
        (80, f"+{standing.more} more" if standing.more else ""),
        (40, clean(how, glyphs.ascii_only)),
    ]
    parts = [part for part in parts if part[1]]
    room = max(0, width - 2)
    least = min(width_of(what), max(12, width // 3))

    def used() -> int:
        others = sum(width_of(text) for rank, text in parts if rank != 90)
        return others + least + 2 * (len(parts) - 1)

    while len(parts) > 2 and used() > room:
        parts.remove(min(parts))
    spare = room - used() + least
    told = [cut(text, max(1, spare), glyphs.ellipsis) if rank == 90 else text
            for rank, text in parts]  # fmt: skip
    line = Line(inks, width)
    return line.add(f" {'  '.join(told)}", ink).to(width, " ", ink).strip()


def clock_of(when: datetime, now: datetime) -> str:
    """`12:03:11`; with the day where that was not today: `20 Nov 12:03`, `2025-11-20 12:03`."""
    local = when.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%d %b %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}"
