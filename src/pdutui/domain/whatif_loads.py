"""What PDUs that keep their power carry when loads come to them, as spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from pdutui.domain.impact import Level
from pdutui.domain.impact_facts import Site
from pdutui.domain.load import bank_limit_a, cord_rating_a, phase_limit_a
from pdutui.domain.naming import in_chain, inlet_name
from pdutui.domain.reading import Bank, Inlet, Outlet, Phase, Reading, SourceId
from pdutui.domain.whatif import NEAR, PartAfter, PartKind
from pdutui.domain.whatif_portions import Portion, Target, inlet_volts

FULL_PERCENT = 100.0


class Span(msgspec.Struct, frozen=True):
    """From what comes for certain to what may come at most; None: it may be any amount."""

    least: float = 0.0
    most: float | None = 0.0

    def __add__(self, other: Span) -> Span:
        most = None if self.most is None or other.most is None else self.most + other.most
        return Span(self.least + other.least, most)

    def maybe(self) -> Span:
        """The same, where it may also not come at all."""
        return Span(min(0.0, self.least), self.most)


NOTHING = Span()
ANY = Span(0.0, None)


def span(value: float | None) -> Span:
    """One that is known, or may be any amount."""
    return ANY if value is None else Span(value, value)


class Carrying:
    """One PDU that keeps its power, and what comes to it and goes from it.

    Args:
        site: the PDU.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.assumed = False
        self.touched = False
        self.watts = NOTHING
        self._inlets: dict[int, Span] = {}
        self._banks: dict[int, Span] = {}
        self._lines: dict[str, dict[int, Span]] = {}
        """By where it comes from, then by line."""
        self._volts = inlet_volts(site)

    def take(self, portion: Portion, targets: Sequence[Target]) -> Span:
        """Take a portion in, as far as it comes to these targets, all of this PDU.

        Returns what comes for certain, in amperes at the voltage of where it was.
        """
        self.touched = True
        course = portion.course
        self.assumed |= course.assumed
        every = {target.pdu for target in course.targets} == {self.site.name}
        if course.way == "moves" and not course.loose:
            part = len(targets) / len(course.targets)
            self._watt(_times(span(portion.power_w), part))
            each = 1.0 / len(course.targets)
            for target in targets:
                amount = _times(span(portion.current_a), each)
                self._through(portion, target, amount)
            return _times(span(portion.current_a), part)
        amount, power = span(portion.current_a), span(portion.power_w)
        if course.way != "moves" or not every:
            amount, power = amount.maybe(), power.maybe()
        self._watt(power)
        self._spread(portion, targets, amount)
        return amount

    def drop(self, outlet: Outlet | None, current_a: float | None, power_w: float | None) -> None:
        """Have the load of one of its own outlets go."""
        self.touched = True
        self._watt(Span(0.0, 0.0) if power_w is None else Span(-power_w, -power_w))
        if outlet is None or current_a is None:
            return
        gone = Span(-current_a, -current_a)
        inlet = self.site.inlet(outlet)
        if inlet is not None:
            self._add(self._inlets, inlet.number, gone)
        if outlet.bank is not None:
            self._add(self._banks, outlet.bank, gone)

    def transfer(self, lost: SourceId) -> None:
        """Have its load come in by its other source, where it has an inlet for each."""
        reading = self.site.reading
        ats = reading.ats if reading is not None else None
        if reading is None or ats is None or len(reading.inlets) != len(ats.sources):
            return
        pairs = list(zip(reading.inlets, ats.sources, strict=True))
        given = [inlet for inlet, source in pairs if source.id == lost]
        taking = [inlet for inlet, source in pairs if source.id != lost]
        if len(given) != 1 or len(taking) != 1:
            return
        current = given[0].current_a
        amount = span(current)
        if current is not None:
            self._add(self._inlets, given[0].number, Span(-current, -current))
            theirs, mine = given[0].voltage_v, taking[0].voltage_v
            amount = _times(amount, theirs / mine) if theirs and mine else amount
        self._add(self._inlets, taking[0].number, amount)
        self.touched = self.touched or current != 0

    def by_lines(self, source: Site, *, whole: bool) -> None:
        """Take what came from a PDU to have come line by line, where both have the same lines.

        Args:
            source: the PDU that is without power.
            whole: all that it carried comes here, so that each of its lines comes whole.
        """
        mine = self.site.reading
        given = lines_of(source.reading) if source.reading is not None else {}
        flows = self._lines.get(source.name)
        if mine is None or not flows or any(line_name(phase) not in given for phase in mine.phases):
            return
        self.assumed = True
        theirs = inlet_volts(source)
        ratio = theirs / self._volts if theirs and self._volts else 1.0
        for phase in mine.phases:
            amount = given[line_name(phase)] * ratio
            flow = flows.get(phase.number, NOTHING)
            if whole:
                flows[phase.number] = Span(amount, amount)
            elif flow.most is None or flow.most > amount:
                flows[phase.number] = Span(min(flow.least, amount), amount)

    def parts(self, limit_percent: float) -> tuple[PartAfter, ...]:
        """Its inlets, lines and banks; of three lines the lines stand for their inlet."""
        reading = self.site.reading
        if reading is None:
            return ()
        out = []
        lines: dict[int, Span] = {}
        for flows in self._lines.values():
            for number, flow in flows.items():
                lines[number] = lines.get(number, NOTHING) + flow
        metered = {phase.module for phase in reading.phases if phase.current_a is not None}
        for inlet in reading.inlets:
            if inlet.module not in metered:
                out.append(self._part("inlet", inlet, inlet.rating_a, self._inlets, limit_percent))
        for phase in reading.phases:
            if phase.module in metered:
                rating = phase_limit_a(phase) or cord_rating_a(reading, phase.module)
                out.append(self._part("phase", phase, rating, lines, limit_percent))
        for bank in reading.banks:
            out.append(self._part("bank", bank, bank_limit_a(bank), self._banks, limit_percent))
        return tuple(out)

    def _part(
        self,
        kind: PartKind,
        part: Inlet | Phase | Bank,
        rating_a: float | None,
        flows: dict[int, Span],
        limit_percent: float,
    ) -> PartAfter:
        before = part.current_a
        flow = flows.get(part.number, NOTHING)
        least = None if before is None else max(0.0, before + flow.least)
        most = None if before is None or flow.most is None else max(0.0, before + flow.most)
        made = PartAfter(
            kind=kind,
            number=part.number,
            name=_name(kind, part),
            short=_short(kind, part),
            rating_a=rating_a or None,
            limit_percent=limit_percent,
            before_a=before,
            least_a=least,
            most_a=most,
        )
        return msgspec.structs.replace(made, level=judge(made))

    # inside

    def _watt(self, amount: Span) -> None:
        self.watts = self.watts + amount

    def _through(self, portion: Portion, target: Target, amount: Span) -> None:
        """What comes through one target for certain."""
        outlet = self._outlet(target)
        if outlet is None:
            self._spread(portion, (target,), amount)
            return
        amount = self._here(portion, amount, outlet)
        inlet = self.site.inlet(outlet)
        if inlet is not None:
            self._add(self._inlets, inlet.number, amount)
        else:
            self._any_of(self._inlets, self._inlets_of(outlet.module), amount)
        self._any_of(self._lines.setdefault(portion.pdu, {}), self._lines_of(outlet.module), amount)
        if outlet.bank is not None:
            self._add(self._banks, outlet.bank, amount)
        else:
            self._any_of(self._banks, self._banks_of(outlet.module), amount)

    def _spread(self, portion: Portion, targets: Sequence[Target], amount: Span) -> None:
        """What comes to this PDU by one or the other of some targets."""
        amount = self._here(portion, amount, None)
        reading = self.site.reading
        if reading is None:
            return
        inlets, lines, banks = set[int](), set[int](), set[int]()
        for target in targets:
            outlet = self._outlet(target)
            inlet = self.site.inlet(outlet) if outlet is not None else None
            module = outlet.module if outlet is not None else None
            alone = outlet is not None
            inlets |= {inlet.number} if inlet is not None else self._inlets_of(module, alone)
            lines |= self._lines_of(module, alone)
            bank = outlet.bank if outlet is not None else target.bank
            banks |= {bank} if bank is not None else self._banks_of(module, alone)
        self._any_of(self._inlets, inlets, amount)
        self._any_of(self._lines.setdefault(portion.pdu, {}), lines, amount)
        self._any_of(self._banks, banks, amount)

    def _outlet(self, target: Target) -> Outlet | None:
        return None if target.outlet is None else self.site.outlet(target.outlet)

    def _here(self, portion: Portion, amount: Span, outlet: Outlet | None) -> Span:
        """The same power at the voltage of this PDU."""
        volts = (self.site.voltage_v(outlet) if outlet is not None else None) or self._volts
        return _times(amount, portion.volts / volts) if portion.volts and volts else amount

    def _any_of(self, flows: dict[int, Span], numbers: Iterable[int], amount: Span) -> None:
        numbers = tuple(numbers)
        for number in numbers:
            self._add(flows, number, amount if len(numbers) == 1 else amount.maybe())

    def _add(self, flows: dict[int, Span], number: int, amount: Span) -> None:
        flows[number] = flows.get(number, NOTHING) + amount

    def _inlets_of(self, module: int | None, alone: bool = True) -> set[int]:
        if alone:
            return self._numbers(lambda r: r.inlets, module)
        reading = self.site.reading
        ats = reading.ats if reading is not None else None
        if reading is not None and ats is not None and len(reading.inlets) == len(ats.sources):
            pairs = zip(reading.inlets, ats.sources, strict=True)
            active = {inlet.number for inlet, source in pairs if source.id == ats.active}
            if active:
                return active
        return self._numbers(lambda r: r.inlets, None, alone=False)

    def _lines_of(self, module: int | None, alone: bool = True) -> set[int]:
        return self._numbers(lambda r: r.phases, module, alone=alone)

    def _banks_of(self, module: int | None, alone: bool = True) -> set[int]:
        return self._numbers(lambda r: r.banks, module, alone=alone)

    def _numbers(
        self,
        parts: Callable[[Reading], Sequence[Inlet | Phase | Bank]],
        module: int | None,
        alone: bool = True,
    ) -> set[int]:
        """The numbers of the parts of a unit; of all units where it is not known which."""
        reading = self.site.reading
        if reading is None:
            return set()
        return {
            part.number for part in parts(reading) if not alone or part.module in (module, None)
        }


