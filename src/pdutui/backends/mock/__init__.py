"""A seeded model of real PDUs, for the demo, the simulator and the tests."""
