"""The exec hook: a program that is run for alarms. Told in the event loop, run in threads.

At most four run at a time and a few hundred wait: a storm of alarms must not become a storm of
processes. Those of one alarm are run one after the other, so that what it is over never overtakes
that it was raised.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from pdutui.domain.alarm import AlarmEntry
from pdutui.engine.alarms.hook_job import HookJob, job_of
from pdutui.engine.alarms.hook_run import HookOutcome, run_hook
from pdutui.engine.events import Severity
from pdutui.settings import AlarmHookSettings, PduSettings

LOG = logging.getLogger("pdutui.alarms.hook")

MOST_AT_ONCE = 4
MOST_WAITING = 200
"""More than that is a room on fire or a broken limit: warnings are dropped before what is critical,
the oldest first, counted and said."""
DRAIN_S = 1.5
"""How long stopping waits for runs to end by themselves; then they are ended."""
STOP_S = 2.0
"""And how long for that."""

Note = Callable[[str, Severity, str], None]


class AlarmHook:
    """An `Outlet` that runs a program. Never blocks, never raises.

    Args:
        settings: the program, and what it is run for.
        env: the environment, of which little is passed on.
        pdus: the PDUs by name, for where they stand.
        note: takes a line of the event log; called in the event loop.
        run: runs one; blocks, in a thread.
    """

    def __init__(
        self,
        settings: AlarmHookSettings,
        *,
        env: Mapping[str, str],
        pdus: Mapping[str, PduSettings],
        note: Note,
        run: Callable[[HookJob, threading.Event], HookOutcome] = run_hook,
    ) -> None:
        self._settings = settings
        self._env = env
        self._pdus = pdus
        self._note = note
        self._run = run
        self._waiting: deque[HookJob] = deque()
        self._running: dict[str, threading.Thread] = {}
        """By the id of the alarm."""
        self._told: set[str] = set()
        """Alarms whose program was told that they were raised, and not yet that they are over."""
        self._stop = threading.Event()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._failing = ""
        """How the last run failed; empty if it did not."""
        self._dropped = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- being told --------------------------------------------------------------------------

    def tell(self, entry: AlarmEntry, *, again: bool, silenced: bool) -> None:
        """Have the program run for what became of an alarm, if it is to be."""
        if self._stopping or not self._wants(entry, again=again, silenced=silenced):
            return
        self._loop = asyncio.get_running_loop()
        pdu = self._pdus.get(entry.alarm.pdu)
        self._waiting.append(job_of(entry, self._settings, env=self._env, pdu=pdu))
        self._start()
        if len(self._waiting) > MOST_WAITING:
            oldest = self._waiting[0]
            lost = next((job for job in self._waiting if job.level == "warning"), oldest)
            self._waiting.remove(lost)
            LOG.warning("hook: not told, too many wait: %s", lost.what)
            self._dropped += 1
            if self._dropped == 1:
                self._note("", "warning", f"{self._where}: too many wait, the oldest are dropped")

    def _wants(self, entry: AlarmEntry, *, again: bool, silenced: bool) -> bool:
        """Whether it is told. Whoever was told that an alarm was raised is told that it is over."""
        change, alarm = entry.change, entry.alarm
        if change == "over":
            told = alarm.id in self._told
            self._told.discard(alarm.id)
            wanted = told or (self._is_bad(entry) and not silenced)
            return wanted and "over" in self._settings.on and not again
        if change == "expired":
            self._told.discard(alarm.id)
        if change not in self._settings.on or again or silenced or not self._is_bad(entry):
            return False
        if change in ("raised", "escalated") and alarm.over is None:
            self._told.add(alarm.id)
        return True

    def _is_bad(self, entry: AlarmEntry) -> bool:
        return entry.alarm.level == "critical" or self._settings.level == "warning"

    # -- running -----------------------------------------------------------------------------

    def _start(self) -> None:
        """Run what waits, as far as there is room."""
        while len(self._running) < MOST_AT_ONCE:
            job = next((job for job in self._waiting if job.alarm_id not in self._running), None)
            if job is None:
                return
            self._waiting.remove(job)
            # A daemon: a program that hangs in the kernel must not keep the console from ending.
            thread = threading.Thread(
                target=self._work, args=(job,), name="pdutui-hook", daemon=True
            )
            self._running[job.alarm_id] = thread
            self._idle.clear()
            try:
                thread.start()
            except RuntimeError:  # no more threads
                self._ended(job, HookOutcome(ok=False, detail="no thread could be started for it"))

    def _work(self, job: HookJob) -> None:
        """In a thread."""
        outcome = HookOutcome(ok=False, detail="failed inside of pdutui")
        try:
            outcome = self._run(job, self._stop)
        finally:
            if self._loop is not None:
                with suppress(RuntimeError):  # the loop is closed: the program has ended
                    self._loop.call_soon_threadsafe(self._ended, job, outcome)

    def _ended(self, job: HookJob, outcome: HookOutcome) -> None:
        self._running.pop(job.alarm_id, None)
        if not self._stopping:
            self._judge(job, outcome)
        self._start()
        if not self._running:
            self._idle.set()

    def _judge(self, job: HookJob, outcome: HookOutcome) -> None:
        """Tell people of the first failure of several, and that it works again."""
        if outcome.ok:
            LOG.info("hook: %s (%s)", outcome.detail, job.what)
            if self._failing:
                lost = f"; {self._dropped} alarms were dropped" if self._dropped else ""
                self._note("", "info", f"{self._where} works again{lost}")
            self._failing = ""
            if not self._waiting:
                self._dropped = 0
            return
        LOG.warning("hook: %s (%s)", outcome.detail, job.what)
        if not self._failing:
            self._note("", "warning", f"{self._where} failed: {outcome.detail} ({job.what})")
        self._failing = outcome.detail

    # -- the rest ----------------------------------------------------------------------------

    @property
    def problem(self) -> str:
        """What is wrong with it: how the last run failed, how many were dropped."""
        parts = [f"failed: {self._failing}"] if self._failing else []
        if self._dropped:
            parts.append(f"{self._dropped} alarms were dropped, too many wait")
        return f"{self._where} {'; '.join(parts)}" if parts else ""

    async def stop(self) -> None:
        """Let the runs come to their end, bounded, and end those that do not."""
        await self._until_idle(DRAIN_S)
        self._stopping = True
        if self._waiting:
            LOG.warning("hook: %d alarms were not told any more", len(self._waiting))
            self._waiting.clear()
        self._stop.set()
        await self._until_idle(STOP_S)

    async def _until_idle(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    @property
    def _where(self) -> str:
        return f"alarm hook {self._settings.argv[0]}"
