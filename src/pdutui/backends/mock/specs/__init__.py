"""Data sheets of the modelled PDUs, one file a vendor; loaded when a model is asked for."""
