from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.domain.reading import Ats, Bank, Inlet, Outlet, Phase, Reading, Sensor, Source
from pdutui.domain.series import series_values
from pdutui.store.layout import MISSING, Layouts

from .helpers import reading

figure = st.none() | st.floats(-1e6, 1e6)


def part(kind: type[msgspec.Struct], states: tuple[str, ...]) -> st.SearchStrategy[msgspec.Struct]:
    """A part with any of its figures missing, and any of its words."""
    figures = {
        f: figure
        for f in kind.__struct_fields__
        if f.endswith(("_v", "_a", "_w", "_va", "_hz", "_kwh")) or f in ("power_factor", "value")
    }
    return st.fixed_dictionaries({**figures, "state": st.sampled_from(states)}).map(
        lambda fields: kind(
            **fields,
            name="",
            **{"number": 0} if "number" in kind.__struct_fields__ else {},
            **{"kind": "temperature"} if kind is Sensor else {},
            **{"id": "A"} if kind is Source else {},
        )
    )


def numbered(parts: list[msgspec.Struct]) -> tuple[msgspec.Struct, ...]:
    return tuple(msgspec.structs.replace(p, number=n) for n, p in enumerate(parts, 1))


load = ("normal", "warning", "tripped", "unknown")
readings = st.builds(
    lambda inlets, phases, banks, outlets, sensors, ats: Reading(
        pdu="p",
        time=datetime(2026, 1, 1, tzinfo=UTC),
        inlets=numbered(inlets),  # type: ignore[arg-type]
        phases=numbered(phases),  # type: ignore[arg-type]
        banks=numbered(banks),  # type: ignore[arg-type]
        outlets=numbered(outlets),  # type: ignore[arg-type]
        sensors=tuple(sensors),
        ats=ats,
    ),
    st.lists(part(Inlet, load), max_size=2),
    st.lists(part(Phase, load), max_size=3),
    st.lists(part(Bank, load), max_size=3),
    st.lists(part(Outlet, ("on", "off", "unknown")), max_size=4),
    st.lists(part(Sensor, ("normal", "open", "unknown")), max_size=2),
    st.none()
    | st.builds(
        Ats,
        active=st.sampled_from(["A", "B", "none", None]),
        redundancy=st.sampled_from(["full", "lost", None]),
        sources=st.lists(part(Source, ("normal", "lost", "unknown")), max_size=1).map(tuple),
    ),
)


def as_dict(one: Reading) -> dict[str, int | None]:
    layout = Layouts().of(one)
    values = layout.encode(one)
    return {k: None if values[i] == MISSING else values[i] for k, i in layout.index.items()}


@given(readings)
def test_row_is_what_the_domain_says(one: Reading) -> None:
    assert as_dict(one) == {s.key: v for s, v in series_values(one).items()}


def test_full_reading() -> None:
    one = reading(3)
    assert as_dict(one) == {s.key: v for s, v in series_values(one).items()}
    assert as_dict(one)["outlet.3.power_w"] == 1105
    assert as_dict(one)["source.B.voltage_v"] is None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e30])
def test_a_figure_that_is_none_is_missing_and_hurts_no_other(bad: float) -> None:
    outlets = (
        Outlet(number=1, name="a", state="on", power_w=bad),
        Outlet(number=2, name="b", state="on", power_w=7.5),
    )
    values = as_dict(msgspec.structs.replace(reading(), outlets=outlets))
    assert values["outlet.1.power_w"] is None
    assert values["outlet.2.power_w"] == 75
    assert values["outlet.1.state"] == 1


def test_same_shape_same_layout() -> None:
    layouts = Layouts()
    assert layouts.of(reading(1)) is layouts.of(reading(2, pdu="other"))
    assert layouts.of(reading(1)) is not layouts.of(reading(1, outlets=11))
    assert layouts.of(reading(1)) is not layouts.of(reading(1, ats=False))


def test_a_device_that_always_changes_shape_does_not_fill_the_memory() -> None:
    layouts = Layouts()
    for number in range(1000):
        layouts.of(msgspec.structs.replace(reading(), outlets=(Outlet(number=number, name=""),)))
    assert len(layouts._by_shape) <= 256
