"""Every figure of a reading has a series, and the unknown is stored as nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pdutui.domain.reading import Ats, Outlet, Phase, Reading, Source
from pdutui.domain.series import parse_series, series_values

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_values_are_scaled_and_words_are_coded() -> None:
    values = series_values(
        Reading(
            pdu="x",
            time=NOW,
            phases=(Phase(number=2, name="L2", current_a=7.1, state="critical"),),
            outlets=(Outlet(number=3, name="db01", state="off", current_a=0.633, power_w=143),),
            ats=Ats(active="B", sources=(Source(id="A", name="A", voltage_v=120.94),)),
        )
    )
    by_key = {series.key: value for series, value in values.items()}
    assert by_key["outlet.3.state"] == 0
    assert by_key["outlet.3.current_a"] == 633
    assert by_key["outlet.3.power_w"] == 1430
    assert by_key["outlet.3.energy_kwh"] is None
    assert by_key["ats.0.active"] == 2
    assert (by_key["phase.2.current_a"], by_key["phase.2.state"]) == (7100, 3)
    assert by_key["phase.2.voltage_v"] is None
    assert by_key["source.A.voltage_v"] == 12094
    assert by_key["source.A.state"] is None, "unknown is stored as nothing"


@pytest.mark.parametrize(
    "key", ["outlet.3.power_w", "phase.2001.current_a", "source.A.voltage_v", "ats.0.active"]
)
def test_a_key_names_its_series(key: str) -> None:
    assert parse_series(key).key == key


@pytest.mark.parametrize("key", ["outlet.3", "outlet.3.humidity", "fuse.1.current_a", ""])
def test_a_key_that_is_none_says_what_one_looks_like(key: str) -> None:
    with pytest.raises(ValueError, match=r"outlet\.3\.power_w"):
        parse_series(key)
