"""The report page of the last run, written anew."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.report import reports_in
from crawler.report_page.writing import write_page
from crawler.state import DiskError, Place
from crawler.terminal import say, stdout_console


def show_report(data: Path, place: Place, *, is_opened: bool) -> Exit:
    """Write the page and print its path; ConfigError where no run has left a report."""
    report = json.loads(_newest(data).read_text("utf-8"))
    try:
        page = write_page(data, report, place)
    except OSError as error:
        raise DiskError.of(error) from error
    stdout_console().print(str(page), soft_wrap=True)
    if is_opened and not webbrowser.open(page.as_uri()):
        say("no browser was found here")
    return Exit.FINE


def _newest(folder: Path) -> Path:
    reports = reports_in(folder)
    if not reports:
        raise ConfigError(f"{folder}: no run has left a report here; name the crawl's folder with --data DIR")
    return reports[0]
