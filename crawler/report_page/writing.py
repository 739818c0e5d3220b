"""The page written into the folder of a crawl."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.delivery import write_whole
from crawler.report_page.gather import report_view
from crawler.report_page.page import page_html
from crawler.report_page.series import DAYS
from crawler.state.history import kept_rows

NAME = "index.html"


def write_page(folder: Path, report: Mapping[str, Any]) -> Path:
    """Write the page of a run, whose report this is, and of the history in its folder; the path of the page.

    The page stands there whole or as it was. Raises OSError where it cannot be written.
    """
    since = dt.datetime.fromisoformat(report["finished"]).date() - dt.timedelta(days=DAYS - 1)
    content = page_html(report_view(report, kept_rows(folder, since), str(folder.absolute())))
    page = folder.absolute() / "reports" / NAME
    write_whole(page, content.encode())
    return page
