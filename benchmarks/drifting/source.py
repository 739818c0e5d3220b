"""A source that publishes for a year as newsrooms do, and a crawl that asks it: all of it drawn from one seed."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from crawler.history import FRESH, Account, Day
from crawler.items import Outcome, Reason

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
EPOCH_H = int(START.timestamp()) // 3600
SIZES = (1, 3, 8, 20, 60, 200)  # articles a day
FEED = 60  # articles in it
REACH_H = 24 * 6  # further back a feed or front page names nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What the crawl would see of an article."""

    out: float  # hours from START
    named: float  # when feeds and front pages name it
    chars: float
    cut: float  # characters removed
    date: str | None  # way and confidence
    is_strange: bool = False
    is_empty: bool = False
    is_wall: bool = False


Fault = Callable[[Article, random.Random], Article | None]


@dataclass(kw_only=True)
class Source:
    """A newsroom, and how its pages are made."""

    seed: int
    size: float
    fault: Fault | None = None
    fault_at: float = math.inf  # hours from START
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng = random.Random(self.seed)  # noqa: S311  a simulation
        self.weekend = rng.choice((1.0, 0.9, 0.6, 0.4, 0.15)) * rng.uniform(0.8, 1.1)
        self.night = rng.choice((0.02, 0.1, 0.4))  # of the day's rate
        self.zone = rng.choice((-7, -4, 0, 1, 2, 8))
        self.growth = rng.uniform(-0.3, 0.5)  # in the year
        self.wobble = rng.uniform(0.08, 0.3)  # of days against each other
        self.undated = rng.choice((0, 0, 0, 0.01, 0.05))
        self.second_date = rng.choice((0, 0, 0.03, 0.1))
        self.walls = rng.choice((0, 0, 0.01, 0.05))
        self.empty = rng.choice((0, 0.01, 0.03))
        self.strange = rng.choice((0, 0.005, 0.03))
        self.lag_h = rng.choice((0.02, 0.1, 0.5))
        self.late = rng.choice((0, 0.01, 0.05))
        self.cut = rng.uniform(0.01, 0.35)
        self.chars = rng.uniform(1200, 5000)
        self.factors = list(self._factors())

    def _factors(self) -> Iterator[float]:
        """What each day of the year has of the usual: holidays, lulls, bursts, and the wobble that days have."""
        rng = self.rng
        holidays = {day + rng.choice((0, 0, 1)) for day in rng.sample(range(400), 11)}
        christmas, summer = 357, rng.randrange(190, 215)
        slow = 0.0
        for day in range(400):
            weekday = day % 7
            slow = 0.7 * slow + rng.gauss(0, self.wobble * 0.7)
            factor = math.exp(slow) * (1 + self.growth * day / 365)
            factor *= self.weekend if weekday >= 5 else 1.0
            if day in holidays:
                factor *= min(self.weekend, 0.9) * rng.uniform(0.7, 1.1)
            if christmas <= day <= christmas + 9:
                factor *= rng.uniform(0.55, 0.8)
            if summer <= day <= summer + 25:
                factor *= 0.85
            if rng.random() < 0.012:
                factor *= rng.uniform(1.5, 3)
            yield factor

    def articles(self, days: int) -> list[Article]:
        """All that it publishes, in the order in which it comes out; the fault is in those from ``fault_at`` on."""
        rng, found = self.rng, []
        shape = [self.night if not 6 <= (h + self.zone) % 24 < 23 else 1.0 for h in range(24)]
        for day in range(days):
            batch = self._batch()
            for hour in range(24):
                rate = self.size * self.factors[day] * shape[hour] / sum(shape)
                for _ in range(_poisson(rng, rate)):
                    found.append(self._article(day * 24 + hour + rng.random()))
            if batch:
                at = day * 24 + rng.uniform(8, 18)
                found += [
                    batch(self._article(at + n / 60))
                    for n in range(rng.randint(2, max(2, min(10, round(self.size / 4)))))
                ]
        found.sort(key=lambda article: article.out)
        if self.fault is None:
            return found
        faulty = (self.fault(a, rng) if a.named >= self.fault_at else a for a in found)
        return [article for article in faulty if article is not None]

    def _article(self, at: float) -> Article:
        rng = self.rng
        chars = self.chars * math.exp(rng.gauss(0, 0.5))
        delay = rng.expovariate(1 / self.lag_h) if rng.random() >= self.late else rng.uniform(1, 60)
        date: str | None = "json-ld high" if rng.random() >= self.second_date else "visible medium"
        return Article(
            out=at,
            named=at + delay,
            chars=chars,
            cut=chars * self.cut * math.exp(rng.gauss(0, 0.5)),
            date=date if rng.random() >= self.undated else None,
            is_strange=rng.random() < self.strange,
            is_empty=rng.random() < self.empty,
            is_wall=rng.random() < self.walls,
        )

    def _batch(self) -> Callable[[Article], Article] | None:
        """Now and then a desk publishes several odd pages at once: a live blog's parts, videos, a supplement."""
        if self.rng.random() >= 8 / 365:
            return None
        return self.rng.choice(
            (
                lambda a: replace(a, date=None),
                lambda a: replace(a, chars=80.0, cut=20.0),
                lambda a: replace(a, date="url low", is_strange=True),
                lambda a: replace(a, is_empty=True),
                lambda a: replace(a, cut=a.chars * 1.5),
                lambda a: replace(a, named=a.out + 20),
                lambda a: replace(a, is_wall=True),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The source's days as they stand after a run."""

    now: dt.datetime
    days: list[Day]
    failing_since: dt.datetime | None


def crawled(source: Source, every_h: float, days: int, *, is_down_from: float = math.inf) -> Iterator[Look]:
    """The runs of a crawl that asks the source every so many hours, but for days on which it does not run at all.

    From ``is_down_from`` on the source gives nothing.
    """
    rng = random.Random(source.seed + 1)  # noqa: S311
    articles = sorted(source.articles(days), key=lambda article: article.named)
    pauses = _pauses(rng, days, 5, 24, 96)
    nights = _pauses(rng, days, 4, 1, 8)
    done: list[Day] = []
    place, before_h, failing = 0, -math.inf, None
    at = rng.uniform(0, every_h)
    while at < days * 24:
        now_h = at + rng.uniform(0, 0.1)
        at += every_h
        if any(first <= now_h < last for first, last in pauses):
            continue
        now = START + dt.timedelta(hours=now_h)
        account = Account(runs=1)
        if now_h >= is_down_from or any(first <= now_h < last for first, last in nights):
            account.failures, failing = 1, failing or now
        else:
            failing = None
            batch = []
            while place < len(articles) and articles[place].named <= now_h:
                if now_h - articles[place].out < REACH_H:
                    batch.append(articles[place])
                place += 1
            for article in batch[-max(FEED, round(3 * source.size)) :]:
                _count(account, article, now_h, before_h, rng)
            before_h = now_h
        _add(done, account, now)
        yield Look(now=now, days=done, failing_since=failing)


def _count(account: Account, article: Article, now_h: float, before_h: float, rng: random.Random) -> None:
    account.found += 1
    if rng.random() < 0.004:
        account.outcomes[Outcome.TIMEOUT] += 1
        return
    account.pages += 1
    if article.is_wall:
        account.outcomes[Outcome.BLOCKED] += 1
        account.reasons[Reason.CONSENT] += 1
        return
    if article.is_empty:
        account.outcomes[Outcome.NOT_AN_ARTICLE] += 1
        account.reasons[Reason.NO_BODY] += 1
        return
    account.outcomes[Outcome.SAVED] += 1
    account.lengths.add(article.chars)
    account.kept_chars += round(article.chars)
    account.removed_chars += round(article.cut)
    account.cuts.add(100 * article.cut / (article.cut + article.chars))
    account.strange += article.is_strange
    account.fitting += not article.is_strange
    out_h = article.out if article.date else now_h
    if article.date is None:
        account.undated += 1
    else:
        account.dates[article.date] += 1
        if article.date.startswith("json-ld") and before_h > -math.inf and now_h - out_h < FRESH.total_seconds() / 3600:
            account.lag.add((before_h - out_h) * 3600)
    if now_h - out_h < FRESH.total_seconds() / 3600:
        account.hours[EPOCH_H + int(out_h)] += 1


def _add(done: list[Day], account: Account, now: dt.datetime) -> None:
    if done and done[-1].day == now.date():
        done[-1].account.add(account)
        account = done.pop().account
    newest = [moment for moment in (done[-1].newest if done else None, account.newest) if moment]
    done.append(Day(source="s", day=now.date(), asked_at=now, account=account, newest=max(newest, default=None)))


def _pauses(rng: random.Random, days: int, a_year: float, least_h: float, most_h: float) -> list[tuple[float, float]]:
    found = []
    for _ in range(_poisson(rng, a_year * days / 365)):
        first = rng.uniform(0, days * 24)
        found.append((first, first + rng.uniform(least_h, most_h)))
    return found


def _poisson(rng: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def is_gone(_: Article, __: random.Random) -> None:
    """A dead feed: it names nothing new."""


def half(article: Article, rng: random.Random) -> Article | None:
    """Half of the articles are named no more."""
    return article if rng.random() < 0.5 else None


def wall(article: Article, _: random.Random) -> Article:
    """A page of consent in place of each article."""
    return replace(article, is_wall=True)


def undated(article: Article, _: random.Random) -> Article:
    """No date is read any more."""
    return replace(article, date=None)


def redated(article: Article, _: random.Random) -> Article:
    """The structured data has gone; a date is read that could be two."""
    return replace(article, date="visible low")


def slow(article: Article, rng: random.Random) -> Article:
    """Feeds name articles many hours after they came out."""
    return replace(article, named=article.named + rng.uniform(12, 36))


def redesigned(article: Article, rng: random.Random) -> Article:
    """Other places, a body of which half is lost in most, more that must be cut."""
    short = rng.random() < 0.6
    return replace(
        article, is_strange=True, chars=article.chars * (0.05 if short else 1), cut=article.cut * 2, date="meta high"
    )


FAULTS: dict[str, Fault] = {
    "dead feed": is_gone,
    "redesign": redesigned,
    "consent wall": wall,
    "date format change": redated,
    "undated": undated,
    "late by 12 to 36 hours": slow,
    "half of the articles gone": half,
}
DOWN = "host down"
