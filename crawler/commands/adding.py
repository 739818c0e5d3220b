"""A site that is to become a source: looked at, shown, and written once that is wanted."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn
from urllib.parse import urljoin

from rich.text import Text
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.card import Card, card_of
from crawler.commands.cards import show
from crawler.commands.project import looking_settings
from crawler.exits import Exit
from crawler.identity import site_of
from crawler.items import Extract, Page, Refused
from crawler.memory.dates import DateHabits
from crawler.memory.site_memory import SiteMemory
from crawler.probed import Miss, Probed, Sample
from crawler.record import safe_json
from crawler.sources import Source
from crawler.sources_file import add_source, known_sources, name_for, same_site, table_text
from crawler.terminal import is_watched, one_line, say, stderr_console, stdout_console
from crawler.workers import Workers, extract_page
from spiders.probe import ProbeSpider

ARTICLE_PATH = "an-address-of-an-article-12345.html"


def add(options: argparse.Namespace, url: str) -> Exit:
    """Look at a site and add it to the file of sources; ConfigError where that cannot be used, before any request."""
    sources = known_sources(options.sources)
    if not options.dry_run and (known := same_site(sources, url)):
        return _is_known(options, known)
    try:
        card = look(url, options)
    except KeyboardInterrupt:
        _leave()
    name = name_for(card.probed.url, {source.name for source in sources})
    known = same_site(sources, url, card.probed.url)
    is_new = card.is_source and known is None
    if not options.json:
        show(card, name if is_new else None, stdout_console())
    is_written = is_new and _is_wanted(options)
    if is_written:
        add_source(options.sources, name, card.as_table())
    if options.json:
        _print_json(options, card, name, known, is_written=is_written)
    elif is_written:
        place = f"{options.sources}: [{name}] is written; dateline crawl --sources {options.sources} crawls it"
        stdout_console().print(Text(place), soft_wrap=True)
    if known:
        return _is_known(options, known)
    if not card.is_source:
        say(f"{card.probed.given}: no article could be read, so that nothing was written")
        return Exit.SOME_FAILED
    return Exit.FINE


def look(url: str, options: argparse.Namespace) -> Card:
    """The card of a site, by a few requests to it."""
    found = Probed(given=url, url=url)
    with stderr_console().status("looking …") if is_watched() else nullcontext() as status:
        tell = partial(_tell, status) if status else lambda _: None
        _probe(found, options, tell, partial(_leave, status))
        if status:
            status.update("reading the articles …")
        samples, habits = asyncio.run(_read(found))
    return card_of(found, samples, habits, dt.datetime.now(dt.UTC))


def _tell(status: Any, url: str) -> None:
    status.update(Text(f"looking at {one_line(url)}", no_wrap=True, overflow="ellipsis"))


def _leave(status: Any = None) -> NoReturn:
    """End the command at once: nothing is written yet."""
    if status:
        status.stop()  # and the cursor is shown again
    say("stopped; nothing was written")
    os._exit(Exit.INTERRUPTED)  # a normal exit would wait for the network's threads


def _probe(
    found: Probed, options: argparse.Namespace, tell: Callable[[str], None], leave: Callable[[], NoReturn]
) -> None:
    process = AsyncCrawlerProcess(_settings(options))
    task = process.crawl(ProbeSpider, found=found, tell=tell)
    # not KeyboardInterrupt, which Twisted takes for an error of whatever callback it comes in
    asyncio.get_event_loop().add_signal_handler(signal.SIGINT, leave)
    process.start(install_signal_handlers=False)
    if error := task.exception():
        raise error


def _settings(options: argparse.Namespace) -> Settings:
    """The crawl's own settings to look with, and a bound of the requests."""
    settings = looking_settings(options.allow, options.contact, DATELINE_DELAY=options.delay)
    budgeted = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), "spiders.probe.Budget": 990}
    settings.set("DOWNLOADER_MIDDLEWARES", budgeted, priority="cmdline")
    return settings


async def _read(found: Probed) -> tuple[list[Sample], DateHabits]:
    """The pages that came as they would be written: read once to learn from, and once with what they teach."""
    memory, habits = SiteMemory(site_of(found.url)), DateHabits()
    pages = [(hint, page) for hint, page in found.samples if isinstance(page, Page)]
    with closing(Workers(extract_page)) as workers:
        first = await _extract(workers, [page for _, page in pages])
        traces = [result.trace for result in first if isinstance(result, Extract) and result.trace]
        memory.learn(traces)
        for trace in traces:
            habits.learn(trace.dates)
        told = [replace(page, site=memory.told(page.site), teaches=False) for _, page in pages]
        results = iter(await _extract(workers, told))
        if found.front and not found.articles:
            # asked as if it were an article: of a front page it is said that it is one, whatever stands on it
            front = await workers.extract(replace(found.front, url=urljoin(found.front.url, ARTICLE_PATH)))
            found.stands_in = front if isinstance(front, Refused) else None
    missed = [Sample(hint=hint, result=page) for hint, page in found.samples if isinstance(page, Miss)]
    return [*(Sample(hint=hint, result=next(results)) for hint, _ in pages), *missed], habits


async def _extract(workers: Workers[Extract], pages: Sequence[Page]) -> list[Extract | Refused]:
    return list(await asyncio.gather(*map(workers.extract, pages)))


def _is_wanted(options: argparse.Namespace) -> bool:
    """Whether the source is to be written: as an option says, or the person in front of the terminal."""
    if options.yes or options.dry_run or options.json:
        return bool(options.yes)
    if not (sys.stdin.isatty() and stdout_console().is_terminal):
        say("nothing was written: add it with --yes")
        return False
    stdout_console().print(f"Add it to {options.sources}? [Y/n] ", end="", soft_wrap=True)
    answer = sys.stdin.readline()
    if answer.strip().lower() not in {"", "y", "yes"} or not answer:
        say("nothing was written")
        return False
    return True


def _is_known(options: argparse.Namespace, known: Source) -> Exit:
    say(
        f"{options.sources}: has this site already, as [{known.name}]; another address of it goes into the list url"
        " there (--dry-run looks at it all the same)"
    )
    return Exit.FINE


def _print_json(options: argparse.Namespace, card: Card, name: str, known: Source | None, *, is_written: bool) -> None:
    told = {
        "name": known.name if known else name,
        "is_known": known is not None,
        "written_to": str(options.sources) if is_written else None,
        "table": card.as_table(),
        "toml": table_text(name, card.as_table()),
    }
    print(safe_json(card.as_json() | told, indent=1))  # noqa: T201  what was asked for
