"""Single kinds of what happened, each from its own table: commands, events, health, identity.

Each function gives the newest ones of a span, in any order.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from pdutui.domain.audit_words import level_of, mark_text
from pdutui.domain.commands import AuditRecord
from pdutui.domain.history import TRAP, Level, Mark, MarkKind
from pdutui.store.audit import AuditEntry, StoredEvent, audit_between, ended_since
from pdutui.store.health import StoredHealth

_LAST_MS = 253_402_300_799_999
"""The end of what dates can say."""
_TRANSFER = re.compile(r"transferred (from [AB] )?to source [AB]|no source carries the load")
_HEALTH_LEVELS: dict[str, Level] = {
    "late": "warning", "lost": "critical", "refused": "critical", "unsupported": "critical",
}  # fmt: skip
_SEVERITIES: dict[str, Level] = {"warning": "warning", "critical": "critical"}


class Asking(msgspec.Struct, frozen=True):
    """What is asked for."""

    pdus: frozenset[str]
    """None of them: all, and what concerns no PDU of its own."""
    from_ms: int
    to_ms: int
    limit: int

    def has(self, pdu: str, ts_ms: int) -> bool:
        """Whether it is of that."""
        return self.from_ms <= ts_ms < self.to_ms and (not self.pdus or pdu in self.pdus)

    @property
    def where(self) -> tuple[str, tuple[object, ...]]:
        """A condition on `ts` and a column `name` of the PDU, and its values."""
        span = (self.from_ms, self.to_ms)
        if not self.pdus:
            return "ts >= ? AND ts < ?", span
        names = ", ".join("?" * len(self.pdus))
        return f"ts >= ? AND ts < ? AND name IN ({names})", (*span, *sorted(self.pdus))


class Found(msgspec.Struct, frozen=True):
    """A mark, and how to know its echo in the event log."""

    mark: Mark
    echo: Callable[[str], bool]
    """Whether a line of the event log says the same."""


def is_transfer(text: str) -> bool:
    """Whether a line of the event log says that the active source changed."""
    return _TRANSFER.fullmatch(text) is not None


# -- commands ----------------------------------------------------------------------------------


def commands(
    conn: sqlite3.Connection, asking: Asking, unstored: Sequence[AuditEntry]
) -> Iterator[Found]:
    """How commands ended; of those of which that is not known, that they were asked for.

    Plans as a whole, approvals and locks are in the audit, too: of a PDU those that concern it
    alone, others where all PDUs are asked for.
    """
    begin, end = _time(asking.from_ms), _time(asking.to_ms)
    entries = audit_between(conn, begin, end, sorted(asking.pdus), asking.limit)
    known = {entry.uid: entry.record for entry in (*unstored, *entries)}
    ended = {r.intent_id for r in known.values() if r.outcome != "requested"}
    for record in known.values():
        ts = round(record.time.timestamp() * 1000)
        if not asking.has(record.pdu, ts):
            continue
        if record.outcome == "requested" and (
            record.intent_id in ended or ended_since(conn, record.intent_id, record.time)
        ):
            continue
        yield Found(_command(record, ts), _echo_of(record.detail))


def _command(record: AuditRecord, ts_ms: int) -> Mark:
    return Mark(
        ts_ms=ts_ms, pdu=record.pdu, kind="command", level=level_of(record), text=mark_text(record)
    )


def _echo_of(detail: str) -> Callable[[str], bool]:
    return lambda text: bool(detail) and detail in text.partition(": ")[2]


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(min(max(0, ms), _LAST_MS) / 1000, UTC)


# -- the event log -----------------------------------------------------------------------------


def events(
    conn: sqlite3.Connection, asking: Asking, unstored: Sequence[StoredEvent]
) -> Iterator[Mark]:
    """Lines of the event log."""
    condition, values = asking.where
    rows = conn.execute(
        "SELECT ts, pdu AS name, severity, text FROM events "
        f"WHERE {condition} ORDER BY ts DESC, n DESC LIMIT ?",
        (*values, asking.limit),
    ).fetchall()
    known = {(ts, pdu, text) for ts, pdu, _, text in rows}
    for event in unstored:
        ts = round(event.time.timestamp() * 1000)
        if asking.has(event.pdu, ts) and (ts, event.pdu, event.text) not in known:
            rows.append((ts, event.pdu, event.severity, event.text))
    for ts, pdu, severity, text in rows:
        trap = severity.endswith(TRAP)
        level = _SEVERITIES.get(severity.removesuffix(TRAP), "info")
        if is_transfer(text):
            yield Mark(ts_ms=ts, pdu=pdu, kind="transfer", level=level, text=text, trap=trap)
        else:
            kind: MarkKind = "event" if level == "info" else "alarm"
            yield Mark(ts_ms=ts, pdu=pdu, kind=kind, level=level, text=text, trap=trap)


# -- health ------------------------------------------------------------------------------------


def health(
    conn: sqlite3.Connection, asking: Asking, unstored: Sequence[StoredHealth]
) -> Iterator[Found]:
    """Changes of health."""
    condition, values = asking.where
    rows = conn.execute(
        "SELECT ts, name, health, detail FROM health JOIN pdu ON pdu.id = health.pdu "
        f"WHERE {condition} ORDER BY ts DESC LIMIT ?",
        (*values, asking.limit),
    ).fetchall()
    known = {(ts, pdu) for ts, pdu, _, _ in rows}
    rows += [
        (change.ts_ms, change.pdu, change.health, change.detail)
        for change in unstored
        if asking.has(change.pdu, change.ts_ms) and (change.ts_ms, change.pdu) not in known
    ]
    for ts, pdu, word, detail in rows:
        text = f"{word}: {detail}" if detail else word
        level = _HEALTH_LEVELS.get(word, "info")
        mark = Mark(ts_ms=ts, pdu=pdu, kind="health", level=level, text=text)
        yield Found(mark, _echo_of_health(word, text))


def _echo_of_health(word: str, text: str) -> Callable[[str], bool]:
    return lambda line: line == text or (word == "live" and line == "live again")


# -- who it is ---------------------------------------------------------------------------------


class _Identity(msgspec.Struct, frozen=True):
    """What of a frame tells devices apart."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None


