"""How the command ends: numbers that a cron job or a script can tell apart (those above 64 as in sysexits.h)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of ``dateline``."""

    FINE = 0
    SOME_FAILED = 1
    USAGE = 2
    DISK = 74
    LOCKED = 75
    INTERRUPTED = 130
    TERMINATED = 143
