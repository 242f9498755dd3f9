"""Names of keys: as people write them, as Textual calls them, as they are shown.

Textual takes any text for the name of a key and never says that no terminal sends it. So there is
a grammar here: a character, a name of the list, `f1` to `f24`, with `ctrl+`, `alt+` and `shift+`
before it where a terminal can tell.
"""

from __future__ import annotations

from difflib import get_close_matches

_PUNCTUATION = {
    "!": "exclamation_mark", '"': "quotation_mark", "#": "number_sign", "$": "dollar_sign",
    "%": "percent_sign", "&": "ampersand", "'": "apostrophe", "(": "left_parenthesis",
    ")": "right_parenthesis", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "full_stop", "/": "slash", ":": "colon", ";": "semicolon", "<": "less_than_sign",
    "=": "equals_sign", ">": "greater_than_sign", "?": "question_mark", "@": "at",
    "[": "left_square_bracket", "\\": "backslash", "]": "right_square_bracket",
    "^": "circumflex_accent", "_": "underscore", "`": "grave_accent",
    "{": "left_curly_bracket", "|": "vertical_line", "}": "right_curly_bracket", "~": "tilde",
    "§": "section_sign", "°": "degree_sign", "£": "pound_sign", "€": "euro_sign",
}  # fmt: skip
"""Characters that Textual has words for: those of ASCII, and some that keyboards have a key for."""
_CHARACTERS = {name: character for character, name in _PUNCTUATION.items()}
_NAMED = (
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete",
    "enter", "escape", "tab", "space", "backspace",
)  # fmt: skip
_FUNCTION = tuple(f"f{number}" for number in range(1, 25))
_OTHER_WORDS = {
    "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup",
    "page up": "pageup", "page_up": "pageup", "pgdn": "pagedown", "pgdown": "pagedown",
    "page down": "pagedown", "page_down": "pagedown", "bs": "backspace", " ": "space",
    "dot": "full_stop", "period": "full_stop", "hyphen": "minus", "equals": "equals_sign",
    "backtab": "shift+tab",
}  # fmt: skip
"""What people write instead."""
_SHOWN = {"escape": "esc", "enter": "Enter", "pageup": "page up", "pagedown": "page down"}
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape",
         "ctrl+h": "backspace"}  # fmt: skip
"""Terminals send the same for both; the plain name is the one to use."""
_ALSO = {"ctrl+space": ("ctrl+@",)}
"""What else a terminal may send for a key, by Textual's name."""
_MODIFIERS = ("ctrl", "alt", "shift")
RESERVED = {
    "ctrl+c": "copies, or quits pdutui",
    "ctrl+q": "always quits pdutui",
}
"""Keys that stay what they are, and what that is."""


class UnknownKey(ValueError):
    """No terminal sends it; the text is for people and names what is near."""


def canonical(text: str) -> str:
    """Textual's name of a key.

    Args:
        text: As people write it: `F`, `/`, `esc`, `ctrl+n`, `page up`, `shift+tab`.

    Raises:
        UnknownKey: there is no such key, or it cannot be told from another.
    """
    if len(text) == 1 and text != " ":
        return _of_character(text)
    word = text.strip() if text.strip() else text
    word = _OTHER_WORDS.get(word.lower(), word)
    *before, last = _split(word)
    modifiers = [each.strip().lower() for each in before]
    for each in modifiers:
        if each not in _MODIFIERS:
            raise UnknownKey(f"{text!r} is no key: before the + stand {', '.join(_MODIFIERS)}")
    if len(set(modifiers)) < len(modifiers):
        raise UnknownKey(f"{text!r} is no key: it says {modifiers[0]} twice")
    base = _base(last, text)
    if not modifiers:
        return base
    return _with(sorted(modifiers, key=_MODIFIERS.index), base, text)


def _split(word: str) -> list[str]:
    if word.endswith("++"):
        return [*word[:-2].split("+"), "+"]
    return word.split("+")


def _of_character(character: str) -> str:
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if character.isalnum():
        return character
    raise UnknownKey(f"{character!r} is no key: letters, digits and the signs of a keyboard are")


def _base(last: str, text: str) -> str:
    if len(last) == 1 and last != " ":
        return _of_character(last)
    word = _OTHER_WORDS.get(last.lower(), last.lower())
    if word in _NAMED or word in _FUNCTION or word in _CHARACTERS:
        return word
    near = get_close_matches(word, [*_NAMED, *_FUNCTION, *_CHARACTERS, *_OTHER_WORDS], n=1)
    hint = f"; did you mean {near[0]}?" if near else ": a character, f1, ctrl+n, page up ..."
    raise UnknownKey(f"{text!r} is no key{hint}")


def _with(modifiers: list[str], base: str, text: str) -> str:
    """A key with modifiers, if terminals can tell it from others."""
    if len(base) == 1 and base.isalpha():
        if modifiers == ["shift"]:
            return base.upper()
        if base.isupper():
            raise UnknownKey(
                f"{text!r} is no key: say {'+'.join([*modifiers, base.lower()])}, "
                f"or {'+'.join([*modifiers, 'shift', base.lower()])} where a terminal can tell"
            )
    elif modifiers == ["shift"] and (len(base) == 1 or base in _CHARACTERS or base == "space"):
        raise UnknownKey(f"{text!r} is no key: name the character that shift makes")
    name = "+".join([*modifiers, base])
    if name in _SAME:
        raise UnknownKey(f"{text!r} cannot be told from {_SAME[name]}: say {_SAME[name]}")
    return name


def sent(name: str) -> tuple[str, ...]:
    """All that Textual may call a key when it is pressed, by its canonical name."""
    return (name, *_ALSO.get(name, ()))


def shown(name: str) -> str:
    """A key as people call it: `[`, `esc`, `page up`, `ctrl+p`."""
    *modifiers, base = name.split("+")
    word = base.upper() if base in _FUNCTION else _SHOWN.get(base) or _CHARACTERS.get(base, base)
    return "+".join([*modifiers, word])


def is_typed(name: str) -> bool:
    """Whether a field that is typed in takes the key for itself."""
    return len(name) == 1 or name in _CHARACTERS or name in ("space", "backspace", "delete") or (
        "+" not in name and name not in _NAMED and name not in _FUNCTION
    )  # fmt: skip
