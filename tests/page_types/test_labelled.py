"""Every page of the labelled set is judged as its label says, and the two rates over all hold what was asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from crawler.extraction.extract import extract
from crawler.items import Page, Reason, Refused
from tests.page_types.render import ARTICLE, LAYOUTS, Labelled, html, labelled

PAGES = labelled()
MOST_FALSE = 0.02  # of the pages that are no articles, taken for one
MOST_LOST = 0.005  # of the articles, refused


def verdict(page: Labelled) -> str:
    """ "article", or the reason for which the page is refused."""
    found = extract(Page(url=page.url, body=html(page).encode(), fetched_at=dt.date(2025, 6, 1), status=page.status))
    return found.reason.value if isinstance(found, Refused) else ARTICLE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_page_is_judged_as_its_label_says(page: Labelled) -> None:
    assert verdict(page) in page.labels, page.hard


def test_set_is_large_enough_to_state_the_rates() -> None:
    articles = [page for page in PAGES if page.is_article]
    assert len(articles) >= 60
    assert len(PAGES) - len(articles) >= 60
    assert len({page.lang for page in PAGES}) >= 12
    assert len({page.id for page in PAGES}) == len(PAGES)
    asked_for = {label for page in PAGES for label in page.labels} - {ARTICLE}
    assert asked_for <= {reason.value for reason in Reason}
    assert {"index page", "video page", "picture gallery", "poll", "error page", "consent page"} <= asked_for
    assert {"paywall stub", "block page", "page about the site", "service page"} <= asked_for


def test_false_and_lost_articles_are_few_in_whatever_layout() -> None:
    """Each page in its own layout and in two that it was not written for; a bare one has no frame to change."""
    pages = [
        dataclasses.replace(page, layout=layout)
        for number, page in enumerate(PAGES)
        for layout in _layouts(page.layout, number)
    ]
    judged = [(page, verdict(page) == ARTICLE) for page in pages]
    false = [(page.id, page.layout) for page, is_article in judged if is_article and not page.is_article]
    lost = [(page.id, page.layout) for page, is_article in judged if page.is_article and not is_article]
    articles = sum(page.is_article for page in pages)
    assert len(false) <= MOST_FALSE * (len(pages) - articles), false
    assert len(lost) <= MOST_LOST * articles, lost


def _layouts(own: str, number: int) -> list[str]:
    others = [name for name in LAYOUTS if name not in ("bare", own)]
    return [own] if own == "bare" else [own, *(others[(number + step) % len(others)] for step in (0, 2))]
