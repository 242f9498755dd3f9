"""Alarms: what is judged to be wrong, kept over restarts, acknowledged, silenced, told outside."""
