"""Which outlets are meant: `3`, `1-4,7`, `2.5` in a chain, or a name."""

from __future__ import annotations

from pdutui.domain.naming import printable
from pdutui.domain.outlet_numbers import outlet_numbers
from pdutui.domain.reading import Reading


class SelectorError(Exception):
    """What is written does not mean outlets that are there, or could mean several."""


def numbers_of(selector: str) -> tuple[int, ...] | None:
    """The outlet numbers of `3` or `1-4,7`, in that order; None if it is no list of numbers.

    Raises SelectorError for a range that runs backwards and for a number that is there twice.
    """
    try:
        return outlet_numbers(selector)
    except ValueError as error:
        raise SelectorError(str(error)) from error


def is_all(selector: str, reading: Reading | None) -> bool:
    """Whether `all` is meant: the whole PDU by one command of its own.

    Raises SelectorError if an outlet is called that.
    """
    if selector.strip().casefold() != "all":
        return False
    if reading is not None and any(
        _same(o.name, selector) or _same(o.label, selector) for o in reading.outlets
    ):
        raise SelectorError(f"{reading.pdu} has an outlet named 'all': name it by its number")
    return True


def select(selector: str, reading: Reading) -> tuple[int, ...]:
    """The outlets of a PDU that the selector means, in its order.

    A name or a label (`2.5`) counts in full, capitals or not; it must belong to exactly one outlet,
    since a guess could switch the wrong one. An outlet whose name is a number is meant by its
    number only.

    Raises SelectorError if an outlet does not exist, or if what is meant is none or several.
    """
    if not reading.outlets:
        raise SelectorError(f"{reading.pdu} has no outlets that it knows of")
    numbers = numbers_of(selector)
    if numbers is not None:
        _must_be_plain(selector, numbers, reading)
        missing = [n for n in numbers if reading.outlet(n) is None]
        if missing:
            which = ", ".join(str(n) for n in missing[:10]) + (" ..." if len(missing) > 10 else "")
            raise SelectorError(f"{reading.pdu} has no outlet {which} (there: {_there(reading)})")
        return numbers
    labelled = [o for o in reading.outlets if _same(o.label, selector)]
    named = [o for o in reading.outlets if _same(o.name, selector)]
    meant = {o.number for o in (*labelled, *named)}
    if len(meant) == 1:
        return tuple(meant)
    if len(labelled) == 1 and len(named) == 1:
        raise SelectorError(
            f"{printable(selector.strip())!r} is the name of outlet {named[0].number} and the"
            f" label of outlet {labelled[0].number}: write the number"
        )
    named = named or labelled
    if named:
        which = ", ".join(str(o.number) for o in named)
        raise SelectorError(f"{reading.pdu} has several outlets named {selector!r}: {which}")
    names = ", ".join(printable(o.name) for o in reading.outlets[:12] if o.name)
    raise SelectorError(
        f"{reading.pdu} has no outlet named {printable(selector)!r} (there: {names})"
    )


def _must_be_plain(selector: str, numbers: tuple[int, ...], reading: Reading) -> None:
    """Raises SelectorError where a number, or the whole list, means another outlet as well."""
    named = [o.number for o in reading.outlets if _same(o.name, selector)]
    if named and not selector.strip().isdecimal():
        text = f"{printable(selector.strip())!r} is the name of outlet {named[0]}: write its number"
        raise SelectorError(text)
    labels = {o.label.strip(): o.number for o in reading.outlets if o.label}
    for number in numbers:
        other, part = labels.get(str(number), number), reading.outlet(number)
        if other != number:
            own = f"is labelled {printable(part.label)}" if part and part.label else "has no label"
            raise SelectorError(
                f"outlet {number} {own}, and the one labelled {number} is outlet {other}:"
                " write a name"
            )


def _same(said: str | None, selector: str) -> bool:
    name = (said or "").strip()
    return bool(name) and name.casefold() == selector.strip().casefold()


def _there(reading: Reading) -> str:
    numbers = [o.number for o in reading.outlets]
    return f"{min(numbers)} to {max(numbers)}" if len(numbers) > 1 else str(numbers[0])
