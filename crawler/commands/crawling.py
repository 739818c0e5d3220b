"""A crawl in this process: Scrapy started, stopped by a signal in good time, and its end told."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from typing import NoReturn

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.addresses import parse_allowed
from crawler.commands.summary import print_summary
from crawler.exits import Exit
from crawler.extensions import Run
from crawler.state import DiskError
from crawler.terminal import TerminalHandler, say

STOP_WITHIN_S = 10.0  # answers that take longer after a stop was asked for are left to the next run
_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


def crawl(options: argparse.Namespace, urls: list[str]) -> int:
    """Crawl with these options; the exit code. Errors that keep the run from starting are raised."""
    settings = settings_of(options, urls)
    process = AsyncCrawlerProcess(settings)
    set_up_logging(options)
    crawler = process.create_crawler("news")
    task = process.crawl(crawler)
    stopper = Stopper(process, crawler, quiet=options.quiet)
    stopper.listen()
    process.start(install_signal_handlers=False)
    error = None if task.cancelled() else task.exception()
    if run := getattr(crawler, "dateline", None):
        run.close("error" if error else "finished")
    if error:
        raise error
    return finish(Run.of(crawler), quiet=options.quiet, stopped_by=stopper.signal)


def settings_of(options: argparse.Namespace, urls: list[str]) -> Settings:
    """The project's settings with the command's options over them; wherever the command is run from."""
    parse_allowed(options.allow)  # an error in it ends the run here
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    chosen = {
        "DATELINE_URLS": urls,
        "DATELINE_SOURCES": str(options.sources) if options.sources else None,
        "DATELINE_ALL": options.all,
        "DATELINE_ALLOW": options.allow,
        "DATELINE_CONTACT": options.contact,
        "DATELINE_DATA": str(options.data),
        "DATELINE_OUTPUT": str(options.output) if options.output else None,
        "DATELINE_MAX_PAGES": options.max_pages,
        "DATELINE_SINCE": options.since.isoformat() if options.since else None,
        "DATELINE_DELAY": options.delay,
        "DATELINE_UNDATED": options.undated,
        "DATELINE_RECHECK": options.recheck,
        "DATELINE_QUIET": options.quiet,
        "LOG_INSTALL_ROOT_HANDLER": False,
    }
    settings.setdict({name: value for name, value in chosen.items() if value is not None}, priority="cmdline")
    return settings


def set_up_logging(options: argparse.Namespace) -> None:
    """Our own warnings as single lines; Scrapy's and its libraries' errors alone, unless more is asked for."""
    logging.getLogger("scrapy.core.scraper").addFilter(_is_news)
    level = logging.ERROR if options.quiet else logging.DEBUG if options.verbose else logging.WARNING
    logging.basicConfig(handlers=[TerminalHandler()], level=level)
    for name in ("scrapy", "twisted", "py.warnings", "asyncio"):  # Scrapy gives its own loggers levels of their own
        logging.getLogger(name).setLevel(logging.INFO if options.verbose else logging.ERROR)


def _is_news(record: logging.LogRecord) -> bool:
    """A disk that refuses is told once, at the end of the run, and is no bug of the spider."""
    return not (record.exc_info and isinstance(record.exc_info[1], DiskError))


def finish(run: Run, *, quiet: bool, stopped_by: int | None) -> Exit:
    """Tell what came of a closed run; its exit code."""
    if not quiet:
        print_summary(run.tally, run.files, run.state.recovered)
    if run.error:
        say(str(run.error))
        return Exit.DISK if isinstance(run.error, DiskError) else Exit.BROKEN
    if stopped_by:
        say("stopped; what was found so far is saved, the next run goes on")
        return _CODES[signal.Signals(stopped_by)]
    return Exit.SOME_FAILED if run.tally.failed_sources else Exit.FINE


class Stopper:
    """Ends a crawl when a signal asks for it: gently at first, at once after a while or at the second signal."""

    def __init__(self, process: AsyncCrawlerProcess, crawler: Crawler, *, quiet: bool) -> None:
        self.signal: int | None = None
        self._process = process
        self._crawler = crawler
        self._quiet = quiet
        self._stopping: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Take the signals over; to be called before the loop runs."""
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop, number)

    def stop(self, number: int) -> None:
        if self.signal is not None:
            self.end_now()
        self.signal = number
        loop = asyncio.get_running_loop()
        self._stopping = loop.create_task(self._process.stop())
        loop.call_later(STOP_WITHIN_S, self.end_now)

    def end_now(self) -> NoReturn:
        """Save and leave, whatever is still under way: it is not seen, so the next run asks for it again."""
        run = Run.of(self._crawler)
        run.close("stopped")
        code = finish(run, quiet=self._quiet, stopped_by=self.signal)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # a normal exit would wait for workers and threads
