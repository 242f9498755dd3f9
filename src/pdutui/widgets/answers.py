"""Taking the terminal's answers out of what comes from its keyboard."""

from __future__ import annotations

from collections.abc import Callable

from pdutui.widgets.pace import ANSWER


class Answers:
    """Sifts what was read, in pieces of any size, for answers to `ASK`.

    An answer that were taken for keys would be an escape, a bracket, `0` and `n`.

    Args:
        heard: Called for each answer.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._kept = ""

    def sift(self, text: str, *, expected: bool) -> str:
        """What was typed.

        Args:
            text: What was read.
            expected: an answer may be on its way: its beginning at the end of the text is kept
                back until the rest is there, or until `rest`.
        """
        text, self._kept = self._kept + text, ""
        while ANSWER in text:
            text = text.replace(ANSWER, "", 1)
            self._heard()
        if expected:
            for size in range(min(len(ANSWER) - 1, len(text)), 0, -1):
                if ANSWER.startswith(text[-size:]):
                    text, self._kept = text[:-size], text[-size:]
                    break
        return text

    def rest(self) -> str:
        """What was kept back, and was no answer: an escape key, most likely."""
        text, self._kept = self._kept, ""
        return text
