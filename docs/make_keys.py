"""Write the tables of `docs/keys.md` anew, from the tables of keys themselves.

    python docs/make_keys.py [--check]

With `--check` nothing is written: it ends with 1 where the page is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pdutui.keys.table import markdown

PAGE = Path(__file__).with_name("keys.md")
BEGIN = "<!-- made by docs/make_keys.py: what is below is written over -->\n"


def page() -> str:
    """The page as it should be."""
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return f"{head}{BEGIN}\n{markdown()}"


def main() -> int:
    """Write it, or look whether it has to be written."""
    made = page()
    if PAGE.read_text(encoding="utf-8") == made:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{PAGE} is not up to date: python docs/make_keys.py", file=sys.stderr)
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
