"""What a Reading says beside its series: names, ratings, thresholds, serial, what is pending.

It hardly ever changes, so a row of it (a *frame*) is kept only when it does. A frame together with
the figures of any later row up to the next frame gives the whole Reading back.

A device that says something else with every poll must not fill the disk. Each PDU may change
`BURST` times at once and once in `REFILL_MS` after that, which at the worst comes to about a
megabyte a day for 24 outlets. What is beyond is not kept, and that is: a frame `null` says that
from then on nothing is known, until the next one may be written.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.domain.series import Entity, fields_of

BURST = 120
"""Changes that may follow each other at once: a full PDU started with delays."""
REFILL_MS = 300_000
"""After that, one in five minutes."""
UNKNOWN = "null"
"""A frame that says that nothing is known from here on."""
FOR_EVER = 2**62
"""Later than any time."""
_MOST_WAITING = 64
"""Frames of one PDU in memory while the disk refuses them."""

_PARTS: dict[str, tuple[type[msgspec.Struct], Entity]] = {
    "inlets": (Inlet, "inlet"),
    "phases": (Phase, "phase"),
    "banks": (Bank, "bank"),
    "outlets": (Outlet, "outlet"),
    "sensors": (Sensor, "sensor"),
}
_NOT_KEPT = ("pdu", "time", "uptime_s", "poll", "ats", *_PARTS)

Static = tuple[Any, ...]
StoredFrame = tuple[int, str]
"""Unix time in ms, JSON."""


def _rest(kind: type[msgspec.Struct], *without: str) -> Callable[[Any], Any]:
    fields = [f for f in kind.__struct_fields__ if f not in without]
    return attrgetter(*fields)


_of_reading = _rest(Reading, *_NOT_KEPT)
_of_part = {
    place: _rest(kind, *fields_of(entity)) for place, (kind, entity) in _PARTS.items()
}  # fmt: skip
_inlet, _phase, _bank, _outlet, _sensor = _of_part.values()
_of_ats = _rest(Ats, "sources", *fields_of("ats"))
_of_source = _rest(Source, *fields_of("source"))


def static_of(reading: Reading) -> Static:
    """All of a reading that belongs into its frame, to be compared with that of the next one."""
    ats = reading.ats
    return (
        _of_reading(reading),
        [*map(_inlet, reading.inlets)],
        [*map(_phase, reading.phases)],
        [*map(_bank, reading.banks)],
        [*map(_outlet, reading.outlets)],
        [*map(_sensor, reading.sensors)],
        None if ats is None else (_of_ats(ats), [*map(_of_source, ats.sources)]),
    )


def frame_json(reading: Reading) -> str:
    """The frame of a reading: its JSON without series, time, uptime, poll, and without nulls."""
    plain: dict[str, Any] = msgspec.to_builtins(reading)
    for place, (_, entity) in _PARTS.items():
        plain[place] = [_without(part, fields_of(entity)) for part in plain[place]]
    if (ats := plain["ats"]) is not None:
        sources = [_without(part, fields_of("source")) for part in ats["sources"]]
        plain["ats"] = _without(ats | {"sources": sources}, fields_of("ats"))
    plain = _without(plain, ("pdu", "time", "uptime_s", "poll"))
    try:
        return msgspec.json.encode(plain).decode()
    except UnicodeEncodeError:  # a name with bytes that are no text
        return msgspec.json.encode(_speakable(plain)).decode()


def _without(part: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {k: v for k, v in part.items() if v not in (None, (), []) and k not in fields}


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {k: _speakable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_speakable(v) for v in value]
    return value


def read_frame(pdu: str, json: str) -> Reading | None:
    """The frame as a Reading of 1970 without a figure; None where it says nothing.

    Fields that a later version added are passed over.
    """
    try:
        plain = msgspec.json.decode(json)
        if not isinstance(plain, dict):
            return None
        plain |= {"pdu": pdu, "time": "1970-01-01T00:00:00Z"}
        return msgspec.convert(plain, Reading)
    except msgspec.MsgspecError:
        return None


class _Known:
    """What is known of one PDU."""

    __slots__ = ("json", "left", "since_ms", "static", "unknown", "upto_ms")

    def __init__(self, now_ms: int) -> None:
        self.static: Static | None = None
        self.json = ""
        self.since_ms = now_ms
        """When `json` began to hold."""
        self.left = float(BURST)
        self.upto_ms = now_ms
        """`left` is as of then."""
        self.unknown = False
        """That nothing is known is the last that was kept."""


class Frames:
    """Finds out which readings change a frame, and keeps the new ones until they are written."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._waiting: dict[str, deque[StoredFrame]] = {}
        self._openings = 0

    def see(self, reading: Reading, ts_ms: int) -> None:
        """Look at the next reading. Never raises.

        The first one of a PDU counts as a change; whether the file has that frame already is found
        out when it is written.
        """
        known = self._known.get(reading.pdu)
        if known is None:
            known = self._known[reading.pdu] = _Known(ts_ms)
        static = static_of(reading)
        if static == known.static:
            return
        json = frame_json(reading)
        if json == known.json and not known.unknown:
            known.static = static
            return
        if self._may(known, ts_ms):
            known.static, known.json, known.unknown = static, json, False
            known.since_ms = ts_ms
            self._wait(reading.pdu, (ts_ms, json))
        elif not known.unknown:
            known.static, known.unknown = None, True  # the next reading tries again
            self._wait(reading.pdu, (ts_ms, UNKNOWN))

    def _may(self, known: _Known, now_ms: int) -> bool:
        passed = max(0, now_ms - known.upto_ms)
        known.left = min(float(BURST), known.left + passed / REFILL_MS)
        known.upto_ms = now_ms
        if known.left < 1:
            return False
        known.left -= 1
        return True

    def _wait(self, pdu: str, frame: StoredFrame) -> None:
        queue = self._waiting.setdefault(pdu, deque())
        queue.append(frame)
        if len(queue) > _MOST_WAITING:
            oldest, _ = queue.popleft()
            queue[0] = (oldest, UNKNOWN)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def waiting(self, pdus: Iterable[str], openings: int) -> dict[str, list[StoredFrame]]:
        """Frames that are not known to be committed, oldest first; to be written with rows.

        Args:
            pdus: Whose.
            openings: How often the file was opened. A new one needs all that holds.
        """
        if openings != self._openings:
            self._openings = openings
            self._begin_again()
        return {pdu: list(queue) for pdu in pdus if (queue := self._waiting.get(pdu))}

    def of(self, pdu: str) -> list[StoredFrame]:
        """Frames of one PDU that are not known to be committed, oldest first."""
        return list(self._waiting.get(pdu, ()))

    def pdus(self) -> list[str]:
        """Those with frames waiting."""
        return [pdu for pdu, queue in self._waiting.items() if queue]

    def done(self, written: Mapping[str, Sequence[StoredFrame]]) -> None:
        """These are committed."""
        for pdu, frames in written.items():
            queue = self._waiting[pdu]
            for frame in frames:
                if queue and queue[0] is frame:
                    queue.popleft()

    def forget(self, stored: Callable[[str], int | None]) -> None:
        """Drop what somebody else has stored; the one that holds at that time stays, to be sure."""
        for pdu, queue in self._waiting.items():
            upto = stored(pdu)
            while upto is not None and len(queue) > 1 and queue[1][0] <= upto:
                queue.popleft()

    def _begin_again(self) -> None:
        for pdu, known in self._known.items():
            if known.json and not known.unknown and not self._waiting.get(pdu):
                self._wait(pdu, (known.since_ms, known.json))


