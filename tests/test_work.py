"""What work a crawl does, counted: requests, reads and parses a page, bytes to and from workers, pages in flight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scrapy.settings import default_settings

from crawler import settings
from crawler.memories import ENOUGH_PAGES
from crawler.workers import worker_count
from tests.counting import COUNTS, SLOW
from tests.loopback import Reply, Served, serving
from tests.paper import paper, stories

ROOT = Path(__file__).parent.parent
MORE = 5  # articles that the site publishes once it is known
SCRAPER_BYTES = default_settings.SCRAPER_SLOT_MAX_ACTIVE_SIZE  # of answers at hand, above which no more are asked for
LARGE_PAGE = 300_000
LARGE_PAGES = 30  # of each of two hosts: 18 MB
SMALL_SITES, SMALL_SITE = 6, 2  # sites, and articles of each

Counts = list[dict[str, Any]]


def test_each_page_is_asked_for_once_and_read_once_where_its_site_is_known(tmp_path: Path) -> None:
    published = stories(ENOUGH_PAGES + MORE)
    first, later = published[:ENOUGH_PAGES], published[ENOUGH_PAGES:]
    with serving(paper(first)) as site:
        new_site = crawl(tmp_path, site)
        site.replies = {**paper(published)}
        known_site = crawl(tmp_path, site)
        before = len(site.asked)
        nothing_new = crawl(tmp_path, site)
        asked = Counter(site.asked)
    paths = [story.path for story in published]
    assert [asked[path] for path in paths] == [1] * len(paths)
    assert reads(new_site) == {f"{site.base}{story.path}": 2 for story in first}
    assert reads(known_site) == {f"{site.base}{story.path}": 1 for story in later}
    assert reads(nothing_new) == {}
    read = [line for line in new_site + known_site if "read" in line]
    assert {line["parses"] for line in read} == {1}
    assert Counter(line["is_known"] for line in read) == {False: ENOUGH_PAGES, True: ENOUGH_PAGES + MORE}
    assert not any(path in paths for path in site.asked[before:])
    # no worker, nor the server that they are forked from, without a page to read; and none of what reads them
    assert nothing_new == [{"loaded": [], "has_fork_server": False}]
    assert known_site[-1] == {"loaded": [], "has_fork_server": True}


def test_no_more_pages_of_a_new_site_are_read_twice_than_make_it_known(tmp_path: Path) -> None:
    published = stories(4 * ENOUGH_PAGES)
    with serving(paper(published)) as site:
        counted = reads(crawl(tmp_path, site))
    assert sorted(counted.values()) == [1] * 3 * ENOUGH_PAGES + [2] * ENOUGH_PAGES


def test_what_goes_to_a_worker_is_the_body_and_little_more_and_no_body_comes_back(tmp_path: Path) -> None:
    published = stories(ENOUGH_PAGES + MORE)
    with serving({path: with_padding(reply, LARGE_PAGE) for path, reply in paper(published).items()}) as site:
        counts = crawl(tmp_path, site)
    read = [line for line in counts if "read" in line]
    assert len(read) >= len(published)
    assert all(line["body"] > LARGE_PAGE for line in read)
    # its address and hint, what is known of its site
    assert max(line["sent"] - line["body"] for line in read) < 10_000
    assert max(line["back"] for line in read) < 10_000  # three paragraphs, and what the page shows of its site


def test_pages_in_flight_are_bounded_when_extraction_is_slower_than_fetching(tmp_path: Path) -> None:
    published = stories(LARGE_PAGES)
    replies = {path: with_padding(reply, LARGE_PAGE) for path, reply in paper(published).items()}
    with serving(replies, "127.0.0.1") as one, serving(replies, "127.0.0.2") as other:
        counts = crawl(tmp_path, one, other, environment={SLOW: "yes"})
    held = [line for line in counts if "held" in line]
    assert len(held) == 2 * LARGE_PAGES
    full = SCRAPER_BYTES // LARGE_PAGE
    most = full + settings.CONCURRENT_REQUESTS  # those that were asked for before it was full
    assert full <= max(line["held"] for line in held) <= most < 2 * LARGE_PAGES
    assert max(line["held_bytes"] for line in held) <= SCRAPER_BYTES + settings.CONCURRENT_REQUESTS * 1.01 * LARGE_PAGE


def test_pages_that_waited_come_by_a_few_at_a_time_however_many_sites_they_are_of(tmp_path: Path) -> None:
    published = stories(SMALL_SITE)
    with ExitStack() as stack:
        sites = [stack.enter_context(serving(paper(published), f"127.0.0.{n}")) for n in range(1, SMALL_SITES + 1)]
        counts = crawl(tmp_path, *sites)
    held = [line["held"] for line in counts if "held" in line]
    fetched = SMALL_SITES * SMALL_SITE
    assert len(held) == 2 * fetched  # as they are fetched, and once more at the end, as no site has shown enough
    assert max(held[fetched:]) <= worker_count()


def with_padding(reply: Reply | list[Reply], size: int) -> Reply:
    """An article's page so many bytes larger, by a comment; other answers as they are."""
    assert isinstance(reply, Reply)
    assert isinstance(reply.body, str)
    if "<article>" not in reply.body:
        return reply
    return Reply(body=reply.body.replace("</body>", f"<!--{'-x' * (size // 2)}--></body>"), headers=reply.headers)


def reads(counts: Counts) -> dict[str, int]:
    """How often each page was read."""
    return Counter(line["read"] for line in counts if "read" in line)


def crawl(folder: Path, *sites: Served, environment: Mapping[str, str] | None = None) -> Counts:
    """What was counted in one crawl."""
    file = folder / "counts.jsonl"
    file.unlink(missing_ok=True)
    local = ("--data", str(folder / "data"), "--allow", "127.0.0.0/8", "--delay", "0", "--recheck", "never", "--quiet")
    command = [sys.executable, "-m", "tests.counting", "crawl", *(f"{site.base}/" for site in sites), *local]
    variables = {**os.environ, COUNTS: str(file), **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
