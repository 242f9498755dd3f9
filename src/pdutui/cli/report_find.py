"""Finding the report that was asked for: as it was kept, or made of what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from pdutui.cli.exits import BAD_NEWS, CliError
from pdutui.cli.history_errors import open_reading, trouble_with
from pdutui.cli.history_place import Place, pick_pdu
from pdutui.cli.history_report import Per
from pdutui.cli.text import clean
from pdutui.domain.energy_report import Frame, courses
from pdutui.domain.naming import outlet_label
from pdutui.domain.periods import Period, Unit, moment_of, ms_of
from pdutui.domain.report_model import KINDS, Course, EnergyReport, Line, PduReport
from pdutui.domain.tariff import Billing
from pdutui.engine.overrides import FILE_NAME, OverridesError, load_names
from pdutui.store import reports
from pdutui.store.files import require_writable
from pdutui.store.query import Asked
from pdutui.store.rollups import edges
from pdutui.store.samples import Past, find_pdu
from pdutui.store.schema import Immediate

_MOST_NAMED = 8
_BUSY_S = 5.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be reported."""

    place: Place
    targets: tuple[str, ...]
    period: Period
    is_week: bool
    """It is an ISO week: its report may have been kept."""
    by: Unit | None
    per: Per | None
    fresh: bool
    billing: Billing
    now: datetime


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The report, and where it is from."""

    report: EnergyReport
    kept: bool
    """It is as it was kept, not made just now."""
    complaints: tuple[str, ...] = ()
    """For standard error."""


def find(order: Order) -> Found:
    """The report.

    Raises:
        CliError: There is no such PDU, no reading in that time, or the file cannot be read.
    """
    path = order.place.path
    with open_reading(path) as conn:
        names = reports.pdu_names(conn)
        pdus = list(dict.fromkeys(pick_pdu(name, names, order.place) for name in order.targets))
        made, kept = _kept(conn, order, pdus), True
        if made is None:
            made, kept = _made(conn, order, pdus, names), False
        chosen = _chosen(made, pdus) if pdus else made
        if not chosen.pdus:
            raise CliError(_nothing(conn, order, pdus or names), BAD_NEWS)
    complaints = []
    if order.fresh and order.is_week and made.over:
        complaints = _keep(path, made)
    called = _called(chosen, order.place)
    return Found(report=_only(called, order), kept=kept, complaints=tuple(complaints))


def _kept(conn: sqlite3.Connection, order: Order, pdus: Sequence[str]) -> EnergyReport | None:
    if order.fresh or order.by is not None or not order.is_week:
        return None
    return reports.load(conn, order.period.label, pdus or None)


def _made(
    conn: sqlite3.Connection, order: Order, pdus: Sequence[str], names: Sequence[str]
) -> EnergyReport:
    """Made of what is stored: of some PDUs, or of all; of all if it is to be kept."""
    keep = order.fresh and order.is_week and ms_of(order.now) >= order.period.to_ms
    wanted = names if keep or not pdus else pdus
    frame = Frame.of(order.period, order.billing)
    collected = reports.Collected(frame)
    through: list[Course] = []
    for pdu in wanted:
        meters = reports.meters_for(conn, Asked(), pdu, frame, now_ms=ms_of(order.now))
        collected.add(pdu, meters)
        if order.by is not None and meters is not None:
            through += courses(meters, frame, order.by, order.per or "pdu")
    made = collected.report(order.now.astimezone(UTC), all_pdus=len(wanted) == len(names))
    return msgspec.structs.replace(made, by=order.by, courses=tuple(through))


def _chosen(made: EnergyReport, pdus: Sequence[str]) -> EnergyReport:
    """What a report says of some PDUs."""
    whole = {one.pdu for one in made.pdus} <= set(pdus)
    return msgspec.structs.replace(
        made,
        total=made.total if whole else None,
        bands=made.bands if whole else (),
        pdus=tuple(one for pdu in pdus for one in made.pdus if one.pdu == pdu),
        missing=tuple(pdu for pdu in pdus if pdu in made.missing),
        courses=tuple(one for one in made.courses if one.pdu in pdus),
    )


def _only(made: EnergyReport, order: Order) -> EnergyReport:
    """The kinds of parts that were asked for."""
    if order.per is None:
        return made
    none = {f"{kind}s": () for kind in KINDS if kind != order.per}
    return msgspec.structs.replace(
        made, pdus=tuple(msgspec.structs.replace(one, **none) for one in made.pdus)
    )


def _keep(path: Path, made: EnergyReport) -> list[str]:
    """Keep a report in place of the one before; what to say if that cannot be done."""
    kept = msgspec.structs.replace(made, by=None, courses=())
    try:
        with trouble_with(path):
            require_writable(path)
            opened = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
            with closing(opened) as conn, Immediate(conn):
                reports.save(conn, kept)
    except CliError as error:
        return [f"the report is not kept: {error}"]
    return []


def _nothing(conn: sqlite3.Connection, order: Order, pdus: Sequence[str]) -> str:
    """That there is no reading in the time that was asked for, and when there are some."""
    from pdutui.cli.report_text import span_words

    zone = order.billing.zone
    when = span_words(order.period, zone)
    lines = [f"no reading of {', '.join(map(clean, order.targets)) or 'any PDU'} in {when}"]
    for pdu in pdus[:_MOST_NAMED]:
        past = Past(
            conn, Asked(), find_pdu(conn, pdu), (), [], follower=False,
            on_damage=lambda _part, _hour: None,
        )  # fmt: skip
        first, last = edges(past)
        if first is not None and last is not None:
            a, b = (f"{moment_of(ms, zone):%Y-%m-%d %H:%M}" for ms in (first, last))
            lines.append(f"{clean(pdu)} was read from {a} to {b}")
    return "\n".join(lines)


# -- names ---------------------------------------------------------------------------------------


def _called(made: EnergyReport, place: Place) -> EnergyReport:
    """With the outlets' names as people gave them, in the configuration or in the console."""
    if place.option.startswith("--db"):
        return made  # another host's PDUs, perhaps
    given = {
        pdu.name: {n: outlet.name for n, outlet in pdu.outlets.items() if outlet.name}
        for pdu in place.settings.pdus
    }
    try:
        for pdu, outlets in load_names(place.settings.state_dir / FILE_NAME).items():
            given[pdu] = given.get(pdu, {}) | outlets
    except OverridesError as error:
        click.echo(f"pdutui: {error}", err=True)
    names = {
        (pdu, f"outlet.{n}"): _capital(outlet_label(n, name))
        for pdu, outlets in given.items()
        for n, name in outlets.items()
    }
    if not names:
        return made
    return msgspec.structs.replace(
        made,
        pdus=tuple(_renamed(one, names) for one in made.pdus),
        courses=tuple(
            msgspec.structs.replace(one, name=names.get((one.pdu, one.part), one.name))
            for one in made.courses
        ),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _renamed(one: PduReport, names: dict[tuple[str, str], str]) -> PduReport:
    def line(outlet: Line) -> Line:
        return msgspec.structs.replace(outlet, name=names.get((one.pdu, outlet.part), outlet.name))

    return msgspec.structs.replace(
        one,
        outlets=tuple(map(line, one.outlets)),
        notes=tuple(
            msgspec.structs.replace(note, name=names.get((one.pdu, note.part), note.name))
            for note in one.notes
        ),
    )
