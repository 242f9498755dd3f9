"""What a hook's program is given: the alarm as JSON, as variables, and an environment that is safe.

The environment is made of a short list of variables that programs need, and nothing else: ours may
hold communities and keys under any name that the configuration chose.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping

import msgspec

from pdutui.domain.alarm import AlarmEntry, AlarmLevel
from pdutui.domain.alarm_json import alarm_plain, iso
from pdutui.domain.naming import printable
from pdutui.settings import AlarmHookSettings, PduSettings

VERSION = 1
"""Of the JSON; it grows if a key ever changes its meaning."""
PASSED = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
     "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"}
)  # fmt: skip
"""Variables of ours that a program gets too, besides `LC_*`."""
_LONGEST = 2000
"""Characters of a text; more is cut: an argument list has a limit."""


class HookJob(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the program."""

    argv: tuple[str, ...]
    stdin: bytes
    env: dict[str, str]
    timeout_s: float
    alarm_id: str
    level: AlarmLevel
    what: str
    """The alarm in a few words, for errors."""


def job_of(
    entry: AlarmEntry,
    hook: AlarmHookSettings,
    *,
    env: Mapping[str, str],
    pdu: PduSettings | None = None,
    test: bool = False,
) -> HookJob:
    """One run for one entry.

    Args:
        entry: What became of which alarm.
        hook: The program.
        env: The environment that we have.
        pdu: Of the alarm, for where it stands.
        test: It is a sample: the program is told.
    """
    location = (pdu.location if pdu is not None else None) or ""
    feed = (pdu.feed if pdu is not None else None) or ""
    plain: dict[str, object] = {
        "version": VERSION,
        "test": test,
        "host": socket.gethostname(),
        "time": iso(entry.time),
        "change": entry.change,
        "by": entry.by,
        "comment": entry.comment,
        "location": location,
        "feed": feed,
        "alarm": alarm_plain(entry.alarm),
    }
    return HookJob(
        argv=hook.argv,
        stdin=json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace") + b"\n",
        env=_environment(entry, env, location, feed, test=test),
        timeout_s=hook.timeout_s,
        alarm_id=entry.alarm.id,
        level=entry.alarm.level,
        what=f"{entry.change}: {entry.alarm.text}",
    )


def _environment(
    entry: AlarmEntry, env: Mapping[str, str], location: str, feed: str, *, test: bool
) -> dict[str, str]:
    a = entry.alarm
    said = {
        "ID": a.id, "CHANGE": entry.change, "TIME": iso(entry.time), "PDU": a.pdu, "KIND": a.kind,
        "PART": a.part, "RULE": a.rule, "LEVEL": a.level, "TEXT": a.text,
        "VALUE": _figure(a.value), "LIMIT": _figure(a.limit), "UNIT": a.unit,
        "SINCE": iso(a.since), "OVER": "" if a.over is None else iso(a.over),
        "TIMES": str(a.times), "BY": entry.by, "COMMENT": entry.comment, "LOCATION": location,
        "FEED": feed, "TEST": "1" if test else "",
    }  # fmt: skip
    passed = {k: v for k, v in env.items() if k in PASSED or k.startswith("LC_")}
    return passed | {f"PDUTUI_ALARM_{key}": _plain(text) for key, text in said.items()}


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _plain(text: str) -> str:
    """Without control codes, which a script might hand on to a terminal or a mail's head."""
    return printable(text.encode("utf-8", "replace").decode("utf-8"))[:_LONGEST]
