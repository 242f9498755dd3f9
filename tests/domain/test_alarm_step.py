"""The machine of one condition: rules that hold for every story, and stories worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pdutui.domain.alarm import Acknowledgement, AlarmKind, AlarmLevel, Silence
from pdutui.domain.alarm_finding import Finding, clear, found
from pdutui.domain.alarm_step import begin, step
from pdutui.domain.alarm_watched import (
    Habits,
    Moment,
    Turn,
    Watched,
    acknowledge,
    hush,
    pass_time,
    resumed,
    silenced_until,
    take_over,
    unknown,
)

T0 = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOLD_S = 3.0
HABITS = Habits(clear_s=10.0, again_after_s=60.0, keep="critical", expire_s=200.0)
RANK = {None: 0, "warning": 1, "critical": 2}


def look(level: AlarmLevel | None, holds: AlarmLevel | None = None) -> Finding:
    kept = holds if RANK[holds] > RANK[level] else level
    return Finding(
        kind="overload", part="bank.1", level=level, holds=kept, text=f"at {level}", hold_s=HOLD_S
    )


UNKNOWN = Finding(kind="overload", part="bank.1", known=False)
looks = st.one_of(
    st.just(UNKNOWN),
    st.builds(
        look,
        st.sampled_from([None, None, "warning", "critical"]),
        st.sampled_from([None, "warning", "critical"]),
    ),
)
runs = st.tuples(
    looks,
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1.0, 4.0, 11.0]),
    st.sampled_from(["", "", "ack", "restart"]),
    st.sampled_from([0.0, 0.0, 0.0, 0.0, 70.0]),
)
"""The same look some times, at some pace, after some deed and some pause."""
Story = list[tuple[float, Finding, str]]


def told(made: list[tuple[Finding, int, float, str, float]]) -> Story:
    """Look by look: seconds since the one before, what it finds, what is done before it."""
    return [
        (pause + pace if first else pace, finding, deed if first else "")
        for finding, times, pace, deed, pause in made
        for first in (True, *[False] * (times - 1))
    ]


stories = st.lists(runs, min_size=4, max_size=14).map(told)


class Condition:
    """One condition that is looked at, with all that is known of its story."""

    def __init__(self, kind: AlarmKind = "overload", habits: Habits = HABITS) -> None:
        self.habits = habits
        self.now_s = 1000.0
        self.kind = kind
        self.watched: Watched | None = None
        self.turns: list[tuple[float, Turn]] = []
        self.silences: tuple[Silence, ...] = ()

    @property
    def now(self) -> Moment:
        return Moment(T0 + timedelta(seconds=self.now_s - 1000.0), self.now_s)

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        if self.watched is not None:
            self.watched, turn = pass_time(self.watched, self.now, self.habits)
            self._note(turn)

    def look(self, finding: Finding) -> Turn | None:
        before = self.watched or begin("rack1-a", finding)
        self.watched, turn = step(before, finding, self.now, self.habits, self.silences)
        return self._note(turn)

    def then(self, seconds: float, finding: Finding) -> Turn | None:
        self.wait(seconds)
        return self.look(finding)

    def ack(self) -> Turn | None:
        if self.watched is None:
            return None
        seen = Acknowledgement(by="alice", time=self.now.at, comment="on it")
        self.watched, turn = acknowledge(self.watched, seen)
        return self._note(turn)

    def restart(self) -> None:
        if self.watched is not None:
            data = msgspec.json.encode(self.watched)
            self.watched = resumed(msgspec.json.decode(data, type=Watched), self.now)

    def _note(self, turn: Turn | None) -> Turn | None:
        if turn is not None:
            self.turns.append((self.now_s, turn))
        return turn

    @property
    def level(self) -> AlarmLevel | None:
        """Of an alarm that stands."""
        if self.watched is None or not self.watched.active or self.watched.alarm is None:
            return None
        return self.watched.alarm.level

    @property
    def changes(self) -> list[str]:
        return [turn.change + (" again" if turn.again else "") for _, turn in self.turns]


def play(story: Story, *, restarts: bool) -> tuple[Condition, list[Watched | None]]:
    """The condition, and what it was after every look."""
    condition = Condition()
    after: list[Watched | None] = []
    for seconds, finding, deed in story:
        condition.wait(seconds)
        if deed == "ack":
            condition.ack()
        elif deed == "restart" and restarts:
            condition.restart()
        condition.look(finding)
        after.append(condition.watched)
    return condition, after


CAME_BACK = told([
    (look("critical"), 4, 1.0, "", 0.0), (look(None), 2, 11.0, "", 0.0),
    (look("critical"), 4, 1.0, "", 0.0), (look("critical"), 4, 1.0, "", 70.0),
])  # fmt: skip


@given(stories)
@example(CAME_BACK)
@settings(max_examples=200, deadline=None)
def test_what_holds_for_every_story(story: Story) -> None:
    condition = Condition()
    runs: dict[str, float | None] = {"warning": None, "critical": None}
    well_since: float | None = None
    told: list[tuple[float, str]] = []
    acked, ended_s = False, 0.0
    for seconds, finding, deed in story:
        seen_turns = len(condition.turns)
        condition.wait(seconds)
        if deed == "ack":
            condition.ack()
        if deed == "restart":
            condition.restart()
        had = condition.watched.alarm if condition.watched else None
        acked = had is not None and had.ack is not None
        turn = condition.look(finding)
        now_s = condition.now_s
        if finding.known:
            for level in ("warning", "critical"):
                if RANK[finding.level] >= RANK[level]:
                    runs[level] = now_s if runs[level] is None else runs[level]
                else:
                    runs[level] = None
            well_since = (well_since or now_s) if finding.holds is None else None
        else:
            assert turn is None, "not knowing changes nothing"
            well_since = None
        # No alarm is lost: at the latest at the first look after its hold time it stands.
        for level, since in runs.items():
            if finding.known and since is not None and now_s - since >= HOLD_S:
                assert RANK[condition.level] >= RANK[level]
        # None is raised that has not held so long.
        if turn is not None and turn.change in ("raised", "escalated"):
            since = runs[turn.alarm.level]
            assert since is not None
            assert now_s - since >= HOLD_S
        # What stands was told since it came back, or not so long ago that it could be told again.
        if turn is not None and turn.change == "over":
            ended_s = now_s
        new = [(now_s, turn.alarm.level)] if turn is not None and not turn.again else []
        for level, since in runs.items():
            if finding.known and since is not None and now_s - since >= HOLD_S:
                assert [
                    at for at, was in (*told, *new) if RANK[was] >= RANK[level]
                    and (at > ended_s or now_s - at < HABITS.again_after_s)
                ], "nobody knows"  # fmt: skip
        # None is over before it was known to be well for long enough.
        if turn is not None and turn.change == "over":
            assert well_since is not None
            assert now_s - well_since >= HABITS.clear_s
        # None is told twice within its time, unless it has become worse than what was told.
        if turn is not None and turn.change in ("raised", "escalated") and not turn.again:
            level = turn.alarm.level
            assert not [
                at for at, was in told
                if RANK[was] >= RANK[level] and now_s - at < HABITS.again_after_s
            ]  # fmt: skip
            told.append((now_s, level))
        # What was acknowledged stays so until there is something new to tell.
        alarm = condition.watched.alarm if condition.watched else None
        if acked and alarm is not None and alarm.ack is None:
            assert turn is not None
            assert turn.change in ("raised", "escalated")
            assert not turn.again
        assert len(condition.turns) - seen_turns <= 3


@given(stories)
@settings(max_examples=60, deadline=None)
def test_a_restart_at_any_step_changes_nothing(story: Story) -> None:
    whole, after = play(story, restarts=False)
    broken, after_broken = play(story, restarts=True)
    for (_, finding, _), one, other in zip(story, after, after_broken, strict=True):
        if finding.known:
            assert one == other
    told = [(at, t.change, t.again) for at, t in whole.turns]
    assert told == [(at, t.change, t.again) for at, t in broken.turns]


# -- stories -------------------------------------------------------------------------------------


def test_it_is_raised_after_its_hold_time_and_over_after_it_was_well_for_long() -> None:
    bank = Condition()
    assert bank.look(look("warning")) is None
    assert bank.then(2.9, look("warning")) is None
    turn = bank.then(0.1, look("warning"))
    assert turn is not None
    assert (turn.change, turn.alarm.level, turn.again) == ("raised", "warning", False)
    assert bank.then(1, look(None, "warning")) is None, "inside, but within the hysteresis"
    assert bank.then(60, look(None, "warning")) is None
    assert bank.then(1, look(None)) is None
    assert bank.then(9.9, look(None)) is None
    turn = bank.then(0.1, look(None))
    assert turn is not None
    assert (turn.change, turn.alarm.over) == ("over", bank.now.at)
    assert bank.watched is not None
    assert not bank.watched.listed, "a warning that is over is not kept"


def test_one_look_within_the_limit_begins_its_hold_time_anew() -> None:
    bank = Condition()
    bank.look(look("warning"))
    bank.then(2, look(None))
    assert bank.then(2, look("warning")) is None
    assert bank.then(3, look("warning")) is not None


def test_what_comes_back_soon_is_counted_and_not_told_again() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    first = bank.watched
    assert first is not None
    bank.ack()
    bank.then(1, look(None))
    bank.then(10, look(None))
    assert bank.watched is not None
    assert not bank.watched.listed, "it was acknowledged"
    bank.then(1, look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None
    assert turn.again
    assert (turn.alarm.times, turn.alarm.id) == (2, first.alarm.id if first.alarm else "")
    assert turn.alarm.ack is not None, "it was seen a moment ago"
    bank.then(1, look(None))
    bank.then(10, look(None))
    bank.wait(60)
    assert bank.watched is None, "nothing is left to be remembered"
    bank.look(look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None
    assert (turn.again, turn.alarm.times, turn.alarm.ack) == (False, 1, None)


def test_what_came_back_soon_and_stays_is_told_when_that_time_has_passed() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    for _ in range(2):
        bank.then(1, look(None))
        bank.then(10, look(None))
        bank.look(look("critical"))
        bank.then(3, look("critical"))
    assert bank.changes == ["raised", "over", "raised again", "over again", "raised again"]
    assert bank.then(31, look("critical")) is None, "59 s after it was told"
    bank.restart()
    assert bank.then(1, UNKNOWN) is None
    assert bank.then(1, look(None, "critical")) is None, "it is not at its limit now"
    bank.then(1, look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None, "whoever was told that it is over has to know"
    assert (turn.change, turn.again, turn.alarm.times) == ("raised", False, 3)
    assert bank.then(90, look("critical")) is None
    bank.then(1, look(None))
    bank.then(10, look(None))
    assert bank.changes[-1] == "over"


def test_worse_than_what_was_acknowledged_is_loud_again() -> None:
    bank = Condition()
    bank.look(look("warning"))
    bank.then(3, look("warning"))
    bank.ack()
    bank.then(1, look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None
    assert (turn.change, turn.again, turn.alarm.ack) == ("escalated", False, None)
    bank.then(1, look("warning"))
    turn = bank.then(10, look("warning"))
    assert turn is not None
    assert (turn.change, turn.alarm.level) == ("eased", "warning")
    bank.then(1, look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None
    assert (turn.change, turn.again) == ("escalated", True)


def test_a_critical_one_that_is_over_stays_until_it_is_acknowledged() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    bank.then(1, look(None))
    bank.then(10, look(None))
    assert bank.watched is not None
    assert bank.watched.listed
    turn = bank.ack()
    assert turn is not None
    assert turn.alarm.ack is not None
    assert not bank.watched.listed


def test_what_is_over_and_nobody_sees_expires() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    bank.then(1, look(None))
    bank.then(10, look(None))
    bank.wait(199)
    assert bank.changes[-1] == "over"
    bank.wait(1)
    assert bank.changes[-1] == "expired"


def test_keep_says_what_stays() -> None:
    def story(keep: str, level: AlarmLevel) -> bool:
        bank = Condition(habits=msgspec.structs.replace(HABITS, keep=keep))
        bank.look(look(level))
        bank.then(3, look(level))
        bank.then(1, look(None))
        bank.then(10, look(None))
        return bank.watched is not None and bank.watched.listed

    kept = [story(keep, level) for keep in ("none", "critical", "all") for level in
            ("warning", "critical")]  # fmt: skip
    assert kept == [False, False, False, True, True, True]  # type: ignore[comparison-overlap]


def test_not_knowing_is_said_and_stops_the_clearing() -> None:
    bank = Condition()
    bank.look(look("warning"))
    bank.then(3, look("warning"))
    bank.then(1, look(None))
    bank.then(5, UNKNOWN)
    assert bank.watched is not None
    assert bank.watched.alarm is not None
    assert not bank.watched.alarm.known
    assert bank.then(5, look(None)) is None, "it was not known to be well all along"
    assert bank.watched.alarm.known
    assert bank.then(10, look(None)) is not None


def test_something_that_happens_is_over_at_once_and_loud_each_time() -> None:
    ats = Condition("transfer")
    transfer = found("transfer", "warning", "transferred from A to source B")
    turn = ats.look(transfer)
    assert turn is not None
    assert (turn.change, turn.alarm.over) == ("raised", ats.now.at)
    assert ats.watched is not None
    assert ats.watched.listed
    ats.ack()
    assert not ats.watched.listed
    turn = ats.then(5, transfer)
    assert turn is not None
    assert (turn.again, turn.alarm.times, turn.alarm.ack) == (True, 2, None)
    assert ats.watched.listed
    assert ats.then(1, clear("transfer")) is None


def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    bank = Condition()
    bank.look(look("warning"))
    assert bank.watched is not None
    bank.now_s -= 5000
    bank.watched = resumed(bank.watched, bank.now)
    assert bank.then(3, look("warning")) is not None


def silence(for_s: float, **values: object) -> Silence:
    base = Silence(id="s1", pdu="rack1-*", until=T0 + timedelta(seconds=for_s), by="alice")
    return msgspec.structs.replace(base, **values)


def test_a_silenced_alarm_stands_in_the_list_and_is_told_when_the_silence_ends() -> None:
    bank = Condition()
    bank.silences = (silence(100),)
    bank.look(look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None
    assert turn.alarm.silenced_until == T0 + timedelta(seconds=100)
    assert bank.watched is not None
    assert bank.watched.active
    assert not turn.alarm.loud
    bank.wait(96)
    bank.watched, turn = hush(bank.watched, bank.silences, bank.now)
    assert turn is None
    bank.wait(1)
    bank.watched, turn = hush(bank.watched, bank.silences, bank.now)
    assert turn is not None
    assert (turn.change, turn.overdue, turn.alarm.loud) == ("unsilenced", True, True)


def test_what_was_told_before_it_was_silenced_is_not_told_when_that_ends() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    assert bank.watched is not None
    bank.watched, turn = hush(bank.watched, (silence(100),), bank.now)
    assert turn is not None
    assert turn.change == "silenced"
    bank.watched, turn = hush(bank.watched, (), bank.now)
    assert turn is not None
    assert not turn.overdue


def test_silences_fit_by_pattern_kind_and_part() -> None:
    bank = Condition()
    bank.look(look("critical"))
    turn = bank.then(3, look("critical"))
    assert turn is not None

    def fits(**values: object) -> bool:
        return silenced_until(turn.alarm, (silence(50, **values),), T0) is not None

    assert fits()
    assert fits(pdu="rack1-a", kind="overload", part="bank.1")
    assert not fits(pdu="rack2-*")
    assert not fits(kind="sensor")
    assert not fits(part="bank.2")
    assert silenced_until(turn.alarm, (silence(50),), T0 + timedelta(seconds=50)) is None


def test_an_acknowledgement_by_another_program_counts_for_the_time_it_was_given_for() -> None:
    bank = Condition()
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    mine = bank.watched
    assert mine is not None
    # The clock was set back since it was raised: no matter.
    ack = Acknowledgement(by="bob", time=bank.now.at - timedelta(seconds=5))
    theirs, _ = acknowledge(mine, ack)
    seen = take_over(mine, theirs)
    assert seen.alarm is not None
    assert seen.alarm.ack == ack
    assert take_over(seen, theirs) is seen
    bank.then(1, look(None))
    bank.then(10, look(None))
    bank.wait(70)
    bank.look(look("critical"))
    bank.then(3, look("critical"))
    assert bank.watched is not None
    assert take_over(bank.watched, theirs) is bank.watched, "it is loud for another time"


def test_what_was_never_raised_is_not_marked_unknown() -> None:
    pending, _ = step(begin("a", look("warning")), look("warning"), Moment(T0, 0.0), HABITS)
    assert unknown(pending) is pending
