"""How far a long work on files is, shown where a person watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crawler.terminal import stderr_console


@contextmanager
def bytes_bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar of bytes that are read; it is told of them as they are."""
    with _bar("reading", DownloadColumn(), total) as advance:
        yield advance


@contextmanager
def articles_bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar of articles that are written; it is told of them as they are."""
    with _bar("writing", MofNCompleteColumn(), total) as advance:
        yield advance


@contextmanager
def _bar(what: str, count: DownloadColumn | MofNCompleteColumn, total: int) -> Iterator[Callable[[int], None]]:
    console = stderr_console()
    columns = (TextColumn(what), BarColumn(), count, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda step: bar.advance(task, step)
