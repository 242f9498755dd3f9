"""A section that nobody mentions has its defaults, and what would read it is not loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pdutui.config import load_settings
from pdutui.config_sections import SECTIONS

READERS = {
    "control": "pdutui.config_control",
    "kiosk": "pdutui.config_kiosk",
    "alarms": "pdutui.config_alarms",
    "energy": "pdutui.config_energy",
    "impact": "pdutui.config_impact",
}


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "traps"])
def test_an_empty_section_says_what_none_says(section: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    without = load_settings(config=file, env={})
    file.write_text(f"[{section}]\n")
    assert load_settings(config=file, env={}) == without


def test_readers_are_loaded_for_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[kiosk]\nevery_s = 5\n")
    code = (
        "import sys; from pathlib import Path; from pdutui.config import load_settings;"
        f"s = load_settings(config=Path({str(file)!r}),"
        " env={'PDUTUI_IMPACT_LIMIT_PERCENT': '70'}, overrides={'control': {'read_only': True}});"
        "print(s.kiosk.every_s, s.impact.limit_percent, s.control.read_only);"
        "print(*sorted(m for m in sys.modules if m.startswith('pdutui.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    values, modules = ran.stdout.splitlines()
    assert values == "5.0 70.0 True"
    loaded = {section for section, reader in READERS.items() if reader in modules.split()}
    assert loaded == {"kiosk", "impact", "control"}
    assert "pdutui.backends.snmp.library" not in modules
