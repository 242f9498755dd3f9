"""Letting watchers look, and following what they find."""

from __future__ import annotations

from collections.abc import Callable, Collection

from pdutui.domain.alarm import AlarmKind
from pdutui.domain.alarm_finding import Finding
from pdutui.domain.alarm_watched import Moment
from pdutui.domain.clock import Clock
from pdutui.engine.alarms.out import Watcher
from pdutui.engine.alarms.register import Register


async def watch(
    watcher: Watcher,
    register: Register,
    *,
    judged: Callable[[], Collection[str]],
    now: Callable[[], Moment],
    clock: Clock,
) -> None:
    """Go on until it is cancelled.

    Args:
        watcher: looks.
        register: takes what it finds.
        judged: PDUs that this program judges; what is found of others is theirs to find.
        now: the moment.
        clock: for the pauses.
    """
    kinds: set[AlarmKind] = set()
    while True:
        found: dict[str, list[Finding]] = {}
        for pdu, finding in await watcher.look():
            found.setdefault(pdu, []).append(finding)
            kinds.add(finding.kind)
        for pdu in {*found, *register.roll.pdus()}.intersection(judged()):
            seen = register.take(pdu, found.get(pdu, ()), now())
            unseen = {key for key in register.tracked(pdu) if key[0] in kinds} - seen
            register.lose_sight(pdu, unseen)
        await clock.sleep(watcher.every_s)
