"""The one spider: finds a site's articles by sitemaps, feeds and links, and yields each as a Page."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Self
from urllib.parse import urljoin

import scrapy
from lxml.html import HtmlElement
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.extraction.address_words import is_front
from crawler.extraction.html import parse_html
from crawler.failures import status_of
from crawler.identity import canonical_key, registrable_domain
from crawler.items import FoundBy, Hint, Outcome, Page
from crawler.robots import RobotsGate
from crawler.run import RunLog, run_of
from crawler.useragent import user_agent
from spiders.answers import charset_of, content_type_of, end_of, page_of
from spiders.arguments import Wanted, wanted
from spiders.documents import NOT_MODIFIED, Documents
from spiders.feed import read_feed
from spiders.frontier import MOST_ADDRESSES, Frontier, Passed
from spiders.search import Search
from spiders.section import MOST_LINKS, article_links, feeds_of, is_trap, links_of, section_links
from spiders.shape import may_be_article
from spiders.sitemap import MOST_BYTES, Child, read_sitemap
from spiders.urls import Answer, is_page, kind_of
from spiders.when import believable, moment_of

Found = Iterator[Request | Page]
GUESSES = ("/sitemap.xml", "/sitemap-news.xml")  # where sitemaps are that robots.txt does not name
_FIRST, _SECOND = 200, 100  # priorities of what finds articles, over that of articles, 0


class NewsSpider(scrapy.Spider):
    """``scrapy crawl news -a url=https://…`` (several with commas), or ``-a sources=FILE``; the command sets more."""

    name = "news"

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self.searches = [Search(source=source, since=wanted.since) for source in wanted.sources]
        self._documents: Documents | None = None
        self._due: list[str] | None = None  # articles to be looked at again, asked for once
        self._by_name = {search.source.name: search for search in self.searches}
        self.frontier = Frontier(len(self.searches), wanted.max_pages, wanted.since, self._is_known)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The command's delay and the operator's contact as Scrapy's own settings."""
        super().update_settings(settings)
        if contact := settings.get("DATELINE_CONTACT"):
            settings.set("USER_AGENT", user_agent(str(contact)), priority="spider")
        if settings.get("DATELINE_DELAY") is not None:
            settings.set("DOWNLOAD_DELAY", settings.getfloat("DATELINE_DELAY"), priority="spider")

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

    @property
    def documents(self) -> Documents:
        """The feeds and sitemaps that earlier runs have read, and this one."""
        if self._documents is None:
            self._documents = Documents(self.run.state, round(dt.datetime.now(dt.UTC).timestamp()))
        return self._documents

    # Finding: start addresses first; what they are decides what else is read.

    async def start(self) -> AsyncIterator[Request]:
        """A request for each start address, and for each feed and sitemap that the sources file names."""
        for search in self.searches:
            source = search.source
            search.add_sitemaps((Child(url=url) for url in source.sitemaps), 0)
            asked = [(url, self.parse_start) for url in source.urls] + [(url, self.parse_feed) for url in source.feeds]
            requests = [self._ask(search, url, way, is_start=True) for url, way in asked if search.asks_first(url)]
            for request in requests:
                yield request

    async def parse_start(self, response: Response, search: Search, **_: object) -> AsyncIterator[Request | Page]:
        """Find out what a start address is, and go on from there."""
        if response.status == NOT_MODIFIED:
            for item in self._unchanged(search):
                yield item
            return
        search.sites.add(registrable_domain(response.url))  # a start address may redirect to where its site lives now
        kind = kind_of(response.body, response.url, content_type_of(response))
        if kind is Answer.ARTICLE:
            found = self._start_article(response, search)
        elif kind is Answer.FEED:
            found = self._read_feed(response, search, is_start=True)
        elif kind is Answer.SITEMAP:
            found = self._read_sitemap(response, search, 0, is_start=True)
        elif kind in {Answer.FRONT, Answer.SECTION}:
            if kind is Answer.FRONT:
                await self._find_sitemaps(response.url, search)
            found = self._read_list(response, search, 0)
        else:
            search.troubles.append(
                kind.value if kind is Answer.EMPTY else f"{kind}: {content_type_of(response) or 'no type'}"
            )
            found = iter(())
        for item in found:
            yield item
        for item in self._done(search):
            yield item

    def parse_feed(self, response: Response, search: Search, **_: object) -> Found:
        """A feed that a page or the sources file named."""
        if response.status == NOT_MODIFIED:
            yield from self._unchanged(search)
            return
        yield from self._read_feed(response, search, is_start=False)
        yield from self._done(search)

    def parse_sitemap(self, response: Response, search: Search, depth: int, **_: object) -> Found:
        """A sitemap that robots.txt, an index or the sources file named."""
        if response.status == NOT_MODIFIED:
            yield from self._unchanged(search)
            return
        yield from self._read_sitemap(response, search, depth, is_start=False)
        yield from self._done(search)

    def _unchanged(self, search: Search) -> Found:
        """A document that has not changed since all that it names has ended."""
        search.named += 1
        yield from self._done(search)

    def parse_section(self, response: Response, search: Search, depth: int, **_: object) -> Found:
        """A section page that a page of the site linked to."""
        if is_page(response.body, content_type_of(response)):
            yield from self._read_list(response, search, depth)
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
        """A request for a document that may name articles."""
        search.pending += 1
        meta: dict[str, Any] = {"delay_s": search.source.delay_s, "handle_httpstatus_list": [NOT_MODIFIED]}
        if callback == self.parse_sitemap:
            meta["download_maxsize"] = MOST_BYTES
        if callback == self.parse_section:
            meta["sites"] = search.sites
        return Request(
            url,
            callback=callback,
            errback=self.finding_failed,
            headers=self.documents.headers_for(url),
            priority=_FIRST if is_start else _SECOND,
            dont_filter=True,
            meta=meta,
            cb_kwargs={"search": search, "is_start": is_start, "depth": depth},
        )

    async def _find_sitemaps(self, url: str, search: Search) -> None:
        gate = self.crawler.get_downloader_middleware(RobotsGate)
        rules = await gate.rules_for(url) if gate else None
        named = [urljoin(url, sitemap) for sitemap in rules.sitemaps] if rules else []
        search.add_sitemaps((Child(url=sitemap) for sitemap in named or (urljoin(url, path) for path in GUESSES)), 0)

    def _read_feed(self, response: Response, search: Search, *, is_start: bool) -> Found:
        feed = read_feed(response.body, response.url, content_type_of(response))
        if is_start and feed.home:  # feeds often live on a host of their own
            search.sites.add(registrable_domain(feed.home))
        if feed.is_cut:
            search.met(f"{response.url} is larger than a feed may be: {len(feed.hints):,} entries were read")
        if not feed.hints:
            what = "a feed without entries that can be read"
            search.troubles.append(what if response.url in search.source.urls else f"{response.url}: {what}")
        owed = self._add(search, believable(feed.hints))
        if feed.hints and not feed.is_cut and search.owns(response.url):  # else its home page names the site
            self.documents.has_read(response, owed)
        return iter(())

    def _read_sitemap(self, response: Response, search: Search, depth: int, *, is_start: bool) -> Found:
        sitemap = read_sitemap(response.body, response.url)
        here = registrable_domain(response.url)
        if is_start:
            search.sites.update(registrable_domain(hint.url) for hint in sitemap.hints[:1])
        children = [
            child for child in sitemap.children if search.owns(child.url) or registrable_domain(child.url) == here
        ]
        changed = list(self.documents.changed(children))
        search.named += len(children) - len(changed)
        search.add_sitemaps(changed, depth + 1)
        if sitemap.is_cut:
            read = len(sitemap.hints) + len(sitemap.children)
            search.met(f"{response.url} is larger than a sitemap may be, or damaged: {read:,} entries were read")
        if is_start and not sitemap.hints and not children:
            search.troubles.append("a sitemap without entries that can be read")
        old = self.frontier.too_old()
        owed = self._add(search, believable(sitemap.hints))
        if sitemap.hints and not sitemap.children and not sitemap.is_cut:
            self.documents.has_read(response, owed)
        search.has_read(entries=len(sitemap.hints), too_old=self.frontier.too_old() - old)
        return iter(())

    def _read_list(self, response: Response, search: Search, depth: int) -> Found:
        tree = parse_html(response.body, charset_of(response))
        if tree is None:
            return
        links = links_of(tree, response.url, search.sites)
        if len(links) >= MOST_LINKS:
            search.met(f"more than {MOST_LINKS:,} links on {response.url}")
        self._add(search, (Hint(url=link.url, found_by=FoundBy.LINK) for link in article_links(links)))
        search.add_sections((link.url for link in section_links(links)), depth + 1)
        if depth == 0:
            yield from self._ask_feeds(tree, response.url, search)

    def _ask_feeds(self, tree: HtmlElement, url: str, search: Search) -> Iterator[Request]:
        for feed in feeds_of(tree, url):
            if search.asks_first(feed):
                yield self._ask(search, feed, self.parse_feed)

    def _add(self, search: Search, hints: Iterable[Hint]) -> list[Hint]:
        """Hand over what may be articles of the site; those, known ones among them."""
        owed = []
        for hint in hints:
            is_trusted = hint.found_by in {FoundBy.FEED, FoundBy.NEWS_SITEMAP}
            if not search.owns(hint.url):
                self.frontier.pass_over(hint.url, Passed.OFF_SITE)
            elif is_trap(hint.url):
                self.frontier.pass_over(hint.url, Passed.TRAP)
            elif hint.found_by is not FoundBy.LINK and not may_be_article(hint.url, is_trusted=is_trusted):
                self.frontier.pass_over(hint.url, Passed.NO_ARTICLE)
            else:
                search.named += 1
                self.frontier.add(search.source.name, hint)
                owed.append(hint)
        return owed

    def _is_known(self, hint: Hint) -> bool:
        """Whether an address need not be fetched: it has ended, and nothing asks for another look at it."""
        if hint.found_by is FoundBy.RECHECK:
            return False
        modified = moment_of(hint.modified)
        is_stale = modified is not None and self.run.state.is_stale(hint.url, round(modified.timestamp()))
        return not is_stale and self.run.state.is_seen(hint.url)

    def _add_due(self, search: Search) -> None:
        """The site's written articles that are to be looked at again."""
        if self._due is None:
            self._due = self.run.state.due(round(dt.datetime.now(dt.UTC).timestamp()))
        for url in self._due:
            if search.owns(url):
                self.frontier.add(search.source.name, Hint(url=url, found_by=FoundBy.RECHECK))

    def _done(self, search: Search) -> Found:
        """One document less to wait for: after the last, the next ways of finding, and at their end the articles."""
        search.pending -= 1
        if search.pending > 0 or search.is_finished:
            return
        if not self.frontier.has_enough(search.source.name):
            if (sitemap := search.next_sitemap()) is not None:
                url, depth = sitemap
                is_start = url in search.source.sitemaps
                yield self._ask(search, url, self.parse_sitemap, depth=depth, is_start=is_start)
                return
            for url, depth in search.next_sections():
                yield self._ask(search, url, self.parse_section, depth=depth)
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
            self.run.source_failed(search.source.urls[0], why)
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
            self.run.found(hint.url, search.source.urls[0])
            yield Request(
                hint.url,
                callback=self.parse_article,
                errback=self.article_failed,
                dont_filter=True,
                headers=self.documents.headers_for(hint.url),
                meta={
                    "sites": search.sites,
                    "delay_s": search.source.delay_s,
                    "handle_httpstatus_list": [NOT_MODIFIED],
                },
                cb_kwargs={"search": search, "hint": hint},
            )

    def parse_article(self, response: Response, search: Search, hint: Hint) -> Found:
        """A fetched page, unless it is no page, or one that is fetched under its own address."""
        if response.status == NOT_MODIFIED:
            yield from self._ended(search, hint, Outcome.UNCHANGED, "not modified")
            return
        content_type = content_type_of(response)
        ended = self._redirected(response, hint)
        if ended is None and not is_page(response.body, content_type):
            ended = Outcome.NOT_AN_ARTICLE, content_type or "not HTML"
        if ended is not None:
            yield from self._ended(search, hint, *ended)
            return
        self.frontier.ended(search.source.name, is_page=True)
        yield from self._articles()  # before the page, which takes its time
        yield page_of(response, hint, search.source.site)

    def article_failed(self, failure: Failure) -> Found:
        """An article's page did not come: its address ends in the outcome that says why."""
        request: Request = failure.request  # type: ignore[attr-defined]
        search, hint = request.cb_kwargs["search"], request.cb_kwargs["hint"]
        yield from self._ended(search, hint, *end_of(failure), status=status_of(failure.value))

    def closed(self, reason: str) -> None:  # noqa: ARG002  Scrapy calls it so
        """Say what is left, and keep what need not be read again."""
        self.documents.settle()
        self.run.passed_over(self.frontier.passed_over())
        if left := self.frontier.left():
            self.logger.info("%d addresses are left for a later run", left)

    def _ended(self, search: Search, hint: Hint, outcome: Outcome, detail: str, status: int | None = None) -> Found:
        self.run.counted(hint.url, outcome, detail, search.source.urls[0], status)
        self.frontier.ended(search.source.name, is_page=False)
        yield from self._articles()

    def _redirected(self, response: Response, hint: Hint) -> tuple[Outcome, str] | None:
        """The end of an address that leads to another which is no article or has its own turn."""
        if canonical_key(response.url) == canonical_key(hint.url):
            return None
        if is_front(response.url):
            return Outcome.SOFT_404, "redirects to the front page"
        if (
            hint.found_by is FoundBy.RECHECK
        ):  # where a written article has moved to is a matter for the stage that writes
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
        self.run.found(response.url, search.source.urls[0])
        yield page_of(response, hint, search.source.site)
