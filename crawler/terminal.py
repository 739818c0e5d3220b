"""What is said at the terminal: one line per message, and nothing in a page can speak to the terminal itself."""

from __future__ import annotations

import functools
import logging
import re
from types import TracebackType

from rich.console import Console
from rich.text import Text

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_UNSEEN = re.compile(r"[\u00ad\u061c\u200b-\u200f\u2060-\u2065\ufeff]+")  # an address could be disguised by them


@functools.cache
def stderr_console() -> Console:
    """The one console for messages and progress, so that they do not write into each other."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@functools.cache
def stdout_console() -> Console:
    """The console for what the user asked for; plain text where it is not a terminal."""
    return Console(highlight=False, markup=False, emoji=False)


def one_line(text: str) -> str:
    """A text that may come from a page, safe to print: no control, escape, direction or zero-width characters.

    >>> one_line("a\\x1b[31m b\\n c\\u200bd")
    'a [31m b cd'
    """
    return " ".join(_printable(text).split())


def traceback_text(error: ExcInfo) -> str:
    """A traceback, whose last line may quote a page, as lines that are safe to print."""
    return "\n".join(map(_printable, logging.Formatter().formatException(error).split("\n")))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", _UNSEEN.sub("", text))


def say(message: str) -> None:
    """One line on stderr, never folded."""
    stderr_console().print(Text(f"dateline: {one_line(message)}"), soft_wrap=True)


class TerminalHandler(logging.Handler):
    """Log messages as single lines on stderr, above the progress line where there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(record.getMessage())
            if record.exc_info and record.exc_info[0]:  # a bug: its traceback is what there is to say
                stderr_console().print(Text(traceback_text(record.exc_info)), soft_wrap=True)
        except Exception:  # noqa: BLE001  logging's own way with whatever a handler meets
            self.handleError(record)
