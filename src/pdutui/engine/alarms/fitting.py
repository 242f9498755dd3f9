"""Which ways out and which watchers there are, by the settings."""

from __future__ import annotations

from pdutui.engine.alarms.out import Outlet, Surroundings, Watcher


def outlets(around: Surroundings) -> tuple[Outlet, ...]:
    """The ways out that are configured."""
    return ()


def watchers(around: Surroundings) -> tuple[Watcher, ...]:
    """What judges beside the readings."""
    return ()