_identity = msgspec.json.Decoder(_Identity | None)


def identities(
    conn: sqlite3.Connection,
    asking: Asking,
    unstored: Mapping[str, Sequence[tuple[int, str]]],
) -> Iterator[Found]:
    """Where another device answered than before, or one with another firmware."""
    idents: dict[str, int] = dict(conn.execute("SELECT name, id FROM pdu"))
    for pdu in sorted({*idents, *unstored}):
        if asking.pdus and pdu not in asking.pdus:
            continue
        frames = conn.execute(
            "SELECT ts, json FROM frame WHERE pdu = ?1 AND ts < ?3 AND ts >= coalesce("
            "(SELECT max(ts) FROM frame WHERE pdu = ?1 AND ts < ?2 AND json != 'null'), ?2)"
            " ORDER BY ts",
            (idents.get(pdu), asking.from_ms, asking.to_ms),
        ).fetchall()
        last: _Identity | None = None
        for ts, json in sorted([*frames, *unstored.get(pdu, ())]):
            now = _read(json)
            if now is None:
                continue
            text = "" if last is None else _changed(last, now)
            last = now
            if text and asking.has(pdu, ts):
                mark = Mark(ts_ms=ts, pdu=pdu, kind="identity", level="warning", text=text)
                yield Found(mark, lambda line: line.startswith("another device answers"))


def _read(json: str) -> _Identity | None:
    try:
        found: _Identity | None = _identity.decode(json)
        return found
    except msgspec.MsgspecError:
        return None


def _changed(was: _Identity, now: _Identity) -> str:
    """What a change comes to; what a device does not say is no change."""
    if was.serial and now.serial and was.serial != now.serial:
        return f"another device answers here: serial {now.serial}, was {was.serial}"
    if was.model and now.model and was.model != now.model:
        return f"another device answers here: {now.model}, was {was.model}"
    if was.firmware and now.firmware and was.firmware != now.firmware:
        return f"firmware {now.firmware}, was {was.firmware}"
    return ""
