"""Write the manual page `man/pdutui.1` anew, from the command line itself.

    python docs/make_man.py [--check]

With `--check` nothing is written: it ends with 1 where the page is not up to date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path

import click

from pdutui import __version__
from pdutui.cli.commands import COMMANDS
from pdutui.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "man" / "pdutui.1"
COMMON = 5
"""An option that so many commands have in the same words is told once."""
CHANGED = "2026-11-21"
"""When the page was last given another shape: a page has to have a date."""
OWN = ("--json", "--demo")
"""Not told once: they mean another thing in each command."""
Term = tuple[str, str]
"""What stands at the margin, and what it means."""

DESCRIPTION = """\
pdutui shows what PDUs over SNMP say, live at 1 Hz: every outlet, bank, inlet, phase, transfer
switch and sensor; it keeps all of it, tells what is wrong, and switches outlets through one gate
that asks, verifies and writes down.

Without a command the console opens: on the PDUs of the configuration, on the devices that are
named, or with \\fB--demo\\fR on models. What a device does not say is shown as unknown, what is old
as stale; a command is done when the device shows it."""

KEYS: tuple[Term, ...] = (
    ("arrows, h j k l", "move"),
    ("o f r space", "on, off, reboot, toggle; each asks, and only y confirms"),
    ("c", "what else the device can do"),
    ("v V /", "mark, mark a range, filter"),
    ("0 A e g u p", "fleet, alarms, events, history, audit, plans"),
    ("[ ]", "previous and next PDU"),
    (": or ctrl+p", "find anything by its name"),
    ("L", "lock the console"),
    ("?", "what works here, and why something does not"),
    ("q", "back, or quit"),
)
FILES: tuple[Term, ...] = (
    ("~/.config/pdutui/config.toml", "the configuration; \\fBpdutui config template\\fR makes one"),
    ("~/.config/pdutui/themes/, profiles/", "themes and device families of one's own"),
    ("~/.local/state/pdutui/", "history, audit, alarms, plans and the log, mode 0700"),
)
ENVIRONMENT: tuple[Term, ...] = (
    ("PDUTUI_CONFIG", "the configuration file"),
    ("PDUTUI_STATE_DIR", "the state directory"),
    ("PDUTUI_COMMUNITY, PDUTUI_WRITE_COMMUNITY", "communities, before what the configuration says"),
    ("PDUTUI_V3_AUTH_KEY, PDUTUI_V3_PRIV_KEY", "pass phrases of the SNMPv3 user, likewise"),
    ("PDUTUI_V3_WRITE_AUTH_KEY, PDUTUI_V3_WRITE_PRIV_KEY", "of the user who writes"),
    ("PDUTUI_SECTION_KEY", "any key of a section, such as PDUTUI_POLL_INTERVAL_S=2"),
    ("PDUTUI_SERVE_TOKEN", "what a browser has to show to \\fBpdutui serve\\fR"),
    ("PDUTUI_DEBUG", "1: an internal error shows where it came from"),
    ("NO_COLOR", "no colour"),
)
EXIT: tuple[Term, ...] = (
    ("0", "done"),
    ("1", "the answer is bad news: an outlet that did not follow, a device that is no known PDU"),
    ("2", "wrong usage or configuration"),
    ("3", "the device cannot be reached, or refuses the community or the user"),
    ("4", "refused by policy: read only, protected, not confirmed, not approved"),
    ("130, 143, 129", "ended by SIGINT, SIGTERM, SIGHUP"),
)
EXAMPLES: tuple[Term, ...] = (
    ("pdutui --demo --fleet 50", "a room of models; 0 shows all of it"),
    ("pdutui 10.0.0.5 --read-only", "a device, only looked at"),
    ("pdutui config test 10.0.0.5", "one connection, step by step"),
    ("pdutui poll rack1-a --json", "what it says, once, for programs"),
    ("pdutui outlet rack1-a 3 off --dry-run", "what would go dark"),
    ("pdutui alarms --watch", "what is wrong, and every change"),
    ("pdutui whatif feed A", "what would be over its rating if feed A were lost"),
    ('eval "$(pdutui completion bash)"', "complete command lines"),
)


def quoted(text: str) -> str:
    """Text as roff wants it: minus signs, backslashes and lines that look like requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace('"', "\\(dq")
    text = (
        text.replace("…", "...").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    )
    return re.sub(r"(?m)^\.", "\\&.", text)


def styled(text: str) -> str:
    """The same where font changes stand in the text already."""
    return "".join(
        part if part.startswith("\\f") else quoted(part) for part in re.split(r"(\\f[BIR])", text)
    )


