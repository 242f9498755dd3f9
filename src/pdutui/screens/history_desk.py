"""What the history screen knows: the state asked for, the picture that was found, and the asking.

No Textual in here: it says when there is something new to draw.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial

from pdutui.domain.clock import Clock
from pdutui.domain.health import is_stale
from pdutui.domain.history import Mark, SeriesInfo
from pdutui.domain.reading import Reading
from pdutui.screens.history_asker import Asker, told
from pdutui.screens.history_load import Loader, Picture, due_ms
from pdutui.screens.history_series import Entry, entries, first_of
from pdutui.screens.history_state import HistoryState, Question
from pdutui.screens.history_view import chart_model
from pdutui.screens.port import EnginePort
from pdutui.widgets.chart_model import ChartModel

AGAIN_S = 5.0
"""So long after trouble it is tried once more."""
LATE_S = 0.15
"""A query that takes longer is told of."""
HISTORY_OFF = "history is off"
"""What the engine says of its store then."""


class HistoryDesk:
    """Keeps state and picture together.

    Args:
        engine: Gives the past, the last reading, and how recording is doing.
        pdu: Whose past.
        subject: The beginning of a series that is to be shown first; or nothing.
        clock: For the present.
        zone: Of all times that are shown.
        how_to_enable: Says how history is switched on.
        changed: Called when there is something else to draw.
    """

    def __init__(
        self,
        engine: EnginePort,
        pdu: str,
        subject: str,
        *,
        clock: Clock,
        zone: tzinfo,
        how_to_enable: str,
        changed: Callable[[], None],
    ) -> None:
        self._engine, self._clock, self._zone = engine, clock, zone
        self._how_to_enable, self._changed = how_to_enable, changed
        self._loader = Loader(engine.history, self._why_none, zone)
        self._asker = Asker(self._answered, self._failed)
        self._series: dict[str, list[SeriesInfo]] = {}
        self._subject = subject
        self._asked: Question | None = None
        self._asked_s = 0.0
        self._again_s = 0.0
        self.picture: Picture | None = None
        """What was found last; it may be of an older question."""
        self.trouble = ""
        """Why the past cannot be read, for people; empty when it can."""
        self.state = HistoryState(pdu=pdu)
        """What is asked for."""
        self._begin_with(subject)

    @property
    def now_ms(self) -> int:
        """The present."""
        return round(self._clock.now().timestamp() * 1000)

    @property
    def now(self) -> datetime:
        """The present, in the zone of the screen."""
        return self._clock.now().astimezone(self._zone)

    @property
    def oldest_ms(self) -> int | None:
        """The first reading of the PDU that is asked for, as far as that is known."""
        picture = self.picture
        return picture.oldest_ms if picture and picture.question.pdu == self.state.pdu else None

    @property
    def late(self) -> bool:
        """Whether what is asked for takes its time, and something older is shown."""
        waited = self._clock.monotonic() - self._asked_s >= LATE_S
        shown = self.picture.question if self.picture is not None else None
        return self._asker.busy and shown != self.state.question and waited

    def reading(self, pdu: str) -> Reading | None:
        """The last reading of a PDU."""
        return self._engine.view(pdu).reading

    def entries(self, pdu: str) -> list[Entry]:
        """The lines that there are of a PDU."""
        return entries(self._series.get(pdu, ()), self.reading(pdu))

    # asking

    def begin(self) -> None:
        """Ask for the first picture."""
        self._ask()

    async def close(self) -> None:
        """End what is under way."""
        await self._asker.close()

    def change(self, state: HistoryState) -> None:
        """Another state: its picture is asked for if it needs another one."""
        self.state = state
        if state.question != self._asked:
            self._ask()
        self._changed()

    def turn(self, pdu: str) -> None:
        """Another PDU; the series that exist there stay."""
        if pdu == self.state.pdu or pdu not in self._engine.pdus:
            return
        there = {entry.key for entry in self.entries(pdu)}
        if self.reading(pdu) is None and pdu not in self._series:
            there = set(self.state.slots)  # known when the catalogue has been read
        self._subject = ""
        self.state = self.state.of_pdu(pdu, there)
        if not any(self.state.slots):
            self._begin_with("")
        self.change(self.state)

    def look_at(self, subject: str) -> None:
        """Show what stands for a part of the PDU, in place of what is shown.

        Args:
            subject: The part, as the beginning of a series: `outlet.3`.
        """
        self._subject = subject
        self.state = self.state.of_pdu(self.state.pdu, set())
        self._begin_with(subject)
        self.change(self.state)

    def tick(self) -> None:
        """A second passed: the newest steps of a live picture, another try after trouble."""
        picture, now = self.picture, self.now_ms
        if self._asker.busy:
            return
        if self.trouble:
            if self._clock.monotonic() >= self._again_s:
                self._ask()
        elif (
            picture is not None
            and picture.question == self.state.question
            and picture.question.end_ms is None
            and not 0 <= now - picture.asked_ms < due_ms(picture.window.step_ms)
        ):
            self._asker.ask(partial(self._loader.extend, picture, now))

    async def find_mark(self, way: int) -> Mark | str:
        """The next mark after the cursor, or the one before; or why there is none."""
        pdu, now = self.state.pdu, self.now_ms
        seen = self.state.seen_cursor(now)
        begin, end = self.state.window(now)
        at = seen if seen is not None else begin - 1 if way > 0 else end
        found = await told("the search for a mark", self._loader.mark(pdu, at, way))
        return found or ("There is no later mark" if way > 0 else "There is no mark before")

    def _begin_with(self, subject: str) -> None:
        """Show what stands for a subject, where that can be told already."""
        pdu = self.state.pdu
        there = [info.key for info in self._series.get(pdu, [])]
        first = first_of(subject, self.reading(pdu), there)
        if first is not None and first not in self.state.slots:
            self.state, _ = self.state.toggle(first)

    def _ask(self) -> None:
        question, picture = self.state.question, self.picture
        self._asked, self._asked_s = question, self._clock.monotonic()
        if picture is not None and picture.question == question:
            # Back at what is shown: what was on its way is not wanted any more.
            self._asker.ask(partial(self._loader.extend, picture, self.now_ms))
        else:
            self._asker.ask(partial(self._load, question))

    async def _load(self, question: Question) -> Picture:
        pdu = question.pdu
        if pdu not in self._series:
            self._series[pdu] = await self._loader.series(pdu)
            if self.state.question == question:
                self._learned(pdu)
                question = self._asked = self.state.question
        return await self._loader.load(question, self.now_ms)

    def _learned(self, pdu: str) -> None:
        """It is known now what lines there are: what does not exist goes, and one is shown."""
        self.state = self.state.of_pdu(pdu, {entry.key for entry in self.entries(pdu)})
        for subject in (self._subject, ""):
            if not any(self.state.slots):
                self._begin_with(subject)

    def _answered(self, picture: Picture) -> None:
        if picture.question == self.state.question:
            self.picture, self.trouble = picture, ""
            self._changed()

    def _failed(self, why: str) -> None:
        self.trouble = why
        self._again_s = self._clock.monotonic() + AGAIN_S
        self._changed()

    def _why_none(self) -> str:
        """Why there is no past to be asked."""
        detail = self._engine.store_status.detail
        if detail == HISTORY_OFF:
            return f"History is off. {self._how_to_enable}"
        return f"The history cannot be read: {detail}" if detail else "No history is kept here"

    # what is to be shown

    def model(self, *, notes: bool) -> ChartModel | None:
        """The chart; None while there is nothing to show in one.

        Args:
            notes: Whether marks are told below it.
        """
        picture = self.picture
        if picture is None or not picture.question.keys or picture.newest_ms is None:
            return None
        pdu = picture.question.pdu
        return chart_model(
            self.state, picture, self.entries(pdu), self.reading(pdu), self._zone, self.now_ms,
            notes=notes, stale=bool(self.trouble) or is_stale(self._engine.view(pdu).health),
        )  # fmt: skip

    def instead(self) -> tuple[str, list[str]]:
        """What is said where there is no chart: a title, and paragraphs."""
        if self.trouble:
            title, _, rest = self.trouble.partition(". ")
            return title[:1].upper() + title[1:], [rest] if rest else []
        if self.picture is None:
            return "Reading the history", []
        if self.picture.newest_ms is None:
            pdu = self.picture.question.pdu
            return f"Nothing is recorded of {pdu} yet", ["It appears here as it is read."]
        return "No series is chosen", ["Press s to choose up to four."]
