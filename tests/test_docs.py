"""The documentation: links and anchors, the site's contents, what is made from the program."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from pdutui.cli.commands import COMMANDS
from pdutui.cli.completion import completion
from pdutui.cli.main import cli

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(page: Path) -> str:
    """The text of a page without its listings, in which brackets are no links."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


def anchors(page: Path) -> set[str]:
    """The anchors of a page, where the site and GitHub agree on them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", text_of(page), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        site = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
        github = re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
        if site == github:
            found.add(site)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_anchors_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(_CODE.sub("``", text_of(page))):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        there = page if not name else (page.parent / name).resolve()
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target
        if page.parent == DOCS and page.name != "changelog.md":
            assert DOCS in there.parents, f"{target} is not in the site"


def test_the_site_has_every_page_once() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r": ([\w-]+\.md)$", nav, re.M)
    assert sorted(listed) == sorted(page.name for page in DOCS.glob("*.md"))


def test_pictures_are_small_and_used() -> None:
    texts = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (DOCS / "images").iterdir():
        assert picture.stat().st_size < 150_000, picture.name
        assert f"images/{picture.name}" in texts, picture.name


def tool(name: str) -> ModuleType:
    """A program beside the documentation."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_manual_page_is_up_to_date() -> None:
    written = (ROOT / "man" / "pdutui.1").read_text(encoding="utf-8")
    assert written == tool("make_man").page(), "python docs/make_man.py"


def test_the_manual_page_is_drawn_without_a_warning() -> None:
    man = shutil.which("man")
    if man is None or shutil.which("groff") is None:
        pytest.skip("no man")
    done = subprocess.run(
        [man, "--warnings", "-l", "-Tutf8", "-Z", str(ROOT / "man" / "pdutui.1")],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("shell", "file"), [("bash", "pdutui.bash"), ("zsh", "_pdutui"), ("fish", "pdutui.fish")]
)
def test_completions_that_are_installed_are_those_that_are_printed(shell: str, file: str) -> None:
    printed = CliRunner().invoke(completion, [shell]).stdout
    assert (ROOT / "completions" / file).read_text(encoding="utf-8") == printed


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words of every `pdutui` in the listings of a page, and in its running text."""
    text = re.sub(r"\\\n\s+", "", page.read_text(encoding="utf-8"))
    listed = re.findall(r"^    (?:\$ )?pdutui (?!:)(.*)$", text, re.M)
    told = re.findall(r"(?<!`)`pdutui ([^`]+)`", text)
    for line in (*listed, *told):
        # What may be left out is tried as well; of several that exclude each other, the first.
        line = re.sub(r"(?<=[^ |])\|[^\s\]]+|\s\|\s--[^\]]*(?=\])", "", line)
        lexer = shlex.shlex(re.sub(r"[\[\]]", "", line), posix=True, punctuation_chars="|&;<>()")
        lexer.whitespace_split = True
        words = list(itertools.takewhile(lambda word: word[0] not in "|&;<>()", lexer))
        if "..." not in words and "…" not in words:
            yield ["7" if word == "N" else word for word in words]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_written_as_they_are(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in command_lines(page):
        command: click.Command = cli
        ctx = click.Context(cli, info_name="pdutui", **cli.context_settings)
        rest = words if words[0] in (*COMMANDS, "--version", "--help") else ["run", *words]
        try:
            while isinstance(command, click.Group) and rest and rest[0][0] != "-":
                found = command.get_command(ctx, rest[0])
                assert found is not None, f"pdutui {' '.join(words)}"
                command, (name, *rest) = found, rest
                if isinstance(command, click.Group):
                    ctx = click.Context(command, info_name=name, parent=ctx)
                else:
                    ctx = command.make_context(name, list(rest), parent=ctx)
        except (click.MissingParameter, click.BadOptionUsage):
            continue  # a command or an option that the text names
        except click.UsageError as error:
            pytest.fail(f"pdutui {' '.join(words)}: {error.message}")
        except click.exceptions.Exit:
            continue
