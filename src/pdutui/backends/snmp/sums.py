"""What an inlet draws where only its phases say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from pdutui.backends.snmp.plan import Choice
from pdutui.domain.reading import Inlet, Phase

_SUMMED = ("power_w", "apparent_power_va")
_ROUNDING = 1.02
"""A power factor up to here is 1 and the rounding of the two powers; above it is nonsense."""


class InletSum(msgspec.Struct, frozen=True):
    """An inlet, alone in its module, and the phases that its missing figures are made of."""

    inlet: int
    """Its place in the reading."""
    phases: tuple[int, ...]
    fields: tuple[str, ...]
    power_factor: bool

    def applied(self, inlet: Inlet, all_phases: Sequence[Phase]) -> Inlet:
        """The inlet with what its phases add up to; unknown where one of them is."""
        phases = [all_phases[place] for place in self.phases]
        facts: dict[str, float | None] = {}
        for field in self.fields:
            known = [v for phase in phases if (v := getattr(phase, field)) is not None]
            facts[field] = round(sum(known), 6) if len(known) == len(phases) else None
        if self.power_factor:
            power = facts.get("power_w", inlet.power_w)
            apparent = facts.get("apparent_power_va", inlet.apparent_power_va)
            facts["power_factor"] = _power_factor(power, apparent)
        return msgspec.structs.replace(inlet, **facts)


def _power_factor(power_w: float | None, apparent_va: float | None) -> float | None:
    if power_w is None or not apparent_va or power_w > apparent_va * _ROUNDING:
        return None
    return min(1.0, round(power_w / apparent_va, 3))


def inlet_sums(inlets: Sequence[Choice], phases: Sequence[Choice]) -> tuple[InletSum, ...]:
    """For which inlets, and which of their figures, the phases must be added up."""
    alone = Counter(_module(choice) for choice in inlets)
    out: list[InletSum] = []
    for place, inlet in enumerate(inlets):
        module = _module(inlet)
        mine = tuple(n for n, phase in enumerate(phases) if _module(phase) == module)
        fields = tuple(field for field in _SUMMED if not inlet.columns.get(field))
        if mine and fields and alone[module] == 1:
            out.append(InletSum(place, mine, fields, not inlet.columns.get("power_factor")))
    return tuple(out)


def _module(choice: Choice) -> int:
    return choice.part.row.module if choice.part.row is not None else 1
