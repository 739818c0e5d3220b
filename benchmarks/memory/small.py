"""The small sites of the tests: how many pages keep a notice, how many of the articles' paragraphs are lost."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.memory.judging import Alone, judged_alone, judged_with, memory_of, others_of
from benchmarks.table import Table
from crawler.extraction.text import text_key
from crawler.items import Extract, Page, Refused
from tests.small_sites import SmallPage, small_sites

PAGES_SEEN = (0, 2, 4, 5, 6, 7, 9)  # other pages of the site
SHUFFLES = 5
PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What came of some pages: pages with a notice left in, paragraphs lost, dates wrong or missing without a word."""

    pages: int = 0
    with_notice: int = 0
    paragraphs: int = 0
    lost: int = 0
    reporting: int = 0  # paragraphs of articles about appeals
    reporting_lost: int = 0
    dates_wrong: int = 0

    def __add__(self, other: Count) -> Count:
        names = self.__dataclass_fields__
        return Count(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One site: alone, with all its pages known, with so many others known, and how many orders of learning differ."""

    site: str
    alone: Count
    known: Count
    by_seen: tuple[Count, ...]
    orders_that_differ: int


def measure_small_sites() -> list[Result]:
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(_measure, range(len(small_sites()))))


def small_sites_table(results: Sequence[Result]) -> Table:
    rows = [(r.site, str(r.alone.pages), *_cells(r.alone, r.known), str(r.orders_that_differ)) for r in results]
    alone, known = _total(r.alone for r in results), _total(r.known for r in results)
    differ = sum(r.orders_that_differ for r in results)
    rows.append(("all", str(alone.pages), *_cells(alone, known), str(differ)))
    return Table(
        title="Small sites: judged alone → with the site's memory",
        columns=("site", "pages", "with a notice", "paragraphs lost", "reporting lost", "dates wrong", "orders differ"),
        rows=rows,
        bold=frozenset((len(rows) - 1,)),
        notes=(f"orders differ: of {SHUFFLES} shuffled orders of learning, those after which a record is another one",),
    )


def seen_table(results: Sequence[Result]) -> Table:
    counts = [_total(r.by_seen[i] for r in results) for i in range(len(PAGES_SEEN))]
    return Table(
        title="Small sites, by the other pages of the site that were seen",
        columns=("pages seen", "with a notice", "paragraphs lost"),
        rows=[
            (str(seen), _share(c.with_notice, c.pages), _share(c.lost, c.paragraphs))
            for seen, c in zip(PAGES_SEEN, counts, strict=True)
        ],
    )


def _measure(number: int) -> Result:
    site = small_sites()[number]
    own = site.pages()
    pages = judged_alone(page_of(page) for page in own)
    memory = memory_of(pages)
    known = [judged_with(memory, alone.page) for alone in pages]
    return Result(
        site=f"{site.name} ({site.language})",
        alone=_total(_count(page, alone.result) for page, alone in zip(own, pages, strict=True)),
        known=_total(_count(page, result) for page, result in zip(own, known, strict=True)),
        by_seen=tuple(_total(_seen(own, pages, seen)) for seen in PAGES_SEEN),
        orders_that_differ=sum(_differs(pages, known, seed) for seed in range(SHUFFLES)),
    )


def page_of(page: SmallPage) -> Page:
    """The page as a crawl would hand it on, told nothing of the site."""
    return Page(url=page.url, body=page.html, fetched_at=page.fetched_at)


def _seen(own: Sequence[SmallPage], pages: Sequence[Alone], seen: int) -> Iterator[Count]:
    for position, (page, alone) in enumerate(zip(own, pages, strict=True)):
        memory = memory_of([alone, *others_of(pages, position, seen)])
        yield _count(page, judged_with(memory, alone.page))


def _differs(pages: Sequence[Alone], known: Sequence[Extract | Refused], seed: int) -> bool:
    shuffled = list(pages)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  an order, not a secret
    memory = memory_of(shuffled)
    return any(judged_with(memory, alone.page) != result for alone, result in zip(pages, known, strict=True))


def _count(page: SmallPage, result: Extract | Refused) -> Count:
    text = text_key("\n".join(result.paragraphs)) if isinstance(result, Extract) else ""
    lost = sum(text_key(paragraph) not in text for paragraph in page.paragraphs)
    is_reporting = page.article.is_about_appeals
    published = result.published if isinstance(result, Extract) else None
    is_wrong = published is not None and published.confidence != "low" and published.day != page.published.date()
    return Count(
        pages=1,
        with_notice=any(text_key(notice) in text for notice in page.notices),
        paragraphs=len(page.paragraphs),
        lost=lost,
        reporting=len(page.paragraphs) if is_reporting else 0,
        reporting_lost=lost if is_reporting else 0,
        dates_wrong=is_wrong,
    )


def _total(counts: Iterator[Count] | Sequence[Count]) -> Count:
    return sum(counts, Count())


def _cells(alone: Count, known: Count) -> tuple[str, ...]:
    return (
        f"{_share(alone.with_notice, alone.pages)} → {_share(known.with_notice, known.pages)}",
        f"{_share(alone.lost, alone.paragraphs)} → {_share(known.lost, known.paragraphs)}",
        f"{alone.reporting_lost} → {known.reporting_lost} of {known.reporting}",
        f"{alone.dates_wrong} → {known.dates_wrong}",
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part})" if whole else "–"
