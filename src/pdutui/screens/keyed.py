"""Screens whose keys come from a table, as the user has changed it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingsMap, BindingType
from textual.screen import Screen

from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.keys.names import sent
from pdutui.widgets.dressing import DressedApp

if TYPE_CHECKING:
    from pdutui.keys.model import Key
    from pdutui.widgets.line import Piece


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """A table for Textual; what a screen takes itself is left out."""
    return [
        Binding(
            ",".join(name for each in key.names for name in sent(each)),
            key.action,
            key.helps,
            show=False,
            id=key.id,
        )
        for key in keys
        if key.action and key.names
    ]


class Keyed:
    """Stands before `Screen` among the bases.

    Textual's own keymap takes every action from a key as soon as one of them is put elsewhere, and
    knows no action without a key; so the bindings are made anew from the table.
    """

    TABLE: ClassVar[tuple[Key, ...]] = ()
    """Its keys."""

    @property
    def keymap(self) -> Keymap:
        """The keys as the user has them."""
        app = cast("Screen[object]", self).app
        return app.keymap if isinstance(app, DressedApp) else DEFAULT

    def why_not(self) -> dict[str, str]:
        """Ids of what does not work here and now, and why not, for the help."""
        return {}

    def help_rows(self) -> list[list[Piece]]:
        """What its help says beside its keys: signs, sections with a blank row between."""
        return []

    def update(self) -> None:
        """Draw everything anew."""
        raise NotImplementedError

    def more_bindings(self) -> list[BindingType]:
        """What it binds beside its table, each with an id."""
        return []

    def on_mount(self) -> None:
        """Before the first key: the class has the keys as they are without a configuration."""
        if self.keymap.changed or self.keymap.alone:
            self.wear_keys()

    def wear_keys(self) -> None:
        """Take the keys on that the user wants now."""
        screen = cast("Screen[object]", self)
        if not self.TABLE and not self.keymap.alone:
            return
        made, alone = type(screen)._merged_bindings, self.keymap.alone
        more = BindingsMap([] if alone else self.more_bindings()).key_to_bindings
        ids = {key.id for key in self.TABLE} | {each.id for own in more.values() for each in own}
        kept = {
            name: others
            for name, each in (made.key_to_bindings if made and not alone else {}).items()
            if (others := [binding for binding in each if binding.id not in ids])
        }
        own = BindingsMap(bindings(self.keymap.worn(self.TABLE))).key_to_bindings
        screen._bindings = BindingsMap.from_keys({**kept, **more, **own})
        screen.refresh_bindings()
