"""What may stand at the cursor of a shell's command line.

Nothing is carried out and no device is asked. What cannot be found out is left out: a shell that
waits for a key has no use for an error.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from pdutui.cli.commands import COMMANDS
from pdutui.cli.completion import SHELLS, script

Reply = tuple[str, str, str]
"""Kind (`word`, `file`, `dir`), value, what it is."""

_PDU, _ID = "pdus", "plans"
_VALUES: dict[str, str] = {
    "hosts": _PDU, "targets": _PDU, "target": _PDU, "target_text": _PDU, "target_name": _PDU,
    "pdu": _PDU, "pdus": _PDU, "console": _PDU, "selector": "outlets", "plan_id": _ID, "plan": _ID,
    "theme": "themes", "profile": "profiles",
    "group.name": "groups", "sequence show.name": "sequences", "sequence run.name": "sequences",
    "profile show.name": "profiles", "whatif feed.name": "feeds", "whatif pdu.name": _PDU,
    "whatif source.name": _PDU, "alarms ack.ids": "alarms", "alarms unsilence.ids": "silences",
    "alarms silence.kind": "kinds", "pages": "pages",
}  # fmt: skip
"""Which names go where: by a parameter's name, or by `command.parameter`. Names that are typed to
confirm something (`--confirm-name`) are not among them: they are not to be typed by a machine."""
_LISTS = frozenset({"outlets", "pages"})
"""Where several names stand with commas between them."""


def answer(cli: click.Group, shell: str, argv: Sequence[str], env: Mapping[str, str]) -> str:
    """The reply to a shell's script: lines of kind, value and text with tabs between.

    Args:
        cli: the whole command.
        shell: which shell asks; nothing is said to one that is not known.
        argv: as `completion.ASKED` says.
        env: for the places of configuration and state.
    """
    if shell not in SHELLS or not argv:
        return ""
    cut = 0
    if shell == "bash":
        words = _split(argv[0])[1:]
        cut = _cut(words[-1] if words else "", argv[1] if len(argv) > 1 else "")
    else:
        words = list(argv)
    *before, current = words or [""]
    lines = []
    for kind, value, text in replies(cli, before, current, env):
        if kind == "word":
            value = value[cut:]
            if not value.isprintable():
                continue
        text = "".join(c for c in " ".join(text.split()) if c.isprintable())
        lines.append(f"{kind}\t{value}\t{text}\n")
    return "".join(lines)


def replies(
    cli: click.Group, before: Sequence[str], current: str, env: Mapping[str, str]
) -> Iterator[Reply]:
    """What may stand in place of `current`, behind the words `before`."""
    words = list(before)
    if not words:
        yield from _items(cli, _root(cli), current)
    own = (*COMMANDS, "--version", "--help", "-h")
    if not words or words[0] not in own:
        words.insert(0, "run")
    ctx = _context(cli, words)
    if ctx is not None:
        yield from _at(ctx, words, current, env)


def _root(cli: click.Group) -> click.Context:
    """As `cli.make_context` makes it: a command keeps the help option of its first context."""
    settings = dict(cli.context_settings)
    return click.Context(cli, info_name="pdutui", resilient_parsing=True, **settings)


def _context(cli: click.Group, words: Sequence[str]) -> click.Context | None:
    """The command that the words lead to, with what they say of its parameters."""
    command: click.Command = cli
    ctx = _root(cli)
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        found = command.get_command(ctx, rest[0])
        if found is None:
            return None if command is cli else ctx
        command = found
        name, *rest = rest
        try:
            said = [] if isinstance(command, click.Group) else list(rest)
            ctx = command.make_context(name, said, parent=ctx, resilient_parsing=True)
        except click.ClickException:
            return None
    return ctx


def _at(
    ctx: click.Context, words: Sequence[str], current: str, env: Mapping[str, str]
) -> Iterator[Reply]:
    """What may stand at the cursor, in the command of the context."""
    here = _of(ctx)
    params = here.get_params(ctx)
    if current == "=" and words[-1].startswith("--"):
        current = ""
    ended = "--" in words
    if current.startswith("-") and not ended:
        name, equals, value = current.partition("=")
        if not equals:
            yield from _items(here, ctx, current)
            return
        taken = _takes_value(params, name)
        if taken is not None:
            for kind, found, text in _values(ctx, taken, value, env):
                yield kind, f"{name}={found}" if kind == "word" else found, text
        return
    previous = words[-1] if words[-1] != "=" else words[-2]
    option = None if ended else _takes_value(params, previous)
    if option is not None:
        yield from _values(ctx, option, current, env)
        return
    for param in params:
        if isinstance(param, click.Argument) and _open(ctx, param):
            yield from _values(ctx, param, current, env)
            return
    if isinstance(here, click.Group):
        yield from _items(here, ctx, current)


def _of(ctx: click.Context) -> click.Command:
    match ctx:
        case click.Context(command=found):
            return found


def _items(command: click.Command, ctx: click.Context, current: str) -> Iterator[Reply]:
    """Sub-commands, and options where one was begun."""
    for item in command.shell_complete(ctx, current):
        yield "word", str(item.value), item.help or ""


def _takes_value(params: Sequence[click.Parameter], name: str) -> click.Option | None:
    """The option of that name, if a value has to follow it."""
    for param in params:
        if (
            isinstance(param, click.Option)
            and not param.is_flag
            and not param.count
            and name in param.opts
        ):
            return param
    return None


def _open(ctx: click.Context, param: click.Argument) -> bool:
    """Whether the argument can take (another) value."""
    if param.nargs == -1:
        return True
    source = ctx.get_parameter_source(param.name or "")
    return source is not click.core.ParameterSource.COMMANDLINE


def _values(
    ctx: click.Context, param: click.Parameter, current: str, env: Mapping[str, str]
) -> Iterator[Reply]:
    """The values of one parameter that begin like `current`."""
    command = ctx.command_path.partition(" ")[2]
    name = param.name or ""
    which = _VALUES.get(f"{command}.{name}") or _VALUES.get(name)
    if which is None or isinstance(param.type, click.Choice | click.Path):
        for item in param.shell_complete(ctx, current):
            kind = item.type if item.type in ("file", "dir") else "word"
            if kind != "word" or str(item.value).startswith(current):
                yield kind, str(item.value), item.help or ""
        return
    from pdutui.cli.complete_names import Names

    done, current = _of_a_list(current) if which in _LISTS else ("", current)
    given = ctx.params.get("config_file")
    names = Names(given if isinstance(given, Path) else None, env)
    there = set(ctx.params.get(name) or ()) if param.nargs == -1 else set()
    for value, text in names.of(which, str(ctx.params.get("target_text") or "")):
        if value.startswith(current) and value not in there:
            yield "word", done + value, text


def _of_a_list(current: str) -> tuple[str, str]:
    """What of a list stands, its last comma included, and the name that is being typed."""
    head, comma, tail = current.rpartition(",")
    return head + comma, tail


def _split(line: str) -> list[str]:
    """The words of a line that somebody is still typing; the last is empty behind a blank."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quote that is still open
        words.append(lexer.token)
        return words
    if line[-1:].isspace() and line[-2:-1] != "\\":
        words.append("")
    return words


def _cut(word: str, shells: str) -> int:
    """How much of the word bash leaves alone: it takes `:` and `=` for ends of words."""
    if shells in (":", "="):
        shells = ""
    shells = shells.lstrip("\"'")
    return len(word) - len(shells) if word.endswith(shells) else 0


def asked(cli: click.Group, shell: str, argv: Sequence[str]) -> str:
    """As `answer`, in this process's environment; bad files and names give nothing.

    `bash_source` and the like, which click's own scripts are asked for by, give the script.
    """
    if shell.removesuffix("_source") in SHELLS and shell.endswith("_source"):
        return script(shell.removesuffix("_source"))
    try:
        return answer(cli, shell, argv, os.environ)
    except (OSError, ValueError, ImportError, click.ClickException):
        return ""
