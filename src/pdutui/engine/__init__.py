"""The running system: pollers, health, the one command gate, recorder, trends."""
