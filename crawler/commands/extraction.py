"""Batches of saved pages through the extraction processes: one line each, in order."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crawler.commands.jobs import Job, jobs_of, results_of
from crawler.commands.learning import Lessons, extractors
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.extraction.model.judge import read
from crawler.extraction.model.weights import Weights, WeightsError
from crawler.items import Extract, Page, Reason, Refused
from crawler.policy import Policy, accepted
from crawler.record import (
    Facts,
    article_id,
    article_record,
    id_of_address,
    json_line,
    refusal_record,
    utc_stamp,
)
from crawler.state import DiskError
from crawler.terminal import say, stderr_console

_FAILURES = frozenset({Reason.UNREADABLE, Reason.FAILED})


def extract_pages(options: argparse.Namespace) -> int:
    """Write a line for every page that the options name; the exit code."""
    jobs = jobs_of(options)
    own_weights(options.model)
    lessons = Lessons([] if options.no_memory else jobs)
    with written_whole(options.output) as output, _progress(len(jobs) + lessons.pages) as step:
        failed = asyncio.run(_write_lines(jobs, lessons, options, output, step))
    return Exit.SOME_FAILED if failed else Exit.FINE


def own_weights(model: Path | None) -> Weights | None:
    """The weights in a file, None where none is named; ConfigError where they cannot be used."""
    if model is None:
        return None
    try:
        return read(model.read_bytes())
    except OSError as error:
        raise ConfigError(f"--model {model}: {error.strerror}") from None
    except WeightsError as error:
        raise ConfigError(f"--model {model}: {error}") from None


def line_of(job: Job, page: Page | None, result: Extract | Refused) -> bytes:
    """The line that a page is owed."""
    if page is None or isinstance(result, Refused):
        refused = result if isinstance(result, Refused) else Refused(reason=Reason.FAILED)
        url = page.url if page else job.url
        return json_line(refusal_record(url, refused, job.id or id_of_address(url)))
    crawled = utc_stamp(page.fetched_at)
    facts = Facts(
        id=job.id or article_id(result),
        date_crawled=crawled,
        first_seen=crawled,
        http_status=page.status if page.hint else None,
        found_by=page.hint.found_by if page.hint else None,
    )
    return json_line(article_record(result, facts))


async def _write_lines(
    jobs: Sequence[Job], lessons: Lessons, options: argparse.Namespace, output: BinaryIO, step: Callable[[], None]
) -> int:
    """Write the lines in order as they come; how many pages could not be read or extracted."""
    failed, policy, workers = 0, Policy(undated=options.undated), extractors(options.model)
    try:
        await lessons.learn(workers, step)
        async for job, page, result in results_of(jobs, workers, lessons.told):
            answer = accepted(result, policy) if isinstance(result, Extract) else result
            if isinstance(answer, Refused) and answer.reason in _FAILURES:
                failed += 1
                say(f"{job.name}: {answer.reason}: {answer.detail}")
            output.write(line_of(job, page, answer))
            step()
    finally:
        workers.close()
    return failed


@contextmanager
def written_whole(path: Path | None) -> Iterator[BinaryIO]:
    """Where a result goes: stdout, or a file, which gets its name only when all is in it: it is never half a result."""
    if path is None or (path.exists() and not path.is_file()):
        with _disk_errors(path), path.open("wb") if path else nullcontext(sys.stdout.buffer) as stream:
            yield stream
            stream.flush()
        return
    draft = path.with_name(f"{path.name}.part")
    with _disk_errors(path):
        with draft.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)


@contextmanager
def _disk_errors(path: Path | None) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DiskError(f"{path or error.filename or 'standard output'}: {error.strerror or error}") from error


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr where that is a terminal; what to call after each page."""
    console = stderr_console()
    columns = (TextColumn("extracting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal or total < 2) as bar:
        task = bar.add_task("extracting", total=total)
        yield lambda: bar.advance(task)
