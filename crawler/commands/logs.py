"""Where a crawl's messages go: single lines on the terminal, and a file that begins anew at a size."""

from __future__ import annotations

import argparse
import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from twisted.logger import globalLogBeginner

from crawler.delivery import make_folder
from crawler.state import DiskError
from crawler.terminal import JsonHandler, TerminalHandler, is_watched, one_line, say, traceback_text

LIBRARIES = ("scrapy", "twisted", "py.warnings", "asyncio")


def set_up_logging(options: argparse.Namespace) -> None:
    """Our own warnings as single lines; Scrapy's and its libraries' errors alone, unless more is asked for.

    What is quiet is so about good news: a source that gave nothing is told in any case. Where a machine reads, it is
    given all that a log file is given.

    Raises DiskError where the log file cannot be written.
    """
    logging.getLogger("scrapy.core.scraper").addFilter(_is_news)
    logging.getLogger("twisted").addFilter(_is_no_certificate)
    # until it is told where to, Twisted writes failures to stderr by itself, beside what it hands to logging
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    handlers = [_stderr(options)]
    if options.log:
        handlers.append(_log_file(options.log, options.log_size, options.log_keep))
    logging.basicConfig(handlers=handlers, level=logging.DEBUG if options.verbose else logging.INFO)
    for name in LIBRARIES:  # Scrapy gives its own loggers levels of their own
        logging.getLogger(name).setLevel(logging.INFO if options.verbose else logging.ERROR)


class LogFile(RotatingFileHandler):
    """Messages as lines with their moment (UTC); a disk that refuses them is told once, and the crawl goes on."""

    _is_refused = False

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        line = f"{moment} {record.levelname} {record.name}: {one_line(record.getMessage())}"
        if record.exc_info and record.exc_info[0]:
            line += "\n" + traceback_text(record.exc_info)
        return line

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  logging's own name
        if not self._is_refused:
            self._is_refused = True
            say(f"{self.baseFilename}: the log cannot be written; going on without it")


def _stderr(options: argparse.Namespace) -> logging.Handler:
    handler = JsonHandler() if options.json_log else TerminalHandler()
    if options.verbose:
        handler.setLevel(logging.DEBUG)
    elif options.quiet:
        handler.setLevel(logging.WARNING)
    elif not options.json_log:
        has_progress = not options.log and not is_watched()  # else it stands in the log, or moves on the terminal
        handler.addFilter(_bad_news_and_progress if has_progress else _bad_news)
    return handler


def _log_file(path: Path, size: int, keep: int) -> LogFile:
    try:
        make_folder(path.absolute().parent)
        return LogFile(path, maxBytes=size, backupCount=keep, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DiskError.of(error, path) from error


def _is_no_certificate(record: logging.LogRecord) -> bool:
    """A certificate that is not valid ends its addresses, and is told so; it is no bug of ours."""
    return "while verifying certificate" not in record.getMessage()


def _bad_news(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _bad_news_and_progress(record: logging.LogRecord) -> bool:
    return _bad_news(record) or getattr(record, "event", "") == "progress"


def _is_news(record: logging.LogRecord) -> bool:
    """A disk that refuses is told once, at the end of the run, and is no bug of the spider."""
    return not (record.exc_info and isinstance(record.exc_info[1], DiskError))
