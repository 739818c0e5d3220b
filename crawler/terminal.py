"""What is said on stderr: a line a message, or an object where a machine reads; no page can speak to the terminal."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import re
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.text import Text

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_UNSEEN = re.compile(r"[\u00ad\u061c\u200b-\u200f\u2060-\u2065\ufeff]+")  # an address could be disguised by them


class _Messages(Console):
    """Falls silent where whoever read it has gone: rich's own way ends the program, in the middle of a crawl."""

    def on_broken_pipe(self) -> None:
        """Say no more."""
        self.quiet = True


@functools.cache
def stderr_console() -> Console:
    """The one console for messages and progress, so that they do not write into each other."""
    return _Messages(stderr=True, highlight=False, markup=False, emoji=False)


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
    """One line on stderr, never folded; an object where objects are spoken."""
    if _voice().speaks_json:
        write_event("error", "message", message)
    else:
        stderr_console().print(Text(f"dateline: {one_line(message)}"), soft_wrap=True)


def is_watched() -> bool:
    """Whether a person sits before stderr, and a display may move there."""
    return stderr_console().is_terminal and not _voice().speaks_json


class _Voice:
    """How this process speaks on stderr."""

    speaks_json = False


@functools.cache
def _voice() -> _Voice:
    return _Voice()


def speak_json() -> None:
    """From now on all that is said on stderr is JSON, an object a line; also what ends the program by surprise."""
    _voice().speaks_json = True
    sys.excepthook = _tell_crash


def write_event(
    level: str, event: str, message: str, fields: Mapping[str, Any] | None = None, at: float | None = None
) -> None:
    """One object on stderr: when (RFC 3339 in UTC), how bad, what kind of thing, in words, and its parts.

    ``at`` is Unix time. Everything beyond ASCII is escaped, so that no page speaks to a terminal through it.
    """
    moment = dt.datetime.now(dt.UTC) if at is None else dt.datetime.fromtimestamp(at, dt.UTC)
    told = {
        "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "level": level,
        "event": event,
        "message": one_line(message),
        "fields": dict(fields or {}),
    }
    sys.stderr.write(json.dumps(told) + "\n")
    sys.stderr.flush()


def _tell_crash(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    write_event("critical", "crash", f"{kind.__name__}: {error}", {"traceback": traceback_text((kind, error, at))})


class JsonHandler(logging.Handler):
    """Log messages as objects; ``extra={"event": …, "fields": {…}}`` names one's kind and its parts."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message."""
        try:
            fields = {"logger": record.name, **getattr(record, "fields", {})}
            if record.exc_info and record.exc_info[0]:
                fields["traceback"] = traceback_text(record.exc_info)
            event = getattr(record, "event", "message")
            write_event(record.levelname.lower(), event, record.getMessage(), fields, record.created)
        except Exception:  # noqa: BLE001  logging's own way with whatever a handler meets
            self.handleError(record)


class TerminalHandler(logging.Handler):
    """Log messages as single lines on stderr, above the progress line where there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(record.getMessage())
            if record.exc_info and record.exc_info[0]:  # a bug: its traceback is what there is to say
                stderr_console().print(Text(traceback_text(record.exc_info)), soft_wrap=True)
        except Exception:  # noqa: BLE001  logging's own way with whatever a handler meets
            self.handleError(record)
