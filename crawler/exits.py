"""How the command ends: numbers that a cron job can tell apart (70 to 75 as in sysexits.h; 128 and a signal's)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of ``dateline``."""

    FINE = 0
    SOME_FAILED = 1
    USAGE = 2
    ALARMS = 3
    BROKEN = 70
    DISK = 74
    LOCKED = 75
    INTERRUPTED = 130
    TERMINATED = 143
