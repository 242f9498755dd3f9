"""Moments as unix milliseconds and back, without a moment ever becoming a later one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms_of(at: datetime) -> int:
    """Unix ms, never rounded up into what has not been yet."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def time_of(at_ms: int) -> datetime:
    """The moment of unix ms, UTC."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def in_words(at_ms: int, zone: tzinfo) -> str:
    """`2026-11-20 03:12:07 CET`."""
    local = time_of(at_ms).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
