"""What a run did, counted: every address found ends in exactly one outcome."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.delivery import write_whole
from crawler.history import Account, Memory, counts
from crawler.identity import address_digest
from crawler.items import Outcome, Reason, Removed
from crawler.record import safe_json, utc_stamp

WRITTEN = frozenset({Outcome.SAVED, Outcome.UPDATED})
MAX_LISTED = 1000  # addresses that were not written, listed one by one in the report


@dataclass(slots=True, kw_only=True)
class SourceTally(Account):
    """What came of one start address, feed or sitemap."""

    failed: str | None = None
    memory: Memory | None = None  # of its site, after the last page
    page: str | None = None  # the last address that gave an article or was refused as a page

    def add(self, other: Account) -> None:
        """Add what another process has counted of it; the last word on how it is counts."""
        Account.add(self, other)  # a class with slots is another one than its body's, which super() would look for
        if isinstance(other, SourceTally):
            self.failed = other.failed
            self.memory = other.memory or self.memory
            self.page = other.page or self.page


_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+\.json")  # of a run's report; profiles stand beside it


def new_run(now: dt.datetime) -> str:
    """An id for a run that begins now (UTC); ids are in the order of their runs, within a second too.

    >>> moment = dt.datetime(2025, 4, 26, 7, tzinfo=dt.UTC)
    >>> new_run(moment) < new_run(moment + dt.timedelta(microseconds=1)) < new_run(moment + dt.timedelta(seconds=1))
    True
    """
    return f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond:05x}{secrets.token_hex(1)}"


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write a run's report into its data folder; OSError where that cannot be."""
    write_whole(folder / "reports" / f"{report['run']}.json", (safe_json(report, indent=1) + "\n").encode())


