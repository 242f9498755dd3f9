"""What goes wrong between a line and an SNMPv3 device, as errors in words."""

from __future__ import annotations

from pdutui.backends.base import Refused, Unreachable
from pdutui.backends.snmp.exchange import Address
from pdutui.backends.snmp.opening import user_keys
from pdutui.backends.snmp.types import ErrorAnswer, SnmpTarget
from pdutui.backends.snmp.usm import UsmError
from pdutui.backends.snmp.v3_probe import Finding, why_silent
from pdutui.backends.snmp.v3_reports import Reported, Undecipherable, no_access
from pdutui.domain.clock import Clock

V3_ERRORS = (Reported, Undecipherable, UsmError)
"""What `V3Reader` raises beyond the contract of a reader."""
AUTHORIZATION_ERROR = 16
_ASKED_EVERY_S = 60.0
"""How often a device that stays silent is asked why."""
_LONG_SILENCE_S = 10.0
"""A device that has answered before is asked why it is silent only after that long."""


class V3Trouble:
    """Names what is wrong for one line; owns the keys of its user."""

    def __init__(self, target: SnmpTarget, clock: Clock) -> None:
        self.keys = user_keys(target)
        self._where = f"{target.host}:{target.port}"
        self._clock = clock
        self._finding: Finding | None = None
        self._asked_s = float("-inf")

    def refusal(self, error: Exception) -> Refused:
        """The error for the device's own word, or for what is missing here."""
        if isinstance(error, UsmError):
            return Refused(f"{self._where} cannot be asked with these credentials: {error}")
        text = no_access(self.keys.user) if isinstance(error, ErrorAnswer) else str(error)
        return Refused(f"{self._where} answers SNMPv3, but {text}")

    async def silence(
        self, address: Address | None, heard_s: float | None, wait_s: float, text: str
    ) -> Refused | Unreachable:
        """The error for a request that was given up.

        Args:
            address: where it went; None: nowhere.
            heard_s: when the device last answered, on the injected clock.
            wait_s: how long one question is waited for.
            text: what there is to say where nothing more can be found out.
        """
        now_s = self._clock.monotonic()
        lately = heard_s is not None and now_s - heard_s < _LONG_SILENCE_S
        if address is not None and not lately and now_s - self._asked_s >= _ASKED_EVERY_S:
            try:
                self._finding = await why_silent(address, self.keys, wait_s)
            except UsmError as error:
                return self.refusal(error)
            self._asked_s = self._clock.monotonic()
        finding = None if lately else self._finding
        if finding is not None and finding.cause:
            return Refused(f"{self._where} answers SNMPv3, but {finding.cause}")
        if heard_s is not None:
            return Unreachable(f"{text}; last heard {now_s - heard_s:.0f} s ago")
        if finding is not None and finding.speaks_v3:
            return Refused(
                f"{self._where} answers SNMPv3, but not to the requests of user "
                f"{self.keys.user.user!r}"
            )
        return Unreachable(f"{text}: host down, or SNMPv3 is not enabled there")

    def heard(self) -> None:
        """The device has answered a request: what was found out before is over."""
        self._finding = None
        self._asked_s = float("-inf")
