"""What a plan is called, what it will do in a sentence, and what has to be typed for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pdutui.domain.commands import VERBS, WHOLE_PDU, Action, OutletAction
from pdutui.domain.impact import Impact, OutletImpact
from pdutui.domain.plan import Pace, PlanStep
from pdutui.engine.labels import seconds, watts
from pdutui.engine.plans.settle import longest_s
from pdutui.engine.subject import is_pdu_action, is_preference, outlet_part

_DROPS = frozenset({"off", "reboot", "delayed_off", "delayed_reboot"})
_ADDS = frozenset({"on", "delayed_on"})


def title_of(steps: Sequence[PlanStep]) -> str:
    """`Turn off 4 outlets`, `Turn on 1 and turn off 3 outlets`, `Reboot outlet 3 db01`."""
    if len(steps) == 1:
        (step,) = steps
        if is_pdu_action(step.action):
            return f"{step.action.replace('_', ' ').capitalize()} on {step.pdu}"
        verb = VERBS[outlet_part(step.action)].capitalize()
        return f"{verb} {step.label} on {step.pdu}"
    return _what(steps).replace(" ON ", " on ").replace(" OFF ", " off ")


def sentence_of(
    steps: Sequence[PlanStep],
    impact: Impact,
    *,
    pace: Pace,
    pause_s: float,
    loads: Sequence[float | None] = (),
) -> str:
    """`Turn OFF 4 outlets on 2 PDUs, one every 5 s: drops 812 W` for a plan of several steps.

    Args:
        steps: of the plan.
        impact: of all of it.
        pace: the plan's own.
        pause_s: the plan's own.
        loads: what the outlets of the steps carry, where the impact has no figures.
    """
    pdus = list(dict.fromkeys(step.pdu for step in steps))
    where = pdus[0] if len(pdus) == 1 else f"{len(pdus)} PDUs"
    tail = [
        text
        for text in (_drops(steps, impact, loads), _adds(steps, impact), _already(steps))
        if text
    ]
    head = f"{_what(steps)} on {where}, {_rhythm(steps, pace, pause_s)}"
    return f"{head}: {'; '.join(tail)}" if tail else head


def _what(steps: Sequence[PlanStep]) -> str:
    counts = Counter(_verb(step.action) for step in steps)
    parts = [f"{verb} {count}" for verb, count in counts.items()]
    rest = [part[0].lower() + part[1:] for part in parts[1:]]
    spoken = " and ".join([*([", ".join([parts[0], *rest[:-1]])] if parts else []), *rest[-1:]])
    last = list(counts.values())[-1] if counts else 0
    return f"{spoken} {'outlet' if last == 1 else 'outlets'}"


def _verb(action: Action) -> str:
    part: OutletAction = "on" if is_preference(action) else outlet_part(action)
    if part == "cancel":
        return "Cancel what is pending on"
    return f"{VERBS[part]} (delayed)" if part.startswith("delayed_") else VERBS[part]


def _rhythm(steps: Sequence[PlanStep], pace: Pace, pause_s: float) -> str:
    own = {
        (step.pace or pace, pause_s if step.pause_s is None else step.pause_s)
        for step in steps[:-1]
    }
    if len(own) > 1:
        return "one after the other, with the pauses of its steps"
    ((how, after_s),) = own or {(pace, pause_s)}
    if how == "settle":
        return f"each once the load has settled, after {seconds(longest_s(after_s))} at the latest"
    return f"one every {_span(after_s)}" if after_s else "one right after the other"


def _span(value: float) -> str:
    """`5 s`, `2.5 s`, `3 min`."""
    return f"{value:g} s" if value < 120 else seconds(value)


def _outlets(
    steps: Sequence[PlanStep], impact: Impact, parts: frozenset[str]
) -> list[OutletImpact]:
    """Those of the impact to which a step does one of `parts`; another may do more to them.

    Of a whole PDU all are: its step names none of them.
    """
    whole = {s.pdu for s in steps if s.outlet == WHOLE_PDU and _part(s.action) in parts}
    spots = {(s.pdu, s.outlet) for s in steps if _part(s.action) in parts}
    return [o for o in impact.outlets if o.pdu in whole or (o.pdu, o.outlet) in spots]


def _drops(steps: Sequence[PlanStep], impact: Impact, loads: Sequence[float | None]) -> str:
    # What is off has no load to drop: its 0 W would stand for what is not known of the others.
    taking_off = [step for step in steps if step.before != "off"]
    known: list[float | None] = [one.power_w for one in _outlets(taking_off, impact, _DROPS)]
    if not known:
        taking = {
            (step.pdu, step.outlet): load
            for step, load in zip(steps, loads, strict=False)
            if _part(step.action) in _DROPS and step.before != "off"
        }
        known = list(taking.values())
    if not known:
        return ""
    figures = [w for w in known if w is not None]
    unknown = len(known) - len(figures)
    if not figures:
        return "load unknown"
    text = f"drops {watts(sum(figures))}"
    return text if not unknown else f"{text} and the unknown load of {unknown}"


def _adds(steps: Sequence[PlanStep], impact: Impact) -> str:
    adding = _outlets(steps, impact, _ADDS)
    figures = [one.power_w for one in adding if one.power_w is not None]
    if not adding or not any(figures):
        return ""
    text = f"adds about {watts(sum(figures))}"
    unknown = len(adding) - len(figures)
    return text if not unknown else f"{text} and the unknown load of {unknown}"


def _already(steps: Sequence[PlanStep]) -> str:
    counts = Counter(step.before for step in steps if step.action == step.before)
    return ", ".join(
        f"{count} {'is' if count == 1 else 'are'} {state} already"
        for state, count in counts.items()
    )


def _part(action: Action) -> OutletAction | None:
    """What an action does to an outlet; None for one on the transfer switch."""
    return None if is_preference(action) else outlet_part(action)


def by_then(step: PlanStep) -> str:
    """`Turn ON outlet 3 db01 on rack1-a, which is off by then`: not the first step on its outlet.

    What it will do is not to be seen from the outlet as it is now.
    """
    return f"{_verb(step.action)} {step.label} on {step.pdu}, which is {step.before} by then"


def words_of(
    steps: Sequence[PlanStep],
    names: Sequence[str],
    protected: Sequence[bool],
    *,
    own: bool,
) -> tuple[str, ...]:
    """What has to be typed.

    Args:
        steps: of the plan.
        names: of the outlets, as they have to be typed.
        protected: which of them want their own name.
        own: whether the plan wants its own words: the name where it is one outlet, `4 outlets`
            where it is several.
    """
    spots = {(step.pdu, step.outlet): name for step, name in zip(steps, names, strict=True)}
    counts = Counter(spots.values())
    words: dict[str, None] = {}
    if own:
        words[names[0] if len(spots) == 1 else f"{len(spots)} outlets"] = None
    for step, name, guarded in zip(steps, names, protected, strict=True):
        if guarded:
            # Two protected outlets of one name are two names to type.
            words[name if counts[name] == 1 else f"{step.pdu}:{name}"] = None
    return tuple(words)


def is_typed(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Whether all of them were typed."""
    given = {" ".join(one.split()) for one in typed}
    return all(" ".join(word.split()) in given for word in words)
