"""What a family's traps mean, as data: `[trap_words]` and `[[trap]]` of a profile.

A rule names a trap by its OID in v2 form (v1: enterprise.0.specific) and says in a sentence what
it tells. The sentence is made of words, and a word says which variable of the trap it is read
from. Variables are matched by the front of their OID: devices differ in the instance behind it.
Read backwards, `send` lists the variables that the simulator puts into such a trap.

A trap is a hint. Nothing it says ever becomes a figure on screen; the poll that follows shows the
truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from pdutui.backends.snmp.types import Syntax

if TYPE_CHECKING:
    from pdutui.backends.snmp.profile import Profile

TrapKind = Literal[
    "outlet_on", "outlet_off", "outlet_reboot", "source_lost", "source_ok", "transfer",
    "redundancy_lost", "redundancy_ok", "overload", "overload_clear", "breaker_trip",
    "comm_lost", "comm_ok", "other",
]  # fmt: skip
"""What happened, for programs. A rule without a word of its own has `other`."""
TrapSeverity = Literal["info", "warning", "critical"]
Take = Literal["value", "arc"]

KINDS: frozenset[str] = frozenset(get_args(TrapKind))
NUMBERS = frozenset({"outlet", "module", "bank"})
"""Words that are numbers wherever they are said: what they name is looked up by them."""
SERIAL, DEVICE, MESSAGE, SOURCE = "serial", "device", "message", "source"
"""Words that mean something to the program: the device's serial number and name tell devices
behind one address apart, `source` is A or B, `message` is the device's own sentence."""

_OID = re.compile(r"^\.?\d+(\.\d+)*$")
_SENT = re.compile(r"^\.?\d+(\.(\d+|\{[a-z_]+\}))*$")
_BRACES = re.compile(r"\{([^{}]*)\}")
_FIRST_TRAP = re.compile(r"^\[trap_words\]|^\[\[trap\]\]", re.MULTILINE)
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class TrapWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a word may stand."""

    oid: str
    """Front of the variable's OID; relative to the profile's `base` if it begins with a dot."""
    take: Take = "value"
    """`value`: its value; `arc`: an arc of the index behind `oid`."""
    arc: int = -1
    """Which arc: 0 the first, -1 the last."""
    enum: str | None = None
    """Name of a table under [enums]; an integer that is not listed says nothing."""
    pattern: str | None = None
    """Of a text: the first group of this regular expression, capitals or not; no match: the text
    says nothing."""
    scale: float | None = None
    """Of a number: raw x scale."""
    null: tuple[int, ...] = ()
    """Integers that mean: does not apply."""
    nth: int = 0
    """Which of several variables with this front: 0 the first."""


Words = tuple[TrapWord, ...]
"""Places in order of preference; the first that says something counts."""


class TrapSend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variable that the simulator sends. Braces hold words: `{outlet}`, `{serial}`."""

    oid: str
    value: int | str
    syntax: Syntax | None = None
    """None: integer for what comes out as digits of an int or of a number's word, else string."""


class TrapRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One trap, or one meaning of a trap that has several."""

    oid: str
    name: str
    """Its name in the MIB."""
    text: str
    """The sentence. `{outlet}` is a word; a part in square brackets is left out where one of its
    words is not said, elsewhere such a word is `?`."""
    kind: TrapKind = "other"
    severity: TrapSeverity = "info"
    when: dict[str, tuple[int | str, ...]] = {}
    """Word -> what it must be for the rule to count: an integer as it was sent, a word, or
    `"*"`: that it is said at all. Of several rules for one OID the first counts whose conditions
    hold."""
    words: dict[str, Words] = {}
    """Words of this rule; the profile's [trap_words] are known to all."""
    send: tuple[TrapSend, ...] = ()
    """What the simulator sends, in order. Empty: it does not send this trap."""


