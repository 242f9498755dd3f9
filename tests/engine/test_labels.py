from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.commands import OutletAction
from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.labels import number_ranges, outlet_label, outlet_name, seconds, watts
from pdutui.engine.sentences import Timing, sentence


def reading(*outlets: Outlet) -> Reading:
    return Reading(pdu="rack1-a", time=datetime(2026, 1, 1, tzinfo=UTC), outlets=outlets)


DB = Outlet(number=3, name="db01", state="on", power_w=104.4, current_a=0.9)
DARK = Outlet(number=4, name="x", state="on")


@pytest.mark.parametrize(
    ("outlet", "action", "others", "off_s", "text"),
    [
        (DB, "off", (), None, "Turn OFF outlet 3 db01 on rack1-a: drops 104 W"),
        (DB, "on", (), None, "Turn ON outlet 3 db01 on rack1-a: already on"),
        (DB, "reboot", (), 5.0,
         "Reboot outlet 3 db01 on rack1-a: drops 104 W, back after about 5 s"),
        (DB, "reboot", (), None,
         "Reboot outlet 3 db01 on rack1-a: drops 104 W, back after the device's own delay"),
        (Outlet(number=3, name="db01", state="off"), "on", (), None,
         "Turn ON outlet 3 db01 on rack1-a"),
        (Outlet(number=3, name="db01", state="off"), "off", (), None,
         "Turn OFF outlet 3 db01 on rack1-a: already off"),
        (Outlet(number=3, name="db01", state="off"), "reboot", (), 5.0,
         "Reboot outlet 3 db01 on rack1-a: off now, comes on after about 5 s"),
        (DARK, "off", (), None,
         "Turn OFF outlet 4 x on rack1-a: load unknown: this PDU does not meter outlets"),
        (DARK, "off", (DB,), None,
         "Turn OFF outlet 4 x on rack1-a: load unknown: no figure for this outlet"),
        (Outlet(number=4, name="x", state="on", current_a=0.5), "off", (), None,
         "Turn OFF outlet 4 x on rack1-a: drops 0.5 A (power unknown)"),
        (None, "off", (), None, "Turn OFF outlet 3 on rack1-a"),
    ],
)  # fmt: skip
def test_sentences(
    outlet: Outlet | None, action: str, others: tuple[Outlet, ...], off_s: float | None, text: str
) -> None:
    number = outlet.number if outlet else 3
    parts = (outlet, *others) if outlet else others
    timing = Timing(reboot_off_s=off_s)
    assert sentence("rack1-a", number, action, reading(*parts), timing=timing) == text  # type: ignore[arg-type]


OWN = Timing(reboot_off_s=5.0, on_delay_s=0.0, off_delay_s=150.0)


@pytest.mark.parametrize(
    ("action", "timing", "delay_s", "text"),
    [
        ("delayed_off", OWN, None, " in 150 s = 2 min (the device's own delay): drops 104 W"),
        ("delayed_off", OWN, 3600, " in 3600 s = 60 min: drops 104 W"),
        ("delayed_off", OWN, 0, " in 0 s: drops 104 W"),
        ("delayed_off", Timing(), None, " after the device's own delay: drops 104 W"),
        ("delayed_off", Timing(off_delay_s=-1), None,
         ": the device's own delay is set to never, so nothing should happen"),
        ("delayed_off", Timing(off_delay_s=-1), 30, " in 30 s: drops 104 W"),
        ("delayed_on", OWN, None, " at once (the device's own delay is 0 s)"),
        ("delayed_reboot", OWN, None,
         " in 150 s = 2 min (the device's own delay): drops 104 W, back 5 s later at the earliest"),
        ("delayed_reboot", Timing(off_delay_s=7.0, reboot_delay_s=9.0), None,
         " in 9 s (the device's own delay): drops 104 W, back after the device's own delay"),
    ],
)  # fmt: skip
def test_sentences_of_delayed_commands(
    action: OutletAction, timing: Timing, delay_s: int | None, text: str
) -> None:
    head = {"delayed_on": "Turn ON", "delayed_off": "Turn OFF"}.get(action, "Reboot")
    said = sentence("rack1-a", 3, action, reading(DB), timing=timing, delay_s=delay_s)
    assert said == f"{head} outlet 3 db01 on rack1-a{text}"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("db01", "outlet 3 db01"),
        ("", "outlet 3"),
        ("  ", "outlet 3"),
        ("Outlet 3", "outlet 3"),
        ("OUTLET_03", "outlet 3"),
        ("3", "outlet 3"),
        ("Outlet 4", "outlet 3 Outlet 4"),
    ],
)
def test_labels(name: str, label: str) -> None:
    assert outlet_label(3, name) == label
    assert outlet_name(3, name) == (name.strip() or "outlet 3")


def test_figures() -> None:
    assert [watts(v) for v in (104.4, 9.96, 0.8, 0.0)] == ["104 W", "10.0 W", "0.8 W", "0 W"]
    assert [seconds(v) for v in (0.4, 5.2, 119, 180, 7300)] == [
        "0.4 s", "5 s", "119 s", "3 min", "2 h",
    ]  # fmt: skip
    assert number_ranges([7, 1, 2, 3, 9, 10]) == "1-3, 7, 9-10"
    assert number_ranges([]) == "none"
