"""Which page a wall shows, and for how long: a round of pages, and alarms that interrupt it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from pdutui.domain.alarm import Alarm
from pdutui.settings import KioskSettings

TOGETHER = 3
"""Where more jumps than these wait, one to the list of alarms stands for all of them: what comes
next must not be an hour away, and what is wrong with a whole room is seen there."""
PAUSE_S = 900.0
"""Nobody has to come back to a wall that was stopped: it goes on by itself after so long."""


class Page(Struct, frozen=True):
    """One thing that a wall shows."""

    door: str = ""
    """The whole screen, as `LiveScreen.DOOR` has it; empty for the screen of a PDU."""
    pdu: str = ""

    @property
    def name(self) -> str:
        """What the foot of the wall calls it."""
        return self.pdu or {"pairs": "rack pairs"}.get(self.door, self.door)


FLEET, ALARMS = Page(door="fleet"), Page(door="alarms")


def pages_of(
    wanted: Sequence[str], pdus: Sequence[str], there: Callable[[str], bool]
) -> tuple[Page, ...]:
    """The pages of a round as they are now: those that do not exist are left out.

    Args:
        wanted: `KioskSettings.pages`.
        pdus: The PDUs, in their order.
        there: Whether a whole screen has anything to show now.

    Returns:
        One page at least: the fleet, where nothing that is wanted exists.
    """
    found: list[Page] = []
    for word in wanted:
        if word == "pdus":
            found += [Page(pdu=pdu) for pdu in pdus]
        elif word.startswith("pdu:"):
            pattern = word.removeprefix("pdu:")
            found += [Page(pdu=pdu) for pdu in pdus if pdu == pattern or fnmatchcase(pdu, pattern)]
        elif there(word):
            found.append(Page(door=word))
    return tuple(found) or (FLEET,)


class Jump(Struct, frozen=True):
    """A PDU that has something new and critical."""

    alarm: str
    """The alarm's id; empty for many, of as many PDUs."""
    pdu: str
    """Empty for an alarm of no PDU: the list of alarms is shown."""
    part: str


class Tour:
    """A round of pages. Moments are seconds of the monotonic clock.

    Args:
        now_s: The present; the first page stays its whole time from now on.
    """

    def __init__(self, now_s: float) -> None:
        self.pages: tuple[Page, ...] = (FLEET,)
        self.index = 0
        self._begun = False
        """The round is known: before that the fleet is shown, wherever in it that is."""
        self.turns = 0
        """How often a page was to be shown anew, also where it is the only one."""
        self.jump: Jump | None = None
        """The alarm that is shown now."""
        self._waiting: deque[Jump] = deque()
        self._since_s = now_s
        """When the page began; after an alarm it begins anew."""
        self._jumped_s = now_s
        self._paused_s: float | None = None
        self._settings = KioskSettings()

    @property
    def page(self) -> Page:
        """What is to be shown."""
        if self.jump is None:
            return self.pages[self.index]
        return Page(pdu=self.jump.pdu) if self.jump.pdu else ALARMS

    @property
    def paused(self) -> bool:
        """Whether somebody stopped it."""
        return self._paused_s is not None

    @property
    def waiting(self) -> int:
        """So many alarms come after the one that is shown."""
        return len(self._waiting)

    # what happens

    def heard(self, alarm: Alarm) -> None:
        """A critical alarm that asks for attention is new.

        Alarms of one PDU that wait are one jump: all of them are seen there. One of the PDU that is
        shown has a time of its own, at once or after those that wait.
        """
        waiting = self._waiting
        if any(jump.pdu == alarm.pdu or not jump.alarm for jump in waiting):
            return
        waiting.append(Jump(alarm.id, alarm.pdu, alarm.part))
        if len(waiting) > TOGETHER:
            waiting.clear()
            waiting.append(Jump("", "", ""))

    def touched(self, now_s: float) -> None:
        """Somebody looks around: what they look at stays as long as a page does."""
        self._since_s = now_s

    def pause(self, now_s: float) -> None:
        """Stop, or go on."""
        self._paused_s = None if self.paused else now_s
        self._since_s = now_s

    def step(self, by: int, now_s: float) -> None:
        """A person wants the next page, or the one before; an alarm that is shown is left."""
        self.jump = None
        self.turns += 1
        self.index = (self.index + by) % len(self.pages)
        self._since_s = now_s

    # what follows

    def turn(
        self,
        now_s: float,
        pages: tuple[Page, ...],
        settings: KioskSettings,
        loud: Callable[[Jump], bool],
    ) -> Page:
        """The page to be shown now.

        Args:
            now_s: The present.
            pages: The round, one page at least.
            settings: How long pages and alarms stay.
            loud: Whether an alarm that waited for its turn still asks for attention.
        """
        self._settings = settings
        self._round(pages)
        if self._paused_s is not None and now_s - self._paused_s >= PAUSE_S:
            self.pause(now_s)
        if self.jump is not None and now_s - self._jumped_s >= settings.jump_s:
            self.jump = None
            self._since_s = now_s
        if not settings.jump:
            self._waiting.clear()
        while self._waiting and (self.jump is None or self.jump.pdu == self._waiting[0].pdu):
            jump = self._waiting.popleft()
            if loud(jump):
                self.jump, self._jumped_s = jump, now_s
        if self.jump is None and not self.paused and now_s - self._since_s >= settings.every_s:
            self.index = (self.index + 1) % len(self.pages)
            self.turns += 1
            self._since_s = now_s
        return self.page

    def _round(self, pages: tuple[Page, ...]) -> None:
        """Take over another round; the page that is shown stays where it is in it."""
        if pages == self.pages:
            return
        if not self._begun:
            self._begun, self.pages, self.index = True, pages, 0
            return
        before = self.pages[self.index]
        self.pages = pages
        self.index = pages.index(before) if before in pages else self.index % len(pages)

    def left_s(self, now_s: float) -> float | None:
        """Seconds until another page comes; None where none does: one page alone.

        While it is paused: until it goes on by itself.
        """
        if self.jump is not None:
            left = self._settings.jump_s - (now_s - self._jumped_s)
        elif self._paused_s is not None:
            left = PAUSE_S - (now_s - self._paused_s)
        elif len(self.pages) < 2:
            return None
        else:
            left = self._settings.every_s - (now_s - self._since_s)
        return max(0.0, left)
