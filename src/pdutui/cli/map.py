"""`pdutui map`: which device hangs on which outlet, by the configuration."""

from __future__ import annotations

import click

from pdutui.cli.lazy import LazySubgroup

MAP_COMMANDS: dict[str, tuple[str, str]] = {
    "show": ("pdutui.cli.map_show:show", "The devices and their cords."),
    "check": ("pdutui.cli.map_check:check", "What is wrong with it: single cords, wrong feeds."),
    "import": ("pdutui.cli.map_import:import_", "Make a table of cords from a NetBox export."),
}
"""Name -> (module:attribute, one line for the help)."""


@click.group("map", cls=LazySubgroup, table=MAP_COMMANDS)
def map_() -> None:
    """Which device hangs on which outlet, and by which of its cords.

    The map is what [pdu.outlets] and the file of [impact] map say. It is what the preview of a
    switch goes by: see docs/configuration.md. No device is asked.
    """
