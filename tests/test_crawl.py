"""Whole crawls of the example newspaper by the command: each article once, right in every field, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.commands.crawling import STOPPED, STOPPING
from crawler.identity import canonical_key
from crawler.items import Outcome
from tests.conftest import assert_valid, command_of, records_in
from tests.newspaper import Expected, Newspaper, articles, serve

SLUGS = [article.slug for article in articles()]
LATE = SLUGS[0]
Records = dict[str, dict[str, Any]]


def crawl(newspaper: Newspaper, data: Path) -> str:
    """What a crawl of the newspaper printed, which went well and said nothing else."""
    command = command_of("crawl", *newspaper.front_pages, "--allow", "127.0.0.0/8", "--delay", "0", "--data", data)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def written(data: Path) -> list[dict[str, Any]]:
    """Every record of a data folder."""
    return [record for path in sorted(data.glob("articles/*.jsonl")) for record in records_in(path)]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newspaper, Path, str]]:
    """The newspaper, the data folder of a crawl of it, and what that crawl printed; one article is not out yet."""
    data = tmp_path_factory.mktemp("crawl") / "data"
    with serve(hide=[LATE]) as newspaper:
        yield newspaper, data, crawl(newspaper, data)


@pytest.fixture(scope="module")
def records(first_run: tuple[Newspaper, Path, str]) -> Records:
    return {canonical_key(record["url"]): record for record in written(first_run[1])}


@pytest.fixture(scope="module")
def expected(first_run: tuple[Newspaper, Path, str]) -> dict[str, Expected]:
    return {wanted["slug"]: wanted for wanted in first_run[0].expected()}


@pytest.fixture
def pair(request: pytest.FixtureRequest, records: Records, expected: dict[str, Expected]) -> tuple[Any, Any]:
    """An article's record, and what it should be."""
    wanted = expected[request.param]
    assert canonical_key(wanted["url"]) in records, "the article was not saved"
    return records[canonical_key(wanted["url"])], wanted


@pytest.mark.parametrize("pair", SLUGS[1:], indirect=True)
def test_an_article_s_record_is_right(pair: tuple[dict[str, Any], Expected]) -> None:
    record, wanted = pair
    assert_valid(record)
    read = {
        "title": record["title"],
        "paragraphs": record["content_text"].split("\n\n"),
        "authors": [author["name"] for author in record["authors"]],
        "date_published": record["date_published"],
        "date_modified": record["date_modified"],
        "language": record["language"].split("-")[0],
        "summary": record["summary"],
    }
    assert read == {key: wanted[key] for key in read}  # type: ignore[literal-required]


@pytest.mark.parametrize("pair", SLUGS[1:], indirect=True)
def test_no_notice_is_in_an_article(pair: tuple[dict[str, Any], Expected]) -> None:
    record, wanted = pair
    own = "\n".join(wanted["paragraphs"])
    notices = [notice.text for notice in wanted["notices"] if notice.text not in own]
    assert [text for text in notices if text in record["content_text"]] == []


def test_every_article_is_there_once_and_nothing_else(records: Records, expected: dict[str, Expected]) -> None:
    assert sorted(records) == sorted(canonical_key(wanted["url"]) for wanted in expected.values())


def test_every_id_is_there_once(first_run: tuple[Newspaper, Path, str]) -> None:
    ids = [record["id"] for record in written(first_run[1])]
    assert sorted(set(ids)) == sorted(ids)


def test_every_address_is_counted_once(first_run: tuple[Newspaper, Path, str]) -> None:
    _, data, printed = first_run
    (report,) = [json.loads(path.read_text()) for path in data.glob("reports/*.json")]
    assert sum(report["outcomes"].values()) == report["found"]
    assert sum(source["found"] for source in report["sources"].values()) == report["found"]
    assert report["outcomes"][Outcome.SAVED] == report["saved"] == len(written(data))
    assert printed.splitlines()[-1] == str(next(data.glob("articles/*.jsonl")))


def test_a_later_run_writes_only_what_is_new(tmp_path: Path) -> None:
    with serve(hide=[LATE]) as newspaper:
        crawl(newspaper, tmp_path)
        first = written(tmp_path)
        crawl(newspaper, tmp_path)
        assert written(tmp_path) == first
        newspaper.publish(LATE)
        crawl(newspaper, tmp_path)
        (new,) = written(tmp_path)[len(first) :]
        (url,) = [wanted["url"] for wanted in newspaper.expected() if wanted["slug"] == LATE]
    assert canonical_key(new["url"]) == canonical_key(url)


def addresses_of(records: list[dict[str, Any]]) -> list[str]:
    return sorted(canonical_key(record["url"]) for record in records)


def start(newspaper: Newspaper, data: Path) -> subprocess.Popen[str]:
    """A crawl that has saved something and is not done."""
    command = command_of("crawl", *newspaper.front_pages, "--allow", "127.0.0.0/8", "--delay", "0.1", "--data", data)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in data.glob("articles/*.jsonl")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_each_article_is_there_once_when_runs_are_killed(tmp_path: Path) -> None:
    with serve() as newspaper:
        for _ in range(2):
            process = start(newspaper, tmp_path / "data")
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=30)
        crawl(newspaper, tmp_path / "data")
        crawl(newspaper, tmp_path / "unharmed")
    assert addresses_of(written(tmp_path / "data")) == addresses_of(written(tmp_path / "unharmed"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_saves_and_the_next_one_goes_on(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with serve() as newspaper:
        data = tmp_path / "data"
        process = start(newspaper, data)
        stopped = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - stopped < 15
        assert (process.returncode, err) == (code, f"dateline: {STOPPING}\ndateline: {STOPPED}\n")
        (report,) = [json.loads(path.read_text()) for path in data.glob("reports/*.json")]
        assert sum(report["outcomes"].values()) == report["found"]
        assert report["saved"] == len(written(data)) > 0
        assert out.splitlines()[-1] == str(next(data.glob("articles/*.jsonl")))
        crawl(newspaper, data)
        crawl(newspaper, tmp_path / "unharmed")
    assert addresses_of(written(data)) == addresses_of(written(tmp_path / "unharmed"))
