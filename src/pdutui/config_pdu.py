"""`[[pdu]]` of the configuration: one device each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from pdutui.config_env import (
    COMMUNITY,
    WRITE_COMMUNITY,
    community_from_env,
    expanded,
    open_to_others,
    secret_from_env,
    secret_from_file,
)
from pdutui.config_errors import ConfigError, Problems, nearest, show
from pdutui.config_table import Table
from pdutui.domain.address import AddressError, parse_address
from pdutui.domain.secret import Secret
from pdutui.settings import FloorSettings, OutletSettings, PduSettings, PollSettings

KEYS = (
    "name", "backend", "host", "port", "version", "profile", "timeout_s", "retries",
    "community", "community_env", "community_file",
    "write_community", "write_community_env", "write_community_file",
    "feed", "location", "read_only", "floor", "protected", "outlets", "model", "seed",
)  # fmt: skip
V3_KEYS = (
    "user", "auth", "auth_key", "auth_key_env", "auth_key_file",
    "priv", "priv_key", "priv_key_env", "priv_key_file", "context",
)  # fmt: skip
SNMPV3 = 'SNMPv3 is not supported by this version of pdutui; "1" and "2c" are'
_HIGHEST_OUTLET = 10_000
_NUMBER = re.compile(r"[0-9]{1,5}\Z")


class PduReader:
    """Makes PduSettings of the `[[pdu]]` tables of one file."""

    def __init__(
        self,
        *,
        file: Path | None,
        poll: PollSettings,
        env: Mapping[str, str],
        profiles: Collection[str],
        problems: Problems,
    ) -> None:
        self._file = file
        self._label = str(file) if file is not None else "configuration"
        self._poll = poll
        self._env = env
        self._profiles = profiles
        self._problems = problems
        self.warnings: list[str] = []

    def read_all(self, data: object) -> tuple[PduSettings, ...]:
        """Every PDU of the file, in its order."""
        if data is None:
            return ()
        if not isinstance(data, list):
            self._problems.add(
                f"{self._label}: pdu must be a list of tables: write [[pdu]], not [pdu]"
            )
            return ()
        pdus = [self._read(number, one) for number, one in enumerate(data, 1)]
        seen: dict[str, int] = {}
        for number, pdu in enumerate(pdus, 1):
            if pdu.name and pdu.name in seen:
                self._problems.add(
                    f"{self._label}: [pdu {pdu.name!r}] name is used twice "
                    f"(PDU {seen[pdu.name]} and PDU {number} of the file)"
                )
            seen.setdefault(pdu.name, number)
        return tuple(pdus)

    def _read(self, number: int, data: object) -> PduSettings:
        name = data.get("name") if isinstance(data, dict) else None
        title = f"{name!r}" if isinstance(name, str) and name.strip() else f"{number}"
        path = f"[pdu {title}] "
        table = Table(data, file=self._label, path=path, problems=self._problems)
        is_v3 = table.raw("version") in ("3", 3)
        table.check_keys(KEYS, silent=V3_KEYS if is_v3 else ())
        if not table.has("name"):
            table.fail("name", "is missing")
        backend: Literal["snmp", "mock"] = table.choice("backend", "snmp", ("snmp", "mock"))
        host, port = self._address(table, needed=backend == "snmp")
        if is_v3:
            table.fail("version", f"{show(table.raw('version'))}: {SNMPV3}")
        community = self._secret(table, "community", COMMUNITY)
        write_community = self._secret(table, "write_community", WRITE_COMMUNITY)
        return PduSettings(
            name=table.text("name") or "",
            backend=backend,
            host=host,
            port=port,
            version="2c" if is_v3 else table.choice("version", "2c", ("2c", "1")),
            community=community or Secret("public"),
            write_community=write_community,
            profile=self._profile(table),
            timeout_s=table.number("timeout_s", self._poll.timeout_s, above=0, at_most=60),
            retries=table.integer("retries", self._poll.retries, at_least=0, at_most=10),
            feed=table.text("feed"),
            location=table.text("location"),
            read_only=table.boolean("read_only", False),
            floor=self._floor(table, path),
            protected=self._protected(table),
            outlets=self._outlets(table, path),
            model=table.choice("model", "pdu44001", ("pdu44001", "px3")),
            seed=table.integer("seed", 1, at_least=0),
        )

    def _address(self, table: Table, *, needed: bool) -> tuple[str, int]:
        port = table.integer("port", 161, at_least=1, at_most=65535)
        text = table.text("host")
        if text is None:
            if needed and not table.has("host"):
                table.fail("host", "is missing")
            return "", port
        try:
            host, host_port = parse_address(text)
        except AddressError as error:
            table.fail("host", f"is wrong: {error}")
            return "", port
        if host_port is not None and table.has("port") and host_port != port:
            table.fail("port", f"says {port}, and host says {host_port}: leave one of them out")
        return host, port if host_port is None else host_port

    def _secret(self, table: Table, key: str, variable: str) -> Secret | None:
        """The community under `key`, `key_env` or `key_file`; the environment's own comes first."""
        ways = [k for k in (key, f"{key}_env", f"{key}_file") if table.has(k)]
        if len(ways) > 1:
            table.fail(ways[1], f"and {ways[0]} are both there: leave one of them out")
        literal = table.secret_text(key)
        if literal is not None and self._file is not None and open_to_others(self._file):
            self._warn(
                f"{self._file} has a community in it and other users may read it: "
                f"chmod 600 {self._file}, or use community_env or community_file"
            )
        try:
            text = community_from_env(self._env, variable) or literal
        except ConfigError as error:
            self._problems.add(str(error))
            return None
        for way in ways:
            named = table.text(way) if way != key else None
            if named is None or self._env.get(variable):
                continue
            place = f"{self._label}: [pdu {table.raw('name')!r}] {way}"
            try:
                if way.endswith("_env"):
                    text = secret_from_env(self._env, named, place)
                else:
                    text = self._from_file(named, place)
            except ConfigError as error:
                self._problems.add(str(error))
        return Secret(text) if text else None

    def _from_file(self, named: str, place: str) -> str:
        base = self._file.parent if self._file is not None else Path()
        path = base / expanded(named, place)
        text = secret_from_file(path, place)
        if open_to_others(path):
            self._warn(
                f"{path} has a community in it and other users may read it: chmod 600 {path}"
            )
        return text

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def _profile(self, table: Table) -> str:
        profile = table.text("profile") or "auto"
        if profile != "auto" and profile not in self._profiles:
            near = nearest(profile, self._profiles)
            known = f"there: auto, {', '.join(sorted(self._profiles))}"
            hint = f"did you mean {near!r}?" if near else known
            table.fail("profile", f"{show(profile)} is not known: {hint}")
        return profile

    def _floor(self, table: Table, path: str) -> FloorSettings:
        floor = Table(
            table.raw("floor"), file=self._label, path=f"{path}floor.", problems=self._problems
        )
        floor.check_keys(("current_a", "power_w"))
        return FloorSettings(
            current_a=floor.number("current_a", 0.0, at_least=0),
            power_w=floor.number("power_w", 0.0, at_least=0),
        )

    def _protected(self, table: Table) -> frozenset[int]:
        value = table.raw("protected")
        if value is None:
            return frozenset()
        wrong = "must be a list of outlet numbers from 1, e.g. [1, 2]"
        if not isinstance(value, list):
            table.fail("protected", f"{wrong}, is {show(value)}")
            return frozenset()
        numbers = set()
        for one in value:
            if isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= _HIGHEST_OUTLET:
                numbers.add(one)
            else:
                table.fail("protected", f"{wrong}, has {show(one)}")
        return frozenset(numbers)

    def _outlets(self, table: Table, path: str) -> dict[int, OutletSettings]:
        value = table.raw("outlets")
        if value is None:
            return {}
        if not isinstance(value, dict):
            table.fail("outlets", f"must be tables like [pdu.outlets.3], is {show(value)}")
            return {}
        outlets: dict[int, OutletSettings] = {}
        for key, data in value.items():
            if not (_NUMBER.match(key) and 1 <= int(key) <= _HIGHEST_OUTLET):
                shown = show(key).strip('"')
                table.fail(f"outlets.{shown}", "is no outlet: outlets are numbers from 1")
                continue
            outlet = Table(
                data, file=self._label, path=f"{path}outlets.{key}.", problems=self._problems
            )
            outlet.check_keys(("name", "device", "critical"))
            if int(key) in outlets:
                table.fail(f"outlets.{key}", "is there twice")
            outlets[int(key)] = OutletSettings(
                name=outlet.text("name"),
                device=outlet.text("device"),
                critical=outlet.boolean("critical", False),
            )
        return outlets
