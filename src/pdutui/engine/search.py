"""Looking for PDUs in a network, and writing down those that were found.

Nothing is written to any device. What is asked, how gently, and where nobody is asked at all is the
business of `backends.snmp.discovery_scan`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from pdutui.backends.base import Backend
from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.discovery_scan import Found, Place, Ranges, Scan, ScanError, parse_ranges
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import ProfileError
from pdutui.backends.snmp.turns import Turns
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.config_env import FACTORY_COMMUNITY
from pdutui.config_errors import ConfigError
from pdutui.config_write import PduEntry, append_pdus
from pdutui.domain.clock import Clock
from pdutui.domain.naming import printable
from pdutui.domain.secret import Secret
from pdutui.engine.trial import SECRETS, TIMEOUT_S, write_secret

RATE = 50.0
"""Addresses begun a second."""
CONCURRENCY = 16
PORT = 161
EXAMPLE = "192.168.1.0/24"
_ANYWHERE = "192.0.2.1"
"""An address for documentation: nobody is there."""
_LONGEST_NAME = 40
_NO_NAME = frozenset({"", "unknown", "none", "unset", "not-set", "localhost", "n-a", "private"})


def entry_name(found: Found, taken: Collection[str]) -> str:
    """A name for the configuration: the device's own where it has one, and not taken yet."""
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", printable(found.name or "")).strip("-._")[
        :_LONGEST_NAME
    ]
    if slug.lower() in _NO_NAME:
        slug = "pdu-" + re.sub(r"[^A-Za-z0-9]+", "-", found.place.address).strip("-")
    name, number = slug, 1
    while name in taken:
        number += 1
        name = f"{slug}-{number}"
    return name


class Search:
    """One search. What is found so far can be looked at, and written, at every moment.

    Args:
        community: for reading; empty: what devices leave the factory with.
        write_community: kept for those that are found; empty: they are read only.
        clock: for the pace.
        profile_dir: the user's own profiles.
        changed: called whenever something was found, or an address is done with.
    """

    def __init__(
        self,
        *,
        community: Secret,
        write_community: Secret,
        clock: Clock,
        profile_dir: Path | None,
        changed: Callable[[], None],
    ) -> None:
        self._community, self._write_community = community, write_community
        self._clock = clock
        self._library, self._turns = ProfileLibrary(profile_dir), Turns()
        self._changed = changed
        self.count = 0
        """How many addresses there are to ask; 0 until that is known."""
        self.done = 0
        self.at = ""
        """The address that was done with last."""
        self.over = False
        self.found: list[Found] = []
        """Whatever answered, in the order in which it did."""

    async def run(self, text: str) -> None:
        """Ask every address of some ranges, named with blanks or commas between them.

        Raises:
            ScanError: a range cannot be meant, or is nobody's own; nothing was asked.
        """
        words = text.replace(",", " ").split()
        if not words:
            raise ScanError(f"name a network, as {EXAMPLE}, or an address")
        try:
            # Names of hosts are looked up to see where they lead: that may take seconds.
            ranges: Ranges = await asyncio.to_thread(parse_ranges, words, port=PORT, force=False)
        except ScanError as error:
            said = str(error).replace("--force", "'pdutui discover --force'")
            raise ScanError(said) from error
        self.count = ranges.count
        scan = Scan(
            target=self._target,
            backend=self._backend,
            clock=self._clock,
            rate=RATE,
            concurrency=CONCURRENCY,
            on_progress=self._progress,
            is_last_resort=self._is_last_resort,
        )
        try:
            await scan.run(ranges)
        finally:
            self.over = True
            self._changed()

    @property
    def pdus(self) -> list[Found]:
        """Those that are PDUs, by their addresses as they were asked."""
        return [one for one in self.found if one.status == "pdu"]

    def _progress(self, done: int, found: Found) -> None:
        self.done, self.at = done, found.place.address
        if found.status != "silent":
            self.found.append(found)
        self._changed()

    def _target(self, place: Place) -> SnmpTarget:
        said = self._community.reveal()
        return SnmpTarget(
            host=place.host,
            port=place.port,
            version="2c",
            community=self._community if said else Secret(FACTORY_COMMUNITY),
            write_community=None,
            timeout_s=TIMEOUT_S,
        )

    def _backend(self, place: Place) -> Backend:
        return SnmpBackend(
            place.address, self._target(place), "auto",
            clock=self._clock, library=self._library, turns=self._turns,
        )  # fmt: skip

    def _is_last_resort(self, name: str) -> bool:
        with suppress(ProfileError):
            return self._library.load(name).last_resort
        return False

    # -- writing down ------------------------------------------------------------------------

    def entries(self, taken: Collection[str] = ()) -> list[PduEntry]:
        """What would be written of the PDUs, without secrets.

        Args:
            taken: names that are used already.
        """
        names, entries = set(taken), []
        for one in self.pdus:
            name = entry_name(one, names)
            names.add(name)
            entries.append(
                PduEntry(
                    name=name,
                    host=one.place.host,
                    port=one.place.port,
                    profile=one.profile or "auto",
                    location=printable(one.location or "").strip() or None,
                )
            )
        return entries

    def keep(self, path: Path, env: Mapping[str, str], taken: Collection[str] = ()) -> list[str]:
        """Append the PDUs to the configuration, communities to files of their own beside it.

        Args:
            path: the configuration file; made if it is not there, added to if it is.
            env: the environment.
            taken: names that are used already.

        Returns:
            The names of the PDUs.

        Raises:
            ConfigError: something cannot be written, or would not be right. All is as it was then.
        """
        entries = self.entries(taken)
        made: list[Path] = []
        try:
            files = self._secret_files(path.parent / SECRETS, made)
            said = {key: f"{SECRETS}/{file.name}" for key, file in files.items()}
            whole = [msgspec.structs.replace(entry, **said) for entry in entries]
            append_pdus(path, whole, env)
        except (ConfigError, OSError) as error:
            for file in made:
                with suppress(OSError):
                    file.unlink()
            if isinstance(error, OSError):
                where = error.filename or path.parent
                raise ConfigError([f"{where}: cannot be written: {error.strerror}"]) from error
            raise
        return [entry.name for entry in entries]

    def _secret_files(self, folder: Path, made: list[Path]) -> dict[str, Path]:
        """One file for each community that was given, for all PDUs of this search."""
        files = {}
        for key, secret in (
            ("community", self._community), ("write_community", self._write_community),
        ):  # fmt: skip
            if not secret.reveal():
                continue
            file, number = folder / f"found.{key.replace('_', '-')}", 1
            while file.exists():
                number += 1
                file = folder / f"found-{number}.{key.replace('_', '-')}"
            write_secret(file, secret)
            made.append(file)
            files[f"{key}_file"] = file
        return files


def own_network() -> str:
    """The network that this machine is in, as far as a guess goes; empty where there is none.

    Nothing is sent: the system is asked which of its addresses it would send from.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ANYWHERE, 9))
            address = ipaddress.ip_address(probe.getsockname()[0])
        except (OSError, ValueError):
            return ""
    if not address.is_private or address.is_loopback:
        return ""
    return str(ipaddress.ip_network(f"{address}/24", strict=False))
