"""A slow line: what is on the far end's screen is never old, and a key is answered soon."""

from __future__ import annotations

import os
import pty
import re
import termios
import threading
import time
import tty
from collections import deque
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdutui.widgets.answers import Answers
from pdutui.widgets.driver import line_rate
from pdutui.widgets.pace import PTY_HOLDS, Pace
from pdutui.widgets.writer import SafeWriter

STEP_S = 0.05
CHANGES = 1_700
"""Bytes of difference that a second makes."""


class FarEnd:
    """A terminal behind a line of a speed, with a buffer before it; and a console that draws.

    Args:
        rate: Bytes a second.
        holds: What the buffer takes before it refuses more.
        answers: Whether the terminal answers questions.
        delay_s: How long a byte is under way, and an answer back.
    """

    def __init__(
        self, rate: float, *, holds: int = PTY_HOLDS, answers: bool = True, delay_s: float = 0.05
    ) -> None:
        self.now = 0.0
        self.pace = Pace(lambda: self.now)
        self._rate, self._holds, self._answering, self._delay_s = rate, holds, answers, delay_s
        self._line: deque[list[float]] = deque()
        self._in_line = 0.0
        self._unsent: deque[list[float]] = deque()
        self._back: deque[tuple[float, int]] = deque()
        self._full_s = 0.0
        self._changed = 17_000.0
        self._seen = 0.0
        self.shown_at = 0.0
        """The newest moment that the terminal shows."""
        self.taken = 0.0
        self.keys: list[float] = []
        """How long the echo of each key took."""
        self.answers_to = {0, 1}
        self._key_at: float | None = None
        self._echo_at: float | None = None

    def ask(self) -> None:
        for _ in range(1 if self.pace.answers else 2):
            self._unsent.append([4.0, self.now, 1.0 + self.pace.asked()])

    def run(self, seconds: float, key_every: float | None = None) -> float:
        """Let time pass; returns the oldest picture that was shown meanwhile, in seconds."""
        worst = 0.0
        end = self.now + seconds
        next_key = self.now + (key_every or 0.0)
        while self.now < end:
            self.now += STEP_S
            self._changed = min(17_000.0, self._changed + CHANGES * STEP_S)
            if key_every and self.now >= next_key and self._key_at is None:
                next_key = self.now + key_every
                self._key_at = self.now
                self.pace.touched()
            self._draw()
            self._carry()
            worst = max(worst, self.now - self.shown_at)
        return worst

    def _draw(self) -> None:
        if self._unsent or self.pace.wait() > 0 or self._changed < 1:
            return
        room = self.pace.room
        size = min(self._changed, room) if room is not None else self._changed
        self._changed -= size
        if self._key_at is not None and self._echo_at is None:
            self._echo_at = self.now
        self._unsent.append([size, self.now, 0.0])
        if self.pace.sent(int(size)):
            self.ask()

    def _carry(self) -> None:
        while self._unsent and self._in_line < self._holds:
            piece = self._unsent[0]
            size = min(piece[0], self._holds - self._in_line)
            self._line.append([size, piece[1], piece[2] if size == piece[0] else 0.0])
            self._in_line += size
            piece[0] -= size
            if piece[0] <= 0:
                self._unsent.popleft()
        self._full_s = self._full_s + STEP_S if self._unsent else 0.0
        if self._full_s > 1.5:
            self.pace.measured(self._rate, PTY_HOLDS)
        room = self._rate * STEP_S
        while self._line and room > 0:
            piece = self._line[0]
            size = min(piece[0], room)
            piece[0] -= size
            room -= size
            self._in_line -= size
            self.taken += size
            self.shown_at = max(self.shown_at, piece[1])
            if self._echo_at is not None and self._key_at is not None and piece[1] >= self._echo_at:
                self.keys.append(self.now - self._key_at)
                self._key_at = self._echo_at = None
            if piece[0] <= 0:
                self._line.popleft()
                if piece[2] and self._answering and int(piece[2]) - 1 in self.answers_to:
                    self._back.append((self.now + 2 * self._delay_s, int(piece[2]) - 1))
        while self._back and self._back[0][0] <= self.now:
            self.pace.answered(self._back.popleft()[1])


@pytest.mark.parametrize("rate", [480.0, 960.0, 1920.0])
@pytest.mark.parametrize("holds", [PTY_HOLDS, 2_000_000])
def test_a_terminal_that_answers_is_never_behind(rate: float, holds: int) -> None:
    far = FarEnd(rate, holds=holds)
    far.ask()
    far.run(17_000 / rate + 60)  # the first frame, whole
    assert far.pace.answers
    taken = far.taken
    worst = far.run(60)
    assert worst < (4 if rate > 900 else 8), (
        "the clock on the screen is a few seconds old at the most"
    )
    assert far.taken - taken > 0.4 * rate * 60, "and the line is not left idle"
    far.run(30, key_every=3.0)
    assert len(far.keys) > 5
    assert max(far.keys) < (2 if rate > 900 else 4), "a key waits for a slice or two"


def test_one_that_does_not_answer_is_known_by_its_full_buffer() -> None:
    far = FarEnd(960, answers=False)
    far.ask()
    far.run(90)
    assert not far.pace.answers
    taken = far.taken
    assert far.run(60) < 4
    assert far.taken - taken > 0.4 * 960 * 60


@pytest.mark.parametrize("kind", [0, 1])
def test_one_that_answers_only_one_question_is_not_waited_for(kind: int) -> None:
    far = FarEnd(1e6)
    far.answers_to = {kind}
    far.ask()
    assert far.run(200) < 0.3
    assert not far.pace.answers


