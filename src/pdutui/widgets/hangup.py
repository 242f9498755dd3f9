"""What a SIGHUP means: the terminal has gone, or somebody asks for the configuration to be read."""

from __future__ import annotations

import select
import termios


def terminal_there(fd: int) -> bool:
    """Whether the terminal behind a descriptor still is one.

    The kernel marks it hung up before it sends the signal, so that a SIGHUP that comes with the
    end of an SSH session is never taken for a wish. Where the signal comes first all the same, as
    from a terminal program that announces its end, the end of the input follows and is seen then.
    """
    if fd < 0:
        return False
    try:
        termios.tcgetattr(fd)
    except (termios.error, OSError, ValueError):
        return False
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
    return not any(events & gone for _, events in poll.poll(0))
