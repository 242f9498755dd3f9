"""`pdutui keys`: every action of the console, its keys, and what it does where."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.exits import DONE
from pdutui.cli.target import config_option


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per action.")
@config_option
def keys(as_json: bool, config_file: Path | None) -> int:
    """List the actions of the console with the keys that they have.

    The keys are those of the configuration; a star stands before those that its [keys] has
    changed. The names in the first column are what [keys] takes.
    """
    from pdutui.keys.keymap import Keymap
    from pdutui.keys.table import rows

    settings = load_and_warn(config_file)
    listed = rows(Keymap(settings.keys))
    if as_json:
        for row in listed:
            click.echo(msgspec.json.encode(row).decode())
        return DONE
    cells = [(row, f"{'*' if row.changed else ' '} {row.id}", " ".join(row.keys)) for row in listed]
    wide = max(len(ident) for _, ident, _ in cells)
    room = max(len(shown) for _, _, shown in cells)
    for row, ident, shown in cells:
        places = list(row.does)
        where = places[0] if len(places) == 1 else f"{places[0]}, and {len(places) - 1} more"
        does = next(iter(row.does.values()))
        click.echo(f"{ident:<{wide}}  {shown or '-':<{room}}  {does} ({where})")
    return DONE
