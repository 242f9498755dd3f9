"""The family of one device: given, or found by asking and looked at again where that is wise."""

from __future__ import annotations

from typing import Protocol

from pdutui.backends.base import BackendError, Refused, Unreachable
from pdutui.backends.snmp.device import YOUNG_S, Asking
from pdutui.backends.snmp.library import ProfileLibrary
from pdutui.backends.snmp.profile import Profile
from pdutui.backends.snmp.recognise import GENTLE, recognise
from pdutui.backends.snmp.types import RequestLimits


class Limited(Asking, Protocol):
    """A client that can be told what the device takes."""

    limits: RequestLimits


class Family:
    """Which profile a device is read by.

    A device that has just started may not have all of its branches yet, and what it has then can
    be that of another family: who is recognised so young is looked at once more.
    """

    def __init__(
        self, library: ProfileLibrary, profile: str, *, host: str, one_by_one: bool
    ) -> None:
        """Nothing is asked yet.

        Args:
            library: the profiles there are.
            profile: name of one, or `auto`.
            host: what the user calls the device.
            one_by_one: ask for one object at a time, as is wise in v1.

        Raises:
            ProfileError: no profile of that name.
        """
        self._library, self._host, self._one_by_one = library, host, one_by_one
        self.profile: Profile | None = None if profile == "auto" else library.load(profile)
        """None until it is found."""
        self.given = self.profile is not None
        self._asked_anew = self._young = False

    async def find(self, client: Limited) -> Profile:
        """The profile; asks if it is not known. Raises what `recognise` raises."""
        if self.profile is None:
            self.profile = await self._recognise(client)
            self._asked_anew, self._young = True, False
        return self.profile

    def forget(self) -> None:
        """Another device answers there: a profile that was found is looked for again."""
        if not self.given:
            self.profile = None

    async def still_right(self, client: Limited, uptime: object) -> bool:
        """Whether the profile still fits, as far as there was reason to ask again.

        Args:
            client: how to ask.
            uptime: what it says of sysUpTime, in hundredths of a second.
        """
        profile = self.profile
        if not self._asked_anew or profile is None or not isinstance(uptime, int):
            return True
        if uptime < YOUNG_S * 100:
            self._young = True
            return True
        self._asked_anew = False
        if not self._young:
            return True
        try:
            found = await self._recognise(client)
        except (Unreachable, Refused):
            self._asked_anew = True  # by the next poll, then
            return True
        except BackendError:
            return True  # what was found is there all the same
        finally:
            client.limits = profile.request
        return found.name == profile.name

    async def _recognise(self, client: Limited) -> Profile:
        client.limits = GENTLE
        profile = await recognise(
            client, self._library, host=self._host, one_by_one=self._one_by_one
        )
        client.limits = profile.request
        return profile
