"""What has been learned of one device, kept true from poll to poll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pdutui.backends.base import DeviceError, Unreachable
from pdutui.backends.snmp.bind import bind
from pdutui.backends.snmp.bound import Bound, Shape
from pdutui.backends.snmp.decode import Decoder
from pdutui.backends.snmp.near import NearScales
from pdutui.backends.snmp.plan import Plan, Rotation, make_plan
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.shape import find_shape, table_keys
from pdutui.backends.snmp.turns import Turns
from pdutui.backends.snmp.types import RawValue

UPTIME_OID = "1.3.6.1.2.1.1.3.0"
REWALK_EVERY_S = 300.0
"""How long until each table has been walked again."""
YOUNG_S = 600.0
"""A device that started less than this ago may still be filling its tables ..."""
REWALK_YOUNG_EVERY_S = 30.0
"""... and is walked more often."""
GIVEN_UP_AFTER = 10
"""Polls in a row that a fast column may miss before it is looked for slowly only ..."""
GIVEN_UP_AFTER_V1 = 3
"""... and in v1, where every miss costs further requests."""
BLANK_POLLS = 3
"""Polls in a row that bring nothing at all: another device, or this one has lost its MIB."""
_MAX_ROUNDS = 12
"""Rounds of questions until a plan settles; each alternative column takes one."""


class Answered(Protocol):
    """What a GET brought back."""

    @property
    def values(self) -> Mapping[str, RawValue]:
        """Values by OID."""
        ...

    @property
    def absent(self) -> frozenset[str]:
        """OIDs that the device has no value for."""
        ...

    @property
    def errors(self) -> tuple[str, ...]:
        """What went wrong on the way, for people."""
        ...


class Asking(Protocol):
    """The part of the client that reads."""

    async def get(self, oids: Sequence[str]) -> Answered:
        """Ask for these OIDs in as many requests as it takes."""
        ...

    async def walk(self, root: str, *, max_rows: int = 4096) -> list[tuple[str, RawValue | None]]:
        """Every OID below `root` with its value, None for NULL."""
        ...


class Device:
    """One device under one profile: its rows, which columns it has, what is due when."""

    def __init__(
        self,
        pdu: str,
        profile: Profile,
        client: Asking,
        *,
        one_by_one: bool,
        turns: Turns | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            pdu: configured name, for the Readings.
            profile: the family.
            client: how to ask.
            one_by_one: ask for what may be absent one OID at a time (v1 fails a whole GET on it).
            turns: taken for what computes long; shared by the devices of a process.
        """
        self._pdu = pdu
        self._profile = profile
        self._client = client
        self._one_by_one = one_by_one
        self._turns = Turns() if turns is None else turns
        self._patience = GIVEN_UP_AFTER_V1 if one_by_one else GIVEN_UP_AFTER
        self.errors: list[str] = []
        """What went wrong since `read` began, for people; the poll worked out nevertheless."""
        self.latest: Mapping[str, RawValue] = {}
        """All values of the last poll."""
        self.generation = 0
        """How often what was known of it was thrown away."""
        self.replaced = False
        """Whether its serial number has changed since this was made."""
        self._shape = Shape({})
        self._forget()

    def _forget(self) -> None:
        self.generation += 1
        self._known: dict[str, bool] = {}
        self._slow_values: dict[str, RawValue] = {}
        self._misses: dict[str, int] = {}
        self._rotation = Rotation()
        self._near = NearScales()
        self._bound: Bound | None = None
        self._plan: Plan | None = None
        self._settled = False
        self._walked_s = 0.0
        self._next_table = 0
        self._uptime: int | None = None
        self._serial: str | None = None
        self._blank = 0
        self.decoder: Decoder | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan as it stands, for benchmarks and tests."""
        return self._plan

    @property
    def slow_values(self) -> Mapping[str, RawValue]:
        """Latest values of what is asked slowly."""
        return self._slow_values

    def has_rows(self) -> bool:
        """Whether the device has anything that the profile speaks of.

        Sensors alone make no PDU, except where nothing more can be hoped for.
        """
        bound, plan = self._bound, self._plan
        if bound is None or plan is None:
            return False
        main = bound.inlets or bound.phases or bound.banks or bound.outlets or plan.ats
        return bool(main or (self._profile.last_resort and bound.sensors))

    async def read(self, now: float) -> Mapping[str, RawValue]:
        """All values that the Reading of this poll is made of.

        Raises:
            Unreachable: part of the poll was not answered.
            DeviceError: the device answers in a way that no plan comes of.
        """
        self.errors = []
        if self._plan is None:
            await self._learn(now)
        # Before the measuring, not after it: a walk that fails takes seconds, and what was measured
        # before it would be handed out as fresh.
        await self._rewalk(now)
        values = await self._ask(now)
        if self._is_another(values) or self._has_moved(values):
            self._forget()
            await self._learn(now)
            values = await self._ask(now)
            self._is_another(values)
            if self._has_moved(values):
                raise DeviceError("the device is changing its tables just now")
        self.latest = {**self._slow_values, **values}
        return self.latest

    async def _learn(self, now: float) -> None:
        self._shape = await find_shape(self._client, self._profile)
        async with self._turns:
            self._bound = bind(self._profile, self._shape)
        self._walked_s = now
        try:
            await self._settle(now, {})
        except (Unreachable, DeviceError):
            self._forget()
            raise

    async def _settle(self, now: float, values: dict[str, RawValue]) -> None:
        """Ask until the plan stands. What it takes newly in this poll goes into `values`."""
        assert self._bound is not None
        for _ in range(_MAX_ROUNDS):
            async with self._turns:
                plan = make_plan(self._bound, self._known, self._slow_values)
                ask = self._newly_planned(plan, values) if isinstance(plan, Plan) else plan
                if isinstance(plan, Plan) and not ask:
                    self._adopt(plan, now, values)
                    return
            found = await self._get(ask)
            for oid in ask:
                self._known[oid] = oid in found
            values.update(found)
            self._slow_values.update(found)
        raise DeviceError(f"no end to the columns of profile {self._profile.name}")

    def _newly_planned(self, plan: Plan, values: Mapping[str, RawValue]) -> tuple[str, ...]:
        """What a new plan reads that this poll has not asked for: a column that counts again."""
        old_fast = set(self._plan.fast) if self._plan else set()
        old = self._plan.present if self._plan else frozenset()
        return (
            *(oid for oid in plan.fast if oid not in old_fast and oid not in values),
            *(oid for oid in plan.slow if oid not in old and oid not in values),
        )

    def _adopt(self, plan: Plan, now: float, values: dict[str, RawValue]) -> None:
        self._plan = plan
        self._settled = True
        self._rotation.set((*plan.slow, *plan.probes), now)
        kept = {*plan.slow, *plan.conditions}
        self._slow_values = {o: value for o, value in self._slow_values.items() if o in kept}
        self._misses = {oid: n for oid, n in self._misses.items() if oid in plan.present}
        for oid in set(values) - plan.present:
            del values[oid]
        self.decoder = Decoder(self._pdu, self._profile, plan, self._near)

    async def _ask(self, now: float) -> dict[str, RawValue]:
        """One poll: every fast column, and the slow ones whose turn it is."""
        plan = self._plan
        assert plan is not None
        due = self._rotation.due(now)
        probes = tuple(oid for oid in due if oid not in plan.present)
        slow = tuple(oid for oid in due if oid in plan.present)
        together = plan.fast + slow
        values = await self._get(together if self._one_by_one else together + probes)
        if self._one_by_one:
            for oid in probes:
                values.update(await self._get((oid,)))
        self._rotation.done(len(due), now)
        self._note_slow(plan, slow, values)
        for oid in probes:
            if oid in values:
                self._known[oid] = True
                self._slow_values[oid] = values[oid]
                self._settled = False
        self._note_missing(plan, values)
        if not self._settled:
            await self._settle(now, values)
        return values

    def _note_slow(self, plan: Plan, slow: tuple[str, ...], values: Mapping[str, RawValue]) -> None:
        for oid in slow:
            value = values.get(oid)
            if value is None:
                self._known[oid] = False
                self._slow_values.pop(oid, None)
                self._settled = False
                continue
            if oid in plan.conditions and value != self._slow_values.get(oid):
                self._settled = False
            self._slow_values[oid] = value

    def _note_missing(self, plan: Plan, values: Mapping[str, RawValue]) -> None:
        missing = [oid for oid in plan.fast if oid not in values]
        if not missing and not self._misses:
            return
        self._misses = {oid: self._misses.get(oid, 0) + 1 for oid in missing}
        for oid, times in self._misses.items():
            if times >= self._patience:
                self._known[oid] = False
                self._settled = False

    async def ask_now(
        self, oids: Sequence[str], proofs: Sequence[tuple[str, int]] = ()
    ) -> dict[str, RawValue]:
        """Values of these OIDs, fresh, and the latest of what is asked slowly.

        Args:
            oids: what to ask for.
            proofs: what the device must say along with it for its rows to be those that were found.

        Raises:
            Unreachable: one was not answered for.
            DeviceError: the rows have moved; the values would be those of another outlet.
        """
        values = await self._get((*oids, *(oid for oid, _ in proofs)))
        if any(values.get(oid) != said for oid, said in proofs):
            raise DeviceError("its outlets are in other rows than before: a unit has come or gone")
        asked = frozenset(oids)
        return {**{o: v for o, v in self._slow_values.items() if o not in asked}, **values}

    def correct(self, values: Mapping[str, RawValue], oids: Sequence[str]) -> None:
        """Take over fresh values of what is asked slowly: the next reading shows them."""
        for oid in oids:
            if oid in self._slow_values and oid in values:
                self._slow_values[oid] = values[oid]

    async def _get(self, oids: Sequence[str]) -> dict[str, RawValue]:
        """Values of these OIDs. Raises Unreachable if one of them was not answered for."""
        if not oids:
            return {}
        answer = await self._client.get(oids)
        self.errors += answer.errors
        values = dict(answer.values)
        silent = [oid for oid in oids if oid not in values and oid not in answer.absent]
        if silent:
            why = f": {answer.errors[0]}" if answer.errors else ""
            raise Unreachable(f"{len(silent)} of {len(oids)} values were not answered{why}")
        return values

    def _is_another(self, values: Mapping[str, RawValue]) -> bool:
        """Whether the device was started anew or replaced since the last poll."""
        assert self.decoder is not None
        assert self._plan is not None
        anything = any(oid in values for oid in self._plan.fast if oid != UPTIME_OID)
        self._blank = 0 if anything else self._blank + 1
        uptime = values.get(UPTIME_OID)
        serial = self.decoder.serial({**self._slow_values, **values})
        restarted = isinstance(uptime, int) and self._uptime is not None and uptime < self._uptime
        replaced = serial is not None and self._serial is not None and serial != self._serial
        self.replaced |= replaced
        self._uptime = uptime if isinstance(uptime, int) else self._uptime
        self._serial = serial or self._serial
        return restarted or replaced or self._blank >= BLANK_POLLS

    def _has_moved(self, values: Mapping[str, RawValue]) -> bool:
        """Whether rows stand elsewhere than where they were found: a unit of a chain came or went.

        What was read then is another unit's.
        """
        assert self._plan is not None
        return any(values.get(oid) != said for oid, said in self._plan.proofs)

    async def _rewalk(self, now: float) -> None:
        """Walk one table again if it is time to. What goes wrong there harms no value."""
        keys = table_keys(self._profile)
        young = self._uptime is not None and self._uptime < YOUNG_S * 100
        every = REWALK_YOUNG_EVERY_S if young else REWALK_EVERY_S
        if not keys or now - self._walked_s < every / len(keys):
            return
        key = keys[self._next_table % len(keys)]
        self._walked_s = now
        self._next_table += 1
        try:
            found = await find_shape(self._client, self._profile, (key,))
        except (Unreachable, DeviceError) as error:
            self.errors.append(f"looking for new rows: {error}")
            return
        merged = self._shape.with_table(key, found)
        if merged != self._shape:
            async with self._turns:
                self._shape = merged
                self._bound = bind(self._profile, merged)
            self._settled = False
