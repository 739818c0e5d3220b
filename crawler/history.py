"""What came of a source: in one run, or on one day of crawling (UTC) with all its runs together; pure."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from crawler.extraction.confidence import UNSURE
from crawler.items import Extract, Outcome, Page, Reason
from crawler.record import utc_stamp
from crawler.spread import Spread, told

KEPT_DAYS = 120  # of the history; alarms look at 56 of them, the report at 90
SHORT = 250  # characters of a body: less than a paragraph or two
FRESH = dt.timedelta(days=3)  # what came out longer ago is not news: an archive, or a first crawl
EARLIER_DAYS = 30  # of publication; those before it are counted together
EARLIER = "earlier"
WALLS = (Reason.BLOCK, Reason.CONSENT, Reason.PAYWALL)
EMPTY = (Reason.EMPTY, Reason.NO_BODY)
SHUT = frozenset({401, 402, 403, 407, 429, 451})  # statuses of a page that is shown to others
LOST = (Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.EXTRACTION_FAILED, Outcome.TOO_BIG)

Memory = Literal["learning", "known", "mismatch"]
Severity = Literal["high", "medium"]


@dataclass(slots=True, kw_only=True)
class Account:
    """What was counted of a source. Lengths are characters, moments seconds; keys of counters are words of records."""

    runs: int = 0  # that read it to its end
    failures: int = 0  # of these, in which it gave nothing
    found: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)  # of HTTP, of all that was asked of it
    pages: int = 0  # answers to requests for articles, redirects apart
    shut: int = 0  # of these, with a status of SHUT
    broken: int = 0  # of these, with a status of 500 and above
    days: Counter[str] = field(default_factory=Counter)  # new articles by day of publication; undated: of the crawl
    hours: Spread = field(default_factory=Spread)  # the fresh of them by hour (Unix time) of coming out
    dates: Counter[str] = field(default_factory=Counter)  # of written articles: "json-ld high"
    undated: int = 0
    ambiguous: int = 0  # dates with other readings
    removed: Counter[str] = field(default_factory=Counter)  # texts cut, by kind
    removed_chars: int = 0
    kept_chars: int = 0
    unsure: int = 0  # bodies with a confidence below UNSURE
    untitled: int = 0
    fitting: int = 0  # pages that stand where the site's memory knows its articles
    strange: int = 0  # pages that do not, or where they stand only lately
    rebuilt: int = 0  # times that the memory says the site was rebuilt
    lengths: Spread = field(default_factory=Spread)  # of bodies
    cuts: Spread = field(default_factory=Spread)  # per cent of each article's text that was cut
    freshness: Spread = field(default_factory=Spread)  # from publication to crawl
    lag: Spread = field(default_factory=Spread)  # of fresh ones: how long they were out when the source was last asked
    times_ms: Spread = field(default_factory=Spread)  # to the beginning of an answer
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)  # fields that were not asked for yet

    def __getattr__(self, name: str) -> Any:
        """A field of an account that was read from the state: of 45,000 of them few are ever looked at whole."""
        if name not in _COUNTERS:
            raise AttributeError(name)
        kept = self._kept.get(name)
        value = Spread.from_text(kept or "") if name in _SPREADS else Counter(kept)
        setattr(self, name, value)
        return value

    def add(self, other: Account) -> None:
        """Add what another one counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))

    @classmethod
    def sum(cls, accounts: Iterable[Account]) -> Self:
        """All of them together."""
        whole = cls()
        for account in accounts:
            whole.add(account)
        return whole

    @property
    def written(self) -> int:
        """Lines written: new articles and new versions."""
        return self.outcomes[Outcome.SAVED] + self.outcomes[Outcome.UPDATED]

    @property
    def ended(self) -> int:
        """Addresses that ended, those left for the next run apart."""
        return self.outcomes.total() - self.outcomes[Outcome.DEFERRED]

    @property
    def walls(self) -> int:
        """Pages in place of articles: blocks, consent, paywalls, and answers that shut us out."""
        return self.shut + sum(self.reasons[reason] for reason in WALLS)

    @property
    def empty(self) -> int:
        """Pages without a text."""
        return sum(self.reasons[reason] for reason in EMPTY)

    @property
    def short(self) -> int:
        """Bodies below SHORT."""
        return self.lengths.below(SHORT)

    @property
    def lost(self) -> int:
        """Addresses that could not be read."""
        return self.broken + sum(self.outcomes[outcome] for outcome in LOST)

    @property
    def newest(self) -> dt.datetime | None:
        """When the newest of the fresh articles came out, to the hour."""
        return dt.datetime.fromtimestamp(max(self.hours) * 3600, dt.UTC) if self.hours else None

    @property
    def removed_share(self) -> float | None:
        """Characters cut as notices and the like, of all text of the articles."""
        whole = self.removed_chars + self.kept_chars
        return self.removed_chars / whole if whole else None

    def answered(self, status: int, seconds: float | None, *, is_page: bool) -> None:
        """An answer came."""
        self.statuses[str(status)] += 1
        if seconds is not None:
            self.times_ms.add(seconds * 1000)
        if is_page and not (300 <= status < 400 and status != 304):
            self.pages += 1
            self.shut += status in SHUT
            self.broken += status >= 500

    def wrote(self, extract: Extract) -> None:
        """A line of this article was written."""
        body = sum(map(len, extract.paragraphs))
        self.lengths.add(body)
        cut = sum(len(removed.text) for removed in extract.removed)
        self.kept_chars += body
        self.removed_chars += cut
        self.cuts.add(100 * cut / max(body + cut, 1))
        self.removed.update(removed.kind.value for removed in extract.removed)
        self.unsure += extract.confidence < UNSURE
        self.untitled += not extract.title.strip()
        if extract.published is None:
            self.undated += 1
        else:
            self.dates[f"{extract.published.source} {extract.published.confidence}"] += 1
            self.ambiguous += bool(extract.published.alternatives)

    def is_new(self, page: Page, extract: Extract, asked_before: dt.datetime | None) -> None:
        """The line was the first of its article; ``asked_before``: when its source was asked before this run."""
        fetched = page.fetched_at
        day = extract.published.day if extract.published else None
        if not isinstance(fetched, dt.datetime):
            self.days[(day or fetched).isoformat()] += 1
            return
        today = fetched.date()
        self.days[EARLIER if day and (today - day).days > EARLIER_DAYS else min(day or today, today).isoformat()] += 1
        moment = moment_of(extract)
        if moment is not None:
            age = max(fetched - moment, dt.timedelta(0))
            self.freshness.add(age.total_seconds())
            if age <= FRESH:
                self.hours[_hour(min(moment, fetched))] += 1
                if asked_before is not None:
                    self.lag.add((asked_before - moment).total_seconds())
        elif day is None or today - day <= dt.timedelta(days=1):
            self.hours[_hour(fetched)] += 1

    def as_text(self) -> str:
        """All that is not zero, for the state."""
        kept = {name: value for name in (*_NUMBERS, *_COUNTERS) if (value := getattr(self, name))}
        texts = {name: value.as_text() for name, value in kept.items() if name in _SPREADS}
        return json.dumps(kept | texts, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What ``as_text`` wrote; fields that this program does not know are left out."""
        account = cls.__new__(cls)
        account._kept = kept = json.loads(text)
        for name in _NUMBERS:
            setattr(account, name, kept.get(name, 0))
        return account

    def as_json(self) -> dict[str, Any]:
        """As the run's report has it (docs/report.md)."""
        dates: dict[str, dict[str, int]] = {}
        for key, count in sorted(self.dates.items()):
            source, _, confidence = key.rpartition(" ")
            dates.setdefault(source, {})[confidence] = count
        share = self.removed_share
        return {
            "found": self.found,
            "outcomes": counts(self.outcomes),
            "reasons": counts(self.reasons),
            "published": dict(sorted(self.days.items())),
            "freshness_s": told(self.freshness),
            "dates": dates,
            "undated": self.undated + self.reasons[Reason.UNDATED],
            "ambiguous_dates": self.ambiguous,
            "removed": counts(self.removed),
            "removed_share": None if share is None else round(share, 4),
            "unsure": self.unsure,
            "unsure_share": round(self.unsure / self.lengths.total(), 4) if self.lengths else None,
            "body_chars": told(self.lengths),
            "short": self.short,
            "empty": self.empty,
            "untitled": self.untitled,
            "walls": {reason.value: n for reason in WALLS if (n := self.reasons[reason])}
            | ({"HTTP status": self.shut} if self.shut else {}),
            "statuses": dict(sorted(self.statuses.items())),
            "times_ms": told(self.times_ms),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A source is not as it was, in one way (docs/alarms.md)."""

    source: str
    kind: str  # crawler.drift.kinds.Drift
    usual: str  # in a few words
    now: str
    since: dt.datetime  # the run that noticed it
    severity: Severity
    command: str  # that looks closer

    def as_json(self) -> dict[str, str]:
        """As reports, hooks and the state have it."""
        return {**asdict(self), "since": utc_stamp(self.since)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``as_json`` gave."""
        return cls(**{**told, "since": dt.datetime.fromisoformat(told["since"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A source on one day of crawling (UTC)."""

    source: str  # its name in the sources file, or the address that was given
    day: dt.date
    asked_at: dt.datetime  # when the last run of the day that asked it began
    account: Account
    newest: dt.datetime | None = None  # when its newest article came out
    memory: Memory | None = None  # of its site, after the last page that was read; None where none ever was
    alarms: tuple[Alarm, ...] = ()  # that stand since its last run


def with_run(
    days: list[Day], source: str, run: Account, started: dt.datetime, memory: Memory | None = None
) -> list[Day]:
    """A source's days, oldest first, with what one more run has counted."""
    before = days[-1] if days else None
    is_same = before is not None and before.day == started.date()
    account = before.account if before and is_same else Account()
    account.add(run)
    newest = [moment for moment in (before.newest if before else None, run.newest) if moment]
    last = Day(
        source=source,
        day=started.date(),
        asked_at=started,
        account=account,
        newest=max(newest, default=None),
        memory=memory or (before.memory if before else None),
        alarms=before.alarms if before else (),
    )
    return [*(days[:-1] if is_same else days), last]


def published(days: Iterable[Day]) -> Counter[dt.date]:
    """How many new articles came out on each day, whenever they were found; those of long before apart."""
    found: Counter[dt.date] = Counter()
    for day in days:
        found.update({dt.date.fromisoformat(text): n for text, n in day.account.days.items() if text != EARLIER})
    return found


def moment_of(extract: Extract) -> dt.datetime | None:
    """When an article came out, where that is known to the minute and with its offset."""
    if extract.published is None or extract.published.precision == "day":
        return None
    moment = dt.datetime.fromisoformat(extract.published.value)
    return moment if moment.tzinfo else None


def counts(counter: Mapping[Any, int]) -> dict[str, int]:
    """Most frequent first, names in order where counts are equal."""
    return {str(name): count for name, count in sorted(counter.items(), key=lambda item: (-item[1], str(item[0])))}


def _hour(moment: dt.datetime) -> int:
    return int(moment.timestamp()) // 3600


_NUMBERS = tuple(field.name for field in fields(Account) if field.type == "int")
_SPREADS = frozenset(field.name for field in fields(Account) if field.type == "Spread")
_COUNTERS = tuple(field.name for field in fields(Account) if field.type in {"Counter[str]", "Spread"})
