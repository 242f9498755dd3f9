"""The sub-commands by name. What they are made of is loaded when one is asked for."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("pdutui.cli.run:run", "The console (the default command)."),
    "poll": ("pdutui.cli.poll:poll", "Read PDUs and print what they say."),
    "outlet": ("pdutui.cli.outlet:outlet", "Switch outlets, one after the other, verified."),
    "group": ("pdutui.cli.group:group", "Switch the outlets of a group, on all its PDUs."),
    "sequence": ("pdutui.cli.sequence:sequence", "Named sequences: list, show, run."),
    "plan": (
        "pdutui.cli.plan:plan",
        "Many outlets at once: list, show, resume, abort, put-back.",
    ),
    "approve": ("pdutui.cli.approve:approve", "Agree to somebody else's plan."),
    "source": ("pdutui.cli.source:source", "Set the preferred source of a transfer switch."),
    "map": ("pdutui.cli.map:map_", "Which device hangs on which outlet: show, check, import."),
    "whatif": ("pdutui.cli.whatif:whatif", "If a feed, a PDU or a source were lost: what then."),
    "traps": ("pdutui.cli.traps:traps", "Print the traps and informs that PDUs send."),
    "alarms": (
        "pdutui.cli.alarms:alarms",
        "What is wrong now: list, ack, silence, history, test-hook.",
    ),
    "audit": ("pdutui.cli.audit:audit", "Who tried to switch what, and how it ended."),
    "history": (
        "pdutui.cli.history:history",
        "What was recorded: list, check, export, report, ...",
    ),
    "replay": ("pdutui.cli.replay:replay", "The console as it was at a moment of the past."),
    "serve": ("pdutui.cli.serve:serve", "The console in a browser; read-only by default."),
    "config": (
        "pdutui.cli.config_cmd:config",
        "The configuration: path, check, template, schema, test.",
    ),
    "keys": ("pdutui.cli.keys:keys", "The actions of the console, and their keys."),
    "discover": ("pdutui.cli.discover:discover", "Find PDUs in the network, or check a table."),
    "capture": ("pdutui.cli.capture:capture", "Record a device's walk, to support a new model."),
    "profile": ("pdutui.cli.profile:profile", "Device families: list, show, check, test."),
    "simulate": ("pdutui.cli.simulate:simulate", "A PDU over real SNMP, for trying things out."),
    "completion": (
        "pdutui.cli.completion:completion",
        "The script that completes command lines: bash, zsh, fish.",
    ),
}
"""Name -> (module:attribute, one line for the help). The help is here so that it loads nothing."""

IMPLIED = "pdutui.run-implied"
"""Set in the context's meta when the command line named no command, and `run` was put in."""
