"""Batches of saved pages through the extraction processes: one line each, in order."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crawler.commands.crawl import web_address
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
from crawler.saved import SavedPage, declared_address, load_page, read_manifest
from crawler.state import DiskError
from crawler.terminal import say, stderr_console
from crawler.workers import Workers, extract_page

_FAILURES = frozenset({Reason.UNREADABLE, Reason.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A page that is owed a line."""

    name: str  # in messages
    url: str
    load: Callable[[], Page | Refused]
    id: str | None = None


def extract_pages(options: argparse.Namespace) -> int:
    """Write a line for every page that the options name; the exit code."""
    jobs = jobs_of(options)
    own_weights(options.model)
    with _output(options.output) as output, _progress(len(jobs)) as step:
        failed = asyncio.run(_write_lines(jobs, options, output, step))
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


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """The pages that the options name: the manifest's first, then files and addresses in the order given."""
    today = dt.datetime.now(dt.UTC).date()
    jobs: list[Job] = []
    if options.manifest:
        base = options.base or options.manifest.parent
        for saved in read_manifest(options.manifest, base, today):
            jobs.append(_saved_job(replace(saved, language=options.language)))
    addresses = {name: web_address(name) for name in options.pages if not _is_file(name)}
    fetched = _fetch(options, list(addresses.values())) if addresses else {}
    for name in options.pages:
        if name in addresses:
            url = addresses[name]
            jobs.append(Job(name=url, url=url, load=partial(fetched.__getitem__, url)))
        else:
            jobs.append(_file_job(Path(name), today, options.language))
    return jobs


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
    jobs: Sequence[Job], options: argparse.Namespace, output: BinaryIO, step: Callable[[], None]
) -> int:
    """Write the lines in order as they come; how many pages could not be read or extracted."""
    failed, policy = 0, Policy(undated=options.undated)
    async for job, page, result in _results(jobs, options.model):
        if isinstance(result, Extract):
            result = accepted(result, policy)
        if isinstance(result, Refused) and result.reason in _FAILURES:
            failed += 1
            say(f"{job.name}: {result.reason}: {result.detail}")
        output.write(line_of(job, page, result))
        step()
    return failed


async def _results(
    jobs: Sequence[Job], model: Path | None
) -> AsyncIterator[tuple[Job, Page | None, Extract | Refused]]:
    """Every job's result in the order of the jobs, a few pages ahead of the one that is waited for."""
    workers = Workers(partial(extract_page, model=model) if model else extract_page)
    waiting: deque[tuple[Job, asyncio.Task[tuple[Page | None, Extract | Refused]]]] = deque()
    try:
        for job in jobs:
            waiting.append((job, asyncio.create_task(_result(job, workers))))
            if len(waiting) > workers.size * 4:
                first, task = waiting.popleft()
                yield first, *(await task)
        while waiting:
            first, task = waiting.popleft()
            yield first, *(await task)
    finally:
        for _, task in waiting:
            task.cancel()
        workers.close()


async def _result(job: Job, workers: Workers[Extract]) -> tuple[Page | None, Extract | Refused]:
    page = job.load()
    if isinstance(page, Refused):
        return None, page
    return page, await workers.extract(page)


def _is_file(name: str) -> bool:
    """Whether an argument names a file: it is there, or it cannot be an address."""
    return Path(name).exists() or ("://" not in name and name.lower().endswith((".html", ".htm", ".gz", ".xhtml")))


def _saved_job(saved: SavedPage) -> Job:
    return Job(name=str(saved.path), url=saved.url, id=saved.id, load=partial(load_page, saved))


def _file_job(path: Path, today: dt.date, language: str | None) -> Job:
    saved = SavedPage(path=path, url=path.absolute().as_uri(), fetched_at=today, language=language)
    return Job(name=str(path), url=saved.url, load=partial(_load_file, saved))


def _load_file(saved: SavedPage) -> Page | Refused:
    """A saved page whose address is the one that it declares for itself, if any."""
    page = load_page(saved)
    if isinstance(page, Refused):
        return page
    return replace(page, url=declared_address(page.body) or page.url)


def _fetch(options: argparse.Namespace, urls: list[str]) -> dict[str, Page | Refused]:
    from crawler.commands.fetch import fetch_pages

    return fetch_pages(urls, options)


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Where the lines go. A file gets its name only when every line is in it, so that it is never half a result."""
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
