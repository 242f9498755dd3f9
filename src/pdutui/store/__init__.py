"""The local SQLite store: history at full rate and the audit trail."""
