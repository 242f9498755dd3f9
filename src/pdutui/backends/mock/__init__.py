"""A seeded model of real PDUs, for the demo, the simulator and the tests.

Nothing here imports the SNMP libraries or textual: the demo must be on screen at once.
"""
