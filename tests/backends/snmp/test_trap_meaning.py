"""What traps mean: literal sentences for those that matter, every rule of every profile once."""

from __future__ import annotations

import pytest

from pdutui.backends.snmp.profile_load import (
    ProfileError,
    builtin_names,
    load_builtin,
    parse_profile,
)
from pdutui.backends.snmp.trap_meaning import MAX_MESSAGE, Meaning, TrapBook, sentence
from pdutui.backends.snmp.trap_message import decode_trap
from pdutui.backends.snmp.trap_rules import TrapRule, TrapWord, words_in
from tests.support.traps import Binding, notification, v1_trap, v2_trap

CPS, MSG = "1.3.6.1.4.1.3808", "1.3.6.1.4.1.3808.2.2.3.0"
EPDU, EPDU2, ATS = f"{CPS}.1.1.3", f"{CPS}.1.1.6", f"{CPS}.1.1.5"
PX = "1.3.6.1.4.1.13742.6"
APC = "1.3.6.1.4.1.318"
RPDU, AATS, ARG = f"{APC}.1.1.12", f"{APC}.1.1.8", f"{APC}.2.3"
WITH_TRAPS = [name for name in builtin_names() if load_builtin(name, traps=True).trap]


@pytest.fixture(scope="module")
def book() -> TrapBook:
    return TrapBook(load_builtin(name, traps=True) for name in builtin_names())


def outlet(n: int) -> list[Binding]:
    return [
        (f"{EPDU}.1.6.0", "NKX0001"), (f"{EPDU}.1.1.0", "ATS011"),
        (f"{EPDU}.3.3.1.1.1.{n}", n), (f"{EPDU}.3.3.1.1.2.{n}", "db01"), (MSG, "Outlet event"),
    ]  # fmt: skip


def switched(text: str) -> list[Binding]:
    return [
        (f"{EPDU2}.2.2.1.10.1", "NKX0001"), (f"{EPDU2}.6.1.5.1.1.3", 3),
        (f"{EPDU2}.6.1.5.1.3.3", 3), (f"{EPDU2}.6.1.5.1.4.3", "db01"), (MSG, text),
    ]  # fmt: skip


def alarm(text: str, selected: int = 2) -> list[Binding]:
    return [(f"{EPDU2}.9.4.1.3.1", selected), (f"{EPDU2}.9.4.1.1.1", 1), (MSG, text)]


def source(n: int, name: str) -> list[Binding]:
    return [(f"{ATS}.1.1.0", "ats"), (f"{ATS}.1.5.0", "S1"), (f"{ATS}.2.2.2.1.2.{n}", name)]


def px(index: str, sensor: int, state: int, old: int, branch: str, value: int = 0) -> list[Binding]:
    return [
        (f"{PX}.3.2.2.1.13.1", "px"), (f"{PX}.0.0.3.0", 1), (index, "label"),
        (f"{PX}.0.0.10.0", sensor), (f"{PX}.5.{branch}.4.1.1.{sensor}", value),
        (f"{PX}.5.{branch}.3.1.1.{sensor}", state), (f"{PX}.0.0.2.0", old),
        (f"{PX}.3.2.1.1.4.1", "1JX0001"),
    ]  # fmt: skip


def power(n: int, operation: int) -> list[Binding]:
    return [
        (f"{PX}.0.0.1.1.2.0", "jane"), (f"{PX}.3.5.3.1.2.1.{n}", str(n)),
        (f"{PX}.4.1.2.1.2.1.{n}", operation), (f"{PX}.5.4.3.1.3.1.{n}.14", 7),
    ]  # fmt: skip


def bank(number: int, phase: int) -> list[Binding]:
    return [(f"{RPDU}.2.3.1.1.5.2", number), (f"{RPDU}.2.3.1.1.4.2", phase), (f"{ARG}.3.0", "x")]


def rpdu2(text: str, device: int = 1) -> list[Binding]:
    return [
        (f"{ARG}.10.0", "5A1"), (f"{ARG}.11.0", "rack"), (f"{ARG}.1.0", 44), (f"{ARG}.6.0", device),
        (f"{ARG}.7.0", 3), (f"{ARG}.3.0", text),
    ]  # fmt: skip


OCP = f"{PX}.3.4.3.1.2.1.2"
OUT = f"{PX}.3.5.3.1.2.1.3"
INLET = f"{PX}.3.3.3.1.2.1.1"
TS = f"{PX}.3.9.3.1.2.1.1"
SAYS = "; the device says: "

