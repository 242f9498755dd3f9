"""A what-if and the margins of racks, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdutui.cli.text import UNKNOWN, clean, figure, table
from pdutui.domain.impact import Level
from pdutui.domain.margin import RackMargins
from pdutui.domain.racks import Unpaired
from pdutui.domain.whatif import Balance, PartAfter, PduAfter, WhatIf
from pdutui.domain.whatif_text import part_words

_MARKS: dict[Level, str] = {
    "danger": "DANGER ", "caution": "CAUTION", "unknown": "UNKNOWN", "clear": "       ",
}  # fmt: skip
_HEADS = ("PDU", "feed", "then", "W now", "W then", "fullest part then")


def whatif_text(found: WhatIf) -> list[str]:
    """A heading, a line for each PDU, what is to be said, where the load goes."""
    lines = [f"WHAT IF {clean(found.loss.words)} is lost", ""]
    rows = [_row(one) for one in found.pdus]
    if rows:
        words = frozenset({"PDU", "feed", "then", "fullest part then"})
        lines += [*table(_HEADS, rows, words=words), ""]
    lines += [f"{_MARKS[line.level]} {clean(line.text)}" for line in found.lines]
    if found.watts.lost or found.watts.unmetered:
        lines += ["", _balance(found.watts)]
    return lines


def _row(one: PduAfter) -> tuple[str, ...]:
    word = {
        "lost": "LOST",
        "dark": "DARK",
        "unknown": "not known",
        "unsure": "not known",
        "same": "as now",
    }.get(one.fate, "takes over")
    then = figure(one.after_w, 0)
    if one.after_w is None and one.most_w is not None and one.least_w is not None:
        then = f"{one.least_w:.0f}..{one.most_w:.0f}"
    part = one.fullest
    full = f"{part_words(part)} ({clean(part.name)})" if part is not None else UNKNOWN
    return (
        clean(one.pdu), clean(one.feed) or UNKNOWN, word, figure(one.before_w, 0), then,
        f"{full}, assumed" if one.assumed and part is not None else full,
    )  # fmt: skip


def _balance(sums: Balance) -> str:
    parts = [
        (sums.moved, "moves by the map"),
        (sums.assumed, "is assumed to move"),
        (sums.dark, "goes dark"),
        (sums.unknown, "goes nobody knows where"),
    ]
    told = [f"{amount:.0f} W {words}" for amount, words in parts if amount >= 0.5]
    text = f"Of {sums.lost:.0f} W: {', '.join(told)}" if told else "No metered load is lost"
    return f"{text}; not metered: {sums.unmetered}" if sums.unmetered else text


def whatif_json(found: WhatIf) -> str:
    """One object. What is not known is null."""
    plain = {
        "loss": {
            "kind": found.loss.kind,
            "name": found.loss.name,
            "source": found.loss.source,
            "text": found.loss.words,
        },
        "level": found.level,
        "dark": [one.device for one in found.fates("dark")],
        "may_go_dark": [one.device for one in found.fates("may_go_dark")],
        "pdus": [_pdu(one) for one in found.pdus],
        "devices": [
            {
                "device": one.device,
                "critical": one.critical,
                "fate": one.fate,
                "single_corded": one.single,
                "why": one.why,
                "level": one.level,
                "cords": [
                    {
                        "pdu": cord.pdu,
                        "outlet": cord.outlet,
                        "cord": cord.cord or None,
                        "state": "lost" if cord.state == "switched" else cord.state,
                    }
                    for cord in one.cords
                ],
            }
            for one in found.devices
        ],
        "lines": [{"level": line.level, "text": line.text} for line in found.lines],
        "watts": msgspec.to_builtins(found.watts),
        "amperes": msgspec.to_builtins(found.amperes),
    }
    return msgspec.json.encode(plain).decode()


def _pdu(one: PduAfter) -> dict[str, object]:
    return {
        "pdu": one.pdu,
        "feed": one.feed or None,
        "fate": one.fate,
        "why": one.why or None,
        "assumed": one.assumed,
        "level": one.level,
        "before_w": one.before_w,
        "after_w": one.after_w,
        "least_w": one.least_w,
        "most_w": one.most_w,
        "parts": [_part(part) for part in one.parts],
    }


def _part(part: PartAfter) -> dict[str, object]:
    return {
        "kind": part.kind,
        "number": part.number,
        "name": part.name,
        "rating_a": part.rating_a,
        "before_a": part.before_a,
        "after_a": part.after_a,
        "least_a": part.least_a,
        "most_a": part.most_a,
        "after_percent": part.after_percent,
        "level": part.level,
    }


def racks_text(found: Sequence[RackMargins], unpaired: Sequence[Unpaired]) -> list[str]:
    """A paragraph for each rack, then the PDUs that are in none."""
    lines: list[str] = []
    for one in found:
        sides = ", ".join(f"{side.feed}: {' '.join(side.pdus)}" for side in one.rack.sides)
        lines.append(f"{clean(one.rack.location)}  ({clean(sides)})")
        lines += [f"  {_MARKS[margin.level]} {clean(margin.text)}" for margin in one.margins]
        for risk in one.risks:
            named = f"{clean(risk.device)}{' (critical)' if risk.critical else ''}"
            verb = "goes" if risk.sure else "may go"
            feeds = " or ".join(risk.feeds)
            lines.append(f"          {named} {verb} dark without {clean(feeds)}: {clean(risk.why)}")
        if one.single:
            lines.append(f"          devices with one cord: {one.single}")
        lines.append("")
    if unpaired:
        lines.append("not paired:")
        lines += [f"  {clean(one.pdu)}: {clean(one.why)}" for one in unpaired]
    return lines[:-1] if lines and not lines[-1] else lines


def racks_json(found: Sequence[RackMargins], unpaired: Sequence[Unpaired]) -> str:
    """One object. What is not known is null."""
    plain = {
        "racks": [
            {
                "location": one.rack.location,
                "feeds": {side.feed: list(side.pdus) for side in one.rack.sides},
                "level": one.level,
                "power_w": one.power_w,
                "margins": [
                    {
                        "lose": margin.feed,
                        "level": margin.level,
                        "text": margin.text,
                        "percent": margin.percent,
                        "assumed": margin.assumed,
                        "dark": [d.device for d in margin.what_if.fates("dark")],
                    }
                    for margin in one.margins
                ],
                "at_risk": [
                    {
                        "device": risk.device,
                        "critical": risk.critical,
                        "without": list(risk.feeds),
                        "sure": risk.sure,
                        "why": risk.why,
                    }
                    for risk in one.risks
                ],
                "one_cord": one.single,
            }
            for one in found
        ],
        "unpaired": [{"pdu": one.pdu, "why": one.why} for one in unpaired],
    }
    return msgspec.json.encode(plain).decode()
