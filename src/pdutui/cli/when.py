"""Moments as people write them: see `pdutui.domain.when`."""

from __future__ import annotations

from pdutui.domain.when import EXAMPLES, Note, parse_when

__all__ = ["EXAMPLES", "Note", "parse_when"]
