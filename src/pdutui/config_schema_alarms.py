"""The schema of `[alarms]`."""

from __future__ import annotations

from pdutui.config_alarms_rules import HIGHS, LOWS
from pdutui.config_schema_parts import (
    PRINTABLE,
    Json,
    boolean,
    choice,
    integer,
    number,
    some,
    table,
    tables,
    text,
    texts,
)
from pdutui.config_schema_sections import facility, target
from pdutui.domain.alarm import KINDS
from pdutui.domain.alarm_measure import MEASURES, PARTS
from pdutui.settings import AlarmHookSettings, AlarmSettings, BudgetSettings

_USUAL = AlarmSettings()
_BUDGET = BudgetSettings(name="", kwh=1)
_HOOK = AlarmHookSettings(argv=())
_DAY_S = 86_400


def alarms() -> Json:
    """The section."""
    levels = ("none", "critical", "all")
    return table("What is judged to be wrong, and who is told.", {
        "enabled": boolean("False: nothing is judged.", _USUAL.enabled),
        "off": texts("Kinds that are not judged.", of={"enum": list(KINDS)}),
        "warning_percent": number(
            "Near overload where the device has no threshold of its own: of the rating.",
            _USUAL.warning_percent, above=0, at_most=200),
        "critical_percent": number("The same, for critical.", _USUAL.critical_percent, above=0,
                                   at_most=200),
        "hysteresis_percent": number(
            "Of the limit: so far back a figure has to come before its alarm is over.",
            _USUAL.hysteresis_percent, at_least=0, at_most=50),
        "hold_s": number("Seconds that a figure has to be beyond its limit.", _USUAL.hold_s,
                         at_least=0, at_most=3600),
        "clear_s": number("Seconds that it has to be inside again.", _USUAL.clear_s, at_least=0,
                          at_most=3600),
        "stale_after_s": number("A PDU whose reading is older is stale.", _USUAL.stale_after_s,
                                at_least=1, at_most=_DAY_S),
        "no_load_after_s": number("An outlet that is on and draws 0 W for so many seconds.",
                                  _USUAL.no_load_after_s, at_least=0, at_most=_DAY_S),
        "load_step_percent": number(
            "Of the rating of a bank or inlet, from one reading to the next but one; 0: never.",
            _USUAL.load_step_percent, at_least=0, at_most=1000),
        "clock_off_s": number("Our own clock jumps by more; 0: never.", _USUAL.clock_off_s,
                              at_least=0, at_most=_DAY_S),
        "again_after_s": number("What comes back within so many seconds is not told again.",
                                _USUAL.again_after_s, at_least=0, at_most=_DAY_S),
        "keep": choice("Which alarms stay in the list when they are over, until acknowledged.",
                       _USUAL.keep, levels),
        "expire_h": number("Hours after which what is over leaves the list.", _USUAL.expire_h,
                           above=0, at_most=8784),
        "history_days": integer("How long the history of alarms is kept.", _USUAL.history_days,
                                at_least=1, at_most=3660),
        "bell": choice("Which alarms ring the terminal's bell.", _USUAL.bell,
                       ("off", "critical", "all")),
        "bell_every_s": number("Seconds between rings while one stands; 0: once only.",
                               _USUAL.bell_every_s, at_least=0, at_most=_DAY_S),
        "syslog": target("Where alarms go too. Default: nowhere."),
        "facility": facility(_USUAL.facility),
        "threshold": tables("Limits of our own.", _threshold(), most=200),
        "budget": tables("How much energy PDUs may use together.", _budget(), most=200),
        "hook": _hook(),
    })  # fmt: skip


def _pdus() -> Json:
    return some(texts("Names of PDUs, or patterns as rack1-*. Default: all."))


def _threshold() -> Json:
    part: Json = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": PRINTABLE}]}
    parts: Json = {
        "description": "Numbers, names or patterns of the parts. Default: all.",
        "anyOf": [part, {"type": "array", "items": part, "minItems": 1, "uniqueItems": True}],
    }
    limits = {
        key: number(f"{'Above' if key in HIGHS else 'Below'} this it is {key.partition('_')[2]}.",
                    None, at_least=-1e9, at_most=1e9)
        for key in (*HIGHS, *LOWS)
    }  # fmt: skip
    every = sorted({measure for fits in MEASURES.values() for measure in fits})
    fitting: list[Json] = [
        {"if": {"properties": {"of": {"const": of}}, "required": ["of"]},
         "then": {"properties": {"measure": {"enum": list(MEASURES[of])}}}}
        for of in PARTS
    ]  # fmt: skip
    sensor: Json = {
        "if": {"properties": {"of": {"const": "sensor"}}, "required": ["of"]},
        "else": {"required": ["measure"]},
    }
    whole: Json = {
        "if": {"properties": {"of": {"const": "pdu"}}, "required": ["of"]},
        "then": {"properties": {"parts": False}},
    }
    return table("Limits for a figure of some parts of some PDUs.", {
        "name": text("What alarms are called by; each once.", longest=60),
        "of": choice("Which kind of part.", None, PARTS),
        "measure": choice("Which figure of it.", None, every),
        "pdus": _pdus(),
        "parts": parts,
        **limits,
        "hysteresis": number("In the unit of the figure; default: hysteresis_percent of the limit.",
                             None, at_least=0, at_most=1e9),
        "hold_s": number("Seconds; default: that of [alarms].", None, at_least=0, at_most=_DAY_S),
    }, required=["name", "of"], anyOf=[{"required": [key]} for key in (*HIGHS, *LOWS)],
        allOf=[*fitting, sensor, whole])  # fmt: skip


def _budget() -> Json:
    return table("Energy that PDUs may use together in a calendar period.", {
        "name": text("What alarms are called by; each once.", longest=60),
        "kwh": number("How much.", None, above=0, at_most=1e9),
        "per": choice("Calendar days, ISO weeks or months, local time.", _BUDGET.per,
                      ("day", "week", "month")),
        "pdus": _pdus(),
        "warning_percent": number("Of the budget; beyond all of it is critical.",
                                  _BUDGET.warning_percent, above=0, at_most=100),
    }, required=["name", "kwh"])  # fmt: skip


def _hook() -> Json:
    word: Json = {"type": "string", "maxLength": 4096}
    program: Json = {"type": "string", "pattern": r"^(?:~?/.*|[^/]*[^/\s][^/]*)$"}
    return table("A program that is run for alarms, without a shell.", {
        "command": {"description": "The program first: an absolute path, or a name in PATH.",
                    "type": "array", "prefixItems": [program], "items": word, "minItems": 1,
                    "maxItems": 64},
        "level": choice("This level and worse.", _HOOK.level, ("warning", "critical")),
        "on": some(texts("What it is run for.", _HOOK.on,
                         of={"enum": ["raised", "escalated", "over", "acknowledged"]})),
        "timeout_s": number("Seconds that it may take.", _HOOK.timeout_s, at_least=0.1,
                            at_most=300),
    }, required=["command"])  # fmt: skip
