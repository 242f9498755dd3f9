"""The transfer switch of the model: which source carries the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdutui.backends.mock.parts import Feed
    from pdutui.backends.mock.spec import AtsSpec
    from pdutui.backends.mock.world import World
    from pdutui.domain.reading import ActiveSource, SourceId

RETRANSFER_S = 5.0
"""How long the preferred source must have been good before the switch goes back to it."""


class TransferSwitch:
    """Leaves a source that is not good, and comes back to the preferred one when it has settled.

    With one source only there is nothing to switch.
    """

    def __init__(self, spec: AtsSpec, feeds: dict[SourceId, Feed], world: World) -> None:
        first = next(iter(feeds))
        self.active: ActiveSource = first
        self.preferred: ActiveSource = first
        self._spec = spec
        self._feeds = feeds
        self._world = world
        self._ticket = 0
        self._returning = False

    @property
    def feed(self) -> Feed | None:
        """What carries the load; None: nothing does."""
        return None if self.active == "none" else self._feeds[self.active]

    def can_prefer(self, ident: ActiveSource) -> bool:
        """Whether the device would take that now."""
        if len(self._feeds) < 2 or ident not in self._spec.prefers:
            return False
        return ident == "none" or not self._spec.transfers or self._feeds[ident].good

    def prefer(self, ident: ActiveSource) -> None:
        """Set the preferred source; some devices go to it at once.

        Raises:
            ValueError: the device does not take that, or not now.
        """
        if not self.can_prefer(ident):
            raise ValueError(f"source {ident} cannot be preferred")
        self.preferred = ident
        if self._spec.transfers:
            self.active = ident

    def settle(self) -> None:
        """Transfer if need be."""
        if len(self._feeds) < 2:
            return
        current = self.feed
        if current is None or not current.good:
            best = sorted(
                self._feeds.values(),
                key=lambda f: (f.good, f.alive, f.id == self.active, f.id == self.preferred),
            )[-1]
            if best.good or best.alive:
                self.active = best.id
            elif self._spec.says_none:
                self.active = "none"
        wants_back = self.active not in ("none", self.preferred) and self._preferred_is_good()
        if wants_back and not self._returning:
            self._returning = True
            self._ticket += 1
            ticket = self._ticket
            self._world.after(RETRANSFER_S, lambda _: self._come_back(ticket))
        elif not wants_back:
            self._returning = False
            self._ticket += 1

    def _preferred_is_good(self) -> bool:
        return self.preferred != "none" and self._feeds[self.preferred].good

    def _come_back(self, ticket: int) -> None:
        if ticket == self._ticket and self._preferred_is_good():
            self.active = self.preferred
            self._returning = False
