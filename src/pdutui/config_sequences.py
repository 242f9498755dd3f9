"""`[[sequence]]` of the configuration: plans by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pdutui.config_errors import show
from pdutui.config_groups import read_refs, twice
from pdutui.config_names import what_there_is
from pdutui.config_table import Table
from pdutui.domain.commands import OutletAction
from pdutui.settings import GroupSettings, PduSettings, SequenceSettings, SequenceStep

ACTIONS: tuple[OutletAction, ...] = (
    "on", "off", "reboot", "delayed_on", "delayed_off", "delayed_reboot", "cancel",
)  # fmt: skip
_KEYS = ("name", "text", "pause_s", "pace", "on_failure", "step")
_STEP_KEYS = ("action", "outlets", "group", "pause_s", "pace")
_PACES: tuple[Literal["delay"], Literal["settle"]] = ("delay", "settle")
_FAILURES: tuple[Literal["stop"], Literal["continue"]] = ("stop", "continue")
_LONGEST_PAUSE_S = 3600
_LONGEST_NAME = 60
_LONGEST_TEXT = 200
_MOST_SEQUENCES = 200
_MOST_STEPS = 200


def read_sequences(
    top: Table, pdus: Sequence[PduSettings], groups: Sequence[GroupSettings]
) -> tuple[SequenceSettings, ...]:
    """Every sequence, in the order of the file.

    Args:
        top: the file.
        pdus: its PDUs.
        groups: its groups.
    """
    tables = top.subs("sequence", header="sequence", most=_MOST_SEQUENCES, named=True)
    sequences = tuple(
        _sequence(table, number, pdus, groups) for number, table in enumerate(tables, 1)
    )
    seen: dict[str, int] = {}
    for number, (table, one) in enumerate(zip(tables, sequences, strict=True), 1):
        first = seen.setdefault(one.name.casefold(), number)
        if one.name and first != number:
            table.fail("name", f"is that of sequence {first} of the file already")
    return sequences


def _sequence(
    table: Table, number: int, pdus: Sequence[PduSettings], groups: Sequence[GroupSettings]
) -> SequenceSettings:
    table.check_keys(_KEYS)
    if not table.has("name"):
        table.fail("name", "is missing: what it is run by")
    name, text = table.text("name") or "", table.text("text")
    if len(name) > _LONGEST_NAME:
        table.fail("name", f"must have {_LONGEST_NAME} characters at most")
    if text is not None and len(text) > _LONGEST_TEXT:
        table.fail("text", f"must have {_LONGEST_TEXT} characters at most")
    title = f"sequence {repr(name) if name else number} step"
    steps = table.subs("step", header="sequence.step", most=_MOST_STEPS, title=title)
    if table.raw("step") in (None, []):
        table.fail("step", "is missing: write [[sequence.step]] with action and outlets or group")
    return SequenceSettings(
        name=name,
        text=text,
        pause_s=table.number("pause_s", 1.0, at_least=0, at_most=_LONGEST_PAUSE_S),
        pace=table.choice("pace", "delay", _PACES),
        on_failure=table.choice("on_failure", "stop", _FAILURES),
        steps=tuple(_step(step, pdus, groups) for step in steps),
    )


def _step(
    table: Table, pdus: Sequence[PduSettings], groups: Sequence[GroupSettings]
) -> SequenceStep:
    table.check_keys(_STEP_KEYS)
    if not table.has("action"):
        table.fail("action", f"is missing: {', '.join(ACTIONS)}")
    members = read_refs(table, "outlets", pdus)
    for pdu, number in twice(members, pdus):
        table.fail("outlets", f"has outlet {number} of {pdu} twice")
    group = table.text("group")
    if table.has("outlets") and table.has("group"):
        table.fail("group", "and outlets are both there: leave one of them out")
    elif table.raw("outlets") == []:
        table.fail("outlets", "is an empty array")
    elif not table.has("outlets") and not table.has("group"):
        table.fail("outlets", 'is missing: write "rack1-a:1-4", a list of such, or group = NAME')
    names = [one.name for one in groups]
    if group is not None and group not in names:
        table.fail("group", f"{show(group)} is not configured{what_there_is(group, names)}")
    pace: Literal["delay", "settle"] = table.choice("pace", "delay", _PACES)
    pause_s = table.number("pause_s", -1.0, at_least=0, at_most=_LONGEST_PAUSE_S)
    return SequenceStep(
        action=table.choice("action", "on", ACTIONS),
        members=members,
        group=group,
        pause_s=None if pause_s < 0 else pause_s,
        pace=pace if table.has("pace") else None,
    )
