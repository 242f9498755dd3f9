"""What comes from a keyboard, made into keys: noise on the line does not end it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.events import Resize
from textual.message import Message
from textual.messages import InBandWindowResize

_INTERRUPTS = ("\x03", "\x1b[99;5u")
"""ctrl+c, as terminals send it, and as those do that know the protocol of kitty."""
_PASTE_ENDS = "\x1b[201~"


class Keyboard:
    """Textual's parser of keys, made to survive what no terminal would send.

    A number that is none, or a character that there is not, ends that parser with an error, and the
    console would hear nothing any more.

    Args:
        debug: Textual's, which writes down what is read.
    """

    def __init__(self, debug: bool) -> None:
        self._debug = debug
        self._parser = XTermParser(debug)

    def typed(self, text: str) -> Iterator[Message]:
        """What was done, as far as it is known by now.

        A ctrl+c of its own ends a paste too: the end of one whose terminal went meanwhile never
        comes, and all that is typed would belong to it.

        Args:
            text: What was read; empty where nothing was for a while.
        """
        if text in _INTERRUPTS:
            text = _PASTE_ENDS + text
        try:
            # An empty text would mean the end to the parser.
            if text:
                yield from self._meant(self._parser.feed(text))
            yield from self._meant(self._parser.tick())
        except (ValueError, ArithmeticError):
            self._parser = XTermParser(self._debug)

    def _meant(self, events: Iterable[Message]) -> Iterator[Message]:
        """All but sizes: the kernel says how large the terminal is, keys know no bounds.

        Nor does the mouse count in pixels, which a size among the keys would have it do.
        """
        for event in events:
            if isinstance(event, Resize | InBandWindowResize):
                self._parser.mouse_pixels = False
            else:
                yield event

    def end(self) -> None:
        """Nothing more comes."""
        try:
            for _ in self._parser.feed(""):
                pass
        except (EOFError, ParseError, ValueError, ArithmeticError):
            return
