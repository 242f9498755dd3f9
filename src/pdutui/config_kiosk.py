"""`[kiosk]` of the configuration: what the console shows on a wall, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdutui.config_errors import nearest, show
from pdutui.settings import KioskSettings

if TYPE_CHECKING:
    from pdutui.config_names import Known
    from pdutui.config_table import Table

PAGES = ("fleet", "pairs", "alarms", "events", "pdus")
"""What `pages` may name, besides `pdu:NAME`."""
MOST_PAGES = 200
SHORTEST_S, LONGEST_S = 2, 86_400
"""How long a page, and a PDU that was jumped to, may stay."""
_PDU = "pdu:"
_RIGHT = f"{', '.join(PAGES)}, pdu:NAME"


def read_kiosk(table: Table, known: Known) -> KioskSettings:
    """The settings of the section.

    Args:
        table: the section.
        known: the PDUs that a page may be of.
    """
    usual = KioskSettings()
    return KioskSettings(
        pages=_pages(table, known) or usual.pages,
        every_s=table.number("every_s", usual.every_s, at_least=SHORTEST_S, at_most=LONGEST_S),
        jump=table.boolean("jump", usual.jump),
        jump_s=table.number("jump_s", usual.jump_s, at_least=SHORTEST_S, at_most=LONGEST_S),
        big=table.boolean("big", usual.big),
    )


def _pages(table: Table, known: Known) -> tuple[str, ...]:
    """The pages in their order; one may come up several times in a round."""
    from pdutui.config_names import check_pdus

    raw = table.raw("pages")
    if raw is None:
        return ()
    listed = raw if isinstance(raw, list) else [raw]
    if not 1 <= len(listed) <= MOST_PAGES:
        table.fail("pages", f"must have 1 to {MOST_PAGES} pages: {_RIGHT}; has {len(listed)}")
        return ()
    pages = []
    for page in listed:
        word = page.strip() if isinstance(page, str) else ""
        name = word.removeprefix(_PDU).strip()
        if word.startswith(_PDU) and name:
            check_pdus(table, "pages", name, known.pdus)
            pages.append(f"{_PDU}{name}")
        elif word in PAGES:
            pages.append(word)
        else:
            near = nearest(word, PAGES)
            hint = f": did you mean {near!r}?" if near else ""
            table.fail("pages", f"must be of {_RIGHT}, has {show(page)}{hint}")
    return tuple(pages)
