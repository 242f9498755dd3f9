"""Reports (RFC 3412, RFC 3414): what an engine says of a message that it did not take, in words."""

from __future__ import annotations

from typing import Literal

from pdutui.domain.v3 import V3User

ReportName = Literal[
    "usmStatsUnsupportedSecLevels",
    "usmStatsNotInTimeWindows",
    "usmStatsUnknownUserNames",
    "usmStatsUnknownEngineIDs",
    "usmStatsWrongDigests",
    "usmStatsDecryptionErrors",
    "snmpUnavailableContexts",
    "snmpUnknownContexts",
    "snmpUnknownSecurityModels",
    "snmpInvalidMsgs",
    "snmpUnknownPDUHandlers",
    "another report",
]

_USM_STATS = "1.3.6.1.6.3.15.1.1"
_TARGET = "1.3.6.1.6.3.12.1"
_MPD = "1.3.6.1.6.3.11.2.1"
_NAMES: dict[str, ReportName] = {
    f"{_USM_STATS}.1": "usmStatsUnsupportedSecLevels",
    f"{_USM_STATS}.2": "usmStatsNotInTimeWindows",
    f"{_USM_STATS}.3": "usmStatsUnknownUserNames",
    f"{_USM_STATS}.4": "usmStatsUnknownEngineIDs",
    f"{_USM_STATS}.5": "usmStatsWrongDigests",
    f"{_USM_STATS}.6": "usmStatsDecryptionErrors",
    f"{_TARGET}.4": "snmpUnavailableContexts",
    f"{_TARGET}.5": "snmpUnknownContexts",
    f"{_MPD}.1": "snmpUnknownSecurityModels",
    f"{_MPD}.2": "snmpInvalidMsgs",
    f"{_MPD}.3": "snmpUnknownPDUHandlers",
}


class Reported(Exception):
    """A device reported that it did not take a message; the text says why, for people.

    It goes on from `<where> answers SNMPv3, but `.
    """

    def __init__(self, name: ReportName, user: V3User, *, proved: bool) -> None:
        super().__init__(words(name, user))
        self.name = name
        self.proved = proved
        """Whether the device signed the Report."""


class Undecipherable(Exception):
    """An answer that is signed rightly and decrypts to nonsense; the text goes on as above."""

    def __init__(self, user: V3User) -> None:
        super().__init__(f"its answers cannot be decrypted: {_privacy(user)}")


def report_name(oid: str) -> ReportName:
    """Which Report a counter's OID makes, its instance included or (as some agents do) not."""
    return _NAMES.get(oid.removesuffix(".0"), "another report")


def words(name: ReportName, user: V3User) -> str:
    """What a Report means, for people."""
    who = repr(user.user)
    if name == "usmStatsUnknownUserNames":
        text = f"it knows no user {who}"
    elif name == "usmStatsWrongDigests":
        text = f"user {who}: {_authentication(user)}"
    elif name == "usmStatsDecryptionErrors":
        text = f"user {who}: {_privacy(user)}"
    elif name == "usmStatsUnsupportedSecLevels":
        text = f"user {who} is not set up there for {user.level}"
    elif name == "usmStatsNotInTimeWindows":
        text = (
            "its clock stays out of the time window, although it was asked for the time: "
            "its engineBoots or engineTime is stuck; restart its SNMP agent"
        )
    elif name == "usmStatsUnknownEngineIDs":
        text = "it does not know the engine ID that it has just given as its own"
    elif name in ("snmpUnknownContexts", "snmpUnavailableContexts"):
        text = f"it has no context {user.context!r}"
    elif name == "another report":
        return "it reported something that is no known SNMPv3 error"
    else:
        text = "it does not take SNMPv3 messages of the user-based security model"
    return f"{text} ({name})"


def wrong_authentication(user: V3User) -> str:
    """The words for a wrong authentication key, where no Report says so."""
    return f"user {user.user!r}: {_authentication(user)}"


def wrong_privacy(user: V3User) -> str:
    """The words for a wrong privacy key, where no Report says so."""
    return f"user {user.user!r}: {_privacy(user)}"


def no_access(user: V3User) -> str:
    """The words for authorizationError, noAccess' elder brother: no rights at all."""
    return (
        f"user {user.user!r} may not read there with {user.level} (authorizationError): "
        "the access rights or the security level of the user"
    )


def _authentication(user: V3User) -> str:
    return f"the authentication pass phrase is wrong, or its protocol is not {user.auth}"


def _privacy(user: V3User) -> str:
    return f"the privacy pass phrase is wrong, or its protocol is not {user.priv}"