@pytest.mark.parametrize("answers", [True, False])
def test_a_fast_terminal_is_left_alone(answers: bool) -> None:
    far = FarEnd(1e6, answers=answers)
    far.ask()
    assert far.run(90) < 0.3
    assert far.pace.room is None
    assert far.pace.rate is None


def test_a_line_that_gets_faster_is_used() -> None:
    far = FarEnd(960)
    far.ask()
    far.run(60)
    slow = far.pace.room
    assert slow is not None
    far._rate = 1e6
    far.run(60)
    assert (far.pace.room or PTY_HOLDS) > 5 * slow


def test_a_lost_answer_is_waited_for_a_few_seconds_and_a_silent_one_no_more() -> None:
    far = FarEnd(960)
    far.ask()
    far.run(60)
    far._answering = False
    assert far.run(60) < 8
    far.run(30)
    assert not far.pace.answers
    far._answering = True
    far.run(80)
    assert far.pace.answers, "it is asked again now and then"


def test_a_serial_line_says_how_fast_it_is() -> None:
    master, slave = pty.openpty()
    try:
        assert line_rate(slave) is None, "a pseudo-terminal has no speed"
        how = termios.tcgetattr(slave)
        how[4] = how[5] = termios.B9600
        termios.tcsetattr(slave, termios.TCSANOW, how)
        assert line_rate(slave) == 960
        pace = Pace(lambda: 0.0, line_rate(slave))
        assert pace.room == 672, "cut from the very first frame on"
    finally:
        os.close(master)
        os.close(slave)


PARTS = ["a", "\x1b", "[", "0", "n", "\x1b[0n", "\x1b[12;1R", "\x1b[A", "\x1b[1;5A", "R", "é"]


@given(st.lists(st.sampled_from(PARTS)), st.data())
def test_answers_are_no_keys_however_they_are_read(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    heard: list[int] = []
    answers = Answers(heard.append)
    got, at = "", 0
    while at < len(text):
        step = data.draw(st.integers(1, 5))
        got += answers.sift(text[at : at + step], expected=True)
        at += step
    got += answers.rest()
    answer = re.compile("\x1b\\[(0n|[0-9]+;[0-9]+R)")
    assert heard == [0 if m.group().endswith("n") else 1 for m in answer.finditer(text)]
    assert got == answer.sub("", text)


def test_what_is_not_asked_for_is_typed() -> None:
    answers = Answers(lambda kind: pytest.fail("nothing was asked"))
    assert answers.sift("\x1b[1;2R\x1b", expected=False) == "\x1b[1;2R\x1b"


class SlowPty:
    """A pseudo-terminal whose far end reads so many bytes a second, or stands still at 0."""

    def __init__(self, rate: float) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.rate = rate
        self.got = b""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.file: TextIO = os.fdopen(os.dup(self.slave), "w", encoding="utf-8")

    def _read(self) -> None:
        os.set_blocking(self.master, False)
        while not self._closing.wait(0.01):
            if self.rate:
                try:
                    self.got += os.read(self.master, max(1, int(self.rate * 0.01)))
                except BlockingIOError:
                    continue

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self.file.close()
        os.close(self.master)
        os.close(self.slave)


def test_the_writer_never_waits_and_measures_what_is_taken() -> None:
    far = SlowPty(8_000)
    empty = threading.Event()
    writer = SafeWriter(far.file, lambda: None, lambda lost: empty.set())
    try:
        writer.start()
        assert not os.get_blocking(writer._fd)
        assert os.get_blocking(far.slave), "nobody else's terminal is made to refuse"
        began = time.monotonic()
        writer.write("x" * 34_000)
        assert time.monotonic() - began < 0.1
        assert writer.call_me()
        assert empty.wait(5)
        assert writer.measured is not None
        assert 5_000 < writer.measured < 12_000
        assert writer.unsent == 0
        assert not writer.call_me()
    finally:
        writer.stop()
        far.close()


def test_last_words_go_before_frames_that_nobody_will_see() -> None:
    far = SlowPty(0)
    writer = SafeWriter(far.file, lambda: None, lambda lost: None)
    try:
        writer.start()
        writer.write("x" * 300_000)
        time.sleep(0.1)
        assert writer.unsent > 200_000
        writer.last_words()
        writer.write("good bye")
        began = time.monotonic()
        writer.stop()
        assert time.monotonic() - began < 1.2, "a terminal that stands still does not hold it up"
        far.rate = 10_000_000
        writer.join(3)
        time.sleep(0.1)
        assert far.got.endswith(b"xgood bye")
        assert len(far.got) < 30_000
    finally:
        far.close()


def test_what_nobody_takes_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdutui.widgets.writer._MOST", 100_000)
    far = SlowPty(0)
    lost: list[bool] = []
    writer = SafeWriter(far.file, lambda: None, lost.append)
    try:
        writer.start()
        for _ in range(40):
            writer.write("x" * 10_000)
        assert writer.unsent < 130_000
        far.rate = 1e8
        for _ in range(300):
            if lost:
                break
            time.sleep(0.01)
        assert lost == [True], "it is to be painted anew"
    finally:
        writer.stop()
        far.close()


def test_a_terminal_that_is_gone_is_found_out() -> None:
    far = SlowPty(1e6)
    dead = threading.Event()
    writer = SafeWriter(far.file, dead.set, lambda lost: None)
    writer.start()
    far._closing.set()
    far._thread.join()
    os.close(far.master)
    writer.write("anybody?")
    assert dead.wait(2)
    assert writer.dead
    writer.write("no")
    assert writer.unsent == 0
    writer.stop()
    far.file.close()
    os.close(far.slave)
