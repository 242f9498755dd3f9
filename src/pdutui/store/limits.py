"""The store's numbers in one place, so that tests and small machines can have others."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024


class StoreLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much, how often, how long. The defaults are the product's."""

    batch_ticks: int = 10
    """A commit at the latest after so many readings of one PDU."""
    batch_s: float = 10.0
    """A commit at the latest so many seconds after the first reading that waits for one."""
    rows_per_commit: int = 2000
    """A long backlog is written in steps, so that an audit record never waits behind it all."""
    buffer_bytes: int = 50 * MIB
    """Readings kept in memory while the disk refuses them; then the oldest are dropped and
    counted. There is no limit by age: one PDU fits for half a day, fifty for ten minutes."""
    audit_in_memory: int = 10_000
    """Audit records kept in memory when neither database nor spill file takes them."""
    ballast_bytes: int = 8 * MIB
    """A file of nothing, removed when the disk is full so that the audit can go on. 0: none."""
    floor_bytes: int = 24 * MIB
    """After a full disk, readings are written again once so much is free."""
    max_page_count: int = 0
    """A quota for the database in pages of 4 KiB; 0: none."""
    busy_ms: int = 1000
    """How long SQLite waits for another program's lock. Short, because the caller retries and
    an audit record must not wait; a longer wait would only stall the writer's queue."""
    audit_wait_s: float = 2.0
    """How long a durable audit record waits for the database before it goes to the spill file."""
    write_s: float = 30.0
    """How long one round of writing may take before the disk counts as not answering."""
    flush_s: float = 5.0
    """How long `flush` may take."""
    open_s: float = 5.0
    """How long `open` waits for the disk before it goes on without history."""
    close_s: float = 4.5
    """How long `close` may take all in all."""
    retry_first_s: float = 1.0
    retry_most_s: float = 60.0
    """Pause after a failure: doubled each time, from first to most."""
    upkeep_first_s: float = 20.0
    """Upkeep begins so long after the start, when there are figures on the screen."""
    seal_check_s: float = 60.0
    """How often to look for hours that are to be sealed."""
    seal_after_s: float = 3600.0
    """How long an hour must be over: charts of the last hour need not look into chunks."""
    seal_spread_s: float = 2400.0
    """PDUs are sealed within this span after that, not all at once."""
    seal_rest: float = 3.0
    """After an hour is sealed, a rest of so many times as long as it took: a backlog of weeks
    takes a quarter of a core."""
    seal_pause_s: float = 0.1
    """The shortest such rest."""
    salvage_first_s: float = 5.0
    """What can be read of a damaged file is looked for so long after it was set aside."""
    upkeep_s: float = 3600.0
    """How often old rows are deleted."""
    prune_most_s: float = 86400.0
    """Span of rows deleted per PDU in one upkeep. It keeps the work small, and a wrong system
    clock costs a day of the oldest rows an hour, not the whole history at once."""
    note_s: float = 3600.0
    """How long a note (a damaged file set aside, readings lost) stays in the status."""
