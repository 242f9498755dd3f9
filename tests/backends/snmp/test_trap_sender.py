"""The simulator's traps: what happens to a model arrives at a listener as what it is."""

from __future__ import annotations

import pytest

from pdutui.backends.mock.build import mock_pdu
from pdutui.backends.mock.catalog import CATALOG, MODELS
from pdutui.backends.mock.model import MockPdu
from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
from pdutui.backends.snmp.profile_load import load_builtin
from pdutui.backends.snmp.trap_meaning import Meaning, TrapBook
from pdutui.backends.snmp.trap_message import TrapVersion
from pdutui.backends.snmp.trap_sender import TrapSender, TrapTarget
from pdutui.backends.snmp.trap_story import happenings
from pdutui.backends.snmp.trap_v3 import Credential
from pdutui.backends.snmp.usm import UserKeys
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User
from tests.support.clock import ManualClock
from tests.support.traps import Listening

USER = V3User(user="ops", auth="SHA1", auth_key=Secret("authpass123"),
              priv="AES128", priv_key=Secret("privpass123"))  # fmt: skip
HEARD = [name for name in MODELS if load_builtin(CATALOG[name].profile, traps=True).trap]


class Told:
    """What a model's traps say to whoever knows its family."""

    def __init__(self, model: str, version: TrapVersion = "2c", inform: bool = False) -> None:
        self.clock = ManualClock()
        self.model = mock_pdu(model, start_s=self.clock.monotonic(), seed=1, incidents=False)
        self.profile = load_builtin(CATALOG[model].profile, traps=True)
        self.version, self.inform = version, inform
        self.sender: TrapSender | None = None

    async def tell(self, heard: Listening, *doings: object) -> list[Meaning]:
        """Do things to the model, one after the other, and hear what it says of them."""
        engine = V3Engine(SystemClock(), engine_id=engine_id_of("x"), users=[V3Access(USER, False)])
        target = TrapTarget(
            host="127.0.0.1", port=heard.port, version=self.version, inform=self.inform
        )
        self.sender = sender = TrapSender(
            self.profile, target, clock=self.clock, engine=engine, keys=UserKeys(USER)
        )
        await sender.start()
        try:
            last = self.look()
            for doing in doings:
                assert callable(doing)
                doing(self.model)
                now = self.look()
                for happening in happenings(last, now):
                    sender.tell(happening)
                last = now
            await heard.wait(sender.sent)
        finally:
            sender.close()
        book = TrapBook([self.profile])
        return [book.meaning(a.notification, self.profile.name) for a in heard.arrivals]

    def look(self):  # type: ignore[no-untyped-def]
        self.clock.advance(0.5)
        return self.model.reading(self.clock.monotonic(), self.clock.now(), "")

    def now(self) -> float:
        return self.clock.monotonic()


@pytest.mark.parametrize("version", ["1", "2c", "3"])
@pytest.mark.parametrize("model", HEARD)
async def test_an_outlet_of_every_model_in_every_version(model: str, version: TrapVersion) -> None:
    told = Told(model, version)
    outlets = list(told.model.outlets)
    if not outlets:
        pytest.skip("no outlets")
    number = outlets[-1]

    def off(pdu: MockPdu) -> None:
        pdu.throw(number, False, told.now())

    def on(pdu: MockPdu) -> None:
        pdu.throw(number, True, told.now())

    async with Listening() as heard:
        heard.senders.users = [Credential("rack1-a", UserKeys(USER))]
        said = await told.tell(heard, on, off, on)
        assert not heard.refused
    if number > 1000 and "raritan" not in told.profile.name and told.profile.name != "apc-rpdu2":
        assert said == [], "the family has no trap that names the unit"
        return
    kinds = [meaning.kind for meaning in said]
    assert kinds[-2:] == ["outlet_off", "outlet_on"]
    assert {meaning.outlet for meaning in said} == {number}


@pytest.mark.parametrize("model", ["pdu44001", "pdu15sw10atnet", "px3ts", "ap7724"])
async def test_a_source_lost_and_back(model: str) -> None:
    told = Told(model)

    def fail(pdu: MockPdu) -> None:
        pdu.fail_source("A", told.now())

    def back(pdu: MockPdu) -> None:
        pdu.restore_source("A", told.now())

    def later(pdu: MockPdu) -> None:
        told.clock.advance(60)

    async with Listening() as heard:
        said = await told.tell(heard, fail, later, back, later)
    by_kind: dict[str, Meaning] = {meaning.kind: meaning for meaning in said}
    assert {"source_lost", "source_ok", "transfer"} <= set(by_kind)
    if model != "px3ts":  # it has no word for redundancy, and inlets for sources
        assert {"redundancy_lost", "redundancy_ok"} <= set(by_kind)
        assert by_kind["source_lost"].source == "A"
        assert "source A lost" in by_kind["source_lost"].text


@pytest.mark.parametrize("version", ["2c", "3"])
async def test_informs_are_sent_until_they_are_answered(version: TrapVersion) -> None:
    told = Told("pdu44001", version, inform=True)
    async with Listening() as heard:
        heard.senders.users = [Credential("rack1-a", UserKeys(USER))]
        said = await told.tell(heard, lambda pdu: pdu.throw(3, False, told.now()))
        assert [meaning.outlet for meaning in said] == [3]
        assert heard.arrivals[0].notification.inform
        assert heard.listener.counts.answered == 1
    assert told.sender is not None
    assert told.sender.sent == 1


def test_bank_overloads_are_told() -> None:
    """Every family that the simulator sends traps of has one for a bank; told by its reading."""
    for model in ("pdu44001", "px3", "ap7902", "ap8641"):
        profile = load_builtin(CATALOG[model].profile, traps=True)
        kinds = {rule.kind for rule in profile.trap if rule.send}
        assert {"overload", "overload_clear", "outlet_on", "outlet_off"} <= kinds, model
