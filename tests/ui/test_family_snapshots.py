"""Pictures of the device families; see `test_snapshots` for how they are made anew."""

from __future__ import annotations

import sys

import pytest

from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.families import families_engine
from tests.ui.conftest import MakeApp
from tests.ui.test_snapshots import Compare, ready

NEXT = "right_square_bracket"
CHAIN, SWITCH, GENERIC, UNKNOWN = ([NEXT] * n for n in (1, 2, 3, 4))
Size = tuple[int, int]
SMALL, USUAL = (80, 24), (120, 36)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the driver and the pictures are for POSIX terminals"
)


@pytest.fixture
def engine(clock: ManualClock) -> FakeEngine:
    return families_engine(clock)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids="{0[0]}x{0[1]}".format)
def test_three_phases(snap_compare: Compare, make_app: MakeApp, size: Size) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=ready())


def test_chain(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=USUAL, run_before=ready(*CHAIN))


@pytest.mark.parametrize("size", [SMALL, USUAL], ids="{0[0]}x{0[1]}".format)
def test_transfer_switch(snap_compare: Compare, make_app: MakeApp, size: Size) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=ready(*SWITCH))


def test_generic(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=ready(*GENERIC))


def test_unsupported(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=ready(*UNKNOWN))


def test_menu(snap_compare: Compare, make_app: MakeApp) -> None:
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=ready("c", "down"))


def test_connect(snap_compare: Compare, make_app: MakeApp) -> None:
    keys = ("t", "1", "0", "tab", "right", "right")
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=ready(*keys))


def test_connect_in_ascii_without_colour(snap_compare: Compare, make_app: MakeApp) -> None:
    app = make_app(color="none", glyphs="ascii")
    assert snap_compare(app, terminal_size=SMALL, run_before=ready("t", "tab", "tab", "s", "e"))
