"""When the next frame may be sent, and how much of it: a slow line is never behind.

Between the console and whoever looks at it lie buffers: a pseudo-terminal holds 20 kB, an SSH
connection megabytes. A line that is slower than the screen changes fills them, and then shows the
past without a word. So a frame is only sent when the last one has arrived, as far as that can be
known. A terminal is asked something after a frame (DSR, which every one since the VT100 answers);
its answer comes when it has drawn all that was sent before. Of one that does not answer, only the
speed is known at which it takes what it is sent, once its buffer has been full: then time is
counted.
"""

from __future__ import annotations

from collections.abc import Callable

ASK = ("\x1b[5n", "\x1b[6n")
"""Two questions in turn, how it is and where its cursor is: a late answer is known as such."""

PATIENCE_S = 0.4
"""An answer may be so late before frames wait for it."""
GIVEN_UP_S = 45.0
"""An answer that is later is not waited for: it was lost, or the terminal stands still. A first
frame in all colours takes half of it at 9600 baud."""
LOST_S = 4.0
"""On a line whose speed is known an answer that is so much later than usual was lost."""
SLOWEST_BPS = 600.0
"""A line of unknown speed is not thought to be slower when an answer is waited for."""
SILENT_AFTER = 3
"""After so many questions without an answer the terminal is taken for one that does not answer."""
ASK_AGAIN_S = 60.0
"""So often a terminal is asked that does not answer; another may have been put in its place."""
ASK_AFTER = 512
"""So many bytes are sent before it is worth asking again."""
SLICE_S = 0.7
"""A frame is cut into slices that take the line so long: a key waits for one at the most."""
REST = 0.3
"""Of the time of a slice the line is left free for the echo of a key."""
QUEUED_S = 0.3
"""An answer that is later than usual by more has waited for what was sent before."""
LEAST = 200
"""The smallest slice, in bytes."""
AMPLE_BPS = 24_000.0
"""A line that takes so much is no slow one: there is no need to count."""
PTY_HOLDS = 20_480
"""What Linux keeps of a pseudo-terminal's output before it refuses more, in bytes."""
PROBE_S = 300.0
"""After so long without a full buffer a faster line is tried, of one that does not answer."""
FASTER = 1.5
LONGEST_WAIT_S = 30.0


