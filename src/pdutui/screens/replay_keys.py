"""The keys of a replay as data: bindings, hints, help and palette all come from this table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from pdutui.screens.dialog import Row
from pdutui.screens.keys import KEYS as CONSOLE_KEYS
from pdutui.screens.keys import Key
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.scene import Pane, Replay

_TIME: tuple[Key, ...] = (
    Key("replay.play", "space", "play", "space", "", "play and pause"),
    Key("replay.next", "full_stop", "poll(1)", ".", "", "on to the next reading; pauses"),
    Key("replay.previous", "comma", "poll(-1)", ",", "", "back to the reading before; pauses"),
    Key("replay.second", "right_parenthesis", "step(1)", ")", "", "a second on; pauses"),
    Key("replay.second_back", "left_parenthesis", "step(-1)", "(", "", "a second back; pauses"),
    Key("replay.minute", "right_curly_bracket", "step(60)", "}", "", "a minute on; pauses"),
    Key("replay.minute_back", "left_curly_bracket", "step(-60)", "{", "",
        "a minute back; pauses"),
    Key("replay.faster", "greater_than_sign", "speed(1)", ">", "",
        "faster: 1, 2, 5, 10, 30, 60 times"),
    Key("replay.slower", "less_than_sign", "speed(-1)", "<", "", "slower"),
    Key("replay.next_event", "n", "event(1)", "n", "",
        "the next event: a command, an alarm, a transfer ..."),
    Key("replay.previous_event", "N", "event(-1)", "N", "", "the event before"),
    Key("replay.goto", "colon,at", "goto", ":", "", "go to a time; also @"),
    Key("replay.chart", "g", "chart", "g", "", "the chart up to this moment"),
    Key("replay.seen", "a", "seen", "a", "", "take note of what has happened to the live PDUs"),
)  # fmt: skip
_CONSOLE = ("move.", "pdu.", "pane.", "filter", "help", "repaint")
_MOVING: tuple[Key, ...] = tuple(k for k in CONSOLE_KEYS if k.id.startswith(_CONSOLE))
_OTHER: tuple[Key, ...] = (
    Key("replay.palette", "ctrl+p", "app.command_palette", "ctrl+p", "", "all commands"),
    Key("replay.leave", "escape,q", "leave", "esc q", "", "leave the replay"),
    Key("replay.quit", "ctrl+q", "app.quit", "ctrl+q", "", "quit pdutui"),
)
_REFUSED = ("outlet.", "mark.", "menu", "plans", "audit", "connect", "lock")
KEYS: tuple[Key, ...] = (*_TIME, *_MOVING, *_OTHER)


def bindings() -> list[BindingType]:
    """The table for Textual, and the keys of the console that say why they do nothing here."""
    taken = {name for key in KEYS for name in key.keys.split(",")}
    refused = [
        name
        for key in CONSOLE_KEYS
        if key.id.startswith(_REFUSED)
        for name in key.keys.split(",")
        if name not in taken
    ]
    own: list[BindingType] = [
        Binding(key.keys, key.action, key.helps, show=False, id=key.id) for key in KEYS
    ]
    return [*own, Binding(",".join(refused), "refuse", "not in a replay", show=False)]


def hints(replay: Replay, pane: Pane, *, pdus: int, panes: int, alone: bool) -> list[Hint]:
    """What the hint line offers: only what works here and now.

    Args:
        replay: How it is going.
        pane: Where the keys go.
        pdus: How many PDUs there are.
        panes: How many panes can have the keys.
        alone: There is no live console to go back to.
    """
    out: list[Hint] = []
    if replay.alarm:
        out.append(Hint("a", "seen", 9))
    if not replay.ended or replay.playing:
        out.append(Hint("space", "pause" if replay.playing else "play", 8))
    out += [Hint(", .", "step", 6), Hint("< >", "speed", 6), Hint("n N", "event", 7)]
    out += [Hint(":", "go to", 7), Hint("g", "chart", 5)]
    if pane == "trends":
        out.append(Hint("h l", "time span", 3))
    if pdus > 1:
        out.append(Hint("[ ]", "PDU", 4))
    if panes > 1:
        out.append(Hint("tab", "pane", 2))
    return [*out, Hint("?", "help", 8), Hint("esc", "quit" if alone else "back to live", 9)]


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """The help of a replay."""
    rows: list[Row] = []
    for title, keys in (("Time", _TIME), ("Where to look", _MOVING), ("And", _OTHER)):
        rows.append([(title, "title")])
        rows += [[(f"  {key.shown:<11}", "key"), (key.helps, "text")] for key in keys]
        rows.append([])
    rows.append([("What is shown", "title")])
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
