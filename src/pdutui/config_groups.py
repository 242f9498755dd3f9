"""Groups of outlets: `[group.NAME]`, and `group = "NAME"` of `[pdu.outlets.N]`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pdutui.config_errors import show
from pdutui.config_names import what_there_is
from pdutui.config_table import Table
from pdutui.domain.outlet_numbers import outlet_number, outlet_numbers
from pdutui.settings import GroupSettings, OutletRef, PduSettings

_MOST_GROUPS = 500
_MOST_REFS = 1000
_LONGEST_NAME = 60


def read_groups(
    top: Table, pdus: Sequence[PduSettings], *, outlets_first: bool
) -> tuple[GroupSettings, ...]:
    """Every group, and the outlets of each, in the order of the file.

    Args:
        top: the file.
        pdus: its PDUs, whose outlets may name groups.
        outlets_first: whether the file has its PDUs before its groups.
    """
    tables, by_table = _by_table(top, pdus)
    by_outlet = _by_outlet(top, pdus)
    members: dict[str, list[OutletRef]] = {}
    for source in (by_outlet, by_table) if outlets_first else (by_table, by_outlet):
        for name, refs in source.items():
            members.setdefault(name, []).extend(refs)
    _check_names(top, members)
    for name, table in tables.items():
        _check_twice(table, name, members[name], pdus)
        if not members[name] and not table.raw("outlets"):
            table.fail("outlets", "is missing or empty: a group has at least one outlet")
    return tuple(GroupSettings(name=name, members=tuple(refs)) for name, refs in members.items())


def read_refs(table: Table, key: str, pdus: Sequence[PduSettings]) -> tuple[OutletRef, ...]:
    """The outlets that a key of the file names: `"rack1-a:1-4"`, or a list of such."""
    texts = table.texts(key) or ()
    if len(texts) > _MOST_REFS:
        table.fail(key, f"has {len(texts)} entries; {_MOST_REFS} are the most")
        return ()
    refs = (_ref(table, key, text, [pdu.name for pdu in pdus]) for text in texts)
    return tuple(ref for ref in refs if ref is not None)


def twice(refs: Sequence[OutletRef], pdus: Sequence[PduSettings]) -> list[tuple[str, int]]:
    """The outlets that are named more than once, as far as it can be told without the PDUs."""
    seen: set[tuple[str, int]] = set()
    found: dict[tuple[str, int], None] = {}
    by_name = {pdu.name: pdu for pdu in pdus}
    for ref in refs:
        for number in _numbers(ref, by_name[ref.pdu]):
            if (ref.pdu, number) in seen:
                found[ref.pdu, number] = None
            seen.add((ref.pdu, number))
    return list(found)


def _by_table(
    top: Table, pdus: Sequence[PduSettings]
) -> tuple[dict[str, Table], dict[str, list[OutletRef]]]:
    """`[group.NAME]`: the tables, and the outlets of each."""
    raw = top.raw("group")
    if raw is None:
        return {}, {}
    if not isinstance(raw, dict):
        top.fail("group", f"must be tables like [group.storage], is {show(raw)}")
        return {}, {}
    if len(raw) > _MOST_GROUPS:
        top.fail("group", f"is there {len(raw)} times; {_MOST_GROUPS} are the most")
        return {}, {}
    tables: dict[str, Table] = {}
    refs: dict[str, list[OutletRef]] = {}
    for name in raw:
        table = top.sub("group").sub(name, title=f"[group {name!r}] ")
        table.check_keys(("outlets",))
        tables[name] = table
        refs[name] = list(read_refs(table, "outlets", pdus))
    return tables, refs


def _by_outlet(top: Table, pdus: Sequence[PduSettings]) -> dict[str, list[OutletRef]]:
    """`group =` of the outlets, in the order of the file."""
    refs: dict[str, list[OutletRef]] = {}
    for pdu in pdus:
        for number, outlet in pdu.outlets.items():
            for name in outlet.groups:
                refs.setdefault(name, []).append(OutletRef(pdu=pdu.name, selector=str(number)))
    if len(refs) > _MOST_GROUPS:
        top.fail("group", f"is named in {len(refs)} ways by outlets; {_MOST_GROUPS} are the most")
        return {}
    return refs


def _check_names(top: Table, names: Collection[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        place, at = f"group {show(name)}", ("group", name)
        if name != name.strip() or not name.isprintable() or not 1 <= len(name) <= _LONGEST_NAME:
            text = f"must have a name of 1 to {_LONGEST_NAME} characters without blanks at its ends"
            top.fail(place, text, at=at)
        elif name.casefold() == "all" or _is_number(name):
            top.fail(
                place, "cannot be told from outlets on a command line: give it another name", at=at
            )
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            top.fail(
                place, f"and group {show(first)} differ in capitals alone: is it one group?", at=at
            )


def _is_number(name: str) -> bool:
    try:
        return outlet_numbers(name) is not None or outlet_number(name) is not None
    except ValueError:
        return True


def _check_twice(
    table: Table, name: str, refs: Sequence[OutletRef], pdus: Sequence[PduSettings]
) -> None:
    """Add a problem for every outlet that a group has twice."""
    by_outlet = {(p.name, n) for p in pdus for n, o in p.outlets.items() if name in o.groups}
    for pdu, number in twice(refs, pdus):
        if (pdu, number) in by_outlet:
            text = f"has outlet {number} of {pdu}, which names the group itself: leave one out"
        else:
            text = f"has outlet {number} of {pdu} twice"
        table.fail("outlets", text)


def _ref(table: Table, key: str, text: str, names: Sequence[str]) -> OutletRef | None:
    """One entry; None where it cannot be understood. A PDU's name may have a colon in it."""
    fit = [name for name in names if name and text.startswith(f"{name}:")]
    if not fit:
        said, colon, _ = text.partition(":")
        if not colon or not said:
            right = 'must be PDU:OUTLETS, as "rack1-a:1-4" or "rack1-a:db01"'
            table.fail(key, f"{right}, is {show(text)}")
        else:
            there = what_there_is(said.strip(), names)
            table.fail(key, f"{show(text)}: there is no PDU {show(said.strip())}{there}")
        return None
    if len(fit) > 1:
        both = " and ".join(show(name) for name in fit)
        table.fail(
            key, f"{show(text)} could mean an outlet of {both}: one of them has to be renamed"
        )
        return None
    selector = text.removeprefix(f"{fit[0]}:").strip()
    wrong = "" if selector else 'no outlet is named: write its number, or its name, or "all"'
    try:
        numbers = outlet_numbers(selector)
    except ValueError as error:
        wrong = str(error)
    else:
        if numbers is not None and 0 in numbers:
            wrong = "outlets are numbers from 1"
    if wrong:
        table.fail(key, f"{show(text)}: {wrong}")
        return None
    return OutletRef(pdu=fit[0], selector=selector)


def _numbers(ref: OutletRef, pdu: PduSettings) -> tuple[int, ...]:
    """The numbers that a reference means; none where only the PDU could tell."""
    numbers = outlet_numbers(ref.selector)
    if numbers is not None:
        return numbers
    word = ref.selector.casefold()
    named = [n for n, o in pdu.outlets.items() if o.name is not None and o.name.casefold() == word]
    if len(named) == 1:
        return tuple(named)
    number = None if named else outlet_number(ref.selector)
    return () if number is None else (number,)
