"""From a trap to a sentence: the rules of all profiles as one book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.text import clean_text
from pdutui.backends.snmp.trap_message import Notification, Variable
from pdutui.backends.snmp.trap_rules import (
    DEVICE,
    SERIAL,
    SOURCE,
    STANDARD,
    TrapKind,
    TrapRule,
    TrapSeverity,
    TrapWord,
)
from pdutui.backends.snmp.types import RawValue

MAX_WORD = 64
MAX_MESSAGE = 200
"""Characters of a device's own sentence that are shown."""
MAX_TEXT = 300
_BRACES = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_NOT_SAID = "?"
_PER_MODULE = 1000


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a trap says."""

    oid: str
    name: str | None
    """Its name in the MIB; None for a trap that no profile knows."""
    kind: TrapKind
    severity: TrapSeverity
    text: str
    """The sentence, one line, fit for a terminal."""
    profile: str | None = None
    """The family whose rule it is; None for standard and unknown traps."""
    words: dict[str, str] = {}
    """Every word that was said, as it is shown."""
    outlet: int | None = None
    """Its number in a Reading: 1000 m + n in unit m > 1 of a chain; 0 for all outlets."""
    module: int | None = None
    """The unit of a chain, where the trap says it."""
    bank: int | None = None
    source: str | None = None
    """A or B."""
    outlet_name: str | None = None
    serials: tuple[str, ...] = ()
    """Serial numbers in it, to tell devices behind one address apart."""
    names: tuple[str, ...] = ()
    """Device names in it."""


class _Entry(msgspec.Struct, frozen=True):
    rule: TrapRule
    profile: Profile | None


class TrapBook:
    """The rules of several profiles, looked up by trap OID."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._entries: dict[str, list[_Entry]] = {}
        for rule in STANDARD:
            self._entries.setdefault(rule.oid, []).append(_Entry(rule, None))
        for profile in profiles:
            for rule in profile.trap:
                oid = profile.absolute(rule.oid)
                self._entries.setdefault(oid, []).append(_Entry(rule, profile))

    def vendors(self, oid: str) -> frozenset[str]:
        """Whose devices have a rule for a trap; empty for standard and unknown ones."""
        entries = self._entries.get(self._known(oid) or "", ())
        return frozenset(entry.profile.vendor for entry in entries if entry.profile is not None)

    def meaning(self, notification: Notification, family: str | None = None) -> Meaning:
        """What a trap says; the rules of `family` go first."""
        oid = self._known(notification.oid)
        entries = self._entries.get(oid or "", [])
        for entry in sorted(entries, key=lambda e: e.profile is None or e.profile.name != family):
            said = _Said(notification.variables, entry)
            if said.fits():
                return said.meaning(notification)
        return _unknown(notification)

    def _known(self, oid: str) -> str | None:
        """The OID as the book has it.

        Some agents leave out the 0 before a trap's number, or put one more there when they
        translate between versions.
        """
        if oid in self._entries:
            return oid
        front, _, number = oid.rpartition(".")
        other = front.removesuffix(".0") if front.endswith(".0.0") else f"{front}.0"
        other = f"{other}.{number}"
        return other if other in self._entries else None


