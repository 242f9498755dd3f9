"""The console in a real browser: shown, alive, and not to be switched from."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.support import chromium

TOKEN = "correct-horse-battery"


@pytest.mark.skipif(chromium.FOUND is None, reason="Chromium is not installed")
async def test_a_browser_shows_the_console_and_cannot_switch_from_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    env = {
        **os.environ, "PDUTUI_SERVE_TOKEN": TOKEN, "PDUTUI_STATE_DIR": str(state),
        "XDG_CONFIG_HOME": str(tmp_path),
    }  # fmt: skip
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pdutui", "serve", "--demo", "--listen", "127.0.0.1:0",
        env=env, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stderr is not None
    said = (await server.stderr.readline()).decode()
    url = said.split()[-1]
    try:
        async with chromium.browser(tmp_path / "profile") as page:
            await page.go(url)
            await page.until("document.querySelector('input[name=token]') !== null")
            await page.js(f"document.querySelector('input').value = '{TOKEN}'")
            await page.js("document.querySelector('button').click()")
            await page.until("(window.heard || '').includes('rack1-a')")
            await page.until("window.heard.includes('LIVE') && window.heard.includes('READ-ONLY')")
            assert await page.js("location.search") == "", "no token in the address"
            await page.until("document.activeElement.className == 'xterm-helper-textarea'")
            before = await page.js("window.heard.length")
            await page.until(f"window.heard.length > {before}")  # it lives
            await page.js("window.t = 0; window.now = Date.now; Date.now = () => window.t += 13000")
            await page.until("document.querySelector('.quiet').offsetHeight > 0")  # as if it hung
            await page.js("Date.now = window.now")
            await page.until("document.querySelector('.quiet').offsetHeight == 0")
            await page.js("window.heard = ''")
            await page.press("f")
            await page.until("/read.only/i.test(window.heard)")
            await page.press("q")
            await page.until("document.body.classList.contains('-closed')")
            refused = [text for text in page.complaints if "Content Security" in text]
            assert not refused
    finally:
        server.terminate()
        rest = (await server.communicate())[1].decode()
    assert server.returncode == 0, rest
    assert TOKEN not in said + rest
    assert "Traceback" not in rest
