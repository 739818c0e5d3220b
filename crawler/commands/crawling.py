"""A crawl in this process: Scrapy started, stopped by a signal in good time, and its end told."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import scrapy.core.downloader.contextfactory  # noqa: F401  first: it looks at the source of all that imports it
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.commands.crawl import OWN_FOLDER
from crawler.commands.ending import STOPPED, Ended, Ending, tell_end
from crawler.commands.logs import set_up_logging
from crawler.commands.options import need_pyarrow
from crawler.commands.project import project_settings
from crawler.commands.summary import print_profile
from crawler.delivery import make_folder
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.extensions import Run
from crawler.progress import Progress
from crawler.state import DiskError
from crawler.workers import leave_nothing

logger = logging.getLogger(__name__)

STOP_WITHIN_S = 10.0  # answers that take longer after the run was to stop are left to the next run
LOOK_EVERY_S = 0.02  # whether an engine that is to stop has started
STOPPING = "stopping: what is under way is finished and saved, within 10 s; a second signal (Ctrl-C) ends it now"
CUT_OFF = "ended at once; what was found so far is saved, what was under way is left to the next run"


def crawl(options: argparse.Namespace, urls: list[str]) -> int:
    """Crawl with these options; the exit code. Errors that keep the run from starting are raised."""
    return run_spider("news", settings_of(options, urls), options)


def run_spider(
    name: str,
    settings: Settings,
    options: argparse.Namespace,
    tell: Tell | None = None,
    given: Mapping[str, object] | None = None,
) -> int:
    """Run a spider of the project, with the options for its log, its time and what it says.

    ``tell`` says what came of it in place of ``finish``; ``given`` are attributes of Scrapy's crawler, for components.
    """
    settings.set("LOG_INSTALL_ROOT_HANDLER", value=False, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    set_up_logging(options)
    crawler = process.create_crawler(name)
    for attribute, value in (given or {}).items():
        setattr(crawler, attribute, value)
    task = process.crawl(crawler)
    by_default = partial(finish, quiet=options.quiet or bool(options.log), is_strict=options.strict)
    stopper = Stopper(process, crawler, options, tell or by_default)
    stopper.listen()
    process.start(install_signal_handlers=False)
    error = None if task.cancelled() else task.exception()
    if run := getattr(crawler, "dateline", None):
        run.close("error" if error else "finished")
    if error:
        raise error
    return stopper.finish()


def settings_of(options: argparse.Namespace, urls: list[str]) -> Settings:
    """The project's settings with the command's options over them; wherever the command is run from."""
    return project_settings(chosen_of(options, urls))


def chosen_of(options: argparse.Namespace, urls: list[str]) -> dict[str, Any]:
    """What the command's options say, by the names of settings; None where they say nothing."""
    return {
        "DATELINE_URLS": urls,
        "DATELINE_SOURCES": str(options.sources) if options.sources else None,
        "DATELINE_CDX": options.cdx,
        "DATELINE_ALL": options.all,
        "DATELINE_ALLOW": options.allow,
        "DATELINE_CONTACT": options.contact,
        "DATELINE_DATA": str(options.data),
        "DATELINE_STATE": options.state and options.state.secret,
        "DATELINE_OUTPUT": str(options.output) if options.output else None,
        "FEEDS": feed_of(options.parquet) if options.parquet else None,
        "DATELINE_MAX_PAGES": options.max_pages,
        "DATELINE_SINCE": options.since.isoformat() if options.since else None,
        "DATELINE_DELAY": options.delay,
        "DOWNLOAD_TIMEOUT": options.timeout,
        "DATELINE_MEMORY_MB": options.max_memory and options.max_memory / 1e6,
        "DATELINE_UNDATED": options.undated,
        "DATELINE_RECHECK": options.recheck,
        "DATELINE_IGNORE_NOINDEX": options.ignore_noindex,
        "DATELINE_RESPECT_TDM": options.respect_tdm,
        "DATELINE_KEEP_PAGES": kept_pages(options.keep_pages, options.data),
        "DATELINE_QUIET": options.quiet,
        "DATELINE_ON_ALARM": options.on_alarm,
        "DATELINE_METRICS": str(options.metrics) if options.metrics else None,
        "DATELINE_PROFILE": options.profile,
    }