LITERAL: list[tuple[str, list[Binding], str, str, str]] = [
    # enterprise and number, variables, sentence, kind, severity
    (f"{CPS}.0.102", outlet(3), "outlet 3 turned on on the device", "outlet_on", "warning"),
    (f"{CPS}.0.103", outlet(3), "outlet 3 turned off on the device", "outlet_off", "warning"),
    (f"{CPS}.0.101", [], "the card has lost the PDU", "comm_lost", "critical"),
    (f"{CPS}.0.128", [(f"{EPDU}.2.3.1.1.5.3", 2)], "bank 2 overload", "overload", "critical"),
    (f"{CPS}.0.129", [(f"{EPDU}.2.3.1.1.5.3", 2)], "bank 2 overload over", "overload_clear",
     "info"),
    (f"{CPS}.0.302", source(1, "Utility"), "source A lost (fault)", "source_lost", "critical"),
    (f"{CPS}.0.302", source(0, "Source B"), "source B lost (fault)", "source_lost", "critical"),
    (f"{CPS}.0.303", source(2, "Gen"), "source B ok again", "source_ok", "info"),
    (f"{CPS}.0.304", source(2, "Gen"), "redundancy lost (source B)", "redundancy_lost", "critical"),
    (f"{CPS}.0.304", [], "redundancy lost", "redundancy_lost", "critical"),
    (f"{CPS}.0.301", [(f"{ATS}.2.1.2.0", 2)], "transferred to source B", "transfer", "warning"),
    (f"{CPS}.0.328", [(f"{ATS}.5.2.4.1.1.3", 3)], "bank 2 overload", "overload", "critical"),
    (f"{CPS}.0.328", [(f"{ATS}.5.2.4.1.1.1", 1)], "total load overload", "overload", "critical"),
    (f"{CPS}.0.339", [(f"{ATS}.6.5.1.1.4", 4)], "outlet 4 turned off on the device", "outlet_off",
     "warning"),
    (f"{CPS}.0.409", switched("Outlet 3 has turned off."), "outlet 3 turned off on the device",
     "outlet_off", "warning"),
    (f"{CPS}.0.409", switched("Outlet 3 has turned on."), "outlet 3 turned on on the device",
     "outlet_on", "warning"),
    (f"{CPS}.0.409", switched("delayed command on"), "outlet 3 switched on the device: delayed "
     "command on", "other", "warning"),
    (f"{CPS}.0.420", alarm("Source A power lost"), f"source A lost{SAYS}Source A power lost",
     "source_lost", "critical"),
    (f"{CPS}.0.420", alarm("ATS switched"), f"transferred to source B{SAYS}ATS switched",
     "transfer", "critical"),
    (f"{CPS}.0.420", alarm("Redundancy lost"), f"redundancy lost{SAYS}Redundancy lost",
     "redundancy_lost", "critical"),
    (f"{CPS}.0.420", alarm("odd"), "source alarm, source B carries the load: odd", "other",
     "critical"),
    (f"{CPS}.0.421", alarm("Source A restored"), f"source A ok again{SAYS}Source A restored",
     "source_ok", "info"),
    (f"{CPS}.0.407", [(f"{EPDU2}.5.4.1.3.1", 1), (MSG, "Bank 1 overload")],
     f"bank 1 overload{SAYS}Bank 1 overload", "overload", "critical"),
    (f"{CPS}.0.407", [(f"{EPDU2}.5.4.1.3.1", 1), (MSG, "near overload")],
     "bank 1 alarm: near overload", "other", "critical"),
    (f"{PX}.0.23", power(3, 0), "outlet 3 turned off on the device by jane", "outlet_off",
     "warning"),
    (f"{PX}.0.23", power(3, 1), "outlet 3 turned on on the device by jane", "outlet_on", "warning"),
    (f"{PX}.0.23", power(3, 2), "outlet 3 rebooted on the device by jane", "outlet_reboot",
     "warning"),
    (f"{PX}.0.61", px(INLET, 4, 2, 4, "2.3.1"), "inlet label lost: no voltage", "source_lost",
     "critical"),
    (f"{PX}.0.61", px(INLET, 4, 2, 4, "2.3.1", 190),
     "inlet label voltage below its lower critical threshold", "other", "critical"),
    (f"{PX}.0.61", px(INLET, 1, 5, 4, "2.3.1"),
     "inlet label current above its upper warning threshold", "other", "warning"),
    (f"{PX}.0.63", px(OUT, 14, 8, 7, "4.3.1"), "outlet 3 turned off on the device", "outlet_off",
     "warning"),
    (f"{PX}.0.63", px(OUT, 14, 7, 8, "4.3.1"), "outlet 3 turned on on the device", "outlet_on",
     "warning"),
    (f"{PX}.0.63", px(OUT, 1, 6, 5, "4.3.1"), "outlet 3 overload", "overload", "critical"),
    (f"{PX}.0.65", px(OCP, 15, 0, 1, "3.3.1"), "breaker label tripped", "breaker_trip", "critical"),
    (f"{PX}.0.65", [*px(OCP, 15, 0, 1, "3.3.1"), (f"{PX}.0.0.28.0", "7")],
     "breaker label tripped; suspected cause: outlet 7", "breaker_trip", "critical"),
    (f"{PX}.0.65", px(OCP, 1, 6, 4, "3.3.1"), "bank 2 overload (label)", "overload", "critical"),
    (f"{PX}.0.65", px(OCP, 1, 4, 6, "3.3.1"), "bank 2 overload over (label)", "overload_clear",
     "info"),
    (f"{PX}.0.86", px(TS, 40, 30, 4, "7.3.1"), "redundancy lost", "redundancy_lost", "critical"),
    (f"{PX}.0.86", px(TS, 40, 4, 30, "7.3.1"), "redundancy restored", "redundancy_ok", "info"),
    (f"{PX}.0.86", [*px(TS, 41, 4, 4, "7.3.1", 2), (f"{PX}.4.3.1.1.4.1.1", 4)],
     "transferred to inlet 2 (power failure)", "transfer", "warning"),
    (f"{PX}.0.159", [(f"{PX}.0.0.62.0", "10.1.1.1")], "linked unit 10.1.1.1 does not answer",
     "comm_lost", "critical"),
    (f"{APC}.0.41", [(f"{APC}.1.1.4.4.2.1.1.5", 5)], "outlet 5 turned on on the device",
     "outlet_on", "warning"),
    (f"{APC}.0.42", [(f"{APC}.1.1.4.4.2.1.1.5", 5)], "outlet 5 turned off on the device",
     "outlet_off", "warning"),
    (f"{APC}.0.42", [(f"{APC}.1.1.4.4.2.1.1.0", 0)], "all outlets turned off on the device",
     "outlet_off", "warning"),
    (f"{APC}.0.43", [(f"{APC}.1.1.4.4.2.1.1.5", 5)], "outlet 5 rebooted on the device",
     "outlet_reboot", "warning"),
    (f"{APC}.0.126", [(f"{ARG}.1.0", 1), (f"{ARG}.10.0", "Gen")], "transferred to source B",
     "transfer", "warning"),
    (f"{APC}.0.127", [(f"{ARG}.1.0", 0)], "redundancy lost: source A is not available",
     "redundancy_lost", "critical"),
    (f"{APC}.0.224", bank(2, 0), "bank 2 near overload", "other", "warning"),
    (f"{APC}.0.225", bank(2, 0), "bank 2 near overload over", "other", "info"),
    (f"{APC}.0.226", bank(2, 0), "bank 2 overload", "overload", "critical"),
    (f"{APC}.0.226", bank(0, 3), "phase 3 overload", "overload", "critical"),
    (f"{APC}.0.227", bank(1, 0), "bank 1 overload over", "overload_clear", "info"),
    (f"{APC}.0.268", [(f"{RPDU}.3.3.1.1.1.7", 7)], "outlet 7 turned on on the device", "outlet_on",
     "warning"),
    (f"{APC}.0.269", [(f"{RPDU}.3.3.1.1.1.7", 7)], "outlet 7 turned off on the device",
     "outlet_off", "warning"),
    (f"{APC}.0.267", [], "the card has lost the PDU", "comm_lost", "critical"),
    (f"{APC}.0.642", [(f"{AATS}.5.4.3.1.2.1", -1), (f"{AATS}.5.4.5.1.3.2", 2)], "bank 1 overload",
     "overload", "critical"),
    (f"{APC}.0.698", [(f"{AATS}.1.6.0", "S"), (f"{ARG}.1.0", 0)], "source A lost (failed)",
     "source_lost", "critical"),
    (f"{APC}.0.699", [(f"{ARG}.1.0", 1)], "source B ok again", "source_ok", "info"),
    (f"{APC}.0.754", rpdu2("Outlet 3 turned off"),
     f"outlet 3 turned off on the device{SAYS}Outlet 3 turned off", "outlet_off", "warning"),
    (f"{APC}.0.754", rpdu2("Web login by jane"), "information: Web login by jane", "other", "info"),
    (f"{APC}.0.750", rpdu2("Bank 2 overload"), f"bank 2 overload{SAYS}Bank 2 overload", "overload",
     "critical"),
    (f"{APC}.0.752", rpdu2("Near overload on bank 2"), "warning: Near overload on bank 2", "other",
     "warning"),
    ("1.3.6.1.6.3.1.1.5.1", [], "the device restarted", "other", "warning"),
    ("1.3.6.1.6.3.1.1.5.5", [], "somebody asked the device with wrong credentials", "other",
     "warning"),
]  # fmt: skip


