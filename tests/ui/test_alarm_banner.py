"""The banner, the counts, the bell: what of alarms is seen and heard on every screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from pdutui.domain.alarm import Acknowledgement, Alarm, AlarmEntry
from pdutui.screens.alarm_bell import Bell
from pdutui.screens.alarms_detail import detail
from pdutui.screens.alarms_view import AlarmsScene
from pdutui.settings import AlarmSettings
from pdutui.widgets.alarm_banner import alarm_banner, clock_of
from pdutui.widgets.alarm_counts import badge, standing
from pdutui.widgets.glyphs import ASCII, UNICODE
from pdutui.widgets.inks import Inks

INKS = Inks({}, "ansi_default", "none")
NOW = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
SEEN = Acknowledgement(by="ada", time=NOW)


def alarm(ident: str = "a", **values: Any) -> Alarm:
    fields: dict[str, Any] = {
        "id": ident, "pdu": "rack1-a", "kind": "source_lost", "level": "critical",
        "text": "source A lost", "since": NOW - timedelta(seconds=109), "changed": NOW,
    }  # fmt: skip
    return Alarm(**(fields | values))


def line(*alarms: Alarm, width: int = 80, **more: Any) -> str:
    glyphs = more.pop("glyphs", UNICODE)
    strip = alarm_banner(standing(alarms), NOW, INKS, glyphs, width, **more)
    assert strip.cell_length == width
    return strip.text


def test_the_banner_says_which_alarm_how_many_more_and_what_to_press() -> None:
    others = [alarm("b", since=NOW - timedelta(hours=1)), alarm("c", since=NOW - timedelta(days=1))]
    said = line(*others, alarm(), how="A shows them")
    assert said.rstrip() == " ▲ ALARM  rack1-a: source A lost  12:03:11  +2 more  A shows them"
    assert line(alarm(since=NOW - timedelta(days=3))).rstrip().endswith("17 Nov 12:05")


@pytest.mark.parametrize("width", [20, 32, 40, 60, 80, 200])
def test_what_has_no_room_goes_whole_and_the_text_is_cut_before_the_count(width: int) -> None:
    said = line(alarm(text="bank 12 of the second unit is far over its rating of 16 A"), alarm("b"),
                width=width, how="A shows them")  # fmt: skip
    words = said.split()
    assert words[:2] == ["▲", "ALARM"]
    assert "+1 more" in said or width < 40
    for part in ("A shows them", "12:03:11"):
        assert part in said or part.split()[0] not in words, "never a part of a part"


def test_an_alarm_that_holds_comes_before_one_that_is_over_and_the_newest_first() -> None:
    over = alarm("over", over=NOW, text="source B lost")
    old = alarm("old", since=NOW - timedelta(hours=2), text="bank 1 over")
    assert standing([over, old]).banner == old
    assert standing([over, old, alarm("new")]).banner == alarm("new")
    assert line(over).startswith(" ▲ ALARM OVER  rack1-a: source B lost")
    assert "not known now" in line(alarm(known=False))
    assert line(alarm(), past=True).startswith(" ▲ LIVE ALARM")


def test_what_was_seen_to_counts_as_quiet_and_warnings_have_no_banner() -> None:
    stands = standing([
        alarm("a", ack=SEEN), alarm("b", silenced_until=NOW), alarm("c", level="warning"),
    ])  # fmt: skip
    assert (stands.banner, stands.critical, stands.warning, stands.quiet) == (None, 0, 1, 2)
    (item,) = badge(stands, UNICODE, 120)
    assert item.pieces == [(" ▲ 1 warning ", "badge-warning")]
    (item,) = badge(standing([alarm(), alarm("c", level="warning")]), ASCII, 80)
    assert item.pieces == [(" ! 1 critical ", "badge-critical")], "the worst alone where narrow"
    (item,) = badge(standing([alarm(over=NOW)]), UNICODE, 120)
    assert item.pieces == [(" ▲ 1 critical over ", "badge-warning")], "nothing of it holds"
    (item,) = badge(standing([alarm(over=NOW), alarm("c", level="warning")]), UNICODE, 120)
    assert item.pieces == [(" ▲ 1 critical over, 1 warning ", "badge-warning")]
    assert badge(standing([]), UNICODE, 80) == []
    (item,) = badge(standing([alarm(ack=SEEN)]), UNICODE, 80)
    assert item.pieces == [("1 quiet alarm", "muted")]


def test_names_from_outside_drive_no_terminal_and_ascii_stays_ascii() -> None:
    said = line(alarm(pdu="rack\x1b[2J", text="größe ▲ lost"), glyphs=ASCII, how="A shows them")
    assert said.isascii()
    assert said.isprintable()


def test_the_banner_is_reverse_and_bold_without_any_colour_and_never_blinks() -> None:
    strip = alarm_banner(standing([alarm()]), NOW, INKS, ASCII, 80)
    assert all(s.style is not None and s.style.reverse and not s.style.blink for s in strip)


def test_a_day_is_said_where_it_is_not_today() -> None:
    assert clock_of(NOW, NOW) == "12:05:00"
    assert clock_of(NOW - timedelta(days=1), NOW) == "19 Nov 12:05"
    assert clock_of(NOW - timedelta(days=400), NOW) == "2025-10-16 12:05"


# -- the bell ----------------------------------------------------------------------------------


def raised(bell: Bell, one: Alarm, settings: AlarmSettings, *, again: bool = False) -> None:
    entry = AlarmEntry(time=NOW, change="raised", alarm=one)
    bell.heard(entry, again=again, settings=settings)


def test_many_alarms_ring_once_and_again_while_one_stands() -> None:
    bell, settings = Bell(), AlarmSettings(bell="critical", bell_every_s=30)
    many = [alarm(str(n)) for n in range(50)]
    rung = []
    for one in many:
        raised(bell, one, settings)
        rung.append(bell.due(100.0, many, settings))
    assert rung.count(True) == 1
    times = [t for t in range(101, 200) if bell.due(float(t), many, settings)]
    assert times == [102, 132, 162, 192], "those that came with the first, then every 30 s"


@pytest.mark.parametrize(
    "quiet",
    [
        alarm(ack=SEEN),
        alarm(silenced_until=NOW + timedelta(hours=1)),
        alarm(level="warning"),
    ],
)
def test_what_asks_for_no_attention_is_not_heard(quiet: Alarm) -> None:
    bell, settings = Bell(), AlarmSettings(bell="critical", bell_every_s=30)
    raised(bell, quiet, settings)
    assert not any(bell.due(float(t), [quiet], settings) for t in range(0, 100, 10))


def test_one_that_comes_again_soon_or_is_over_does_not_ring() -> None:
    settings = AlarmSettings(bell="all", bell_every_s=0)
    bell, one = Bell(), alarm()
    raised(bell, one, settings, again=True)
    assert not any(bell.due(float(t), [one], settings) for t in range(100))
    repeating = replace(settings, bell_every_s=30.0)
    over = alarm(over=NOW)
    assert not any(Bell().due(float(t), [over], repeating) for t in range(100))
    for one, heard in ((alarm(), True), (over, False), (alarm(ack=SEEN), False)):
        bell = Bell()  # the silence has ended
        bell.heard(
            AlarmEntry(time=NOW, change="unsilenced", alarm=one), again=False, settings=settings
        )
        assert bell.due(0.0, [one], settings) is heard
    unknown = alarm(known=False)
    assert Bell().due(0.0, [unknown], repeating), "nobody has said that it is over"


def test_a_momentary_alarm_rings_once_and_off_is_off() -> None:
    settings = AlarmSettings(bell="all", bell_every_s=30)
    bell, one = Bell(), alarm(kind="transfer", level="warning", over=NOW)
    raised(bell, one, settings)
    assert [bell.due(float(t), [one], settings) for t in (0, 40, 80)] == [True, False, False]
    off = replace(settings, bell="off")
    bell = Bell()
    raised(bell, alarm(), off)
    assert not any(bell.due(float(t), [alarm()], off) for t in (0, 40, 80))


# -- the chosen one ----------------------------------------------------------------------------


def test_a_figure_of_the_past_is_not_that_of_now() -> None:
    def line(samples: list[float | None], **values: Any) -> str:
        one = alarm(unit="A", series="bank.1.current_a", **values)
        scene = AlarmsScene(alarms=[one], samples=samples, now=NOW, inks=INKS, glyphs=UNICODE)
        return next(row.text for row in detail(scene, 100, 10) if "15 min" in row.text)

    assert "1 to 3, now 3 A" in line([None, 1.0, 3.0])
    assert "1 to 3, 4m00s ago 3 A" in line([1.0, 3.0, *[None] * 240])
    assert "now" not in line([1.0, 3.0], known=False), "the PDU does not say"
