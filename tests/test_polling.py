"""When a source or a document is asked again, by fixed clocks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.items import Validators
from crawler.polling import (
    Document,
    Polled,
    answered,
    asked,
    conditions,
    due_at,
    failed,
    is_exhausted,
    is_resting,
    is_unchanged,
    wait_of,
)
from crawler.state import State, Url

NOW = dt.datetime(2025, 4, 26, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
URL = "https://example.org/"
DOCUMENT = Document(
    source=URL, url=f"{URL}feed", etag='W/"a"', last_modified="x", digest=b"d", asked_at=NOW, full_at=NOW, said="{}"
)


def polled(*hours_ago: float) -> Polled:
    moments = tuple(NOW - HOUR * ago for ago in sorted(hours_ago, reverse=True))
    return Polled(url=URL, asked_at=NOW, moments=moments)


@pytest.mark.parametrize(
    ("known", "every", "wait"),
    [
        (polled(*range(20)), None, HOUR),
        (polled(*(n / 60 for n in range(20))), None, HOUR / 4),  # the shortest
        (polled(0, 1, 2, 3, 200, 201, 202), None, HOUR),  # one long pause is no rhythm
        (polled(*range(0, 24 * 100, 24 * 10)), None, 7 * DAY),  # the longest
        (polled(*(24 * 20 + n for n in range(20))), None, 2 * DAY + HOUR * 0),  # hourly once, and silent for 20 days
        (polled(0), None, HOUR),
        (polled(), None, HOUR),
        (polled(*range(20)), DAY, DAY),
    ],
)
def test_wait_is_the_source_s_rhythm(known: Polled, every: dt.timedelta | None, wait: dt.timedelta) -> None:
    assert wait_of(known, every, NOW) == wait


def test_failures_double_the_wait_up_to_a_week_and_end_at_once() -> None:
    known = polled(*range(20))
    waits = []
    for n in range(10):
        known = failed(known, URL, NOW + DAY * n, "gone")
        waits.append(wait_of(known, None, NOW) / HOUR)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168]
    assert (known.failures, known.failing_since, known.why) == (10, NOW, "gone")
    recovered = asked(known, URL, NOW + DAY * 10)
    assert (recovered.failures, recovered.failing_since, recovered.why) == (0, None, None)
    assert recovered.moments == known.moments


def test_failures_of_the_own_line_do_not_add_up() -> None:
    known: Polled | None = None
    for n in range(5):
        known = failed(known, URL, NOW + HOUR * n, "unreachable", is_own_line=True)
    assert known is not None
    assert (known.failures, known.failing_since) == (1, NOW)


def test_source_is_due_a_little_early_when_new_and_when_the_clock_was_set_back() -> None:
    known = polled(*range(20))
    assert due_at(None, None, NOW) == NOW
    assert due_at(known, None, NOW) == NOW + HOUR * 0.9
    assert due_at(replace(known, asked_at=NOW + DAY), None, NOW) == NOW


def test_moments_are_the_newest_twenty_and_none_of_the_future() -> None:
    moments = [NOW - HOUR * n for n in range(-5, 40)]
    assert asked(None, URL, NOW, moments=moments).moments == tuple(sorted(moments))[-25:-5]


def test_articles_without_a_time_are_taken_as_having_come_evenly() -> None:
    first = asked(None, URL, NOW, new=500)
    second = asked(first, URL, NOW + DAY, new=4)
    assert first.moments == (NOW,)
    assert second.moments == tuple(NOW + DAY * n / 4 for n in range(5))
    assert wait_of(second, None, NOW + DAY) == DAY / 4
    assert asked(second, URL, NOW + 2 * DAY).moments == second.moments


def test_conditions_are_both_validators_for_a_day() -> None:
    later = NOW + 23 * HOUR
    assert conditions(DOCUMENT, None, later) == {"If-None-Match": 'W/"a"', "If-Modified-Since": "x"}
    assert conditions(replace(DOCUMENT, etag=None), None, later) == {"If-Modified-Since": "x"}
    assert conditions(DOCUMENT, None, NOW + DAY) == {}
    assert conditions(DOCUMENT, None, NOW - HOUR) == {}  # the clock was set back
    assert conditions(replace(DOCUMENT, lies=True), None, later) == {}
    assert conditions(None, None, later) == {}


@pytest.mark.parametrize(
    ("left_out_before", "since", "holds"),
    [
        (None, None, True),
        (None, "2025-01-01", True),
        ("2025-01-01", None, False),
        ("2025-01-01", "2025-01-01", True),
        ("2025-01-02", "2025-01-01", False),
    ],
)
def test_what_an_earlier_since_left_out_is_asked_for_by_a_wider_one(
    left_out_before: str | None, since: str | None, *, holds: bool
) -> None:
    document = replace(DOCUMENT, since=dt.date.fromisoformat(left_out_before) if left_out_before else None)
    assert bool(conditions(document, dt.date.fromisoformat(since) if since else None, NOW)) is holds


def test_sitemap_is_unchanged_where_its_last_change_was_well_before_it_was_read() -> None:
    assert is_unchanged(DOCUMENT, NOW - 2 * HOUR, None, NOW + DAY)
    assert not is_unchanged(DOCUMENT, NOW - HOUR / 2, None, NOW + DAY)  # a cache may have given an older one
    assert not is_unchanged(DOCUMENT, NOW - 2 * HOUR, None, NOW + 7 * DAY)


def test_document_rests_once_it_has_had_nothing_new() -> None:
    fruitless = replace(DOCUMENT, fruitless=1)
    assert [is_exhausted(d, None, NOW + DAY) for d in (DOCUMENT, fruitless)] == [False, True]
    assert [is_resting(d, None, NOW + 5 * HOUR) for d in (DOCUMENT, fruitless)] == [False, True]
    assert not is_resting(fruitless, None, NOW + 6 * HOUR)
    assert not is_exhausted(fruitless, None, NOW + 7 * DAY)


@pytest.mark.parametrize("value", ["", "   ", "a\nb: c", "é", "x" * 501])
def test_validator_that_cannot_stand_in_a_header_is_none(value: str) -> None:
    assert answered({"etag": value}) == (None, None)


def test_state_gives_back_what_it_was_given(tmp_path: Path, url: Url | None) -> None:
    full = replace(DOCUMENT, lastmod="2025", since=NOW.date(), fruitless=3, lies=True, said='{"x": "\\ud800"}')
    dead = failed(polled(1, 2, 3), URL, NOW, "gone")
    state = State(tmp_path, url=url)
    state.sources.keep_document(full)
    state.sources.keep_polled(dead)
    state.sources.keep_validators(URL, Validators(etag='"a"'), NOW.date())
    state.close()
    state = State(tmp_path, url=url)
    assert state.sources.document(URL, full.url) == full
    assert state.sources.document("https://example.net/", full.url) is None
    assert state.sources.polled(URL) == dead
    assert state.sources.validators(URL) == Validators(etag='"a"')
    assert state.sources.validators(f"{URL}?x") == Validators()
    state.sources.forget_document(URL, full.url)
    assert state.sources.drop_validators(NOW.date() + DAY) == 1
    assert (state.sources.document(URL, full.url), state.sources.validators(URL)) == (None, Validators())
    state.close()
