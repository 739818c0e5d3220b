"""Pages judged alone, and with what other pages of their site have taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.extraction.extract import extract
from crawler.extraction.model.weights import Weights
from crawler.items import Extract, Page, Refused
from crawler.memory.site_memory import SiteMemory
from crawler.site import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A page and what it says by itself."""

    page: Page
    result: Extract | Refused


def judged_alone(pages: Iterable[Page], weights: Weights | None = None) -> list[Alone]:
    return [Alone(page=page, result=extract(page, weights)) for page in pages]


def memory_of(pages: Sequence[Alone]) -> SiteMemory:
    """What these pages teach of their site."""
    memory = SiteMemory("")
    memory.learn(traces_of(alone.result for alone in pages))
    return memory


def traces_of(results: Iterable[Extract | Refused]) -> list[Trace]:
    """What articles' pages show of their site."""
    return [result.trace for result in results if isinstance(result, Extract) and result.trace]


def judged_with(memory: SiteMemory, page: Page, weights: Weights | None = None) -> Extract | Refused:
    """What a page says to one who knows its site."""
    return extract(replace(page, site=memory.told(page.site)), weights)


def others_of(pages: Sequence[Alone], position: int, count: int) -> list[Alone]:
    """The ``count`` pages after one, the first again after the last: each page serves as often as any other."""
    after = [*pages[position + 1 :], *pages[:position]]
    return after[:count]
