"""The keys of a replay: those of the PDU screen that move about, and those of time."""

from __future__ import annotations

from pdutui.keys.common import DOORS, RELOAD
from pdutui.keys.history import KEYS as HISTORY
from pdutui.keys.model import Key
from pdutui.keys.pdu import KEYS as CONSOLE

TIME: tuple[Key, ...] = (
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
    Key("next", "n", "event(1)", "n", "", "the next event: a command, an alarm, a transfer ..."),
    Key("previous", "N", "event(-1)", "N", "", "the event before"),
    Key("replay.goto", "colon,at", "goto", ":", "", "go to a time"),
    Key("replay.chart", "g", "chart", "g", "", "the chart up to this moment"),
    Key("replay.seen", "a", "seen", "a", "", "take note of what has happened to the live PDUs"),
)  # fmt: skip
_MOVING = ("move.", "page.", "jump", "find", "pdu.", "pane.", "filter", "help", "repaint")
MOVING: tuple[Key, ...] = tuple(key for key in CONSOLE if key.id.startswith(_MOVING))
OTHER: tuple[Key, ...] = (
    Key("replay.palette", "ctrl+p", "app.command_palette", "ctrl+p", "", "all commands"),
    Key("back", "escape,q", "leave", "esc", "", "leave the replay"),
)
KEYS: tuple[Key, ...] = (*TIME, *MOVING, *OTHER)
REFUSED: tuple[Key, ...] = tuple(
    key
    for key in CONSOLE
    if key.id.startswith(("outlet.", "mark.", "menu", "plans", "audit", "connect", "lock",
                          "fleet", "alarms", "events"))
)  # fmt: skip
"""Keys of the live console that say why they do nothing here, where they are nothing else."""
_NOT_PAST = {RELOAD.id, *(key.id for key in DOORS)} - {"history"}
CHART: tuple[Key, ...] = tuple(
    Key(key.id, key.keys, key.action, key.shown, key.does, "back to the moment of the replay")
    if key.id == "history.live"
    else key
    for key in HISTORY
    if key.id not in _NOT_PAST
)
"""The keys of the chart of a replay."""