STANDARD: tuple[TrapRule, ...] = (
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.1", name="coldStart", severity="warning", text="the device restarted"
    ),
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.2",
        name="warmStart",
        severity="warning",
        text="the device's management restarted",
    ),
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.3",
        name="linkDown",
        severity="warning",
        text="network interface[ {interface}] of the device down",
        words={"interface": (TrapWord(oid="1.3.6.1.2.1.2.2.1.1"),)},
    ),
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.4",
        name="linkUp",
        text="network interface[ {interface}] of the device up",
        words={"interface": (TrapWord(oid="1.3.6.1.2.1.2.2.1.1"),)},
    ),
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.5",
        name="authenticationFailure",
        severity="warning",
        text="somebody asked the device with wrong credentials",
    ),
    TrapRule(
        oid="1.3.6.1.6.3.1.1.5.6",
        name="egpNeighborLoss",
        text="the device lost an EGP neighbour",
    ),
)
"""Traps that any device may send (RFC 3418)."""


def without_traps(text: str) -> str:
    """A profile's TOML up to its traps, which end every profile that ships with pdutui."""
    return _FIRST_TRAP.split(text, maxsplit=1)[0]


def words_in(text: str) -> set[str]:
    """The words that a sentence or a variable speaks of."""
    return set(_BRACES.findall(text))


def trap_full_form(data: dict[str, object]) -> None:
    """Shorthand of words in a profile's TOML to full form: "oid", {...} or a list of both."""

    def full(words: object) -> object:
        if not isinstance(words, dict):
            return words
        out = {}
        for name, value in words.items():
            items = value if isinstance(value, list) else [value]
            out[name] = [{"oid": item} if isinstance(item, str) else item for item in items]
        return out

    if "trap_words" in data:
        data["trap_words"] = full(data["trap_words"])
    rules = data.get("trap")
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict):
            if "words" in rule:
                rule["words"] = full(rule["words"])
            when = rule.get("when")
            if isinstance(when, dict):
                rule["when"] = {k: v if isinstance(v, list) else [v] for k, v in when.items()}


def trap_problem(profile: Profile) -> str | None:
    """The first thing that is wrong with the traps of a profile, as `place: what`, or None."""
    for wrong in _problems(profile):
        return wrong
    return None


def _problems(profile: Profile) -> Iterator[str]:
    yield from _wrong_words(profile, "trap_words", profile.trap_words)
    for place, rule in enumerate(profile.trap, 1):
        where = f"trap {place} ({rule.name})"
        if not _OID.match(rule.oid):
            yield f"{where}: {rule.oid!r} is not an OID"
        if not rule.text.strip():
            yield f"{where}: text is empty"
        yield from _wrong_words(profile, where, rule.words)
        known = {*profile.trap_words, *rule.words}
        spoken = words_in(rule.text) | set(rule.when)
        for word in sorted(spoken - known):
            there = ", ".join(sorted(known)) or "none"
            yield f"{where}: no word {word!r} in words or [trap_words] (there: {there})"
        if rule.text.count("[") != rule.text.count("]"):
            yield f"{where}: a square bracket of text has no partner"
        for sent in rule.send:
            if not _SENT.match(sent.oid):
                yield f"{where}: send: {sent.oid!r} is not an OID"


def _wrong_words(profile: Profile, where: str, words: Mapping[str, Words]) -> Iterator[str]:
    for name, places in words.items():
        if not _NAME.match(name):
            yield f"{where}: {name!r} is no word: use small letters, digits and _"
        for place in places:
            if not _OID.match(place.oid):
                yield f"{where}.{name}: {place.oid!r} is not an OID"
            if place.enum is not None and place.enum not in profile.enums:
                there = ", ".join(sorted(profile.enums)) or "none"
                yield f"{where}.{name}: no enum {place.enum!r} under [enums] (there: {there})"
            if place.pattern is None:
                continue
            try:
                groups = re.compile(place.pattern).groups
            except re.error as error:
                yield f"{where}.{name}: pattern is no regular expression: {error}"
            else:
                if groups < 1:
                    yield f"{where}.{name}: pattern needs a group: what stands in ( )"
