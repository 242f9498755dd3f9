"""What a check of the chain found, to be read through."""

from __future__ import annotations

from pdutui.screens.help import HelpScreen


class AuditReport(HelpScreen):
    """Dismissed with None."""

    @property
    def heading(self) -> str:
        """What it is."""
        return "Chain of the audit"
