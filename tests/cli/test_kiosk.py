"""`--kiosk`: what it makes of a configuration, and that the gate refuses whatever a screen asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.backends.mock.backend import MockBackend
from pdutui.backends.mock.build import mock_pdu
from pdutui.cli.exits import CliError
from pdutui.cli.kiosk import Kiosk
from pdutui.domain.commands import Actor
from pdutui.engine.engine import Engine
from pdutui.settings import ControlSettings, LockSettings, PduSettings, Settings
from tests.support.clock import ManualClock


def settings(tmp_path: Path) -> Settings:
    return Settings(
        state_dir=tmp_path,
        control=ControlSettings(lock=LockSettings(at_start=True)),
        pdus=(PduSettings(name="rack1-a", backend="mock"),),
    )


async def test_the_gate_refuses_even_what_a_screen_asks(tmp_path: Path) -> None:
    made = Kiosk(on=True).on_top_of(settings(tmp_path))
    assert not made.ui.mouse
    assert not made.control.lock.at_start, "there is nothing to be locked"
    clock = ManualClock()
    model = mock_pdu("pdu44001", start_s=clock.monotonic(), incidents=False)
    backends = {"rack1-a": MockBackend("rack1-a", model, clock=clock)}
    engine = Engine(made, backends, clock=clock, store=None)
    await engine.start()
    await clock.run(3)
    gate, actor = engine.gate, Actor(user="ada", origin="console")
    assert engine.view("rack1-a").health == "live"
    assert not gate.check("rack1-a", 1, "off").allowed
    result = await gate.switch(gate.new_intent("rack1-a", 1, "off", actor), confirmed=True)
    assert result.outcome == "refused"
    assert "read-only" in result.detail
    await engine.stop()


def test_pages_of_pdus_that_are_not_there_are_refused_at_the_start(tmp_path: Path) -> None:
    made = settings(tmp_path)
    Kiosk(on=True, pages=("fleet", "pdu:rack1-*")).check(made)
    with pytest.raises(CliError, match=r"--pages: 'pdu:rack1-b' fits no PDU.*rack1-a"):
        Kiosk(on=True, pages=("pdu:rack1-b",)).check(made)


def test_what_is_not_asked_for_is_left(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert Kiosk().on_top_of(made) is made
    assert Kiosk(on=True).on_top_of(made).kiosk.pages == made.kiosk.pages
