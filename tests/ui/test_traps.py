"""A trap on the console's event line, with the real engine under it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pdutui.app import PduApp
from pdutui.domain.clock import SystemClock
from pdutui.engine.engine import Engine
from pdutui.settings import PduSettings, Settings, TrapSettings
from pdutui.widgets.panel import Panel
from tests.engine.helpers import FakePdu
from tests.support.traps import OUTLET, OUTLET_OFF, send, v2_trap
from tests.ui.conftest import ACTOR


def events(app: PduApp) -> str:
    panel = app.console_screen.query_one("#events", Panel)
    return "\n".join(line.text for line in panel._drawn)


async def test_a_trap_is_on_the_event_line_within_200_ms_though_no_poll_is_answered(
    tmp_path: Path,
) -> None:
    clock = SystemClock()
    device = FakePdu("rack1-a", clock)  # type: ignore[arg-type]
    device.poll_takes = [1000.0]
    settings = Settings(
        state_dir=tmp_path,
        pdus=(PduSettings(name="rack1-a", host="127.0.0.1"),),
        traps=TrapSettings(enabled=True, host="127.0.0.1", port=0),
    )
    engine = Engine(settings, {"rack1-a": device}, clock=clock, store=None)
    app = PduApp(engine, settings, clock=clock, actor=ACTOR, env={})
    async with app.run_test(size=(120, 36)) as pilot:
        async with asyncio.timeout(5):
            while not (engine.trap_status and engine.trap_status.listening):
                await asyncio.sleep(0.01)
        await pilot.pause()
        port = int(engine.trap_status.listening.rpartition(":")[2])
        sent = time.perf_counter()
        send(port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))
        async with asyncio.timeout(3):
            while "outlet 3 turned off on the device" not in events(app):
                await asyncio.sleep(0.005)
        took = time.perf_counter() - sent
        assert took < 0.2, f"{1000 * took:.0f} ms"
    await engine.stop()
