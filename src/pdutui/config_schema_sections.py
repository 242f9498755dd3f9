"""The schema of the small sections: all but `[control]` and `[alarms]`."""

from __future__ import annotations

from pdutui.config_kiosk import PAGES
from pdutui.config_schema_parts import (
    Json,
    Range,
    at_most_one,
    boolean,
    choice,
    integer,
    number,
    secret_ways,
    table,
    tables,
    text,
    texts,
)
from pdutui.domain.syslog import FACILITIES
from pdutui.domain.tariff import DAYS
from pdutui.settings import (
    HistorySettings,
    ImpactSettings,
    KioskSettings,
    PollSettings,
    UiSettings,
)

_POLL, _HISTORY, _IMPACT = PollSettings(), HistorySettings(), ImpactSettings()
_UI, _KIOSK = UiSettings(), KioskSettings()


def days(says: str) -> Json:
    """`mon-fri`, `sat`, or a list of such."""
    either = "|".join("".join(f"[{c.upper()}{c}]" for c in day) for day in DAYS)
    pattern = rf"^\s*(?:{either})\s*(?:-\s*(?:{either})\s*)?$"
    one: Json = {"type": "string", "pattern": pattern}
    part = texts(says, of=one)
    part["examples"] = ["mon-fri", ["mon-thu", "sun"]]
    listed = part["anyOf"]
    assert isinstance(listed, list)
    listed[1] = {"type": "array", "items": one, "minItems": 1}
    return part


def time_of_day(says: str, default: str, *, quarters: bool = False) -> Json:
    """`06:15`."""
    minutes = "(?:00|15|30|45)" if quarters else "[0-5][0-9]"
    part = text(says, default, examples=["22:00"])
    part["pattern"] = rf"^(?:(?:[01]?[0-9]|2[0-3]):{minutes}|24:00)$"
    return part


def facility(default: str) -> Json:
    """One of syslog's."""
    return choice("Syslog's facility.", default, tuple(FACILITIES))


def target(says: str) -> Json:
    """The address of a syslog."""
    examples = ["udp://log.lan:514", "tcp://log.lan:601", "unix:/dev/log"]
    part = text(says, examples=examples)
    part["pattern"] = r"^\s*(?:(?:udp|tcp)://[^\s/]+|unix:(?:///?)?[^/\s].*|unix:/[^/].*)$"
    return part


def poll() -> Json:
    """`[poll]`."""
    return table("How often and how patiently devices are asked.", {
        "interval_s": number("Seconds from one reading to the next.", _POLL.interval_s,
                             at_least=0.2, at_most=3600),
        "timeout_s": number("The longest wait for the answer to one request, resends included.",
                            _POLL.timeout_s, above=0, at_most=60),
        "retries": integer("How many more such rounds.", _POLL.retries, at_least=0, at_most=10),
    })  # fmt: skip


def history() -> Json:
    """`[history]`."""
    return table("What is kept of the past.", {
        "enabled": boolean("False: no readings are kept; the audit still is.", _HISTORY.enabled),
        "path": text("The database file; relative to this file. Default: history.db in the state "
                     "directory."),
        "retention_days": integer("How long every reading is kept as it was, with events and "
                                  "health.", _HISTORY.retention_days, at_least=1, at_most=36_500),
        "totals_days": integer("How long quarters of an hour and energy are kept; at least "
                               "retention_days.", _HISTORY.totals_days, at_least=1,
                               at_most=36_500),
    })  # fmt: skip


def impact() -> Json:
    """`[impact]`."""
    return table("How the preview of a switch reckons.", {
        "limit_percent": number("Of its rating: what a bank or an inlet should not carry for long.",
                                _IMPACT.limit_percent, at_least=1, at_most=100),
        "inrush_factor": number("What a load draws in its first moments, as a multiple of what it "
                                "draws then.", _IMPACT.inrush_factor, at_least=1, at_most=100),
        "map": text("A CSV file of cords (device, pdu, outlet, cord, critical), relative to this "
                    "file.", examples=["cords.csv"]),
    })  # fmt: skip


def audit() -> Json:
    """`[audit]`."""
    return table("Where else the audit's records go.", {
        "syslog": target("Where each record goes too. Default: nowhere else."),
        "facility": facility("authpriv"),
    })  # fmt: skip


