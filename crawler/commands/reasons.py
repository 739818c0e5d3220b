"""One page explained: what the state knows of its address, and why the page reads as it does."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import io
import os
import sys
import webbrowser
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from crawler.commands.crawl import web_address
from crawler.commands.extraction import own_weights, written_whole
from crawler.commands.jobs import is_file, load_file
from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.extraction.explain import Explanation, explain
from crawler.identity import registrable_domain, site_of
from crawler.items import Page, Refused
from crawler.memory.site_memory import MemoryFormatError, SiteMemory
from crawler.packing import unpack
from crawler.policy import Policy, accepted
from crawler.record import Facts, article_record, content_hash
from crawler.site import Site
from crawler.sources import read_sources
from crawler.state.reading import is_there
from crawler.state.whereabouts import Whereabouts, whereabouts
from crawler.terminal import one_line, say, stdout_console
from crawler.why.answer import Answer, Fact, facts_of
from crawler.why.page import html_page
from crawler.why.text import print_answer
from crawler.workers import Workers

PAGE = Path("why.html")
TEXT_COLUMNS = 100  # of a text that goes into a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A page to be explained, or why there is none, and how it came."""

    page: Page | Refused | None  # None where it was not to be looked at
    came: str
    known: Whereabouts | None  # None where there is no state


def explain_page(options: argparse.Namespace) -> Exit:
    """Write, or print, what is found; SOME_FAILED where there is nothing to show but why."""
    weights = own_weights(options.model)
    looked = _of_file(options) if is_file(options.page) else _of_address(options)
    answer = _answer(options, looked, partial(explain, weights=weights) if weights else explain)
    if options.text:
        _print(answer, options.output)
    else:
        path = options.output or PAGE
        with written_whole(path) as stream:
            stream.write(html_page(answer).encode("utf-8"))
        stdout_console().print(one_line(str(path)), soft_wrap=True)
        if not options.no_open and is_terminal() and _has_display():
            webbrowser.open(path.absolute().as_uri())
    return _exit_code(answer, looked.known)


def _of_file(options: argparse.Namespace) -> Looked:
    if options.no_fetch:
        raise ConfigError(f"--no-fetch: is for addresses, and {options.page} is a file")
    page = load_file(Path(options.page), dt.datetime.now(dt.UTC).date(), options.language)
    known = None
    if isinstance(page, Page) and not page.url.startswith("file:"):
        known = _known(options, page.url)
        page = replace(page, site=_configured(options, page))
    return Looked(page=page, came="a saved file", known=known)


def _of_address(options: argparse.Namespace) -> Looked:
    url = web_address(options.page)
    known = _known(options, url)
    if options.no_fetch:
        return Looked(page=None, came="not asked for (--no-fetch)", known=known)
    if known and known.waiting is not None:
        try:
            page, source = unpack(known.waiting)
        except ValueError as error:
            say(f"{url}: the page that waits in the state cannot be read ({error}); it is fetched")
        else:
            return Looked(page=page, came=f"kept in the state since {page.fetched_at}, named by {source}", known=known)
    from crawler.commands.fetch import fetch_pages

    fetched = fetch_pages([url], options)[url]
    if isinstance(fetched, Page):
        fetched = replace(fetched, site=_configured(options, fetched))
    return Looked(page=fetched, came="fetched just now, without the feed or sitemap that names it", known=known)


def _known(options: argparse.Namespace, url: str) -> Whereabouts | None:
    """What the state knows; None where there is no state, unless it alone is asked."""
    place = options.state or options.data
    if not options.no_fetch and not is_there(place):
        return None
    return whereabouts(options.data, url, place)


def _configured(options: argparse.Namespace, page: Page) -> Site:
    """What the sources file says of a page's site, as a crawl would be told."""
    if options.sources is None:
        return page.site
    own = registrable_domain(page.url)
    site = next((source.site for source in read_sources(options.sources) if own in source.sites), page.site)
    return replace(site, language=options.language) if options.language else site


