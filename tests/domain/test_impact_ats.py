"""What preferring a source does, before it is done."""

from __future__ import annotations

from typing import Any

import pytest

from pdutui.domain.impact import Impact
from pdutui.domain.reading import Ats, Inlet, Source
from tests.domain.impact_fleet import cords, pdu, preview, texts


def sources(a: dict[str, Any] | None = None, b: dict[str, Any] | None = None, **ats: Any) -> Impact:
    """Prefer B on a switch whose sources are all well but for what is said."""
    good = {"state": "normal", "voltage_v": 230.0, "frequency_hz": 50.0}
    made = Ats(
        **(
            {
                "active": "A",
                "preferred": "A",
                "redundancy": "full",
                "phase_sync": "in_sync",
                "sources": (
                    Source(id="A", name="A", **(good | (a or {}))),
                    Source(id="B", name="B", **(good | (b or {}))),
                ),
            }
            | ats
        )
    )
    inlet = Inlet(number=1, name="I1", current_a=6.0, power_w=1380.0, rating_a=16.0)
    fleet = [pdu("ats-1", reading={"ats": made, "banks": (), "inlets": (inlet,)})]
    return preview("ats-1 0 prefer_b", fleet, cords())


def test_all_well() -> None:
    impact = sources(b={"voltage_v": 228.5})
    assert impact.level == "clear"
    assert texts(impact) == [
        "Source B of ats-1 is normal (228.5 V, 50.0 Hz)",
        "Source A stays to fall back on",
        "The sources differ by 1.5 V",
        "The sources are in sync",
        "ats-1: 1380 W is to move from source A to source B",
    ]


@pytest.mark.parametrize(
    ("b", "text"),
    [
        ({"state": "lost", "voltage_v": 0.0, "frequency_hz": 0.0},
         "Source B of ats-1 is LOST (0.0 V, 0.0 Hz): the load may be lost"),
        ({"state": "under_voltage", "voltage_v": 190.0},
         "Source B of ats-1 is UNDER VOLTAGE (190.0 V, 50.0 Hz): the load may be lost"),
        ({"state": "unknown", "voltage_v": None, "frequency_hz": None},
         "Source B of ats-1 is not known to be normal: the load may be lost"),
    ],
)  # fmt: skip
def test_a_source_that_is_not_normal_is_a_danger(b: dict[str, Any], text: str) -> None:
    impact = sources(b=b)
    assert impact.danger
    assert texts(impact)[0] == text


def test_out_of_sync_is_a_caution() -> None:
    impact = sources(phase_sync="out_of_sync")
    assert impact.level == "caution"
    assert texts(impact)[0] == "The sources are out of sync: the load sees a break of some ms"


def test_a_sync_that_is_not_told_is_unknown() -> None:
    impact = sources(phase_sync=None)
    assert impact.level == "unknown"
    assert texts(impact)[0] == "ats-1 does not say whether its sources are in sync"


def test_nothing_left_to_fall_back_on_is_a_caution() -> None:
    impact = sources(a={"state": "lost", "voltage_v": 0.0})
    assert texts(impact)[0] == "Nothing to fall back on: source A is lost"
    assert impact.level == "caution"
    assert texts(sources(redundancy="lost"))[0] == "ats-1 says that its redundancy is lost"


def test_sources_that_are_not_alike_are_a_caution() -> None:
    # 205 V are 10.9 % below 230 V; 48.5 Hz are 1.5 Hz below 50 Hz.
    impact = sources(b={"voltage_v": 205.0, "frequency_hz": 48.5})
    assert [line.text for line in impact.lines if line.level == "caution"] == [
        "The sources differ by 25.0 V",
        "The sources differ by 1.5 Hz",
    ]


def test_a_source_in_use_moves_nothing() -> None:
    impact = sources(active="B")
    assert impact.level == "clear"
    assert texts(impact)[0] == "Source B of ats-1 is normal (230.0 V, 50.0 Hz), and in use"
    assert sources({}, {"state": "under_voltage"}, active="B").level == "caution"


def test_preferring_none_leaves_the_load_where_it_is() -> None:
    fleet = [pdu("ats-1", reading={"ats": Ats(active="A")})]
    impact = preview("ats-1 0 prefer_none", fleet, cords())
    assert texts(impact) == ["The load of ats-1 stays on source A; no source is preferred"]
    blind = [pdu("ats-1", reading={"ats": Ats()})]
    assert preview("ats-1 0 prefer_none", blind, cords()).level == "unknown"


def test_a_switch_that_is_not_live_or_not_there_is_unknown() -> None:
    assert preview("x 0 prefer_a", [pdu("x", stale=True, why="x is lost")], cords()).level == (
        "unknown"
    )
    assert preview("x 0 prefer_a", [pdu("x")], cords()).level == "unknown"
