"""The files that a run writes about itself: its report, the page that shows it, its metrics."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from crawler.history import Day
from crawler.report import Tally, write_report
from crawler.state import DiskError, State

logger = logging.getLogger(__name__)


def write_report_and_page(state: State, report: Mapping[str, Any]) -> None:
    """Write the report, and the page that shows it. Raises OSError where the report cannot be written."""
    try:
        write_report(state.folder, report)
    finally:
        _write_page(state, report)


def write_metrics(path: Path, tally: Tally, last: Mapping[str, Day], started: dt.datetime) -> None:
    """Write what a monitoring system reads; the articles are what matters, so a failure is no more than told."""
    from crawler import gauges, metrics  # of those runs alone that write them

    alarms = {name: day.alarms for name, day in last.items()}
    try:
        metrics.write(path, gauges.gauges(tally, last, alarms, started, dt.datetime.now(dt.UTC)))
    except OSError as error:
        logger.warning("%s: the metrics cannot be written: %s", path, error.strerror or error)


def _write_page(state: State, report: Mapping[str, Any]) -> None:
    """The page is for people to look at: what goes wrong with it costs the page and not the run."""
    try:
        from crawler.report_page.writing import write_page

        with suppress(DiskError):  # then the page tells it, and shows what is on the disk
            state.flush()
        write_page(state.folder, report, state.place)
    except (OSError, DiskError) as error:
        logger.warning("the report page is not written: %s", error)
    except Exception:
        logger.exception("the report page is not written")
