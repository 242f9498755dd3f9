"""What the hint line of a replay offers, and what its help says."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.names import sent
from pdutui.keys.replay import KEYS, REFUSED
from pdutui.screens.dialog import Row
from pdutui.screens.keys import bound
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.scene import Pane, Replay


def refused(keymap: Keymap) -> list[BindingType]:
    """The keys of the live console that say why they do nothing here."""
    taken = {name for key in KEYS for name in keymap.names(key)}
    names = [name for key in REFUSED for name in keymap.names(key) if name not in taken]
    keys = ",".join(each for name in names for each in sent(name))
    return [Binding(keys, "refuse", show=False, id="refused")] if keys else []


def hints(
    replay: Replay,
    pane: Pane,
    *,
    pdus: int,
    panes: int,
    alone: bool,
    keymap: Keymap = DEFAULT,
) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        replay: How it is going.
        pane: Where the keys go.
        pdus: How many PDUs there are.
        panes: How many panes can have the keys.
        alone: There is no live console to go back to.
        keymap: The keys as the user has them.
    """
    key, pair = keymap.shown, keymap.pair
    out: list[Hint] = []
    if replay.alarm:
        out.append(Hint(key("replay.seen"), "seen", 9))
    if not replay.ended or replay.playing:
        out.append(Hint(key("replay.play"), "pause" if replay.playing else "play", 8))
    out += [Hint(pair("replay.previous", "replay.next"), "step", 6)]
    out += [Hint(pair("replay.slower", "replay.faster"), "speed", 6)]
    out += [Hint(pair("next", "previous"), "event", 7)]
    out += [Hint(key("replay.goto"), "go to", 7), Hint(key("replay.chart"), "chart", 5)]
    if pane == "trends":
        out.append(Hint(pair("move.left", "move.right"), "time span", 3))
    if pdus > 1:
        out.append(Hint(pair("pdu.previous", "pdu.next"), "PDU", 4))
    if panes > 1:
        out.append(Hint(key("pane.next"), "pane", 2))
    out.append(Hint(key("help"), "help", 8))
    return bound([*out, Hint(key("back"), "quit" if alone else "back to live", 9)])


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """What a replay shows, for its help."""
    rows: list[Row] = [[("What is shown", "title")]]
    rows += [
        [("  ", "text"), (text, "text")]
        for text in (
            "All figures, states, trends and events are those of the moment",
            "in the banner. Nothing of what came later is shown, and nothing",
            "here is live. Nothing can be switched, and no device is asked.",
            "Names given in the configuration or in the console are those of",
            "today, all others those of then. LATE and LOST are shown as they",
            "were. Where pdutui kept no reading, a PDU is lost too, and it is",
            f"said why. What fails now is told in the banner, after {glyphs.alert} LIVE.",
        )
    ]
    return rows