def check(meaning: Meaning, text: str, kind: str, severity: str) -> None:
    assert (meaning.text, meaning.kind, meaning.severity) == (text, kind, severity)


@pytest.mark.parametrize(("oid", "bindings", "text", "kind", "severity"), LITERAL)
def test_what_the_traps_that_matter_say(
    book: TrapBook, oid: str, bindings: list[Binding], text: str, kind: str, severity: str
) -> None:
    check(book.meaning(decode_trap(v2_trap(oid, *bindings)).notification), text, kind, severity)
    front, _, number = oid.rpartition(".")
    if front == "1.3.6.1.6.3.1.1.5":
        datagram = v1_trap("1.3.6.1.4.1.9", int(number) - 1, 0, *bindings)
    else:
        datagram = v1_trap(front.removesuffix(".0"), 6, int(number), *bindings)
    check(book.meaning(decode_trap(datagram).notification), text, kind, severity)


# every rule


SAYING = {
    "redundancy": "redundancy", "lost": "lost", "source": "source A", "moved": "transferred",
    "over": "overload", "outlet": "outlet 3", "bank": "bank 2",
}  # fmt: skip
"""What a message must have in it for a word to be said, where the word is read out of it."""
PLAIN = {"sensor": 10, "state": 4}
"""Of integers with an enum, where no condition says which."""


