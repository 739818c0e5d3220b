"""How an address ended, whether that was its last word, and what an article is to what is known of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crawler.items import Outcome, Reason
from crawler.policy import Policy

# After how many tries an outcome that may be passing counts as the address's last word; the others do at once.
_TRIES = {Outcome.EXTRACTION_FAILED: 2, Outcome.BLOCKED: 3, Outcome.SOFT_404: 3}
_TRIES_OF_REASON = {Reason.EMPTY: 3, Reason.NO_BODY: 3}  # a page may be fetched before its text is in it
_TRIES_OF_STATUS = {401: 3, 403: 3, 404: 3}  # a feed may name an article before the site shows it
_NEVER_FINAL = frozenset(
    {
        Outcome.TIMEOUT,
        Outcome.UNREACHABLE,
        Outcome.DEFERRED,
        Outcome.ROBOTS,
        Outcome.REFUSED_ADDRESS,
        Outcome.NOT_WANTED,  # by the filters of one run
    }
)
RETRY_LOOK_S = 6 * 3600
RETRY_LOOK_FOR_S = 7 * 24 * 3600
_PASSING_STATUS = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one address ended, at a moment (RFC 3339)."""

    url: str
    outcome: Outcome
    at: str
    reason: Reason | None = None
    detail: str = ""
    status: int | None = None  # of HTTP, for an answer that was no page
    day: dt.date | None = None  # of publication, for a page that was too old
    article: str | None = None
    learned: int | None = None  # Unix time of the look into an archive by which it was found, long after ``at``


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A version of an article: the newest written one, or the one that is to be written."""

    id: str
    version: int
    content_hash: str
    address: bytes  # digest of the address that it was read at (crawler.identity.address_digest)
    first_seen: str
    title_hash: str | None = None  # None for both in what early versions of dateline wrote
    text_hash: str | None = None
    url: str | None = None  # where it was fetched, as later looks will ask for it; None once there are none to come
    shape: bytes | None = None  # see crawler.edits.Shape
    born: int | None = None  # Unix time; when it was published, or else first seen
    looked: int | None = None  # when it was last looked at
    next_look: int | None = None  # when it is to be looked at again


def judge(known: Known | None, new: Known) -> Outcome:
    """How a page with an article ends, by what is known under the article's id and by their hashes alone.

    The same article at another address (an AMP twin, a print view) is a duplicate, also where it was edited since:
    only the address that the article was written from may bring a new version of it.

    >>> old = Known(id="1", version=1, content_hash="h1", address=b"a", first_seen="2025-01-01T00:00:00Z")
    >>> edited = Known(id="1", version=1, content_hash="h2", address=b"a", first_seen="2025-01-02T00:00:00Z")
    >>> judge(None, edited), judge(old, edited)
    (<Outcome.SAVED: 'saved'>, <Outcome.UPDATED: 'updated'>)
    """
    if known is None:
        return Outcome.SAVED
    if known.address != new.address and is_same(known, new):
        return Outcome.DUPLICATE
    return Outcome.UNCHANGED if known.content_hash == new.content_hash else Outcome.UPDATED


def is_same(known: Known, new: Known) -> bool:
    """Whether two pages that declare one address hold one article: they agree in the title or in the text.

    Sloppy templates declare one address, such as a section's, on every page.
    """
    if known.title_hash is None or known.text_hash is None:
        return True
    return known.title_hash == new.title_hash or known.text_hash == new.text_hash


def is_older(known: Known, new: Known) -> bool:
    """Whether a page was captured before the article was last looked at: it brings no version after the known one."""
    last = known.looked if known.looked is not None else unix_time(known.first_seen)
    return new.looked is not None and new.looked < last


def is_final(ended: Ended, tries: int, policy: Policy) -> bool:
    """Whether an address that ended so need not be fetched again by a later run.

    >>> gone = Ended(url="", outcome=Outcome.HTTP_STATUS, at="", status=410)
    >>> down = Ended(url="", outcome=Outcome.HTTP_STATUS, at="", status=503)
    >>> is_final(gone, 1, Policy()), is_final(down, 9, Policy())
    (True, False)
    """
    if is_passing(ended):
        return False
    if ended.outcome is Outcome.UNDATED:
        return policy.undated == "refuse"
    if ended.reason is Reason.NOINDEX:
        return policy.obeys_noindex
    if ended.reason is Reason.RESERVED:
        return policy.respects_tdm
    if ended.reason is Reason.TOO_OLD:
        return policy.since is not None and ended.day is not None and ended.day < policy.since
    return tries >= _tries(ended)


def is_passing(ended: Ended) -> bool:
    """Whether the address did not get a say: nothing is learned of it, and it does not count as a try."""
    if ended.outcome is Outcome.HTTP_STATUS:
        return ended.status is None or ended.status >= 500 or ended.status in _PASSING_STATUS
    return ended.outcome in _NEVER_FINAL


def _tries(ended: Ended) -> int:
    if ended.reason in _TRIES_OF_REASON:
        return _TRIES_OF_REASON[ended.reason]
    if ended.status in _TRIES_OF_STATUS:
        return _TRIES_OF_STATUS[ended.status]
    return _TRIES.get(ended.outcome, 1)


def unix_time(stamp: str) -> int:
    """An RFC 3339 moment, or a day in UTC, in Unix time; ValueError for what is neither.

    >>> unix_time("1970-01-02T00:00:05Z"), unix_time("1970-01-02")
    (86405, 86400)
    """
    moment = dt.datetime.fromisoformat(stamp)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def stamp_of(unix: int) -> str:
    """A moment in Unix time as RFC 3339 in UTC.

    >>> stamp_of(86405)
    '1970-01-02T00:00:05Z'
    """
    return dt.datetime.fromtimestamp(unix, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def look_again(born: int | None, ended: Ended, policy: Policy) -> int | None:
    """When to look at an article next after a look that ended so (Unix time); None where the last one is over.

    A host that did not answer is asked again soon, for some days after the schedule's end at most.
    """
    now = ended.learned or unix_time(ended.at)
    scheduled = next_look(born, now, policy)
    if not has_no_say(ended) or born is None or not policy.recheck:
        return scheduled
    soon = now + RETRY_LOOK_S
    last = born + round(policy.recheck[-1].total_seconds()) + RETRY_LOOK_FOR_S
    return min(soon, scheduled or soon) if soon < last else scheduled


def has_no_say(ended: Ended) -> bool:
    """Whether a look told nothing of its article because its host could not be asked."""
    return is_passing(ended) and ended.outcome not in {Outcome.ROBOTS, Outcome.REFUSED_ADDRESS}


def next_look(born: int | None, now: int, policy: Policy) -> int | None:
    """When to look at an article next (Unix time): at the first age of the schedule that it has not reached.

    >>> next_look(0, 4 * 3600, Policy(recheck=(dt.timedelta(hours=3), dt.timedelta(days=1))))
    86400
    """
    if born is None:
        return None
    ages = (round(age.total_seconds()) for age in policy.recheck)
    return next((born + age for age in ages if born + age > now), None)
