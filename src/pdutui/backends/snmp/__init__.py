"""PDUs over SNMP: the client, the device profiles, the backend and the simulator's agent."""
