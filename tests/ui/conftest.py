"""What makes a picture of the screen the same everywhere: time zone, colours, glyphs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pdutui.app import PduApp
from pdutui.domain.commands import Actor
from pdutui.settings import ControlSettings, KioskSettings, PduSettings, Settings, UiSettings
from tests.support.clock import ManualClock
from tests.support.fake_engine import FakeEngine
from tests.support.scenes import demo_engine

ACTOR = Actor(user="ada", origin="console")
MakeApp = Callable[..., PduApp]


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM", "COLORTERM", "TEXTUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(clock: ManualClock) -> FakeEngine:
    return demo_engine(clock)


@pytest.fixture
def make_app(clock: ManualClock, engine: FakeEngine, tmp_path: Path) -> MakeApp:
    """An app over the demo's stand-in engine; `ui` settings and environment by keyword."""

    def make(
        *,
        env: dict[str, str] | None = None,
        control: ControlSettings | None = None,
        kiosk: KioskSettings | None = None,
        **ui: object,
    ) -> PduApp:
        chosen = {"color": "truecolor", "glyphs": "unicode", **ui}
        settings = Settings(
            state_dir=tmp_path,
            control=control or ControlSettings(),
            kiosk=kiosk or KioskSettings(),
            ui=UiSettings(**chosen),  # type: ignore[arg-type]
            pdus=tuple(PduSettings(name=name, host="192.0.2.1") for name in engine.pdus),
        )
        return PduApp(engine, settings, clock=clock, actor=ACTOR, env=env or {})

    return make