def judge(part: PartAfter) -> Level:
    """How bad what a part carries is: by what is known to come, and by what may come.

    A part without a rating is judged by nothing: others of its PDU have one, or the PDU is unknown.
    """
    if part.rating_a is None:
        return "clear"
    least, most = part.least_percent, part.most_percent
    if least is not None and least > FULL_PERCENT + NEAR:
        return "danger"
    if most is None or most > FULL_PERCENT + NEAR:
        return "unknown"
    if least is not None and least > part.limit_percent + NEAR:
        return "caution"
    return "unknown" if most > part.limit_percent + NEAR else "clear"


def line_name(phase: Phase) -> str:
    """How lines of two PDUs are told to be the same one: `l2`, with its unit in a chain."""
    own = phase.name.casefold().split()[-1:] or [str(phase.number)]
    return f"{phase.module or 0} {own[0]}"


def lines_of(reading: Reading) -> dict[str, float]:
    """Amperes by the names of lines; nothing where one is not known, or two have one name."""
    out = {line_name(phase): phase.current_a for phase in reading.phases}
    known = {name: current for name, current in out.items() if current is not None}
    return known if len(known) == len(reading.phases) else {}


def _times(amount: Span, factor: float) -> Span:
    return Span(amount.least * factor, None if amount.most is None else amount.most * factor)


def _name(kind: PartKind, part: Inlet | Phase | Bank) -> str:
    """`Bank C1`: for a sentence, where nothing else says what it is; `OCP C1` says it itself."""
    short = _short(kind, part)
    return f"Bank {short}" if kind == "bank" and len(short.split()) == 1 else short


def _short(kind: PartKind, part: Inlet | Phase | Bank) -> str:
    given = part.name.strip() or str(part.number % 1000)
    return in_chain(part.module, inlet_name(given) if kind == "inlet" else given)
