"""What every palette is: commands by text, all of them before anything is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content


class Command(NamedTuple):
    """One entry."""

    text: str
    run: Callable[[], object]


class Commands(Provider):
    """Finds commands; names of devices are plain text here as everywhere."""

    def listed(self) -> Iterator[Command]:
        """What there is just now; a subclass says it."""
        yield from ()

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for command in self.listed():
            yield DiscoveryHit(Content(command.text), command.run, command.text)

    async def search(self, query: str) -> Hits:
        """What matches, the best first."""
        matcher = self.matcher(query)
        for command in self.listed():
            score = matcher.match(command.text)
            if score > 0:
                yield Hit(score, Content(command.text), command.run, command.text)
