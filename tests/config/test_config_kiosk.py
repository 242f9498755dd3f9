"""`[kiosk]`, and the first screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.settings import KioskSettings, UiSettings
from tests.config.helpers import PDUS, load, problems


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """
        [ui]
        start = "fleet"
        group = "rack"
        [kiosk]
        pages = ["fleet", " pdu: rack1-* ", "fleet", "pdu:rack1-b"]
        every_s = 5
        jump = false
        jump_s = 2
        big = false
    """
    settings = load(tmp_path, PDUS + text)
    assert (settings.ui.start, settings.ui.group) == ("fleet", "rack")
    assert settings.kiosk == KioskSettings(
        pages=("fleet", "pdu:rack1-*", "fleet", "pdu:rack1-b"),
        every_s=5.0, jump=False, jump_s=2.0, big=False,
    )  # fmt: skip


def test_without_the_section_the_defaults_hold_and_the_environment_is_heard(tmp_path: Path) -> None:
    settings = load(tmp_path, PDUS, PDUTUI_KIOSK_EVERY_S="7", PDUTUI_UI_START="fleet")
    assert settings.kiosk == KioskSettings(every_s=7.0)
    assert settings.ui == UiSettings(start="fleet")
    assert load(tmp_path, PDUS + '[kiosk]\npages = "alarms"\n').kiosk.pages == ("alarms",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pages = []", "kiosk.pages must have 1 to 200 pages"),
        ('pages = ["fleets"]', "has \"fleets\": did you mean 'fleet'?"),
        ('pages = ["pdu:"]', 'has "pdu:"'),
        ('pages = ["pdu:rack9-*"]', 'kiosk.pages "rack9-*" fits no PDU'),
        ("pages = [3]", "must be of fleet, pairs, alarms, events, pdus, pdu:NAME, has 3"),
        ("every_s = 1", "kiosk.every_s must be a number from 2 to 86400, is 1"),
        ("on = true", "unknown key 'on'"),
    ],
)
def test_what_is_said_of_wrong_pages(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(tmp_path, f"{PDUS}[kiosk]\n{text}\n")
    assert said in problem
