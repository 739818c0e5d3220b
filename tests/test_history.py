"""What is counted of a source, kept by day, and read again."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.history import EARLIER, KEPT_DAYS, Account, Alarm, Day, published
from crawler.items import Dated, Extract, Page, Reason
from crawler.spread import Spread
from crawler.state import DiskError, State, Url, kept_history
from crawler.state.compaction import compact
from tests.test_record import EXTRACT

NOW = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
HOUR = 3600
ALARM = Alarm(
    source="courier",
    kind="undated",
    usual="0 of 200",
    now="9 of 9",
    since=NOW,
    severity="high",
    command="dateline why https://example.org/1",
)


def page() -> Page:
    return Page(url="https://example.org/1", body=b"", fetched_at=NOW)


def dated(value: str, precision: str = "minute", **more: object) -> Extract:
    date = Dated(value=value, source="json-ld", raw=value, precision=precision, confidence="high", **more)  # type: ignore[arg-type]
    return replace(EXTRACT, published=date)


def account_of(*extracts: Extract, before: dt.datetime | None = None) -> Account:
    account = Account(runs=1)
    for extract in extracts:
        account.wrote(extract)
        account.is_new(page(), extract, before)
    return account


def day(number: int = 0, source: str = "courier", **more: object) -> Day:
    account = account_of(dated("2025-04-26T10:00:00Z"))
    at = NOW - dt.timedelta(days=number)
    return Day(source=source, day=at.date(), asked_at=at, account=account, **more)  # type: ignore[arg-type]


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_quantile_is_within_five_per_cent(numbers: list[float], share: float) -> None:
    told = Spread.of(numbers).quantile(share)
    lower = max(n for n in range(len(numbers)) if n == 0 or n < share * len(numbers) - 1e-9)
    assert told == pytest.approx(sorted(numbers)[lower], rel=0.05)


def test_an_article_is_fresh_by_its_minute_and_late_by_the_last_time_that_was_asked() -> None:
    account = account_of(
        dated("2025-04-26T09:30:00+03:00"), dated("2025-04-26T13:30:00+03:00"), before=NOW - dt.timedelta(hours=2)
    )
    assert [account.freshness.quantile(q) for q in (0.5, 1)] == pytest.approx([1.5 * HOUR, 5.5 * HOUR], rel=0.05)
    assert [account.lag.quantile(q) for q in (0.5, 1)] == pytest.approx([0, 3.5 * HOUR], rel=0.05)
    assert account.days == {"2025-04-26": 2}
    assert account.newest == NOW - dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("extract", "days", "hours", "is_timed"),
    [
        (dated("2025-04-26T10:00:00Z"), {"2025-04-26": 1}, 1, True),
        (dated("2025-04-26T10:00:00"), {"2025-04-26": 1}, 1, False),  # without an offset
        (dated("2025-04-25", "day"), {"2025-04-25": 1}, 1, False),
        (dated("2025-04-20", "day"), {"2025-04-20": 1}, 0, False),
        (dated("2025-04-20T10:00:00Z"), {"2025-04-20": 1}, 0, True),
        (dated("2019-04-20T10:00:00Z"), {EARLIER: 1}, 0, True),
        (dated("2025-04-27T10:00:00Z"), {"2025-04-26": 1}, 1, True),  # of a clock that goes before
        (replace(EXTRACT, published=None), {"2025-04-26": 1}, 1, False),
    ],
)
def test_an_article_counts_on_its_day(extract: Extract, days: dict[str, int], hours: int, *, is_timed: bool) -> None:
    account = account_of(extract)
    assert (account.days, account.hours.total(), bool(account.freshness)) == (days, hours, is_timed)


def test_what_a_written_article_is_like_is_counted() -> None:
    ambiguous = dated("2025-04-03", "day", alternatives=("2025-03-04",))
    account = account_of(
        ambiguous, replace(EXTRACT, title=" ", published=None, confidence=0.5, paragraphs=("a" * 100,))
    )
    assert account.dates == {"json-ld high": 1}
    assert (account.undated, account.ambiguous, account.untitled, account.unsure, account.short) == (1, 1, 1, 1, 2)
    assert account.removed.total() == 2 * len(EXTRACT.removed)


def test_walls_are_pages_and_answers_that_shut_us_out() -> None:
    account = Account(reasons=Counter({Reason.CONSENT: 2, Reason.INDEX: 1}))
    for status, is_page in ((200, True), (403, True), (302, True), (403, False), (503, True), (304, True)):
        account.answered(status, 0.25, is_page=is_page)
    assert (account.pages, account.walls, account.lost) == (4, 3, 1)
    assert account.as_json()["walls"] == {"consent page": 2, "HTTP status": 1}
    assert account.as_json()["times_ms"] == {
        "count": 6,
        "median": pytest.approx(250, rel=0.05),
        "p90": pytest.approx(250, rel=0.05),
    }


def test_accounts_add_up_in_any_order_and_read_back_from_text() -> None:
    first, second = account_of(dated("2025-04-26T10:00:00Z")), account_of(replace(EXTRACT, published=None))
    first.statuses["200"] += 3
    assert Account.sum([first, second]) == Account.sum([second, first])
    assert Account.from_text(Account.sum([first, second]).as_text()) == Account.sum([first, second])
    assert Account.from_text('{"runs": 2, "a field of a later program": {"x": 1}}') == Account(runs=2)


def test_days_are_kept_one_a_source_and_day(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, url=url)
    days = [day(1, memory="known"), day(0, newest=NOW, alarms=(ALARM,)), day(0, source="other \ud800")]
    state.history.keep([day(0), *days])
    assert state.history.days("courier") == days[:2]
    assert state.history.days("courier", TODAY) == days[1:2]
    assert (state.history.newest("courier"), state.history.newest("nobody")) == (days[1], None)
    state.close()
    assert kept_history(url or tmp_path) == {
        "courier": days[:2],
        "other \\ud800": [replace(days[2], source="other \\ud800")],
    }


def test_old_days_go_with_new_ones_and_by_compact(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.history.keep([day(KEPT_DAYS + 1), day(KEPT_DAYS + 1, source="gone"), day(KEPT_DAYS)])
    assert len(state.history.days("courier")) == 2
    state.history.keep([day()])
    assert [d.day for d in state.history.days("courier")] == [TODAY - dt.timedelta(days=KEPT_DAYS), TODAY]
    state.close()
    compact(tmp_path, dt.date(2020, 1, 1), TODAY)
    assert set(kept_history(tmp_path)) == {"courier"}


def test_a_history_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="there is no state here"):
        kept_history(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as db:
        db.execute("PRAGMA user_version = 8")
    assert kept_history(tmp_path) == {}


def test_articles_are_added_up_by_their_day_of_publication() -> None:
    late = replace(day(), account=Account(days=Counter({"2025-04-25": 2, EARLIER: 5})))
    assert published([day(), late]) == {TODAY: 1, TODAY - dt.timedelta(days=1): 2}


def test_an_alarm_reads_back() -> None:
    assert Alarm.from_json(json.loads(json.dumps(ALARM.as_json()))) == ALARM
    assert ALARM.as_json()["since"] == "2025-04-26T12:00:00Z"
