"""The memories of the sites of a run: kept in the state, a few at hand; and the pages that wait for theirs."""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from crawler.extraction.fingerprints import fingerprint
from crawler.extraction.texts import names_of
from crawler.identity import canonical_key, site_of
from crawler.items import Extract, Page
from crawler.memory.site_memory import MemoryFormatError, SiteMemory
from crawler.packing import pack, unpack
from crawler.site import UNKNOWN, Site, Trace
from crawler.state import State

logger = logging.getLogger(__name__)

# of an unknown site, with which its memory begins; on the small sites of the tests a notice is left on 24 % of pages
# after five of them, on 12 % after six, on 3 % after seven
ENOUGH_PAGES = 7
MOST_WAITING = 1_500  # pages of unknown sites, of which a broad archive has thousands; some 20 KB each
AT_HAND = 64  # memories; some 300 KB each
UNWRITTEN_PAGES = 10  # that a memory has learned from and a kill may make it forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The other pages of a page's site (see crawler.edits.Surroundings)."""

    memory: SiteMemory | None
    page: str  # key of its address
    names: tuple[str, ...]

    def shows(self, text: str) -> bool:
        return self.memory is not None and self.memory.shows(fingerprint(text, self.names), self.page)

    def is_own(self, sentence: int) -> bool:
        return self.memory is not None and self.memory.is_own(sentence)

    @property
    def site(self) -> Site:
        return self.memory.told(UNKNOWN) if self.memory else UNKNOWN


class Learned(Enum):
    """What one more page said of the memory of its site."""

    NOTHING = auto()  # it was known, or its site is not
    FIRST = auto()  # one of so few that nothing can be said
    FITS = auto()  # its article stands where the site's articles stand
    STRANGE = auto()  # it does not
    REBUILT = auto()  # it does not, and is one of enough such pages: the site was rebuilt


class Memories:
    """What is known of each site of a run.

    A site's first pages wait in the state until there are enough of them, or the run ends: what they teach together
    is told to each of them. From then on a site is known, and its pages are read with what is known so far.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._at_hand: OrderedDict[str, SiteMemory] = OrderedDict()
        self._unwritten: defaultdict[str, int] = defaultdict(int)
        self.news: list[str] = []  # what came out of the ordinary, for the run's report
        self.is_ending = False  # whether all pages of the run have been read
        self._doubtful: set[str] = set()  # sites of which pages wait to be held against others
        self._waiting = 0  # pages of which the trace is held
        self._traces: defaultdict[str, dict[str, Trace]] = defaultdict(dict)  # site → page that waits → its trace

    def told(self, page: Page) -> Page | None:
        """The page with what is known of its site; None where the site is not known yet."""
        memory = self._of(site_of(page.url))
        return replace(page, site=memory.told(page.site)) if memory else None

    def learn(self, page: Page, trace: Trace) -> Learned:
        """Learn from a page of a known site; what the page said of its memory."""
        site = site_of(page.url)
        memory = self._of(site)
        if memory is None:
            return Learned.NOTHING
        before = memory.pages
        news = memory.learn([trace])
        self._tell(site, news)
        self._unwritten[site] += 1
        if self._unwritten[site] >= UNWRITTEN_PAGES:
            self._write(memory)
        if news:
            return Learned.REBUILT
        if memory.pages == before:
            return Learned.NOTHING
        if memory.pages < ENOUGH_PAGES:
            return Learned.FIRST
        return Learned.STRANGE if memory.layouts.is_strange else Learned.FITS

    def wait(self, page: Page, source: str, trace: Trace) -> list[str]:
        """Keep a page of an unknown site on the disk; the sites that need wait no longer.

        That is its own, when there are enough of its pages, or the one that waits longest, where too many do in all.
        """
        site = self._keep(page, source)
        waiting = self._traces[site]
        self._waiting += trace.page not in waiting
        waiting[trace.page] = trace
        if len(waiting) >= ENOUGH_PAGES:
            return [site]
        return [next(iter(self._traces))] if self._waiting > MOST_WAITING else []

    def lacking(self, site: str) -> int:
        """How many more pages an unknown site must show to be known."""
        return ENOUGH_PAGES - len(self._traces.get(site, ()))

    def around(self, page: Page, extract: Extract) -> Around:
        """What is known by now of the other pages of a page's site."""
        names = names_of(extract.title, extract.authors)
        return Around(memory=self._of(site_of(page.url)), page=canonical_key(page.url), names=names)

    def wait_for_others(self, page: Page, source: str) -> bool:
        """Keep a page on the disk until the site's other pages have been read; False where none are to come."""
        if self.is_ending:
            return False
        self._doubtful.add(self._keep(page, source))
        return True

    def sites_waited_for(self) -> list[str]:
        """The sites of which pages wait."""
        return sorted(self._doubtful.union(site for site, traces in self._traces.items() if traces))

    def begin(self, site: str) -> None:
        """Make a site known by the pages of it that wait; nothing where it was known before."""
        self._doubtful.discard(site)
        if site in self._traces:
            memory = SiteMemory(site)
            traces = self._traces.pop(site)
            self._waiting -= len(traces)
            self._tell(site, memory.learn(traces.values()))
            self._put(memory)
            self._write(memory)

    def waiting(self, site: str | None = None) -> Iterator[tuple[Page, str]]:
        """The pages that wait, of a site or all, each with the source that named it."""
        for packed in self._state.sites.waiting(site):
            try:
                yield unpack(packed)
            except ValueError as error:
                logger.warning("a page that waited in the state was lost: %s", error)

    def _keep(self, page: Page, source: str) -> str:
        """Keep a page on the disk; its site."""
        site = site_of(page.url)
        self._state.sites.keep_waiting(page.asked_for, site, pack(page, source))
        return site

    def _tell(self, site: str, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            logger.warning("%s: %s", site, sentence)
            self.news.append(f"{site}: {sentence}")

    def flush(self) -> None:
        """Hand all that was learned to the state."""
        for memory in list(self._at_hand.values()):
            if self._unwritten.get(memory.site):
                self._write(memory)

    def _of(self, site: str) -> SiteMemory | None:
        if site in self._at_hand:
            self._at_hand.move_to_end(site)
            return self._at_hand[site]
        kept = self._state.sites.memory(site)
        if kept is None:
            return None
        try:
            return self._put(SiteMemory.from_bytes(site, kept))
        except MemoryFormatError as error:
            logger.warning("%s; it is learned anew", error)
            self._state.sites.forget(site)
            return None

    def _put(self, memory: SiteMemory) -> SiteMemory:
        self._at_hand[memory.site] = memory
        if len(self._at_hand) > AT_HAND:
            _, oldest = self._at_hand.popitem(last=False)
            self._write(oldest)
        return memory

    def _write(self, memory: SiteMemory) -> None:
        self._state.sites.remember(memory.site, memory.as_bytes())
        self._unwritten.pop(memory.site, None)
