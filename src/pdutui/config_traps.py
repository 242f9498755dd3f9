"""`[traps]` of the configuration: whether and where traps are listened for."""

from __future__ import annotations

import msgspec

from pdutui.config_secret import SecretReader
from pdutui.config_sections import FILE_KEYS
from pdutui.config_table import Table
from pdutui.domain.address import AddressError, parse_listen
from pdutui.domain.secret import Secret
from pdutui.settings import TrapSettings

VARIABLE = "PDUTUI_TRAPS_COMMUNITY"
_MOST = 32


def read_traps(table: Table, secrets: SecretReader, *, there: bool) -> TrapSettings:
    """The settings of the section.

    Args:
        table: the section.
        secrets: reads its community.
        there: whether the file has the section; then traps are listened for unless it says no.
    """
    settings = TrapSettings(
        enabled=table.boolean("enabled", there), communities=_communities(table, secrets)
    )
    text = table.text("listen")
    if text is None:
        return settings
    try:
        host, port = parse_listen(text, settings.port)
    except AddressError as error:
        table.fail_value("listen", f"is wrong: {error}")
        return settings
    return msgspec.structs.replace(settings, host=host, port=port)


def _communities(table: Table, secrets: SecretReader) -> tuple[Secret, ...]:
    several = table.raw("community")
    if not isinstance(several, list):
        one = secrets.read(table, "community", variable=VARIABLE, what="a community")
        return () if one is None else (one,)
    for key in FILE_KEYS["traps"]:
        if table.has(key):
            table.fail(key, "and community are both there: leave one of them out")
    if several:
        secrets.warn_of_literal("a community")
    good = [one for one in several if isinstance(one, str) and one]
    if len(good) < len(several) or len(several) > _MOST:
        table.fail("community", f"must be text and not empty, or a list of up to {_MOST} of that")
    return tuple(Secret(one) for one in good)