def filled(text: str) -> str:
    """Running text in lines of a size that can be read in a diff."""
    words, lines, line = text.split(), [], ""
    for word in words:
        if line and len(styled(f"{line} {word}")) > 79:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return styled("\n".join([*lines, line]))


def terms(rows: tuple[Term, ...] | list[Term]) -> Iterator[str]:
    """A list of terms and their meanings."""
    for term, text in rows:
        yield f".TP\n.B {quoted(term)}\n{filled(text)}"


def paragraphs(text: str) -> Iterator[str]:
    """The text of a help page; click marks parts whose lines stay as they are."""
    text = re.sub(r"\n{2,}", "\n\n", inspect.cleandoc(text).replace("\n\b\n", "\n\n\b\n"))
    for number, part in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        if part.startswith("\b\n"):
            kept = part.removeprefix("\b\n").rstrip()
            yield f".nf\n{quoted(kept)}\n.fi"
        else:
            yield filled(part)


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path, groups before what is in them."""
    if path and not command.hidden:
        yield path, command
    if isinstance(command, click.Group):
        ctx = context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from commands(found, (*path, name))


def context(command: click.Command) -> click.Context:
    """A context as the program makes it; `-h` is a help option in it as well."""
    root = click.Context(cli, info_name="pdutui", **cli.context_settings)
    return root if command is cli else click.Context(command, parent=root)


def options(command: click.Command) -> list[Term]:
    """Its options as the help has them."""
    ctx = context(command)
    found = [param.get_help_record(ctx) for param in command.params]
    return [record for record in found if record is not None and record[1]]


def page() -> str:
    """The page as it should be."""
    every = list(commands(cli))
    count = Counter(row for _, command in every for row in options(command))
    shared = {row for row, number in count.items() if number >= COMMON and row[0] not in OWN}
    poll = next(command for path, command in every if path == ("poll",))
    asking = [row for row in options(poll) if row in shared and row[0] != "--config FILE"]
    connection = frozenset(asking)
    out = [
        '.\\" Made by docs/make_man.py from the command line: do not edit.',
        f'.TH PDUTUI 1 "{CHANGED}" "pdutui {__version__}" "User Commands"',
        ".nh",
        ".ad l",
        ".SH NAME",
        "pdutui \\- the terminal console for rack power",
        ".SH SYNOPSIS",
        ".B pdutui\n[\\fIHOST\\fR ...] [\\fIOPTIONS\\fR]\n.br\n.B pdutui\n"
        "\\fICOMMAND\\fR [\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]",
        ".SH DESCRIPTION",
        "\n.PP\n".join(filled(part) for part in DESCRIPTION.split("\n\n")),
        ".SH COMMANDS",
        *terms([(name, text) for name, (_, text) in COMMANDS.items()]),
        ".PP",
        filled(
            "What each takes is told below; options that many share under CONNECTION OPTIONS and "
            "COMMON OPTIONS."
        ),
    ]
    for path, command in every:
        out += section(path, command, shared - connection, connection)
    rest = sorted(shared - connection, key=lambda row: row[0].lstrip("-"))
    out += [".SH CONNECTION OPTIONS", "Credentials, and how a device is asked.", *terms(asking)]
    out += [".SH COMMON OPTIONS", *terms([("-h, --help", "What a command takes."), *rest])]
    for title, rows in (
        ("KEYS OF THE CONSOLE", KEYS),
        ("EXIT STATUS", EXIT),
        ("ENVIRONMENT", ENVIRONMENT),
        ("FILES", FILES),
        ("EXAMPLES", EXAMPLES),
    ):
        out += [f".SH {title}", *terms(rows)]
    out += [".SH SEE ALSO", ".BR snmpget (1),\n.BR snmpcmd (1)"]
    return "\n".join(out) + "\n"


def section(
    path: tuple[str, ...], command: click.Command, shared: Set[Term], connection: Set[Term]
) -> list[str]:
    """One command."""
    name = quoted(" ".join(path))
    usage = " ".join(command.collect_usage_pieces(context(command)))
    out = [f".SS pdutui {name}", f".B pdutui {name}\n{quoted(usage)}", ".PP"]
    out += paragraphs(command.help or "")
    has = options(command)
    out += terms([row for row in has if row not in shared and row not in connection])
    also = [row[0].split()[0].rstrip(",") for row in has if row in shared]
    if connection & set(has):
        also.insert(0, "the connection options")
    return [*out, ".PP", filled(f"Also: {', '.join(also)}.")] if also else out


def main() -> int:
    """Write it, or look whether it has to be written."""
    made = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{PAGE} is not up to date: python docs/make_man.py", file=sys.stderr)
        return 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
