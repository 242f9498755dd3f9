"""What the fleet screen knows: rows, their order, totals, and which PDU the cursor is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from pdutui.domain.clock import Clock
from pdutui.domain.fleet import FleetRow
from pdutui.domain.fleet_groups import Behind, Grouping, Totals, behind_of, totals_of
from pdutui.domain.fleet_sort import Limits, Order
from pdutui.engine.events import EngineEvent
from pdutui.screens.fleet_order import Arrangement
from pdutui.screens.fleet_source import LiveRows, RowsSource
from pdutui.screens.port import EnginePort
from pdutui.settings import Settings
from pdutui.widgets.fleet_pane import View
from pdutui.widgets.fleet_scene import FleetScene
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.last_seen import LastSeen
from pdutui.widgets.rights import Rights, rights_of
from pdutui.widgets.text import width_of


class FleetMemory(Struct):
    """What a person has chosen on the fleet screen, for the next time it is opened."""

    order: Order = "worst"
    grouping: Grouping = "none"
    text: str = ""
    """The filter."""
    view: View | None = None
    """None: as there is room."""
    chosen: str | None = None
    """The PDU that the cursor was put on; None: the first one, whichever that becomes."""


class FleetDesk:
    """Looks at the rows once a second; keys change what is shown of them.

    Args:
        engine: The PDUs.
        clock: For ages, the time of day, and when rows may be sorted anew.
        settings: The configuration, as it is in force by then.
        memory: What was chosen last time; it is written to.
    """

    def __init__(
        self,
        engine: EnginePort,
        *,
        clock: Clock,
        settings: Callable[[], Settings],
        memory: FleetMemory,
    ) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._in_force: Settings | None = None
        self._behind: Behind = {}
        self.memory = memory
        self.arrangement = Arrangement(clock, order=memory.order, grouping=memory.grouping)
        self.arrangement.filter(memory.text)
        self.live = LiveRows(engine, clock)
        self.source: RowsSource = self.live
        """What gives the rows now."""
        self.now = clock.now()
        """When it looked last: ages and times on the screen are of one moment."""
        self.rows: dict[str, FleetRow] = {}
        """All of them, by name, in configured order."""
        self.names: list[str] = []
        """Those that are shown, from top to bottom."""
        self.all = Totals()
        """Of the whole fleet."""
        self._totals: dict[tuple[str, int], Totals] = {}
        self._cells = (0, 0, 0)
        self.rights = Rights()
        """What whoever sits here may not do."""
        self._has_ats = self._has_alarms = False
        self._seen = LastSeen[str](clock)
        """The PDU that the cursor was on."""

    @property
    def chosen(self) -> str | None:
        """The PDU that the cursor was put on; None: the first one, whichever that becomes."""
        return self.memory.chosen

    def hear(self, event: EngineEvent) -> None:
        """Something happened."""
        self.source.hear(event)

    def wear(self, source: RowsSource) -> None:
        """Have the rows of something else."""
        self.source = source
        self.arrangement.anew()
        self.look(asked=True)

    def look(self, *, asked: bool = False) -> list[str]:
        """Take the rows as they are now, and sort them if it is time to.

        Args:
            asked: Somebody wants them otherwise, and knows that they change.

        Returns:
            The names that were shown before.
        """
        cursor = self.cursor
        self._configure()
        self.source.refresh()
        self.now = self._clock.now()
        rows, before = self.source.rows(), self.names
        self.arrangement.look(rows)
        self.rows = {row.pdu: row for row in rows}
        self.names = [name for name in self.arrangement.names if name in self.rows]
        self.all = totals_of(rows, self._behind)
        self._totals = {
            (section.title, section.level): self._totals_of(section.members)
            for section in self.arrangement.sections
            if section.title
        }
        self._cells = (
            _widest([row.pdu for row in rows]),
            _widest([row.location for row in rows]),
            _widest([row.feed for row in rows]),
        )
        self._has_ats = any(row.has_ats for row in rows)
        self._has_alarms = bool(self.all.critical or self.all.warning or self.all.quiet)
        infos = (self._engine.view(pdu).info for pdu in self._engine.pdus)
        self.rights = rights_of(self._engine.gate.locked, infos)
        if asked:
            self._seen.chosen()
        elif cursor is not None and cursor != self.cursor:
            self._seen.changed(cursor)
        return before

    def _configure(self) -> None:
        """Take over what the configuration says, where it was read again."""
        settings = self._settings()
        if settings is not self._in_force:
            self._in_force = settings
            alarms = settings.alarms
            self.arrangement.limits = Limits(
                warning=alarms.warning_percent, critical=alarms.critical_percent
            )
            self._behind = behind_of(settings.cords, self._engine.pdus)
            self.arrangement.anew()

    def keep(self) -> None:
        """Remember what is shown for the next time."""
        shown, memory = self.arrangement, self.memory
        memory.order, memory.grouping, memory.text = shown.order, shown.grouping, shown.text

    def _totals_of(self, names: Sequence[str]) -> Totals:
        return totals_of([self.rows[n] for n in names if n in self.rows], self._behind)

    @property
    def cursor(self) -> str | None:
        """The PDU under the cursor; None where none is shown."""
        if self.chosen in self.rows and self.chosen in self.names:
            return self.chosen
        return self.names[0] if self.names else None

    @property
    def meant(self) -> str | None:
        """The PDU that a key of this moment is for: the one that was seen under the cursor."""
        cursor = self.cursor
        meant = self._seen.meant(cursor) if cursor is not None else None
        return meant if meant in self.rows else cursor

    def choose(self, pdu: str | None) -> None:
        """Put the cursor on a PDU; None: on the first one, whichever that becomes."""
        self._seen.chosen()
        self.memory.chosen = pdu
        self.arrangement.touched()

    def beside(self, by: int) -> str | None:
        """The PDU so many further down, stopping at the ends; None where none is shown."""
        cursor = self.cursor
        if cursor is None:
            return None
        return self.names[max(0, min(len(self.names) - 1, self.names.index(cursor) + by))]

    def scene(self, inks: Inks, glyphs: GlyphSet) -> FleetScene:
        """What the list looks at."""
        shown, (names, places, feeds) = self.arrangement, self._cells
        return FleetScene(
            rows=self.rows,
            sections=shown.sections,
            totals=self._totals,
            now=self.now.astimezone(),
            inks=inks,
            glyphs=glyphs,
            trend=self.source.trend,
            cursor=self.cursor,
            order=shown.order,
            grouping=shown.grouping,
            limits=shown.limits,
            has_ats=self._has_ats,
            has_alarms=self._has_alarms,
            names=names,
            places=0 if shown.grouping == "rack" else places,
            feeds=0 if shown.grouping == "feed" else feeds,
        )


def _widest(texts: Sequence[str]) -> int:
    return max((width_of(text) for text in texts), default=0)