def reports_in(folder: Path) -> list[Path]:
    """The reports of the runs of a data folder, the newest first: their names begin with the moment of the run."""
    found = (folder / "reports").glob("*.json")
    return sorted((path for path in found if _NAME.fullmatch(path.name)), reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A source that has given nothing for some time."""

    since: dt.datetime
    times: int  # in a row
    why: str
    again: dt.datetime  # when it is asked next


class Tally:
    """The counts of a run as it goes."""

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.reasons: Counter[Reason] = Counter()
        self.removed: Counter[str] = Counter()
        self.sources: dict[str, SourceTally] = {}  # by address
        self.names: dict[str, str] = {}  # address of a source of this run → its name
        self.statuses: Counter[str] = Counter()  # of the addresses that ended with an HTTP status
        self.listed: list[dict[str, str]] = []
        self.passed_over: dict[str, int] = {}  # addresses named and not fetched, by why
        self.resting: dict[str, dt.datetime] = {}  # sources that were not due, and when they are
        self.paused: dict[str, str] = {}  # hosts of which no more was asked, and why
        self.failing: dict[str, Failing] = {}  # asked in this run or not
        self.found = 0  # addresses; of an archive, each of their captures
        self._open: dict[bytes, str] = {}  # found and not ended yet: digest of the address → source
        self._ended: set[bytes] = set()

    @property
    def saved(self) -> int:
        """How many lines were written: new articles and new versions."""
        return sum(self.outcomes[outcome] for outcome in WRITTEN)

    @property
    def refused(self) -> int:
        """How many addresses ended without a line."""
        return self.outcomes.total() - self.saved - self.deferred

    @property
    def deferred(self) -> int:
        """How many addresses were found and left for the next run."""
        return self.outcomes[Outcome.DEFERRED]

    def find(self, url: str, source: str) -> None:
        """Count an address as found by a source; the first source counts."""
        digest = address_digest(url)
        if digest not in self._open and digest not in self._ended:
            self._open[digest] = source
            self.found += 1
            self.source(source).found += 1

    def find_again(self, url: str, source: str) -> None:
        """Count another capture of an address, which is to end once more."""
        self._ended.discard(address_digest(url))
        self.find(url, source)

    def has_ended(self, url: str) -> bool:
        """Whether the address has come to its end."""
        return address_digest(url) in self._ended

    def forget_ended(self) -> None:
        """Hold no longer which addresses have ended, of which there may be millions; the counts stay."""
        self._ended.clear()

    def source_of(self, url: str) -> str:
        """The source that named an address which has not ended yet; else the address itself."""
        return self._open.get(address_digest(url), url)

    def end(self, url: str, outcome: Outcome, *, reason: Reason | None = None, detail: str = "") -> bool:
        """Count how an address ended; False, and nothing counted, when it had ended before."""
        digest = address_digest(url)
        if digest in self._ended:
            return False
        if digest not in self._open:
            self.find(url, url)
        source = self._open.pop(digest)
        self._ended.add(digest)
        self.outcomes[outcome] += 1
        own = self.source(source)
        own.outcomes[outcome] += 1
        if reason is not None:
            self.reasons[reason] += 1
            own.reasons[reason] += 1
        if reason is not None or outcome in WRITTEN:
            own.page = url
        if outcome is Outcome.HTTP_STATUS:
            self.statuses[detail] += 1
        if outcome not in WRITTEN and len(self.listed) < MAX_LISTED:
            self.listed.append({"url": url, "outcome": outcome, "why": detail or (reason or "")})
        return True

    def end_open(self) -> None:
        """Count what was found and never came to an end (a budget, a stop) as left to the next run."""
        for digest, source in self._open.items():
            self._ended.add(digest)
            self.outcomes[Outcome.DEFERRED] += 1
            self.source(source).outcomes[Outcome.DEFERRED] += 1
        self._open.clear()

    def cut(self, removed: Iterable[Removed]) -> None:
        """Count the notices that were taken out of a saved article."""
        self.removed.update(cut.kind.value for cut in removed)

    def add(self, other: Tally) -> None:
        """Add what another process of the same run has counted, after its end."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.removed.update(other.removed)
        self.statuses.update(other.statuses)
        for why, number in other.passed_over.items():
            self.passed_over[why] = self.passed_over.get(why, 0) + number
        for url, tally in other.sources.items():
            self.source(url).add(tally)
        self.names |= other.names
        self.resting |= {url: due for url, due in other.resting.items() if url not in self.sources}
        self.paused |= other.paused
        self.failing |= other.failing
        self.listed += other.listed[: MAX_LISTED - len(self.listed)]
        self.found += other.found

    def fail(self, source: str, why: str) -> None:
        """Note a source that gave nothing."""
        self.source(source).failed = why

    @property
    def failed_sources(self) -> dict[str, str]:
        """The sources that gave nothing, and why."""
        return {url: tally.failed for url, tally in self.sources.items() if tally.failed is not None}

    def as_json(self) -> dict[str, Any]:
        """The counts for the run's report, keys in a stable order."""
        return {
            "found": self.found,
            "passed_over": self.passed_over,
            "saved": self.saved,
            "deferred": self.deferred,
            "outcomes": counts(self.outcomes),
            "reasons": counts(self.reasons),
            "removed": counts(self.removed),
            "names": dict(sorted(self.names.items())),
            "sources": {
                url: {
                    "name": self.names.get(url, url),
                    **tally.as_json(),
                    "memory": tally.memory,
                    "failed": tally.failed,
                }
                for url, tally in sorted(self.sources.items())
            },
            "resting": {url: utc_stamp(due) for url, due in sorted(self.resting.items())},
            "failing": {
                url: {
                    "since": utc_stamp(failing.since),
                    "times": failing.times,
                    "why": failing.why,
                    "again": utc_stamp(failing.again),
                }
                for url, failing in sorted(self.failing.items())
            },
            "paused": dict(sorted(self.paused.items())),
            "not_saved": self.listed,
        }

    def source(self, url: str) -> SourceTally:
        """What is counted of a source, by its address."""
        return self.sources.setdefault(url, SourceTally())
