"""`pdutui whatif`: what would be if a feed, a PDU or a source were lost, on the load of now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pdutui.cli.carry_out import load_and_warn
from pdutui.cli.ending import run_to_the_end
from pdutui.cli.exits import BAD_NEWS, DONE, UNREACHABLE, CliError
from pdutui.cli.kinds import utf8
from pdutui.cli.near import NearGroup
from pdutui.cli.target import TargetOptions, config_option, target_options
from pdutui.domain.clock import SystemClock
from pdutui.domain.fleet import Loss
from pdutui.domain.reading import SourceId

if TYPE_CHECKING:
    from pdutui.cli.session import Session
    from pdutui.domain.whatif import WhatIf
    from pdutui.settings import Settings

_json_option = click.option("--json", "as_json", is_flag=True, help="JSON.")


@click.group(cls=NearGroup)
def whatif() -> None:
    """What would be if a feed, a PDU or a source were lost. Nothing is switched.

    Every configured PDU is read once. The load of mapped devices moves to their other cords; what
    nobody has mapped is taken to move to the other feed of its rack, and that is said.

    Ends with 0 if all goes on within the ratings; with 1 if something goes dark, is taken over its
    rating, or may be; with 3 if a PDU could not be read and nothing else is wrong.
    """


@whatif.command()
@click.argument("name", metavar="NAME", callback=utf8)
@_json_option
@target_options
@config_option
def feed(name: str, as_json: bool, target: TargetOptions, config_file: Path | None) -> int:
    """A feed is lost: every PDU that has NAME as its 'feed' in the configuration."""
    return _answer(Loss(kind="feed", name=name), as_json, target, config_file)


@whatif.command()
@click.argument("name", metavar="NAME", callback=utf8)
@_json_option
@target_options
@config_option
def pdu(name: str, as_json: bool, target: TargetOptions, config_file: Path | None) -> int:
    """A PDU is lost."""
    return _answer(Loss(kind="pdu", name=name), as_json, target, config_file)


@whatif.command()
@click.argument("name", metavar="PDU", callback=utf8)
@click.argument("which", metavar="A|B", type=click.Choice(["A", "B"], case_sensitive=False))
@_json_option
@target_options
@config_option
def source(
    name: str, which: str, as_json: bool, target: TargetOptions, config_file: Path | None
) -> int:
    """A source of a PDU with a transfer switch is lost."""
    found = cast("SourceId", which.upper())
    return _answer(Loss(kind="source", name=name, source=found), as_json, target, config_file)


@whatif.command()
@_json_option
@target_options
@config_option
def racks(as_json: bool, target: TargetOptions, config_file: Path | None) -> int:
    """What each rack has to spare when one of its feeds is lost, the worst rack first."""
    settings = _settings(config_file, target)

    async def work(session: Session) -> int:
        from pdutui.cli.whatif_output import racks_json, racks_text
        from pdutui.domain.impact_facts import ImpactRules
        from pdutui.domain.margin import margins, worst_first
        from pdutui.engine.whatif import all_facts, room_of

        unread = await _read(session)
        views = session.engine.view
        room = room_of((views(name).info for name in session.engine.pdus), settings.cords)
        facts = all_facts(session.engine.pdus, views)
        rules = ImpactRules(limit_percent=settings.impact.limit_percent)
        found = worst_first([margins(rack, facts, room, rules) for rack in room.racks.racks])
        if as_json:
            click.echo(racks_json(found, room.racks.unpaired))
        else:
            click.echo("\n".join(racks_text(found, room.racks.unpaired)))
        bad = any(one.level in ("danger", "unknown") for one in found)
        wrong = any(one.level == "danger" for one in found)
        return BAD_NEWS if wrong or (bad and not unread) else UNREACHABLE if unread else DONE

    return _with_session(settings, work)


def _answer(loss: Loss, as_json: bool, target: TargetOptions, config_file: Path | None) -> int:
    settings = _settings(config_file, target)
    loss = _checked(loss, settings)

    async def work(session: Session) -> int:
        from pdutui.cli.whatif_output import whatif_json, whatif_text
        from pdutui.domain.impact_facts import ImpactRules
        from pdutui.domain.whatif_run import lose_all
        from pdutui.engine.whatif import all_facts, room_of

        unread = await _read(session)
        views = session.engine.view
        room = room_of((views(name).info for name in session.engine.pdus), settings.cords)
        reading = views(loss.name).reading if loss.kind == "source" else None
        if reading is not None and reading.ats is None:
            raise CliError(f"{loss.name} has no transfer switch: it has no source to lose")
        rules = ImpactRules(limit_percent=settings.impact.limit_percent)
        found = lose_all(loss, all_facts(session.engine.pdus, views), room, rules)
        if as_json:
            click.echo(whatif_json(found))
        else:
            click.echo("\n".join(whatif_text(found)))
        return _code(found, bool(unread))

    return _with_session(settings, work)


def _code(found: WhatIf, unread: bool) -> int:
    dark = found.fates("dark") or any(one.fate == "dark" for one in found.pdus)
    if dark or any(one.level == "danger" for one in found.pdus):
        return BAD_NEWS
    if unread:
        return UNREACHABLE
    return BAD_NEWS if any(line.level == "unknown" for line in found.lines) else DONE


def _settings(config_file: Path | None, target: TargetOptions) -> Settings:
    import msgspec

    settings = load_and_warn(config_file)
    if not settings.pdus:
        raise CliError("no PDU is configured ('pdutui config template' makes a file to begin with)")
    pdus = tuple(target.on_top_of(one) for one in settings.pdus)
    return msgspec.structs.replace(settings, pdus=pdus)


def _checked(loss: Loss, settings: Settings) -> Loss:
    """The loss with its name as it is configured. Raises CliError for one that nobody has."""
    import msgspec

    from pdutui.config_names import what_there_is
    from pdutui.domain.racks import same

    if loss.kind == "feed":
        feeds = sorted({one.feed for one in settings.pdus if one.feed})
        found = next((one for one in feeds if same(one, loss.name)), None)
        if found is None:
            why = (
                what_there_is(loss.name, feeds)
                if feeds
                else (": no PDU has one (set 'feed' in [[pdu]])")
            )
            raise CliError(f"no PDU is on a feed {loss.name!r}{why}")
        return msgspec.structs.replace(loss, name=found)
    names = [one.name for one in settings.pdus]
    if loss.name not in names:
        raise CliError(f"no PDU {loss.name!r} is configured{what_there_is(loss.name, names)}")
    return loss


async def _read(session: Session) -> dict[str, CliError]:
    """Have every PDU read; those that cannot be are named on standard error, and are unknown."""
    from pdutui.cli.text import clean

    found = await session.readings()
    unread = {name: one for name, one in found.items() if isinstance(one, CliError)}
    for error in unread.values():
        click.echo(f"pdutui: {clean(str(error))}", err=True)
    return unread


def _with_session(settings: Settings, work: Any) -> int:
    async def run() -> int:
        from pdutui.cli.session import Session

        async with Session(settings.pdus, settings, clock=SystemClock(), audited=False) as session:
            return int(await work(session))

    return run_to_the_end(run())
