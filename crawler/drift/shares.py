"""What share of a source's articles or pages is odd in some way, held against the share that is usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.drift.kinds import Drift, Finding, Sign
from crawler.drift.tails import deviation, likeness, median, upper_tail
from crawler.history import Account, Day
from crawler.items import Reason

ENOUGH = 20  # articles or pages of the past
ENOUGH_DAYS = 7
CHANCE = 1e-6  # of a healthy day that looks like this, below which it is an alarm
MORE = 0.3  # that the share must have grown by, to matter
LEAST_ODD = 3
ODD_OF_A_DAY = 8  # at least this part of a usual day's articles must be odd: a desk's batch is less
RARE = 0.05  # a way of dating that has had less of the articles is not this source's way
LEAST_LATE_S = 2 * 3600.0
ENOUGH_CUT = 7  # articles, of which a batch of odd ones is not half
CUT_DEVIATIONS = 6.0
LEAST_CUT = 0.15  # of the text, by which the share must have changed
LEAST_DEVIATION = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What of a source's past says what is odd."""

    usual_dates: frozenset[str]  # its ways of dating, with their confidence
    short: float  # characters, below which a body is short
    late_s: float  # an article is late that was out for longer when the source was last asked
    removed: tuple[float, ...]  # share of its text that the middle article of a day lost


def past_of(days: Sequence[Day]) -> Past:
    """What the days before the last ones say."""
    whole = Account.sum(day.account for day in days)
    dates = whole.dates.total()
    return Past(
        usual_dates=frozenset(way for way, count in whole.dates.items() if count >= RARE * dates),
        short=(whole.lengths.quantile(0.05) or 0.0) / 2,
        late_s=max(2 * (whole.lag.quantile(0.9) or 0.0), LEAST_LATE_S),
        removed=tuple(_removed(days)),
    )


Odd = Callable[[Account, Past], tuple[int, int]]  # how many are odd, of how many


def _empty(account: Account, past: Past) -> tuple[int, int]:
    return account.empty + account.lengths.below(past.short), account.empty + account.lengths.total()


def _undated(account: Account, _: Past) -> tuple[int, int]:
    undated = account.undated + account.reasons[Reason.UNDATED]
    return undated, undated + account.dates.total()


def _dates(account: Account, past: Past) -> tuple[int, int]:
    usual = sum(count for way, count in account.dates.items() if way in past.usual_dates)
    return account.dates.total() - usual, account.dates.total()


def _late(account: Account, past: Past) -> tuple[int, int]:
    return account.lag.total() - account.lag.below(past.late_s), account.lag.total()


def _walls(account: Account, _: Past) -> tuple[int, int]:
    return account.walls, max(account.pages, account.walls)


def _lost(account: Account, _: Past) -> tuple[int, int]:
    return account.lost, max(account.ended, account.lost)


def _strange(account: Account, _: Past) -> tuple[int, int]:
    return account.strange, account.fitting + account.strange


ODD: dict[Drift, tuple[Odd, str]] = {
    Drift.WALLS: (_walls, "pages were blocks, consent pages or paywalls"),
    Drift.FAILED: (_lost, "addresses could not be read"),
    Drift.EMPTY: (_empty, "bodies empty or short"),
    Drift.UNDATED: (_undated, "articles without a date"),
    Drift.DATES: (_dates, "dates read in an unusual way"),
    Drift.LATE: (_late, "articles found late"),
    Drift.MISMATCH: (_strange, "articles stood where none stood before"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What share of a source's articles or pages has been odd."""

    odd: int
    of: int
    rho: float  # how alike those of one day are
    worst: float  # share of a day
    least: float  # how many must be odd to matter

    @property
    def share(self) -> float:
        """As it is expected of further ones."""
        return (self.odd + 1) / (self.of + 2)


def usual_of(kind: Drift, past: Past, days: Sequence[Day]) -> Usual | None:
    """What was odd in one way on the days before the last ones; None where too little is known."""
    odd, _ = ODD[kind]
    counts = [(k, n) for k, n in (odd(day.account, past) for day in days) if n]
    k, n = sum(k for k, _ in counts), sum(n for _, n in counts)
    if n < ENOUGH or len(counts) < ENOUGH_DAYS:
        return None
    return Usual(
        odd=k,
        of=n,
        rho=likeness(counts, (k + 1) / (n + 2)),
        worst=max((k / n for k, n in counts if n >= 2 * LEAST_ODD), default=0.0),
        least=max(LEAST_ODD, n / len(counts) / ODD_OF_A_DAY),
    )


def share(kind: Drift, past: Past, usual: Usual | None, recent: Sequence[Account]) -> Finding:
    """Whether more is odd than chance has it; ``recent`` are the last days, the newest first."""
    odd, words = ODD[kind]
    if usual is None:
        return Finding(kind=kind, sign=Sign.UNCLEAR)
    sign, k, n = Sign.UNCLEAR, 0, 0
    for day in recent:  # a young fault shows on the last day alone, in a small source on several together
        more = odd(day, past)
        k, n = k + more[0], n + more[1]
        is_more = k >= usual.least and k / n >= max(usual.share + MORE, usual.worst)
        if is_more and upper_tail(k, n, usual.share, usual.rho) < CHANCE:
            sign = Sign.OFF
            break
        if n >= LEAST_ODD and (k / n < usual.share + MORE / 2 or k / n <= usual.worst):
            sign = Sign.WELL
            break
    return Finding(kind=kind, sign=sign, usual=f"{usual.odd} of {usual.of} {words}", now=f"{k} of {n}")


def removed(past: Past, recent: Sequence[Account]) -> Finding:
    """Whether the share of the text that is cut is another than ever."""
    kind, whole = Drift.REMOVED, Account()
    if len(past.removed) < ENOUGH_DAYS:
        return Finding(kind=kind, sign=Sign.UNCLEAR)
    for day in recent:
        whole.add(day)
        if whole.cuts.total() >= ENOUGH_CUT:
            break
    now = _usual_cut(whole)
    if now is None:
        return Finding(kind=kind, sign=Sign.UNCLEAR)
    middle = median(list(past.removed))
    scale = max(deviation(list(past.removed), middle), LEAST_DEVIATION)
    change = abs(now - middle)
    is_beyond = now > max(past.removed) + LEAST_DEVIATION or now < min(past.removed) - LEAST_DEVIATION
    is_off = is_beyond and change > max(CUT_DEVIATIONS * scale, LEAST_CUT)
    sign = Sign.OFF if is_off else Sign.WELL if change < LEAST_CUT or not is_beyond else Sign.UNCLEAR
    return Finding(kind=kind, sign=sign, usual=f"{middle:.0%} of the text cut", now=f"{now:.0%}")


def _removed(days: Sequence[Day]) -> list[float]:
    """The usual share of removed text of each day, or of several together where one has few articles."""
    found, whole = [], Account()
    for day in days:
        whole.add(day.account)
        if (part := _usual_cut(whole)) is not None:
            found.append(part)
            whole = Account()
    return found


def _usual_cut(account: Account) -> float | None:
    """What share of its text the middle one of the articles lost (0…1); None of too few."""
    part = account.cuts.quantile(0.5)
    return None if part is None or account.cuts.total() < ENOUGH_CUT else part / 100
