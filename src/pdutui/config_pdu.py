"""`[[pdu]]` of the configuration: one device each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from pdutui.backends.mock.catalog import MODELS
from pdutui.config_env import COMMUNITY, WRITE_COMMUNITY
from pdutui.config_errors import Problems, nearest, show
from pdutui.config_names import people
from pdutui.config_pdu_v3 import V3_KEYS, read_v3
from pdutui.config_secret import SecretReader
from pdutui.config_table import Table
from pdutui.domain.address import AddressError, parse_address
from pdutui.domain.outlet_numbers import HIGHEST_OUTLET
from pdutui.domain.secret import Secret
from pdutui.settings import FloorSettings, OutletSettings, PduSettings, PollSettings

KEYS = (
    "name", "backend", "host", "port", "version", "profile", "timeout_s", "retries",
    "feed", "location", "read_only", "floor", "protected", "allow", "outlets", "model", "seed",
)  # fmt: skip
COMMUNITY_KEYS = (
    "community", "community_env", "community_file",
    "write_community", "write_community_env", "write_community_file",
)  # fmt: skip
VERSIONS: tuple[Literal["2c"], Literal["1"], Literal["3"]] = ("2c", "1", "3")
_OUTLET_KEYS = ("name", "device", "cord", "critical", "group", "allow")
_LONGEST_CORD = 16
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
        self._profiles = profiles
        self._problems = problems
        self.warnings: list[str] = []
        self._secrets = SecretReader(file, env, problems, self.warnings)

    def read_all(self, data: object) -> tuple[PduSettings, ...]:
        """Every PDU of the file, in its order."""
        if data is None:
            return ()
        if not isinstance(data, list):
            at = self._problems.at(("pdu",))
            text = "pdu must be a list of tables: write [[pdu]], not [pdu]"
            self._problems.add(f"{self._label}{at}: {text}")
            return ()
        pdus = [self._read(number, one) for number, one in enumerate(data, 1)]
        seen: dict[str, int] = {}
        for number, pdu in enumerate(pdus, 1):
            if pdu.name and pdu.name in seen:
                at = self._problems.at(("pdu", number - 1), "name")
                self._problems.add(
                    f"{self._label}{at}: [pdu {pdu.name!r}] name is used twice "
                    f"(PDU {seen[pdu.name]} and PDU {number} of the file)"
                )
            seen.setdefault(pdu.name, number)
        return tuple(pdus)

    def _read(self, number: int, data: object) -> PduSettings:
        name = data.get("name") if isinstance(data, dict) else None
        title = f"{name!r}" if isinstance(name, str) and name.strip() else f"{number}"
        path = f"[pdu {title}] "
        keys = ("pdu", number - 1)
        table = Table(data, file=self._label, path=path, problems=self._problems, keys=keys)
        table.check_keys((*KEYS, *COMMUNITY_KEYS, *V3_KEYS))
        if not table.has("name"):
            table.fail("name", "is missing")
        backend: Literal["snmp", "mock"] = table.choice("backend", "snmp", ("snmp", "mock"))
        host, port = self._address(table, needed=backend == "snmp")
        version: Literal["1", "2c", "3"] = table.choice("version", "2c", VERSIONS)
        self._check_credentials(table)
        v3 = v3_write = None
        communities = table
        if version == "3":
            communities = Table(None, file=self._label, path=path, problems=self._problems)
            v3, v3_write = read_v3(table, self._secrets, self._problems)
        return PduSettings(
            name=table.text("name") or "",
            backend=backend,
            host=host,
            port=port,
            version=version,
            community=self._community(communities, "community", COMMUNITY) or Secret("public"),
            write_community=self._community(communities, "write_community", WRITE_COMMUNITY),
            v3=v3,
            v3_write=v3_write,
            profile=self._profile(table),
            timeout_s=table.number("timeout_s", self._poll.timeout_s, above=0, at_most=60),
            retries=table.integer("retries", self._poll.retries, at_least=0, at_most=10),
            feed=table.text("feed"),
            location=table.text("location"),
            read_only=table.boolean("read_only", False),
            floor=self._floor(table),
            protected=self._protected(table),
            allow=people(table, "allow"),
            outlets=self._outlets(table),
            model=table.choice("model", "pdu44001", MODELS),
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

    def _community(self, table: Table, key: str, variable: str) -> Secret | None:
        return self._secrets.read(table, key, variable=variable, what="a community")

    @staticmethod
    def _check_credentials(table: Table) -> None:
        """Add a problem for every credential that the version has no use for."""
        said = table.raw("version")
        if said in ("3", 3):
            for key in filter(table.has, COMMUNITY_KEYS):
                table.fail(key, 'does not go with version "3", which has users: leave it out')
        elif said in (None, "1", "2c", 1, 2):
            for key in filter(table.has, V3_KEYS):
                is_said = "it is not said" if said is None else f"it is {show(said)}"
                table.fail(key, f'goes with version = "3" alone, and {is_said}')

    def _profile(self, table: Table) -> str:
        profile = table.text("profile") or "auto"
        if profile != "auto" and profile not in self._profiles:
            near = nearest(profile, self._profiles)
            known = f"there: auto, {', '.join(sorted(self._profiles))}"
            hint = f"did you mean {near!r}?" if near else known
            table.fail("profile", f"{show(profile)} is not known: {hint}")
        return profile

    def _floor(self, table: Table) -> FloorSettings:
        floor = table.sub("floor")
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
            if isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= HIGHEST_OUTLET:
                numbers.add(one)
            else:
                table.fail("protected", f"{wrong}, has {show(one)}")
        return frozenset(numbers)

    def _outlets(self, table: Table) -> dict[int, OutletSettings]:
        value = table.raw("outlets")
        if value is None:
            return {}
        if not isinstance(value, dict):
            table.fail("outlets", f"must be tables like [pdu.outlets.3], is {show(value)}")
            return {}
        outlets: dict[int, OutletSettings] = {}
        tables = table.sub("outlets")
        for key in value:
            if not (_NUMBER.match(key) and 1 <= int(key) <= HIGHEST_OUTLET):
                shown = show(key).strip('"')
                table.fail(f"outlets.{shown}", "is no outlet: outlets are numbers from 1")
                continue
            outlet = tables.sub(key)
            outlet.check_keys(_OUTLET_KEYS)
            if int(key) in outlets:
                table.fail(f"outlets.{key}", "is there twice")
            outlets[int(key)] = OutletSettings(
                name=outlet.text("name"),
                device=outlet.text("device"),
                cord=self._cord(outlet),
                groups=outlet.texts("group") or (),
                allow=people(outlet, "allow"),
                critical=outlet.boolean("critical", False),
            )
        return outlets

    @staticmethod
    def _cord(outlet: Table) -> str:
        cord = outlet.text("cord") or ""
        if len(cord) > _LONGEST_CORD:
            outlet.fail("cord", f"must have {_LONGEST_CORD} characters at most, as A or PSU1")
        return cord
