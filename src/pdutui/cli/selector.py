"""Which outlets are meant: `3`, `1-4,7`, `2.5` in a chain, or a name."""

from __future__ import annotations

import re

from pdutui.cli.exits import CliError
from pdutui.cli.text import clean
from pdutui.domain.reading import Outlet, Reading

_NUMBERS = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*\Z")
_LONGEST_NUMBER = 5


def numbers_of(selector: str) -> tuple[int, ...] | None:
    """The outlet numbers of `3` or `1-4,7`, in that order; None if it is no list of numbers.

    Raises CliError for a range that runs backwards and for a number that is there twice.
    """
    text = selector.replace(" ", "")
    if not _NUMBERS.match(text):
        return None
    numbers: dict[int, None] = {}
    for part in text.split(","):
        first, _, last = part.partition("-")
        if max(len(first), len(last)) > _LONGEST_NUMBER:
            raise CliError(f"no PDU has an outlet {part if len(part) <= 20 else part[:17] + '...'}")
        begin, end = int(first), int(last or first)
        if end < begin:
            raise CliError(f"{part} runs backwards: write {end}-{begin}")
        for number in range(begin, end + 1):
            if number in numbers:
                raise CliError(f"outlet {number} is named twice in {selector!r}")
            numbers[number] = None
    return tuple(numbers)


def is_all(selector: str, reading: Reading | None) -> bool:
    """Whether `all` is meant: the whole PDU by one command of its own.

    Raises CliError if an outlet is called that.
    """
    if selector.strip().casefold() != "all":
        return False
    if reading is not None and any(_same(outlet, selector) for outlet in reading.outlets):
        raise CliError(f"{reading.pdu} has an outlet named 'all': name it by its number")
    return True


def select(selector: str, reading: Reading) -> tuple[int, ...]:
    """The outlets of a PDU that the selector means, in its order.

    A name counts in full, capitals or not; it must belong to exactly one outlet, since a guess
    could switch the wrong one. An outlet whose name is a number is meant by its number only.

    Raises CliError if an outlet does not exist or a name belongs to none or to several.
    """
    if not reading.outlets:
        raise CliError(f"{reading.pdu} has no outlets that it knows of")
    numbers = numbers_of(selector)
    if numbers is not None:
        missing = [n for n in numbers if reading.outlet(n) is None]
        if missing:
            which = ", ".join(str(n) for n in missing[:10]) + (" ..." if len(missing) > 10 else "")
            raise CliError(f"{reading.pdu} has no outlet {which} (there: {_there(reading)})")
        return numbers
    labelled = [o.number for o in reading.outlets if (o.label or "") == selector.strip()]
    if len(labelled) == 1:
        return (labelled[0],)
    named = [o for o in reading.outlets if _same(o, selector)]
    if len(named) == 1:
        return (named[0].number,)
    if named:
        which = ", ".join(str(o.number) for o in named)
        raise CliError(f"{reading.pdu} has several outlets named {selector!r}: {which}")
    names = ", ".join(clean(o.name) for o in reading.outlets[:12] if o.name)
    raise CliError(f"{reading.pdu} has no outlet named {clean(selector)!r} (there: {names})")


def _same(outlet: Outlet, selector: str) -> bool:
    name = outlet.name.strip()
    return bool(name) and name.casefold() == selector.strip().casefold()


def _there(reading: Reading) -> str:
    numbers = [o.number for o in reading.outlets]
    return f"{min(numbers)} to {max(numbers)}" if len(numbers) > 1 else str(numbers[0])
