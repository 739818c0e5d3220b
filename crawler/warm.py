"""What the fork server imports so that its workers start warm and share the memory: one page read at import.

Rules are compiled and tables loaded at the first page; done before the fork, they are there once, not once a worker.
"""

import contextlib
import datetime as dt
import gc

from crawler.heap import growing

_WORDS = "The bridge over the river was closed on Saturday after a storm, the town council said on its page. "
_PAGE = f"""<html lang="en"><title>Bridge closed</title><article><h1>Bridge closed</h1>
<p>By Ada Stone, 26 April 2025</p><p>{_WORDS * 2}</p><p>{_WORDS * 3}</p><p>{_WORDS * 2}</p></article></html>"""


def _warm() -> None:
    """Load extraction, and read the page."""
    with growing(), contextlib.suppress(Exception):  # a fault shows, with its name, at the first real page
        from crawler.extraction.extract import extract
        from crawler.items import Page

        extract(Page(url="https://example.org/news/bridge", body=_PAGE.encode(), fetched_at=dt.date(2025, 4, 27)))
    gc.freeze()  # a worker's collections do not touch, and so do not copy, what it shares


_warm()
