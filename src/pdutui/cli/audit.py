"""`pdutui audit`: every attempt to switch an outlet, newest last."""

from __future__ import annotations

import asyncio
import glob
import os
from pathlib import Path

import click
import msgspec

from pdutui.cli.build import SPILL_NAME, demo_settings, history_path
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.target import config_option
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import AuditRecord
from pdutui.settings import Settings

MOST_ROWS = 1_000_000_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, MOST_ROWS),
    default=50,
    show_default=True,
    help="The newest N lines.",
)
@click.option("--demo", is_flag=True, help="The audit of 'pdutui --demo'.")
@config_option
def audit(as_json: bool, limit: int, demo: bool, config_file: Path | None) -> int:
    """Print who tried to switch what, and how it ended; newest last.

    Each attempt has a line as it begins (outcome "requested") and one as it ends.
    """
    from pdutui.config import load_settings

    settings = load_settings(config=config_file, env=os.environ)
    if demo:
        settings = demo_settings(settings, 1)
    path = history_path(settings)
    damaged = _damaged(path)
    if not damaged and not _is_there(path) and not _is_there(path.with_name(SPILL_NAME)):
        if not as_json:
            click.echo(f"nothing has been switched from here yet ({path} is not there)", err=True)
        return DONE
    records, trouble = asyncio.run(_read(path, settings, limit))
    damaged = _damaged(path)
    if as_json:
        for record in records:
            click.echo(msgspec.json.encode(plain(record)))
    elif records:
        click.echo(audit_text(records))
    if damaged:
        files = ", ".join(str(file) for file in damaged)
        reason = f"what could be read was taken over from a damaged database, set aside as {files}"
        trouble = f"{trouble}; {reason}" if trouble else reason
    if trouble:
        click.echo(f"pdutui: this may not be all: {trouble}", err=True)
        return BAD_NEWS
    return DONE


def _is_there(path: Path) -> bool:
    """Whether there is such a file. Raises CliError where that cannot be told."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}") from error
    return True


def _damaged(path: Path) -> list[Path]:
    """Databases that stood in this one's place and were damaged, oldest first."""
    pattern = f"{glob.escape(path.name)}.damaged-*"
    return sorted(f for f in path.parent.glob(pattern) if not f.name.endswith(("-wal", "-shm")))


async def _read(path: Path, settings: Settings, limit: int) -> tuple[list[AuditRecord], str]:
    """The newest records, oldest first, and what is wrong with the store, if anything is."""
    from pdutui.cli.store import open_store

    store = await open_store(path, settings, SystemClock())
    try:
        records = await store.audit_rows(limit)
        return records[::-1], store.trouble
    finally:
        await store.close()


def plain(record: AuditRecord) -> dict[str, object]:
    """The record for JSON, its time as in a reading."""
    from pdutui.cli.text import iso

    out: dict[str, object] = msgspec.structs.asdict(record)
    out["time"] = iso(record.time)
    return out


def audit_text(records: list[AuditRecord]) -> str:
    """The records as a table."""
    from pdutui.cli.text import UNKNOWN, clean, table

    heads = (
        "time", "user", "from", "by", "PDU", "outlet", "name", "action", "state", "outcome",
        "detail", "reason",
    )  # fmt: skip
    rows = [
        (
            record.time.strftime("%Y-%m-%d %H:%M:%SZ"),
            clean(record.user),
            clean(record.ssh_origin or UNKNOWN),
            record.origin,
            clean(record.pdu),
            str(record.outlet or UNKNOWN),
            clean(record.outlet_name) or UNKNOWN,
            record.action,
            record.state_from + (f" > {record.state_to}" if record.state_to else ""),
            record.outcome,
            clean(record.detail) or UNKNOWN,
            clean(record.reason or "") or UNKNOWN,
        )
        for record in records
    ]
    return "\n".join(table(heads, rows, words=frozenset(heads) - {"outlet"}))
