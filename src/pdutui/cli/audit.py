"""`pdutui audit`: every attempt to switch an outlet, newest last, and whether none is missing."""

from __future__ import annotations

import glob
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import msgspec

from pdutui.cli.build import HEAD_NAME, SPILL_NAME, demo_settings, history_path
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.kinds import utf8
from pdutui.cli.target import config_option
from pdutui.config_env import expanded
from pdutui.domain.audit import AuditQuery
from pdutui.engine.plans.ids import normal
from pdutui.settings import Settings

MOST_ROWS = 1_000_000_000
Form = Literal["text", "json", "csv"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Which audit is meant."""

    path: Path
    """The database."""
    settings: Settings
    only_read: bool
    """It was named: nothing of it is changed."""


def _outlet(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """`3`; `2.5` for outlet 5 of unit 2; `0` for the whole PDU."""
    if value is None:
        return None
    unit, dot, place = value.partition(".")
    parts = (unit, place) if dot else (unit,)
    if all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        return int(unit) * 1000 + int(place) if dot else int(unit)
    raise click.BadParameter(f"{value!r} is no outlet: 3, or 2.5 for outlet 5 of unit 2.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header and all columns.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, MOST_ROWS), default=50, show_default=True,
    help="The newest N lines of those that fit.",
)  # fmt: skip
@click.option("--since", metavar="TIME", help="From then on: 2026-11-20 03:12, -6h, yesterday.")
@click.option("--until", metavar="TIME", help="Before then.")
@click.option("--user", metavar="U", callback=utf8, help="Of one user, also behind sudo.")
@click.option("--pdu", metavar="P", callback=utf8, help="Of one PDU.")
@click.option(
    "--outlet", metavar="N", callback=_outlet, help="Of one outlet; 0: the whole PDU.",
)  # fmt: skip
@click.option("--action", metavar="A", callback=utf8, help="on, off, reboot, delayed-off, ...")
@click.option(
    "--outcome", metavar="O", callback=utf8,
    help="requested, observed, refused, failed, unconfirmed, ...",
)  # fmt: skip
@click.option("--plan", metavar="ID", callback=utf8, help="Of one plan.")
@click.option("--ticket", metavar="T", callback=utf8, help="Of one ticket.")
@click.option(
    "--grep", "text", metavar="TEXT", callback=utf8, help="With TEXT in it, capitals or not.",
)  # fmt: skip
@click.option(
    "--verify", is_flag=True,
    help="Check the chain of all records in place of showing them. Ends with 1 if one was "
    "changed, swapped, put in or taken away.",
)  # fmt: skip
@click.option(
    "--expect", metavar="HASH",
    help="With --verify: the chain must contain this hash, kept elsewhere.",
)  # fmt: skip
@click.option("--head", is_flag=True, help="Number and hash of the newest record, to be kept.")
@click.option(
    "--file", "file", metavar="FILE", type=click.Path(path_type=Path, readable=False),
    help="Another database, such as a copy; it is only read.",
)  # fmt: skip
@click.option("--demo", is_flag=True, help="The audit of 'pdutui --demo'.")
@config_option
def audit(
    as_json: bool,
    as_csv: bool,
    limit: int,
    since: str | None,
    until: str | None,
    user: str | None,
    pdu: str | None,
    outlet: int | None,
    action: str | None,
    outcome: str | None,
    plan: str | None,
    ticket: str | None,
    text: str | None,
    verify: bool,
    expect: str | None,
    head: bool,
    file: Path | None,
    demo: bool,
    config_file: Path | None,
) -> int:
    """Print who tried to switch what, and how it ended; newest last.

    Each attempt has a line as it begins (outcome "requested") and one as it ends. Every record
    carries the hash of the one before: --verify goes through all of them.

    \b
    pdutui audit --since -24h --pdu rack1-a --outlet 3
    pdutui audit --outcome refused --csv --limit 100000 > refused.csv
    pdutui audit --head                     # keep it somewhere else
    pdutui audit --verify --expect HASH     # ... and compare
    """  # noqa: D301 - click's sign for lines that stay as they are
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    query = AuditQuery(
        limit=limit,
        since=None if since is None else _time("--since", since, 0),
        until=None if until is None else _time("--until", until, 1),
        user=user,
        pdu=pdu,
        outlet=outlet,
        action=action and action.lower().replace("-", "_"),
        outcome=outcome and outcome.lower(),
        plan=plan and (normal(plan) or plan.upper()),
        ticket=ticket,
        text=text,
    )
    if verify or head or expect is not None:
        _alone(verify=verify, head=head, expect=expect, as_csv=as_csv, query=query)
    place = _place(file, demo, config_file)
    gone = _missing(place)
    if gone is not None:
        if gone:
            click.echo(f"pdutui: {gone}", err=True)
            return BAD_NEWS
        if head and as_json:
            click.echo(b'{"n":0,"time":null,"hash":null}')
        elif not as_json:
            click.echo(
                f"nothing has been switched from here yet ({place.path} is not there)", err=True
            )
        return DONE
    from pdutui.cli import audit_show

    if verify:
        return run_to_the_end(audit_show.verify(place, expect, as_json=as_json))
    if head:
        return run_to_the_end(audit_show.head(place, as_json=as_json))
    form: Form = "json" if as_json else "csv" if as_csv else "text"
    return run_to_the_end(audit_show.rows(place, query, form))


def _alone(
    *, verify: bool, head: bool, expect: str | None, as_csv: bool, query: AuditQuery
) -> None:
    """What is about the whole chain goes with no choice of records."""
    if expect is not None:
        if not verify:
            raise click.UsageError("--expect goes with --verify.")
        if len(expect) != 64 or not all(c in "0123456789abcdefABCDEF" for c in expect):
            raise click.UsageError("--expect takes a hash as 'pdutui audit --head' prints it.")
    name = "--verify" if verify else "--head"
    if verify and head:
        raise click.UsageError("--verify and --head exclude each other: --verify says both.")
    if as_csv:
        raise click.UsageError(f"{name} does not go with --csv.")
    if msgspec.structs.replace(query, limit=50) != AuditQuery():
        raise click.UsageError(f"{name} is about all records: it goes with no choice of them.")


def _time(option: str, text: str, fold: Literal[0, 1]) -> datetime:
    from pdutui.domain.when import parse_when
    from pdutui.domain.zone import local_zone

    def note(said: str) -> None:
        click.echo(f"pdutui: note: {option}: {said}", err=True)

    try:
        return parse_when(text, datetime.now(UTC), local_zone(os.environ), note=note, fold=fold)
    except ValueError as error:
        raise CliError(f"{option}: {error}") from error


def _place(file: Path | None, demo: bool, config_file: Path | None) -> Place:
    from pdutui.config import load_settings

    if file is not None and demo:
        raise click.UsageError("--file and --demo exclude each other.")
    settings = load_settings(config=config_file, env=os.environ)
    if file is not None:
        path = Path(os.path.abspath(expanded(file, "--file")))
        if not _is_there(path):
            raise CliError(f"{path}: no such file")
        return Place(path=path, settings=settings, only_read=True)
    if demo:
        settings = demo_settings(settings)
    return Place(path=history_path(settings), settings=settings, only_read=False)


def _missing(place: Place) -> str | None:
    """Why there is nothing to look at: empty where there never was anything; None if there is."""
    path = place.path
    if damaged(path) or _is_there(path) or _is_there(path.with_name(SPILL_NAME), least=1):
        return None
    if not _is_there(path.with_name(HEAD_NAME)):
        return ""
    from pdutui.store.audit_head import HeadFile

    file = HeadFile(path)
    try:
        head = file.read()
    except ValueError as error:
        return str(error)
    if head is None:
        return ""
    return f"{path} is not there, but {file.path.name} speaks of {head.said}: it was taken away"


def _is_there(path: Path, *, least: int = 0) -> bool:
    """Whether there is such a file, of so many bytes. Raises CliError where that is unknown."""
    try:
        return path.stat().st_size >= least
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}") from error


def damaged(path: Path) -> list[Path]:
    """Databases that stood in this one's place and were damaged, oldest first."""
    pattern = f"{glob.escape(path.name)}.damaged-*"
    return sorted(f for f in path.parent.glob(pattern) if not f.name.endswith(("-wal", "-shm")))
