"""What is said at the terminal: one line per message, and nothing in a page can speak to the terminal itself."""

from __future__ import annotations

import functools
import logging
import re

from rich.console import Console
from rich.text import Text

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


@functools.cache
def stderr_console() -> Console:
    """The one console for messages and progress, so that they do not write into each other."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@functools.cache
def stdout_console() -> Console:
    """The console for what the user asked for; plain text where it is not a terminal."""
    return Console(highlight=False, markup=False, emoji=False)


def one_line(text: str) -> str:
    """A text that may come from a page, safe to print: no control, escape or direction characters.

    >>> one_line("a\\x1b[31m b\\n c")
    'a [31m b c'
    """
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def say(message: str) -> None:
    """One line on stderr, never folded."""
    stderr_console().print(Text(f"dateline: {one_line(message)}"), soft_wrap=True)


class TerminalHandler(logging.Handler):
    """Log messages as single lines on stderr, above the progress line where there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(record.getMessage())
            if record.exc_info and record.exc_info[0]:  # a bug: its traceback is what there is to say
                text = logging.Formatter().formatException(record.exc_info)
                stderr_console().print(Text(text), soft_wrap=True)
        except Exception:  # noqa: BLE001  logging's own way with whatever a handler meets
            self.handleError(record)
