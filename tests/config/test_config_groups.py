"""Groups and sequences, and what outlets say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.settings import (
    AuditSettings,
    GroupSettings,
    ImpactSettings,
    OutletRef,
    OutletSettings,
    SequenceSettings,
    SequenceStep,
)
from tests.config.helpers import PDUS, load, problems

STEP = PDUS + '[[sequence]]\nname = "s"\n[[sequence.step]]\n'
OUTLET = '[[pdu]]\nname = "a"\nhost = "h"\n[pdu.outlets.3]\n'
GROUP = PDUS + "[group.g]\n"


def refs(*texts: str) -> tuple[OutletRef, ...]:
    parts = (text.split(":", 1) for text in texts)
    return tuple(OutletRef(pdu=pdu, selector=selector) for pdu, selector in parts)


def test_what_an_outlet_says(tmp_path: Path) -> None:
    text = """
    [[pdu]]
    name = "a"
    host = "h"
    allow = ["anna", "@ops"]
    [pdu.outlets.3]
    device = "db01"
    cord = "A"
    group = ["storage", "night"]
    allow = []
    [pdu.outlets.4]
    group = "night"
    """
    settings = load(tmp_path, text)
    assert settings.pdus[0].allow == ("anna", "@ops")
    assert settings.pdus[0].outlets == {
        3: OutletSettings(device="db01", cord="A", groups=("storage", "night"), allow=()),
        4: OutletSettings(groups=("night",)),
    }
    assert settings.groups == (
        GroupSettings(name="storage", members=refs("a:3")),
        GroupSettings(name="night", members=refs("a:3", "a:4")),
    )


OUTLETS_OF_A = """
[[pdu]]
name = "a"
host = "h"
[pdu.outlets.3]
group = "g"
[pdu.outlets.2]
group = "own"
"""
TABLES = """
[group.more]
outlets = "a:db01"
[group.g]
outlets = ["a:7-9", "a: 1", "a:all"]
"""


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        (
            OUTLETS_OF_A + TABLES,
            {"g": "a:3 a:7-9 a:1 a:all", "own": "a:2", "more": "a:db01"},
        ),
        (
            TABLES + OUTLETS_OF_A,
            {"more": "a:db01", "g": "a:7-9 a:1 a:all a:3", "own": "a:2"},
        ),
    ],
)
def test_groups_are_in_the_order_of_the_file(
    tmp_path: Path, text: str, groups: dict[str, str]
) -> None:
    found = load(tmp_path, text).groups
    assert {g.name: g.members for g in found} == {n: refs(*m.split()) for n, m in groups.items()}
    assert [g.name for g in found] == list(groups)


def test_a_pdu_may_have_a_colon_in_its_name(tmp_path: Path) -> None:
    text = '[[pdu]]\nname = "h:1161"\nhost = "h"\n[group.g]\noutlets = "h:1161:3"\n'
    (group,) = load(tmp_path, text).groups
    assert group.members == (OutletRef(pdu="h:1161", selector="3"),)
    both = text + '[[pdu]]\nname = "h"\nhost = "h"\n'
    (said,) = problems(tmp_path, both)
    assert said.startswith("[group 'g'] outlets \"h:1161:3\" could mean an outlet of")


def test_a_sequence(tmp_path: Path) -> None:
    text = """
    [[sequence]]
    name = "storage-up"
    text = "heads first"
    pause_s = 5
    pace = "settle"
    on_failure = "continue"
    [[sequence.step]]
    action = "on"
    outlets = ["rack1-a:1-2", "rack1-b:db01"]
    [[sequence.step]]
    action = "delayed_reboot"
    group = "g"
    pause_s = 0
    pace = "delay"
    [group.g]
    outlets = "rack1-a:5"
    """
    assert load(tmp_path, PDUS + text).sequences == (
        SequenceSettings(
            name="storage-up",
            text="heads first",
            pause_s=5.0,
            pace="settle",
            on_failure="continue",
            steps=(
                SequenceStep(action="on", members=refs("rack1-a:1-2", "rack1-b:db01")),
                SequenceStep(action="delayed_reboot", group="g", pause_s=0.0, pace="delay"),
            ),
        ),
    )


def test_impact_and_audit(tmp_path: Path) -> None:
    assert load(tmp_path, "").impact == ImpactSettings()
    text = "[impact]\nlimit_percent = 70\ninrush_factor = 2.5\n"
    impact = load(tmp_path, text, PDUTUI_IMPACT_INRUSH_FACTOR="1").impact
    assert impact == ImpactSettings(limit_percent=70.0, inrush_factor=1.0)
    assert load(tmp_path, "").audit == AuditSettings()


@pytest.mark.parametrize(
    "url",
    [
        "udp://log.lan",
        "udp://10.0.0.9:5514",
        "tcp://[fe80::1]:601",
        "unix:/dev/log",
        "unix:///run/log",
    ],
)
def test_places_of_a_syslog(tmp_path: Path, url: str) -> None:
    text = f'[audit]\nsyslog = "{url}"\nfacility = "local3"\n'
    assert load(tmp_path, text).audit == AuditSettings(syslog=url, facility="local3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[impact]\nlimit_percent = 0", "impact.limit_percent must be a number from 1 to 100"),
        ("[impact]\ninrush_factor = 0.9", "impact.inrush_factor must be a number from 1 to 100"),
        ("[impact]\nlimit = 80", "[impact] unknown key 'limit' (there: inrush_factor, limit_per"),
        ('[audit]\nsyslog = "log.lan:514"', "audit.syslog must be udp://host[:port], tcp://host"),
        ('[audit]\nsyslog = "udp://log.lan:0"', "the port must be a number from 1 to 65535"),
        ('[audit]\nsyslog = "udp://log.lan/x"', "audit.syslog is wrong: "),
        ('[audit]\nsyslog = "udp:log.lan"', "audit.syslog must be udp://host[:port], tcp://host"),
        ('[audit]\nsyslog = "unix:dev/log"', 'is "unix:dev/log": the path begins with one /'),
        ('[audit]\nsyslog = "unix://dev/log"', "the path begins with one /"),
        (f'[audit]\nsyslog = "unix:/{"x" * 107}"', "audit.syslog is too long: the path of a sock"),
        ('[audit]\nfacility = "authprif"', '"authprif" is no facility of syslog: did you mean \'a'),
        (OUTLET + "cords = 1", "[pdu 'a'] outlets.3 unknown key 'cords': did you mean 'cord'?"),
        (OUTLET + "group = 3", "[pdu 'a'] outlets.3.group must be a list of texts"),
        (OUTLET + "allow = [3]", "[pdu 'a'] outlets.3.allow must be a list of texts"),
        (OUTLET + f'device = "d"\ncord = "{"x" * 17}"', "cord must have 16 characters at most"),
        (OUTLET + 'group = "all"', 'group "all" cannot be told from outlets on a command line'),
        (OUTLET + 'group = "1-4"', 'group "1-4" cannot be told from outlets on a command line'),
        (OUTLET + 'group = ["G", "g"]', 'group "g" and group "G" differ in capitals alone'),
        (OUTLET + f'group = "{"x" * 61}"', "must have a name of 1 to 60 characters"),
        ("group = 3", "group must be tables like [group.storage], is 3"),
        ("[group]\ng = 3", "[group 'g'] must be a table, is 3"),
        ('[group." g"]\noutlets = []', 'group " g" must have a name of 1 to 60 characters'),
        (GROUP, "[group 'g'] outlets is missing or empty: a group has at least one outlet"),
        (GROUP + 'outlet = "x"', "[group 'g'] unknown key 'outlet': did you mean 'outlets'?"),
        (GROUP + "outlets = 3", "[group 'g'] outlets must be a list of texts"),
        (GROUP + 'outlets = "3"', "outlets must be PDU:OUTLETS, as \"rack1-a:1-4\" or"),
        (GROUP + 'outlets = "rack1-c:3"', 'there is no PDU "rack1-c": did you mean \'rack1-b\'?'),
        (GROUP + 'outlets = "rack1-a:"', '"rack1-a:": no outlet is named: write its number'),
        (GROUP + 'outlets = "rack1-a:4-1"', '"rack1-a:4-1": 4-1 runs backwards: write 1-4'),
        (GROUP + 'outlets = "rack1-a:0"', '"rack1-a:0": outlets are numbers from 1'),
        (GROUP + 'outlets = "rack1-a:123456"', "no PDU has an outlet 123456"),
        (GROUP + 'outlets = ["rack1-a:1-4", "rack1-a:2"]', "outlets has outlet 2 of rack1-a twice"),
        (
            GROUP + 'outlets = ["rack1-b:2.5", "rack1-b:2005"]',
            "[group 'g'] outlets has outlet 2005 of rack1-b twice",
        ),
        (
            OUTLET + 'name = "db01"\ngroup = "g"\n[group.g]\noutlets = "a:DB01"',
            "[group 'g'] outlets has outlet 3 of a, which names the group itself: leave one out",
        ),
        ("[sequence]\n", "sequence must be tables of their own, [[sequence]], is a table"),
        ('[[sequence]]\n[[sequence.step]]\naction = "on"\n', "[sequence 1] name is missing"),
        ('[[sequence]]\nname = "s"', "[sequence 's'] step is missing: write [[sequence.step]]"),
        (STEP + 'outlets = "rack1-a:1"', "[sequence 's' step 1] action is missing: on, off"),
        (STEP + 'action = "on"', "[sequence 's' step 1] outlets is missing"),
        (STEP + 'action = "on"\noutlets = []', "[sequence 's' step 1] outlets is an empty array"),
        (STEP + 'action = "identify"\noutlets = "rack1-a:1"', 'action must be "on" or "off" or'),
        (STEP + 'action = "on"\ngroup = "x"', '[sequence \'s\' step 1] group "x" is not conf'),
        (STEP + 'action = "on"\noutlets = "rack1-a:1"\npause_s = -1', "pause_s must be a number"),
        (STEP + 'action = "on"\noutlets = "rack1-a:1"\npace = "x"', 'pace must be "delay" or'),
        (STEP + 'action = "on"\noutlets = ["rack1-a:1", "rack1-a:1-2"]', "has outlet 1 of rack1-a"),
        (STEP + 'action = "on"\noutlets = "rack1-a:1"\nwait = 3', "step 1] unknown key 'wait'"),
        (
            GROUP + 'outlets = "rack1-a:3"\n' + STEP.removeprefix(PDUS)
            + 'action = "on"\noutlets = "rack1-a:1"\ngroup = "g"',
            "[sequence 's' step 1] group and outlets are both there: leave one of them out",
        ),
        (
            STEP + 'action = "on"\noutlets = "rack1-a:1"\n[[sequence]]\nname = "S"\n'
            + '[[sequence.step]]\naction = "on"\noutlets = "rack1-a:1"',
            "[sequence 'S'] name is that of sequence 1 of the file already",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_wrong_one(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text)
    assert said in found[0], found
    assert len(found) <= 2


def test_an_approval_names_groups_that_there_are(tmp_path: Path) -> None:
    text = GROUP + 'outlets = "rack1-a:3"\n[control.approval]\nneeded = '
    assert load(tmp_path, text + '"group:g"').control.approval.needed == ("group:g",)
    (said,) = problems(tmp_path, text + '"group:storage"')
    assert said == 'control.approval.needed there is no group "storage" (there: g)'
