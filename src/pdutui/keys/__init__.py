"""Keys as data: what every key does on every screen, and which the user would rather have."""
