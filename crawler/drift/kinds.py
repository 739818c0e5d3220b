"""The ways in which a source can drift, and what was found of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Drift(StrEnum):
    """A way in which a source is not as it was; the worst first."""

    FAILED = "failed"
    WALLS = "blocked"
    SILENCE = "silence"
    EMPTY = "empty or short bodies"
    UNDATED = "undated"
    FEWER = "fewer articles"
    DATES = "date format"
    LATE = "lead time"
    REMOVED = "removed text"
    MISMATCH = "memory mismatch"


SEVERE = frozenset({Drift.FAILED, Drift.WALLS, Drift.SILENCE, Drift.EMPTY, Drift.UNDATED})
# where one of the first is known, the others are what comes of it
CAUSES = frozenset({Drift.FAILED, Drift.WALLS, Drift.EMPTY})
EFFECTS = frozenset({Drift.SILENCE, Drift.FEWER})


class Sign(Enum):
    """What the last crawls say."""

    OFF = auto()  # not as usual, beyond chance
    UNCLEAR = auto()  # too little to say
    WELL = auto()  # as usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way, held against the source's past."""

    kind: Drift
    sign: Sign
    usual: str = ""
    now: str = ""
