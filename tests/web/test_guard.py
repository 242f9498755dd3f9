from __future__ import annotations

import pytest

from pdutui.domain.secret import Secret
from pdutui.web.guard import (
    MOST_ADDRESSES,
    MOST_SESSIONS,
    SESSION_S,
    TRIES,
    TRIES_S,
    Guard,
    is_loopback,
    same_origin,
)
from tests.support.clock import ManualClock

TOKEN = "correct horse battery staple"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guard(clock: ManualClock) -> Guard:
    return Guard(Secret(TOKEN), clock)


def test_the_token_opens_a_session_that_is_not_the_token(guard: Guard) -> None:
    session = guard.enter(TOKEN, "10.0.0.3")
    assert session is not None
    assert guard.knows(session)
    assert TOKEN not in session
    assert guard.enter(TOKEN, "10.0.0.3") != session


@pytest.mark.parametrize("shown", ["", TOKEN[:-1], TOKEN + " ", TOKEN.upper(), "ü" * 30])
def test_nothing_else_does(guard: Guard, shown: str) -> None:
    assert guard.enter(shown, "10.0.0.3") is None
    assert not guard.knows(shown)
    assert not guard.knows("")


def test_a_session_ends_when_it_is_not_used(guard: Guard, clock: ManualClock) -> None:
    session = guard.enter(TOKEN, "a") or ""
    clock.advance(SESSION_S - 1)
    assert guard.knows(session)
    clock.advance(SESSION_S - 1)
    assert guard.knows(session), "it was used in between"
    clock.advance(SESSION_S + 1)
    assert not guard.knows(session)
    assert not guard.knows(session)


def test_guessing_is_slowed_down_for_that_address_alone(guard: Guard, clock: ManualClock) -> None:
    for _ in range(TRIES):
        assert not guard.waits("a")
        assert guard.enter("wrong wrong wrong", "a") is None
    assert guard.waits("a")
    assert guard.enter(TOKEN, "a") is None, "not even the right one by now"
    assert guard.enter(TOKEN, "b") is not None
    clock.advance(TRIES_S + 1)
    assert guard.enter(TOKEN, "a") is not None


def test_neither_sessions_nor_addresses_grow_without_end(guard: Guard, clock: ManualClock) -> None:
    first = guard.enter(TOKEN, "a") or ""
    clock.advance(1)
    sessions = [guard.enter(TOKEN, "a") or "" for _ in range(MOST_SESSIONS)]
    assert not guard.knows(first)
    assert all(guard.knows(session) for session in sessions)
    for number in range(MOST_ADDRESSES + 10):
        guard.enter("wrong", f"10.1.{number // 256}.{number % 256}")
    assert len(guard._wrong) <= MOST_ADDRESSES


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("https://NOC.lan", "noc.lan", True),
        ("http://evil.example", "127.0.0.1:8080", False),
        ("http://127.0.0.1:9090", "127.0.0.1:8080", False),
        ("http://127.0.0.1:8080.evil.example", "127.0.0.1:8080", False),
        ("null", "127.0.0.1:8080", False),
        ("file://127.0.0.1:8080", "127.0.0.1:8080", False),
        ("http://[", "127.0.0.1:8080", False),
        (None, "127.0.0.1:8080", False),
    ],
)
def test_only_our_own_pages_open_a_console(origin: str | None, host: str, ours: bool) -> None:
    assert same_origin(origin, host) is ours


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.5", False), ("noc.lan", False),
    ],
)  # fmt: skip
def test_who_can_reach_an_address(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
