"""`pdutui group`: the outlets that the configuration puts under one name, on any PDUs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import DONE, CliError
from pdutui.cli.how import How, Pacing, how_options, pacing_options, take_pacing
from pdutui.cli.kinds import utf8
from pdutui.cli.outlet import ACTIONS, chosen, delay_option
from pdutui.cli.target import config_option
from pdutui.cli.text import clean
from pdutui.domain.clock import SystemClock

if TYPE_CHECKING:
    from pdutui.domain.commands import OutletAction
    from pdutui.settings import GroupSettings, Settings


@click.command()
@click.argument("name", metavar="[NAME]", required=False, callback=utf8)
@click.argument("action", metavar="[ACTION]", required=False, type=click.Choice(ACTIONS))
@delay_option
@how_options(
    name_help="What has to be typed where an outlet is protected or the whole is dangerous: the "
    "outlet's name, or '4 outlets'; --yes is not enough."
)
@pacing_options()
@config_option
def group(
    name: str | None,
    action: str | None,
    delay_s: int | None,
    config_file: Path | None,
    **how: Any,
) -> int:
    """Switch the outlets of a group, on all its PDUs, one after the other, each read back.

    Without ACTION it lists the group's outlets, without NAME all groups. Groups are in the
    configuration: 'group = "storage"' at an outlet, or [group.storage] with its outlets.

    ACTION is one of on, off, reboot, delayed-on, delayed-off, delayed-reboot, cancel, identify. The
    group becomes one plan: if one of its outlets may not be switched, none is; the first that does
    not follow stops it. Ctrl+C pauses it, and 'pdutui plan' goes on with it or puts it back.

    Exit codes as of 'pdutui outlet'.
    """
    pacing = take_pacing(how)
    settings = load_and_warn(config_file)
    if name is None:
        return _list(settings.groups, settings, as_json=how["as_json"])
    from pdutui.cli.selector import said
    from pdutui.engine.groups import group_of

    with said():
        meant = group_of(settings, name)
    if action is None:
        return _list((meant,), settings, as_json=how["as_json"])
    return _switch(meant, chosen(action, delay_s), delay_s, settings, How(**how), pacing)


def _list(groups: tuple[GroupSettings, ...], settings: Settings, *, as_json: bool) -> int:
    """Print groups with their members."""
    if as_json:
        for one in groups:
            click.echo(msgspec.json.encode(one))
        return DONE
    if not groups:
        where = settings.config_path or "the configuration"
        click.echo(
            f"no group is configured: 'group = \"NAME\"' at outlets, or [group.NAME], in {where}",
            err=True,
        )
    for one in groups:
        members = ", ".join(f"{clean(ref.pdu)}:{clean(ref.selector)}" for ref in one.members)
        click.echo(f"{clean(one.name)}: {members}")
    return DONE


def _switch(
    group: GroupSettings,
    action: OutletAction,
    delay_s: int | None,
    settings: Settings,
    how: How,
    pacing: Pacing,
) -> int:
    from pdutui.cli.across import Across, pdus_named, session_of
    from pdutui.cli.plan_run import drafting
    from pdutui.cli.selector import said
    from pdutui.engine.groups import Readings, group_wishes, pdus_of

    if not group.members:
        raise CliError(f"group {clean(group.name)} has no outlets")
    pdus = pdus_named(pdus_of(group.members), settings)

    async def work() -> int:
        async with session_of(pdus, settings, clock=SystemClock(), how=how) as session:

            def wishes(readings: Readings) -> Any:
                with said():
                    return group_wishes(group, action, readings, delay_s=delay_s)

            return await Across(session, how).run(
                wishes,
                lambda wished: drafting(
                    session, wished, source=f"group {group.name}", pacing=pacing
                ),
            )

    return run_to_the_end(work())
