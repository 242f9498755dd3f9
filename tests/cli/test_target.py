"""Which PDU a target means."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdutui.cli.exits import CliError
from pdutui.cli.target import TargetOptions, resolve_targets
from pdutui.settings import PduSettings, Settings

CONFIGURED = Settings(
    state_dir=Path("/nowhere"),
    pdus=(
        PduSettings(name="rack1-a", host="10.0.0.5", read_only=True),
        PduSettings(name="rack1-b", host="Pdu2.lan.", port=1161),
        PduSettings(name="rack1-c", host="fe80::0:1"),
        PduSettings(name="ring-1", host="10.0.0.7"),
        PduSettings(name="ring-2", host="10.0.0.7"),
        PduSettings(name="bench", host="", backend="mock"),
    ),
)


def meant(text: str, **options: int) -> str:
    (pdu,) = resolve_targets((text,), CONFIGURED, TargetOptions(**options), {})  # type: ignore[arg-type]
    return pdu.name


def test_the_address_of_a_configured_pdu_means_that_pdu(capsys: pytest.CaptureFixture[str]) -> None:
    assert meant("rack1-a") == "rack1-a"
    assert capsys.readouterr().err == ""
    for text in ("10.0.0.5", "10.0.0.5:161"):
        assert meant(text) == "rack1-a"
        assert capsys.readouterr().err == f"pdutui: note: {text} is rack1-a in the configuration\n"
    assert meant("pdu2.LAN:1161") == meant("pdu2.lan", port=1161) == "rack1-b"
    assert meant("[fe80:0::1]") == "rack1-c"
    for stranger in ("10.0.0.5:1161", "10.0.0.6", "pdu2.lan", "bench2"):
        assert meant(stranger) == stranger


def test_an_address_of_several_is_none_of_them() -> None:
    with pytest.raises(CliError, match=r"10\.0\.0\.7 is ring-1 and ring-2 in the configuration"):
        meant("10.0.0.7")
    with pytest.raises(CliError, match="rack1-a is named twice"):
        resolve_targets(("rack1-a", "10.0.0.5"), CONFIGURED, TargetOptions(), {})
