from __future__ import annotations

import pytest
from textual import events, messages
from textual.app import App
from textual.geometry import Size
from textual.message import Message

from pdutui.widgets.web_driver import SafeWebDriver


async def test_a_size_that_comes_as_a_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Message] = []
    monkeypatch.setattr("textual.drivers.web_driver.InputReader", list)  # no standard input here
    driver = SafeWebDriver(App[None]())
    monkeypatch.setattr(driver, "send_message", passed.append)
    size = Size(20_000, 20_000)
    key = events.Key("j", "j")
    for message in (events.Resize(size, size), messages.InBandWindowResize(True, True), key):
        driver.process_message(message)
    assert passed == [key]
