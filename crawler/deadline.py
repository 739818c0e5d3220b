"""A bound on how long this process may be at one thing that a stranger has written."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class DeadlineError(BaseException):
    """Something has used up its time. Not an Exception, so that no library's broad except swallows it."""


@contextlib.contextmanager
def deadline(seconds: float, *, cpu_s: float | None = None) -> Iterator[None]:
    """Raise DeadlineError in the block when its time is over, or so much CPU time of this process.

    For a process's main thread, one block at a time.
    """
    timers = [(signal.ITIMER_REAL, signal.SIGALRM, seconds)]
    if cpu_s is not None:
        timers.append((signal.ITIMER_PROF, signal.SIGPROF, cpu_s))
    try:
        for timer, number, after_s in timers:
            signal.signal(number, _raise)
            signal.setitimer(timer, after_s)
        yield
    finally:
        for timer, _, _ in timers:
            signal.setitimer(timer, 0)


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise DeadlineError
