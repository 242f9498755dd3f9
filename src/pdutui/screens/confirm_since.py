"""Whether what a question is about still is what it was when it was asked. No Textual in here."""

from __future__ import annotations

from pdutui.domain.commands import Action
from pdutui.engine.subject import Subject, is_preference


class Since:
    """Remembers what was asked about; the gate refuses an answer to anything else.

    Args:
        asked: What it was.
        action: What is asked for.
    """

    def __init__(self, asked: Subject, action: Action) -> None:
        self._asked, self._action = asked, action
        self.state = asked.state
        """As it was seen last."""
        self.moved = ""
        """What became of it: a sentence without its end; empty while it is what it was."""

    def look(self, now: Subject) -> bool:
        """See what it is now. Returns whether its state is another than when it was seen last.

        An outlet that was switched meanwhile, and switched back, was switched. Sources come and go.
        """
        asked, before = self._asked, self.state
        self.state = now.state
        if is_preference(self._action):
            self.moved = ""
        if asked.state not in ("unknown", now.state):
            self.moved = f"It was {asked.state} when this was asked for, and {now.state} since"
        elif asked.context and now.context != asked.context:
            was, are = ", ".join(asked.context), ", ".join(now.context)
            if self._action == "cancel":
                was, are = f"{was} was pending", f"{are} is"
            self.moved = f"When this was asked for, {was}; now {are}"
        return before != now.state
