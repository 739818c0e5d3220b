"""What the report page says of a run: what needs a person, worst first, and each source's state; pages of real runs."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report import NOW, made_report
from crawler.drift.kinds import Drift
from crawler.history import Account, Alarm, Day
from crawler.report_page.gather import report_view
from crawler.report_page.page import page_html
from crawler.report_page.view import Level, Need, ReportView
from crawler.report_page.writing import write_page
from crawler.state import State
from crawler.state.history import kept_rows
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html

TODAY = NOW.date()
URL = "https://courier.example/"
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
Dateline = Callable[..., Result]


def view_of(folder: Path, account: Account | None = None, **report: Any) -> ReportView:
    """What is shown of a source that was counted so today, after a run that said so."""
    days = [] if account is None else [Day(source="courier", day=TODAY, asked_at=NOW, account=account)]
    return view_of_days(folder, days, **report)


def view_of_days(folder: Path, days: list[Day], **report: Any) -> ReportView:
    state = State(folder)
    state.history.keep(days)
    state.close()
    return report_view(made_report([]) | {"names": {URL: "courier"}} | report, kept_rows(folder), ("--data", "data"))


def only_need(view: ReportView) -> Need:
    (need,) = view.needs
    return need


def test_a_source_that_gave_what_it_gives_needs_nobody(tmp_path: Path) -> None:
    account = Account(runs=1, outcomes={"saved": 9, "unchanged": 300, "duplicate": 40, "not an article": 8})  # type: ignore[arg-type]
    view = view_of(tmp_path, account)
    assert (view.needs, [(source.state, source.level) for source in view.sources]) == ([], [("well", Level.FINE)])
    assert view.sources[0].refused == pytest.approx(8 / 17)


def test_a_run_that_the_disk_ended_stands_above_all(tmp_path: Path) -> None:
    failing = {URL: {"since": "2026-11-20T04:00:00Z", "times": 40, "why": "503", "again": "2026-11-26T02:10:00Z"}}
    view = view_of(tmp_path, error="out.jsonl: No space left on device", failing=failing)
    page = page_html(view)
    assert page.index("No space left on device") < page.index("503; 40 times in a row since 2026-11-20")
    assert "dateline doctor --data data" in page


@pytest.mark.parametrize(("times", "level"), [(1, Level.LOOK), (2, Level.LOOK), (3, Level.ACT)])
def test_a_failing_source_is_pressing_from_the_third_time(tmp_path: Path, times: int, level: Level) -> None:
    failing = {URL: {"since": "2026-11-20T04:00:00Z", "times": times, "why": "503", "again": "2026-11-26T02:10:00Z"}}
    need = only_need(view_of(tmp_path, failing=failing))
    assert (need.about, need.mark, need.level) == ("courier", "failing", level)
    assert need.command == f"dateline crawl --all {URL} --data data"


def test_much_that_is_refused_is_looked_at_by_one_of_its_addresses(tmp_path: Path) -> None:
    account = Account(runs=1, outcomes={"saved": 5, "blocked": 5})  # type: ignore[arg-type]
    ended = [
        {"url": "https://other.example/1", "outcome": "blocked", "why": "consent page"},
        {"url": "https://courier.example/known", "outcome": "unchanged", "why": ""},
        {"url": "https://www.courier.example/a?b=1&c", "outcome": "blocked", "why": "consent page"},
    ]
    need = only_need(view_of(tmp_path, account, not_saved=ended))
    assert (need.mark, need.what) == ("refused", "5 of 10 addresses were refused in seven days")
    assert need.command == "dateline why 'https://www.courier.example/a?b=1&c' --data data"


def test_little_that_is_refused_is_no_matter_whatever_its_share(tmp_path: Path) -> None:
    assert view_of(tmp_path, Account(runs=1, outcomes={"saved": 1, "blocked": 8})).needs == []  # type: ignore[arg-type]


def test_articles_without_dates_and_of_low_confidence_are_told(tmp_path: Path) -> None:
    account = Account(runs=1, outcomes={"saved": 20}, undated=4, unsure=5)  # type: ignore[arg-type]
    needs = view_of(tmp_path, account).needs
    assert [(need.mark, need.what) for need in needs] == [
        ("undated", "4 of 20 articles have no date in seven days"),
        ("unsure", "5 of 20 articles have a text of low confidence in seven days"),
    ]
    assert needs[1].command == "dateline memory courier.example --data data"


def test_pages_that_the_memory_does_not_know_are_told(tmp_path: Path) -> None:
    need = only_need(view_of(tmp_path, Account(runs=1, fitting=4, strange=5)))
    assert need.what == "5 of 9 pages stand elsewhere than its memory has them"


def test_a_paused_host_is_told_with_its_source_and_alone_where_it_is_of_none(tmp_path: Path) -> None:
    paused = {"courier.example": "429 Too Many Requests", "cdn.example": "503"}
    needs = view_of(tmp_path, paused=paused).needs
    assert [(need.about, need.what) for need in needs] == [
        ("cdn.example", "nothing more was asked of cdn.example: 503"),
        ("courier", "nothing more was asked of courier.example: 429 Too Many Requests"),
    ]


def alarmed(left: int, kind: str = "undated") -> Day:
    """A source with an alarm, last asked so many days ago; 20 articles, none with a date."""
    alarm = Alarm(
        source="courier",
        kind=kind,
        usual="0 of 90",
        now="20 of 20",
        since=NOW - dt.timedelta(days=1),
        severity="medium",
        command="dateline why https://courier.example/a",
    )
    account = Account(runs=1, outcomes={"saved": 20}, undated=20)  # type: ignore[arg-type]
    asked = NOW - dt.timedelta(days=left)
    return Day(source="courier", day=asked.date(), asked_at=asked, account=account, alarms=(alarm,))


def test_an_alarm_is_told_in_place_of_the_shares_behind_it(tmp_path: Path) -> None:
    need = only_need(view_of_days(tmp_path, [alarmed(0)]))
    assert (need.mark, need.level) == ("alarm", Level.LOOK)
    assert need.what == "undated: 20 of 20; usual: 0 of 90; since 2026-11-24"


def test_an_alarm_that_a_source_fails_is_told_once(tmp_path: Path) -> None:
    failing = {URL: {"since": "2026-11-20T04:00:00Z", "times": 9, "why": "503", "again": "2026-11-26T02:10:00Z"}}
    assert only_need(view_of_days(tmp_path, [alarmed(0, Drift.FAILED)], failing=failing)).mark == "alarm"


@pytest.mark.parametrize(("left", "told"), [(6, 1), (7, 0)])
def test_an_alarm_of_a_source_that_is_asked_no_more_is_told_for_a_week(tmp_path: Path, left: int, told: int) -> None:
    assert sum(need.mark == "alarm" for need in view_of_days(tmp_path, [alarmed(left)], names={}).needs) == told


def test_sources_that_are_not_due_or_not_of_this_run_rest(tmp_path: Path) -> None:
    days = [Day(source=name, day=TODAY, asked_at=NOW, account=Account(runs=1)) for name in ("courier", "of old")]
    view = view_of_days(tmp_path, days, resting={URL: "2026-11-25T19:30:00Z"})
    assert [(source.name, source.state) for source in view.sources] == [("of old", "not asked"), ("courier", "not due")]
    assert ("Asked again", "2026-11-25 19:30 UTC") in view.sources[1].facts


def test_articles_stand_at_the_day_on_which_they_came_out_beside_what_is_usual(tmp_path: Path) -> None:
    days = [
        Day(
            source="courier",
            day=TODAY - dt.timedelta(days=left),
            asked_at=NOW,
            account=Account(runs=1, days={(TODAY - dt.timedelta(days=left + 1)).isoformat(): 10}),  # type: ignore[arg-type]
        )
        for left in range(20)
    ]
    (source,) = view_of_days(tmp_path, days).sources
    assert list(source.by_day.lines["articles"][-21:]) == [10] * 20 + [0]
    assert source.week == 60
    assert source.usual_week == pytest.approx(60 + 10 * 18.5 / 24)


def test_a_state_that_cannot_be_read_is_what_the_page_says_first(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "state.sqlite").write_bytes(b"no database, " * 1000)
    page = write_page(tmp_path, made_report([])).read_text("utf-8")
    assert "state.sqlite: file is not a database" in page
    assert f"dateline doctor --data {tmp_path}" in page


def test_every_run_writes_the_page_and_the_command_writes_it_anew(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers["/news/bridge.html"] = Answer(article_html(head=PUBLISHED))
    assert dateline("crawl", f"{small_site.url}/news/bridge.html", *LOCAL, "--quiet").code == 0
    page = tmp_path / "data" / "reports" / "index.html"
    assert "Dateline report" in page.read_text("utf-8")
    first = page.read_bytes()
    page.unlink()
    result = dateline("report")
    assert (result.code, result.out, result.err) == (0, f"{page}\n", "")
    assert page.read_bytes() == first


def test_a_report_of_an_earlier_version_has_a_page_too(tmp_path: Path) -> None:
    report = made_report([]) | {"sources": {URL: {"found": 0, "outcomes": {}, "failed": "503"}}}
    del report["names"]
    State(tmp_path).close()
    view = report_view(report, kept_rows(tmp_path), ("--data", "data"))
    assert [(source.name, source.state) for source in view.sources] == [(URL, "failing")]


def test_the_command_says_that_no_run_has_left_a_report(dateline: Dateline, tmp_path: Path) -> None:
    result = dateline("report", "--data", tmp_path / "none")
    assert (result.code, result.out) == (2, "")
    assert "no run has left a report here" in result.err


def test_a_page_that_cannot_be_written_costs_the_page_and_not_the_run(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers["/news/bridge.html"] = Answer(article_html(head=PUBLISHED))
    (tmp_path / "data" / "reports" / "index.html" / "in the way").mkdir(parents=True)
    result = dateline("crawl", f"{small_site.url}/news/bridge.html", *LOCAL, "--quiet")
    assert result.code == 0
    assert [line for line in result.errors if "the report page is not written" in line] == result.errors
    assert len(list(tmp_path.glob("data/articles/*.jsonl"))) == len(list(tmp_path.glob("data/reports/*.json"))) == 1


def test_the_page_opens_in_the_browser_that_the_user_has(
    dateline: Dateline, tmp_path: Path, small_site: SmallSite
) -> None:
    small_site.answers["/news/bridge.html"] = Answer(article_html(head=PUBLISHED))
    dateline("crawl", f"{small_site.url}/news/bridge.html", *LOCAL, "--quiet")
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    assert dateline("report", "--open", env={**os.environ, "BROWSER": str(browser)}).code == 0
    page = tmp_path / "data" / "reports" / "index.html"
    assert (tmp_path / "opened").read_text() == f"{page.as_uri()}\n"
