"""What is answered when a person asks why: what the state knows of the address, and what the page says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.extraction.explain import Explanation
from crawler.items import Outcome
from crawler.policy import Policy
from crawler.state.whereabouts import Ending, StandingLine, Whereabouts, Written
from crawler.verdict import Ended, is_final

# in place of a bare name of an outcome, where that would leave a reader guessing
_MEANT = {
    Outcome.ROBOTS: "robots.txt forbids it",
    Outcome.REFUSED_ADDRESS: "its host or port is none that is asked",
    Outcome.DEFERRED: "left to the next run",
    Outcome.RESERVED: "its site asks not to keep it, or reserves the mining of it",
    Outcome.SOFT_404: "an error page",
    Outcome.BLOCKED: "a block or consent page in its place",
    Outcome.DUPLICATE: "the same article as at another address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known beside the page."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that is told of one page; ``explanation`` is None where its page was not looked at."""

    name: str  # the file or address that was asked about
    known: tuple[Fact, ...] = ()
    read: tuple[Fact, ...] = ()  # how the page came, and with what it was read
    explanation: Explanation | None = None


def facts_of(known: Whereabouts, policy: Policy, now: dt.datetime) -> Iterator[Fact]:
    """What the state knows of an address, in the order of a reader's questions."""
    if known.is_older:
        yield Fact(name="state", text="written by an earlier version of dateline; the next run brings it up to date")
        return
    if known.ending is None:
        waits = known.waiting is not None
        yield Fact(name="outcome", text="its page waits in the state" if waits else "no run has ended this address")
    else:
        yield from _ended(known.ending, policy, is_written=known.article is not None)
        if known.told and known.told.why:
            yield Fact(name="report", text=f"of run {known.told.run}: {known.told.outcome}: {known.told.why}")
    if known.waiting is not None:
        yield Fact(name="waiting", text="kept until enough pages of its site are known, or the run's end")
    if known.article:
        written_at = known.article.url or (str(known.line.record.get("url")) if known.line else "")
        yield from _article(known.article, written_at, now)
    if known.line:
        yield from _line(known.line)
    elif known.article:
        yield Fact(name="line", text="stands in none of the files that the crawl has written")
    for source in known.sources if known.article is None else ():
        failed = f", failed {source.failures:,} times in a row: {source.why}" if source.failures else ""
        yield Fact(name="source of its site", text=f"{source.url}, asked {source.asked_at[:16]}{failed}")


def _ended(ending: Ending, policy: Policy, *, is_written: bool) -> Iterator[Fact]:
    parts = [str(ending.outcome)]
    parts += [f"{ending.status}"] if ending.status else []
    parts += [f": {ending.reason}"] if ending.reason else []
    parts += [f" ({_MEANT[ending.outcome]})"] if ending.outcome in _MEANT and not ending.reason else []
    parts += [f", published {ending.day}"] if ending.day else []
    joined = parts[0] + "".join(part if part[0] in ":, " else f" {part}" for part in parts[1:])
    yield Fact(name="outcome", text=joined)
    yield Fact(name="when", text=f"{ending.at}, {_times(ending.tries)}")
    if is_written:
        return
    ended = Ended(url="", outcome=ending.outcome, at="", reason=ending.reason, status=ending.status, day=ending.day)
    is_last = is_final(ended, ending.tries, policy)
    said = "not asked for again" if is_last else "asked for again by the next run that finds it"
    yield Fact(name="next look", text=f"{said}; a source named it last about {ending.named_on}")


def _times(tries: int) -> str:
    return {0: "it had no say yet", 1: "tried once"}.get(tries, f"tried {tries:,} times")


def _article(article: Written, written_at: str, now: dt.datetime) -> Iterator[Fact]:
    yield Fact(name="article", text=f"{article.id}, version {article.version:,}, first seen {article.first_seen}")
    if not article.is_from_here:
        where = f": {written_at}" if written_at else ""
        yield Fact(name="duplicate", text=f"the article was written from another address{where}")
    looked = f"last looked at {article.looked}; " if article.looked else ""
    due = f"next at {article.next_look}" if article.next_look else "settled, not looked at again by age"
    is_over = article.next_look is not None and article.next_look <= now.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield Fact(name="next look", text=f"{looked}{due}{' (due)' if is_over else ''}")


def _line(line: StandingLine) -> Iterator[Fact]:
    about = line.about
    said = f"{line.path} line {line.number:,}: version {line.version}, of {about.get('date_crawled')}"
    yield Fact(name="line", text=said)
    if about.get("found_by"):
        yield Fact(name="found by", text=str(about["found_by"]).replace("_", " "))
    date = about.get("date")
    if isinstance(date, dict):
        raw, source = date.get("raw"), date.get("source")
        yield Fact(name="dated", text=f"{line.record.get('date_published')}, by {source}: “{raw}”")
