from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdutui.domain.commands import AuditRecord
from pdutui.domain.history import DAY_MS, HOUR_MS, MINUTE_MS, Mark
from pdutui.domain.reading import Reading
from pdutui.store.audit import AuditEntry, insert_audit
from pdutui.store.history import HistoryStore
from pdutui.store.reader import open_reader
from pdutui.store.schema import Immediate, migrate
from pdutui.store.transfers import ACTIVE, find_transfers

from .helpers import START, ms, reading, record
from .sealed import PDU, database, every, put, seal_all, seal_hour
from .tiers import past

T0 = ms(reading(0))
ALL = (0, 2 * T0)


async def marks(store: HistoryStore, pdu: str = PDU, **more: int) -> list[Mark]:
    reader = await store.reader()
    assert reader is not None
    return await reader.marks(pdu, *ALL, **more)


def told(found: list[Mark]) -> list[tuple[int, str, str, str]]:
    return [((mark.ts_ms - T0) // 1000, mark.kind, mark.level, mark.text) for mark in found]


# -- commands


def command(second: float, outcome: str, **more: object) -> AuditRecord:
    return record(second, **({"outcome": outcome, "intent_id": f"i{second}", "user": "eva"} | more))


@pytest.mark.parametrize("committed", [False, True])
async def test_commands(store: HistoryStore, committed: bool) -> None:
    store.audit(command(0, "requested", intent_id="i"))
    store.audit(command(2, "observed", intent_id="i", state_to="off", detail="observed off"))
    store.audit(command(3, "refused", outlet=2005, outlet_name="2", action="reboot"))
    store.audit(command(4, "contradicted", outlet=0, outlet_name="all outlets", action="all_on"))
    store.audit(command(5, "observed", outlet=0, action="prefer_b", outlet_name="transfer switch"))
    store.audit(command(6, "accepted", action="delayed_off"))
    store.audit(command(7, "requested", action="reboot", pdu="other"))
    if committed:
        await store.flush()
    assert told(await marks(store, "")) == [
        (2, "command", "info", "Turn OFF outlet 3 db01 by eva: observed"),
        (3, "command", "warning", "Reboot outlet 2.5 2 by eva: refused"),
        (4, "command", "critical", "Turn ON all outlets by eva: contradicted"),
        (5, "command", "info", "Prefer source B by eva: observed"),
        (6, "command", "info", "Turn OFF outlet 3 db01 with a delay by eva: accepted"),
        (7, "command", "info", "Reboot outlet 3 db01 by eva: asked for, no word of its end"),
    ]
    assert [mark.pdu for mark in await marks(store, "other")] == ["other"]


async def test_plans_approvals_and_locks(store: HistoryStore) -> None:
    """Of a PDU those that are about it alone; all of them where all PDUs are asked for."""
    plan = {"action": "plan", "outlet": 0, "outlet_name": "", "plan": "K7Q2MX"}
    store.audit(command(1, "made", detail="storage off (4 steps)", **plan))
    store.audit(command(2, "approved", detail="", ticket="CHG-7", **plan))
    store.audit(command(3, "stopped", detail="step 2 failed", **(plan | {"pdu": ""})))
    store.audit(command(4, "observed", plan="K7Q2MX", ticket="CHG-7", approved_by="carol"))
    store.audit(command(5, "skipped", plan="K7Q2MX", action="on"))
    console = {"pdu": "", "outlet": 0, "outlet_name": "console"}
    store.audit(command(6, "done", action="lock", **console))
    store.audit(command(7, "refused", action="unlock", **console))
    everything = [
        (1, "command", "info", "Plan K7Q2MX by eva: made, storage off (4 steps)"),
        (2, "command", "info", "Plan K7Q2MX by eva: approved (ticket CHG-7)"),
        (3, "command", "warning", "Plan K7Q2MX by eva: stopped, step 2 failed"),
        (4, "command", "info", "Turn OFF outlet 3 db01 by eva: observed"
         " (plan K7Q2MX, ticket CHG-7, approved by carol)"),
        (5, "command", "info", "Turn ON outlet 3 db01 by eva: skipped (plan K7Q2MX)"),
        (6, "command", "info", "Lock the console by eva: done"),
        (7, "command", "warning", "Unlock the console by eva: refused"),
    ]  # fmt: skip
    assert told(await marks(store, "")) == everything
    assert told(await marks(store, PDU)) == [m for m in everything if m[0] not in (3, 6, 7)]


async def test_a_command_that_ends_after_the_span_is_marked_where_it_ended(
    store: HistoryStore,
) -> None:
    store.audit(command(0, "requested", intent_id="i"))
    store.audit(command(90, "observed", intent_id="i"))
    await store.flush()
    reader = await store.reader()
    assert reader is not None
    assert await reader.marks(PDU, T0 - 5000, T0 + 5000) == []
    assert len(await reader.marks(PDU, T0 + 80_000, T0 + 95_000)) == 1


async def test_commands_that_wait_in_the_spill_file(store: HistoryStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await store.audit_durable(command(1, "observed"))
    assert store.audit_waiting == 0, "in the spill file"
    assert len(await marks(store)) == 1
    other.execute("ROLLBACK")
    other.close()
    await store.flush()
    assert len(await marks(store)) == 1


# -- the event log, health, identity


@pytest.mark.parametrize("committed", [False, True])
async def test_what_is_said_twice_is_marked_once(store: HistoryStore, committed: bool) -> None:
    def event(second: float, severity: str, text: str, pdu: str = PDU) -> None:
        store.append_event(START + timedelta(seconds=second), pdu, severity, text)

    store.audit(command(1, "observed", detail="off, was on"))
    event(1.2, "info", "outlet 3 db01: off, was on, by eva")
    event(1.3, "info", "outlet 4: off, was on, on the device", pdu="other")
    store.append_health(START + timedelta(seconds=20), PDU, "lost", "no answer for 3 s")
    event(20.1, "critical", "lost: no answer for 3 s")
    store.append_health(START + timedelta(seconds=30), PDU, "live", "")
    event(30.1, "info", "live again")
    event(40, "warning", "bank 1 load warning, was normal")
    event(50, "info", "db01 is called db02 now")
    event(60, "info", "listening for traps on 0.0.0.0:162", pdu="")
    event(90, "critical", "lost: no answer for 3 s")
    if committed:
        await store.flush()
    assert told(await marks(store)) == [
        (1, "command", "info", "Turn OFF outlet 3 db01 by eva: observed"),
        (20, "health", "critical", "lost: no answer for 3 s"),
        (30, "health", "info", "live"),
        (40, "alarm", "warning", "bank 1 load warning, was normal"),
        (50, "event", "info", "db01 is called db02 now"),
        (90, "alarm", "critical", "lost: no answer for 3 s"),
    ]
    assert len(await marks(store, "")) == 8
    assert told(await marks(store, limit=2)) == told(await marks(store))[-2:], "the newest ones"
    assert await marks(store, "nobody") == []


async def test_another_device_and_another_firmware(store: HistoryStore) -> None:
    def device(second: float, **facts: str | None) -> None:
        store.append(msgspec.structs.replace(reading(second), **facts))

    device(0, serial="S1", firmware="1.0", model="M")
    device(1, serial="S1", firmware="1.1", model="M")
    device(2, serial=None, firmware=None, model=None)
    device(3, serial="S1", firmware="1.1", model="M")
    store.append_event(START + timedelta(seconds=4.1), PDU, "critical",
                       "another device answers here: serial S2, was S1")  # fmt: skip
    device(4, serial="S2", firmware="9", model="M")
    for committed in (False, True):
        if committed:
            await store.flush()
        assert told(await marks(store)) == [
            (1, "identity", "warning", "firmware 1.1, was 1.0"),
            (4, "identity", "warning", "another device answers here: serial S2, was S1"),
        ]
    reader = await store.reader()
    assert reader is not None
    assert len(await reader.marks(PDU, T0 + 4000, T0 + 5000)) == 1, "compared with the one before"


# -- transfers


def switched(second: float, active: str | None) -> Reading:
    one = reading(second)
    assert one.ats is not None
    return msgspec.structs.replace(one, ats=msgspec.structs.replace(one.ats, active=active))


async def test_transfers_to_the_poll(store: HistoryStore) -> None:
    for k in range(30):
        active = "A" if k < 10 else None if k < 12 else "B" if k < 20 else "none"
        store.append(switched(k, active))
    event = "transferred from A to source B"
    store.append_event(START + timedelta(seconds=12.3), PDU, "warning", event)
    store.append_event(START + timedelta(seconds=600), PDU, "warning", event)
    for committed in (False, True):
        if committed:
            await store.flush()
        assert told(await marks(store)) == [
            (12, "transfer", "warning", "transferred from A to source B"),
            (20, "transfer", "critical", "no source carries the load"),
            (600, "transfer", "warning", "transferred from A to source B"),
        ]


CODES = st.sampled_from([None, 0, 1, 2])


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * 24 * 60), st.lists(CODES, min_size=1, max_size=8)),
        min_size=1, max_size=6,
    ),
    st.sets(st.integers(0, 80), max_size=40),
    st.integers(0, 2 * 24 * 60),
    st.integers(1, 3 * 24 * 60),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_transfers_wherever_polls_are(
    runs: list[tuple[int, list[int | None]]], sealed: set[int], begin: int, length: int
) -> None:
    zero = T0 // HOUR_MS * HOUR_MS
    rows: dict[int, dict[str, int | None]] = {}
    for minute, codes in runs:
        for k, code in enumerate(codes):
            rows.setdefault(zero + (minute + 7 * k) * MINUTE_MS, {ACTIVE.key: code})
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn, Path(":memory:"))
    pdu = put(conn, rows)
    for hour in sealed & {(ts - zero) // HOUR_MS for ts in rows}:
        assert seal_hour(conn, pdu, zero // HOUR_MS + hour)
    a, b = zero + begin * MINUTE_MS, zero + (begin + length) * MINUTE_MS
    expected, last = [], None
    # A source that was last known more than a day before counts as not known.
    for ts, row in sorted(rows.items()):
        if ts < (a // DAY_MS - 1) * DAY_MS or (code := row[ACTIVE.key]) is None:
            continue
        if last is not None and code != last and a <= ts < b:
            expected.append((ts, ["none", "A", "B"][last], ["none", "A", "B"][code]))
        last = code
    found = find_transfers(past(conn, [ACTIVE.key]), a, b)
    assert [(t.ts_ms, t.was, t.now) for t in found] == expected
    conn.close()


def test_transfers_of_which_only_quarters_are_kept(tmp_path: Path) -> None:
    conn = database(tmp_path / "h.db")
    zero = T0 // HOUR_MS * HOUR_MS
    rows = {
        ts: {ACTIVE.key: 1 if ts < zero + 40 * MINUTE_MS else 2}
        for ts in every(60, zero, zero + HOUR_MS)
    }
    seal_all(conn, put(conn, rows))
    conn.execute("DELETE FROM chunk")
    found = list(find_transfers(past(conn, [ACTIVE.key]), zero, zero + HOUR_MS))
    assert [(t.ts_ms, t.text) for t in found] == [
        (zero + 30 * MINUTE_MS, "transferred from A to source B")
    ]
    conn.close()


# -- the next one


async def test_the_next_mark(store: HistoryStore) -> None:
    reader = await store.reader()
    assert reader is not None
    assert await reader.next_mark([PDU], 0) is None
    for k in range(20):
        store.append(switched(k, "A" if k < 10 else "B"))
    store.audit(command(3, "observed"))
    store.append_event(START + timedelta(days=40), PDU, "info", "much later")
    store.append_event(START + timedelta(seconds=5), "other", "info", "elsewhere")
    for committed in (False, True):
        if committed:
            await store.flush()
        steps, at = [], 0
        while (mark := await reader.next_mark([PDU], at)) is not None:
            steps.append(mark.text)
            at = mark.ts_ms
        assert steps == [
            "Turn OFF outlet 3 db01 by eva: observed", "transferred from A to source B",
            "much later",
        ]  # fmt: skip
        both = await reader.next_mark([PDU, "other"], T0 + 4000)
        assert both is not None
        assert both.text == "elsewhere"
        assert await reader.next_mark([], 0) is None


async def test_the_next_mark_where_there_are_very_many(path: Path) -> None:
    conn = database(path)
    with Immediate(conn):
        insert_audit(conn, [AuditEntry.of(command(k / 1000, "observed")) for k in range(4500)])
    conn.close()
    reader = await open_reader(path)
    mark = await reader.next_mark([PDU], T0 - 5000)
    assert mark is not None
    assert mark.ts_ms == T0 + 3
    assert len(await reader.marks(PDU, *ALL, limit=50)) == 50
    await reader.close()