def bindings_for(profile_name: str, rule: TrapRule) -> list[Binding]:
    """The variables of a trap that this rule, and no earlier one, is for."""
    profile = load_builtin(profile_name, traps=True)
    known = {**profile.trap_words, **rule.words}
    message = profile.trap_words.get("message", (TrapWord(oid="1.2"),))[0].oid
    wanted = words_in(rule.text) | set(rule.when)
    if rule.oid.startswith(".0.6") or rule.oid in (".0.86", ".0.102"):
        wanted |= {"state", "sensor"}
    said: list[str] = []
    out: dict[str, int | str] = {}
    for word in sorted(wanted):
        place = known[word][0]
        must = rule.when.get(word, ("*",))[0]
        front = profile.absolute(place.oid)
        if place.oid == message:
            if word != "message":
                said.append(SAYING[word] if must == "*" else str(must))
            continue
        value: int | str = must if must != "*" else 3
        if place.enum is not None and not isinstance(value, int):
            value = 3
        if place.enum is not None and must == "*":
            value = PLAIN.get(word, int(next(iter(profile.enums[place.enum]))))
        out[f"{front}.1.2"] = value
    if said or "message" in wanted:
        out[f"{message}.0"] = " ".join(said) or "words"
    return list(out.items())


@pytest.mark.parametrize("name", WITH_TRAPS)
def test_every_rule_of_a_family_says_its_sentence(name: str) -> None:
    profile = load_builtin(name, traps=True)
    own = TrapBook([profile])
    for rule in profile.trap:
        note = notification(profile.absolute(rule.oid), *bindings_for(name, rule))
        found = own.meaning(note, name)
        at = f"{name}: {rule.name}: {rule.text}"
        assert (found.name, found.kind, found.severity) == (rule.name, rule.kind, rule.severity), at
        assert found.text == sentence(rule.text, found.words), at
        assert "?" not in found.text, at
        bare = own.meaning(notification(profile.absolute(rule.oid)), name)
        assert bare.outlet is None, f"{at}: an outlet out of nothing"


