"""What a replay begins with: whose past there is, from when to when, and what is configured."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from pdutui.domain.history import RecordedPdu
from pdutui.domain.secret import Secret
from pdutui.engine.replay.times import in_words, ms_of, time_of
from pdutui.settings import (
    ControlSettings,
    HistorySettings,
    PduSettings,
    PollSettings,
    Settings,
    TrapSettings,
)
from pdutui.store.errors import StoreTrouble
from pdutui.store.port import HistoryReader


class ReplayError(Exception):
    """It cannot be replayed; the text is for people."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept of the PDUs to be replayed."""

    pdus: tuple[str, ...]
    first_ms: int
    """The first reading of all, unix ms."""
    last_ms: int
    """The last one, as of when it was asked for: a replay never slides into what is live."""


async def recording_of(
    reader: HistoryReader, configured: Sequence[str], wanted: Sequence[str] = ()
) -> Recording:
    """What there is to replay: the configured PDUs first, in their order, then others by name.

    Args:
        reader: All that was kept.
        configured: The PDUs of the configuration.
        wanted: Only these; none for all.

    Raises:
        ReplayError: Nothing was kept of any, or of one that is wanted.
    """
    try:
        found = {pdu.name: pdu for pdu in await reader.pdus()}
    except StoreTrouble as trouble:
        raise ReplayError(trouble.phrase) from trouble
    if not found:
        raise ReplayError("nothing to replay: no reading of any PDU was kept")
    for name in wanted:
        if name not in found:
            raise ReplayError(f"no reading of {name} was kept{_there_is(name, found)}")
    chosen = dict.fromkeys(wanted or [*(n for n in configured if n in found), *sorted(found)])
    kept = [found[name] for name in chosen]
    return Recording(
        pdus=tuple(chosen),
        first_ms=min(pdu.oldest_ms for pdu in kept),
        last_ms=max(pdu.newest_ms for pdu in kept),
    )


def _there_is(name: str, found: Mapping[str, RecordedPdu]) -> str:
    near = difflib.get_close_matches(name, found, 1)
    if near:
        return f": did you mean {near[0]!r}?"
    names = sorted(found)
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"; there are readings of {', '.join(names[:8])}{more}"


def kept_moment(recording: Recording, at: datetime, zone: tzinfo, *, slack_ms: int = 0) -> datetime:
    """The moment, if it was recorded.

    Args:
        recording: What there is.
        at: The moment. In the second of the first reading or of the last it is taken for that.
        zone: For the error.
        slack_ms: So much earlier or later is taken for the first or last reading too.

    Raises:
        ReplayError: It is before the first reading or after the last; both are named.
    """
    first_ms, last_ms, at_ms = recording.first_ms, recording.last_ms, ms_of(at)
    if first_ms // 1000 * 1000 - slack_ms <= at_ms < last_ms // 1000 * 1000 + 1000 + slack_ms:
        return time_of(max(first_ms, min(last_ms, at_ms)))
    where = "before the first" if at_ms < first_ms else "after the last"
    first, last, said = (in_words(ms, zone) for ms in (first_ms, last_ms, at_ms))
    raise ReplayError(f"{said} is {where} reading that was kept: {first} to {last}")


def replay_settings(settings: Settings, pdus: Sequence[str], interval_s: float) -> Settings:
    """The settings of the engine of a replay.

    Names, feeds, floors and protection are as they are configured now. Nothing is kept, nothing is
    listened to, nothing can be switched, and no secret is known.

    Args:
        settings: The configuration.
        pdus: The PDUs to replay; those that are not configured are known by name only.
        interval_s: How far apart their polls were.
    """
    known = {pdu.name: pdu for pdu in settings.pdus}
    return msgspec.structs.replace(
        settings,
        poll=PollSettings(interval_s=interval_s),
        history=HistorySettings(enabled=False),
        control=ControlSettings(enabled=False, read_only=True),
        traps=TrapSettings(enabled=False),
        pdus=tuple(_harmless(known.get(name, PduSettings(name=name))) for name in pdus),
    )


def _harmless(pdu: PduSettings) -> PduSettings:
    return msgspec.structs.replace(
        pdu, host="", community=Secret(""), write_community=None, version="2c", v3=None,
        v3_write=None, read_only=True,
    )  # fmt: skip
