"""Widgets of the console, one a file, each a pure function of (reading, selection, clock)."""