def test_families_have_the_rules_they_should() -> None:
    counts = {name: len(load_builtin(name, traps=True).trap) for name in WITH_TRAPS}
    assert set(counts) == {
        "apc-ats", "apc-rpdu", "apc-rpdu2", "cyberpower-ats", "cyberpower-epdu", "raritan-pdu2",
    }  # fmt: skip
    assert counts["cyberpower-epdu"] > 90
    assert all(load_builtin(name).trap == () for name in WITH_TRAPS), "others need not read them"


# the rest


def test_a_trap_nobody_knows_is_shown_with_its_texts(book: TrapBook) -> None:
    found = book.meaning(
        notification("1.3.6.1.4.1.534.6.6.7.0.9", ("1.3.6.1.4.1.534.1", "Outlet\x1b[2J\n off"),
                     ("1.3.6.1.4.1.534.2", 4), ("1.3.6.1.4.1.534.3", "x" * 900))
    )  # fmt: skip
    assert found.name is None
    assert (found.kind, found.severity, found.outlet) == ("other", "warning", None)
    assert found.text.startswith("trap 1.3.6.1.4.1.534.6.6.7.0.9: Outlet[2J off; xxx")
    assert "\x1b" not in found.text
    assert len(found.text) < MAX_MESSAGE + 60


def test_the_front_of_an_oid_ends_with_an_arc(book: TrapBook) -> None:
    """`….1.1.1` is no front of `….1.1.10`."""
    found = book.meaning(notification(f"{CPS}.0.103", (f"{EPDU}.3.3.1.1.10.3", 9)))
    assert found.outlet is None
    assert found.text == "outlet ? turned off on the device"


def test_a_trap_number_with_and_without_its_zero(book: TrapBook) -> None:
    for oid in (f"{CPS}.103", f"{CPS}.0.0.103"):
        assert book.meaning(notification(oid, *outlet(3))).outlet == 3


def test_a_unit_of_a_chain_is_named(book: TrapBook) -> None:
    found = book.meaning(notification(f"{APC}.0.754", *rpdu2("Outlet 3 turned off", device=2)))
    assert found.outlet == 2003
    assert found.text.startswith("outlet 2.3 turned off on the device")
    trap = [(f"{PX}.3.5.3.1.2.2.3", "3"), (f"{PX}.0.0.3.0", 2), (f"{PX}.4.1.2.1.2.2.3", 0)]
    assert book.meaning(notification(f"{PX}.0.23", *trap)).outlet == 2003


def test_what_tells_devices_apart(book: TrapBook) -> None:
    found = book.meaning(notification(f"{CPS}.0.103", *outlet(3)))
    assert (found.serials, found.names, found.outlet_name) == (("NKX0001",), ("ATS011",), "db01")
    assert book.vendors(f"{CPS}.0.103") == {"CyberPower"}
    assert book.vendors("1.3.6.1.6.3.1.1.5.1") == frozenset()


def test_words_of_a_device_are_not_taken_for_ours() -> None:
    assert sentence("a {x}[ b {y}][ c {z}]", {"x": "[{y}]", "z": "]"}) == "a [{y}] c ]"


HEAD = """
format = 1
name = "x"
title = "X"
vendor = "X"
base = "1.3.6.1.4.1.1"
[recognise]
sys_object_id = ["1.3.6.1.4.1.1"]
any = [".1.0"]
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[trap]]\noid='x'\nname='a'\ntext='t'\n", "trap 1 (a): 'x' is not an OID"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='{o}'\n", "trap 1 (a): no word 'o' in words or"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='t'\nwhen={o=1}\n", "no word 'o'"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='[t'\n", "a square bracket of text has no partner"),
        ("[[trap]]\noid='.1'\nname='a'\ntext=' '\n", "text is empty"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='t'\nkind='boom'\n", "Invalid enum value 'boom'"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='t'\nsevrity='info'\n", "unknown field `sevrity`"),
        ("[trap_words]\no={oid='.1',enum='e'}\n", "trap_words.o: no enum 'e'"),
        ("[trap_words]\no={oid='.1',pattern='('}\n", "pattern is no regular expression"),
        ("[trap_words]\no={oid='.1',pattern='a'}\n", "pattern needs a group"),
        ("[trap_words]\nO='.1'\n", "'O' is no word"),
        ("[[trap]]\noid='.1'\nname='a'\ntext='t'\nsend=[{oid='.1.x',value=1}]\n", "is not an OID"),
    ],
)
def test_errors_of_a_profile_name_the_place(text: str, says: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(HEAD + text, "x.toml")
    assert str(caught.value).startswith("x.toml: ")
    assert says in str(caught.value)
