"""A what-if in sentences for people, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pdutui.domain.fleet import Loss
from pdutui.domain.impact import Cord, DeviceImpact, ImpactLine, Level
from pdutui.domain.impact_text import in_order
from pdutui.domain.impact_words import clip, listed
from pdutui.domain.naming import amps
from pdutui.domain.whatif import (
    DeviceAfter,
    DeviceAfterFate,
    PartAfter,
    PduAfter,
    WhatIf,
)
from pdutui.domain.whatif_gone import Gone
from pdutui.domain.whatif_portions import Portion

_FATES: dict[str, DeviceAfterFate] = {
    "loses_last_feed": "dark",
    "restarts": "dark",
    "may_lose_last_feed": "may_go_dark",
    "keeps_feed": "degraded",
    "unknown": "unknown",
}
ONE_CORD = "one cord in the map"
IDLE = "it draws nothing on any cord: whether it runs is not known"


def device_after(device: DeviceImpact, gone: Gone) -> DeviceAfter | None:
    """What becomes of a device; None for one that is dark already."""
    fate = _FATES.get(device.fate)
    if fate is None:
        return None
    single = len(device.cords) == 1
    why, cause = _why(device, fate, gone)
    level: Level = "clear"
    if fate == "dark":
        level = "caution" if single and not device.critical else "danger"
    elif fate != "degraded":
        level = "unknown"
    return DeviceAfter(
        device=device.device,
        critical=device.critical,
        fate=fate,
        single=single,
        why=why,
        cause=cause,
        cords=device.cords,
        level=level,
    )


def _why(device: DeviceImpact, fate: DeviceAfterFate, gone: Gone) -> tuple[str, str]:
    """Why it is so, and the same without what is its own."""
    others = [cord for cord in device.cords if cord.state != "switched"]
    if fate == "degraded":
        left = [cord for cord in others if cord.state == "feeds"]
        return f"runs on {listed([_named(cord, gone) for cord in left])}", ""
    if len(device.cords) == 1:
        return ONE_CORD, ONE_CORD
    if not others:
        where = listed(list(dict.fromkeys(cord.pdu for cord in device.cords)))
        all_of = "both" if len(device.cords) == 2 else f"all {len(device.cords)}"
        return f"{all_of} of its cords hang on {where}", ""
    if fate == "unknown" and _idle(device.cords):
        return IDLE, IDLE
    unsure = [cord for cord in others if cord.state == "unknown"]
    cord = (unsure or others)[0]
    return f"its {_named(cord, gone)} {_said(cord)}", cord.why if cord.state == "unknown" else ""


def _idle(cords: Sequence[Cord]) -> bool:
    return all(cord.state in ("switched", "off", "dead") or "draws" in cord.why for cord in cords)


def _named(cord: Cord, gone: Gone) -> str:
    """`cord B (rack1-b outlet 3)`."""
    site = gone.sites.get(cord.pdu)
    place = f"{cord.pdu} {site.place(cord.outlet) if site is not None else cord.outlet}"
    return f"cord {clip(cord.cord, 8)} ({place})" if cord.cord else f"cord in {place}"


def _said(cord: Cord) -> str:
    if cord.state == "off" or cord.why.startswith("on,"):
        return f"is {cord.why.removeprefix('outlet is ')}"
    return f"is {'dead' if cord.state == 'dead' else 'not known'}: {cord.why}"


def lines_of(
    devices: Sequence[DeviceAfter], of_pdus: Iterable[ImpactLine]
) -> tuple[ImpactLine, ...]:
    """All that is to be said."""
    return in_order([*device_lines(devices), *of_pdus])


def headline(found: WhatIf) -> list[str]:
    """What comes of it in a few words each, what matters most first."""
    told: list[str] = []
    for fate, words in (("dark", "go dark"), ("may_go_dark", "may go dark")):
        devices = [one for one in found.devices if one.fate == fate]
        critical = sum(one.critical for one in devices)
        if devices:
            verb = words.replace("go ", "goes ") if len(devices) == 1 and fate == "dark" else words
            text = f"{len(devices)} device{'s' * (len(devices) > 1)} {verb}"
            told.append(f"{text} ({critical} critical)" if critical else text)
    told += [f"{one.pdu} goes dark" for one in found.pdus if one.fate == "dark"]
    for level in ("danger", "caution", "unknown"):
        for one in found.pdus:
            part = one.fullest
            if one.fate == "takes" and one.level == level and part is not None:
                told.append(f"{one.pdu} {part_words(part)}")
    unknown = [
        one for one in found.pdus if one.fate in ("unknown", "unsure") and one.level == "unknown"
    ]
    if unknown:
        count = len(unknown)
        told.append(f"{count} PDUs not known" if count > 1 else f"{unknown[0].pdu} not known")
    if not told and found.level != "unknown":
        told.append("nothing goes dark")
    fine = [
        (part.most_percent or 0.0, f"{one.pdu} {part_words(part)}")
        for one in found.pdus
        if one.fate == "takes" and one.level == "clear" and (part := one.fullest) is not None
    ]
    if fine and not any(one.level != "clear" for one in found.pdus):
        told.append(f"fullest {max(fine)[1]}")
    told += [f"{one.pdu}: {one.why}" for one in found.pdus if one.source is not None and one.why]
    return told or [line.text for line in found.lines[:1]]


def nobody_knows(loss: Loss) -> ImpactLine:
    """What is lost is not in the fleet."""
    return ImpactLine(level="unknown", text=f"{_capital(loss.words)} is not known here")


def device_lines(devices: Sequence[DeviceAfter]) -> list[ImpactLine]:
    """One for each device in danger, one for all others that share fate and cause."""
    lines: list[ImpactLine] = []
    groups: dict[tuple[Level, str, str], list[DeviceAfter]] = {}
    for device in devices:
        if device.level == "danger":
            critical = " (critical)" if device.critical else ""
            text = f"{clip(device.device, 24)}{critical} goes dark: {device.why}"
            lines.append(ImpactLine(level="danger", text=text))
        elif device.fate != "degraded":
            groups.setdefault((device.level, device.fate, device.cause), []).append(device)
    for (level, fate, cause), members in groups.items():
        names = listed([clip(one.device, 14) for one in members])
        many = len(members) > 1
        why = cause if many and cause else members[0].why
        if fate == "unknown" and why == IDLE:
            text = f"Whether {names} {'run' if many else 'runs'} is not known: 0 W on every cord"
        elif fate == "dark":
            text = f"{names} {'go' if many else 'goes'} dark: {why}"
        else:
            text = f"{names} may go dark: {why}"
        lines.append(ImpactLine(level=level, text=text))
    degraded = sum(device.fate == "degraded" for device in devices)
    if degraded:
        who = f"{degraded} devices go on running" if degraded > 1 else "One device goes on running"
        lines.append(ImpactLine(level="clear", text=f"{who} on fewer cords"))
    return lines


def pdu_lines(pdus: Sequence[PduAfter]) -> list[ImpactLine]:
    """What is said of PDUs, in their order."""
    lines = []
    for one in pdus:
        if one.fate == "dark":
            lines.append(ImpactLine(level="danger", text=f"{one.pdu} goes dark: {one.why}"))
        elif one.fate == "unsure":
            text = f"Whether {one.pdu} keeps its power is not known: {one.why}"
            lines.append(ImpactLine(level="unknown", text=text))
        elif one.fate == "unknown" and one.level == "unknown":
            text = f"What {one.pdu} comes to carry is not known: {one.why}"
            lines.append(ImpactLine(level="unknown", text=text))
        elif one.fate == "takes":
            text = f"{one.pdu} {takes_words(one)}"
            lines.append(ImpactLine(level=one.level, text=text))
        if one.fate in ("lost", "dark") and one.unread:
            text = f"What {one.pdu} carries is not known: {one.unread}"
            lines.append(ImpactLine(level="unknown", text=text))
        if one.why and one.fate in ("takes", "same"):
            lines.append(ImpactLine(level="clear", text=f"{one.pdu}: {one.why}"))
    return lines


def unmapped_lines(cut: Sequence[Portion], counts: Mapping[str, int]) -> list[ImpactLine]:
    """What is said of loads that nobody has mapped: where they are taken to go."""
    by_pdu: dict[str, list[Portion]] = {}
    for portion in cut:
        if portion.course.unmapped and portion.current_a != 0:
            by_pdu.setdefault(portion.pdu, []).append(portion)
    lines = []
    for pdu, portions in by_pdu.items():
        count = counts.get(pdu, 0)
        what = f"{count} outlets of {pdu} are" if count > 1 else f"One outlet of {pdu} is"
        what = f"{what} in no map" if count else f"Some of what hangs on {pdu} is in no map"
        ways = {portion.course.way for portion in portions}
        targets = listed(
            list(dict.fromkeys(t.pdu for portion in portions for t in portion.course.targets))
        )
        if ways == {"moves"}:
            text, level = f"{what}: assumed to move to {targets}", "clear"
        elif ways <= {"moves", "dark"}:
            rest = f", the rest to {targets}" if targets else ""
            text, level = f"{what}: assumed to go dark, as no other feed has power{rest}", "caution"
        elif targets:
            text, level = f"{what}: what of it moves to {targets} is not known", "unknown"
        else:
            text, level = f"{what}, and no other feed stands beside it: not known", "unknown"
        lines.append(ImpactLine(level=level, text=text))  # type: ignore[arg-type]
    return lines


_MORE = "takes over more"


def takes_words(one: PduAfter) -> str:
    """`goes to 58 % of 16 A (Bank C2)`, with how sure that is."""
    part = one.fullest
    assumed = ", assumed" if one.assumed else ""
    blind = [p for p in one.parts if p.most_a is None and p.rating_a]
    if part is None or (blind and part.level != "danger"):
        if blind:
            return f"{_MORE}, how much is not known{assumed}"
        return f"{_bare(one)}{assumed}; its rating is not known"
    where = "" if part.kind == "inlet" else f" ({part.name})"
    return f"goes to {part_words(part)}{where}{assumed}{verdict(part)}"


def brief_words(one: PduAfter) -> str:
    """The same for a row: that it is not known how much it takes over, its mark says already."""
    words = takes_words(one)
    return _MORE if words.startswith(f"{_MORE}, how much") else words


def _bare(one: PduAfter) -> str:
    current = next((part.after_a for part in one.parts if part.after_a is not None), None)
    return f"goes to {amps(current)}" if current is not None else _MORE


def part_words(part: PartAfter) -> str:
    """`58 % of 16 A`, `at most 63 % of 16 A`, `45 to 93 % of 16 A`."""
    of = f" of {part.rating_a:g} A" if part.rating_a else ""
    least, most, after = part.least_percent, part.most_percent, part.after_percent
    limit = part.limit_percent
    if after is not None:
        return f"{whole(after, limit)} %{of}"
    if most is None:
        return "not known" if least is None else f"at least {whole(least, limit)} %{of}"
    before = part.before_percent
    if least is None or (before is not None and least <= before + 0.5):
        return f"at most {whole(most, limit)} %{of}"
    return f"{whole(least, limit)} to {whole(most, limit)} %{of}"


def verdict(part: PartAfter) -> str:
    """`: OVER ITS RATING`, `: over the 80 % limit`, `: may be over its rating`; empty for fine."""
    if part.level == "danger":
        return ": OVER ITS RATING"
    if part.level == "caution":
        return f": over the {part.limit_percent:g} % limit"
    if part.level == "unknown" and part.most_percent is not None:
        which = "its rating" if part.most_percent > 100.0 else f"the {part.limit_percent:g} % limit"
        return f": may be over {which}"
    return ""


def whole(value: float, limit_percent: float) -> str:
    """Whole per cent, finer where rounding would hide on which side of a limit it is."""
    hides = any(round(value) == mark != value for mark in (limit_percent, 100.0))
    return f"{value:.1f}" if hides else f"{value:.0f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
