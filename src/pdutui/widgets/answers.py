"""Taking the terminal's answers out of what comes from its keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

_ANSWER = re.compile(r"\x1b\[(?:0n|\d+;\d+R)")
_BEGINNING = re.compile(r"\x1b(?:\[(?:\d+(?:;\d*)?)?)?\Z")


class Answers:
    """Sifts what was read, in pieces of any size, for answers to the questions of `pace.ASK`.

    An answer that were taken for keys would be an escape, a bracket, `0` and `n`.

    Args:
        heard: Called for each answer, with which question it answers.
    """

    def __init__(self, heard: Callable[[int], None]) -> None:
        self._heard = heard
        self._kept = ""

    def sift(self, text: str, *, expected: bool) -> str:
        """What was typed.

        Args:
            text: What was read.
            expected: an answer may be on its way. Otherwise all of it was typed: some terminals
                send for a function key what looks like a place of the cursor.
        """
        text, self._kept = self._kept + text, ""
        if not expected:
            return text
        text = _ANSWER.sub(self._take, text)
        beginning = _BEGINNING.search(text)
        if beginning is not None:
            # Kept until the rest of it is there, or until `rest`.
            text, self._kept = text[: beginning.start()], beginning.group()
        return text

    def _take(self, answer: re.Match[str]) -> str:
        self._heard(0 if answer.group().endswith("n") else 1)
        return ""

    def rest(self) -> str:
        """What was kept back, and was no answer: an escape key, most likely."""
        text, self._kept = self._kept, ""
        return text
