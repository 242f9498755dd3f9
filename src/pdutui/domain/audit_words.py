"""A record of the audit in one line: what was done to what, by whom, and what came of it."""

from __future__ import annotations

from pdutui.domain.commands import VERBS, WHOLE_PDU, AuditRecord
from pdutui.domain.history import Level
from pdutui.domain.naming import outlet_label

PLAN = "plan"
"""The action of records about a plan as a whole."""
_VERBS: dict[str, str] = {action: said for action, said in VERBS.items()}  # noqa: C416
_PREFERENCES = {
    "prefer_a": "Prefer source A", "prefer_b": "Prefer source B", "prefer_none": "Prefer no source",
}  # fmt: skip
_CONSOLE = {"lock": "Lock the console", "unlock": "Unlock the console"}
_LEVELS: dict[str, Level] = {
    "refused": "warning", "failed": "critical", "unconfirmed": "critical",
    "contradicted": "critical", "stopped": "warning", "aborted": "warning",
    "unreadable": "critical",
}  # fmt: skip


def level_of(record: AuditRecord) -> Level:
    """How bad it is."""
    return _LEVELS.get(record.outcome, "info")


def subject(record: AuditRecord) -> str:
    """What it was about: `Turn OFF outlet 3 db01`, `Plan K7Q2MX`, `Unlock the console`."""
    if record.action == PLAN:
        return f"Plan {record.plan}" if record.plan else "Plan"
    if record.action in _CONSOLE:
        return _CONSOLE[record.action]
    if record.action in _PREFERENCES:
        return _PREFERENCES[record.action]
    action = record.action.removeprefix("all_")
    verb = _VERBS.get(action, action)
    if record.outlet == WHOLE_PDU:
        whom = "all outlets" if record.action.startswith("all_") or record.pdu else ""
    else:
        whom = outlet_label(record.outlet, record.outlet_name)
    return f"{verb} {whom}".rstrip() + (" with a delay" if action.startswith("delayed_") else "")


def mark_text(record: AuditRecord) -> str:
    """For a chart: `Turn OFF outlet 3 db01 by alice: refused (ticket CHG-7)`."""
    end = "asked for, no word of its end" if record.outcome == "requested" else record.outcome
    if record.action == PLAN and record.detail:
        end = f"{end}, {record.detail}"
    more = [f"plan {record.plan}"] if record.plan and record.action != PLAN else []
    more += [f"ticket {record.ticket}"] if record.ticket else []
    more += [f"approved by {record.approved_by}"] if record.approved_by else []
    return f"{subject(record)} by {record.user}: {end}" + (f" ({', '.join(more)})" if more else "")
