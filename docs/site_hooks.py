"""What the site needs besides mkdocs: the change log, which stands beside the README, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """The text of a page; that of the change log is the file itself, its links seen from here."""
    if page.file.src_uri != "changelog.md":
        return markdown
    return LOG.read_text(encoding="utf-8").replace("](docs/", "](")