def feed_of(parquet: Path) -> dict[str, dict[str, Any]]:
    """The run's feed into a file, as Scrapy's FEEDS has it.

    Raises ConfigError where pyarrow is missing, and DiskError where no file can be made.
    """
    need_pyarrow()
    if parquet.is_dir():
        raise ConfigError(f"--parquet {parquet}: is a folder; name a file")
    try:
        make_folder(parquet.parent)
        with tempfile.TemporaryFile(dir=parquet.parent):  # before the run, not at its end
            pass
    except OSError as error:
        raise DiskError.of(error, parquet.parent) from None
    return {str(parquet.absolute()): {"format": "parquet", "overwrite": True}}


def kept_pages(named: Path | None, data: Path) -> str | None:
    """The folder of kept pages: the one that is named, where none is named the data folder's own; None for none."""
    if named is None:
        return None
    return str((data / "pages" if named == OWN_FOLDER else named).absolute())


Tell = Callable[[Run, Ending], Exit]


def finish(run: Run, ending: Ending, *, quiet: bool, is_strict: bool = False) -> Exit:
    """Tell what came of a closed run, and of its alarms; its exit code."""
    if run.profile and not quiet:
        print_profile(run.profile.as_json())
    on_alarm = run.crawler.settings.get("DATELINE_ON_ALARM")
    ended = Ended(id=run.id, folder=run.state.folder, told=run.told(), on_alarm=on_alarm)
    return tell_end(ended, ending, quiet=quiet, is_strict=is_strict)


class Stopper:
    """Ends a crawl when a signal asks for it, or its time is over.

    Gently at first, at once after a while or at the second signal.
    """

    def __init__(self, process: AsyncCrawlerProcess, crawler: Crawler, options: argparse.Namespace, tell: Tell) -> None:
        self.signal: int | None = None
        self.is_time_over = False
        self._process = process
        self._crawler = crawler
        self._options = options
        self._tell = tell
        self._is_ending = False
        self._stopping: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Take the signals over, and begin to count the time; to be called before the loop runs."""
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop, number)
        if self._options.max_time:
            loop.call_later(self._options.max_time, self.time_is_over)

    def stop(self, number: int) -> None:
        """A signal asks for the end."""
        is_second = self.signal is not None
        self.signal = number
        if is_second:
            self.end_now()
        if not self._options.quiet:
            logger.warning(STOPPING)
        self._end_gently()

    def time_is_over(self) -> None:
        """The run has had its time; what is left is the next run's."""
        self.is_time_over = self.signal is None
        self._end_gently()

    def end_now(self) -> NoReturn:
        """Save and leave, whatever is still under way: it is not seen, so the next run asks for it again."""
        if progress := self._crawler.get_extension(Progress):
            progress.end()
        Run.of(self._crawler).close("stopped")
        code = self.finish(CUT_OFF)
        leave_nothing()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # a normal exit would wait for workers and threads

    def finish(self, how: str = STOPPED) -> Exit:
        """Tell what came of the closed run; its exit code."""
        return self._tell(Run.of(self._crawler), Ending(signal=self.signal, is_time_over=self.is_time_over, how=how))

    def _end_gently(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            if run := getattr(self._crawler, "dateline", None):
                run.is_stopping = True
            asyncio.get_running_loop().call_later(STOP_WITHIN_S, self.end_now)
            self._stop_engine()

    def _stop_engine(self) -> None:
        """Stop the engine once it runs: before that Scrapy takes note of a stop, crawls on, and then waits for ever."""
        loop = asyncio.get_running_loop()
        engine = self._crawler.engine
        if engine is not None and engine.running:
            self._stopping = loop.create_task(self._process.stop())
        else:
            loop.call_later(LOOK_EVERY_S, self._stop_engine)
