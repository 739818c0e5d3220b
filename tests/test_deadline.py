"""A bound on how long this process may be at one thing."""

from __future__ import annotations

import signal
import time

import pytest

from crawler.deadline import DeadlineError, deadline


def test_a_block_that_takes_too_long_is_left() -> None:
    with pytest.raises(DeadlineError), deadline(0.05):
        time.sleep(60)


def test_a_block_that_is_over_in_time_hears_nothing_later() -> None:
    with deadline(30.0):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
