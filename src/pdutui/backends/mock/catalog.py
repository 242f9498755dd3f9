"""Which models there are. Their data sheets are loaded only when one is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pdutui.backends.mock.spec import PduSpec


class Entry(msgspec.Struct, frozen=True):
    """A model, without its data sheet."""

    profile: str
    """The family that it is served as."""
    file: str
    """The module below `specs`, and `function` in it, that have its data sheet."""
    function: str
    title: str

    def spec(self) -> PduSpec:
        """The data sheet."""
        made: PduSpec = getattr(import_module(f"{__package__}.specs.{self.file}"), self.function)()
        return made


def _entry(profile: str, file: str, function: str, title: str) -> Entry:
    return Entry(profile, file, function, title)


CATALOG: dict[str, Entry] = {
    "pdu44001": _entry("cyberpower-epdu", "cyberpower", "pdu44001",
                       "CyberPower PDU44001: transfer switch, 10 outlets in 2 banks, env probe"),
    "pdu83107": _entry("cyberpower-epdu", "cyberpower", "pdu83107",
                       "CyberPower PDU83107: 3 phases, 24 metered outlets"),
    "pdu81001-chain": _entry("cyberpower-epdu", "cyberpower", "pdu81001_chain",
                             "CyberPower PDU81001: a daisy chain of 2 with 8 metered outlets each"),
    "pdu15sw10atnet": _entry("cyberpower-ats", "cyberpower", "pdu15sw10atnet",
                             "CyberPower PDU15SW10ATNET: transfer switch, 10 outlets"),
    "px3": _entry("raritan-pdu2", "raritan", "px3",
                  "Raritan PX3-5493V: 24 metered outlets on 2 protectors, sensors"),
    "px3-3ph": _entry("raritan-pdu2", "raritan", "px3_3ph",
                      "Raritan PX3-5730V: 3 phases, 24 metered outlets on 6 protectors"),
    "px3-link": _entry("raritan-pdu2", "raritan", "px3_link",
                       "Raritan PX3-5190R: 2 linked units with 8 metered outlets each"),
    "px3ts": _entry("raritan-pdu2", "raritan", "px3ts",
                    "Raritan PX3TS-5464R: transfer switch, 8 metered outlets"),
    "ap8641": _entry("apc-rpdu2", "apc", "ap8641",
                     "APC AP8641: 24 metered outlets in 2 banks, probe"),
    "ap8981": _entry("apc-rpdu2", "apc", "ap8981", "APC AP8981: 3 phases, 24 outlets"),
    "ap8641-chain": _entry("apc-rpdu2", "apc", "ap8641_chain",
                           "APC AP8641: 2 units on one network port, 24 metered outlets each"),
    "ap7921": _entry("apc-rpdu", "apc", "ap7921", "APC AP7921: 8 outlets"),
    "ap7902": _entry("apc-rpdu", "apc", "ap7902", "APC AP7902: 16 outlets in 2 banks"),
    "ap7724": _entry("apc-ats", "apc", "ap7724",
                     "APC AP7724: transfer switch, 2 output banks, no outlets"),
    "emat08": _entry("eaton-epdu", "eaton", "emat08",
                     "Eaton EMAT08-10: 24 metered outlets in 2 sections, probe"),
    "emat10": _entry("eaton-epdu", "eaton", "emat10",
                     "Eaton EMAT10-10: 3 phases, 24 metered outlets in 6 sections"),
    "cw24v": _entry("sentry3", "servertech", "cw24v", "Server Technology CW-24V2: 24 outlets"),
    "c2wg24": _entry("sentry4", "servertech", "c2wg24",
                     "Server Technology PRO2: 3 phases, 24 metered outlets on 6 branches"),
    "vp4556": _entry("vertiv-imd", "vertiv", "vp4556", "Vertiv VP4556: 8 metered outlets"),
    "vp8853": _entry("vertiv-imd", "vertiv", "vp8853",
                     "Vertiv VP8853: 3 phases, 24 metered outlets on 3 breakers"),
}  # fmt: skip
"""Name of the model -> what it is. The first one of a family is what the simulator serves of it."""

MODELS = tuple(CATALOG)
"""The names, as in a configuration."""


def models_of(profile: str) -> tuple[str, ...]:
    """The models of one family, the usual one first."""
    return tuple(name for name, entry in CATALOG.items() if entry.profile == profile)


def spec_of(model: str) -> PduSpec:
    """The data sheet of a model.

    Raises:
        ValueError: there is no such model; the text names those there are.
    """
    if model not in CATALOG:
        raise ValueError(f"no mock model {model!r} (known: {', '.join(MODELS)})")
    return CATALOG[model].spec()
