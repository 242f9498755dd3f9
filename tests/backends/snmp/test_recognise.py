"""Which family a device belongs to is asked, never assumed."""

from __future__ import annotations

import pytest

from pdutui.backends.base import Unreachable, Unsupported
from pdutui.backends.snmp.profile_load import builtin_names, load_builtin
from pdutui.backends.snmp.recognise import candidates, recognise
from tests.support.recorded import RecordedClient
from tests.support.snmp_devices import CPS, PX, SYSTEM, Rig, Values, pdu44001, px3, system


async def test_by_its_answers() -> None:
    assert (await recognise(RecordedClient(pdu44001()))).name == "cyberpower-epdu"
    assert (await recognise(RecordedClient(px3()))).name == "raritan-pdu2"


@pytest.mark.parametrize("object_id", [None, PX, "1.3.6.1.4.1.8072.3.2.10"])
async def test_a_misleading_object_id_does_not_matter(object_id: str | None) -> None:
    values = pdu44001() | {f"{SYSTEM}.2.0": object_id}
    assert (await recognise(RecordedClient(values))).name == "cyberpower-epdu"


async def test_the_object_id_says_what_is_tried_first() -> None:
    client = RecordedClient(px3())
    await recognise(client)
    assert not any(oid.startswith(CPS) for oid in client.asked_flat())


def test_the_longest_prefix_goes_first_and_prefixes_end_at_a_dot() -> None:
    profiles = [load_builtin(name) for name in builtin_names()]
    names = [p.name for p in candidates(profiles, f"{PX}.1")]
    assert names[0] == "raritan-pdu2"
    other = [p.name for p in candidates(profiles, f"{PX}0.1")]
    assert other == [*(p.name for p in profiles if not p.last_resort), "generic"]


@pytest.mark.parametrize("model", [None, b"", b"\0  "])
async def test_a_cyberpower_ups_is_no_pdu(model: bytes | None) -> None:
    ups = system(f"{CPS}.1", b"Power Manager") | {f"{CPS}.1.1.1.0": b"OL2200RTXL2U"}
    ups[f"{CPS}.3.1.5.0"] = model
    with pytest.raises(Unsupported, match="not a PDU of a known family"):
        await recognise(RecordedClient(ups))
    with pytest.raises(Unsupported) as caught:
        await Rig(ups).backend.poll()
    text = str(caught.value)
    assert "Power Manager" in text
    assert f"{CPS}.1" in text
    assert "--profile" in text
    assert "cyberpower-epdu" in text


async def test_the_first_generation_of_raritan_is_unsupported() -> None:
    px = system("1.3.6.1.4.1.13742.4", b"Dominion PX") | {"1.3.6.1.4.1.13742.4.1.1.1.0": 8}
    with pytest.raises(Unsupported, match="Dominion PX"):
        await Rig(px).backend.poll()


async def test_an_unknown_device_is_named_and_what_to_do_with_it() -> None:
    rig = Rig(system("1.3.6.1.4.1.9999.7", b"Acme PowerThing 3"))
    with pytest.raises(Unsupported) as caught:
        await rig.backend.poll()
    text = str(caught.value)
    assert "sysDescr 'Acme PowerThing 3'; sysObjectID 1.3.6.1.4.1.9999.7" in text
    assert "pdutui capture device -o pdu.snmprec --redact" in text
    assert "--profile (apc-ats, " in text


async def test_an_unknown_device_takes_few_requests() -> None:
    client = RecordedClient(system("1.3.6.1.4.1.9999.7", b"Acme"))
    with pytest.raises(Unsupported):
        await recognise(client)
    # the system group, one for all objects of all families, and a walk for each table
    assert len(client.asked) <= 3
    tables = {
        profile.absolute(oid).partition(".*")[0]
        for profile in (load_builtin(name) for name in builtin_names())
        for oid in profile.recognise.any
        if ".*" in oid
    }
    assert set(client.walked) == tables


async def test_in_v1_what_may_be_missing_is_asked_for_alone() -> None:
    client = RecordedClient(system("1.3.6.1.4.1.9999.7", b"Acme"))
    with pytest.raises(Unsupported):
        await recognise(client, one_by_one=True)
    assert {len(batch) for batch in client.asked[1:]} == {1}


@pytest.mark.parametrize("oid", [f"{CPS}.3.1.5.0", f"{CPS}.5.1.2.0"])
async def test_an_answer_that_is_lost_never_makes_another_family(oid: str) -> None:
    client = RecordedClient(pdu44001())
    client.silent_oids = {oid}
    with pytest.raises(Unreachable):
        await recognise(client)


def rmcard() -> Values:
    return system(f"{CPS}.5", b"UPS SNMP Card") | {
        f"{CPS}.5.1.2.0": b"PDU15SW10ATNET",
        f"{CPS}.3.1.5.0": None,
    }


async def test_the_branches_of_cyberpower_are_told_apart() -> None:
    assert (await recognise(RecordedClient(rmcard()))).name == "cyberpower-ats"
    lying = rmcard() | {f"{SYSTEM}.2.0": f"{CPS}.6"}
    assert (await recognise(RecordedClient(lying))).name == "cyberpower-ats"


async def test_a_last_resort_is_looked_for_last_and_takes_what_no_family_has() -> None:
    volts = {"1.3.6.1.2.1.99.1.1.1.1.7": 3}
    client = RecordedClient(system("1.3.6.1.4.1.9999.7", b"Acme") | volts)
    assert (await recognise(client)).name == "generic"
    assert (await recognise(RecordedClient(px3() | volts))).name == "raritan-pdu2"
    amperes = {"1.3.6.1.2.1.99.1.1.1.1.7": 5}
    with pytest.raises(Unsupported):
        await recognise(RecordedClient(system("1.3.6.1.4.1.9999.7", b"Switch") | amperes))


async def test_a_hostile_description_is_tamed() -> None:
    with pytest.raises(Unsupported) as caught:
        await Rig(system("1.2.3", b"\x1b]0;pwned\x07\x1b[31mred\nline")).backend.poll()
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_silence_is_unreachable() -> None:
    client = RecordedClient({})
    client.silent = True
    with pytest.raises(Unreachable):
        await recognise(client)


async def test_a_device_without_a_system_group_is_still_probed() -> None:
    values = {oid: v for oid, v in px3().items() if not oid.startswith(SYSTEM)}
    reading = await Rig(values).backend.poll()
    assert (reading.profile, reading.uptime_s) == ("raritan-pdu2", None)


async def test_a_profile_by_hand_is_not_probed_for() -> None:
    values = pdu44001()
    del values[f"{CPS}.3.1.5.0"]
    rig = Rig(values, profile="cyberpower-epdu")
    reading = await rig.backend.poll()
    assert (reading.model, len(reading.outlets)) == (None, 10)
    assert rig.device.limits.max_varbinds == 10


async def test_an_empty_pdu_is_looked_at_again() -> None:
    full = pdu44001()
    rig = Rig(
        {o: v for o, v in full.items() if not any(b in o for b in (".3.2.", ".3.3.", ".6.9."))}
    )
    with pytest.raises(Unsupported, match="nothing that profile cyberpower-epdu speaks of"):
        await rig.backend.poll()
    rig.device.values = full
    assert len((await rig.backend.poll()).outlets) == 10
