"""`pdutui history backup`: a copy of the database, while a console writes to it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from pdutui.cli.amounts import bar, size_text
from pdutui.cli.exits import BAD_NEWS, CliError
from pdutui.cli.history_errors import SAYS_MORE, trouble_with
from pdutui.cli.history_place import Place, place_options, require
from pdutui.cli.progress import ProgressLine
from pdutui.cli.whole_file import check_target, ended_by_signals, whole_file
from pdutui.config_env import expanded

_LEFT_OPEN = ("-wal", "-journal")


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, readable=False))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@place_options
def backup(file: Path, force: bool, place: Place) -> None:
    """Copy the database into FILE: readings, totals, events and the audit, of one moment.

    The console may go on writing. What it has not committed yet, ten seconds at most, is not in
    the copy. FILE is for its owner's eyes only (mode 0600), needs no other file beside it, and is
    put in its place when it is whole and has been checked.

    To look into it: 'pdutui history list --db FILE'. To restore it, end pdutui and put it in the
    place of the database.
    """
    require(place)
    target = expanded(file, "FILE").absolute()
    _check(place.path, target, force)
    line = ProgressLine()
    with ended_by_signals():
        try:
            size = _copy(place.path, target, force, line)
        finally:
            line.clear()
    click.echo(f"{target}: {size_text(size)}, checked")


def _check(source: Path, target: Path, force: bool) -> None:
    """Raises CliError for a target that must not be written over."""
    from pdutui.store.files import free_bytes, who_writes

    check_target(target, force=force, database=True)
    with suppress(OSError):
        if target.samefile(source):
            raise CliError(f"{target} is the database itself")
    written, _ = who_writes(target.with_name(f"{target.name}.lock"))
    left = [side for end in _LEFT_OPEN if (side := Path(f"{target}{end}")).exists()]
    if written or any(side.stat().st_size for side in left):
        # What is in its log would be replayed over the copy.
        raise CliError(f"{target} is in use, or was left open: name another file")
    from pdutui.store.backup import bytes_needed

    with trouble_with(source):
        needed = bytes_needed(source)
    free = free_bytes(target.parent)
    if needed > free:
        raise CliError(
            f"{target} cannot be written: it takes {size_text(needed)}, "
            f"{size_text(free)} are free in {target.parent}",
            BAD_NEWS,
        )


def _copy(source: Path, target: Path, force: bool, line: ProgressLine) -> int:
    """Copy and check. The size in bytes."""
    import sqlite3

    from pdutui.store.backup import copy_database, first_damage
    from pdutui.store.errors import kind_of

    def on_pages(done: int, total: int) -> None:
        line.show(f"copying  {bar(done, total)}")

    def alive() -> None:
        line.show("checking the copy")

    with whole_file(target, force=force, mode=0o600, database=True) as temporary:
        with trouble_with(source):
            try:
                copy_database(source, temporary, on_pages)
            except sqlite3.Error as error:
                if kind_of(error) == "full":
                    raise CliError(f"{target} cannot be written: {error}", BAD_NEWS) from error
                raise
        line.show("checking the copy", now=True)
        try:
            damage = first_damage(temporary, alive)
        except sqlite3.Error as error:
            damage = str(error)
        if damage:
            raise CliError(
                f"{source} is damaged, and so would be the copy: nothing was written. "
                f"{SAYS_MORE} ({damage})",
                BAD_NEWS,
            )
        return temporary.stat().st_size
