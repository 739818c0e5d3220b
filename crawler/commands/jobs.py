"""The pages that a command is given, as jobs: saved ones of a manifest, single files, addresses to be fetched once."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from crawler.commands.crawl import web_address
from crawler.items import Page, Refused
from crawler.saved import SavedPage, declared_address, load_page, read_manifest
from crawler.workers import Workers

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A page that is owed a line."""

    name: str  # in messages
    url: str
    load: Callable[[], Page | Refused]
    id: str | None = None

    def address(self) -> str:
        """The page's web address: of a file, the one that it declares for itself; empty where it declares none."""
        if not self.url.startswith("file:"):
            return self.url
        page = self.load()
        return page.url if isinstance(page, Page) and not page.url.startswith("file:") else ""


def jobs_of(options: argparse.Namespace) -> list[Job]:
    """The pages that the options name: the manifest's first, then files and addresses in the order given."""
    today = dt.datetime.now(dt.UTC).date()
    jobs: list[Job] = []
    if options.manifest:
        base = options.base or options.manifest.parent
        for saved in read_manifest(options.manifest, base, today):
            jobs.append(_saved_job(replace(saved, language=options.language)))
    addresses = {name: web_address(name) for name in options.pages if not is_file(name)}
    fetched = _fetch(options, list(addresses.values())) if addresses else {}
    for name in options.pages:
        if name in addresses:
            url = addresses[name]
            jobs.append(Job(name=url, url=url, load=partial(fetched.__getitem__, url)))
        else:
            jobs.append(_file_job(Path(name), today, options.language))
    return jobs


async def results_of(
    jobs: Iterable[Job], workers: Workers[Result], ready: Callable[[Page], Page] = lambda page: page
) -> AsyncIterator[tuple[Job, Page | None, Result | Refused]]:
    """Every job's result in the order of the jobs, a few pages ahead of the one that is waited for.

    ``ready`` is what a page goes through before it is read.
    """

    async def result_of(job: Job) -> tuple[Job, Page | None, Result | Refused]:
        page = job.load()
        return (job, None, page) if isinstance(page, Refused) else (job, page, await workers.extract(ready(page)))

    waiting: deque[asyncio.Task[tuple[Job, Page | None, Result | Refused]]] = deque()
    try:
        for job in jobs:
            waiting.append(asyncio.create_task(result_of(job)))
            if len(waiting) > workers.size * 4:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()


def is_file(name: str) -> bool:
    """Whether an argument names a file: it is there, or it cannot be an address."""
    return Path(name).exists() or ("://" not in name and name.lower().endswith((".html", ".htm", ".gz", ".xhtml")))


def _saved_job(saved: SavedPage) -> Job:
    return Job(name=str(saved.path), url=saved.url, id=saved.id, load=partial(load_page, saved))


def _file_job(path: Path, today: dt.date, language: str | None) -> Job:
    return Job(name=str(path), url=path.absolute().as_uri(), load=partial(load_file, path, today, language))


def load_file(path: Path, today: dt.date, language: str | None) -> Page | Refused:
    """A saved page whose address is the one that it declares for itself, if any."""
    page = load_page(SavedPage(path=path, url=path.absolute().as_uri(), fetched_at=today, language=language))
    if isinstance(page, Refused):
        return page
    return replace(page, url=declared_address(page.body) or page.url)


def _fetch(options: argparse.Namespace, urls: list[str]) -> dict[str, Page | Refused]:
    from crawler.commands.fetch import fetch_pages

    return fetch_pages(urls, options)
