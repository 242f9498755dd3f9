"""Audit records as messages of syslog (RFC 5424), and where such messages go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from pdutui.domain.address import parse_address
from pdutui.domain.audit import StoredAudit
from pdutui.domain.commands import WHOLE_PDU, AuditRecord
from pdutui.domain.naming import outlet_label, printable

FACILITIES: dict[str, int] = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7,
    "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11, **{f"local{n}": 16 + n for n in range(8)},
}  # fmt: skip
CRITICAL, ERROR, WARNING, NOTICE, INFO = 2, 3, 4, 5, 6
"""Severities."""
_SEVERITIES = {
    "refused": WARNING, "failed": ERROR, "unconfirmed": ERROR, "contradicted": ERROR,
    "requested": INFO,
}  # fmt: skip
SD_ID = "pdutui@32473"
"""32473 is the enterprise number that RFC 5612 keeps for those who have none of their own."""
_LONGEST = 1024
"""Characters of a text; more is cut, so that a message fits into a datagram everywhere."""
_BOM = "\ufeff"
"""Says that the text after it is UTF-8."""


class SyslogTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go."""

    kind: Literal["udp", "tcp", "unix"]
    host: str = ""
    port: int = 0
    path: str = ""
    """Of the socket, for `unix`."""

    @property
    def said(self) -> str:
        """As it stands in the configuration."""
        if self.kind == "unix":
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


def parse_target(url: str) -> SyslogTarget:
    """`udp://host:514`, `tcp://host:601`, `unix:/dev/log`; the ports are those without one.

    Raises:
        ValueError: It is none of these.
    """
    kind, _, rest = url.partition(":")
    if kind == "unix":
        path = rest.removeprefix("//") if rest.startswith("///") else rest
        if path.startswith("/"):
            return SyslogTarget(kind="unix", path=path)
    elif kind in ("udp", "tcp") and rest.startswith("//"):
        host, port = parse_address(rest.removeprefix("//"))
        standard = 514 if kind == "udp" else 601
        return SyslogTarget(
            kind="udp" if kind == "udp" else "tcp", host=host, port=port or standard
        )
    raise ValueError(f"{url!r} is no syslog: udp://host:514, tcp://host:601 or unix:/dev/log")


def syslog_message(row: StoredAudit, *, facility: str, host: str, pid: int) -> bytes:
    """One record as one message: a line of text, and all of it as structured data.

    Nothing that a person or a device has said can end the message or begin another one: control
    codes become `?`, and what ends a value is escaped.

    Args:
        row: A record in the chain.
        facility: One of `FACILITIES`.
        host: The name of this machine.
        pid: Of this program.
    """
    record = row.record
    severity = _SEVERITIES.get(record.outcome, NOTICE)
    return framed(
        FACILITIES[facility] * 8 + severity, record.time, _data(row), _sentence(record),
        kind="audit", host=host, pid=pid,
    )  # fmt: skip


def framed(
    priority: int, time: datetime, data: str, sentence: str, *, kind: str, host: str, pid: int
) -> bytes:
    """A message of RFC 5424.

    Args:
        priority: Facility x 8 + severity.
        time: Timezone-aware.
        data: Structured, as `structured` makes it.
        sentence: For people; cut and freed of control codes here.
        kind: `audit`, `alarm`.
        host: The name of this machine.
        pid: Of this program.
    """
    when = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = "".join(c for c in host if "!" <= c <= "~")[:255] or "-"
    text = _cut(sentence)
    bom = "" if text.isascii() else _BOM
    return f"<{priority}>1 {when} {name} pdutui {pid} {kind} {data} {bom}{text}".encode()


def _sentence(record: AuditRecord) -> str:
    where = record.pdu
    if record.pdu and record.outlet != WHOLE_PDU:
        where = f"{outlet_label(record.outlet, record.outlet_name)} on {record.pdu}"
    whom = f" {where}" if where else ""
    said = f": {record.detail}" if record.detail else ""
    return f"{record.outcome} {record.action}{whom} by {record.user}{said}"


def _data(row: StoredAudit) -> str:
    r = row.record
    values: tuple[tuple[str, object], ...] = (
        ("n", row.n), ("hash", row.hash), ("before", row.before), ("intent", r.intent_id),
        ("user", r.user), ("role", r.role), ("origin", r.origin), ("ssh", r.ssh_origin),
        ("pdu", r.pdu), ("outlet", r.outlet), ("name", r.outlet_name), ("action", r.action),
        ("from", r.state_from), ("to", r.state_to), ("outcome", r.outcome), ("reason", r.reason),
        ("ticket", r.ticket), ("plan", r.plan), ("approvedBy", r.approved_by),
    )  # fmt: skip
    return structured(values)


def structured(values: Iterable[tuple[str, object]]) -> str:
    """Names and values as structured data; those that are None are left out."""
    said = "".join(f' {name}="{_value(value)}"' for name, value in values if value is not None)
    return f"[{SD_ID}{said}]"


def _value(value: object) -> str:
    text = _cut(str(value))
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _cut(text: str) -> str:
    plain = printable(text.encode("utf-8", "replace").decode("utf-8"))
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."
