"""The `pdutui` command: a group of sub-commands, each loaded only when it is asked for.

Nothing here imports textual, pysnmp or plotext: `--version`, `--help` and every headless command
start without them.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import click

from pdutui import __version__
from pdutui.cli.commands import COMMANDS, IMPLIED
from pdutui.cli.exits import BAD_NEWS, BROKEN_PIPE, DONE, INTERRUPTED, USAGE, CliError
from pdutui.cli.lazy import items, load_command
from pdutui.cli.lean import leave_out_tls
from pdutui.config_errors import ConfigError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class ReaderGone(Exception):
    """Whoever read our output went away (`| head`)."""


class LazyGroup(click.Group):
    """Loads a sub-command when it is asked for; without one, the console is meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name != "serve":
            leave_out_tls()
        command = load_command(COMMANDS[cmd_name])
        if cmd_name != "run":
            gc.enable()
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of anything that is neither a command nor an option of the group."""
        own = (*COMMANDS, "--version", "--help", "-h")
        if not ctx.resilient_parsing and (not args or args[0] not in own):
            args = ["run", *args]
            ctx.meta[IMPLIED] = True
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands that begin so, without importing them; then the options."""
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*items(COMMANDS, incomplete), *options]

    def invoke(self, ctx: click.Context) -> object:
        """Run the sub-command; click would make exit code 1 of a broken pipe."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands for `--help`, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="[COMMAND | HOST ...] [OPTIONS]",
    epilog="Without a command the console opens: pdutui --demo, pdutui HOST, or just pdutui where "
    "there is a configuration. 'pdutui COMMAND --help' says more.",
)
@click.version_option(__version__, prog_name="pdutui", message="%(prog)s %(version)s")
def cli() -> None:
    """The terminal console for rack power."""


def main(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code; errors go to standard error."""
    shell = os.environ.get("_PDUTUI_COMPLETE")
    if shell:
        from pdutui.cli.complete import asked

        click.echo(asked(cli, shell, argv), nl=False)
        return DONE
    try:
        result = cli.main(args=list(argv), prog_name="pdutui", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except ConfigError as error:
        _complain(str(error))
        return USAGE
    except CliError as error:
        _complain(str(error))
        return error.code
    except ReaderGone:
        _forget_output()
        return BROKEN_PIPE
    except OSError as error:
        if error.errno not in _CANNOT_WRITE or error.filename is not None:
            raise
        _forget_output()
        _complain(f"the output cannot be written: {error.strerror}")
        return BAD_NEWS
    return result if isinstance(result, int) else DONE


def _forget_output() -> None:
    """Keep the interpreter from writing what is left of the output where it cannot go, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stand_in_for_closed_streams() -> None:
    """Put /dev/null where standard input, output or error was closed.

    Else the database or a socket would get that number, and what is printed would go into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            stream = open(number, "r" if number == 0 else "w", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)  # where Textual looks


def entry() -> NoReturn:
    """The console script."""
    sys.excepthook = _last_words
    _stand_in_for_closed_streams()
    # Loading a program makes no garbage worth collecting; looking for it all the same takes a tenth
    # of the start. The console switches it on again when its first figures are up.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not a crash.
            stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _complain(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"pdutui: {line}", err=True)


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An error nobody foresaw, in one line; `PDUTUI_DEBUG=1` shows where it came from."""
    if os.environ.get("PDUTUI_DEBUG"):
        import traceback

        traceback.print_exception(kind, error, trace)
        return
    _complain(f"internal error: {kind.__name__}: {error} (PDUTUI_DEBUG=1 shows where)")
