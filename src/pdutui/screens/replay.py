"""The console at a moment of the past: the PDU screen, marked as what it is, and keys for time."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.message import Message

from pdutui.domain.clock import Clock
from pdutui.domain.history import Mark
from pdutui.engine.events import EngineEvent, Logged
from pdutui.engine.replay.opening import ReplayError, kept_moment
from pdutui.engine.replay.player import Player
from pdutui.engine.replay.session import ReplaySession
from pdutui.engine.replay.times import in_words
from pdutui.engine.view import PduInfo
from pdutui.keys.keymap import DEFAULT
from pdutui.keys.replay import KEYS
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.finding import FleetIndex
from pdutui.screens.keyed import bindings
from pdutui.screens.keys import hints_of as console_hints
from pdutui.screens.moment_clock import MomentClock
from pdutui.screens.pdu import PANES, PduScreen
from pdutui.screens.port import EnginePort
from pdutui.screens.replay_goto import GotoScreen, moment_meant
from pdutui.screens.replay_keys import help_rows, hints, refused
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.key_hints import Hint
from pdutui.widgets.layout import Rect
from pdutui.widgets.replay_banner import END, ReplayBanner, places
from pdutui.widgets.scene import Pane, Replay, Scene

MOST_WAITING = 2
"""So many jumps in time may be under way or wait; keys that come faster are passed over."""


class ReplayScreen(PduScreen, inherit_bindings=False):
    """One PDU at a time at one moment; dismissed when the person goes back.

    Nothing that it does leaves it: the messages by which the PDU screen asks for a command are
    never sent.

    Args:
        info: The first PDU, to be shown before anything was read.
        at: The moment to begin with.
        clock: The real clock.
        glyphs: What is drawn with.
        inks: The colours.
        alone: There is no live console under it: leaving is quitting.
    """

    TABLE = KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS), *refused(DEFAULT)]
    BANNER_ROWS = 1
    is_past = True

    class Moved(Message):
        """Another moment is to be shown."""

    def __init__(
        self,
        info: PduInfo,
        *,
        at: datetime,
        clock: Clock,
        glyphs: GlyphSet,
        inks: Inks,
        alone: bool,
    ) -> None:
        self._moment_clock, self._plain = MomentClock(clock, at), glyphs
        super().__init__(
            replace(info, read_only=True),
            clock=self._moment_clock,
            glyphs=in_replay(glyphs),
            inks=inks.replayed(),
        )
        self._real = clock
        self._alone = alone
        self._session: ReplaySession | None = None
        self._told = False
        self._jumps = 0
        self._alarm: Logged | None = None

    # life

    def places(self, width: int, height: int) -> dict[str, Rect]:
        """Where the banner and the panels go."""
        return places(width, height, self._contents)

    def compose(self) -> ComposeResult:
        """The banner, and all that is always there."""
        banner = ReplayBanner(id="banner")
        banner.show(self._scene())
        yield banner
        yield from super().compose()

    def attach(self, engine: EnginePort) -> None:
        """The session is there: from now on its moments are shown."""
        assert isinstance(engine, ReplaySession)
        self._session = self._moment_clock.session = engine
        engine.on_frame = self._hear
        super().attach(engine)

    def _hear(self) -> None:
        if not self._told and self.is_attached:
            self._told = True
            self.post_message(self.Moved())

    def on_replay_screen_moved(self) -> None:
        """Show it."""
        self._told = False
        self.update()

    def on_mount(self) -> None:
        """Begin, unless the app does."""
        super().on_mount()
        if self._session is not None and not self._alone:
            self._spawn(self._session.start(), "replay")

    async def on_unmount(self) -> None:
        """End it; on its own, the app does."""
        if self._session is not None and not self._alone:
            await self._session.stop()
        forget_drawn(self)

    def _spawn(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self.run_worker(work, name=what, description=what)

    # what is shown

    def news(self, event: EngineEvent) -> None:
        """Something happened to the live PDUs: what is critical is told here too.

        On its own, these are the events of the replay, whose moments are shown anyway.
        """
        if not self._alone and isinstance(event, Logged) and event.severity == "critical":
            self._alarm = event
            self.update()

    def dress(self, inks: Inks) -> None:
        """Another theme."""
        super().dress(inks.replayed())

    def help_rows(self) -> list[Row]:
        """Its own help."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """Its own commands, none of which switches anything."""
        from pdutui.screens.replay_palette import ReplayCommands

        return ReplayCommands

    @property
    def pdus(self) -> tuple[str, ...]:
        """Those that can be looked at."""
        return self._session.pdus if self._session is not None else ()

    def _replay(self) -> Replay:
        player, alarm = self._player, self._alarm
        if player is None or self._session is None:
            return Replay(playing=False, speed=1.0)
        told = ""
        if alarm is not None:
            time = alarm.time.astimezone(player.zone)
            told = " ".join(filter(None, [f"{time:%H:%M:%S}", alarm.pdu, alarm.text]))
        return Replay(
            playing=player.playing,
            speed=player.speed,
            ended=player.ended,
            incomplete=self._session.incomplete(self.pdu),
            alarm=told,
        )

    def _scene(self) -> Scene:
        scene = replace(super()._scene(), replay=self._replay())
        return scene if self._player is None else replace(
            scene, now=scene.now.astimezone(self._player.zone)
        )  # fmt: skip

    def _hints(self, scene: Scene) -> list[Hint]:
        if self._covered or scene.replay is None:
            return []
        if self._typed_in is not None:
            return console_hints(scene, self.pane, 1, self._contents, self.many())
        shown = self.shown_panes()
        out = hints(
            scene.replay, self.pane, pdus=scene.place[1], panes=len(shown), alone=self._alone,
            keymap=self.keymap,
        )  # fmt: skip
        back = self.keymap.shown("back")
        return [*out[:-1], Hint(back, "show all", 9)] if self.filter and back else out

    def why_not(self) -> dict[str, str]:
        """Nothing is switched here at all."""
        replay, why = self.scene.replay, dict[str, str]()
        if replay is not None and replay.ended and not replay.playing:
            why["replay.play"] = "what is kept ends here"
        if replay is not None and not replay.alarm:
            why["replay.seen"] = "nothing has happened to the live PDUs"
        if self.scene.place[1] < 2:
            why |= dict.fromkeys(("pdu.previous", "pdu.next"), "there is no other PDU")
        return why

    @property
    def index(self) -> FleetIndex:
        """The names that there were, and not those of the live PDUs."""
        assert self._engine is not None
        return FleetIndex(self._engine, lambda: self.device_map)

    def more_bindings(self) -> list[BindingType]:
        """Keys that say why they do nothing here."""
        return refused(self.keymap)

    def shown_panes(self) -> list[Pane]:
        """The panes that can have the keys, below the banner."""
        shown = places(*self.room, self._contents)
        return [pane for pane in PANES if pane in shown]

    # time

    @property
    def _player(self) -> Player | None:
        return None if self._session is None else self._session.player

    def action_play(self) -> None:
        """Play or pause."""
        player = self._player
        if player is None:
            return
        if player.playing:
            player.pause()
        elif not player.play():
            last = in_words(player.recording.last_ms, player.zone)
            self.notice(f"{END[:1].upper()}{END[1:]}: {last}. Go back with N, comma or :")

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        if self._player is not None:
            self._player.change_speed(by)

    def action_poll(self, by: int) -> None:
        """The next reading, or the one before."""
        if self._player is not None:
            self._jump(self._player.step_poll(self.pdu, by))

    def action_step(self, seconds: int) -> None:
        """On or back by some seconds."""
        if self._player is not None:
            self._jump(self._player.step(seconds))

    def action_event(self, way: int) -> None:
        """The next event, or the one before."""
        if self._player is not None:
            self._jump(self._to_event(self._player, way))

    async def _to_event(self, player: Player, way: int) -> None:
        mark = await (player.next_event() if way > 0 else player.previous_event())
        if mark is not None:
            self._show_event(mark)
        elif not player.problem:
            self.notice("Nothing more happened" if way > 0 else "Nothing happened before")

    def _show_event(self, mark: Mark) -> None:
        """Go to the PDU that it is about; it stands in the event line there."""
        self.go(mark.pdu)

    def action_goto(self) -> None:
        """Ask for a time."""
        player = self._player
        if player is None:
            return
        notes: list[str] = []

        def meant(text: str) -> datetime:
            notes.clear()
            now = self._real.now()
            at = moment_meant(text, player.now, now, player.zone, notes.append)
            try:
                return kept_moment(player.recording, at, player.zone)
            except ReplayError as error:
                raise ValueError(str(error)) from error

        def answered(at: datetime | None) -> None:
            if at is not None:
                self.seek(at)
            if at is not None and notes:
                self.notice("; ".join(notes), "warning")

        kept = player.recording
        ends = (in_words(at, player.zone) for at in (kept.first_ms, kept.last_ms))
        dialog = GotoScreen(meant, " to ".join(ends), self._inks, self.glyphs)
        self.app.push_screen(dialog, answered)

    def seek(self, at: datetime, *, slack_ms: int = 0) -> None:
        """Go to a moment; says why where that cannot be."""
        if self._player is not None:
            self._jump(self._seek(self._player, at, slack_ms))

    async def _seek(self, player: Player, at: datetime, slack_ms: int) -> None:
        try:
            await player.seek(at, slack_ms=slack_ms)
        except ReplayError as error:
            self.notice(str(error), "warning")

    def _jump(self, work: Coroutine[Any, Any, None]) -> None:
        """Move in time in the background, one after the other."""
        if self._jumps >= MOST_WAITING:
            work.close()
            return
        self._jumps += 1

        async def jump() -> None:
            try:
                await work
            finally:
                self._jumps -= 1

        self._spawn(jump(), "going to a moment")

    # the rest of the keys

    def action_chart(self) -> None:
        """The chart of what the cursor is on, up to the moment, which stands still meanwhile."""
        session, player = self._session, self._player
        if session is None or player is None:
            return
        from pdutui.screens.replay_chart import PastHistoryScreen

        player.pause()
        subject = self._cursors.subject(self._view, outlets=self.pane == "outlets")
        chart = PastHistoryScreen(
            session,
            self.pdu,
            subject,
            clock=self._moment_clock,
            zone=player.zone,
            how_to_enable="",
            glyphs=self._plain,
            inks=self._inks,
            replay=self._replay,
        )
        self.app.push_screen(chart, lambda _: self.go(chart.pdu))

    def action_seen(self) -> None:
        """What happened to the live PDUs has been noted."""
        self._alarm = None
        self.update()

    def action_leave(self) -> None:
        """Show all outlets again; then back to the live console, or out where there is none."""
        if self.filter or self._typed_in is not None:
            self.action_clear()
        elif self._alone:
            self.app.exit(0)
        else:
            self.dismiss(None)

    def action_refuse(self) -> None:
        """Say why a key of the console does nothing here."""
        now = self._moment_clock.now().astimezone(self._player.zone if self._player else UTC)
        self.notice(
            f"This is a replay of {now:%Y-%m-%d %H:%M:%S}: nothing can be switched or changed here",
            "warning",
        )

    def action_switch(self, action: str) -> None:
        """Refused."""
        self.action_refuse()

    def action_menu(self) -> None:
        """Refused."""
        self.action_refuse()

    def action_rename(self) -> None:
        """Refused."""
        self.action_refuse()

    def action_acknowledge(self) -> None:
        """Refused."""
        self.action_refuse()

    def action_history(self) -> None:
        """The chart up to the moment."""
        self.action_chart()


def in_replay(glyphs: GlyphSet) -> GlyphSet:
    """Double lines, so that a replay looks another way without any colour too."""
    return replace(glyphs, rule="═" if glyphs.name == "unicode" else "=")
