"""What needs the default time of 30 s on a busy machine: feeds and sitemaps of 60 MB."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.crawl import crawl, expected
from tests.hostile.documents import LARGE


def test_large_documents_are_read_in_part(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, LARGE)
    for case in LARGE:
        assert crawled.articles(case) == expected(case)
        assert crawled.ends(case) == dict(case.ends)
        assert crawled.failed(case) is None
        assert case.says in crawled.said(case)
    assert (crawled.code, crawled.report["finish_reason"]) == (0, "finished")
    assert crawled.most_bytes < 500_000_000
