"""Which texts of a device say nothing of its owner: figures, dates, versions, common words.

What is none of these may be a name, a place or a password, and a recording to be given away is
better without it.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME_WORDS = _words(
    """
    outlet outlets bank banks source phase phases inlet input output sensor temperature humidity
    relative absolute contact probe feed line circuit breaker branch cord port group env air
    flow pressure water leak smoke door vibration tilt dry closure on off dew point temp hum
    digital analog internal external total unit
    """
)
"""Words that devices leave the factory with in names."""
_WORDS = _NAME_WORDS | _words(
    """
    a an and at by for from in no not of or the to with without is are none unknown yes true
    false enabled disabled enable disable normal alarm warning critical low high ok error fault
    good bad fail failed failure open closed active inactive idle present absent installed
    available supported unavailable unsupported power powered pdu epdu ups ats switched
    switching metered monitored managed basic distribution distributed device system card
    management network web snmp http https telnet ssh ftp agent version firmware hardware
    software boot monitor loader application app os model serial number name type status state
    mode local remote master slave current voltage watt watts factor energy frequency load
    rating rated apparent real reactive neutral ground amp amps volt volts hertz kilowatt kw kva
    va kwh hz celsius fahrenheit degree percent single three two one dual redundant delay
    delayed reboot immediate restart last first reset default manual auto automatic apc
    schneider electric cyberpower cps raritan eaton servertech technology vertiv geist emerson
    legrand liebert avocent tripp aten delta enlogic chatsworth iec nema l n
    pe mib module entities framework loopback ethernet lo eth
    """
)
"""Words of makers and manuals. None that people name a place or a machine with."""
_PLACEHOLDERS = frozenset(
    ("", "-", "--", "...", "***", "n/a", "na", "none", "null", "unknown", "not set", "unset",
     "undefined", "<private>", "public", "private", "?", "xxx")
)  # fmt: skip

_RACK = re.compile(r"\brack(?=[ -](?:pdu|power|mount|ats|ups)\b)", re.IGNORECASE)
"""Part of what the thing is, and no place."""
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^A-Za-z\d]+")
_LETTERS = frozenset("abcdefilnpvwxyz")
"""Single letters that number outlets, phases and sources; not R and the like, which number rooms
and racks."""
_PLACE_AHEAD = re.compile(r"\s*[a-z]\d+\W+[a-z]", re.IGNORECASE)
"""`B03 Temperature`: that is where it is."""
_SEPARATOR = re.compile(r"[\s\-_#.,:;/()\[\]%+*&|=<>'\"!]*\Z")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_SHAPES = tuple(
    re.compile(shape + r"\Z", re.IGNORECASE)
    for shape in (
        r"[-+]?\d{1,6}(?:[.,]\d{1,6})?\s?(?:%|[kmc]?[avwf]|k?v?ar?|[km]?wh|hz|h|s|ms|min|days?|°?[cf])?",
        r"\d{1,4}\s?-\s?\d{1,4}\s?[av]?",  # 200-240V
        r"(?:\d{1,6}[\s,;]+)*\d{1,6}",
        r"(?:[0-9a-f]{2} )+[0-9a-f]{2}(?: \d{1,3})*",  # BITS as net-snmp prints them
        r"v?\d{1,5}(?:\.\d{1,5}){1,4}(?:[-_. ]?[a-z]{0,5}\d{0,6}){0,2}",  # a version
        r"[a-z]\d{1,2}",  # C13, L1
        r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}(?:[ t]+\d{1,2}:\d{2}(?::\d{2})?(?:[ap]m|z)?)?",
        r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?",
        rf"{_MONTH} +\d{{1,2}},? +\d{{4}}(?: \d{{1,2}}:\d{{2}}(?::\d{{2}})?)?",
        rf"\d{{1,2}} {_MONTH} \d{{4}}",
        r"(?:iec|nema) ?[\w\s/+\-.]{1,30}",  # plugs and sockets
    )
)
_SERIAL = re.compile(r"(?=(?:.*\d){3})(?=.*[A-Z])[A-Z0-9][A-Z0-9-]{5,}\Z")
_LONG_NUMBER = re.compile(r"\d{7,}\Z")


def is_placeholder(text: str) -> bool:
    """Whether a name, place or person has not been set."""
    return text.strip().lower() in _PLACEHOLDERS


def is_default_name(text: str) -> bool:
    """Whether a name is what devices come with: `Outlet 3`, `C1`, `ENV_Contact#1-2`, `7`."""
    if is_placeholder(text):
        return True
    return not _PLACE_AHEAD.match(text) and _made_of(text, _NAME_WORDS)


def is_harmless(text: str) -> bool:
    """Whether a text of unknown meaning says nothing of whoever owns the device."""
    stripped = text.strip()
    if is_placeholder(stripped) or any(shape.match(stripped) for shape in _SHAPES):
        return True
    return not _PLACE_AHEAD.match(stripped) and _made_of(stripped, _WORDS)


def looks_like_serial(text: str) -> bool:
    """Whether a text is one word of the kind that makers number things with."""
    return _SERIAL.match(text) is not None or _LONG_NUMBER.match(text) is not None


def _made_of(text: str, words: frozenset[str]) -> bool:
    """Whether there are only these words, single letters and numbers of up to three digits."""
    for token in _TOKEN.findall(_RACK.sub("", text)):
        if token.isdigit():
            if len(token) > 3:
                return False
        elif token[0].isascii() and token[0].isalpha():
            word = token.lower()
            if word not in words and word not in _LETTERS:
                return False
        elif not _SEPARATOR.match(token):
            return False
    return True
