"""Groups whose sub-commands are loaded when one is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Table = Mapping[str, tuple[str, str]]
"""Name -> (module:attribute, one line for the help). The help is here so that it loads nothing."""


def load_command(entry: tuple[str, str]) -> click.Command:
    """The command that an entry of a table leads to, imported now."""
    module, _, attribute = entry[0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    return command


def items(table: Table, begun: str) -> list[CompletionItem[str]]:
    """What a shell is told of the commands of a table that begin so."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(n, help=text) for n, (_, text) in table.items() if n.startswith(begun)]


class LazySubgroup(click.Group):
    """A group of a table of sub-commands: `@click.group(cls=LazySubgroup, table=...)`."""

    def __init__(self, *args: Any, table: Table, **more: Any) -> None:
        super().__init__(*args, **more)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        return load_command(self._table[cmd_name]) if cmd_name in self._table else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands for `--help`, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands that begin so, without importing them; then the options."""
        return [
            *items(self._table, incomplete),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]
