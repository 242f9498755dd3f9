"""The sections of the configuration and their keys, as plain data.

Whoever has no `[alarms]` need not load what reads it: readers are loaded by the sections there are.
"""

from __future__ import annotations

CONTROL_KEYS = (
    "enabled", "confirm", "verify_timeout_s", "read_only", "commands_per_minute",
    "outlet_per_minute", "reason", "ticket", "ticket_pattern", "load_check_s", "outside_window",
    "plans_dir",
)  # fmt: skip
ALARM_KEYS = (
    "enabled", "warning_percent", "critical_percent", "hysteresis_percent", "hold_s", "clear_s",
    "stale_after_s", "no_load_after_s", "load_step_percent", "clock_off_s", "again_after_s",
    "keep", "expire_h", "history_days", "bell", "bell_every_s", "syslog", "facility",
)  # fmt: skip
KIOSK_KEYS = ("every_s", "jump", "jump_s", "big")
IMPACT_KEYS = ("limit_percent", "inrush_factor", "map")
AUDIT_KEYS = ("syslog", "facility")

SECTIONS: dict[str, tuple[str, ...]] = {
    "poll": ("interval_s", "timeout_s", "retries"),
    "history": ("enabled", "path", "retention_days", "totals_days"),
    "control": CONTROL_KEYS,
    "ui": ("theme", "color", "glyphs", "mouse", "start", "group"),
    "kiosk": KIOSK_KEYS,
    "alarms": ALARM_KEYS,
    "traps": ("enabled", "listen", "community"),
    "energy": ("currency", "price_per_kwh"),
    "impact": IMPACT_KEYS,
    "audit": AUDIT_KEYS,
}
"""The sections of the file, and those of their keys that the environment may give too."""
FILE_KEYS: dict[str, tuple[str, ...]] = {
    "control": ("roles", "window", "approval", "lock"),
    "kiosk": ("pages",),
    "alarms": ("off", "threshold", "budget", "hook"),
    "traps": ("community_env", "community_file"),
    "energy": ("band",),
}
"""Keys and tables of a section that only the file has."""
