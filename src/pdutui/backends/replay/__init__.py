"""The past as a device: readings that were kept, given out again as time passes over them."""
