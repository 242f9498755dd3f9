"""What the project promises of itself: the README's commands, the pins, the import rules."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRY_IT = (
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt . "
    "&& .venv/bin/pdutui --demo"
)
TEST_IT = (
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e '.[test]' "
    "&& .venv/bin/pytest"
)


def tracked() -> list[Path]:
    """The project's files, as git has them."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_readme_has_exactly_the_two_set_up_commands() -> None:
    lines = [line.strip() for line in (ROOT / "README.md").read_text().splitlines()]
    assert [line for line in lines if "venv" in line and "pip" in line] == [TRY_IT, TEST_IT]


def test_the_pins_are_exact_and_cover_what_is_asked_for() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)
    names = {_plain(pin.partition("==")[0]) for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    missing = {_plain(re.split(r"[<>=;\s]", one, maxsplit=1)[0]) for one in wanted} - names
    assert not missing


def test_the_pinned_versions_are_those_under_test() -> None:
    from importlib.metadata import PackageNotFoundError, version

    differ = []
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, _, pinned = line.partition("==")
        try:
            if pinned and version(name) != pinned:
                differ.append(f"{name} {version(name)}, pinned {pinned}")
        except PackageNotFoundError:
            continue
    if differ:
        pytest.skip(f"not installed with -c constraints.txt: {', '.join(differ)}")


def test_the_product_speaks_of_itself_only() -> None:
    forbidden = re.compile(r"/work/|/tmp/venv|/root/|issue\s*#?\d|GROUNDWORK|OIDS\.md", re.I)
    for path in tracked():
        if path.suffix in (".py", ".md", ".toml", ".txt", "") and path != Path(__file__):
            found = forbidden.search(path.read_text("utf-8", errors="replace"))
            assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_files_stay_small() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 500, path.relative_to(ROOT)


def test_the_layers_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
