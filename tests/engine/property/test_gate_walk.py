"""Two consoles, a rule and plans on one PDU: nothing reaches it that policy forbids, nothing twice.

What is random: the policy, who asks for what by which way, what befalls the device, the line and
the rack meanwhile, and who is faster. What must hold is judged where commands leave for the device,
by an oracle of its own, and by the relays of the model.

The same walks are gone every time. `PDUTUI_WALKS=1000` goes as many that nobody has gone before,
`PDUTUI_WALK_SEED=7` that one alone; a walk that fails is cut down to the steps that it needs.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from dataclasses import fields
from pathlib import Path
from random import Random
from typing import Any

from tests.engine.property.oracle import Rules
from tests.engine.property.seeds import CHOSEN, seeds
from tests.engine.property.walk import Walk

WALKS, STEPS = 20, 60
CUTS = 150
"""So many shorter walks are tried for one that fails."""

Step = tuple[Any, ...]

POLICY: dict[str, tuple[float, list[Any]]] = {
    "enabled": (0.02, [False]),
    "read_only": (0.01, [True]),
    "pdu_read_only": (0.02, [True]),
    "admins": (0.45, [("alice",), ("@ops",), ("alice",)]),
    "operators": (1.0, [("@ops",), ("bob",), ("carol", "bob")]),
    "viewers": (0.1, [("bob",)]),
    "default": (1.0, ["viewer", "operator"]),
    "allow": (0.15, [("alice",), ("@ops",), ()]),
    "allow_4": (0.2, [("bob",), ("carol", "@ops"), ()]),
    "protected": (0.3, [frozenset({1}), frozenset({4, 5})]),
    "windows": (0.35, [((840, 843),), ((843, 846),), ((1320, 843),)]),
    "outside": (1.0, ["refuse", "name"]),
    "per_pdu": (0.15, [3]),
    "per_outlet": (0.2, [1, 2]),
    "reason": (0.15, [True]),
    "ticket": (0.15, [True]),
    "pattern": (0.3, [True]),
    "approval": (0.3, [("all",), ("protected", "whole_pdu"), ("plans",), ("critical",)]),
    "locked": (0.05, [True]),
}
"""How often a rule is not as it is by itself, and what it is then."""
ACTIONS = [
    *["off", "on"] * 3, "reboot", "reboot", "delayed_off", "delayed_on", "cancel", "identify",
    "all_off", "all_on", "all_reboot", "prefer_b",
]  # fmt: skip
FAULTS = ["", "", "", "", "", "silent", "slow", "error", "request", "answer"]


def random_rules(dice: Random) -> Rules:
    chosen = {
        name: dice.choice(values)
        for name, (chance, values) in POLICY.items()
        if dice.random() < chance
    }
    assert set(POLICY) | {"expires_s"} == {one.name for one in fields(Rules)}
    return Rules(**chosen)


def random_step(dice: Random) -> Step:
    console, outlet = dice.randrange(2), dice.choice([1, 1, 2, 3, 4, 4, 5])
    who = (
        dice.choice(["self"] * 5 + ["alice", "bob", "carol"]),
        dice.choice(["console", "console", "cli", "rule", "network"]),
    )
    words = dice.choice([("why", "CHG-7")] * 4 + [(None, None), ("why", "7")])
    how = dice.choice(["yes"] * 8 + ["plain"] * 3 + ["wrong name", "no", "cancel"])
    wish = (console, outlet, dice.choice(ACTIONS), who, words)
    some = sorted(dice.sample([1, 2, 3, 4, 5], dice.randint(1, 3)), key=lambda _: dice.random())
    what: list[tuple[int, Step]] = [
        (12, ("switch", *wish, how)),
        (5, ("ask", *wish)),
        (5, ("answer", dice.randrange(4), how)),
        (1, ("again", dice.randrange(9))),
        (1, ("forge", console, outlet, dice.choice(ACTIONS), who, dice.randrange(3))),
        (20, ("wait", dice.choice([0.1, 0.3, 0.7, 1.0, 1.0, 3.0, 3.0, 3.0, 9.0, 25.0]))),
        (2, ("hand", outlet, dice.random() < 0.5)),
        (0.5, ("name", outlet, dice.choice(["web", "db-a"]))),
        (0.5, ("label", console, outlet, dice.choice(["cache", None]))),
        (0.5, ("swap",)),
        (1.5, ("line", dice.randrange(3), dice.choice(FAULTS))),
        (1.5, ("lie", dice.choice(["", "", "", "", "", "deaf", "reversed", "bounce", "slow"]))),
        (0.6, ("rejects", dice.random() < 0.3)),
        (0.5, ("lock", console)),
        (3, ("unlock", console, dice.choice(["unlock", "unlock", "open"]))),
        (3, ("plan", console, some, dice.choice(ACTIONS), words, dice.choice([0.0, 1.0, 20.0]))),
        (3, ("approve", console, dice.choice([0, 0, 1]))),
        (3, ("go", dice.choice([0, 0, 1, 2]), dice.choice(["start", "start", "pause", "abort"]))),
    ]  # fmt: skip
    (step,) = dice.choices([step for _, step in what], [weight for weight, _ in what])
    return step


def random_race(dice: Random) -> list[Step]:
    """Somebody, or something, is faster than an answer."""
    console, outlet = dice.randrange(2), dice.choice([1, 2, 4, 5])
    who, words, pause_s = ("self", "console"), ("why", "CHG-7"), dice.choice([0.1, 0.4])
    ask: Step = ("ask", console, outlet, dice.choice(["on", "off", "reboot"]), who, words)
    yes: Step = ("answer", -1, "yes")
    other = dice.choice([console, 1 - console])
    lie = ("lie", dice.choice(["deaf", "reversed", "bounce", "slow"]))
    races: list[list[Step]] = [
        [lie, ("switch", console, outlet, dice.choice(["on", "off"]), who, words, "yes"),
         ("wait", 12.0), ("lie", "")],
        [ask, ("hand", outlet, False), yes],
        [ask, ("hand", outlet, True), ("wait", pause_s), yes],
        [ask, ("switch", other, outlet, "reboot", who, words, "yes"), ("wait", 9.0), yes],
        [ask, ("switch", other, outlet, "reboot", who, words, "yes"), ("wait", pause_s), yes],
        [ask, ("swap",), ("wait", pause_s), yes],
        [ask, ("lock", console), yes, ("unlock", console, "unlock")],
        [("plan", console, [outlet, 3], "off", words, 1.0), ask, ("wait", 3.0), yes],
        [("plan", console, [outlet, 3], "off", words, 1.0), ("lock", console), ("wait", 3.0),
         ("forge", console, outlet, "on", who, 1), ("unlock", console, "unlock")],
    ]  # fmt: skip
    return [("wait", 3.0), *dice.choice(races), ("wait", 3.0)]


def random_walk(dice: Random) -> list[Step]:
    steps: list[Step] = []
    while len(steps) < STEPS:
        steps += random_race(dice) if dice.random() < 0.08 else [random_step(dice)]
    return steps


async def walked(rules: Rules, steps: list[Step]) -> Counter[str]:
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(rules, Path(folder))
        await walk.begin()
        try:
            for step in steps:
                await walk.do(step)
        finally:
            await walk.end()
        return walk.seen


def failure(rules: Rules, steps: list[Step]) -> AssertionError | None:
    try:
        asyncio.run(walked(rules, steps))
    except AssertionError as error:
        return error
    return None


def kind(error: AssertionError) -> str:
    return re.sub(r"[^a-z ]", "", str(error))[:20]


def cut_down(rules: Rules, steps: list[Step], error: AssertionError) -> str:
    """The same failure by as few steps as can be found."""
    left, size = CUTS, len(steps) // 2
    while size and left:
        at = 0
        while at < len(steps) and left:
            fewer = steps[:at] + steps[at + size :]
            left -= 1
            found = failure(rules, fewer)
            if found is None or kind(found) != kind(error):
                at += size
            else:
                steps, error = fewer, found
        size //= 2
    lines = "\n".join(f"    {step!r}," for step in steps)
    return f"{error}\n{rules}\n[\n{lines}\n]"


def test_nothing_reaches_the_device_that_policy_forbids_and_nothing_twice() -> None:
    seen: Counter[str] = Counter()
    for seed in seeds(WALKS):
        dice = Random(seed)
        rules = random_rules(dice)
        steps = random_walk(dice)
        try:
            seen += asyncio.run(walked(rules, steps))
        except AssertionError as error:
            raise AssertionError(f"walk {seed}: {cut_down(rules, steps, error)}") from None
    print(dict(sorted(seen.items())))
    if CHOSEN:
        return
    # Walks on which nothing happens prove nothing.
    for what, least in {
        "sent": 80, "observed": 40, "refused": 80, "failed": 1, "unconfirmed": 2,
        "contradicted": 1, "accepted": 1, "plan steps": 10, "approved": 1,
    }.items():  # fmt: skip
        assert seen[what] >= least, seen
