"""From settings to running parts. What is heavy is imported here, when it is needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pdutui.settings import AuditSettings, PduSettings, Settings

if TYPE_CHECKING:
    from pdutui.backends.base import Backend
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.backends.snmp.turns import Turns
    from pdutui.backends.snmp.types import SnmpTarget
    from pdutui.domain.clock import Clock
    from pdutui.domain.secret import Secret

SPILL_NAME = "audit-spill.jsonl"
"""Where the store puts audit lines while the database cannot be written."""
HEAD_NAME = "audit-head.json"
"""Where the store keeps number and hash of the newest one."""
HISTORY_FILE = "history.db"
DEMO_HISTORY_FILE = "demo.db"
DEMO_ALARMS = "alarms-demo"
"""The demo's PDUs do not exist: their history, audit and alarms stay out of the real ones."""
DEMO_FLEET_FILE = "demo-fleet.db"
"""That of a demo with a room of PDUs."""


def build_backends(
    settings: Settings, clock: Clock, *, demo: Demo | None = None
) -> dict[str, Backend]:
    """A backend for every PDU, by name. Nothing is sent and no socket is opened yet.

    With a `demo` they are its own, which share racks.
    """
    if demo is not None and demo.fleet is not None:
        from pdutui.backends.mock.demo_fleet import fleet_backends

        return fleet_backends(clock, demo.fleet, demo.seed)
    if demo is not None:
        from pdutui.backends.mock.demo import demo_backends

        return demo_backends(clock, demo.seed)
    shared = Shared(settings.profile_dir)
    return {pdu.name: build_backend(pdu, clock, shared=shared) for pdu in settings.pdus}


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """Which modelled PDUs stand in for the configured ones."""

    seed: int = 1
    fleet: int | None = None
    """A room of so many PDUs; None: the three of one rack and its neighbour."""


class Shared:
    """What the backends of a process have in common, made when the first of them wants it."""

    def __init__(self, profile_dir: Path | None = None) -> None:
        """With the user's profiles from `profile_dir`."""
        self._profile_dir = profile_dir

    @cached_property
    def library(self) -> ProfileLibrary:
        """The profiles."""
        from pdutui.backends.snmp.library import ProfileLibrary

        return ProfileLibrary(self._profile_dir)

    @cached_property
    def turns(self) -> Turns:
        """For what computes long."""
        from pdutui.backends.snmp.turns import Turns

        return Turns()


def build_backend(
    pdu: PduSettings,
    clock: Clock,
    profile_dir: Path | None = None,
    *,
    shared: Shared | None = None,
) -> Backend:
    """The backend of one PDU, with the user's profiles from `profile_dir` or `shared`.

    Raises ProfileError if its profile is one of them and cannot be used.
    """
    if pdu.backend == "mock":
        from pdutui.backends.mock.backend import MockBackend
        from pdutui.backends.mock.build import mock_pdu

        model = mock_pdu(pdu.model, start_s=clock.monotonic(), seed=pdu.seed)
        return MockBackend(pdu.name, model, clock=clock)
    from pdutui.backends.snmp.backend import SnmpBackend

    common = shared or Shared(profile_dir)
    return SnmpBackend(
        pdu.name,
        snmp_target(pdu),
        pdu.profile,
        clock=clock,
        library=common.library,
        turns=common.turns,
    )


def snmp_target(pdu: PduSettings) -> SnmpTarget:
    """Where a PDU is and how to talk to it, from its settings."""
    from pdutui.backends.snmp.types import SnmpTarget

    return SnmpTarget(
        host=pdu.host,
        port=pdu.port,
        version=pdu.version,
        community=pdu.community,
        write_community=pdu.write_community,
        v3=pdu.v3,
        v3_write=pdu.v3_write,
        timeout_s=pdu.timeout_s,
        retries=pdu.retries,
    )


def secrets_of(settings: Settings) -> tuple[Secret, ...]:
    """Every community, SNMPv3 pass phrase and unlock code there is, for the log to blank out."""
    found: list[Secret | None] = [*settings.traps.communities, settings.control.lock.code]
    for pdu in settings.pdus:
        found += [pdu.community, pdu.write_community]
        for user in (pdu.v3, pdu.v3_write):
            found += [] if user is None else [user.auth_key, user.priv_key]
    return tuple(secret for secret in found if secret is not None)


def history_path(settings: Settings) -> Path:
    """The database file: as configured, else `history.db` in the state directory."""
    return settings.history.path or settings.state_dir / HISTORY_FILE


def demo_settings(settings: Settings, demo: Demo | None = None) -> Settings:
    """The settings with the demo's PDUs, map and sequences in place of the configured ones."""
    demo = demo or Demo()
    quiet = AuditSettings()  # what is tried out here is nothing for anybody's syslog, nor pager
    room = "" if demo.fleet is None else "-fleet"
    alarms = msgspec.structs.replace(
        settings.alarms,
        directory=settings.state_dir / f"{DEMO_ALARMS}{room}",
        hook=None,
        syslog=None,
    )
    if demo.fleet is not None:
        from pdutui.backends.mock.demo_fleet import fleet_cords, fleet_pdus

        path = settings.state_dir / DEMO_FLEET_FILE
        history = msgspec.structs.replace(settings.history, path=path)
        pdus = fleet_pdus(demo.fleet, demo.seed)
        return msgspec.structs.replace(
            settings, pdus=pdus, cords=fleet_cords(pdus), groups=(), sequences=(), history=history,
            alarms=alarms, audit=quiet,
        )  # fmt: skip
    from pdutui.backends.mock.demo import demo_cords, demo_groups, demo_pdus, demo_sequences

    history = msgspec.structs.replace(settings.history, path=settings.state_dir / DEMO_HISTORY_FILE)
    return msgspec.structs.replace(
        settings,
        pdus=demo_pdus(demo.seed),
        cords=demo_cords(),
        groups=demo_groups(),
        sequences=demo_sequences(),
        history=history,
        alarms=alarms,
        audit=quiet,
    )
