"""Saved pages of one site judged together: first each site's pages teach its memory, then each is read with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from crawler.commands.jobs import Job, results_of
from crawler.identity import site_of
from crawler.items import Extract, Page
from crawler.memory.furniture import ENOUGH_PAGES
from crawler.memory.site_memory import SiteMemory
from crawler.terminal import say
from crawler.workers import Workers, extract_page

AT_ONCE = 64  # pages that a memory learns from together


class Lessons:
    """The sites of which there are enough pages to learn from, and what their pages have taught."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._sites = _by_site(jobs)
        self._memories: dict[str, SiteMemory] = {}

    @property
    def pages(self) -> int:
        """How many pages are read to learn from."""
        return sum(map(len, self._sites.values()))

    async def learn(self, workers: Workers[Extract], step: Callable[[], None]) -> None:
        """Read the pages once, in the order of their addresses; ``step`` after each."""
        for site, pages in self._sites.items():
            memory = self._memories[site] = SiteMemory(site)
            for start in range(0, len(pages), AT_ONCE):
                traces = []
                async for _, _, result in results_of(pages[start : start + AT_ONCE], workers):
                    traces += [result.trace] if isinstance(result, Extract) and result.trace else []
                    step()
                for sentence in memory.learn(traces):
                    say(f"{site}: {sentence}")

    def told(self, page: Page) -> Page:
        """The page with what is known of its site; it teaches nothing more."""
        memory = self._memories.get(site_of(page.url))
        return replace(page, site=memory.told(page.site) if memory else page.site, teaches=False)


def extractors(model: Path | None) -> Workers[Extract]:
    """Workers that extract pages, with the weights in a file where one is named."""
    return Workers(partial(extract_page, model=model) if model else extract_page)


def _by_site(jobs: Sequence[Job]) -> dict[str, list[Job]]:
    """The jobs of each site that has enough of them, in the order of their addresses."""
    sites: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        sites[site_of(job.address())].append(job)
    ordered = ((site, sorted(pages, key=lambda job: (job.url, job.name))) for site, pages in sites.items() if site)
    return {site: pages for site, pages in ordered if len(pages) >= ENOUGH_PAGES}
