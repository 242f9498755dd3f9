"""The schema of `[[pdu]]`, `[group.NAME]` and `[[sequence]]`."""

from __future__ import annotations

from pdutui.backends.mock.catalog import MODELS
from pdutui.config_pdu import COMMUNITY_KEYS, VERSIONS
from pdutui.config_pdu_v3 import V3_KEYS
from pdutui.config_schema_control import people
from pdutui.config_schema_parts import (
    Json,
    Range,
    at_most_one,
    boolean,
    choice,
    integer,
    number,
    secret,
    secret_ways,
    table,
    tables,
    text,
    texts,
    without,
)
from pdutui.config_sequences import ACTIONS
from pdutui.config_v3 import AUTH_NAMES, PRIV_NAMES, SHORTEST_KEY
from pdutui.domain.outlet_numbers import HIGHEST_OUTLET
from pdutui.settings import FloorSettings, PduSettings, SequenceSettings

_USUAL, _FLOOR = PduSettings(name=""), FloorSettings()
_SEQUENCE = SequenceSettings(name="", steps=())
_SECRETS = (
    "community", "write_community", "auth_key", "priv_key", "write_auth_key", "write_priv_key",
)  # fmt: skip


def pdus() -> Json:
    """All of them."""
    return tables("One for each device; their order is the order on screen.", _pdu())


def _pdu() -> Json:
    v3: Json = {"properties": {"version": {"const": "3"}}, "required": ["version"]}
    mock: Json = {"properties": {"backend": {"const": "mock"}}, "required": ["backend"]}
    return table("A PDU.", {
        "name": text("What it is called, everywhere; each name once."),
        "backend": choice("mock: a model in place of a device.", _USUAL.backend, ("snmp", "mock")),
        "host": text("Address or name; 10.0.0.5:1161 and [::1]:161 give the port too."),
        "port": integer("UDP port.", _USUAL.port, at_least=1, at_most=65_535),
        "version": choice("Of SNMP.", _USUAL.version, VERSIONS),
        **secret_ways("community", "The read community", secret(
            "The read community; better in a variable or a file. Default: public.")),
        **secret_ways("write_community", "The write community", secret(
            "The write community. Without one the PDU is read only.")),
        **_v3(),
        "profile": text("auto probes the device; else one that 'pdutui profile list' names.",
                        _USUAL.profile),
        "timeout_s": number("Default: that of [poll].", None, above=0, at_most=60),
        "retries": integer("Default: that of [poll].", None, at_least=0, at_most=10),
        "feed": text("Shown beside the name.", examples=["A", "B"]),
        "location": text("Shown beside the name.", examples=["Row 3 / Rack 1"]),
        "read_only": boolean("Never switched from here.", _USUAL.read_only),
        "floor": table("Less than both is the noise of an idle meter, shown as 0.", {
            "current_a": number("Amperes.", _FLOOR.current_a, at_least=0),
            "power_w": number("Watts.", _FLOOR.power_w, at_least=0),
        }),
        "protected": {"description": "Outlets that are switched only after their name is typed.",
                      "type": "array", "default": [],
                      "items": {"type": "integer", "minimum": 1, "maximum": HIGHEST_OUTLET}},
        "allow": people("Who may switch anything of it; an empty list is nobody."),
        "outlets": _outlets(),
        "model": choice("Of the mock: which model.", _USUAL.model, MODELS),
        "seed": integer("Of the mock: the same seed, the same day.", _USUAL.seed, at_least=0),
    }, required=["name"], allOf=[
        {"if": v3, "then": {**without(COMMUNITY_KEYS), "required": ["user"]},
         "else": without(V3_KEYS)},
        {"if": mock, "else": {"required": ["host"]}},
        *(at_most_one(key, f"{key}_env", f"{key}_file") for key in _SECRETS),
    ])  # fmt: skip


