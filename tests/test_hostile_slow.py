"""What takes the default time of 30 s, or needs it: an answer that trickles, feeds and sitemaps of 60 MB."""

from __future__ import annotations

from pathlib import Path

from crawler.items import Outcome
from tests.hostile.case import Case
from tests.hostile.crawl import crawl, expected
from tests.hostile.documents import LARGE
from tests.hostile.raw import endless, head

TRICKLE = "/news/trickle-page"
CASES = (
    Case(
        name="trickle",
        pages={TRICKLE: endless(head(), b"<p>", 1.0)},
        ends={TRICKLE: Outcome.TIMEOUT},
    ),
    *LARGE,
)


def test_large_documents_are_read_in_part_and_an_answer_that_trickles_is_given_up_after_30_s(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, CASES)
    for case in CASES:
        assert crawled.articles(case) == expected(case)
        assert crawled.ends(case) == dict(case.ends)
        assert crawled.failed(case) is None
        assert case.says in crawled.said(case)
    assert (crawled.code, crawled.report["finish_reason"]) == (0, "finished")
    assert crawled.most_bytes < 500_000_000
