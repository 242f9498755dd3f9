"""`pdutui source`: which source the transfer switch of a PDU prefers, through the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from pdutui.cli.carry_out import carry_out
from pdutui.cli.how import how_options
from pdutui.cli.target import TargetOptions, config_option, target_options
from pdutui.domain.commands import PduAction


@click.command()
@click.argument("target_text", metavar="TARGET")
@click.argument(
    "source_name", metavar="A|B|none", type=click.Choice(["A", "B", "none"], case_sensitive=False)
)
@how_options(
    name_help="The PDU's name, typed out: needed for a source that is not known to be normal."
)
@target_options
@config_option
def source(
    target_text: str,
    source_name: str,
    config_file: Path | None,
    target: TargetOptions,
    **how: Any,
) -> int:
    """Set the preferred source of a transfer switch, read back until it shows.

    TARGET is a configured PDU or HOST[:PORT]. The switch moves the load by its own rules once its
    preference has changed; on some devices (Raritan) it moves at once. 'none' prefers neither,
    where the device knows that.

    Exit codes as of 'pdutui outlet'. Every attempt is in 'pdutui audit'.
    """
    return carry_out(
        target_text,
        cast("PduAction", f"prefer_{source_name.lower()}"),
        selector="",
        delay_s=None,
        config_file=config_file,
        target=target,
        how=how,
    )
