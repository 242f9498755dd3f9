"""Pure facts and arithmetic: readings, units, commands, health. No I/O, no other layer."""
