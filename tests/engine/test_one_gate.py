"""There is one way to a device's command, and it leads through the gate."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pdutui"
COMMANDS = ("command", "command_pdu")
SENDER = "engine/sending.py"
GATE = "engine/gate.py"
WRITERS = {
    "backends/snmp/backend.py": "a command of a device, as the backend puts it on the wire",
    "backends/snmp/writer.py": "the request itself",
    "backends/snmp/v3_writer.py": "the request itself",
}
"""Where something named `set` is called with an OID: nothing else may write to a device."""


def ways_to_a_command(source: str) -> Iterator[int]:
    """The lines that reach for `command` or `command_pdu` of anything.

    A reference counts as much as a call, and so does `getattr`. Decorators of the command line
    (`@config.command()`) are none.
    """
    tree = ast.parse(source)
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    decorating = {
        id(part)
        for function in functions
        for decorator in function.decorator_list
        for part in ast.walk(decorator)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in COMMANDS:
            if id(node) not in decorating:
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("getattr", "methodcaller", "attrgetter")
        ):
            words = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
            if any(word in COMMANDS for word in words):
                yield node.lineno


def importers_of_the_sender(source: str) -> bool:
    """Whether a module imports `engine.sending`, by any spelling, now or later."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            if any(alias.name == "pdutui.engine.sending" for alias in node.names):
                return True
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if (node.module or "").endswith("sending") or "sending" in names:
                return True
        elif isinstance(node, ast.Constant) and node.value == "pdutui.engine.sending":
            return True
    return False


def sources(*words: str) -> dict[str, str]:
    """The modules that have one of the words in them; the others cannot be meant."""
    texts = {
        path.relative_to(SOURCE).as_posix(): path.read_text("utf-8")
        for path in SOURCE.rglob("*.py")
    }
    return {name: text for name, text in texts.items() if any(word in text for word in words)}


def test_only_the_sender_reaches_for_a_command_of_a_backend() -> None:
    reached = {
        name: list(ways_to_a_command(text))
        for name, text in sources(".command", "getattr", "methodcaller", "attrgetter").items()
    }
    found = {name: lines for name, lines in reached.items() if lines}
    assert set(found) == {SENDER}
    assert len(found[SENDER]) == 2


def test_only_the_gate_knows_the_sender() -> None:
    texts = sources("sending")
    assert {name for name, text in texts.items() if importers_of_the_sender(text)} == {GATE}


def test_only_the_backend_of_snmp_writes_to_a_device() -> None:
    found = set()
    for name, text in sources(".set(").items():
        for node in ast.walk(ast.parse(text)):
            is_set = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_set and node.func.attr == "set" and "oid" in ast.unparse(node):
                found.add(name)
    assert found == set(WRITERS)


@pytest.mark.parametrize(
    "cheat",
    [
        "await pdu.backend.command(3, 'off', print)",
        "send = partial(backend.command_pdu, 'all_off')",
        "getattr(backend, 'command')(3, 'off', print)",
        "operator.methodcaller('command', 3, 'off', print)(backend)",
        "@run(backend.command)\nasync def f(): await backend.command(3, 'off', print)",
    ],
)
def test_the_search_finds_who_goes_round(cheat: str) -> None:
    body = cheat if cheat.startswith("@") else f"async def f(): {cheat}"
    assert list(ways_to_a_command(body))


@pytest.mark.parametrize(
    "cheat",
    [
        "from pdutui.engine.sending import send",
        "from pdutui.engine import sending",
        "import pdutui.engine.sending as s",
        "from .sending import send",
        "importlib.import_module('pdutui.engine.sending')",
    ],
)
def test_the_search_finds_who_imports_the_sender(cheat: str) -> None:
    assert importers_of_the_sender(f"def f():\n    {cheat}")


def test_the_search_knows_a_command_of_the_command_line() -> None:
    assert not list(ways_to_a_command("@config.command('list')\ndef f(): pass"))
