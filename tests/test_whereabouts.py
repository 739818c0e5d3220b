"""What the state knows of one address, read beside whatever else uses it."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.identity import address_digest
from crawler.items import Outcome, Reason
from crawler.polling import Polled
from crawler.record import json_line
from crawler.state import DiskError, State, Url
from crawler.state.whereabouts import whereabouts
from crawler.verdict import Ended, Known

URL = "https://harbour.example/a"
AT = "2025-05-01T09:00:00Z"
ID = "0123456789abcdef0123"


def save(state: State, version: int, path: Path) -> None:
    article = Known(
        id=ID, version=version, content_hash=f"{version:032x}", address=address_digest(URL), first_seen=AT, url=URL
    )
    ended = Ended(url=URL, outcome=Outcome.UPDATED if version > 1 else Outcome.SAVED, at=AT, article=ID)
    record = {"id": ID, "url": URL, "_dateline": {"version": version}}
    other = replace(article, id="ff" * 10)
    state.save(other, ended, json_line({"id": other.id, "content_text": ID}), path)
    state.save(article, ended, json_line(record), path)


def test_nothing_is_known_of_an_address_that_no_run_met(tmp_path: Path) -> None:
    with closing(State(tmp_path)):
        known = whereabouts(tmp_path, URL)
    assert (known.ending, known.article, known.waiting, known.memory, known.sources) == (None, None, None, None, ())


def test_without_a_state_there_is_a_disk_error(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="there is no state here"):
        whereabouts(tmp_path, URL)


def test_an_ending_is_told_under_any_spelling_of_its_address(tmp_path: Path, url: Url | None) -> None:
    with closing(State(tmp_path, url=url)) as state:
        day = dt.date(2024, 1, 2)
        state.end(Ended(url=URL, outcome=Outcome.TOO_OLD, reason=Reason.TOO_OLD, day=day, at=AT))
        state.flush()
        ending = whereabouts(tmp_path, "http://www.harbour.example/a?utm_source=x", url).ending
    assert ending is not None
    assert (ending.outcome, ending.reason, ending.day, ending.at) == (Outcome.TOO_OLD, Reason.TOO_OLD, day, AT)
    assert (ending.tries, ending.named_on) == (1, dt.date(2025, 5, 1))


def test_the_line_of_the_newest_version_is_found_in_whichever_file_it_stands(tmp_path: Path, url: Url | None) -> None:
    with closing(State(tmp_path, url=url)) as state:
        save(state, 1, tmp_path / "9.jsonl")
        save(state, 2, tmp_path / "0.jsonl")
        known = whereabouts(tmp_path, URL, url)
    assert known.article is not None
    assert (known.article.version, known.article.content_hash, known.article.is_from_here) == (2, f"{2:032x}", True)
    assert known.line is not None
    assert (known.line.path.name, known.line.number, known.line.version) == ("0.jsonl", 2, 2)


def test_a_file_that_has_gone_leaves_the_article_without_a_line(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        save(state, 1, tmp_path / "1.jsonl")
    (tmp_path / "1.jsonl").unlink()
    known = whereabouts(tmp_path, URL)
    assert (known.article is not None, known.line) == (True, None)


def test_what_a_run_is_writing_is_not_seen_and_does_not_wait(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        state.end(Ended(url=URL, outcome=Outcome.SOFT_404, at=AT))  # noted, not committed
        assert whereabouts(tmp_path, URL).ending is None
        state.flush()
        assert whereabouts(tmp_path, URL).ending is not None


def test_the_sources_of_its_site_are_told(tmp_path: Path) -> None:
    asked = dt.datetime(2025, 5, 1, 9, 0, tzinfo=dt.UTC)
    with closing(State(tmp_path)) as state:
        for url in ("https://www.harbour.example/feed.xml", "https://orchard.example/feed.xml"):
            state.sources.keep_polled(
                Polled(url=url, asked_at=asked, moments=(), failures=2, failing_since=asked, why="HTTP status 500")
            )
        state.flush()
        (source,) = whereabouts(tmp_path, URL).sources
    assert (source.url, source.failures, source.why) == ("https://www.harbour.example/feed.xml", 2, "HTTP status 500")


@pytest.mark.parametrize("report", ['{"not_saved": 3}', "[", "{}", '{"not_saved": [{"url": 1}]}'])
def test_a_report_that_is_none_of_ours_is_passed_over(tmp_path: Path, report: str) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "20250428T050000Z-0002.json").write_text(report)
    ours = f'{{"not_saved": [{{"url": "{URL}", "outcome": "soft 404", "why": "“page not found”"}}]}}'
    (tmp_path / "reports" / "20250427T050000Z-0001.json").write_text(ours, "utf-8")
    with closing(State(tmp_path)) as state:
        state.end(Ended(url=URL, outcome=Outcome.SOFT_404, reason=Reason.ERROR, at=AT))
        state.flush()
        told = whereabouts(tmp_path, URL).told
    assert told is not None
    assert (told.run, told.outcome, told.why) == ("20250427T050000Z-0001", "soft 404", "“page not found”")
