"""Alarms to a syslog, by the same sender as the audit."""

from __future__ import annotations

from pdutui.domain.alarm import AlarmEntry
from pdutui.domain.syslog import parse_target
from pdutui.domain.syslog_alarm import alarm_message
from pdutui.engine.events import Severity
from pdutui.engine.syslog import SyslogSender, Tell
from pdutui.settings import AlarmSettings


class AlarmSyslog:
    """An `Outlet`. What is silenced is sent all the same: a log is not heard, it is searched.

    What comes back within the time in which it is not told again is not sent.

    Args:
        settings: where to, by `syslog` and `facility`.
        tell: takes a line of the event log.

    Raises:
        ValueError: `syslog` is no address of one.
    """

    def __init__(self, settings: AlarmSettings, *, tell: Tell) -> None:
        facility = settings.facility

        def message(entry: AlarmEntry, host: str, pid: int) -> bytes:
            return alarm_message(entry, facility=facility, host=host, pid=pid)

        def heard(severity: Severity, text: str) -> None:
            self._problem = text if severity != "info" else ""
            tell(severity, text)

        self._problem = ""
        self._sender: SyslogSender[AlarmEntry] = SyslogSender(
            parse_target(settings.syslog or ""),
            message,
            what="alarms",
            tell=heard,
            kept="the alarm history has them",
        )

    def tell(self, entry: AlarmEntry, *, again: bool, silenced: bool) -> None:
        """Have it sent. Never blocks, never raises."""
        if not again:
            self._sender.send((entry,))

    async def stop(self) -> None:
        """Send what waits, bounded, and end."""
        await self._sender.stop()

    @property
    def problem(self) -> str:
        """Why nothing gets there; empty when all is well."""
        return self._problem
