"""The alarms screen: what is wrong, what became of every alarm, and what is done about one."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial

from msgspec import structs
from textual import on
from textual.app import ComposeResult
from textual.command import Provider

from pdutui.domain.alarm import Alarm, AlarmEntry
from pdutui.domain.clock import Clock
from pdutui.engine.events import AlarmChanged, EngineEvent, ReadingArrived
from pdutui.keys.alarms import KEYS
from pdutui.screens.alarm_desk import AlarmDesk
from pdutui.screens.alarms_actions import AlarmActions
from pdutui.screens.alarms_detail import SPAN_S, detail
from pdutui.screens.alarms_keys import Offered, help_rows, hints, why_not
from pdutui.screens.alarms_past import AlarmPast
from pdutui.screens.alarms_state import Only, Wanted, fits, outlet_of
from pdutui.screens.alarms_view import AlarmsScene, alarm_rows, places, said_line, top_line
from pdutui.screens.dialog import Row, forget_drawn
from pdutui.screens.held_cursor import HeldCursor
from pdutui.screens.keyed import bindings
from pdutui.screens.pdu_finder import PduFinder
from pdutui.screens.pick_list import PickList
from pdutui.screens.port import EnginePort
from pdutui.screens.together import Together
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.rights import rights_of
from pdutui.widgets.sheet import Sheet

LOOK_S = 5.0
"""How often it is looked what other programs have written into the history."""


class AlarmsScreen(PduFinder, AlarmActions):
    """Dismissed when the person goes back.

    Args:
        engine: Has the alarms.
        desk: Acknowledges and silences.
        pdu: The PDU that `P` shows alone, where no alarm is chosen.
        clock: For the time of day and for how long a notice stands.
        zone: Of all times.
        glyphs: What is drawn with.
        inks: The colours.
    """

    AUTO_FOCUS = ""
    DOOR = "alarms"
    TABLE = KEYS
    BINDINGS = bindings(KEYS)

    def __init__(
        self,
        engine: EnginePort,
        desk: AlarmDesk,
        pdu: str,
        *,
        clock: Clock,
        zone: tzinfo,
        glyphs: GlyphSet,
        inks: Inks,
    ) -> None:
        super().__init__(clock=clock, glyphs=glyphs, inks=inks)
        self._engine, self._alarm_desk, self._pdu = engine, desk, pdu
        self._clock, self._zone = clock, zone
        self._past = False
        self._at = HeldCursor[str]()
        """Which alarm is chosen, by its id: what a key does is done to what was seen there."""
        self._at_line = HeldCursor[AlarmEntry]()
        """Which line of the history is."""
        self._listed: tuple[tuple[Alarm, ...], Wanted, list[Alarm]] | None = None
        self.past = AlarmPast(engine.alarms, self.update)
        """The history."""
        self._looked_s = clock.monotonic()
        self._together = Together(self, self.update)

    # life

    def _places(self, width: int, height: int) -> dict[str, Rect]:
        return self.with_line(places(width, height), width, height)

    def compose(self) -> ComposeResult:
        """The panels; where they go is the layout's business."""
        yield Sheet(id="bar")
        yield PickList(id="list")
        yield Sheet(id="detail")
        yield Sheet(id="said")
        yield Sheet(id="hints")

    def on_mount(self) -> None:
        """Read the newest of the history, and look again every second."""
        self.set_interval(1.0, self.tick)
        self.past.look()
        self.update()

    async def on_unmount(self) -> None:
        """End what is under way, and let go of what was drawn."""
        await self.past.close()
        forget_drawn(self)

    def news(self, event: EngineEvent) -> None:
        """Something happened. Readings are gone by every second, not one by one."""
        if isinstance(event, AlarmChanged):
            self.past.look()
        if not isinstance(event, ReadingArrived):
            self._together.soon()

    def _passed(self) -> None:
        if self._clock.monotonic() - self._looked_s >= LOOK_S:
            self._looked_s = self._clock.monotonic()
            self.past.look()

    # what is shown

    @property
    def wanted(self) -> Wanted:
        """What is to be shown."""
        return self.past.wanted

    def alarms(self) -> list[Alarm]:
        """Those that stand and are wanted."""
        standing = self._engine.alarms.active()
        if self._listed is None or self._listed[0] is not standing or self._listed[1] != (
            self.wanted
        ):  # fmt: skip
            found = [alarm for alarm in standing if fits(alarm, self.wanted)]
            self._listed = (standing, self.wanted, found)
        return self._listed[2]

    @property
    def place(self) -> int:
        """Which row is chosen: the same alarm, however many have come."""
        if self._past:
            return self._at_line.place(self.past.rows)
        return self._at.place(self._ids())

    def _ids(self) -> list[str]:
        return [alarm.id for alarm in self.alarms()]

    def _hold(self) -> None:
        """Stay with what is drawn. On a wall, where nobody does anything, show the worst."""
        now_s = self._clock.monotonic()
        if self._past:
            self._at_line.hold(self.past.rows, now_s)
        elif not self._alarm_desk.on_wall:
            self._at.hold(self._ids(), now_s)

    @property
    def slipped(self) -> bool:
        """Whether another alarm has just come under the cursor, by itself."""
        self._hold()
        return (self._at_line if self._past else self._at).slipped(self._clock.monotonic())

    def scene(self) -> AlarmsScene:
        """What the panels look at."""
        engine, past = self._engine, self.past
        log = engine.recent_log(1)
        now = self._clock.now().astimezone(self._zone)
        scene = AlarmsScene(
            alarms=self.alarms(),
            standing=self.standing,
            total=len(engine.alarms.active()),
            entries=past.rows,
            past=self._past,
            chosen=self.place,
            now=now,
            inks=self.inks,
            glyphs=self.glyphs,
            keymap=self.keymap,
            wanted=self.wanted,
            loaded=past.loaded or not self._past,
            complete=past.complete,
            trouble=past.trouble,
            problem=engine.alarms.problem,
            silences=engine.alarms.silences(),
            rights=rights_of(engine.gate.locked, [engine.view(name).info for name in engine.pdus]),
            notice=self._notices.notice,
            log=log[-1] if log else None,
        )
        alarm = scene.alarm
        if alarm is None:
            return scene
        return structs.replace(
            scene,
            of_this=past.of(alarm),
            where=self._where(alarm),
            samples=self._samples(alarm),
            second=int(now.timestamp()),
        )

    def _where(self, alarm: Alarm) -> str:
        """Which outlet by name, and where the PDU is."""
        if alarm.pdu not in self._engine.pdus:
            return ""
        view, number = self._engine.view(alarm.pdu), outlet_of(alarm)
        outlet = view.reading.outlet(number) if view.reading and number is not None else None
        said = (outlet.name if outlet is not None else "", view.info.location or "",
                f"feed {view.info.feed}" if view.info.feed else "")  # fmt: skip
        return ", ".join(filter(None, said))

    def _samples(self, alarm: Alarm) -> list[float | None]:
        if not alarm.series or alarm.pdu not in self._engine.pdus or self._past:
            return []
        return list(self._engine.trend(alarm.pdu, alarm.series, SPAN_S))

    def update(self) -> None:
        """Draw everything; lines that are the same send nothing."""
        if not self.is_mounted or self.buried:
            return
        self._hold()
        scene = self.scene()
        self.query_one("#list", PickList).tell(partial(alarm_rows, scene), self.inks)
        self._sheet("bar").paint(lambda width, _: [top_line(scene, width)], self.inks)
        self._sheet("detail").paint(partial(detail, scene), self.inks)
        self._sheet("said").paint(lambda width, _: [said_line(scene, width)], self.inks)
        offered = hints(self._offered(scene), self.keymap) if self.app.screen is self else []
        before = self.before_hints
        self._sheet("hints").paint(
            lambda width, _: [self.bottom_line(self.inks, offered, width, before)], self.inks
        )

    def _offered(self, scene: AlarmsScene) -> Offered:
        alarm = scene.alarm
        return Offered(
            rows=scene.count,
            past=self._past,
            filtered=self.wanted.some,
            typing=self.typing,
            one_pdu=self.wanted.pdu is not None,
            pdus=len(self._engine.pdus),
            loud=alarm is not None and alarm.loud,
            louder=sum(each.loud for each in scene.alarms),
            may=not self._alarm_desk.refusal,
            silences=len(scene.silences),
            on_pdu=alarm is not None and alarm.pdu in self._engine.pdus,
        )

    def why_not(self) -> dict[str, str]:
        """What does not work here and now, and why not."""
        scene, refusal = self.scene(), self._alarm_desk.refusal
        return why_not(self._offered(scene), refusal)

    def help_rows(self) -> list[Row]:
        """The help of this screen."""
        return help_rows(self.glyphs)

    def commands(self) -> type[Provider]:
        """The palette's entries here."""
        from pdutui.screens.alarms_palette import AlarmCommands

        return AlarmCommands

    @property
    def looked_at(self) -> tuple[str, str] | None:
        """The part that the chosen alarm is of."""
        alarm = self.scene().alarm
        return (alarm.pdu, alarm.part) if alarm is not None and alarm.pdu else None

    # moving

    def _choose(self, place: int) -> None:
        if self._past:
            self._at_line.choose(place, self.past.rows)
            self.past.reach(self.place)
        else:
            self._at.choose(place, self._ids())
        self.update()

    def go_on(self, done: list[Alarm]) -> None:
        """Choose the next of the others: those that are done go to the end of the list."""
        gone, ids, place = {alarm.id for alarm in done}, self._ids(), self.place
        others = [one for one in (*ids[place:], *reversed(ids[:place])) if one not in gone]
        if others and not self._past:
            self._at.choose(ids.index(others[0]), ids)

    @on(PickList.Picked)
    def _picked(self, message: PickList.Picked) -> None:
        self._choose(message.place)

    @on(PickList.Wheeled)
    def _wheeled(self, message: PickList.Wheeled) -> None:
        self._choose(self.place + message.by)

    def action_move(self, by: int) -> None:
        """Another row."""
        self._choose(self.place + by)

    def action_page(self, way: int) -> None:
        """A page on."""
        self._choose(self.place + way * max(1, self.query_one("#list").size.height - 2))

    def action_turn(self) -> None:
        """What stands, or the history."""
        self._past = not self._past
        self._begin()

    def _begin(self) -> None:
        self._at.begin()
        self._at_line.begin()
        self.update()

    # what is shown

    def want(self, wanted: Wanted) -> None:
        """Show others."""
        self.past.want(wanted)
        self._begin()

    def filter_text(self) -> str:
        """What is looked for now."""
        return self.wanted.text

    def filter_by(self, text: str) -> None:
        """Look for something else."""
        self.want(structs.replace(self.wanted, text=text))

    def action_level(self, level: Only) -> None:
        """Of which levels."""
        self.want(structs.replace(self.wanted, only=level))

    def action_pdu(self) -> None:
        """One PDU alone, or all."""
        alarm = self.scene().alarm
        one = (alarm.pdu if alarm is not None else "") or self._pdu
        self.only(None if self.wanted.pdu is not None else one or None)

    @property
    def one_pdu(self) -> str | None:
        """The PDU that is shown alone."""
        return self.wanted.pdu

    def only(self, pdu: str | None) -> None:
        """Show the alarms of one PDU, or of all."""
        self.want(structs.replace(self.wanted, pdu=pdu))

    def action_back(self) -> None:
        """Drop the filters; without any back to the PDU."""
        if self.typing or self.wanted.some:
            self.close_line()
            self.want(Wanted())
        else:
            self.dismiss(None)
