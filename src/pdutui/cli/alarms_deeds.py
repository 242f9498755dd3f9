"""`pdutui alarms ack`, `silence`, `unsilence`: what people do about alarms."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import get_args

import click

from pdutui.cli.alarms_place import Place, listed, may_or_refuse, now, place_options, said
from pdutui.cli.alarms_text import when
from pdutui.cli.amounts import counted
from pdutui.cli.exits import DONE, CliError
from pdutui.cli.kinds import Duration, utf8
from pdutui.cli.text import clean
from pdutui.config_errors import nearest
from pdutui.config_names import what_there_is
from pdutui.domain.alarm import AlarmKind, Silence
from pdutui.domain.zone import local_zone

_KINDS = tuple(kind.replace("_", "-") for kind in get_args(AlarmKind))
_PARTS = ("outlet", "bank", "inlet", "phase", "source", "sensor")


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, callback=utf8)
@click.option("--comment", metavar="TEXT", default="", callback=utf8, help="What is being done.")
@place_options
def ack(ids: tuple[str, ...], comment: str, place: Place) -> int:
    """Take note of alarms: they stay in the list, and are heard and shown loudly no more.

    ID is that of 'pdutui alarms'; its first letters will do where only one begins so. 'all' is
    every alarm that is loud now. Ends with 4 for viewers.
    """
    from pdutui.engine.alarms.deeds import acknowledged, acknowledgement

    actor = may_or_refuse(place)
    moment = now()
    found = listed(place, moment).alarms
    if "all" in ids:
        chosen = [alarm.id for alarm in found if alarm.loud]
        if not chosen:
            click.echo("no alarm is loud")
            return DONE
    else:
        chosen = [_meant(one, [alarm.id for alarm in found], "alarm") for one in ids]
    seen = acknowledgement(actor, comment, moment)
    with said():
        place.book().change(lambda kept: acknowledged(kept, chosen, seen), moment)
    for alarm in found:
        if alarm.id in chosen:
            click.echo(f"acknowledged: {clean(alarm.pdu)}: {clean(alarm.text)} [{alarm.id}]")
    return DONE


@click.command()
@click.argument("pdu", metavar="PDU", callback=utf8)
@click.option(
    "--kind", metavar="KIND", callback=utf8, help=f"Alarms of one kind: {', '.join(_KINDS)}."
)
@click.option(
    "--part", metavar="PART", default="", callback=utf8,
    help="Alarms of one part: outlet.3, bank.1, source.A.",
)  # fmt: skip
@click.option(
    "--for", "for_s", metavar="TIME", type=Duration(1, 30 * 86400), required=True,
    help="How long: 90s, 15m, 2h, 1d12h; at the most 30d.",
)  # fmt: skip
@click.option("--comment", metavar="TEXT", default="", callback=utf8, help="Why.")
@place_options
def silence(pdu: str, kind: str | None, part: str, for_s: float, comment: str, place: Place) -> int:
    """Keep alarms of PDU quiet for a time: no bell, no banner, no hook. They stay in the list.

    PDU is a configured name, or a pattern: 'rack1-*', '*' for all. Ends with 4 for viewers.
    """
    from pdutui.engine.alarms.deeds import new_silence, silenced

    actor = may_or_refuse(place)
    _check_pdu(pdu, [one.name for one in place.settings.pdus])
    _check_part(part)
    moment = now()
    with said():
        made = new_silence(
            pdu=pdu, kind=_kind(kind), part=part, for_s=for_s, actor=actor, comment=comment,
            at=moment,
        )  # fmt: skip
        place.book().change(lambda kept: silenced(kept, made, moment), moment)
    zone = local_zone(os.environ)
    click.echo(f"silenced until {when(made.until, moment, zone)}: {_words(made)} [{made.id}]")
    return DONE


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, callback=utf8)
@place_options
def unsilence(ids: tuple[str, ...], place: Place) -> int:
    """End silences. ID is that of 'pdutui alarms', or 'all'. Ends with 4 for viewers."""
    from pdutui.engine.alarms.book import Kept
    from pdutui.engine.alarms.deeds import unsilenced
    from pdutui.engine.alarms.journal import Line

    actor = may_or_refuse(place)
    moment = now()
    there = [one.id for one in listed(place, moment).silences]
    chosen = there if "all" in ids else [_meant(one, there, "silence") for one in ids]
    ended: list[Silence] = []

    def end(kept: Kept) -> tuple[Kept, Sequence[Line]]:
        lines: list[Line] = []
        ended.clear()
        for one in dict.fromkeys(chosen):
            (kept, more), gone = unsilenced(kept, one, actor.user, moment)
            lines += more
            ended.append(gone)
        return kept, lines

    with said():
        place.book().change(end, moment)
    for one in ended:
        click.echo(f"ended: silence of {_words(one)} [{one.id}]")
    if not ended:
        click.echo("nothing is silenced")
    return DONE


def _meant(said_id: str, there: Sequence[str], what: str) -> str:
    """The id that begins as it was typed. Raises CliError where that is none, or several."""
    word = said_id.strip().lower()
    if word in there:
        return word
    fit = [one for one in there if word and one.startswith(word)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise CliError(f"{clean(said_id)!r} could be {', '.join(fit)}: type more of it")
    near = nearest(word, there) if there else None
    hint = f": did you mean {near}?" if near else f": {counted(len(there), what)} are there"
    raise CliError(f"there is no {what} {clean(said_id)!r}{hint if there else ''}")


def _kind(word: str | None) -> AlarmKind | None:
    """`pdu-lost` or `pdu_lost`. Raises CliError."""
    if word is None:
        return None
    plain = word.strip().lower().replace("_", "-").replace(" ", "-")
    for kind in get_args(AlarmKind):
        if kind.replace("_", "-") == plain:
            found: AlarmKind = kind
            return found
    near = nearest(plain, _KINDS)
    hint = f": did you mean {near}?" if near else f" (there: {', '.join(_KINDS)})"
    raise CliError(f"--kind: {clean(word)!r} is no kind of alarm{hint}")


def _check_pdu(word: str, names: Sequence[str]) -> None:
    """A name that is not configured is a slip; a pattern may be for what is to come."""
    if word in names or any(fnmatchcase(name, word) for name in names) or set(word) & set("*?["):
        return
    raise CliError(f"there is no PDU {clean(word)!r}{clean(what_there_is(word, names))}")


def _check_part(part: str) -> None:
    kind, dot, ident = part.partition(".")
    if part and (kind not in _PARTS or not dot or not ident):
        right = "outlet.3, bank.1, inlet.1, phase.2, source.A or sensor.NAME"
        raise CliError(f"--part: {clean(part)!r} is no part: {right}")


def _words(silence: Silence) -> str:
    """`rack1-*, pdu lost, outlet.3`."""
    kind = None if silence.kind is None else silence.kind.replace("_", " ")
    return ", ".join(clean(word) for word in (silence.pdu, kind, silence.part) if word)
