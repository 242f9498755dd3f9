"""What a key is, and where several of them are to be had at once."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Where = Literal["anywhere", "outlets", "meters", "trends", "switch"]
"""Which pane a key works in; `switch`: on outlets that may be switched at all."""


class Key(Struct, frozen=True):
    """One thing that can be done from the keyboard."""

    id: str
    """Its name for rebinding; the same on every screen on which it means the same."""
    keys: str
    """Textual's names of the keys, with commas."""
    action: str
    """Textual's action; empty: the screen takes the key itself."""
    shown: str
    """The key as people call it, by default; the first word is the one in hints and sentences."""
    does: str
    """In the hint line; empty: not hinted."""
    helps: str
    """In the help."""
    where: Where = "anywhere"
    fixed: bool = False
    """It can be taken away, but not put on another key."""

    @property
    def names(self) -> tuple[str, ...]:
        """Textual's names of the keys."""
        return tuple(self.keys.split(",")) if self.keys else ()


class Context(Struct, frozen=True, kw_only=True):
    """Keys that can be pressed at the same moment, so that two of them must not be one."""

    id: str
    title: str
    """`the PDU screen`, for errors and for the table of all keys."""
    keys: tuple[Key, ...]
    typed: bool = False
    """A field has the keys as a rule: characters go there and nowhere else."""
    opened_by: tuple[str, ...] = ()
    """Ids whose keys open it: a question is never answered by the key that put it."""
