"""`pdutui outlet`: switch outlets through the same gate as the console, without its screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_args

import click

from pdutui.cli.carry_out import carry_out
from pdutui.cli.how import how_options, pacing_options, take_pacing
from pdutui.cli.kinds import Digits, utf8
from pdutui.cli.target import TargetOptions, config_option, target_options
from pdutui.domain.commands import OutletAction

ACTIONS = tuple(action.replace("_", "-") for action in get_args(OutletAction))


def chosen(action: str, delay_s: int | None) -> OutletAction:
    """The action of a word of the command line; a delay makes `off` a delayed one."""
    word = action.replace("-", "_")
    if delay_s is not None and word in ("on", "off", "reboot"):
        word = f"delayed_{word}"
    return cast("OutletAction", word)


delay_option = click.option(
    "--delay",
    "delay_s",
    metavar="S",
    type=Digits(0, 99_999),
    help="Do it after so many seconds, where the device takes a delay (on, off, reboot).",
)


@click.command()
@click.argument("target_text", metavar="TARGET")
@click.argument("selector", metavar="OUTLETS", callback=utf8)
@click.argument("action", type=click.Choice(ACTIONS))
@delay_option
@how_options(
    name_help="The name of an outlet that is protected or dangerous to switch, or of the PDU for "
    "'all', typed out: --yes is not enough."
)
@pacing_options()
@target_options
@config_option
def outlet(
    target_text: str,
    selector: str,
    action: str,
    delay_s: int | None,
    config_file: Path | None,
    target: TargetOptions,
    **how: Any,
) -> int:
    """Switch outlets of one PDU, one after the other, each read back until it shows.

    TARGET is a configured PDU or HOST[:PORT]. OUTLETS is a number, a list like 1-4,7, the name of
    one outlet, a group of the configuration (its outlets on this PDU; group:NAME where an outlet
    has that name too), or 'all': every outlet by one command of the device's own, where it has one.

    Several outlets are one plan: if one of them may not be switched, none is; the first that does
    not follow stops it. Ctrl+C pauses it, and 'pdutui plan' goes on with it or puts it back.

    The delayed actions wait as long as is set in the device; cancel takes a delayed one back;
    identify makes the outlet's light blink. What a device cannot do is refused.

    Ends with 0 if every outlet was seen to switch, with 1 if one was not, with 3 if the PDU could
    not be reached, with 4 if it was refused: not confirmed, protected, read only, not approved.
    Every attempt is in 'pdutui audit'.
    """
    return carry_out(
        target_text,
        chosen(action, delay_s),
        selector=selector,
        delay_s=delay_s,
        config_file=config_file,
        target=target,
        pacing=take_pacing(how),
        how=how,
    )
