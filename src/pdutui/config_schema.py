"""The JSON Schema of the configuration, for editors and other tools.

What a schema can say of one value alone stands in it: types, ranges, words, defaults, and which
keys there are. That names exist, that hours are in order, that files can be read: only `pdutui
config check` knows. A test holds both against each other, key by key and limit by limit.
"""

from __future__ import annotations

from pdutui.config_schema_alarms import alarms
from pdutui.config_schema_control import control
from pdutui.config_schema_parts import Json
from pdutui.config_schema_pdu import groups, pdus, sequences
from pdutui.config_schema_sections import (
    audit,
    energy,
    history,
    impact,
    keys,
    kiosk,
    of_a_key,
    poll,
    traps,
    ui,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> Json:
    """The schema of the whole file."""
    return {
        "$schema": DIALECT,
        "title": "pdutui configuration",
        "description": "config.toml of pdutui. 'pdutui config check' also knows what a schema "
        "cannot say: that names exist, that files can be read.",
        "type": "object",
        "properties": {
            "poll": poll(),
            "history": history(),
            "control": control(),
            "alarms": alarms(),
            "impact": impact(),
            "audit": audit(),
            "ui": ui(),
            "kiosk": kiosk(),
            "keys": keys(),
            "traps": traps(),
            "energy": energy(),
            "pdu": pdus(),
            "group": groups(),
            "sequence": sequences(),
        },
        "additionalProperties": False,
        "$defs": {"keys": of_a_key()},
    }
