"""Headless Chromium, driven through its debugging port: as much of it as a test needs."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

FOUND = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1200,800",
)  # fmt: skip
_HEAR = """
window.heard = '';
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', async (event) => {
      if (typeof event.data === 'string') return;
      const bytes = event.data instanceof Blob ? await event.data.arrayBuffer() : event.data;
      window.heard += new TextDecoder().decode(bytes);
    });
  }
};
"""
"""Keeps what the page's websockets bring, since the terminal draws on a canvas."""


class Page:
    """The one page of a browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.complaints: list[str] = []
        """What went wrong in the page: errors, and what its policy did not let in."""

    async def do(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json(timeout=20)
            if answer.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(str(answer["params"])[:400])
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    async def js(self, expression: str) -> Any:
        got = await self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        return got["result"].get("value")

    async def go(self, url: str) -> None:
        await self.do("Page.navigate", url=url)

    async def until(self, expression: str, seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not await self.js(expression):
                await asyncio.sleep(0.1)

    async def press(self, text: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.do("Input.dispatchKeyEvent", type=kind, key=text,
                          text=text if kind == "keyDown" else "")  # fmt: skip

    async def picture(self, path: Path) -> None:
        got = await self.do("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(got["data"]))


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """A browser with nothing in it, its profile in `folder`."""
    assert FOUND is not None
    process = await asyncio.create_subprocess_exec(
        FOUND, *_FLAGS, f"--user-data-dir={folder}", "about:blank",
        stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port_file = folder / "DevToolsActivePort"
        async with asyncio.timeout(30):
            while not port_file.exists() or "\n" not in port_file.read_text():
                await asyncio.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        async with aiohttp.ClientSession() as session:
            targets = await (await session.get(f"http://127.0.0.1:{port}/json/list")).json()
            url = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
            async with session.ws_connect(url, max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await page.do(f"{domain}.enable")
                await page.do("Emulation.setFocusEmulationEnabled", enabled=True)
                await page.do("Page.addScriptToEvaluateOnNewDocument", source=_HEAR)
                yield page
    finally:
        process.terminate()
        await process.wait()
