"""The console in a browser: who may in, and one console a session. Only `pdutui serve` loads it."""
