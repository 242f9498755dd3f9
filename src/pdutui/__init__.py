"""pdutui: the terminal console for rack power."""

__version__ = "0.1.0"
