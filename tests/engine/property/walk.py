"""One random walk: what is done step by step, and what has to hold all the time and in the end."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from pdutui.domain.audit import AuditQuery
from pdutui.domain.commands import Actor, CommandResult, Intent
from pdutui.domain.plan import PlanWish
from pdutui.engine.plans.port import PlanTrouble
from tests.engine.property.oracle import Oracle, Rules, about
from tests.engine.property.rack import (
    NOW,
    PDU,
    Arrival,
    Console,
    Rack,
    Wish,
    person,
    state_dir,
)

LONGEST_S = 200.0
"""No command takes longer, whatever befalls it."""
STEPS = {"name": "_rename"}
PLANNED = ("plan", "lock", "unlock")
"""Actions in the audit that are no intents."""


class Walk:
    """A rack under a policy, and everything that is asked of it."""

    def __init__(self, rules: Rules, folder: Path) -> None:
        self.rules = rules
        self.oracle = Oracle(rules)
        self.rack = Rack(rules.settings(state_dir(folder)), self.oracle)
        self.oracle.rack = self.rack
        self.rack.on_ended = self._ended
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = self.oracle.wrong
        self.open: list[tuple[Wish, Intent]] = []
        self.spent: list[tuple[Wish, Intent, Any]] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.plans: list[tuple[Console, str]] = []
        self.disturbed_s = 0.0
        """When somebody last laid hands on the device or the line."""
        self.ending = False
        self.repeated: set[str] = set()
        """Intents that were put to a gate again, perhaps while they were under way."""

    async def begin(self) -> None:
        await self.rack.open("alice", "bob")

    async def do(self, step: tuple[Any, ...]) -> None:
        """One step. Nothing waits in it but what only waits for the disk."""
        what, *args = step
        if what in ("hand", "name", "swap", "line", "lie", "rejects", "label"):
            self.disturbed_s = self.rack.clock.monotonic()
        result = getattr(self, STEPS.get(what, f"_{what}"))(*args)
        if asyncio.iscoroutine(result):
            await result
        await self.rack.quiet()
        assert not self.wrong, self.wrong

    # -- switching ---------------------------------------------------------------------------

    def _who(self, console: Console, who: tuple[str, str]) -> Actor:
        name, origin = who
        return person(console.actor.user if name == "self" else name, origin)

    def _wish(self, console: int, outlet: int, action: str, who: tuple[str, str],
              words: tuple[str | None, str | None]) -> tuple[Wish, Intent]:  # fmt: skip
        rack = self.rack
        at = rack.consoles[console]
        number = 0 if action.startswith(("all_", "prefer_")) else outlet
        wish = Wish(
            console, self._who(at, who), action=action, outlet=number, reason=words[0],
            ticket=words[1], shown=rack.shown(at), seen_commands=len(rack.device.arrivals),
        )  # fmt: skip
        intent = at.engine.gate.new_intent(
            PDU, number, action, wish.actor, words[0], ticket=words[1]  # type: ignore[arg-type]
        )  # fmt: skip
        wish.intent = intent.id
        return wish, intent

    def _ask(self, console: int, outlet: int, action: str, who: Any, words: Any) -> None:
        self.open.append(self._wish(console, outlet, action, who, words))

    def _switch(self, console: int, outlet: int, action: str, who: Any, words: Any,
                how: str) -> None:  # fmt: skip
        self._send(*self._wish(console, outlet, action, who, words), how)

    def _answer(self, k: int, how: str) -> None:
        if self.open:
            self._send(*self.open.pop(k % len(self.open)), how)

    def _send(self, wish: Wish, intent: Intent, how: str) -> None:
        gate = self.rack.consoles[wish.console].engine.gate
        wish.confirmed = how not in ("no", "cancel")
        wish.typed = {"yes": self._name(wish), "wrong name": "wrong"}.get(how)
        self._start(
            wish,
            gate.refuse(intent, "cancelled")
            if how == "cancel"
            else gate.switch(intent, confirmed=wish.confirmed, typed_name=wish.typed),
        )
        self.spent.append((wish, intent, how))

    @staticmethod
    def _name(wish: Wish) -> str:
        if not wish.outlet:
            return PDU
        name = wish.shown.names.get(wish.outlet) if wish.shown else None
        return name or f"outlet {wish.outlet}"

    def _start(self, wish: Wish, work: Any) -> asyncio.Task[Any]:
        """In a task that knows whose it is, as do all that it begins."""
        token = NOW.set(wish)
        try:
            task = asyncio.ensure_future(work)
        finally:
            NOW.reset(token)
        self.tasks.append(task)
        return task

    def _again(self, k: int) -> None:
        """A wish that is spent is put to the gate once more."""
        if self.spent:
            wish, intent, _ = self.spent[-1 - k % len(self.spent)]
            self.repeated.add(intent.id)
            gate = self.rack.consoles[wish.console].engine.gate
            self._start(wish, gate.switch(intent, confirmed=True, typed_name=self._name(wish)))

    def _forge(self, console: int, outlet: int, action: str, who: Any, k: int) -> None:
        """An intent that no question was ever put for, and that may claim to be of a plan."""
        at = self.rack.consoles[console]
        number = 0 if action.startswith(("all_", "prefer_")) else outlet
        plan = self.plans[k % len(self.plans)][1] if self.plans and k else "K7Q2MX" if k else None
        name = f"forged-{len(self.spent)}"
        actor = self._who(at, who)
        wish = Wish(
            console, actor, name, None, action, number, "why", "CHG-7", self.rack.shown(at),
            len(self.rack.device.arrivals),
        )  # fmt: skip
        wish.typed = self._name(wish)
        intent = Intent(
            id=name, pdu=PDU, outlet=number, action=action, actor=actor,  # type: ignore[arg-type]
            reason="why", ticket="CHG-7", plan=plan,
        )  # fmt: skip
        self._start(wish, at.engine.gate.switch(intent, confirmed=True, typed_name=wish.typed))
        self.spent.append((wish, intent, "yes"))

    # -- what befalls them -------------------------------------------------------------------

    async def _wait(self, seconds: float) -> None:
        await self.rack.wait(seconds)

    def _hand(self, outlet: int, on: bool) -> None:
        self.rack.device.throw(outlet, on)

    def _rename(self, outlet: int, name: str) -> None:
        self.rack.device.names[outlet] = name

    def _label(self, console: int, outlet: int, name: str | None) -> None:
        at = self.rack.consoles[console]
        at.engine.rename_outlet(PDU, outlet, name)
        # The file is one for both; who writes it reads it.
        given = self.labels = {**getattr(self, "labels", {}), outlet: name}
        at.labels = {n: text for n, text in given.items() if text}

    def _swap(self) -> None:
        self.rack.device.serial += "'"

    def _line(self, console: int, fault: str) -> None:
        for wire in (one.wire for one in self.rack.consoles if console in (2, one.number)):
            wire.loses = fault if fault in ("request", "answer") else ""
            wire.fault = fault if fault in ("silent", "slow", "error") else None  # type: ignore[assignment]

    def _lie(self, lie: str) -> None:
        self.rack.device.lie = lie

    def _rejects(self, rejects: bool) -> None:
        self.rack.device.rejects = rejects

    async def _lock(self, console: int) -> None:
        at = self.rack.consoles[console]
        at.locked = True
        await self.rack.drive(at.engine.gate.lock(at.actor))

    async def _unlock(self, console: int, typed: str) -> None:
        at = self.rack.consoles[console]
        soon = at.engine.gate.unlock_wait_s > 0
        await self.rack.drive(at.engine.gate.unlock(at.actor, typed))
        if typed == "unlock" and not soon:
            at.locked = False

    # -- plans -------------------------------------------------------------------------------

    async def _plan(self, console: int, outlets: list[int], action: str, words: Any,
                    pause_s: float) -> None:  # fmt: skip
        at = self.rack.consoles[console]
        wishes = [PlanWish(pdu=PDU, outlet=n, action=action) for n in outlets]  # type: ignore[arg-type]
        if action.startswith(("all_", "prefer_")):
            wishes = [PlanWish(pdu=PDU, outlet=0, action=action)]  # type: ignore[arg-type]
        draft = at.desk.draft(
            wishes, at.actor, pause_s=pause_s, reason=words[0], ticket=words[1],
            on_failure="continue" if pause_s else "stop",
        )  # fmt: skip
        try:
            view = await self.rack.drive(
                at.desk.keep(draft, confirmed=True, typed=draft.words), 30.0
            )
        except PlanTrouble:
            self.seen["no plan"] += 1
            return
        self.oracle.plans[view.plan.id] = at.actor
        self.plans.append((at, view.plan.id))
        if view.state == "needs_approval" and pause_s:
            await self._approve(1 - console, 0)
        await self._go(0, "start")

    async def _approve(self, console: int, k: int) -> None:
        if not self.plans:
            return
        at, (_, plan) = self.rack.consoles[console], self.plans[-1 - k % len(self.plans)]
        try:
            await self.rack.drive(at.desk.approve(plan, at.actor), 30.0)
        except PlanTrouble:
            return
        self.oracle.approved[plan] = at.actor
        self.seen["approved"] += 1

    async def _go(self, k: int, what: str) -> None:
        if not self.plans:
            return
        at, plan = self.plans[-1 - k % len(self.plans)]
        view = at.desk.get(plan)
        wish = Wish(at.number, at.actor, None, plan, reason=view.plan.reason,
                    ticket=view.plan.ticket)  # fmt: skip
        try:
            await self.rack.drive(
                _awaited(self._start(wish, getattr(at.desk, what)(plan, at.actor)))
            )
        except PlanTrouble:
            self.seen["no start"] += 1

    # -- what must hold ----------------------------------------------------------------------

    def _arrived(self, console: Console, result: CommandResult) -> list[Arrival]:
        """The commands of an intent that have reached the device, and have not ended."""
        intent = result.intent
        own = any(wish.intent == intent.id for wish, _, _ in self.spent)
        return [
            a
            for a in self.rack.device.arrivals
            if a.console == console.number and a.wish is not None and a.result is None
            and (
                a.wish.intent == intent.id
                or (not own and a.wish.intent is None and a.wish.plan == intent.plan
                    and (a.outlet, a.action) == (intent.outlet, intent.action))
            )
        ]  # fmt: skip

    def _ended(self, console: Console, result: CommandResult) -> None:
        """A command has ended: what is said of it is what the relays say."""
        outcome, arrived = result.outcome, self._arrived(console, result)
        self.seen[outcome] += 1
        if outcome == "refused":
            if arrived and result.intent.id not in self.repeated:
                self.wrong.append(f"refused, and yet it was sent: {result}")
            return
        if outcome != "failed" and len(arrived) != 1:
            self.wrong.append(f"{len(arrived)} commands were sent: {result}")
        for arrival in arrived:
            arrival.result = result
            if result.intent.plan:
                self.seen["plan steps"] += 1
            why = self._untrue(arrival, result)
            if why:
                self.wrong.append(f"{why}: {result}")

    def _untrue(self, arrival: Arrival, result: CommandResult) -> str:
        action, outcome = arrival.action, result.outcome
        part = action.removeprefix("all_")
        done = [self._done(arrival, part, number) for number in about(arrival.outlet)]
        if outcome == "observed" and not result.pending and not all(done):
            return f"observed, and it is {[self.rack.device.state(n) for n in (1, 2, 3, 4, 5)]}"
        if (
            outcome == "observed"
            and result.pending
            and not all(self.rack.device.pending(n) for n in about(arrival.outlet))
        ):
            return "pending, and nothing is"
        now_s = self.rack.clock.monotonic()
        well = not arrival.faulty and arrival.at_s > self.disturbed_s and not self.ending
        if well and part in ("on", "off", "reboot") and outcome != "observed":
            return f"nothing was in its way and it is {outcome}"
        steady = all(self.rack.device.since_s(n) > 3.0 for n in about(arrival.outlet))
        calm = now_s - self.disturbed_s > 6.0 and not self.rack.consoles[arrival.console].wire.fault
        if outcome == "contradicted" and part in ("on", "off") and steady and calm and all(done):
            return "contradicted, and it is as it should be"
        return ""

    def _done(self, arrival: Arrival, part: str, outlet: int) -> bool:
        """Whether the relay is where it was wanted, by its own account."""
        device = self.rack.device
        state, moves = device.state(outlet), device.moves[outlet]
        if part in ("on", "delayed_on"):
            return state == "on"
        if part in ("off", "delayed_off"):
            return state == "off"
        if part in ("reboot", "delayed_reboot"):
            was_off = arrival.states[outlet] == "off"
            went = any(not on for at_s, on in moves if at_s >= arrival.at_s)
            return state == "on" and (was_off or went)
        if part == "cancel":
            return device.pending(outlet) is None
        return True

    async def end(self) -> None:
        """Everything ends; then the books are compared."""
        self.disturbed_s = self.rack.clock.monotonic()
        for console in self.rack.consoles:
            console.wire.fault, console.wire.loses = None, ""
        waited_s = 0.0
        while any(not task.done() for task in self.tasks) and waited_s < LONGEST_S:
            await self.rack.wait(1.0)
            waited_s += 1.0
        assert all(task.done() for task in self.tasks), "something never ends"
        self.ending = True
        for console in self.rack.consoles:
            await self.rack.drive(console.engine.stop())
        await self.rack.quiet()
        assert not self.wrong, self.wrong
        self._one_at_a_time()
        self._once()
        await self._audited()
        for console in self.rack.consoles:
            await self.rack._closing(console.store)

    def _once(self) -> None:
        """No intent and no step of a plan was sent twice."""
        keys = [
            (a.wish.intent, a.wish.plan, a.outlet if a.wish.intent is None else None)
            for a in self.rack.device.arrivals
            if a.wish is not None
        ]
        self.seen["sent"] += len(keys)
        twice = [key for key, count in Counter(keys).items() if count > 1]
        assert not twice, (twice, self.rack.device.arrivals)

    def _one_at_a_time(self) -> None:
        """No command went out while another, from whichever console, was followed to its end."""
        over_s = 0.0
        for arrival in self.rack.device.arrivals:
            assert arrival.at_s >= over_s - 1e-3, "two commands at a time"
            result = arrival.result
            assert result is not None, f"it never ended: {arrival}"
            ended = result.ended - self.rack.clock._start
            over_s = self.rack.clock._zero + ended.total_seconds()

    async def _audited(self) -> None:
        """An opening and a closing record for every attempt; the closing says what was told."""
        trail = await self.rack.consoles[0].store.audit_trail()
        report = await trail.verify()
        assert report.ok, report.faults
        rows = await trail.rows(AuditQuery(limit=100_000))
        assert report.records == len(rows)
        opened: Counter[str] = Counter()
        closed: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in (one.record for one in rows):
            if row.action in PLANNED or row.outcome == "skipped":
                continue
            if row.outcome == "requested":
                opened[row.intent_id] += 1
            else:
                closed[row.intent_id].append((row.outcome, row.detail))
        told: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for console in self.rack.consoles:
            for _, result in console.results:
                told[result.intent.id].append((result.outcome, result.detail))
        assert opened == {key: len(ends) for key, ends in told.items()}
        assert {key: sorted(ends) for key, ends in closed.items()} == {
            key: sorted(ends) for key, ends in told.items()
        }
        wanted = {wish.intent for wish, _, _ in self.spent}
        assert wanted <= set(told), "an attempt that left no trace"


async def _awaited(task: asyncio.Task[Any]) -> Any:
    return await task
