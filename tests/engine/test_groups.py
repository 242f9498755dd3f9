"""Groups and sequences: exactly the outlets that are meant, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.domain.reading import Outlet, Reading
from pdutui.engine.groups import (
    group_of,
    group_wishes,
    resolve,
    sequence_of,
    sequence_pdus,
    sequence_wishes,
)
from pdutui.engine.selector import SelectorError
from pdutui.settings import (
    GroupSettings,
    OutletRef,
    SequenceSettings,
    SequenceStep,
    Settings,
)
from tests.support.clock import START


def reading(pdu: str) -> Reading:
    names = {1: "san", 2: "db01", 3: "db02", 4: "lamp"}
    return Reading(
        pdu=pdu,
        time=START,
        outlets=tuple(Outlet(number=n, name=x, switchable=n != 4) for n, x in names.items()),
    )


READINGS = {"a": reading("a"), "b": reading("b"), "lost": None}


def ref(pdu: str, selector: str) -> OutletRef:
    return OutletRef(pdu=pdu, selector=selector)


STORAGE = GroupSettings(name="storage", members=(ref("b", "db01"), ref("a", "1-2"), ref("a", "1")))
SETTINGS = Settings(
    state_dir=Path("/nowhere"),
    groups=(STORAGE,),
    sequences=(
        SequenceSettings(
            name="storage-up",
            steps=(
                SequenceStep(action="on", members=(ref("a", "san"),), pause_s=30.0, pace="settle"),
                SequenceStep(action="reboot", group="storage"),
            ),
        ),
    ),
)


def test_a_group_is_its_outlets_in_order_each_once() -> None:
    assert resolve(STORAGE.members, READINGS) == (("b", 2), ("a", 1), ("a", 2))
    wishes = group_wishes(STORAGE, "delayed_off", READINGS, delay_s=30)
    assert [(w.pdu, w.outlet, w.action, w.delay_s) for w in wishes] == [
        ("b", 2, "delayed_off", 30), ("a", 1, "delayed_off", 30), ("a", 2, "delayed_off", 30),
    ]  # fmt: skip


def test_all_means_what_can_be_switched() -> None:
    assert resolve((ref("a", "all"),), READINGS) == (("a", 1), ("a", 2), ("a", 3))


def test_of_a_pdu_without_a_reading_only_numbers_are_known() -> None:
    assert resolve((ref("lost", "3,1"), ref("never", "2")), READINGS) == (
        ("lost", 3), ("lost", 1), ("never", 2),
    )  # fmt: skip
    with pytest.raises(SelectorError, match="lost has given no reading: 'db01' cannot be looked"):
        resolve((ref("lost", "db01"),), READINGS)


def test_a_sequence_is_its_steps_with_their_pauses() -> None:
    sequence = sequence_of(SETTINGS, "storage-up")
    assert sequence_pdus(sequence, SETTINGS) == ("a", "b")
    wishes = sequence_wishes(sequence, SETTINGS, READINGS)
    assert [(w.pdu, w.outlet, w.action, w.pause_s, w.pace) for w in wishes] == [
        ("a", 1, "on", 30.0, "settle"),
        ("b", 2, "reboot", None, None),
        ("a", 1, "reboot", None, None),
        ("a", 2, "reboot", None, None),
    ]


def test_unknown_names_are_told_with_the_nearest() -> None:
    with pytest.raises(SelectorError, match="no group is called 'storag'; did you mean 'storage'"):
        group_of(SETTINGS, "storag")
    with pytest.raises(SelectorError, match="no sequence is called 'x'; there are: storage-up"):
        sequence_of(SETTINGS, "x")
    with pytest.raises(SelectorError, match="no group is configured"):
        group_of(Settings(state_dir=Path("/nowhere")), "x")
    with pytest.raises(SelectorError, match="a has no outlet 9"):
        resolve((ref("a", "9"),), READINGS)
