"""What the report page shows, ready to be written: every number reckoned, every text as it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

Numbers = Sequence[float | None]  # one a day or week; may end before the page's time does, None: nothing is known
Kinds = Mapping[str, Sequence[int]]  # a kind of things → how many, each day or week
WEEK = 7


class Level(IntEnum):
    """How badly a person is needed, worst first."""

    ACT = 0
    LOOK = 1
    FINE = 2
    RESTS = 3  # not asked in this run, and well

    @property
    def word(self) -> str:
        """As it is written in a style's class."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that a person should look at, and the command that looks closer."""

    level: Level
    weight: float  # among those of a level: the heaviest first
    mark: str  # one or two words: "alarm", "failing", …
    about: str  # the name of a source, a host, or the run
    what: str
    command: str  # as it is typed, quoted for a shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the charts tell of a source, oldest first: stacks of kinds, and lines, by their names in sources.js."""

    kinds: Mapping[str, Kinds] = field(default_factory=dict)
    lines: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One source: its row in the table, and its charts."""

    name: str
    url: str  # where it is known; else its name
    level: Level
    state: str  # in a word or two: "failing", "well", …
    why: str = ""
    week: int  # articles of the last seven days
    usual_week: float | None  # what is usual in seven such days
    hours: float | None  # from publication to crawl, the middle article of the last days
    refused: float | None  # shares of 0…1
    undated: float | None
    doubtful: float | None  # of articles whose text is of low confidence
    removed: float | None  # texts an article
    ms: float | None  # the middle answer
    memory: str | None  # what the memory of its site says of its pages
    facts: Sequence[tuple[str, str]] = ()  # name and value, beside the charts
    by_day: Told = Told()
    by_week: Told = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """The whole page."""

    run: str
    said: str  # when it ran and how it ended, in a line
    tiles: Sequence[tuple[str, str, str]]  # name, value, and what it is made of
    needs: Sequence[Need]
    sources: Sequence[SourceView]
    first: dt.date  # of the days that the series begin with
    days: int  # whole weeks
    footer: str
