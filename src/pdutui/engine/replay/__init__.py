"""The whole console at a moment of the past: an engine over replayed PDUs, and its time."""
