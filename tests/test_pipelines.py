"""The stages behind a page: what is refused, what is known, what is written, and the account of it all."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.commands.crawling import Ending, finish
from crawler.extensions import Run
from crawler.extraction.rule import RuleError
from crawler.items import Extract, FoundBy, Hint, Outcome, Page, Reason, Refused
from crawler.state import DiskError
from crawler.workers import Workers
from pipelines.accept import AcceptArticle, Accepted
from pipelines.extract import ExtractPage, ReadPage
from pipelines.jsonl import Record, WriteArticle
from tests.conftest import assert_valid, records_in
from tests.test_record import EXTRACT
from tests.test_state import damage
from tests.test_workers import work

URL = "https://www.example.co.uk/news/bridge"


def crawler_in(folder: Path, **settings: object) -> Crawler:
    return Crawler(Spider, {"DATELINE_DATA": str(folder), **settings})


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run.from_crawler(crawler_in(tmp_path))
    started.memories.is_ending = True  # nothing waits for other pages
    yield started
    started.close()


def page(url: str = URL, *, day: int = 27, asked: str | None = None) -> Page:
    hint = Hint(url=asked or url, found_by=FoundBy.FEED)
    fetched_at = dt.datetime(2025, 4, day, 5, tzinfo=dt.UTC)
    return Page(url=url, body=b"", fetched_at=fetched_at, hint=hint)


def write(run: Run, fetched: Page, extract: Extract = EXTRACT) -> Record:
    record = WriteArticle(run).process_item(Accepted(page=fetched, extract=extract))
    assert isinstance(record, Record)
    return record


def test_a_new_article_is_a_line_of_its_day(run: Run, tmp_path: Path) -> None:
    record = write(run, page())
    assert_valid(record)
    assert records_in(tmp_path / "articles" / "2025-04-27.jsonl") == [record]
    assert repr(record) == f"<article {record['id']}>"
    assert (record["_dateline"]["run"], record["_dateline"]["found_by"]) == (run.id, "feed")


def test_an_edited_article_is_a_new_version_of_it(run: Run) -> None:
    first = write(run, page())
    second = write(run, page(day=28), replace(EXTRACT, paragraphs=("The bridge is open.",)))
    assert second["id"] == first["id"]
    kept = ("version", "first_seen", "date_crawled")
    assert [[record["_dateline"][key] for key in kept] for record in (first, second)] == [
        [1, "2025-04-27T05:00:00Z", "2025-04-27T05:00:00Z"],
        [2, "2025-04-27T05:00:00Z", "2025-04-28T05:00:00Z"],
    ]


def test_the_same_article_again_is_unchanged(run: Run) -> None:
    write(run, page())
    with pytest.raises(DropItem, match="unchanged"):
        write(run, page(day=28))


@pytest.mark.parametrize("change", [{"paragraphs": ("The second page.",)}, {"title": "Bridge closed - page 2"}])
def test_an_article_at_another_address_is_a_duplicate_when_title_or_text_agrees(
    run: Run, change: dict[str, object]
) -> None:
    write(run, page())
    with pytest.raises(DropItem, match="duplicate"):
        write(run, page(f"{URL}/page/2"), replace(EXTRACT, **change))  # type: ignore[arg-type]


def other(number: int) -> Extract:
    """Another article, of a site that declares the address of its section on every page."""
    return replace(
        EXTRACT,
        url=f"{URL}/{number}",
        canonical_url="https://www.example.co.uk/news/",
        title=f"Article {number}",
        paragraphs=(f"The text of article {number}.",),
    )


def test_articles_that_declare_one_address_are_all_written(run: Run) -> None:
    written = [write(run, page(other(number).url), other(number)) for number in (1, 2, 3)]
    assert len({record["id"] for record in written}) == 3
    shared = "canonical shared with another article: https://www.example.co.uk/news/"
    assert [record["_dateline"]["warnings"] for record in written] == [[], [shared], [shared]]
    assert [record["_dateline"]["version"] for record in written] == [1, 1, 1]


def test_an_article_that_shares_its_declared_address_is_known_again(run: Run) -> None:
    first, second = [write(run, page(other(number).url), other(number)) for number in (1, 2)]
    with pytest.raises(DropItem, match="unchanged"):
        write(run, page(other(2).url, day=28), other(2))
    edited = replace(other(2), paragraphs=("The text of article 2, edited.",))
    newer = write(run, page(edited.url, day=29), edited)
    assert (newer["id"], newer["_dateline"]["version"]) == (second["id"], 2)
    assert newer["id"] != first["id"]


def test_the_page_at_a_declared_address_has_the_last_word_on_it(run: Run) -> None:
    wrong = write(run, page(f"{URL}/2"), replace(EXTRACT, title="Another", paragraphs=("Another text.",)))
    right = write(run, page())
    assert (right["id"], right["_dateline"]["version"]) == (wrong["id"], 2)
    with pytest.raises(DropItem, match="unchanged"):
        write(run, page(day=28))


def test_nothing_can_come_between_the_look_into_the_state_and_the_commit(run: Run) -> None:
    assert not inspect.iscoroutinefunction(WriteArticle.process_item)
    assert isinstance(WriteArticle(run).process_item(Accepted(page=page(), extract=EXTRACT)), Record)


def test_a_damaged_state_ends_the_run_and_drops_the_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(tmp_path)
    run = Run.from_crawler(crawler_in(tmp_path))
    stopped: list[DiskError] = []
    monkeypatch.setattr(run, "stop_for", stopped.append)
    with pytest.raises(DropItem, match="the disk refused it"):
        write(run, page())
    run.close()
    assert [str(error) for error in stopped] == [f"{tmp_path}/state.sqlite: database disk image is malformed"]


def test_both_ends_of_a_redirect_are_seen_and_one_is_counted(run: Run) -> None:
    run.found("https://example.co.uk/?p=7", source="https://example.co.uk/feed")
    write(run, page(asked="https://example.co.uk/?p=7"))
    assert run.state.is_seen("https://example.co.uk/?p=7")
    assert run.state.is_seen(URL)
    assert (run.tally.found, run.tally.outcomes) == (1, {Outcome.SAVED: 1})


def test_a_refused_page_is_dropped_and_counted_with_its_reason(run: Run) -> None:
    read = ReadPage(page=page(), result=Refused(reason=Reason.CONSENT, detail="cookies"))
    with pytest.raises(DropItem, match="consent page"):
        AcceptArticle(run).process_item(read)
    assert run.tally.outcomes == {Outcome.BLOCKED: 1}
    assert run.tally.listed == [{"url": URL, "outcome": "blocked", "why": "cookies"}]


def test_broken_rules_end_the_run_and_the_page_is_asked_for_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[Exception] = []
    monkeypatch.setattr(run, "stop_for", stopped.append)
    workers = Workers(work, size=1)
    with pytest.raises(DropItem, match="rules"):
        asyncio.run(ExtractPage(run, workers).process_item(replace(page(), body=b"broken rules")))
    workers.close()
    assert [type(error) for error in stopped] == [RuleError]
    assert not run.state.is_seen(URL)


@pytest.mark.parametrize(("error", "code"), [(RuleError("en.toml: x"), 70), (DiskError("disk: full"), 74)])
def test_what_ended_a_run_is_its_exit_code(
    run: Run, error: RuleError | DiskError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run.error = error
    assert finish(run, Ending(), quiet=True) == code
    assert capsys.readouterr() == ("", f"dateline: {error}\n")


def test_a_dropped_page_is_not_told_whole() -> None:
    assert "secret" not in repr(ReadPage(page=replace(page(), body=b"secret"), result=EXTRACT))
    assert EXTRACT.paragraphs[0] not in repr(Accepted(page=page(), extract=EXTRACT))


def test_every_address_ends_in_one_outcome_and_the_sums_match(tmp_path: Path) -> None:
    run = Run.from_crawler(crawler_in(tmp_path))
    for number in range(5):
        run.found(f"https://example.co.uk/{number}", source="https://example.co.uk/")
    run.counted("https://example.co.uk/0", Outcome.HTTP_STATUS, "404", status=404)
    run.counted("https://example.co.uk/0", Outcome.TIMEOUT)
    run.counted("https://example.co.uk/1", Outcome.ROBOTS)
    run.source_failed("https://example.org/", "host not found")
    run.close("finished")
    (report,) = [json.loads(path.read_text()) for path in (tmp_path / "reports").glob("*.json")]
    assert report["found"] == 5
    assert report["outcomes"] == {"deferred": 3, "HTTP status": 1, "robots": 1}
    assert report["sources"]["https://example.org/"]["failed"] == "host not found"


def test_what_was_found_and_not_ended_is_asked_for_again(tmp_path: Path) -> None:
    run = Run.from_crawler(crawler_in(tmp_path))
    run.found(URL, source="https://example.co.uk/")
    run.close()
    later = Run.from_crawler(crawler_in(tmp_path))
    assert not later.state.is_seen(URL)
    later.close()


def test_articles_go_to_the_output_file_when_one_is_given(tmp_path: Path) -> None:
    output = tmp_path / "elsewhere" / "all.jsonl"
    run = Run.from_crawler(crawler_in(tmp_path / "data", DATELINE_OUTPUT=str(output)))
    record = write(run, page())
    run.close()
    assert records_in(output) == [record]
    assert not (tmp_path / "data" / "articles").exists()
