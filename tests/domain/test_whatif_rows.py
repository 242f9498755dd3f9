"""The rows of a fleet in a what-if."""

from __future__ import annotations

from pdutui.domain.fleet import FleetRow
from pdutui.domain.whatif import PartAfter, PduAfter
from pdutui.domain.whatif_rows import row_after
from pdutui.domain.whatif_text import takes_words

ROW = FleetRow(
    pdu="b", health="live", power_w=900.0, current_a=4.0, rating_a=16.0, percent=25.0, outlets_on=9,
    has_ats=True, active="A", redundancy="full",
)  # fmt: skip


def part(most: float | None, kind: str = "inlet") -> PartAfter:
    return PartAfter(
        kind=kind, number=1, name="I1", short="I1", rating_a=16.0, before_a=4.0, least_a=4.0,  # type: ignore[arg-type]
        most_a=most, level="clear" if most is not None else "unknown",
    )  # fmt: skip


def test_what_does_not_change_stays_the_same_row() -> None:
    assert row_after(ROW, None) is ROW
    assert row_after(ROW, PduAfter(pdu="b")) is ROW


def test_what_has_no_power_shows_none_and_no_outlets() -> None:
    row = row_after(ROW, PduAfter(pdu="b", fate="dark", why="source B is lost as well"))
    assert (row.dark, row.estimated, row.power_w, row.percent, row.outlets_on) == (
        True, True, 0.0, 0.0, 0,
    )  # fmt: skip
    assert row.detail == "source B is lost as well"


def test_a_bound_is_no_figure() -> None:
    after = PduAfter(pdu="b", fate="takes", least_w=900.0, most_w=1500.0, parts=(part(9.0),))
    row = row_after(ROW, after)
    assert (row.estimated, row.power_w, row.current_a, row.percent) == (True, None, None, None)
    assert (row.unsure, row.detail) == (True, takes_words(after)), "what is known of it is said"
    boundless = PduAfter(pdu="b", fate="takes", parts=(part(None),))
    assert "how much is not known" in takes_words(boundless)
    assert row_after(ROW, boundless).detail == "takes over more", "short enough for a row"
    for fate in ("unknown", "unsure"):
        blind = row_after(ROW, PduAfter(pdu="b", fate=fate, why="who knows"))  # type: ignore[arg-type]
        assert (blind.power_w, blind.percent, blind.worst, blind.dark) == (None, None, None, False)
        assert (blind.unsure, blind.active, blind.detail) == (True, None, "who knows")


def test_a_figure_is_one() -> None:
    after = PduAfter(pdu="b", fate="takes", least_w=920.0, most_w=920.0, parts=(part(4.0),))
    row = row_after(ROW, after)
    assert (row.power_w, row.current_a, row.percent) == (920.0, 4.0, 25.0)
    assert row.worst is not None
    assert (row.worst.name, row.worst.state) == ("I1", "normal")


def test_a_switch_that_lost_a_source_runs_on_the_other() -> None:
    row = row_after(ROW, PduAfter(pdu="b", fate="same", source="A", why="source B takes over"))
    assert (row.active, row.redundancy, row.estimated) == ("B", "lost", True)
    assert row.power_w == ROW.power_w
