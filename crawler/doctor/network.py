"""What sources answer when they are knocked at: names that resolve, servers that answer, clocks that agree; pure."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.doctor.findings import Finding, note, ok, problem
from crawler.doctor.places import CLOCKS_DIFFER

LEAST_CLOCKS = 2  # servers whose clocks disagree with ours, before ours is doubted


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What came of a request for a source's robots.txt."""

    name: str  # of the source
    url: str
    status: int | None = None  # of HTTP
    why: str = ""  # there was no answer
    ahead: dt.timedelta | None = None  # of our clock: that of the answer's Date header (RFC 9110 §6.6.1)


def judge_knocks(knocks: Sequence[Knock], left: int) -> Iterator[Finding]:
    """What the answers say of the network and the clock; ``left`` more were not asked."""
    silent = [knock for knock in knocks if knock.status is None]
    if not knocks:
        yield note("network", "no source is known to be asked", "name them with --sources FILE")
        return
    for knock in silent:
        yield problem("network", f"{knock.name}: {knock.url}: {knock.why}", _advice(knock.why))
    if len(silent) == len(knocks) > 1:
        yield problem("network", "none of them answered", "it is more likely this machine's own line: try ping or curl")
    elif not silent:
        more = f"; {left:,} more were not asked" if left else ""
        yield ok("network", f"{len(knocks):,} {_sources(len(knocks))} asked for robots.txt answered{more}")
    yield from _clock(knocks)


def _clock(knocks: Sequence[Knock]) -> Iterator[Finding]:
    told = [knock.ahead.total_seconds() for knock in knocks if knock.ahead is not None]
    if not told:
        return
    median = dt.timedelta(seconds=round(statistics.median(told)))
    how = f"{abs(median)} {'ahead of' if median < dt.timedelta(0) else 'behind'} the clocks of {len(told)} servers"
    if abs(median) <= CLOCKS_DIFFER:
        yield ok("clock", f"within {int(CLOCKS_DIFFER.total_seconds() // 60)} min of the clocks of {len(told)} servers")
    elif len(told) < LEAST_CLOCKS:
        yield note("clock", f"it is {how}", "it may be the server's: ask more sources")
    else:
        yield problem("clock", f"it is {how}", "set the machine's clock; dates of crawling are wrong")


def _advice(why: str) -> str:
    if "not found" in why:
        return "is the name right, and does this machine resolve names?"
    if "certificate" in why:
        return "is the server's certificate valid, and are this machine's (ca-certificates) up to date?"
    if "--allow" in why:
        return "a private address: doctor --allow permits it, as crawl does"
    return "try again later; if it stays so, look for the site's new address"


def _sources(number: int) -> str:
    return "source" if number == 1 else "sources"
