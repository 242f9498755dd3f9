"""Making reports of what was used: by PDU and part, with cost, and the period before beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Literal

import msgspec

from pdutui.domain.energy_sum import (
    Bands,
    Basis,
    Energy,
    added,
    figure,
    whole_pdu,
)
from pdutui.domain.energy_time import Lost
from pdutui.domain.history import DAY_MS, QUARTER_MS
from pdutui.domain.ledger import Ledger
from pdutui.domain.periods import Period, Unit, before, moment_of, ms_of, split
from pdutui.domain.report_model import (
    Course,
    EnergyReport,
    Kind,
    Line,
    PduReport,
    ReportGap,
    ReportNote,
    Step,
    UsedBand,
)
from pdutui.domain.tariff import Billing, Tariff

_LONGEST_COMPARED_MS = 62 * DAY_MS
_MOST_GAPS = 20
_MOST_NOTES = 500
_WORTH_NOTING_MS = 60_000
"""Shorter gaps are counted, not listed."""


class PduMeters(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the parts of one PDU over a span."""

    pdu: str
    polled: Collection[int]
    """The quarters of an hour, since 1970, that have a reading."""
    ledgers: Mapping[str, Ledger | None]
    """By part, `outlet.3`, in the order in which they are shown; None: it is there, and neither
    counts nor measures."""
    names: Mapping[str, str]
    """Of the parts, for people."""
    lost: tuple[Lost, ...] = ()

    def has(self, period: Period) -> bool:
        """Whether there is a reading in a period."""
        first, end = period.from_ms // QUARTER_MS, -(-period.to_ms // QUARTER_MS)
        return any(q in self.polled for q in range(first, end))

    def of_kind(self, kind: Kind) -> list[str]:
        """The parts of one kind."""
        return [part for part in self.ledgers if part.startswith(f"{kind}.")]

    def whole(self) -> tuple[Ledger | None, Basis | None]:
        """The energy of the PDU, and what it is the sum of."""
        inlets, outlets = (
            [self.ledgers[part] for part in self.of_kind(kind)] for kind in ("inlet", "outlet")
        )
        return whole_pdu(inlets, outlets)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What all figures of a report have in common."""

    period: Period
    previous: Period
    zone: tzinfo
    tariff: Tariff | None
    bands: Bands

    @classmethod
    def of(cls, period: Period, billing: Billing) -> Frame:
        """That of a period. A long one is not compared with the one before."""
        previous = before(period, billing.zone)
        if period.to_ms - period.from_ms > _LONGEST_COMPARED_MS:
            previous = Period(period.from_ms, period.from_ms, "")
        bands = Bands(billing.tariff, previous.from_ms, period.to_ms, billing.zone)
        return cls(
            period=period, previous=previous, zone=billing.zone, tariff=billing.tariff, bands=bands
        )


def line(
    ledger: Ledger | None, frame: Frame, *, part: str, name: str, whole_uwh: int | None = None
) -> Line:
    """One line of a report. `whole_uwh` is what its share is of."""
    now = figure(ledger, frame.period, frame.bands)
    then = figure(ledger, frame.previous, frame.bands)
    change = None if now.uwh is None or then.uwh is None else now.uwh - then.uwh
    return Line(
        part=part,
        name=name,
        kwh=now.kwh,
        method=now.method,
        coverage=now.coverage,
        known=now.known,
        spread=now.spread,
        cost=cost(now, frame.tariff),
        partial=now.uwh is not None and now.known < 1,
        share=now.uwh / whole_uwh if now.uwh is not None and whole_uwh else None,
        previous_kwh=then.kwh,
        previous_known=None if then.uwh is None else then.known,
        change_kwh=None if change is None else change / 1e9,
        change_percent=100 * change / then.uwh if change is not None and then.uwh else None,
        mean_w=now.mean_w,
        peak_w=now.peak_w,
        peak_time=None if now.peak_ms is None else moment_of(now.peak_ms, UTC),
        peak_of=now.peak_of,
    )


def cost(energy: Energy, tariff: Tariff | None) -> Decimal | None:
    """What it cost, exactly; None without a tariff or where the energy is not known."""
    if tariff is None or energy.uwh is None:
        return None
    sums = energy.by_band
    return tariff.cost(sums if tariff.bands else (energy.uwh,))


def report_pdu(meters: PduMeters, frame: Frame) -> PduReport:
    """The report of one PDU."""
    whole, basis = meters.whole()
    now = figure(whole, frame.period, frame.bands)

    def lines(kind: Kind) -> tuple[Line, ...]:
        made = (
            line(
                meters.ledgers[part],
                frame,
                part=part,
                name=meters.names.get(part, part),
                whole_uwh=now.uwh,
            )
            for part in meters.of_kind(kind)
        )
        return tuple(made)

    outlets = lines("outlet")
    using = [one for one in outlets if one.kwh]
    using.sort(key=lambda one: one.kwh or 0.0, reverse=True)
    lost = [gap for gap in (_within(gap, frame.period) for gap in meters.lost) if gap]
    longest = sorted(lost, key=lambda gap: gap.lost_from_ms - gap.to_ms)[:_MOST_GAPS]
    return PduReport(
        pdu=meters.pdu,
        basis=basis,
        total=line(whole, frame, part="pdu", name=meters.pdu),
        inlets=lines("inlet"),
        phases=lines("phase"),
        banks=lines("bank"),
        outlets=outlets,
        top=tuple(one.part for one in using[:5]),
        notes=_notes(meters, frame.period),
        gap_count=len(lost),
        gap_s=sum(gap.to_ms - gap.lost_from_ms for gap in lost) / 1000,
        gaps=tuple(
            ReportGap(from_time=moment_of(gap.from_ms, UTC), to_time=moment_of(gap.to_ms, UTC))
            for gap in sorted(longest)
            if gap.to_ms - gap.lost_from_ms >= _WORTH_NOTING_MS
        ),
    )


def _within(gap: Lost, period: Period) -> Lost | None:
    """The part of a gap that lies in the period, if some of it does."""
    end = min(gap.to_ms, period.to_ms)
    lost_from = max(gap.lost_from_ms, period.from_ms)
    if lost_from >= end:
        return None
    return Lost(max(gap.from_ms, period.from_ms), end, lost_from)


def _notes(meters: PduMeters, period: Period) -> tuple[ReportNote, ...]:
    """By time, those of one moment in the order of the parts."""
    notes = [note for ledger in meters.ledgers.values() if ledger for note in ledger.notes]
    inside = [note for note in notes if period.from_ms <= note.at_ms < period.to_ms]
    inside.sort(key=lambda note: note.at_ms)
    return tuple(
        ReportNote(
            time=moment_of(note.at_ms, UTC),
            kind=note.kind,
            part=note.part,
            name=meters.names.get(note.part, note.part),
        )
        for note in inside[:_MOST_NOTES]
    )


def report(
    pdus: Sequence[PduReport],
    wholes: Sequence[Ledger | None],
    frame: Frame,
    *,
    made: datetime,
    missing: Sequence[str] = (),
    all_pdus: bool = True,
) -> EnergyReport:
    """The report of several PDUs.

    Args:
        pdus: Those with a reading in the period.
        wholes: The energy of each of them; None where it is not known.
        frame: What the figures have in common.
        made: Now.
        missing: PDUs without a reading in the period.
        all_pdus: Whether these are all there are.
    """
    known = [whole for whole in wholes if whole is not None]
    ledger = added(known, missing=len(wholes) - len(known))
    now = figure(ledger, frame.period, frame.bands)
    with_shares = (
        msgspec.structs.replace(
            one, total=msgspec.structs.replace(one.total, share=_share_of(one.total.kwh, now.kwh))
        )
        for one in pdus
    )
    return EnergyReport(
        period=frame.period.label,
        from_time=moment_of(frame.period.from_ms, UTC),
        to_time=moment_of(frame.period.to_ms, UTC),
        zone=zone_name(frame.zone),
        made=made.replace(microsecond=0),
        over=ms_of(made) >= frame.period.to_ms,
        currency=None if frame.tariff is None else frame.tariff.currency,
        bands=_used(now, frame.tariff),
        total=line(ledger, frame, part="total", name="all PDUs" if all_pdus else "these PDUs"),
        pdus=tuple(with_shares),
        missing=tuple(missing),
    )


def _share_of(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _used(energy: Energy, tariff: Tariff | None) -> tuple[UsedBand, ...]:
    if tariff is None:
        return ()
    by_band = energy.by_band or (0,) * len(tariff.prices())
    places = zip(tariff.names(), tariff.prices(), by_band, strict=True)
    return tuple(UsedBand(name=n, price_per_kwh=p, kwh=uwh / 1e9) for n, p, uwh in places)


def zone_name(zone: tzinfo) -> str:
    """`Europe/Berlin`; of a zone without a name, what it calls itself."""
    name = getattr(zone, "key", "") or str(zone)
    return "local time" if "zoneinfo" in name else str(name)


def quarters(period: Period) -> Period:
    """The period with its edges on quarters of an hour: the finest that is kept of energy."""
    return Period(
        period.from_ms // QUARTER_MS * QUARTER_MS,
        -(-period.to_ms // QUARTER_MS) * QUARTER_MS,
        period.label,
    )


def course(
    ledger: Ledger | None, frame: Frame, unit: Unit, *, pdu: str, part: str, name: str
) -> Course:
    """One part through the steps of a period."""
    steps = []
    for step in split(unit, frame.period.from_ms, frame.period.to_ms, frame.zone):
        now = figure(ledger, step, frame.bands)
        steps.append(
            Step(
                period=step.label,
                from_time=moment_of(step.from_ms, UTC),
                to_time=moment_of(step.to_ms, UTC),
                kwh=now.kwh,
                method=now.method,
                coverage=now.coverage,
                known=now.known,
                spread=now.spread,
                cost=cost(now, frame.tariff),
                partial=now.uwh is not None and now.known < 1,
                mean_w=now.mean_w,
                peak_w=now.peak_w,
                peak_time=None if now.peak_ms is None else moment_of(now.peak_ms, UTC),
                peak_of=now.peak_of,
            )
        )
    return Course(pdu=pdu, part=part, name=name, steps=tuple(steps))


def courses(
    meters: PduMeters, frame: Frame, unit: Unit, kind: Kind | Literal["pdu"]
) -> list[Course]:
    """A PDU as a whole, or each of its parts of one kind, through the steps of a period."""
    if kind == "pdu":
        return [course(meters.whole()[0], frame, unit, pdu=meters.pdu, part="pdu", name=meters.pdu)]
    return [
        course(
            meters.ledgers[part],
            frame,
            unit,
            pdu=meters.pdu,
            part=part,
            name=meters.names.get(part, part),
        )
        for part in meters.of_kind(kind)
    ]
