"""A preview in sentences for people, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pdutui.domain.impact import LEVELS, DeviceImpact, ImpactLine, Level, LoadImpact
from pdutui.domain.impact_facts import Site, Spot
from pdutui.domain.impact_loads import Move
from pdutui.domain.impact_words import clip, listed
from pdutui.domain.naming import amps, seconds, watts

_TOGETHER: dict[str, tuple[str, str]] = {
    "keeps_feed": ("keeps running on its other cord", "keep running on their other cords"),
    "gains_feed": ("gains a feed", "gain a feed"),
    "starts": ("starts", "start"),
    "stays_dark": ("stays dark", "stay dark"),
    "loses_last_feed": (
        "has one cord in the map and goes dark", "have one cord in the map and go dark",
    ),
    "restarts": ("has one cord in the map and restarts", "have one cord in the map and restart"),
    "unknown": ("may run or not", "may run or not"),
}  # fmt: skip
"""What devices of one fate say together; whoever is in danger speaks alone."""


def in_order(lines: Iterable[ImpactLine]) -> tuple[ImpactLine, ...]:
    """The worst first, else as they came; each once."""
    once: dict[str, ImpactLine] = {}
    for line in lines:
        known = once.get(line.text)
        if known is None or LEVELS.index(line.level) > LEVELS.index(known.level):
            once[line.text] = line
    return tuple(sorted(once.values(), key=lambda line: -LEVELS.index(line.level)))


def device_lines(devices: Sequence[DeviceImpact]) -> list[ImpactLine]:
    """One for each device in danger, one for all others of a fate, none for one that is let be."""
    devices = [d for d in devices if any(cord.state == "switched" for cord in d.cords)]
    lines = [ImpactLine(level=d.level, text=d.text) for d in devices if d.level == "danger"]
    groups: dict[tuple[Level, str], list[DeviceImpact]] = {}
    for device in devices:
        if device.level != "danger":
            groups.setdefault((device.level, device.fate), []).append(device)
    for (level, fate), members in groups.items():
        if len(members) == 1:
            lines.append(ImpactLine(level=level, text=members[0].text))
        else:
            names = listed([clip(d.device, 14) for d in members])
            lines.append(ImpactLine(level=level, text=f"{names} {_TOGETHER[fate][1]}"))
    return lines


def load_lines(loads: Sequence[LoadImpact]) -> list[ImpactLine]:
    """One for each bank and inlet."""
    return [ImpactLine(level=load.level, text=load.text) for load in loads]


def move_lines(moves: Sequence[Move], sites: Mapping[str, Site], several: bool) -> list[ImpactLine]:
    """What drops, what comes back and what is added, in sum, and what is not known of it."""
    if moves and all(m.kind == "none" for m in moves):
        text = f"{_subject(moves, sites, several)} {'are' if len(moves) > 1 else 'is'} so already"
        return [ImpactLine(level="clear", text=f"Nothing changes: {_lower(text)}")]
    drops = [m for m in moves if m.kind in ("drop", "bounce")]
    adds = [m for m in moves if m.kind in ("add", "blip")]
    lines: list[ImpactLine] = []
    if drops:
        back = all(m.kind == "bounce" for m in drops)
        verb = "and takes it up again" if len(drops) == 1 else "and take it up again"
        lines += _sum(drops, sites, several, ("drops", "drop"), verb if back else "")
    if adds:
        lines += _sum(adds, sites, several, ("adds", "add"), _ago(adds))
    lines += _unknown([m for m in drops if m.impact.basis == "unknown"], sites, several, "carry")
    lines += _unknown([m for m in adds if m.impact.basis == "unknown"], sites, several, "will add")
    return lines


def _ago(adds: Sequence[Move]) -> str:
    ages = [m.impact.age_s for m in adds if m.impact.age_s is not None]
    if not ages:
        return ""
    return f"as when last on, {'up to ' if len(adds) > 1 else ''}{seconds(max(ages))} ago"


def _sum(
    moves: Sequence[Move],
    sites: Mapping[str, Site],
    several: bool,
    verbs: tuple[str, str],
    more: str,
) -> list[ImpactLine]:
    known = [m.impact for m in moves if m.impact.basis != "unknown"]
    if not known:
        return []
    power = _total([impact.power_w for impact in known])
    current = _total([impact.current_a for impact in known])
    peak = _total([impact.peak_a for impact in known])
    shown = [watts(power)] if power is not None else []
    shown += [amps(current)] if current is not None else []
    if not shown:
        return []  # one says watts, the other amperes: there is no sum
    least = "at least " if len(known) < len(moves) else ""
    text = f"{_subject(moves, sites, several)} {verbs[len(moves) > 1]} {least}{', '.join(shown)}"
    if peak is not None and peak > 0:
        text += f" ({amps(peak)} at first)"
    return [ImpactLine(level="clear", text=f"{text}, {more}" if more else text)]


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _subject(moves: Sequence[Move], sites: Mapping[str, Site], several: bool) -> str:
    if len(moves) == 1:
        impact = moves[0].impact
        of = f" of {impact.pdu}" if several else ""
        return f"{_capital(clip(impact.label, 34))}{of}"
    pdus = {m.spot[0] for m in moves}
    return f"{len(moves)} outlets" + (f" on {len(pdus)} PDUs" if len(pdus) > 1 else "")


def _unknown(
    moves: Sequence[Move], sites: Mapping[str, Site], several: bool, verb: str
) -> list[ImpactLine]:
    """`What outlets 3 and 4 carry is not known`; a PDU that is not live says so once."""
    spots = [m.spot for m in moves if sites[m.spot[0]].reading is not None]
    single = "carries" if verb == "carry" else verb
    return [
        ImpactLine(level="unknown", text=f"What {names} {verb if plural else single} is not known")
        for names, plural in outlet_lists(spots, sites, several)
    ]


def site_lines(sites: Iterable[Site]) -> list[ImpactLine]:
    """PDUs whose figures do not count."""
    return [
        ImpactLine(level="unknown", text=f"What {site.name} carries is not known: {site.why}")
        for site in sites
        if site.reading is None
    ]


def unmapped_lines(
    spots: Sequence[Spot], sites: Mapping[str, Site], several: bool
) -> list[ImpactLine]:
    """`What outlets 11 and 24 feed is not known`."""
    return [
        ImpactLine(
            level="unknown", text=f"What {names} {'feed' if plural else 'feeds'} is not known"
        )
        for names, plural in outlet_lists(spots, sites, several)
    ]


def hidden_lines(spots: Iterable[Spot], sites: Mapping[str, Site]) -> list[ImpactLine]:
    """Outlets that take more load through a bank that nobody names."""
    return [
        ImpactLine(level="unknown", text=f"Which bank feeds {names} is not known")
        for names, _ in outlet_lists(list(spots), sites, True)
    ]


def outlet_lists(
    spots: Sequence[Spot], sites: Mapping[str, Site], several: bool
) -> list[tuple[str, bool]]:
    """For each PDU `outlet 3`, `outlets 3, 4 and 2 more of rack1-a`; whether it is many."""
    by_pdu: dict[str, list[int]] = {}
    for pdu, number in spots:
        by_pdu.setdefault(pdu, []).append(number)
    out = []
    for pdu, numbers in by_pdu.items():
        places = [sites[pdu].place(n).removeprefix("outlet ") for n in numbers]
        text = f"outlet{'s' if len(places) > 1 else ''} {listed(places, 6)}"
        out.append((f"{text} of {pdu}" if several else text, len(places) > 1))
    return out


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
