"""What `pdutui discover` prints and writes down in the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from pdutui.backends.snmp.discovery_scan import Scan
from pdutui.cli.found import Line, line_json, lines_csv, lines_table, lines_toml
from pdutui.cli.text import clean
from pdutui.config_write import append_pdus
from pdutui.settings import Settings


def print_lines(lines: Sequence[Line], form: str) -> None:
    """What was found, to standard output. Forms: json, toml, csv, table."""
    if form == "json":
        for line in lines:
            click.echo(line_json(line))
    elif form == "toml":
        click.echo(lines_toml(lines), nl=False)
    elif form == "csv":
        click.echo(lines_csv(lines), nl=False)
    elif lines:
        for row in lines_table(lines, statuses=True):
            click.echo(row)


def report(scan: Scan, lines: Sequence[Line], *, everything: bool, interrupted: bool) -> None:
    """What else there was, on standard error."""
    for lost in scan.unreachable:
        click.echo(f"pdutui: {lost.place.address}: {clean(lost.detail)}", err=True)
    counts = dict.fromkeys(("pdu", "other", "refused", "failed"), 0)
    for found in scan.found:
        counts[found.status] += 1
    pdus = counts["pdu"]
    configured = sum(line.configured is not None for line in lines)
    parts = [f"{pdus} PDU{'' if pdus == 1 else 's'}"]
    if configured:
        parts[0] += f" ({configured} configured already)"
    if counts["other"]:
        what = "device that is" if counts["other"] == 1 else "devices that are"
        parts.append(f"{counts['other']} {what} no PDU" + ("" if everything else " (--all)"))
    if counts["refused"]:
        parts.append(f"{counts['refused']} that answer, but not to these credentials")
    if counts["failed"]:
        parts.append(f"{counts['failed']} that could not be read")
    parts.append(f"{scan.silent} silent")
    head = "interrupted: " if interrupted else ""
    click.echo(f"pdutui: {head}{', '.join(parts)}", err=True)


def write_entries(lines: Sequence[Line], settings: Settings, config_file: Path | None) -> None:
    """Append to the configuration file, and say what was done."""
    from pdutui.config_env import config_path

    entries = [line.entry for line in lines if line.entry is not None]
    path = settings.config_path or config_path(config_file, os.environ)[0]
    if not entries:
        click.echo(f"pdutui: nothing to add to {path}", err=True)
        return
    append_pdus(path, entries, os.environ)
    names = ", ".join(entry.name for entry in entries)
    click.echo(f"pdutui: added to {path}: {names}", err=True)
    unset = sorted({name for e in entries for name in e.variables if not os.environ.get(name)})
    if unset:
        click.echo(f"pdutui: to be set in the environment: {', '.join(unset)}", err=True)