def _v3() -> dict[str, Json]:
    """The keys of version 3."""
    pairs: dict[str, Json] = {}
    for prefix, who in (("", "who reads"), ("write_", "who writes")):
        pairs[f"{prefix}user"] = text(f"The SNMPv3 user {who}.", longest=32)
        for kind, names, what in (
            ("auth", AUTH_NAMES, "authentication"), ("priv", PRIV_NAMES, "privacy"),
        ):  # fmt: skip
            says = f"The protocol of {what} of {who}."
            pairs[f"{prefix}{kind}"] = {"description": says, **_protocol(names)}
            key = f"{prefix}{kind}_key"
            phrase = secret(f"The pass phrase of {what} of {who}.", shortest=SHORTEST_KEY)
            pairs |= secret_ways(key, f"The pass phrase of {what} of {who}", phrase)
    pairs["context"] = text("The SNMPv3 context; few devices have one of a name.")
    return pairs


def _protocol(names: tuple[str, ...]) -> Json:
    """Names in any case, with a dash or without, and their short forms."""
    short = {"SHA1": "SHA", "AES128": "AES"}
    spelled = [*names, *(short[name] for name in names if name in short)]
    either = "|".join(
        "[-_]*".join(f"[{c}{c.lower()}]" if c.isalpha() else c for c in name) for name in spelled
    )
    return {
        "anyOf": [{"enum": list(names)}, {"type": "string", "pattern": rf"^\s*(?:{either})\s*$"}]
    }


def _outlets() -> Json:
    one = table("What you know better than the device.", {
        "name": text("Shown in place of the device's own."),
        "device": text("What is plugged in; the same device on two feeds has two cords."),
        "cord": text("Which of its cords.", longest=16, examples=["A", "PSU1"]),
        "critical": boolean("It must not go dark unasked.", False),
        "group": texts("Groups that it belongs to."),
        "allow": people("Who may switch it; an empty list is nobody. Default: that of the PDU."),
    })  # fmt: skip
    return {
        "description": "By number; outlets of the second unit of a chain are 2001 and so on.",
        "type": "object",
        "patternProperties": {r"^0*(?:[1-9][0-9]{0,3}|10000)$": one},
        "additionalProperties": False,
    }


def groups() -> Json:
    """`[group.NAME]`."""
    one = table("Outlets of any PDUs under one name.", {"outlets": _refs()})
    return {
        "description": "Outlets of any PDUs under one name.",
        "type": "object",
        "propertyNames": {"maxLength": 60, "pattern": r"^\S(?:.*\S)?$"},
        "additionalProperties": one,
        "maxProperties": 500,
    }


def _refs() -> Json:
    one: Json = {"type": "string", "pattern": r"^.*\S.*:\s*\S.*$"}
    part = texts('PDU:OUTLETS, as "rack1-a:1-4", "rack1-a:db01" or "rack1-a:all".', of=one)
    listed = part["anyOf"]
    assert isinstance(listed, list)
    listed[1] = {**listed[1], "maxItems": 1000}
    return part


def sequences() -> Json:
    """`[[sequence]]`."""
    pause: Range = {"at_least": 0, "at_most": 3600}
    paces = ("delay", "settle")
    step = table("One action on some outlets, one after the other.", {
        "action": choice("What is done.", None, ACTIONS),
        "outlets": _refs(),
        "group": text("Instead of outlets: a group."),
        "pause_s": number("Seconds after each outlet; default: that of the sequence.", None,
                          **pause),
        "pace": choice("Default: that of the sequence.", None, paces),
    }, required=["action"],
        oneOf=[{"required": ["outlets"]}, {"required": ["group"]}])  # fmt: skip
    one = table("A plan by name.", {
        "name": text("What it is run by; each once.", longest=60),
        "text": text("What it is for, in a line.", longest=200),
        "pause_s": number("Seconds after each outlet.", _SEQUENCE.pause_s, **pause),
        "pace": choice("settle: go on when the load has settled.", _SEQUENCE.pace, paces),
        "on_failure": choice("continue: go on after a step that did not end well.",
                             _SEQUENCE.on_failure, ("stop", "continue")),
        "step": tables("In the order in which they are done.", step, most=200, minItems=1),
    }, required=["name", "step"])  # fmt: skip
    return tables("Plans by name.", one, most=200)
