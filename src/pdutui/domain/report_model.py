"""Energy reports as they are kept in the database and printed by `--json`; times are UTC."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from pdutui.domain.energy_sum import Basis, Method
from pdutui.domain.ledger import NoteKind
from pdutui.domain.periods import Unit

REPORT_VERSION = 1

Kind = Literal["inlet", "phase", "bank", "outlet"]
KINDS: tuple[Kind, ...] = ("inlet", "phase", "bank", "outlet")


class UsedBand(msgspec.Struct, frozen=True, kw_only=True):
    """A price of the tariff and what was used at it."""

    name: str
    """`base` is the price outside the bands."""
    price_per_kwh: Decimal
    kwh: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One part, one PDU or the sum of them in one period. None: not known."""

    part: str
    """`outlet.3`, `pdu`, `total`."""
    name: str
    """For people: `Outlet 3 db01`."""
    kwh: float | None
    method: Method | None
    """`counter`, `power` (measured power, integrated), `mixed`."""
    coverage: float
    """0..1: the share of the period with readings."""
    known: float
    """0..1: the share of the period whose energy is in `kwh`."""
    spread: bool
    """Some of it flowed while nobody looked; a counter says how much, not when."""
    cost: Decimal | None = None
    """None without a tariff."""
    partial: bool = False
    """Energy and cost are of a part of the period only (`known` < 1): in truth it was more."""
    share: float | None = None
    """0..1, of the PDU; of a PDU, of the total."""
    previous_kwh: float | None = None
    """In the period before."""
    previous_known: float | None = None
    """The share of the period before that is known; far from 1, the difference means little."""
    change_kwh: float | None = None
    change_percent: float | None = None
    mean_w: float | None = None
    """Measured, over the time that was read; where nothing measures it, by the energy."""
    peak_w: float | None = None
    peak_time: datetime | None = None
    """The quarter of an hour with the peak, where it begins."""
    peak_of: Literal["reading", "quarter"] | None = None
    """The highest reading, or the highest mean of a quarter of an hour."""


class ReportNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a counter; see `domain.energy.Note`."""

    time: datetime
    """The quarter of an hour in which it was seen, where that begins."""
    kind: NoteKind
    part: str
    name: str


class ReportGap(msgspec.Struct, frozen=True, kw_only=True):
    """Time without readings."""

    from_time: datetime
    to_time: datetime


class PduReport(msgspec.Struct, frozen=True, kw_only=True):
    """One PDU in one period."""

    pdu: str
    basis: Basis | None
    """What the total is the sum of; None: neither inlets nor outlets tell."""
    total: Line
    inlets: tuple[Line, ...] = ()
    phases: tuple[Line, ...] = ()
    banks: tuple[Line, ...] = ()
    outlets: tuple[Line, ...] = ()
    top: tuple[str, ...] = ()
    """The outlets that used most, most first."""
    notes: tuple[ReportNote, ...] = ()
    gap_count: int = 0
    gap_s: float = 0.0
    """All lost time between readings, without the time before the first and after the last."""
    gaps: tuple[ReportGap, ...] = ()
    """The longest gaps of a minute or more, by time."""

    def lines(self, kind: Kind) -> tuple[Line, ...]:
        """Those of one kind of part."""
        lines: tuple[Line, ...] = getattr(self, f"{kind}s")
        return lines


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One part in one hour, day, week or month of a report; fields as in `Line`."""

    period: str
    from_time: datetime
    to_time: datetime
    kwh: float | None
    method: Method | None
    coverage: float
    known: float
    spread: bool
    cost: Decimal | None
    partial: bool
    mean_w: float | None
    peak_w: float | None
    peak_time: datetime | None
    peak_of: Literal["reading", "quarter"] | None


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One part through the hours, days, weeks or months of a report."""

    pdu: str
    part: str
    """`outlet.3`, `pdu`."""
    name: str
    steps: tuple[Step, ...]


class EnergyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Some PDUs in one period."""

    version: int = REPORT_VERSION
    period: str
    """`2026-W47`; empty for a span without a name."""
    from_time: datetime
    to_time: datetime
    zone: str
    """The time zone whose days these are."""
    made: datetime
    over: bool
    """Whether the period was over when the report was made."""
    currency: str | None = None
    """None: there was no tariff."""
    bands: tuple[UsedBand, ...] = ()
    """What was used of all PDUs at which price; empty without a tariff."""
    total: Line | None = None
    """All PDUs; None where the report is of some only."""
    pdus: tuple[PduReport, ...] = ()
    missing: tuple[str, ...] = ()
    """PDUs that have a past and no reading in this period."""
    by: Unit | None = None
    """The steps of `courses`."""
    courses: tuple[Course, ...] = ()


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def report_json(made: EnergyReport) -> bytes:
    """For the database and for programs; amounts of money with all their digits, as numbers."""
    return _ENCODER.encode(made)


def read_report(json: str | bytes) -> EnergyReport:
    """The inverse of `report_json`.

    Raises:
        msgspec.MsgspecError: It is none, or of a later version.
    """
    made = msgspec.json.decode(json, type=EnergyReport)
    if made.version > REPORT_VERSION:
        raise msgspec.ValidationError(f"a report of version {made.version}")
    return made
