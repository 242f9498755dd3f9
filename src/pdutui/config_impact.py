"""`[impact]` and `[audit]` of the configuration: how a preview reckons, where records go."""

from __future__ import annotations

from pathlib import Path

from pdutui.config_syslog import read_facility, read_target
from pdutui.config_table import Table
from pdutui.settings import AuditSettings, ImpactSettings


def read_impact(table: Table, base: Path) -> ImpactSettings:
    """The settings of `[impact]`; relative paths start from `base`."""
    path = table.path("map")
    return ImpactSettings(
        limit_percent=table.number("limit_percent", 80.0, at_least=1, at_most=100),
        inrush_factor=table.number("inrush_factor", 1.5, at_least=1, at_most=100),
        map=None if path is None else base / path,
    )


def read_audit(table: Table) -> AuditSettings:
    """The settings of `[audit]`."""
    return AuditSettings(syslog=read_target(table), facility=read_facility(table, "authpriv"))
