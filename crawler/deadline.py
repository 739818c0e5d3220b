"""A bound on how long this process may be at one thing that a stranger has written."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class DeadlineError(BaseException):
    """Something has used up its time. Not an Exception, so that no library's broad except swallows it."""


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise DeadlineError in the block when its time is over; for a process's main thread, one block at a time."""
    signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise DeadlineError
