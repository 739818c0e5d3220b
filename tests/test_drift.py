"""Sources held against their own past, by histories that are written here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.drift import alarms_of
from benchmarks.drifting.source import FAULTS, Source
from crawler.drift.alarms import after
from crawler.drift.closer import closer_look
from crawler.drift.judge import habit_of, judge
from crawler.drift.kinds import Drift, Finding, Sign
from crawler.drift.tails import upper_tail
from crawler.history import Account, Day
from crawler.items import Outcome, Reason

NOW = dt.datetime(2025, 4, 26, 22, tzinfo=dt.UTC)
DAYS = 70


def healthy(articles: int = 12) -> Account:
    """A day's account: an article every other hour, each dated, each fitting."""
    account = Account(runs=1, found=articles, pages=articles, fitting=articles)
    account.outcomes[Outcome.SAVED] = articles
    account.dates["json-ld high"] = articles
    for number in range(articles):
        account.lengths.add(2000 + 300 * (number % 5))
        account.cuts.add(8 + number % 5)
        account.lag.add(0)
    return account


def history(change: Callable[[Account], None] = lambda _: None, *, days: int = DAYS, changed: int = 1) -> list[Day]:
    """Days up to now, of which the last ones are changed."""
    found = []
    for back in range(days - 1, -1, -1):
        account, at = healthy(), NOW - dt.timedelta(days=back)
        if back < changed:
            change(account)
        for number in range(account.outcomes[Outcome.SAVED]):
            account.hours[int(at.timestamp()) // 3600 - 1 - 24 * number // 12] += 1
        found.append(Day(source="s", day=at.date(), asked_at=at, account=account, newest=account.newest))
    return found


def off(days: Sequence[Day], now: dt.datetime = NOW, **more: object) -> dict[str, Finding]:
    findings = judge(habit_of(days, now.date()), days, now, **more)  # type: ignore[arg-type]
    return {finding.kind.value: finding for finding in findings if finding.sign is Sign.OFF}


def lose_dates(account: Account) -> None:
    account.undated, account.dates = account.dates.total(), Counter()


def wall(account: Account) -> None:
    account.reasons[Reason.CONSENT] = 12
    account.outcomes = Counter({Outcome.BLOCKED: 12})
    account.dates, account.fitting = Counter(), 0
    account.lengths.clear()
    account.cuts.clear()


def shorten(account: Account) -> None:
    account.lengths.clear()
    account.lengths.add(150, 12)


def cut_more(account: Account) -> None:
    account.cuts.clear()
    account.cuts.add(45, 12)


def be_late(account: Account) -> None:
    account.lag.clear()
    account.lag.add(9 * 3600, 12)


CHANGES = [
    (lose_dates, "undated", "0 of 672 articles without a date", "12 of 12"),
    (wall, "blocked", "0 of 672 pages were blocks, consent pages or paywalls", "12 of 12"),
    (shorten, "empty or short bodies", "0 of 672 bodies empty or short", "12 of 12"),
    (cut_more, "removed text", "9% of the text cut", "45%"),
    (be_late, "lead time", "0 of 672 articles found late", "12 of 12"),
    (
        lambda account: account.dates.update({"json-ld high": -12, "visible low": 12}),
        "date format",
        "0 of 672 dates read in an unusual way",
        "12 of 12",
    ),
    (
        lambda account: setattr(account, "strange", 12) or setattr(account, "fitting", 0),
        "memory mismatch",
        "0 of 672 articles stood where none stood before",
        "12 of 12",
    ),
    (
        lambda account: account.outcomes.update({Outcome.SAVED: -10, Outcome.TIMEOUT: 10}),
        "failed",
        "0 of 672 addresses could not be read",
        "10 of 12",
    ),
]


def test_a_source_that_is_as_ever_raises_nothing() -> None:
    assert off(history()) == {}


@pytest.mark.parametrize(("change", "kind", "usual", "now"), CHANGES)
def test_a_change_is_noticed_on_its_first_day(
    change: Callable[[Account], None], kind: str, usual: str, now: str
) -> None:
    found = off(history(change))
    assert list(found) == [kind]
    assert (found[kind].usual, found[kind].now) == (usual, now)


@pytest.mark.parametrize(("change", "kind", "usual", "now"), CHANGES)
def test_what_was_always_so_is_no_alarm(change: Callable[[Account], None], kind: str, usual: str, now: str) -> None:
    assert off(history(change, changed=DAYS)) == {}


@pytest.mark.parametrize(("change", "kind", "usual", "now"), CHANGES)
def test_a_source_that_is_hardly_known_is_not_judged(
    change: Callable[[Account], None], kind: str, usual: str, now: str
) -> None:
    assert off(history(change, days=8)) == {}


def test_silence_is_judged_after_a_day_and_only_of_a_source_that_was_read() -> None:
    days = history()
    assert off(days, NOW + dt.timedelta(hours=20)) == {}
    found = off(days, NOW + dt.timedelta(hours=25))
    assert (found["silence"].usual, found["silence"].now) == ("12 articles a day", "none for 26 hours")
    assert off(days, NOW + dt.timedelta(hours=25), is_whole=False) == {}
    failing = off(days, NOW + dt.timedelta(hours=25), failing_since=NOW + dt.timedelta(hours=2))
    assert list(failing) == ["failed"]
    assert off(days, NOW + dt.timedelta(hours=12), failing_since=NOW) == {}


def test_a_week_with_a_third_of_the_articles_is_noticed() -> None:
    found = off(history(lambda account: account.outcomes.update({Outcome.SAVED: -9}), changed=7))
    assert "fewer articles" in found


def test_a_quiet_weekend_is_no_silence() -> None:
    days = [day if day.day.weekday() < 5 else replace(day, account=Account(runs=1), newest=None) for day in history()]
    sunday = NOW + dt.timedelta(days=1)  # NOW is a Saturday
    assert off(days, sunday) == {}
    assert "silence" in off(days, sunday + dt.timedelta(days=2))


def test_an_alarm_begins_once_stands_and_ends() -> None:
    bad, well = Finding(kind=Drift.UNDATED, sign=Sign.OFF, usual="0 of 9", now="3 of 3"), Sign.WELL
    first = after("s", (), [bad], NOW)
    (alarm,) = first.new
    assert (alarm.kind, alarm.severity, alarm.since) == ("undated", "high", NOW)
    later = after("s", first.standing, [replace(bad, now="5 of 5")], NOW + dt.timedelta(days=1))
    assert (later.new, [(a.now, a.since) for a in later.standing]) == ((), [("5 of 5", NOW)])
    unclear = after("s", later.standing, [replace(bad, sign=Sign.UNCLEAR)], NOW)
    assert unclear.standing == after("s", later.standing, [], NOW).standing == later.standing
    over = after("s", later.standing, [replace(bad, sign=well)], NOW)
    assert (over.standing, over.ended) == ((), later.standing)


def test_what_lasts_for_four_weeks_is_the_new_way() -> None:
    standing, days, ended = (), history(lose_dates, changed=40), None
    for number, day in enumerate(days):
        until = [*days[:number], replace(day, alarms=standing)]
        change = after("s", standing, judge(habit_of(until, day.day), until, day.asked_at), day.asked_at)
        standing = change.standing
        days[number] = replace(day, alarms=standing)
        if change.ended:
            ended = day.day
    assert standing == ()
    assert ended == (NOW - dt.timedelta(days=39 - 28)).date()


@given(st.integers(1, 30), st.floats(0.001, 0.9), st.floats(0.02, 0.6))
def test_a_tail_is_a_chance_and_falls(n: int, share: float, rho: float) -> None:
    tails = [upper_tail(k, n, share, rho) for k in range(n + 2)]
    assert tails[0] == 1
    assert all(0 <= later <= earlier + 1e-9 for earlier, later in pairwise(tails))


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (Drift.UNDATED, "dateline why 'https://example.org/a;rm -rf b' --data '/srv/the news' --allow 10.0.0.0/8"),
        (Drift.MISMATCH, "dateline memory example.org --data '/srv/the news'"),
        (Drift.SILENCE, "dateline crawl https://example.org/ --verbose --data '/srv/the news' --allow 10.0.0.0/8"),
    ],
)
def test_the_command_that_looks_closer_is_safe_to_paste(kind: Drift, command: str) -> None:
    page = "https://example.org/a;rm -rf b"
    assert closer_look(kind, "https://example.org/", page, ("--data", "/srv/the news"), ["10.0.0.0/8"]) == command


@pytest.mark.parametrize("fault", ["dead feed", "consent wall", "redesign", "undated", "date format change"])
def test_simulated_faults_are_noticed_by_the_second_daily_run(fault: str) -> None:
    at = 90 * 24 + 3.0
    source = Source(seed=7, size=60, fault=FAULTS[fault], fault_at=at)
    hours = [raised.hours - at for raised in alarms_of(source, 24.0, 94)]
    assert 0 < min(hours) <= 48
    assert alarms_of(Source(seed=7, size=60), 24.0, 94) == []
