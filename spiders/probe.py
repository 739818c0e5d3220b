"""A site looked at once, within bounds: what leads to its articles, what it allows, and a few of its pages.

Each request goes the way of a crawl's: through robots.txt, the pace of its host, the guard of addresses.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Self

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.extraction.address_words import is_front
from crawler.extraction.declared import read_declared
from crawler.extraction.html import parse_html
from crawler.failures import LeftForLater, outcome_of
from crawler.identity import registrable_domain, web_address
from crawler.items import FoundBy, Hint, Outcome
from crawler.probed import Listing, Miss, Probed
from crawler.robots import RobotsGate
from crawler.room import beginning
from crawler.sources import Source
from spiders.answers import charset_of, content_type_of, page_of
from spiders.documents import Said
from spiders.frontier import Frontier
from spiders.news import GUESSES
from spiders.reading import read_document
from spiders.search import Search
from spiders.sitemap import MOST_BYTES, Child
from spiders.urls import Answer, kind_of
from spiders.when import believable, moment_of

SAMPLES = 5
MOST_TRIES = 8  # pages asked for to have them
MOST_FEEDS = 4
MOST_SITEMAPS = 4
MOST_SECTIONS = 2
MOST_REQUESTS = 40  # of all kinds: robots.txt, redirects and repeats among them
LONGEST_S = 180.0  # after which nothing more is asked; one that is under way ends by itself
# where feeds are that no page names
FEED_PLACES = ("/feed", "/rss.xml", "/feed.xml", "/rss", "/atom.xml", "/index.xml")
_PROBE = "probe"
_LISTS = (Answer.FRONT, Answer.SECTION)


class Budget:
    """Refuses what is over the number of requests that a probe may make. Next to the network but for the pace."""

    def __init__(self) -> None:
        self.requests = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  Scrapy calls it so
        """Built by Scrapy."""
        return cls()

    def process_request(self, request: Request) -> None:  # noqa: ARG002  Scrapy calls it so
        """Count, and raise LeftForLater where there were too many."""
        if self.requests >= MOST_REQUESTS:
            raise LeftForLater(f"{MOST_REQUESTS} requests were made, and a look takes no more")
        self.requests += 1


class ProbeSpider(scrapy.Spider):
    """Looks at one site; ``found`` is filled in, ``tell`` is called with each address that is asked."""

    name = _PROBE

    def __init__(self, found: Probed, tell: Callable[[str], None] = lambda _: None) -> None:
        super().__init__()
        self.found = found
        self._tell = tell
        self._search = Search(source=Source(name=_PROBE, urls=(found.url,)))
        self._frontier = Frontier(1)
        self._named_sitemaps: Sequence[str] = ()  # by robots.txt
        self._over_at = time.monotonic() + LONGEST_S

    async def start(self) -> AsyncIterator[Request]:
        """All is asked for from here, one thing after another."""
        await self._probe()
        for request in list[Request]():
            yield request

    async def _probe(self) -> None:
        if (said := await self._read_start()) is not None:
            await self._read_feeds(said)
            await self._read_sitemaps(said)
            await self._read_sections(said)
            await self._read_samples()
        budget = self.crawler.get_downloader_middleware(Budget)
        self.found.requests = budget.requests if budget else 0
        self.found.bounds += self._search.limits

    # What the address is, and what its site allows

    async def _read_start(self) -> Said | None:
        """What the address says; None where there is nothing to go on from."""
        answer = await self._get(self.found.given)
        if isinstance(answer, Response) and self._kind(answer) is Answer.ARTICLE:
            self.found.is_from_article = True
            answer = await self._get(web_address(answer.url, "/") or answer.url)
        if isinstance(answer, Response):
            self.found.url = answer.url
            self._search.sites.add(registrable_domain(answer.url))
        without = Answer.FRONT if is_front(self.found.url) else Answer.SECTION
        kind = self._kind(answer) if isinstance(answer, Response) else without
        self.found.kind = kind.value
        await self._read_rules()
        if isinstance(answer, Miss):
            self.found.miss = answer
            return Said(kind=kind) if self.found.is_open else None
        return self._read_answer(kind, answer)

    def _read_answer(self, kind: Answer, answer: Response) -> Said | None:
        if kind in {Answer.EMPTY, Answer.OTHER}:
            self.found.miss = Miss(
                outcome=Outcome.NOT_AN_ARTICLE, why=f"{kind}: {content_type_of(answer) or 'no type'}"
            )
            return None
        if kind in _LISTS:
            self.found.front = page_of(answer, Hint(url=answer.url, found_by=FoundBy.URL), self._search.source.site)
            self._read_head(answer)
            return self._note(kind, answer)
        said, listing = self._listing(kind, answer, "you")
        (self.found.feeds if kind is Answer.FEED else self.found.sitemaps).append(listing)
        return said

    def _read_head(self, answer: Response) -> None:
        tree = parse_html(answer.body, charset_of(answer))
        if tree is not None:
            declared = read_declared(tree, answer.url)
            self.found.html_language, self.found.locale = declared.html_lang, declared.first("og:locale")

    async def _read_rules(self) -> None:
        gate = self.crawler.get_downloader_middleware(RobotsGate)
        if gate is None:
            return
        rules = await gate.rules_for(self.found.url)
        self.found.is_allowed = rules.robots.allows(self.found.url)
        self.found.crawl_delay_s = rules.robots.crawl_delay_s
        if rules.closed:
            outcome, why = outcome_of(rules.closed[0](rules.closed[1]))
            self.found.robots = Miss(outcome=outcome, why=why)
        else:
            self.found.rights = dict(await gate.rights_of(self.found.url))
        self._named_sitemaps = rules.robots.sitemaps

    # What leads to its articles

    async def _read_feeds(self, said: Said) -> None:
        declared = [url for url in said.feeds if self._search.asks_first(url)]
        for url in declared[:MOST_FEEDS]:
            self.found.feeds.append(await self._read_listing(Answer.FEED, url, "the page"))
        if len(declared) > MOST_FEEDS:
            self.found.bounds.append(f"{len(declared) - MOST_FEEDS:,} more feeds were not looked at")
        if self.found.kind == Answer.FRONT and not any(feed.articles for feed in self.found.feeds):
            await self._try_feed_places()

    async def _try_feed_places(self) -> None:
        for path in FEED_PLACES:
            url = web_address(self.found.url, path)
            if url is None or not self._search.asks_first(url):
                continue
            feed = await self._read_listing(Answer.FEED, url, "a usual place")
            if feed.articles:
                self.found.feeds.append(feed)
                return

    async def _read_sitemaps(self, said: Said) -> None:
        self._search.add_sitemaps(said.sitemaps, 1)  # of an index that was named itself
        if self.found.kind == Answer.FRONT:
            named = [web_address(self.found.url, url) for url in self._named_sitemaps or GUESSES]
            self._search.add_sitemaps((Child(url=url) for url in named if url), 0)
        while len(self.found.sitemaps) < MOST_SITEMAPS and (following := self._search.next_sitemap()):
            url, depth = following
            named_by = "an index" if depth else "robots.txt" if self._named_sitemaps else "a usual place"
            sitemap = await self._read_listing(Answer.SITEMAP, url, named_by, depth=depth)
            if sitemap.miss is None or named_by != "a usual place":
                self.found.sitemaps.append(sitemap)
        if self._search.next_sitemap():
            self.found.bounds.append("more sitemaps were not looked at")

    async def _read_sections(self, said: Said) -> None:
        """Pages of links, where there are not enough articles by now."""
        for url in said.sections[:MOST_SECTIONS]:
            if self._frontier.count(_PROBE) >= SAMPLES or not self._search.asks_first(url):
                return
            answer = await self._get(url)
            if isinstance(answer, Response):
                self._note(Answer.SECTION, answer)

    async def _read_listing(self, kind: Answer, url: str, named_by: str, *, depth: int = 0) -> Listing:
        answer = await self._get(url, most=MOST_BYTES if kind is Answer.SITEMAP else None)
        if isinstance(answer, Miss):
            return Listing(url=url, named_by=named_by, miss=answer)
        if (is_kind := self._kind(answer)) is not kind:
            why = f"no {kind}: it answers with something else ({is_kind})"
            return Listing(url=url, named_by=named_by, miss=Miss(outcome=Outcome.NOT_AN_ARTICLE, why=why))
        said, listing = self._listing(kind, answer, named_by)
        self._search.add_sitemaps(said.sitemaps, depth + 1)
        return listing

    def _listing(self, kind: Answer, answer: Response, named_by: str) -> tuple[Said, Listing]:
        said, hints = read_document(kind, answer, self._search, is_start=named_by == "you")
        hints = list(believable(hints))
        moments = [moment for hint in hints if (moment := moment_of(hint.published or hint.modified))]
        listing = Listing(
            url=answer.url,
            named_by=named_by,
            articles=self._add(hints),
            sitemaps=len(said.sitemaps),
            is_news=any(hint.found_by is FoundBy.NEWS_SITEMAP for hint in hints),
            newest=max(moments, default=None),
            language=next((hint.language for hint in hints if hint.language), None),
        )
        return said, listing

    def _note(self, kind: Answer, answer: Response) -> Said:
        """What a page of links says; its articles are noted."""
        said, hints = read_document(kind, answer, self._search, is_start=True)
        self._add(hints)
        return said

    def _add(self, hints: Iterable[Hint]) -> int:
        """Put what may be articles among those to choose from; how many of them a document named."""
        named = [hint for hint in hints if self._search.why_not(hint) is None]
        for hint in named:
            self._frontier.add(_PROBE, hint)
        return len(named)

    # Some of its articles

    async def _read_samples(self) -> None:
        """The newest articles, until there are enough, or enough were asked for."""
        self.found.articles = self._frontier.count(_PROBE)
        self._frontier.finish(_PROBE)
        for _, hint in islice(self._frontier.take(), MOST_TRIES):
            answer = await self._get(hint.url, is_page=True)
            page = answer if isinstance(answer, Miss) else page_of(answer, hint, self._search.source.site)
            self.found.samples.append((hint, page))
            if sum(not isinstance(page, Miss) for _, page in self.found.samples) >= SAMPLES:
                return

    async def _get(self, url: str, *, most: int | None = None, is_page: bool = False) -> Response | Miss:
        """An answer with a good status, or why there is none."""
        if time.monotonic() > self._over_at:
            return Miss(outcome=Outcome.DEFERRED, why=f"not asked: the look took longer than {LONGEST_S:.0f} s")
        self._tell(url)
        meta: dict[str, Any] = {"is_page": True, "sites": self._search.sites} if is_page else {}
        meta |= beginning(most) if most else {}
        request = Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta)
        engine = self.crawler.engine
        assert engine is not None  # noqa: S101
        try:
            response = await engine.download_async(request)
        except Exception as error:  # noqa: BLE001  whatever it died of, it is told
            outcome, why = outcome_of(error)
            return Miss(outcome=outcome, why=why)
        if not 200 <= response.status < 300:
            return Miss(outcome=Outcome.HTTP_STATUS, why=str(response.status))
        return response

    def _kind(self, answer: Response) -> Answer:
        return kind_of(answer.body, answer.url, content_type_of(answer))
