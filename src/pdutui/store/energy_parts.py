"""The parts of a PDU as its frame has them, for energy: order, names, ratings, and which device."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pdutui.domain.energy import DEFAULT_CEILING_W
from pdutui.domain.reading import Reading
from pdutui.domain.report_model import KINDS
from pdutui.domain.series import Series
from pdutui.store.catalogue import described

_VOLTS = 300.0
_GENEROUS = 1.25
_PHASES = 3
"""A rated current stands for at most so much power: three lines of more than any grid's voltage."""


def series_of(part: str, field: str) -> Series:
    """A line of a part of one of `KINDS`."""
    entity, _, ident = part.partition(".")
    return Series(entity, ident, field)  # type: ignore[arg-type]


class Identity(msgspec.Struct, frozen=True):
    """Which device it is."""

    serial: str | None = None
    model: str | None = None

    def is_other(self, before: Identity) -> bool:
        """Whether this is certainly not the one before."""
        if self.serial and before.serial:
            return self.serial != before.serial
        return bool(self.model and before.model and self.model != before.model)


_identities = msgspec.json.Decoder(Identity | None)


def identity_of(json: str) -> Identity | None:
    """Which device a frame is of; None where it says nothing."""
    try:
        found: Identity | None = _identities.decode(json)
    except msgspec.MsgspecError:
        return None
    return found


def ratings(frame: Reading) -> dict[str, float | None]:
    """The parts of a PDU in their order, with their rated current."""
    out: dict[str, float | None] = {}
    for inlet in frame.inlets:
        out[f"inlet.{inlet.number}"] = inlet.rating_a
    for phase in frame.phases:
        out[f"phase.{phase.number}"] = phase.rating_a
    for bank in frame.banks:
        out[f"bank.{bank.number}"] = bank.rating_a
    for outlet in frame.outlets:
        out[f"outlet.{outlet.number}"] = None
    return out


def in_order(parts: Iterable[str], frame: Reading | None) -> list[str]:
    """Parts as in a reading; those that are gone by then behind the others of their kind."""
    known = [] if frame is None else list(ratings(frame))

    def place(part: str) -> tuple[int, int]:
        kind, _, ident = part.partition(".")
        at = known.index(part) if part in known else len(known) + int(ident)
        return KINDS.index(kind), at

    return sorted({*known, *parts}, key=place)


def ceiling_w_of(part: str, frame: Reading | None) -> float:
    """More than this a part cannot draw: its rating, else that of what feeds it, with room."""
    if frame is None:
        return DEFAULT_CEILING_W
    rated_a = ratings(frame)
    rated = rated_a.get(part)
    if rated is None:
        inlets = [r for p, r in rated_a.items() if p.startswith("inlet.") and r]
        rated = max(inlets, default=None) if len(inlets) == len(frame.inlets) else None
    if not rated:
        return DEFAULT_CEILING_W
    return rated * _VOLTS * _GENEROUS * _PHASES


def names_of(parts: Iterable[str], frame: Reading | None) -> dict[str, str]:
    """What parts are called, for people, as everywhere else."""
    series = [series_of(part, "power_w") for part in parts]
    return {
        f"{s.entity}.{s.id}": i.name for s, i in zip(series, described(series, frame), strict=True)
    }