def _answer(options: argparse.Namespace, looked: Looked, work: Callable[[Page], Explanation | Refused]) -> Answer:
    page, known = looked.page, looked.known
    facts = () if is_file(options.page) else tuple(_facts(options, known))
    read = [Fact(name="page", text=looked.came)]
    if not isinstance(page, Page):
        explanation = Explanation(url=options.page, refused=page) if page else None
        return Answer(name=options.page, known=facts, read=tuple(read), explanation=explanation)
    page, told = _told(page, known, is_wanted=not options.no_memory)
    explanation = asyncio.run(_explained(page, work))
    read += [Fact(name="memory", text=told), *_compared(explanation, None if is_file(options.page) else known)]
    return Answer(name=page.url, known=facts, read=tuple(read), explanation=explanation)


def _facts(options: argparse.Namespace, known: Whereabouts | None) -> Iterable[Fact]:
    if known is None:
        return [Fact(name="state", text=f"there is none in {options.state or options.data}")]
    return facts_of(known, Policy(obeys_noindex=True), dt.datetime.now(dt.UTC))


def _told(page: Page, known: Whereabouts | None, *, is_wanted: bool) -> tuple[Page, str]:
    """The page with what its site has taught, and what is to be said of that."""
    alone, site = replace(page, teaches=False), site_of(page.url)
    if not is_wanted:
        return alone, "none (--no-memory)"
    if known is None or known.memory is None:
        return alone, "none: the state knows nothing of its site" if known else "none: there is no state"
    try:
        memory = SiteMemory.from_bytes(site, known.memory)
    except MemoryFormatError as error:
        return alone, f"none: {error}"
    return replace(alone, site=memory.told(page.site)), f"what {memory.pages:,} pages of {site} have taught"


async def _explained(page: Page, work: Callable[[Page], Explanation | Refused]) -> Explanation:
    with closing(Workers(work, size=1)) as workers:
        result = await workers.extract(page)
    return Explanation(url=page.url, refused=result) if isinstance(result, Refused) else result


def _compared(explanation: Explanation, known: Whereabouts | None) -> list[Fact]:
    """How the page reads beside what was written of it, and whether a crawl would write it."""
    facts: list[Fact] = []
    extract = explanation.extract
    if extract is None or explanation.refused:
        return facts
    wanted = accepted(extract, Policy(obeys_noindex=True))
    if isinstance(wanted, Refused):
        facts.append(Fact(name="a crawl", text=f"would not write it: {wanted.reason}: {wanted.detail}"))
    if known and known.article and content_hash(extract) == known.article.content_hash:
        facts.append(Fact(name="the record", text="says the same: title, text, date and authors"))
    elif known and known.line:
        now = article_record(extract, Facts(id="", date_crawled="", first_seen=""))
        names = ("title", "content_text", "date_published", "authors")
        others = [name for name in names if now[name] != known.line.record.get(name)]
        facts.append(Fact(name="the record", text=f"has another {', '.join(others) or 'order of authors'}"))
    return facts


def _print(answer: Answer, output: Path | None) -> None:
    if output is None:
        print_answer(answer, stdout_console())
        return
    text = io.StringIO()
    print_answer(answer, Console(file=text, width=TEXT_COLUMNS, highlight=False, markup=False, emoji=False))
    with written_whole(output) as stream:
        stream.write(text.getvalue().encode("utf-8", "replace"))


def is_terminal() -> bool:
    """Whether somebody reads what is printed."""
    return sys.stdout.isatty()


def _has_display() -> bool:
    """Whether a browser can open a window here; without one it would take the terminal."""
    return sys.platform in {"darwin", "win32"} or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def _exit_code(answer: Answer, known: Whereabouts | None) -> Exit:
    """FINE where a page was read, or the state that alone was asked knows the address."""
    if answer.explanation is None:
        return Exit.FINE if known and (known.ending or known.waiting) else Exit.SOME_FAILED
    return Exit.FINE if answer.explanation.extract else Exit.SOME_FAILED
