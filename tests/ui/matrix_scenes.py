"""The screens of the matrix: how an app is made for each, and how one gets to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from pdutui.app import PduApp
from pdutui.domain.clock import SystemClock
from pdutui.screens.first_steps import FirstSteps
from pdutui.screens.history import HistoryScreen
from pdutui.screens.history_panels import HistoryChart
from pdutui.screens.replay import ReplayScreen
from pdutui.screens.welcome_app import WelcomeApp
from pdutui.settings import KioskSettings, PduSettings, Settings, UiSettings
from tests.support.clock import ManualClock
from tests.support.history import with_history
from tests.support.impacts import DANGER
from tests.support.past import ats_past
from tests.support.plans import all_kinds
from tests.support.room import CORDS, Room, lose_b, raise_alarms, room_engine
from tests.ui.conftest import ACTOR
from tests.ui.replay_apps import replay_app
from tests.ui.test_audit_screen import trail_of


@dataclass(frozen=True)
class Dress:
    """How a terminal is: what the configuration says of it, and the environment."""

    name: str
    ui: dict[str, object]
    env: dict[str, str] = field(default_factory=dict)


DRESSES = (
    Dress("truecolour", {"color": "truecolor", "glyphs": "unicode"}),
    Dress("sixteen", {"color": "16", "glyphs": "auto"}, {"TERM": "linux"}),
    Dress("no-color", {"color": "auto", "glyphs": "unicode"}, {"NO_COLOR": "1"}),
    Dress("ascii", {"color": "truecolor", "glyphs": "ascii", "theme": "noc-light"}),
)
"""The last one wears the light theme, so that this is looked at as well."""
SIZES = ((80, 24), (120, 36), (200, 60))


class Set:
    """What one app is made of."""

    def __init__(self, folder: Path, dress: Dress, audit: Path) -> None:
        self.folder, self.dress, self.audit = folder, dress, audit
        self.clock = ManualClock()
        self.room: Room = room_engine(self.clock)

    def settings(self, **more: object) -> Settings:
        return Settings(
            state_dir=self.folder,
            ui=UiSettings(**self.dress.ui),  # type: ignore[arg-type]
            cords=CORDS,
            pdus=tuple(PduSettings(name=n, host="192.0.2.1") for n in self.room.engine.pdus),
            **more,  # type: ignore[arg-type]
        )

    def console(self, **more: object) -> PduApp:
        return PduApp(self.room.engine, self.settings(**more), clock=self.clock, actor=ACTOR,
                      env=self.dress.env)  # fmt: skip


Make = Callable[[Set], App[object]]
Go = Callable[[Pilot[object]], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """A screen: what makes its app, the keys that lead to it, and when it is whole."""

    name: str
    make: Make
    keys: tuple[str, ...] = ()
    whole: Callable[[App[object]], bool] = lambda app: True


def _quiet(stage: Set) -> PduApp:
    raise_alarms(stage.room)
    return stage.console()


def _loud(stage: Set) -> PduApp:
    raise_alarms(stage.room, loud_critical=True)
    lose_b(stage.room.engine)
    return stage.console()


def _history(stage: Set) -> PduApp:
    with_history(stage.room.engine, stage.clock)
    return _quiet(stage)


def _audit(stage: Set) -> PduApp:
    stage.room.engine.trail = trail_of(stage.audit)
    return _quiet(stage)


def _plans(stage: Set) -> PduApp:
    all_kinds(stage.room.engine)
    return _quiet(stage)


def _confirm(stage: Set) -> PduApp:
    why = "db01 LOSES ITS LAST FEED: type its name"
    stage.room.engine.gate.said = {"impact": DANGER, "needs_name": True, "reason": why}
    return _quiet(stage)


def _wall(*pages: str) -> Make:
    def make(stage: Set) -> PduApp:
        raise_alarms(stage.room)
        return stage.console(kiosk=KioskSettings(on=True, pages=pages))

    return make


def _replay(stage: Set) -> PduApp:
    return replay_app(ats_past(), 720, stage.clock, stage.folder, env=stage.dress.env,
                      **stage.dress.ui)  # fmt: skip


def _welcome(stage: Set) -> WelcomeApp:
    return WelcomeApp(
        FirstSteps(
            Settings(state_dir=stage.folder, ui=UiSettings(**stage.dress.ui)),  # type: ignore[arg-type]
            file=stage.folder / "pdutui" / "config.toml",
            clock=SystemClock(),
            template=str,
            env=stage.dress.env,
        )
    )


def _charted(app: App[object]) -> bool:
    screen = app.screen
    if not isinstance(screen, HistoryScreen) or screen.desk.picture is None:
        return False
    chart = screen.query_one(HistoryChart)
    asked = screen.desk.picture.question == screen.desk.state.question
    return asked and chart.drawn_model == screen.model and not chart.busy


def _loaded(app: App[object]) -> bool:
    desk = getattr(app.screen, "desk", None)
    return bool(getattr(desk, "loaded", True)) and not getattr(desk, "busy", False)


def _replayed(app: App[object]) -> bool:
    return isinstance(app.screen, ReplayScreen) and app.screen._view.reading is not None


def _walled(app: App[object]) -> bool:
    return isinstance(app, PduApp) and app.wall is not None and bool(app.screen.query("#wall-foot"))


SCENES = (
    Scene("pdu", _quiet),
    Scene("pdu-with-alarm-banner", _loud),
    Scene("fleet-list", _quiet, ("0", "t", "t")),
    Scene("fleet-cards", _quiet, ("0", "t")),
    Scene("fleet-what-if", _quiet, ("0", "w", "1")),
    Scene("pairs", _quiet, ("0", "P")),
    Scene("alarms", _loud, ("A",)),
    Scene("events", _history, ("e",), _loaded),
    Scene("history", _history, ("tab", "j", "j", "g"), _charted),
    Scene("replay", _replay, (), _replayed),
    Scene("audit", _audit, ("u",), _loaded),
    Scene("plans", _plans, ("p",)),
    Scene("wall-fleet", _wall("fleet", "pdus"), (), _walled),
    Scene("wall-pdu", _wall("pdu:ats-1"), (), _walled),
    Scene("help", _quiet, ("question_mark",)),
    Scene("confirm", _confirm, ("j", "j", "f")),
    Scene("welcome", _welcome),
)
