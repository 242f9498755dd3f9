"""What the loss of a source does to a PDU with a transfer switch."""

from __future__ import annotations

from typing import Literal

from pdutui.domain.impact_facts import Site
from pdutui.domain.reading import SourceId

SourceFate = Literal["keeps", "dark", "unknown"]
"""`keeps`: its load goes on, with or without a transfer."""


def source_lost(site: Site, source: SourceId) -> tuple[SourceFate, str]:
    """What becomes of the load when a source is lost, and why, for people.

    A transfer is counted on only where the other source is known to be normal.
    """
    reading = site.reading
    if reading is None:
        return "unknown", f"what its sources do is not known: {site.why}"
    ats = reading.ats
    if ats is None:
        return "unknown", "it has no transfer switch that is known"
    if ats.active == "none":
        return "dark", "no source carries it now"
    lost = next((one for one in ats.sources if one.id == source), None)
    other = next((one for one in ats.sources if one.id != source), None)
    if lost is None or other is None:
        return "unknown", "its sources are not known"
    word = other.state.replace("_", " ")
    if ats.active == other.id:
        if other.state == "lost":
            return "unknown", f"source {other.id} is said to be lost, and to carry it"
        return "keeps", f"stays on source {other.id}, with nothing to fall back on"
    if other.state == "lost":
        if ats.active is None:
            return "unknown", f"source {other.id} is lost, and which one carries it is not known"
        return "dark", f"source {other.id} is lost as well"
    if other.state != "normal":
        said = "is not known to be normal" if other.state == "unknown" else f"is {word}"
        return "unknown", f"source {other.id} {said}: whether it takes over is not known"
    if ats.active is None:
        return "keeps", f"source {other.id} is normal, whichever of them carries it now"
    if ats.redundancy == "lost":
        return "unknown", f"says that its redundancy is lost, though source {other.id} is normal"
    return "keeps", f"source {other.id} takes over, with nothing to fall back on"


def some_source_lost(site: Site, feed: str) -> tuple[SourceFate, str]:
    """What becomes of the load when a feed is lost that some source may hang on: not mapped."""
    if site.reading is None:
        return "unknown", f"what its sources do is not known: {site.why}"
    fates = [source_lost(site, source)[0] for source in ("A", "B")]
    if fates == ["keeps", "keeps"]:
        return "keeps", f"keeps its load, whichever of its sources hangs on feed {feed}"
    if fates == ["dark", "dark"]:
        return "dark", source_lost(site, "A")[1]
    return "unknown", f"which of its sources hangs on feed {feed} is not mapped"
