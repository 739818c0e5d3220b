"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended; a note is worth a look, and no fault."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    level: Level
    said: str
    advice: str = ""


def ok(check: str, said: str) -> Finding:
    """All is well."""
    return Finding(check=check, level=Level.OK, said=said)


def note(check: str, said: str, advice: str = "") -> Finding:
    """Worth a look."""
    return Finding(check=check, level=Level.NOTE, said=said, advice=advice)


def problem(check: str, said: str, advice: str) -> Finding:
    """Something is wrong."""
    return Finding(check=check, level=Level.PROBLEM, said=said, advice=advice)
