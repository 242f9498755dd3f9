"""The schema against the loader: the same keys, the same limits, the same verdict."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from pdutui.config import ConfigError, load_settings
from pdutui.config_schema import config_schema
from tests.config.helpers import plain
from tests.support.json_schema import errors

SCHEMA = config_schema()
Path_ = tuple[str | int, ...]

MOCK: dict[str, Any] = {"name": "p", "backend": "mock"}
SNMP: dict[str, Any] = {"name": "p", "host": "h"}
V3: dict[str, Any] = {**SNMP, "version": "3", "user": "ops"}
STEP: dict[str, Any] = {"action": "on", "outlets": "p:1"}
THRESHOLD: dict[str, Any] = {"name": "t", "of": "bank", "measure": "power_w"}
TABLES: dict[str, tuple[Path_, dict[str, Any]]] = {
    "poll.": (("poll",), {}),
    "history.": (("history",), {}),
    "control.": (("control",), {}),
    "control.roles.": (("control", "roles"), {}),
    "control.approval.": (("control", "approval"), {}),
    "control.lock.": (("control", "lock"), {}),
    "[control.window 1] ": (("control", "window", 0), {"name": "w"}),
    "alarms.": (("alarms",), {}),
    "[alarms.threshold 't'] ": (("alarms", "threshold", 0), {**THRESHOLD, "high_warning": 5}),
    "[alarms.budget 'b'] ": (("alarms", "budget", 0), {"name": "b", "kwh": 1}),
    "alarms.hook.": (("alarms", "hook"), {"command": ["/bin/true"]}),
    "impact.": (("impact",), {}),
    "audit.": (("audit",), {}),
    "ui.": (("ui",), {}),
    "kiosk.": (("kiosk",), {}),
    "traps.": (("traps",), {}),
    "energy.": (("energy",), {}),
    "[energy.band 1] ": (("energy", "band", 0), {"price_per_kwh": 1}),
    "[pdu 'p'] ": (("pdu", 0), SNMP),
    "[pdu 'p'] floor.": (("pdu", 0, "floor"), {}),
    "[pdu 'p'] outlets.3.": (("pdu", 0, "outlets", "3"), {"device": "d"}),
    "[group 'g'] ": (("group", "g"), {"outlets": ["p:1"]}),
    "[sequence 's'] ": (("sequence", 0), {"name": "s", "step": [STEP]}),
    "[sequence 's' step 1] ": (("sequence", 0, "step", 0), STEP),
}
"""How errors begin, where the table stands, and what has to be in it."""
FRAMES: dict[Path_, dict[str, Any]] = {
    ("pdu",): {}, ("energy",): {"price_per_kwh": 1}, ("sequence", 0): {"name": "s"},
}  # fmt: skip
ONLY_THE_LOADER = {
    "[pdu 'p'] ": {"host", "profile"},
    "traps.": {"listen"},
    "control.": {"ticket_pattern"},
    "control.approval.": {"needed"},
    "[control.window 1] ": {"pdus"},
    "kiosk.": {"pages"},
    "impact.": {"map"},
    "alarms.": {"warning_percent", "critical_percent"},
    "[alarms.threshold 't'] ": {
        "name", "of", "measure", "pdus", "hysteresis", "high_warning", "high_critical",
        "low_warning", "low_critical",
    },
    "[alarms.budget 'b'] ": {"name", "pdus"},
    "alarms.hook.": {"command"},
    "audit.": {"syslog"},
    "history.": {"totals_days"},
    "energy.": {"band"},
    "[sequence 's'] ": {"name"},
    "[sequence 's' step 1] ": {"outlets", "group"},
    "[group 'g'] ": {"outlets"},
    "[pdu 'p'] outlets.3.": {"cord"},
}  # fmt: skip
"""Keys whose values may be wrong in ways that no schema can say, or only with other keys."""


def document(path: Path_, table: dict[str, Any]) -> dict[str, Any]:
    """A configuration that has this table in this place, and a PDU."""
    doc: dict[str, Any] = {"pdu": [dict(MOCK)]}
    here: Any = doc
    for place, step in enumerate(path[:-1]):
        inner: Any = [] if isinstance(path[place + 1], int) else {}
        inner = FRAMES.get(path[: place + 1], inner) or inner
        if isinstance(here, list):
            if not here:
                here.append(deepcopy(inner))
            here = here[0]
        else:
            here = here.setdefault(step, deepcopy(inner))
    if isinstance(here, list):
        here[:] = [table]
    else:
        here[path[-1]] = table
    return doc


def schema_of(path: Path_) -> dict[str, Any]:
    """The part of the schema that is about a table."""
    part: Any = SCHEMA
    for step in path:
        if isinstance(step, int):
            part = part["items"]
        elif "patternProperties" in part:
            (part,) = part["patternProperties"].values()
        else:
            part = part["properties"].get(step) if "properties" in part else None
            part = part or schema_of(path[:-1])["additionalProperties"]
    assert isinstance(part, dict)
    return part


def said(folder: Path, doc: dict[str, Any]) -> list[str]:
    """What the loader has against it."""
    file = folder / "config.toml"
    file.write_text(tomli_w.dumps(doc))
    try:
        load_settings(config=file, env={"PDUTUI_STATE_DIR": str(folder), "PATH": "/bin"})
    except ConfigError as error:
        return [plain(problem, file) for problem in error.problems]
    return []


@pytest.mark.parametrize("start", TABLES)
def test_the_schema_has_the_keys_that_the_loader_knows_and_no_others(
    tmp_path: Path, start: str
) -> None:
    path, base = TABLES[start]
    doc = document(path, {**base, "qqqqqq": 1})
    (problem,) = [p for p in said(tmp_path, doc) if "unknown key 'qqqqqq'" in p]
    there = re.search(r"\(there: (.*)\)", problem)
    assert there is not None
    assert set(there[1].split(", ")) == set(schema_of(path)["properties"])
    assert errors(doc, SCHEMA)


def test_the_schema_has_the_sections_that_the_loader_knows(tmp_path: Path) -> None:
    (problem,) = said(tmp_path, {"qqqqqq": 1})
    there = re.search(r"\(there: (.*)\)", problem)
    assert there is not None
    assert set(there[1].split(", ")) == set(SCHEMA["properties"])  # type: ignore[call-overload]


def values(part: dict[str, Any]) -> Iterator[Any]:
    """What may be right or wrong by this part, its limits above all."""
    yield from (True, "x", 1, 1.5, -1, "", "  ", "a\x07b", [], {}, ["x"], ["x", "x"], [1])
    yield from part.get("examples", ())
    yield from part.get("enum", ())
    if "default" in part:
        yield part["default"]
    small = 1 if part.get("type") == "integer" else 1e-6
    for word in ("minimum", "exclusiveMinimum", "maximum"):
        if word in part:
            yield from (part[word] - small, part[word], part[word] + small)
    for word in ("minLength", "maxLength"):
        if word in part:
            yield from ("x" * part[word], "x" * (part[word] + 1), "x" * (part[word] - 1))
    for other in part.get("anyOf", ()):
        yield from values(other)
        if other.get("type") == "array" and isinstance(other["items"], dict):
            yield from ([one] for one in values(other["items"]) if not isinstance(one, dict | list))


def keys_of(path: Path_) -> dict[str, list[Any]]:
    """Every plain key of a table, and what is to be tried."""
    plain_keys = {}
    for key, part in schema_of(path)["properties"].items():
        if part.get("type") not in ("object",) and "properties" not in part.get("items", {}):
            plain_keys[key] = list({repr(value): value for value in values(part)}.values())
    return plain_keys


ONE_BY_ONE = ("control.roles.",)
"""Tables whose keys are judged together as well."""


def apart(start: str, key: str) -> bool:
    """Whether a key says what others mean, or is one of several ways: whole files try those."""
    secret = key.endswith(("_env", "_file", "community", "_key")) or key == "code"
    v3 = start.startswith("[pdu") and key in ("user", "auth", "priv", "write_user", "context")
    hours = key in ("from", "to", "begins", "ends")
    return (
        secret
        or v3
        or hours
        or key in ("name", "of", "version", "backend", "write_auth", "write_priv")
    )


@pytest.mark.parametrize("start", TABLES)
def test_values_are_right_or_wrong_for_both(tmp_path: Path, start: str) -> None:
    path, base = TABLES[start]
    wanted = {key: tried for key, tried in keys_of(path).items() if not apart(start, key)}
    lenient = ONLY_THE_LOADER.get(start, set())
    parts = schema_of(path)["properties"]
    groups = [{key: wanted[key]} for key in wanted] if start in ONE_BY_ONE else [wanted]
    for group in groups:
        for turn in range(max(map(len, group.values()))):
            table = {key: tried[turn] for key, tried in group.items() if turn < len(tried)}
            problems = said(tmp_path, document(path, {**base, **table}))
            for key, value in table.items():
                wrong = bool(errors(value, parts[key], SCHEMA))
                named = any(p.startswith((f"{start}{key} ", f"{start}{key}:")) for p in problems)
                if wrong or key not in lenient:
                    assert wrong == named, (start, key, value, problems)


GOOD: tuple[dict[str, Any], ...] = (
    {},
    {"pdu": [{**V3, "auth": "sha-256", "auth_key": "12345678", "priv": "AES",
              "priv_key": "x" * 8}]},
    {"pdu": [{**SNMP, "community_file": "c", "outlets": {"3": {"name": "a"}, "2001": {}}}]},
    {"pdu": [MOCK], "control": {"window": [{"name": "w", "days": ["mon-thu", "sun"],
                                           "from": "22:00", "to": "5:30", "pdus": "p*"}]}},
    {"pdu": [MOCK], "kiosk": {"pages": ["fleet", "pdu:p", "fleet", "pdu:p*"]}},
    {"keys": {"outlet.off": "F", "move": {"down": ["ctrl+n", "j"]}}},
    {"control": {"approval": {"needed": ["danger"], "approvers": "@wheel"},
                 "lock": {"code": "4711"}}},
    {"pdu": [MOCK], "group": {"two words": {"outlets": "p:1-4"}},
     "sequence": [{"name": "s", "step": [{"action": "off", "group": "two words"}]}]},
    {"energy": {"price_per_kwh": 0.3,
                "band": [{"price_per_kwh": 0, "from": "0:15", "to": "24:00"}]}},
    {"alarms": {"off": ["sensor"],
                "threshold": [{**THRESHOLD, "parts": [1, "L*"], "low_warning": 1}],
                "hook": {"command": ["true", ""], "on": "over"}}},
    {"traps": {"community": ["a", "b"], "listen": "[::]:1162"},
     "audit": {"syslog": "unix:/dev/log"}},
)  # fmt: skip
BAD: tuple[dict[str, Any], ...] = (
    {"pdu": {"name": "p"}},
    {"pdu": [{"host": "h"}]},
    {"pdu": [{"name": "p"}]},
    {"pdu": [{**V3, "community": "x"}]},
    {"pdu": [{**SNMP, "user": "ops"}]},
    {"pdu": [{**SNMP, "version": "3"}]},
    {"pdu": [{**SNMP, "community": "a", "community_env": "B"}]},
    {"pdu": [{**MOCK, "outlets": {"0": {}}}]},
    {"pdu": [{**MOCK, "outlets": {"03x": {}}}]},
    {"control": {"window": [{"name": "w", "begins": 1}]}},
    {"control": {"window": [{"name": "w", "from": "25:00"}]}},
    {"control": {"window": [{}]}},
    {"control": {"approval": {"needed": ["everything"]}}},
    {"control": {"lock": {"code": "471"}}},
    {"control": {"lock": {"code": "4711", "code_env": "X"}}},
    {"kiosk": {"pages": []}},
    {"kiosk": {"pages": ["fleets"]}},
    {"keys": {"outlet.of": "F"}},
    {"keys": {"outlet": {"of": "F"}}},
    {"keys": {"outlet.off": 3}},
    {"pdu": [MOCK], "group": {" g": {"outlets": "p:1"}}},
    {"pdu": [MOCK], "group": {"g": {"outlets": 3}}},
    {"pdu": [MOCK], "sequence": [{"name": "s"}]},
    {"pdu": [MOCK], "sequence": [{"name": "s", "step": [{**STEP, "group": "g"}]}]},
    {"energy": {"band": [{"price_per_kwh": 1}]}},
    {"energy": {"price_per_kwh": 1, "band": [{"price_per_kwh": 1, "from": "10:05"}]}},
    {"alarms": {"threshold": [THRESHOLD]}},
    {"alarms": {"threshold": [{**THRESHOLD, "measure": "frequency_hz", "low_warning": 1}]}},
    {"alarms": {"threshold": [{"name": "t", "of": "bank", "low_warning": 1}]}},
    {"alarms": {"threshold": [{**THRESHOLD, "of": "pdu", "parts": [1], "low_warning": 1}]}},
    {"alarms": {"hook": {}}},
    {"alarms": {"hook": {"command": ["./x"]}}},
    {"alarms": {"hook": {"command": "/bin/true"}}},
    {"traps": {"community": ["a", 3]}},
    {"audit": {"syslog": "log.lan"}},
    {"control": [1]},
)  # fmt: skip


@pytest.mark.parametrize(("docs", "right"), [(GOOD, True), (BAD, False)])
def test_whole_files_get_the_same_verdict(
    tmp_path: Path, docs: tuple[dict[str, Any], ...], right: bool
) -> None:
    (tmp_path / "c").write_text("hush\n")
    for doc in docs:
        assert (said(tmp_path, doc) == []) == right, doc
        assert (errors(doc, SCHEMA) == []) == right, (doc, errors(doc, SCHEMA))


def test_the_example_fits_and_every_part_says_what_it_is() -> None:
    example = Path(__file__).parents[2] / "config.example.toml"
    assert errors(tomllib.loads(example.read_text("utf-8")), SCHEMA) == []
    json.dumps(SCHEMA)

    def look(part: Any, where: str) -> None:
        for key, inner in part.get("properties", {}).items():
            if isinstance(inner, dict) and "properties" in part and "additionalProperties" in part:
                assert inner.get("description") or "anyOf" in inner, f"{where}.{key}"
                look(inner, f"{where}.{key}")
                look(inner.get("items", {}) or {}, f"{where}.{key}[]")
        if part.get("type") == "object":
            assert part["additionalProperties"] is False or "propertyNames" in part, where

    look(SCHEMA, "")
