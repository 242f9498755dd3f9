"""Try a device out: address, credentials and profile, and step by step what answered.

Nothing is written to the device, and nothing to the configuration unless it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from pdutui.backends.snmp.connection_test import STEPS, TITLES, Step
from pdutui.config_env import FACTORY_COMMUNITY
from pdutui.config_errors import ConfigError
from pdutui.domain.clock import Clock
from pdutui.domain.secret import Secret
from pdutui.engine.trial import (
    AUTHS,
    PRIVS,
    Auth,
    Priv,
    Trial,
    TrialError,
    keep,
    run_trial,
    suggested_name,
)
from pdutui.keys.dialogs import FORM
from pdutui.screens.dialog import Choice, Dialog, Row, paragraph
from pdutui.screens.entry_name import EntryNameScreen
from pdutui.screens.keyed import bindings
from pdutui.screens.picker import Picker
from pdutui.screens.secret_field import SecretField
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.text import clean, cut

_LABEL = 17
_TITLE = 19
_COMMUNITY: tuple[tuple[str, str], ...] = (
    ("community", "community"), ("write_community", "write community"),
)  # fmt: skip
_USER: tuple[tuple[str, str], ...] = (
    ("user", "user"), ("auth", "authentication"), ("priv", "privacy"), ("context", "context"),
    ("write_user", "write user"),
)  # fmt: skip
_BESIDE = {"auth_key": "auth", "priv_key": "priv"}
"""Fields that stand to the right of another."""
_CHOICES = ("try", "show", "add", "cancel")
_SECRET = frozenset({"community", "write_community", "auth_key", "priv_key"})
_HINTS = {
    "host": "address or name, with :port if it is not 161",
    "community": f"empty: {FACTORY_COMMUNITY}",
    "write_community": "empty: read only",
    "write_user": "empty: read only; same keys",
    "auth_key": "key, 8 characters or more",
    "priv_key": "key, 8 characters or more",
    "profile": "auto, or a name",
}


class ConnectScreen(Dialog[None]):
    """Dismissed with None.

    Args:
        clock: For time-outs.
        config_path: The configuration file, there or not.
        profile_dir: The user's own profiles.
        said: Says a word in the event line.
        added: Called when the device is in the configuration; returns whether it will be shown now.
        show: Shows the device as it was tried, without writing anything; None: that is no choice.
        inks: The colours.
        glyphs: What is drawn with.
    """

    WIDTH = 78
    AUTO_FOCUS = "#host"
    TABLE = FORM
    BINDINGS = bindings(FORM)

    def __init__(
        self,
        *,
        clock: Clock,
        config_path: Path,
        profile_dir: Path | None,
        said: Callable[[str], None],
        added: Callable[[], bool] = lambda: False,
        show: Callable[[Trial], None] | None = None,
        inks: Inks,
        glyphs: GlyphSet,
    ) -> None:
        super().__init__(inks, glyphs)
        self._clock, self._config = clock, config_path
        self._profile_dir, self._said = profile_dir, said
        self._added, self._show = added, show
        self._steps: dict[str, Step] = {}
        self._trying = False
        self._wrong = ""
        self._tried: Trial | None = None

    def controls(self) -> ComposeResult:
        """Every field of every version; those that do not count are hidden."""
        for name in ("host", "community", "write_community", "user", "auth_key", "priv_key",
                     "context", "write_user", "profile"):  # fmt: skip
            hint = _HINTS.get(name, "")
            field = Input(
                "auto" if name == "profile" else "", id=name, max_length=128, placeholder=hint
            )
            if name in _SECRET:
                mark = self.glyphs.point
                field = SecretField(mark, id=name, max_length=128, placeholder=hint)
            field.cursor_blink = False
            yield field
        yield Picker(("2c", "1", "3"), "2c", self.inks, id="version")
        yield Picker(AUTHS, "none", self.inks, id="auth")
        yield Picker(PRIVS, "none", self.inks, id="priv")
        yield Choice("Try", self.inks, id="try")
        if self._show is not None:
            yield Choice("Show it", self.inks, id="show")
        yield Choice("Add to the configuration", self.inks, id="add")
        yield Choice("Close", self.inks, id="cancel")

    def on_mount(self) -> None:
        """Put the fields in the order they stand in, and hide what does not count."""
        wanted = [*self._fields_in_order(), *_CHOICES]
        self.sort_children(key=lambda w: wanted.index(w.id) if w.id in wanted else -1)
        self._show_fields()
        super().on_mount()

    @staticmethod
    def _fields_in_order() -> list[str]:
        return ["host", "version", "community", "write_community", "user", "auth", "auth_key",
                "priv", "priv_key", "context", "write_user", "profile"]  # fmt: skip

    @property
    def heading(self) -> str:
        """What it is."""
        return "Try a connection"

    def _listed(self) -> list[tuple[str, str]]:
        """The fields that count, with their labels, a row each."""
        if not self.is_mounted:
            return [("host", "host")]
        middle = _USER if self._picked("version") == "3" else _COMMUNITY
        return [("host", "host"), ("version", "SNMP version"), *middle, ("profile", "profile")]

    def rows(self, width: int, height: int) -> list[Row]:
        """Labels, a blank, what answered, and the row of the choices."""
        labels: list[Row] = [[(label.ljust(_LABEL), "muted")] for _, label in self._listed()]
        room = height - len(labels) - 1
        told = list(self._told(width, whole=True))
        if len(told) > room - 2:
            told = list(self._told(width, whole=False))
        gap: list[Row] = [[]] if room > len(told) else []
        end: list[Row] = [[]] if room > len(told) + 1 else []
        return [*labels, *gap, *told[: max(0, room - len(gap))], *end, []][:height]

    def _told(self, width: int, *, whole: bool) -> Iterator[Row]:
        """What answered; with `whole` no word of it is cut, else only those of what failed."""
        if self._wrong:
            yield from paragraph(self._wrong, width, "warning")
            return
        if not self._steps and not self._trying:
            yield from paragraph(
                "Enter tries it. Nothing is written to the device.", width, "muted"
            )
            return
        glyphs = self.glyphs
        for name in STEPS:
            step = self._steps.get(name)
            title = TITLES[name].ljust(_TITLE)
            if step is None:
                yield [("  ", "text"), (title, "muted"), ("...", "muted")]
                continue
            mark, ink = {
                "ok": (glyphs.on, "on"), "failed": (glyphs.alert, "critical"),
            }.get(step.state, (glyphs.unknown, "unknown"))  # fmt: skip
            words = clean(step.words, glyphs.ascii_only)
            head: Row = [(f"{mark} ", ink), (title, "text")]
            if step.state == "failed" or whole:
                text_ink = "text" if step.state == "failed" else "muted"
                first, *more = paragraph(words, width - _TITLE - 2, text_ink) or [[]]
                yield [*head, *first]
                for row in more:
                    yield [(" " * (_TITLE + 2), "text"), *row]
            else:
                yield [*head, (cut(words, width - _TITLE - 2, glyphs.ellipsis), "muted")]

    def control_region(self, child: Widget, card: Region) -> Region | None:
        """A field stands in the row of its label, a key beside its protocol, choices below."""
        name = child.id or ""
        if isinstance(child, Choice):
            row = card.bottom - 2 - self._air
            x = card.x + 3
            for before in self.query(Choice):
                if before is child:
                    break
                x += before.cells + 2 if before.display else 0
            return Region(x, row, min(child.cells, card.right - 2 - x), 1)
        names = [listed for listed, _ in self._listed()]
        place = _BESIDE.get(name, name)
        if place not in names:
            return None
        row = card.y + self.first_row + names.index(place)
        if row >= card.bottom - 2:
            return None
        x = card.x + 3 + _LABEL + (14 if name in _BESIDE else 0)
        wide = 12 if isinstance(child, Picker) else max(1, card.right - 3 - x)
        return Region(x, row, wide, 1)

    # what is filled in

    def _picked(self, name: str) -> str:
        return self.query_one(f"#{name}", Picker).value

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _secret(self, name: str) -> Secret:
        return Secret(self.query_one(f"#{name}", Input).value)

    def trial(self) -> Trial:
        """What is filled in, as far as it counts for the version."""
        version = self._picked("version")
        if version != "3":
            return Trial(
                host=self._text("host"),
                version="1" if version == "1" else "2c",
                community=self._secret("community"),
                write_community=self._secret("write_community"),
                profile=self._text("profile") or "auto",
            )
        return Trial(
            host=self._text("host"),
            version="3",
            user=self._text("user"),
            auth=cast("Auth", self._picked("auth")),
            auth_key=self._secret("auth_key"),
            priv=cast("Priv", self._picked("priv")),
            priv_key=self._secret("priv_key"),
            context=self._text("context"),
            write_user=self._text("write_user"),
            profile=self._text("profile") or "auto",
        )

    def _show_fields(self) -> None:
        shown = {name for name, _ in self._listed()}
        if self._picked("auth") != "none":
            shown |= {"auth_key"} if "auth" in shown else set()
        if self._picked("priv") != "none":
            shown |= {"priv_key"} if "priv" in shown else set()
        for name in self._fields_in_order():
            self.query_one(f"#{name}", Widget).display = name in shown
        for worked in self.query("#show, #add"):
            worked.display = self._worked
        self._card.refresh(layout=True)

    @property
    def _worked(self) -> bool:
        step = self._steps.get("recognised")
        return step is not None and step.state == "ok" and self._tried == self.trial()

    # what happens

    @on(Picker.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        if self._steps and self._tried != self.trial():
            self._steps = {}
        self._wrong = ""
        self._show_fields()
        self.update()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._begin()

    @on(Choice.Pressed)
    def _pressed(self) -> None:
        focused = self.focused.id if self.focused is not None else ""
        if focused == "try":
            self._begin()
        elif focused == "add":
            self._ask_name()
        elif focused == "show" and self._show is not None and self._tried is not None:
            self._show(self._tried)
        else:
            self.dismiss(None)

    def _begin(self) -> None:
        self._wrong, self._steps, self._trying = "", {}, True
        self._tried = self.trial()
        self._show_fields()
        self.update()
        self.run_worker(self._try(self._tried), name="trial", description="trial", exclusive=True)

    async def _try(self, trial: Trial) -> None:
        try:
            steps = run_trial(trial, clock=self._clock, profile_dir=self._profile_dir)
            async for step in steps:
                self._steps[step.name] = step
                self.update()
        except TrialError as error:
            self._wrong = str(error)
            if self.query(f"#{error.field}"):
                self.query_one(f"#{error.field}", Widget).focus()
        self._trying = False
        self._show_fields()
        self.update()

    def _ask_name(self) -> None:
        trial = self._tried
        if trial is None or not self._worked:
            return

        def named(name: str | None) -> None:
            if name:
                self._keep(trial, name)

        screen = EntryNameScreen(suggested_name(trial), self._config, self.inks, self.glyphs)
        self.app.push_screen(screen, named)

    def _keep(self, trial: Trial, name: str) -> None:
        try:
            made = keep(trial, name, self._config, os.environ)
        except (ConfigError, TrialError) as error:
            self._wrong = str(error)
            self.update()
            return
        files = f", its secrets to {made[0].parent}" if made else ""
        self.dismiss(None)
        then = "" if self._added() else "; it is shown from the next start"
        self._said(f"{name} added to {self._config}{files}{then}")

    def action_close(self) -> None:
        """Away with it."""
        self.dismiss(None)
