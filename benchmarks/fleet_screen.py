"""What the fleet screen costs with many PDUs: a second's tick, a key, bytes and CPU in a terminal.

    python benchmarks/fleet_screen.py [--seconds 20] [--pdus 50 500]

The modelled PDUs of `--demo --fleet N` poll at 1 Hz, everything changing. In a terminal of 120x36
the program runs as a whole, models and history included, on the fleet screen and on that of a PDU:
the difference is the fleet's. Ticks and keys are timed in one process, with no terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pdutui.app import PduApp
from pdutui.backends.mock.demo_fleet import fleet_backends, fleet_pdus
from pdutui.domain.clock import SystemClock
from pdutui.domain.commands import Actor
from pdutui.engine.engine import Engine
from pdutui.screens.fleet import FleetScreen
from pdutui.settings import HistorySettings, Settings, UiSettings
from pty_run import measure

KEYS = ("down", "pagedown", "pageup", "s", "G", "t", "end", "home")


class Timed:
    """How long something took, in milliseconds: the middle one and the longest."""

    def __init__(self, name: str) -> None:
        self.name, self.times = name, list[float]()

    def __str__(self) -> str:
        middle, longest = statistics.median(self.times), max(self.times)
        return f"  {self.name:<28}{middle:7.2f} ms, at most {longest:6.2f}"


async def inside(count: int, seconds: float) -> None:
    """Ticks and keys of a fleet, in this process."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            state_dir=Path(folder),
            pdus=fleet_pdus(count),
            history=HistorySettings(enabled=False),
            ui=UiSettings(color="truecolor", glyphs="unicode", start="fleet"),
        )
        engine = Engine(settings, fleet_backends(clock, count), clock=clock, store=None, quiet=True)
        app = PduApp(
            engine, settings, clock=clock, actor=Actor(user="bench", origin="console"), env={}
        )
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause(4)
            screen = app.screen
            assert isinstance(screen, FleetScreen)
            tick, frame = Timed("look and sort, a second"), Timed("draw what changed, a second")
            for _ in range(round(seconds)):
                began = time.process_time()
                screen._look()
                middle = time.process_time()
                screen.update()
                tick.times.append(1000 * (middle - began))
                frame.times.append(1000 * (time.process_time() - middle))
                await asyncio.sleep(1.0)
            print(tick)
            print(frame)
            for key in KEYS:
                timed = Timed(f"key {key}")
                for _ in range(10):
                    began = time.process_time()
                    await screen.run_action(_action(screen, key))
                    timed.times.append(1000 * (time.process_time() - began))
                    await pilot.pause(0)
                print(timed)


def _action(screen: FleetScreen, key: str) -> str:
    return next(binding.action for binding in screen._bindings.key_to_bindings[key])


def terminal(count: int, seconds: float) -> None:
    """The program as a whole in a pseudo-terminal."""
    with tempfile.TemporaryDirectory() as folder:
        for start in ("fleet", "pdu"):
            config = Path(folder) / f"{start}.toml"
            config.write_text(f'[ui]\nstart = "{start}"\n')
            env = {"PDUTUI_STATE_DIR": f"{folder}/{start}", "XDG_CONFIG_HOME": folder}
            console = [
                sys.executable, "-m", "pdutui", "run", "--demo", "--fleet", str(count),
                "--config", str(config),
            ]  # fmt: skip
            got = measure(console, warmup_s=12.0, seconds=seconds, marker="live", env=env)
            print(
                f"  {start} screen, 120x36:".ljust(30) + f"{got.bytes_per_s:7.0f} B/s"
                f" {got.cpu_percent:6.2f} % CPU {got.rss_mb:6.1f} MB"
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--pdus", type=int, nargs="+", default=[50, 500])
    given = options.parse_args()
    for count in given.pdus:
        print(f"{count} PDUs")
        asyncio.run(inside(count, given.seconds / 2))
        terminal(count, given.seconds)


if __name__ == "__main__":
    main()
