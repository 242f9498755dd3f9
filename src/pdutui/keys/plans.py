"""The keys of the plan screen."""

from __future__ import annotations

from pdutui.keys.common import BACK, EVERYWHERE, doors, moves, pages
from pdutui.keys.model import Key

KEYS: tuple[Key, ...] = (
    *moves("choose", "the plan"),
    *pages("scroll"),
    Key("plans.run", "enter,space", "run", "Enter", "", "run it, or go on with it; asks first"),
    Key("plans.pause", "P", "pause", "P", "", "pause: the step under way is followed to its end"),
    Key("plans.abort", "X", "abort", "X", "", "abort: what is left is never done; asks first"),
    Key("plans.put_back", "b", "put_back", "b", "",
        "put back: a plan that undoes what this one changed"),
    Key("plans.approve", "a", "approve", "a", "", "approve the plan of somebody else; asks first"),
    *doors(back="plans", does="back to the PDU"),
    *EVERYWHERE,
    BACK,
)  # fmt: skip
