"""The guard of every question: a `y` that comes too fast was not meant for it.

Keys that were typed ahead, pasted, or repeated by a held key come within a fraction of a second. So
for a moment after a question is up, and after what it says has changed, `y` does nothing; and any
key within that moment starts it anew: a stream of keys never ends in a yes.
"""

from __future__ import annotations

from pdutui.domain.clock import Clock

GUARD_S = 0.15
"""The moment."""


class Haste:
    """Tells a key that was meant from one that was not.

    Args:
        clock: Its monotonic seconds count.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()
        self.told = False
        """A `y` came too fast, and the dialog is to say so."""

    @property
    def early(self) -> bool:
        """Whether a key of now was too fast."""
        return self._clock.monotonic() - self._since < GUARD_S

    def again(self) -> None:
        """The question is another one, or is seen again: the moment starts anew."""
        self._since = self._clock.monotonic()

    def key(self) -> bool:
        """A key was struck. Returns whether it came too fast, which starts the moment anew."""
        early = self.early
        if early:
            self.again()
        return early