class _Said:
    """A trap under one rule: its words."""

    def __init__(self, variables: tuple[Variable, ...], entry: _Entry) -> None:
        self._variables = variables
        self._rule = entry.rule
        self._profile = entry.profile
        self._raw: dict[str, RawValue] = {}
        """Word -> integer or text before enum and scale."""
        self._shown: dict[str, str] = {}
        shared = {} if entry.profile is None else entry.profile.trap_words
        for name, places in {**shared, **entry.rule.words}.items():
            for place in places:
                if self._say(name, place):
                    break

    def _say(self, name: str, place: TrapWord) -> bool:
        raw = _taken(self._variables, place, self._absolute(place.oid))
        if raw is None or raw in place.null:
            return False
        shown = self._show(name, place, raw)
        if not shown:
            return False
        self._raw[name], self._shown[name] = raw, shown
        return True

    def _show(self, name: str, place: TrapWord, raw: RawValue) -> str | None:
        if place.enum is not None and self._profile is not None:
            enum = self._profile.enums[place.enum]
            return enum.get(str(raw)) if isinstance(raw, int) else None
        if isinstance(raw, int):
            return str(raw) if place.scale is None else f"{raw * place.scale:g}"
        text = clean_text(raw)
        if text is not None and place.pattern is not None:
            found = _regex(place.pattern).search(text)
            text = found[1] if found else None
        return None if text is None else _cut(text, MAX_MESSAGE if name == "message" else MAX_WORD)

    def _absolute(self, oid: str) -> str:
        return oid if self._profile is None else self._profile.absolute(oid)

    def fits(self) -> bool:
        """Whether every condition of the rule holds."""
        return all(
            any(self._is(word, one) for one in wanted) for word, wanted in self._rule.when.items()
        )

    def _is(self, word: str, wanted: int | str) -> bool:
        if isinstance(wanted, int):
            return self._raw.get(word) == wanted
        if wanted == "*":
            return word in self._shown
        return self._shown.get(word, "").casefold() == wanted.casefold()

    def meaning(self, notification: Notification) -> Meaning:
        rule, shown = self._rule, self._shown
        outlet, module = self._number("outlet"), self._number("module")
        if outlet and module is not None and module > 1:
            shown["outlet"] = f"{module}.{outlet}"
            outlet += _PER_MODULE * module
        source = shown.get(SOURCE, "").upper()
        return Meaning(
            oid=notification.oid,
            name=rule.name,
            kind=rule.kind,
            severity=rule.severity,
            text=_cut(sentence(rule.text, shown), MAX_TEXT),
            profile=None if self._profile is None else self._profile.name,
            words=dict(shown),
            outlet=outlet,
            module=module,
            bank=self._number("bank"),
            source=source if source in ("A", "B") else None,
            outlet_name=shown.get("outlet_name"),
            serials=self._all_of(SERIAL),
            names=self._all_of(DEVICE),
        )

    def _number(self, word: str) -> int | None:
        shown = self._shown.get(word, "")
        return int(shown) if shown.isdecimal() and shown.isascii() else None

    def _all_of(self, word: str) -> tuple[str, ...]:
        """Every text that may stand for a word: of a chain, serials of the head and of the unit."""
        profile = self._profile
        places = self._rule.words.get(word) or (profile.trap_words.get(word) if profile else None)
        found: list[str] = []
        for place in places or ():
            front = self._absolute(place.oid)
            for variable in self._variables:
                if _index(variable.oid, front) is not None:
                    text = clean_text(variable.value)
                    if text and text not in found:
                        found.append(_cut(text, MAX_WORD))
        return tuple(found)


def sentence(template: str, words: Mapping[str, str]) -> str:
    """A rule's text with its words put in; what is not said is `?`, or its brackets are left out.

    Brackets and braces inside of words are theirs and stay as they are.
    """

    def optional(match: re.Match[str]) -> str:
        part = match[1]
        return part if all(word in words for word in _BRACES.findall(part)) else ""

    kept = _OPTIONAL.sub(optional, template)
    return _BRACES.sub(lambda match: words.get(match[1], _NOT_SAID), kept)


def _unknown(notification: Notification) -> Meaning:
    texts = [clean_text(raw) for raw in notification.texts()]
    said = "; ".join(text for text in texts if text)
    text = f"trap {notification.oid}"
    return Meaning(
        oid=notification.oid,
        name=None,
        kind="other",
        severity="warning",
        text=f"{text}: {_cut(said, MAX_MESSAGE)}" if said else text,
    )


def _taken(variables: tuple[Variable, ...], place: TrapWord, front: str) -> RawValue | None:
    """The raw value of a word at one place, None where the trap has no such thing."""
    seen = 0
    for variable in variables:
        index = _index(variable.oid, front)
        if index is None:
            continue
        if seen < place.nth:
            seen += 1
            continue
        if place.take == "value":
            return variable.value
        if -len(index) <= place.arc < len(index):
            return index[place.arc]
    return None


def _index(oid: str, front: str) -> tuple[int, ...] | None:
    """The arcs behind `front`, None if the OID does not begin with it."""
    if oid == front:
        return ()
    if not oid.startswith(front) or oid[len(front)] != ".":
        return None
    return tuple(int(arc) for arc in oid[len(front) + 1 :].split("."))


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
