"""What `pdutui audit` prints: records, the head of the chain, and what a check of it found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click
import msgspec

from pdutui.cli.audit import Form, Place, damaged
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.history_errors import store_trouble
from pdutui.cli.text import UNKNOWN, clean, iso, table
from pdutui.domain.audit import GENESIS, AuditQuery, ChainReport, StoredAudit
from pdutui.domain.audit_export import audit_csv, audit_object
from pdutui.domain.clock import SystemClock
from pdutui.domain.naming import outlet_place
from pdutui.store.errors import StoreTrouble

if TYPE_CHECKING:
    from pdutui.store.audit_trail import Trail


async def rows(place: Place, query: AuditQuery, form: Form) -> int:
    """Print the records that fit, oldest first; the exit code."""
    async with _to_be_shown(place) as (trail, trouble):
        try:
            found = await trail.rows(query)
            trouble = trouble or await trail.lacks()
        except StoreTrouble as error:
            if place.only_read:
                raise
            found = await trail.unstored(query)
            trouble = trouble or error.phrase
    found.reverse()
    if form == "json":
        for row in found:
            click.echo(msgspec.json.encode(audit_object(row)))
    elif form == "csv":
        click.echo(audit_csv(found), nl=False)
    elif found:
        click.echo(audit_text(found))
    elif not trouble:
        click.echo("no record fits", err=True)
    if files := ", ".join(str(file) for file in damaged(place.path)):
        reason = f"what could be read was taken over from a damaged database, set aside as {files}"
        trouble = f"{trouble}; {reason}" if trouble else reason
    if trouble:
        click.echo(f"pdutui: this may not be all: {trouble}", err=True)
        return BAD_NEWS
    return DONE


async def head(place: Place, *, as_json: bool) -> int:
    """Print number and hash of the newest record."""
    async with _to_be_checked(place) as trail:
        newest = await trail.newest()
    if as_json:
        said = {
            "n": newest.n if newest else 0,
            "time": iso(newest.record.time) if newest else None,
            "hash": newest.hash if newest else None,
        }
        click.echo(msgspec.json.encode(said))
    elif newest is None:
        click.echo("there is no record yet", err=True)
    else:
        click.echo(f"{newest.n} {newest.hash}")
    return DONE


async def verify(place: Place, expect: str | None, *, as_json: bool) -> int:
    """Check the chain and print what was found; the exit code."""
    async with _to_be_checked(place) as trail:
        report = await trail.verify(expect.lower() if expect else None)
    if as_json:
        click.echo(msgspec.json.encode(report_object(place, report)))
    else:
        click.echo("\n".join(report_text(place, report)))
    return DONE if report.ok else BAD_NEWS


@asynccontextmanager
async def _to_be_shown(place: Place) -> AsyncIterator[tuple[Trail, str]]:
    """The audit, what is in the spill file taken over, and what is wrong with the store."""
    if place.only_read:
        async with _only_read(place) as trail:
            yield trail, ""
        return
    from pdutui.cli.store import open_store

    store = await open_store(place.path, place.settings, SystemClock())
    try:
        yield await store.audit_trail(), store.trouble
    finally:
        await store.close()


@asynccontextmanager
async def _to_be_checked(place: Place) -> AsyncIterator[Trail]:
    """The audit as it lies there: whoever looks for traces leaves none.

    Only a database of an older pdutui is brought up to date first, unless it was named.
    """
    from pdutui.store.audit_trail import open_trail

    try:
        trail = await open_trail(place.path)
    except StoreTrouble as trouble:
        if trouble.kind != "older" or place.only_read:
            with store_trouble(place.path):
                raise
    else:
        try:
            with store_trouble(place.path):
                yield trail
        finally:
            await trail.close()
        return
    async with _to_be_shown(place) as (trail, wrong):
        if wrong:
            raise CliError(wrong, BAD_NEWS)
        with store_trouble(place.path):
            yield trail


@asynccontextmanager
async def _only_read(place: Place) -> AsyncIterator[Trail]:
    from pdutui.store.audit_trail import open_trail

    with store_trouble(place.path):
        trail = await open_trail(place.path)
        try:
            yield trail
        finally:
            await trail.close()


def audit_text(found: Sequence[StoredAudit]) -> str:
    """The records as a table."""
    heads = (
        "time", "user", "from", "by", "PDU", "outlet", "name", "action", "state", "outcome",
        "detail", "reason", "ticket", "plan", "approved by", "role", "n",
    )  # fmt: skip
    lines = [_line(row) for row in found]
    return "\n".join(table(heads, lines, words=frozenset(heads) - {"outlet", "n"}))


def _line(row: StoredAudit) -> tuple[str, ...]:
    r = row.record
    state = r.state_from + (f" > {r.state_to}" if r.state_to else "")
    words = (
        r.time.strftime("%Y-%m-%d %H:%M:%SZ"), r.user, r.ssh_origin, r.origin, r.pdu,
        outlet_place(r.outlet) if r.outlet else None, r.outlet_name, r.action, state, r.outcome,
        r.detail, r.reason, r.ticket, r.plan, r.approved_by, r.role, str(row.n or ""),
    )  # fmt: skip
    return tuple(clean(word or "") or UNKNOWN for word in words)


def report_text(place: Place, report: ChainReport) -> list[str]:
    """What a check found, for people."""
    count = "1 record" if report.records == 1 else f"{report.records} records"
    faults = "1 fault" if len(report.faults) == 1 else f"{len(report.faults)} faults"
    result = "the chain holds" if report.ok else f"THE CHAIN IS BROKEN: {faults}"
    lines = [f"{clean(str(place.path))}: {count}, {result}"]
    lines.append(f"  head   {report.head if report.head != GENESIS else 'none yet'}")
    lines += [f"  note   {clean(note)}" for note in report.notes]
    for fault in report.faults:
        when = f" of {iso(fault.time)}" if fault.time is not None else ""
        where = f"record {fault.n}{when}: " if fault.n and when else ""
        lines.append(f"  FAULT  {where}{clean(fault.what)}")
    return lines


def report_object(place: Place, report: ChainReport) -> dict[str, object]:
    """The same for JSON."""
    return {
        "path": str(place.path),
        "ok": report.ok,
        "records": report.records,
        "head": None if report.head == GENESIS else report.head,
        "faults": [
            {
                "n": fault.n or None,
                "time": iso(fault.time) if fault.time is not None else None,
                "what": fault.what,
            }
            for fault in report.faults
        ],
        "notes": list(report.notes),
    }
