"""The command line, one file a sub-command. Never imports textual."""
