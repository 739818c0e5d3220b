"""The extraction stage with pages that crash, hang and eat as they say they do; and the command that crawls with it."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Self

from scrapy.crawler import Crawler

from crawler.items import Extract, Page, Refused
from crawler.workers import Limits, Workers, extract_page
from pipelines.extract import ExtractPage

LIMITS = Limits(deadline_s=2.0, grace_s=1.0, patience=1.0)


def do_as_told(page: Page) -> Extract | Refused:
    """Extract a page, unless its address says that something worse is to happen."""
    if "crashes" in page.url:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "is-killed" in page.url:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hangs" in page.url:
        time.sleep(600)
    if "eats" in page.url:
        bytearray(10**10)
    return extract_page(page)


class ExtractOrDie(ExtractPage):
    """In place of the stage that ships."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        stage = super().from_crawler(crawler)
        stage.workers = Workers(do_as_told, LIMITS)
        return stage


if __name__ == "__main__":
    import crawler.settings
    from crawler.cli import main

    stages = crawler.settings.ITEM_PIPELINES
    crawler.settings.ITEM_PIPELINES = {
        "tests.crashing.ExtractOrDie" if "ExtractPage" in name else name: place for name, place in stages.items()
    }
    sys.exit(main(sys.argv[1:]))
