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
from crawler.state.url import Place, place_options

NAME = "index.html"


def write_page(folder: Path, report: Mapping[str, Any], place: Place | None = None) -> Path:
    """Write the page of a run, whose report this is, and of the history of its state; the path of the page.

    That state is the folder's own where no other place is named.

    The page stands there whole or as it was. Raises OSError where it cannot be written.
    """
    since = dt.datetime.fromisoformat(report["finished"]).date() - dt.timedelta(days=DAYS - 1)
    place = place or folder
    named = place_options(str(folder.absolute()), place)
    content = page_html(report_view(report, kept_rows(place, since), named))
    page = folder.absolute() / "reports" / NAME
    write_whole(page, content.encode())
    return page
