"""The sections of a configuration, each read by its own reader, loaded where the section is there.

A section that nobody mentions, in the file, the environment or on the command line, has its
defaults, and what would read it is not loaded: half of the readers are for what few need, and a
console is to be up at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pdutui.settings import (
    AlarmSettings,
    AuditSettings,
    ControlSettings,
    EnergySettings,
    GroupSettings,
    ImpactSettings,
    KioskSettings,
    PduSettings,
    PollSettings,
    SequenceSettings,
    TrapSettings,
)

if TYPE_CHECKING:
    from pdutui.backends.snmp.library import ProfileLibrary
    from pdutui.config_errors import Problems
    from pdutui.config_names import Known
    from pdutui.config_secret import SecretReader
    from pdutui.config_table import Table
    from pdutui.domain.devicemap import MappedCord

PROFILES = "profiles"
"""The folder of the user's profiles, beside the configuration."""


class Parts:
    """Reads the sections that are there.

    Args:
        top: the whole file.
        section: one of its sections, with what environment and command line say of it.
        problems: where errors go.
        path: where the file is, or would be; relative paths start from its folder.
        file: the same; None where there is none.
        env: the environment.
        poll: what PDUs go by that say nothing else.
        device_map: whether the file of `[impact] map` is read.
        outlets_first: whether the file has its PDUs before its groups.
    """

    def __init__(
        self,
        top: Table,
        section: Callable[[str], Table],
        problems: Problems,
        *,
        path: Path,
        file: Path | None,
        env: Mapping[str, str],
        poll: PollSettings,
        device_map: bool,
        outlets_first: bool,
    ) -> None:
        self._top, self._section = top, section
        self._path, self._env = path, env
        self._problems = problems
        self.warnings: list[str] = []
        """For people."""
        self._file = file
        self.pdus: tuple[PduSettings, ...] = self._read_pdus(poll)
        self.groups: tuple[GroupSettings, ...] = self._read_groups(outlets_first)
        self.impact: ImpactSettings = self._read_impact()
        self.cords: tuple[MappedCord, ...] = self._read_cords() if device_map else ()

    def _said(self, name: str) -> Table | None:
        """A section of which anything is said; None for one that has its defaults."""
        table = self._section(name)
        return table if table.said else None

    # -- profiles ----------------------------------------------------------------------------

    @functools.cached_property
    def _library(self) -> ProfileLibrary:
        from pdutui.backends.snmp.library import ProfileLibrary

        return ProfileLibrary(self._path.parent / PROFILES)

    def profile_problems(self) -> tuple[str, ...]:
        """What is wrong with the user's own profiles."""
        return self._library.problems() if (self._path.parent / PROFILES).is_dir() else ()

    def check_profiles(self) -> None:
        """See that the user's own profiles that PDUs name can be used."""
        for place, pdu in enumerate(self.pdus):
            if pdu.profile == "auto" or self._library.file(pdu.profile) is None:
                continue
            from pdutui.backends.snmp.profile import ProfileError

            try:
                self._library.load(pdu.profile)
            except ProfileError as error:
                at = self._problems.at(("pdu", place), "profile")
                named = f"{self._path}{at}: [pdu {pdu.name!r}] profile {pdu.profile!r}"
                self._problems.add(f"{named} cannot be used: {error}")

    # -- PDUs, and what is said of them -------------------------------------------------------

    def _read_pdus(self, poll: PollSettings) -> tuple[PduSettings, ...]:
        if not self._top.has("pdu"):
            return ()
        from pdutui.config_pdu import PduReader

        reader = PduReader(
            file=self._file,
            poll=poll,
            env=self._env,
            profiles=self._library.names,
            problems=self._problems,
        )
        self.warnings = reader.warnings
        return reader.read_all(self._top.raw("pdu"))

    def _read_groups(self, outlets_first: bool) -> tuple[GroupSettings, ...]:
        if not self.pdus and not self._top.has("group"):
            return ()
        from pdutui.config_groups import read_groups

        return read_groups(self._top, self.pdus, outlets_first=outlets_first)

    def sequences(self) -> tuple[SequenceSettings, ...]:
        """`[[sequence]]`."""
        if not self._top.has("sequence"):
            return ()
        from pdutui.config_sequences import read_sequences

        return read_sequences(self._top, self.pdus, self.groups)

    def _read_impact(self) -> ImpactSettings:
        table = self._said("impact")
        if table is None:
            return ImpactSettings()
        from pdutui.config_impact import read_impact

        return read_impact(table, self._path.parent)

    def _read_cords(self) -> tuple[MappedCord, ...]:
        if not self.pdus and self.impact.map is None:
            return ()
        from pdutui.config_cords import read_cords

        return read_cords(
            self.pdus,
            self.impact.map,
            label=str(self._path),
            problems=self._problems,
            warnings=self.warnings,
        )

    @functools.cached_property
    def _known(self) -> Known:
        from pdutui.config_names import Known

        return Known(
            pdus=tuple(pdu.name for pdu in self.pdus),
            groups=tuple(group.name for group in self.groups),
        )

    @functools.cached_property
    def _secrets(self) -> SecretReader:
        from pdutui.config_secret import SecretReader

        return SecretReader(self._file, self._env, self._problems, self.warnings)

    # -- sections ------------------------------------------------------------------------------

    def control(self) -> ControlSettings:
        """`[control]`."""
        table = self._said("control")
        if table is None:
            return ControlSettings()
        from pdutui.config_control import read_control

        return read_control(
            table,
            base=self._path.parent,
            known=self._known,
            secrets=self._secrets,
            env=self._env,
        )

    def kiosk(self) -> KioskSettings:
        """`[kiosk]`."""
        table = self._said("kiosk")
        if table is None:
            return KioskSettings()
        from pdutui.config_kiosk import read_kiosk

        return read_kiosk(table, self._known)

    def alarms(self) -> AlarmSettings:
        """`[alarms]`."""
        table = self._said("alarms")
        if table is None:
            return AlarmSettings()
        from pdutui.config_alarms import read_alarms

        return read_alarms(table, known=self._known, env=self._env, warnings=self.warnings)

    def keys(self) -> dict[str, tuple[str, ...]]:
        """`[keys]`."""
        if not self._top.has("keys"):
            return {}
        from pdutui.config_keys import read_keys

        return read_keys(self._top.sub("keys"), self._top.raw("keys"))

    def traps(self) -> TrapSettings:
        """`[traps]`."""
        table = self._said("traps")
        if table is None:
            return TrapSettings()
        from pdutui.config_traps import read_traps

        return read_traps(table, self._secrets, there=self._top.has("traps"))

    def energy(self) -> EnergySettings:
        """`[energy]`."""
        table = self._said("energy")
        if table is None:
            return EnergySettings()
        from pdutui.config_energy import read_energy

        return read_energy(table)

    def audit(self) -> AuditSettings:
        """`[audit]`."""
        table = self._said("audit")
        if table is None:
            return AuditSettings()
        from pdutui.config_impact import read_audit

        return read_audit(table)
