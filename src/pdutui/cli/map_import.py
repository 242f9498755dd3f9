"""`pdutui map import`: a table of cords from what NetBox exports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdutui.cli.amounts import counted
from pdutui.cli.exits import BAD_NEWS, DONE, CliError
from pdutui.cli.target import config_option
from pdutui.cli.text import clean
from pdutui.cli.whole_file import check_target, whole_file

if TYPE_CHECKING:
    from pdutui.config_netbox import Imported
    from pdutui.config_netbox_table import Kind
    from pdutui.settings import Settings

_KINDS = ("ports", "outlets", "connections", "cables")
_MOST_NAMED = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the table there; default: to standard output.",
)
@click.option(
    "--pdu-name",
    "renames",
    multiple=True,
    metavar="NETBOX=CONFIGURED",
    help="A PDU that has another name in NetBox; as often as needed.",
)
@click.option(
    "--kind", type=click.Choice(_KINDS), help="What it is a list of, where its columns do not tell."
)
@click.option(
    "--only-configured", is_flag=True, help="Leave out devices that hang on no configured PDU."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@config_option
def import_(
    file: Path,
    output: Path | None,
    renames: Sequence[str],
    kind: Kind | None,
    only_configured: bool,
    force: bool,
    config_file: Path | None,
) -> int:
    """Make a table of cords from a CSV export of NetBox.

    FILE is what NetBox exports (All Data) of its power ports, power outlets, power connections or
    cables. The table is what [impact] map in the configuration names.

    Numbers of outlets are taken from their names where nothing else can be meant. What cannot be
    understood is listed with its line, left out of the table, and makes it end with 1: nothing is
    guessed.
    """
    from pdutui.config import load_settings
    from pdutui.config_map import map_text
    from pdutui.config_netbox import import_netbox

    if output is not None:
        check_target(output, force=force)
    settings = load_settings(config=config_file, env=os.environ, device_map=False)
    configured = [pdu.name for pdu in settings.pdus]
    if only_configured and not configured:
        raise CliError("--only-configured: no PDU is configured")
    found = import_netbox(
        file,
        configured=configured,
        renamed=_renamed(renames, configured),
        kind=kind,
        only_configured=only_configured,
    )
    for one in found.left_out:
        click.echo(f"{file}, line {one.line}: left out: {clean(one.reason)}", err=True)
    if not found.cords:
        raise CliError(f"{file}: {_counts(found)}; nothing to write", BAD_NEWS)
    if output is None:
        click.echo(map_text(found.cords), nl=False)
    else:
        with whole_file(output, force=force) as temporary:
            temporary.write_text(map_text(found.cords), encoding="utf-8")
    _tell(found, file, output, settings)
    return BAD_NEWS if found.left_out else DONE


def _renamed(renames: Sequence[str], configured: Sequence[str]) -> dict[str, str]:
    """NetBox's name -> the configured name. Raises CliError."""
    from pdutui.config_names import alike

    found: dict[str, str] = {}
    for text in renames:
        name, equals, target = (part.strip() for part in text.partition("="))
        if not name or not equals or not target:
            raise CliError(f"--pdu-name {clean(text)!r} must be NETBOX=CONFIGURED")
        if found.setdefault(name, target) != target:
            raise CliError(f"--pdu-name gives {clean(name)!r} two names")
        if configured and target not in configured:
            near = alike(target, configured)
            hint = f": did you mean {near!r}?" if near else f" (there: {', '.join(configured)})"
            raise CliError(f"--pdu-name: no PDU {clean(target)!r} is configured{hint}")
    return found


def _tell(found: Imported, file: Path, output: Path | None, settings: Settings) -> None:
    """Say what was made, and what is to be done with it."""
    from pdutui.config_names import alike

    names = [pdu.name for pdu in settings.pdus]
    strangers: dict[str, int] = {}
    for cord in found.cords:
        if cord.pdu not in names:
            strangers[cord.pdu] = strangers.get(cord.pdu, 0) + 1
    for name, cords in list(strangers.items())[:_MOST_NAMED]:
        near = alike(name, names)
        hint = f": if it is {near!r}, say --pdu-name {clean(name)!r}={near}" if near else ""
        what = f"PDU {clean(name)!r} ({counted(cords, 'cord')}) is not configured"
        click.echo(f"note: {what}{hint}", err=True)
    if len(strangers) > _MOST_NAMED:
        more = f"{len(strangers) - _MOST_NAMED} more of its PDUs are not configured"
        click.echo(f"note: {more} (--only-configured leaves them out)", err=True)
    click.echo(f"{file}: {_counts(found)}", err=True)
    if output is not None and not _is_named(output, settings):
        click.echo(f'to use it: map = "{output.absolute()}" in [impact]', err=True)


def _is_named(output: Path, settings: Settings) -> bool:
    named = settings.impact.map
    return named is not None and named.resolve() == output.resolve()


def _counts(found: Imported) -> str:
    devices = len({cord.device.casefold() for cord in found.cords})
    cords = f"{counted(len(found.cords), 'cord')} of {counted(devices, 'device')}"
    parts = [f"{counted(found.lines, 'line')}, {cords}"]
    for number, what in (
        (found.unconnected, "not connected"),
        (found.inlets, "inlets of PDUs"),
        (found.others, "other cables"),
        (found.elsewhere, "cords of devices elsewhere"),
        (len(found.left_out), "left out"),
    ):
        if number:
            parts.append(f"{number} {what}")
    return ", ".join(parts)
