"""The one spider: finds a site's articles by sitemaps, feeds and links, and yields each as a Page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.extraction.address_words import is_front
from crawler.failures import status_of
from crawler.identity import canonical_key, host_of, registrable_domain, site_of, web_address
from crawler.items import FoundBy, Hint, Outcome, Page
from crawler.keeping import KeepPages
from crawler.pace import Pace
from crawler.polling import due_at
from crawler.robots import RobotsGate
from crawler.room import beginning
from crawler.run import Reach, RunLog, run_of
from crawler.state import DiskError
from crawler.useragent import user_agent
from spiders.answers import content_type_of, end_of, is_torn, page_of
from spiders.arguments import Wanted, wanted
from spiders.cdx import read_cdx
from spiders.documents import NOT_MODIFIED, Documents, Named, Said, asked_for
from spiders.forbidden import FORBIDDEN, Forbidden
from spiders.frontier import MOST_ADDRESSES, Frontier, Passed
from spiders.reading import read_document
from spiders.search import DEEPEST_SECTION, NEWS, Search
from spiders.sitemap import MOST_BYTES, Child
from spiders.urls import Answer, is_page, kind_of
from spiders.when import believable, day_in, has_clock, moment_of

Found = Iterator[Request | Page]
GUESSES = ("/sitemap.xml", "/sitemap-news.xml")  # where sitemaps are that robots.txt does not name
_FIRST, _SECOND = 200, 100  # priorities of what finds articles, over that of articles, 0


class NewsSpider(scrapy.Spider):
    """``scrapy crawl news -a url=https://…`` (several with commas), or ``-a sources=FILE``; the command sets more."""

    name = "news"

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self.since = wanted.since
        self.searches = [Search(source=source, since=wanted.since) for source in wanted.sources]
        self._by_name = {search.source.name: search for search in self.searches}
        self.frontier = Frontier(len(self.searches), wanted.max_pages, wanted.since, self._is_known)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The operator's contact as Scrapy's own setting."""
        super().update_settings(settings)
        if contact := settings.get("DATELINE_CONTACT"):
            settings.set("USER_AGENT", user_agent(str(contact)), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any, **arguments: Any) -> Self:
        """Built by Scrapy; ``-a`` arguments go before settings. Raises ConfigError for what cannot be crawled."""
        spider = cls(wanted(crawler.settings, arguments, dt.datetime.now(dt.UTC).date()))
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    @property
    def run(self) -> RunLog:
        """The account that this crawl is part of."""
        return run_of(self.crawler)

    def reach(self) -> Reach:
        """How far the crawl has come (crawler.run.Searching)."""
        done = sum(self.frontier.is_done(search.source.name) for search in self.searches)
        return Reach(done=done, sources=len(self.searches), left=self.frontier.left())

    @cached_property
    def documents(self) -> Documents:
        """What earlier runs read, and what of this one is to be kept."""
        return Documents(
            kept=self.run.state.sources,
            now=dt.datetime.now(dt.UTC),
            since=self.since,
            is_full=self.settings.getbool("DATELINE_ALL"),
        )

    @cached_property
    def due(self) -> Mapping[str, Sequence[str]]:
        """The written articles that are to be looked at again, by registrable domain."""
        due: defaultdict[str, list[str]] = defaultdict(list)
        own = None
        if self.settings.get("DATELINE_GIVEN") is not None:  # the state is of many more sites than are this process's
            urls = (url for search in self.searches for url in search.source.urls)
            own = {*map(site_of, urls), *chain.from_iterable(search.sites for search in self.searches)}
        for url in self.run.state.due(round(self.documents.now.timestamp()), own):
            due[registrable_domain(url)].append(url)
        return due

    @cached_property
    def forbidden(self) -> Forbidden:
        """Addresses that their hosts forbade."""
        return Forbidden(run=self.run)

    def _leave_resting(self) -> None:
        """Sources that are not due have nothing to be waited for."""
        for search in self.searches:
            if search.source.is_named or self.documents.is_full:
                continue
            polled = self.run.state.sources.polled(search.address)
            due = due_at(polled, search.source.every, self.documents.now)
            if due > self.documents.now:
                search.is_asked, search.is_finished = False, True
                self.frontier.finish(search.source.name)
                self.run.source_rests(search.address, due)

    # Finding: start addresses first; what they are decides what else is read.

    async def start(self) -> AsyncIterator[Request]:
        """A request for each start address, and for each feed and sitemap that the sources file names."""
        self.run.has_sources({search.address: search.source.name for search in self.searches})
        self._leave_resting()
        for search in self.searches:
            source = search.source
            if search.is_finished:
                continue
            search.add_sitemaps((Child(url=url) for url in source.sitemaps), 0)
            asked = [(url, self.parse_start) for url in source.urls] + [(url, self.parse_feed) for url in source.feeds]
            self._read_files(search)
            asked += [(url, self.parse_cdx) for url in source.cdx if not url.startswith("/")]
            requests = [self._ask(search, url, way, is_start=True) for url, way in asked if search.asks_first(url)]
            for request in requests:
                yield request

    async def parse_start(self, response: Response, search: Search, **_: object) -> AsyncIterator[Request | Page]:
        """Find out what a start address is, and go on from there."""
        search.sites.add(registrable_domain(response.url))  # a start address may redirect to where its site lives now
        is_same = response.status == NOT_MODIFIED
        kind = None if is_same else kind_of(response.body, response.url, content_type_of(response))
        if kind is Answer.ARTICLE:
            if gate := self.crawler.get_downloader_middleware(RobotsGate):
                response.meta["site_rights"] = await gate.rights_of(response.url, search.source.delay_s)
            for item in self._start_article(response, search):
                yield item
        elif kind in {Answer.EMPTY, Answer.OTHER}:
            search.troubles.append(
                kind.value if kind is Answer.EMPTY else f"{kind}: {content_type_of(response) or 'no type'}"
            )
        else:
            said = self._unchanged(response, search) if kind is None else self._read(kind, response, search)
            if said.kind is Answer.FRONT:
                await self._find_sitemaps(response.url, search)
            for item in self._follow(search, said, 0):
                yield item
        for item in self._done(search):
            yield item

    def parse_feed(self, response: Response, search: Search, **_: object) -> Found:
        """A feed that a page or the sources file named."""
        yield from self._read_on(Answer.FEED, response, search, 0)

    def parse_cdx(self, response: Response, search: Search, **_: object) -> Found:
        """A list of captures of the site in a web archive."""
        yield from self._read_on(Answer.CDX, response, search, 0)

    def _read_files(self, search: Search) -> None:
        """Such lists in files."""
        for name in search.source.cdx:
            if not name.startswith("/"):
                continue
            try:
                with Path(name).open("rb") as file:
                    cdx = read_cdx(file.read(MOST_BYTES + 1))
            except OSError as error:
                search.troubles.append(f"{name}: {error.strerror or error}")
                continue
            if cdx.is_cut:
                search.met(f"{name} is larger than a list may be: {len(cdx.hints):,} addresses were read")
            self._add(search, cdx.hints)

    def parse_sitemap(self, response: Response, search: Search, depth: int, **_: object) -> Found:
        """A sitemap that robots.txt, an index or the sources file named."""
        yield from self._read_on(Answer.SITEMAP, response, search, depth)

    def parse_section(self, response: Response, search: Search, depth: int, **_: object) -> Found:
        """A section page that a page of the site linked to."""
        if response.status == NOT_MODIFIED or is_page(response.body, content_type_of(response)):
            yield from self._read_on(Answer.SECTION, response, search, depth)
        else:
            yield from self._done(search)

    def _read_on(self, kind: Answer, response: Response, search: Search, depth: int) -> Found:
        is_same = response.status == NOT_MODIFIED
        said = self._unchanged(response, search) if is_same else self._read(kind, response, search, is_start=False)
        yield from self._follow(search, said, depth)
        yield from self._done(search)

    async def finding_failed(self, failure: Failure) -> AsyncIterator[Request | Page]:
        """A document that was to name articles did not come; a missing front page leaves its sitemaps."""
        request: Request = failure.request  # type: ignore[attr-defined]
        search: Search = request.cb_kwargs["search"]
        outcome, detail = end_of(failure)
        why = f"{outcome.value} {detail}" if outcome is Outcome.HTTP_STATUS else detail
        self.logger.debug("%s gave nothing: %s", request.url, why)
        if request.cb_kwargs["is_start"]:
            search.troubles.append(f"{request.url}: {why}" if request.url not in search.source.urls else why)
            if outcome is Outcome.HTTP_STATUS and is_front(request.url):
                await self._find_sitemaps(request.url, search)
        for item in self._done(search):
            yield item

    def _ask(
        self, search: Search, url: str, callback: Callable[..., Any], *, is_start: bool = False, depth: int = 0
    ) -> Request:
        """A request for a document that may name articles, if it has changed where that can be asked."""
        search.pending += 1
        headers = self.documents.headers(search.address, url)
        is_large = callback in (self.parse_sitemap, self.parse_cdx)
        most = MOST_BYTES if is_large else self.settings.getint("DOWNLOAD_MAXSIZE")
        meta: dict[str, Any] = {
            "source": search.address,
            "delay_s": search.source.delay_s,
            "asked": url,
            **beginning(most),
        }
        if headers:
            meta["handle_httpstatus_list"] = [NOT_MODIFIED]
        if callback == self.parse_section:
            meta["sites"] = search.sites
        return Request(
            url,
            callback=callback,
            errback=self.finding_failed,
            headers=headers,
            priority=_FIRST if is_start else _SECOND,
            dont_filter=True,
            meta=meta,
            cb_kwargs={"search": search, "is_start": is_start, "depth": depth},
        )

    async def _find_sitemaps(self, url: str, search: Search) -> None:
        gate = self.crawler.get_downloader_middleware(RobotsGate)
        rules = await gate.rules_for(url, search.source.delay_s) if gate else None
        named = [web_address(url, sitemap) for sitemap in (rules.robots.sitemaps if rules else ()) or GUESSES]
        search.add_sitemaps((Child(url=sitemap) for sitemap in named if sitemap), 0)

    def _read(self, kind: Answer, response: Response, search: Search, *, is_start: bool = True) -> Said:
        """What a document says; its articles are noted, and what of them has not ended yet."""
        said, hints = read_document(kind, response, search, is_start=is_start)
        old = self.frontier.too_old()
        named = self._add(search, believable(hints))
        if kind is Answer.SITEMAP:
            search.has_read(entries=len(hints), too_old=self.frontier.too_old() - old, new=len(named.open))
            search.has_archive |= any(hint.found_by is FoundBy.SITEMAP for hint in hints)
        said = replace(said, named=named.count)
        goes_on = self.documents.goes_on(search.address, asked_for(response), said, named)
        older = said.older if goes_on and search.add_older(said.older or "", kind) else None
        self.documents.read(search.address, response, said, hints, named, older=older)
        return said

    def _spared(self, search: Search, child: Child) -> Said | None:
        return self.documents.spared(search.address, child, is_quiet=search.is_quiet)

    def _unchanged(self, response: Response, search: Search) -> Said:
        """What a document said when it was last read, since when it has not changed."""
        said = self.documents.unchanged(search.address, asked_for(response))
        search.named += said.named
        if said.kind is Answer.SITEMAP:
            search.has_read(entries=said.named)
            search.has_archive |= said.named > 0
        return said

    def _follow(self, search: Search, said: Said, depth: int) -> Iterator[Request]:
        """What a document leads to besides its articles."""
        search.sites.update(said.sites)
        search.add_sitemaps(said.sitemaps, depth + 1)
        search.add_sections(said.sections, depth + 1)
        for feed in said.feeds if depth == 0 else ():
            if search.asks_first(feed):
                yield self._ask(search, feed, self.parse_feed)

    def _add(self, search: Search, hints: Iterable[Hint]) -> Named:
        """Put what may be articles on the frontier."""
        count, fresh, has_old, is_dated, new = 0, 0, False, False, []
        for hint in hints:
            if (why := search.why_not(hint)) is not None:
                self.frontier.pass_over(hint.url, why)
            else:
                count += 1
                fresh += self.frontier.add(search.source.name, hint)
                is_old = self.frontier.was_passed(hint.url, Passed.OLD)
                has_old |= is_old
                is_dated |= not is_old and bool(hint.published or hint.modified or day_in(hint.url))
                if not is_old and not self.frontier.was_passed(hint.url, Passed.KNOWN):
                    new.append(hint.url)
            if hint.found_by in NEWS and (moment := moment_of(hint.published)) and has_clock(hint.published):
                search.came_out(min(moment, self.documents.now))
        search.named += count
        search.new += len(new)
        return Named(count=count, open=tuple(new), has_old=has_old, is_dated=is_dated, fresh=fresh)

    def _is_known(self, hint: Hint) -> bool:
        """Whether an address need not be fetched: it has ended, and nothing asks for another look at it."""
        if hint.found_by is FoundBy.RECHECK:
            return False
        if not self.run.state.is_seen(hint.url):
            return False
        modified = moment_of(hint.modified)
        return modified is None or not self.run.state.is_stale(hint.url, round(modified.timestamp()))

    def _add_due(self, search: Search) -> None:
        """The site's written articles that are to be looked at again."""
        for url in chain.from_iterable(self.due.get(site, ()) for site in sorted(search.sites)):
            self.frontier.add(search.source.name, Hint(url=url, found_by=FoundBy.RECHECK))

    def _done(self, search: Search) -> Found:
        """One document less to wait for: after the last, the next ways of finding, and at their end the articles."""
        search.pending -= 1
        if search.pending > 0 or search.is_finished:
            return
        if not self.frontier.has_enough(search.source.name):
            if (sitemap := search.next_sitemap(partial(self._spared, search))) is not None:
                url, depth = sitemap
                is_start = url in search.source.sitemaps
                yield self._ask(search, url, self.parse_sitemap, depth=depth, is_start=is_start)
                return
            for url, depth in search.next_sections(partial(self.documents.resting, search.address)):
                yield self._ask(search, url, self.parse_section, depth=depth)
            if search.pending > 0:
                return
            for url, kind in search.next_older():
                way = self.parse_feed if kind is Answer.FEED else self.parse_section
                yield self._ask(search, url, way, depth=DEEPEST_SECTION)
            if search.pending > 0:
                return
        self._finish(search)
        yield from self._articles()

    def _finish(self, search: Search) -> None:
        name = search.source.name
        self._add_due(search)
        search.is_finished = True
        self.frontier.finish(name)
        if not search.named:
            why = "; ".join(dict.fromkeys(search.troubles)) or "no address of an article found"
            self.run.source_failed(search.address, why)
        if name in self.frontier.full:
            search.met(f"more than {MOST_ADDRESSES:,} addresses named")
        for limit in search.limits:
            self.logger.warning("%s: %s; the rest is left out", name, limit)
        self.logger.info("%s: %d addresses to fetch", name, self.frontier.count(name))

    def idle(self) -> None:
        """Nothing is under way: a search that waits for something that was lost is finished."""
        stuck = [search for search in self.searches if not search.is_finished]
        for search in stuck:
            search.pending = 1
        self.frontier.all_ended()
        requests = [*(request for search in stuck for request in self._done(search)), *self._articles()]
        for request in requests:
            if isinstance(request, Request) and self.crawler.engine is not None:
                self.crawler.engine.crawl(request)
        if stuck or requests:
            raise DontCloseSpider

    # Fetching: each address once, newest first.

    def _articles(self) -> Iterator[Request]:
        for name, hint in self.frontier.take():
            search = self._by_name[name]
            self.run.found(hint.url, search.address)
            yield Request(
                hint.url,
                callback=self.parse_article,
                errback=self.article_failed,
                dont_filter=True,
                headers=self.run.state.sources.validators(hint.url).headers,
                meta={
                    "source": search.address,
                    "is_page": True,
                    "sites": search.sites,
                    "delay_s": search.source.delay_s,
                    "handle_httpstatus_list": [NOT_MODIFIED],
                },
                cb_kwargs={"search": search, "hint": hint},
            )

    def parse_article(self, response: Response, search: Search, hint: Hint) -> Found:
        """A fetched page, unless it is no page, or one that is fetched under its own address."""
        self.forbidden.has_answered(host_of(response.url))
        if response.status == NOT_MODIFIED:
            yield from self._ended(search, hint, Outcome.UNCHANGED, "not modified")
            return
        content_type = content_type_of(response)
        ended = self._redirected(response, hint)
        if ended is None and not is_page(response.body, content_type):
            ended = Outcome.NOT_AN_ARTICLE, content_type or "not HTML"
        if ended is None and is_torn(response):
            ended = Outcome.EXTRACTION_FAILED, "its packing is damaged"
        if ended is not None:
            yield from self._ended(search, hint, *ended)
            return
        self.frontier.ended(search.source.name, is_page=True)
        yield from self._articles()  # before the page, which takes its time
        yield self._page(response, hint, search)

    def _page(self, response: Response, hint: Hint, search: Search) -> Page:
        """A fetched page, kept as it came where that is wanted."""
        page = page_of(response, hint, search.source.site)
        if keeper := self.crawler.get_downloader_middleware(KeepPages):
            keeper.keep(response, page, search.address)
        return page

    def article_failed(self, failure: Failure) -> Found:
        """An article's page did not come: its address ends in the outcome that says why."""
        request: Request = failure.request  # type: ignore[attr-defined]
        search, hint = request.cb_kwargs["search"], request.cb_kwargs["hint"]
        status = status_of(failure.value)
        if status == FORBIDDEN:
            self.forbidden.hold(host_of(request.url), hint.url, search.address)
            yield from self._next(search)
        else:
            yield from self._ended(search, hint, *end_of(failure), status=status)

    def closed(self, reason: str) -> None:  # noqa: ARG002  Scrapy calls it so
        """Say what is left, and keep for later runs what was read to its end."""
        self.run.passed_over(self.frontier.passed_over())
        pace = self.crawler.get_downloader_middleware(Pace)
        self.forbidden.settle(lambda host: pace is not None and pace.is_closed(host))
        try:
            self.documents.settle(lambda url: self.run.state.is_seen(url) or self.frontier.was_passed(url, Passed.OLD))
            for search in self.searches:
                if search.is_asked and search.is_finished and not self.frontier.left(search.source.name):
                    self.run.source_asked(search.address, search.newest, search.source.every)
        except DiskError as error:  # what is not kept, the next run asks for in full
            self.run.refused_at_end(error)
        if left := self.frontier.left():
            self.logger.info("%d addresses are left for a later run", left)

    def _ended(self, search: Search, hint: Hint, outcome: Outcome, detail: str, status: int | None = None) -> Found:
        self.run.counted(hint.url, outcome, detail, search.address, status)
        yield from self._next(search)

    def _next(self, search: Search) -> Found:
        """An address gave no page: another may be fetched in its place."""
        self.frontier.ended(search.source.name, is_page=False)
        yield from self._articles()

    def _redirected(self, response: Response, hint: Hint) -> tuple[Outcome, str] | None:
        """The end of an address that leads to another which is no article or has its own turn."""
        if canonical_key(response.url) == canonical_key(hint.url):
            return None
        if is_front(response.url):
            return Outcome.SOFT_404, "redirects to the front page"
        if hint.found_by is FoundBy.RECHECK:  # where an article has moved to is a matter for the stage that writes
            return None
        if not self.frontier.reach(response.url) or self.run.state.is_seen(response.url):
            return Outcome.DUPLICATE, f"redirects to {response.url}"
        return None

    def _start_article(self, response: Response, search: Search) -> Found:
        """A start address that is an article itself."""
        search.named += 1
        hint = Hint(url=response.url, found_by=FoundBy.URL)
        if self.run.state.is_seen(response.url):
            self.frontier.pass_over(response.url, Passed.KNOWN)
            return
        if not self.frontier.claim(response.url):
            return
        self.run.found(response.url, search.address)
        yield self._page(response, hint, search)