class Pace:
    """How a terminal takes what it is sent.

    Args:
        now: Seconds of a monotonic clock.
        rate: Bytes a second, where the line says so itself; None: not known.
    """

    def __init__(self, now: Callable[[], float], rate: float | None = None) -> None:
        self._now = now
        self._rate: float | None = None
        self._room: int | None = None
        self._owed, self._settled_at = 0.0, now()
        self._full_at = now()
        self._answered = frozenset[int]()
        self._asked_at: float | None = None
        self._last_asked = now() - ASK_AGAIN_S
        self._kind = 1
        self._in_flight = self._since = 0
        self._unanswered = 0
        self._usual_s: float | None = None
        self._believed = rate
        """What the last answer said of the rate."""
        self._free_at = now()
        self._touched = False
        self._set_rate(rate)

    @property
    def room(self) -> int | None:
        """The most bytes that the next slice of a frame should have; None: a whole frame."""
        return self._room

    @property
    def rate(self) -> float | None:
        """Bytes a second that the line takes; None: more than is worth counting, or not known."""
        return self._rate

    @property
    def answers(self) -> bool:
        """Whether the terminal says when it has drawn what it was sent."""
        return len(self._answered) == len(ASK)

    def wait(self) -> float:
        """Seconds until a frame may be sent, as things stand; 0: now."""
        now = self._now()
        wait = 0.0
        if self._rate is not None:
            self._settle(now)
            ahead_s = SLICE_S * REST if self._touched else 0.0
            wait = min(self._owed / self._rate - ahead_s, LONGEST_WAIT_S)
        if self.answers and self._asked_at is not None:
            late = now - self._asked_at
            if late >= self._longest:
                self._give_up()
            elif late >= self._due_s + PATIENCE_S:
                return self._longest - late
        if not self._touched:
            wait = max(wait, self._free_at - now)
        return max(0.0, wait)

    def touched(self) -> None:
        """A key was pressed: its echo does not wait for the line's rest."""
        self._touched = True

    def sent(self, size: int) -> bool:
        """So many bytes of a frame are on their way; says whether the terminal is to be asked."""
        now = self._now()
        self._touched = False
        self._since += size
        if self._rate is not None:
            self._settle(now)
            self._owed += size
            self._free_at = now + size / self._rate * (1 + REST)
        if self._asked_at is not None and now - self._asked_at >= self._longest:
            self._give_up()
        if self._asked_at is not None:
            return False
        if self.answers:
            return self._since >= ASK_AFTER
        return now - self._last_asked >= ASK_AGAIN_S

    def asked(self) -> int:
        """The terminal is asked now; returns which of `ASK`.

        One that is not known to answer is asked both, and is believed only if it answers both.
        """
        self._kind = 1 - self._kind
        self._asked_at = self._last_asked = self._now()
        if self._rate is not None:
            self._settle(self._asked_at)
        self._in_flight = self._since if self._rate is None else max(1, int(self._owed))
        self._since = 0
        return self._kind

    def answered(self, kind: int) -> None:
        """The terminal has answered: what was sent before the question is on its screen.

        Args:
            kind: which of `ASK`; an answer to a question that was given up changes nothing.
        """
        now, asked_at = self._now(), self._asked_at
        self._answered |= {kind}
        if kind != self._kind or asked_at is None:
            return
        self._asked_at, self._unanswered = None, 0
        delay_s = now - asked_at
        if self._usual_s is None:
            self._usual_s = delay_s
            return
        # A way that has become longer is the usual one after some time; on a slow line every answer
        # waits for something, and that is not the way.
        longer = self._usual_s * 1.02 + 0.001 if self._rate is None else self._usual_s * 1.001
        self._usual_s = min(longer, delay_s)
        queued_s = delay_s - self._usual_s
        if queued_s > QUEUED_S:
            rate = self._in_flight / queued_s
            if self._rate is None:
                self._owed, self._settled_at = float(self._since), now
            else:
                rate = 0.6 * self._rate + 0.4 * rate
            self._set_rate(rate)
        elif self._rate is not None and self._in_flight > 2 * max(queued_s, QUEUED_S) * self._rate:
            self._set_rate(self._rate * FASTER)
        if self._rate is not None:
            self._settle(now)
            self._owed = min(self._owed, float(self._since))
        self._believed = self._rate

    def measured(self, rate: float, held: int) -> None:
        """The terminal took bytes at this rate while its buffer was full.

        Args:
            rate: Bytes a second.
            held: What the buffer holds, in bytes, and the terminal has not seen yet.
        """
        self._full_at = self._now()
        if self.answers and self._rate is not None:
            return
        self._set_rate(rate)
        self._owed, self._settled_at = float(held), self._full_at

    def _set_rate(self, rate: float | None) -> None:
        slow = rate is not None and rate < AMPLE_BPS
        self._rate = rate if slow else None
        self._room = max(LEAST, int(rate * SLICE_S)) if slow and rate is not None else None
        if not slow:
            self._owed = 0.0

    def _settle(self, now: float) -> None:
        """Take what the line has taken since from what it was given."""
        if self._rate is not None:
            self._owed = max(0.0, self._owed - self._rate * (now - self._settled_at))
        self._settled_at = now
        if self._rate is not None and not self.answers and now - self._full_at >= PROBE_S:
            self._full_at = now
            self._set_rate(self._rate * FASTER)

    @property
    def _due_s(self) -> float:
        """Seconds after which an answer is due."""
        return (self._usual_s or 0.0) + (self._in_flight / self._rate if self._rate else 0.0)

    @property
    def _longest(self) -> float:
        """Seconds after which an answer is not waited for any more."""
        rate = self._rate or SLOWEST_BPS
        return min(GIVEN_UP_S, (self._usual_s or 0.0) + self._in_flight / rate + LOST_S)

    def _give_up(self) -> None:
        """The answer does not come: it was lost, or the line is slower than was thought."""
        assert self._asked_at is not None
        late, self._asked_at = self._now() - self._asked_at, None
        self._unanswered += 1
        if self._unanswered >= SILENT_AFTER:
            if self.answers:
                self._set_rate(self._believed)
            self._answered = frozenset()
        elif self.answers and self._in_flight >= ASK_AFTER:
            self._set_rate(min(self._rate or AMPLE_BPS, self._in_flight / late))
            self._owed = max(self._owed, self._in_flight / 2)