def ui() -> Json:
    """`[ui]`."""
    return table("How the console looks.", {
        "theme": text("A theme that is shipped, or a file of your own in themes/ beside this one.",
                      _UI.theme, examples=["noc-dark", "noc-light", "noc-16"]),
        "color": choice("How many colours the terminal has.", _UI.color,
                        ("auto", "truecolor", "256", "16", "none")),
        "glyphs": choice("What pictures are made of; console: what Linux console fonts have.",
                         _UI.glyphs, ("auto", "unicode", "console", "ascii")),
        "mouse": boolean("False leaves the mouse, and its selection, to the terminal.", _UI.mouse),
        "start": choice("The first screen.", _UI.start, ("pdu", "fleet")),
        "group": choice("How the fleet is grouped at first.", _UI.group,
                        ("none", "location", "rack", "feed")),
    })  # fmt: skip


def kiosk() -> Json:
    """`[kiosk]`."""
    page: Json = {
        "anyOf": [
            {"enum": list(PAGES)},
            {"type": "string", "pattern": r"^\s*(?:pdu:\s*\S.*|" + "|".join(PAGES) + r")\s*$"},
        ]
    }
    either: Json = {
        "anyOf": [page, {"type": "array", "items": page, "minItems": 1, "maxItems": 200}]
    }
    pages = {"description": "What is shown in turn: fleet, pairs, alarms, events, pdus (each PDU), "
             "pdu:NAME or a pattern.", **either, "default": list(_KIOSK.pages)}  # fmt: skip
    stay: Range = {"at_least": 2, "at_most": 86_400}
    return table("The console on a wall, as --kiosk starts it.", {
        "pages": pages,
        "every_s": number("Seconds that a page stays.", _KIOSK.every_s, **stay),
        "jump": boolean("Go to a PDU that has a new critical alarm.", _KIOSK.jump),
        "jump_s": number("Seconds that it stays there.", _KIOSK.jump_s, **stay),
        "big": boolean("Big digits where there is room.", _KIOSK.big),
    })  # fmt: skip


def traps() -> Json:
    """`[traps]`."""
    one: Json = {"type": "string", "minLength": 1}
    community: Json = {
        "description": "Taken from every PDU, besides its own read community; or a list of such.",
        "anyOf": [one, {"type": "array", "items": one, "maxItems": 32}],
    }
    return table("Listening for traps and informs.", {
        "enabled": boolean("Whether they are listened for.", True),
        "listen": text("Address and port.", "0.0.0.0:1162", examples=["[::]:1162"]),
        **secret_ways("community", "A community", community),
    }, allOf=[at_most_one("community", "community_env", "community_file")])  # fmt: skip


def energy() -> Json:
    """`[energy]`."""
    price: Range = {"at_least": 0, "at_most": 1_000_000}
    band = table("Hours with another price; the first band that fits holds.", {
        "name": text("What reports call it.", longest=24),
        "days": days("The days on which it begins. Default: every day."),
        "from": time_of_day("Local time, on a quarter of an hour.", "00:00", quarters=True),
        "to": time_of_day("Earlier than from: of the day after.", "24:00", quarters=True),
        "price_per_kwh": number("The price of these hours.", None, **price),
    }, required=["price_per_kwh"])  # fmt: skip
    return table("What energy costs, for reports.", {
        "currency": text("Any short text.", "EUR", longest=8),
        "price_per_kwh": number("Without one, reports have no cost.", None, **price),
        "band": tables("Hours with a price of their own.", band, most=48),
    }, dependentRequired={"band": ["price_per_kwh"]})  # fmt: skip


KEYS_REF = "#/$defs/keys"


def of_a_key() -> Json:
    """What an action of `[keys]` may be given: `#/$defs/keys`."""
    one: Json = {"type": "string", "minLength": 1}
    return {"anyOf": [one, {"type": "array", "items": one}]}


def keys() -> Json:
    """`[keys]`: every action by its id, quoted or as tables."""
    from pdutui.keys.registry import by_id

    quoted: dict[str, Json] = {}
    tree: dict[str, Json] = {}
    for ident, key in by_id().items():
        shown: Json = {"description": f"{key.helps or key.does} ({key.shown})", "$ref": KEYS_REF}
        quoted[ident] = shown
        first, dot, rest = ident.partition(".")
        if dot:
            inner = tree.setdefault(first, table(f"Actions that begin with {first}.", {}))
            within = inner["properties"]
            assert isinstance(within, dict)
            within[rest] = shown
    for first, inner in tree.items():
        own = quoted.get(first)
        quoted[first] = inner if own is None else {"anyOf": [own, inner]}
    says = 'Which keys do what: "outlet.off" = "F", or a list of keys; an empty list for none.'
    return table(says, quoted)
