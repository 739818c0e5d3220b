"""What goes to a crawling process and what comes back; both pickled, between programs of one version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.cluster.units import Unit
from crawler.told import Told

if TYPE_CHECKING:
    from crawler.state import Url


def collection_of(settings: Mapping[str, Any]) -> str:
    """Where the lines go that a process of these settings writes."""
    return str(settings.get("DATELINE_OUTPUT") or settings["DATELINE_DATA"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one process is to crawl. Its text names no password."""

    id: str
    spider: str
    units: tuple[Unit, ...]
    state: Url
    settings: Mapping[str, Any] = field(repr=False)  # of Scrapy, less what names the units
    lease_s: float  # after which what a silent process holds is another's
    place: str | None = None  # among the processes, where it is to finish what was left there
    max_time_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Come:
    """How far a process has come, told with each beat."""

    found: int = 0
    saved: int = 0
    refused: int = 0
    done: int = 0  # units


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The end of a task."""

    work: Work
    told: Told | None  # None where it died
    why: str = ""  # it died, in a few words
    come: Come = field(default_factory=Come)  # how far it had come by its last word
