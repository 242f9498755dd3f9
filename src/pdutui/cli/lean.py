"""Starting without what a start does not need."""

from __future__ import annotations

import sys


def leave_out_tls() -> None:
    """Load asyncio without OpenSSL, as on a Python that was built without it.

    Nothing that pdutui does in an event loop is encrypted by TLS, but for its page in the browser;
    SNMPv3 has its own ciphers. OpenSSL would be a twentieth of the time to the first frame, and a
    megabyte. Who asks for `ssl` itself gets it. Does nothing where asyncio is there already.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # this is how to say: not there
    try:
        import asyncio  # noqa: F401
    finally:
        del sys.modules["ssl"]
