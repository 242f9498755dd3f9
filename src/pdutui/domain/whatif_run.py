"""A what-if of a whole room, worked out piece by piece so that nothing else waits for it."""

from __future__ import annotations

from collections.abc import Mapping

from pdutui.domain.fleet import Loss
from pdutui.domain.impact_facts import ImpactRules, PduFacts
from pdutui.domain.room import Room
from pdutui.domain.whatif import Balance, WhatIf
from pdutui.domain.whatif_rules import RULES, is_known, lose, summed_up
from pdutui.domain.whatif_text import nobody_knows


class WhatIfRun:
    """Goes through the parts of a room that have nothing to do with each other, one a step.

    Args:
        loss: what is lost.
        facts: by PDU, all of one moment.
        room: its racks and its map.
        rules: the limit.
    """

    def __init__(
        self,
        loss: Loss,
        facts: Mapping[str, PduFacts],
        room: Room,
        rules: ImpactRules = RULES,
    ) -> None:
        self._loss, self._facts, self._room, self._rules = loss, facts, room, rules
        # What is lost in one part changes nothing in another.
        parts = room.parts() if loss.kind == "feed" else (room.part_of(loss.name),)
        self._left = list(reversed(parts)) if is_known(loss, facts) else []
        self._found: list[WhatIf] = []

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return not self._left

    def step(self) -> None:
        """One part more: a rack as a rule, which takes a millisecond or two."""
        if not self._left:
            return
        part = self._left.pop()
        near, cords = self._room.scope(part)
        names = sorted(near & self._facts.keys(), key=self._room.order)
        facts = {name: self._facts[name] for name in names}
        self._found.append(lose(self._loss, facts, cords, self._room.racks, self._rules, only=part))

    def result(self) -> WhatIf:
        """All of it, once it is done."""
        found = self._found
        if not found:
            return summed_up(self._loss, (), (), [nobody_knows(self._loss)], Balance(), Balance())
        if len(found) == 1:
            return found[0]
        pdus = [one for each in found for one in each.pdus]
        return summed_up(
            self._loss,
            sorted(pdus, key=lambda one: self._room.order(one.pdu)),
            [device for each in found for device in each.devices],
            [line for each in found for line in each.of_pdus],
            sum((each.watts for each in found), Balance()),
            sum((each.amperes for each in found), Balance()),
        )


def lose_all(
    loss: Loss, facts: Mapping[str, PduFacts], room: Room, rules: ImpactRules = RULES
) -> WhatIf:
    """The same at once."""
    run = WhatIfRun(loss, facts, room, rules)
    while not run.done:
        run.step()
    return run.result()