def insert_frames(conn: sqlite3.Connection, ident: int, frames: Sequence[StoredFrame]) -> None:
    """Write those frames of one PDU that say something new. Inside a transaction.

    Before the rows that came with them: where the clock was set back there are frames of a later
    time. Then the frame holds now, and once more when the time has passed all that is kept.
    """
    for ts, json in frames:
        if _said(conn, ident, ts) != json:
            _put(conn, ident, ts, json)
        if _said(conn, ident, FOR_EVER) != json:
            _put(conn, ident, _last(conn, ident) + 1, json)


def _said(conn: sqlite3.Connection, ident: int, at_ms: int) -> str | None:
    found = frame_at(conn, ident, at_ms)
    return None if found is None else found[1]


def _put(conn: sqlite3.Connection, ident: int, ts: int, json: str) -> None:
    conn.execute("INSERT OR REPLACE INTO frame (pdu, ts, json) VALUES (?, ?, ?)", (ident, ts, json))


def _last(conn: sqlite3.Connection, ident: int) -> int:
    """The newest time that anything is kept for."""
    newest = "SELECT max(ts) FROM frame WHERE pdu = :pdu", f"SELECT max(ts) FROM raw_{ident}"
    sealed = "SELECT max(hour) * 3600000 + 3599999 FROM sealed WHERE pdu = :pdu"
    found = [conn.execute(sql, {"pdu": ident}).fetchone()[0] for sql in (*newest, sealed)]
    return max(int(ts) for ts in found if ts is not None)


def frame_at(conn: sqlite3.Connection, ident: int, at_ms: int) -> StoredFrame | None:
    """The frame that holds at a moment; None where none was kept so early."""
    found: StoredFrame | None = conn.execute(
        "SELECT ts, json FROM frame WHERE pdu = ? AND ts <= ? ORDER BY ts DESC LIMIT 1",
        (ident, at_ms),
    ).fetchone()
    return found
