"""A site that is rebuilt: real pages of publishers of which the bench has two layouts, the old one first.

The bench has a page or two of each layout. Further pages of it are made from these: the words of each text are put in
another order, so that the pages are different articles in one layout, as the site's pages were.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from lxml.html import HtmlElement, tostring

from benchmarks.bench import Bench, Row
from benchmarks.memory.judging import judged_with, traces_of
from benchmarks.table import Table
from crawler.extraction.extract import extract
from crawler.extraction.html import parse_html
from crawler.identity import site_of
from crawler.items import Extract, Page
from crawler.memory.layouts import MATCH, PastLayout
from crawler.memory.site_memory import SiteMemory
from crawler.site import Trace

SET = "fundus"
OLD_PAGES = 8
NEW_PAGES = 5  # by which it must be noticed
MOVED_CHARS = 40  # of a text whose words are moved
NO_TEXT = frozenset(("script", "style", "title", "template", "noscript"))
PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One publisher: after how many pages of the new layout it was noticed, and what its pages read like until then.

    ``kept`` is how much of the words that each new page says alone it says with the old memory, the least of them.
    """

    site: str
    noticed: int | None
    false_alarms: int
    kept: float


def rebuilt_table(bench: Bench) -> Table:
    with ProcessPoolExecutor(PROCESSES) as pool:
        replays = list(pool.map(_replay, list(_pairs(bench))))
    late = [replay for replay in replays if replay.noticed is None]
    return Table(
        title=f"Rebuilt sites: {len(replays)} publishers of {SET} with two layouts, replayed",
        columns=("publisher", "noticed after", "false alarms", "text kept"),
        rows=[(r.site, str(r.noticed or "never"), str(r.false_alarms), f"{r.kept:.1%}") for r in replays],
        notes=(
            f"noticed within {NEW_PAGES} pages: {len(replays) - len(late)} of {len(replays)}",
            "text kept: words of a new page read with the old layout's memory that it says read alone, the least page",
        ),
    )


def _pairs(bench: Bench) -> Iterator[tuple[Page, Page]]:
    """An old and a new page of each publisher whose articles stand in other places in one than in the other."""
    rows = bench.manifest(SET)
    sites: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sites[site_of(row["url"])].append(row)
    for pages in sites.values():
        if len(pages) > 1:
            yield from _pair([page for page in bench.pages(pages) if isinstance(page, Page)])


def _pair(pages: Sequence[Page]) -> Iterator[tuple[Page, Page]]:
    read = [(trace, page) for page in pages for trace in traces_of([extract(page)])]
    placed = sorted(((trace, page) for trace, page in read if _taken(trace)), key=lambda found: found[0].day)
    if len(placed) > 1:
        (old, old_page), (new, new_page) = placed[0], placed[-1]
        layout = PastLayout(since=old.day, until=old.day)
        layout.add(replace(old, is_sure=True))
        if layout.match(new.places) < MATCH:
            yield old_page, new_page


def _taken(trace: Trace) -> bool:
    return any(vote.taken for vote in trace.places)


def _replay(pair: tuple[Page, Page]) -> Replay:
    old, new = pair
    memory = SiteMemory(site_of(old.url))
    alarms = sum(len(_learn(memory, page)) for page in _varied(old, OLD_PAGES))
    noticed, kept = None, 1.0
    for number, page in enumerate(_varied(new, NEW_PAGES), start=1):
        kept = min(kept, _kept(page, memory))
        if _learn(memory, page) and noticed is None:
            noticed = number
    return Replay(site=memory.site, noticed=noticed, false_alarms=alarms, kept=kept)


def _learn(memory: SiteMemory, page: Page) -> list[str]:
    return memory.learn(traces_of([extract(page)]))


def _kept(page: Page, memory: SiteMemory) -> float:
    alone, known = extract(page), judged_with(memory, page)
    if not isinstance(alone, Extract):
        return 1.0
    words = set(" ".join(alone.paragraphs).split())
    said = set(" ".join(known.paragraphs).split()) if isinstance(known, Extract) else set()
    return len(words & said) / len(words)


def _varied(page: Page, count: int) -> Iterator[Page]:
    """Pages of other articles in the layout of one."""
    for number in range(1, count + 1):
        tree = parse_html(page.body, page.encoding)
        if tree is not None:
            _move_words(tree, number)
            body: bytes = tostring(tree, encoding="utf-8")
            yield replace(
                page, url=f"{urljoin(page.url, '/')}article-{number}-{len(page.body)}", body=body, encoding="utf-8"
            )


def _move_words(tree: HtmlElement, number: int) -> None:
    """Every long text with its words in another order, and a word of its own."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in NO_TEXT:
            element.text = _moved(element.text, number)
            element.tail = _moved(element.tail, number)
    for link in tree.xpath("//link[@rel='canonical'] | //meta[@property='og:url']"):
        link.getparent().remove(link)


def _moved(text: str | None, number: int) -> str | None:
    words = text.split() if text else []
    if text is None or len(text) < MOVED_CHARS or len(words) < 2:
        return text
    random.Random(f"{number} {text}").shuffle(words)  # noqa: S311  an order, not a secret
    return " ".join([*words, chr(96 + number) * 6])
