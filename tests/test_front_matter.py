"""What stands round the text is cut, however the theme sets it: paragraphs, line breaks or bare divs."""

from __future__ import annotations

import datetime as dt

import pytest

from crawler.extraction.extract import extract
from crawler.items import Extract, Page

TITLE = "Ferry crews vote for a second winter without the night boat"
STANDFIRST = "Two thirds of the crews would rather lose the bonus than sail after ten, a ballot on the quay has shown."
TEXT = (
    (
        "The count took place in the mess of the ferry Kestrel, on a table bolted to the floor. Of a hundred and"
        " four ballots sixty-nine were against the night boat."
    ),
    (
        "Deckhand Joan Pryce had brought figures on paper: four sailings with more crew than passengers, and one"
        " on which the only traveller was a parrot."
    ),
    (
        "The company said it would study the result. Its timetable goes to the printer on Friday; it has asked him to"
        " leave the last line empty for now."
    ),
)
HEAD = (
    "Eng",
    "Cym",
    TITLE,
    STANDFIRST,
    "byPetra Lindgren",
    "26/04/2025",
    "3 minute read",
    "A ferry at the quay",
    TITLE,
)
FOOT = ("Read also:", "Please support our newsroom: become a patron today!", "Skerry Post", "Related Posts")


def page(*, mark: str, heading: str = "", suffix: str = " - Skerry Post") -> Page:
    """The lines of an article, each in the same mark-up; with ``heading`` the first title is a heading of that tag."""
    lines = [*HEAD, *TEXT, *FOOT]
    marked = [f"<{mark}>{line}</{mark}>" if mark != "br" else f"{line}<br><br>" for line in lines]
    if heading:
        marked[2] = f"<{heading}>{TITLE}</{heading}>"
    html = (
        f"<html lang='en'><head><title>{TITLE}{suffix}</title></head><body><article>{''.join(marked)}</article></body>"
    )
    return Page(url="https://example.org/ferry", body=html.encode(), fetched_at=dt.date(2025, 5, 1))


@pytest.mark.parametrize(("mark", "heading"), [("p", "h1"), ("br", "h1"), ("div", ""), ("p", "h2")])
def test_article_is_its_paragraphs_alone_whatever_the_markup(mark: str, heading: str) -> None:
    article = extract(page(mark=mark, heading=heading))

    assert isinstance(article, Extract)
    assert article.paragraphs == TEXT
    assert (article.title, article.summary) == (TITLE, STANDFIRST)
    assert [author.name for author in article.authors] == ["Petra Lindgren"]
    assert article.published is not None
    assert article.published.value == "2025-04-26"


def test_what_stands_round_the_text_is_in_the_trail() -> None:
    article = extract(page(mark="p", heading="h1"))

    assert isinstance(article, Extract)
    cut = {removed.text: removed.kind.value for removed in article.removed}
    assert cut["Eng"] == "outside the article"
    assert cut[STANDFIRST] == "standfirst"
    assert cut["byPetra Lindgren"] == "byline"
    assert cut["A ferry at the quay"] == "outside the article"
    assert cut["Skerry Post"] == "outside the article"


def test_short_lines_are_kept_where_no_paragraph_tells_them_apart() -> None:
    lines = "".join(f"<p>Stall {number}: eggs, honey and candles until noon</p>" for number in range(8))
    html = f"<title>Market day</title><article><h1>Market day</h1><p>26/04/2025</p>{lines}</article>"
    article = extract(Page(url="https://example.org/market", body=html.encode(), fetched_at=dt.date(2025, 5, 1)))

    assert isinstance(article, Extract)
    assert article.paragraphs == tuple(f"Stall {number}: eggs, honey and candles until noon" for number in range(8))


def test_short_lines_and_subheads_are_kept_when_the_byline_stands_at_the_end() -> None:
    inner = (
        f"<p>{TEXT[0]}</p><h2>Parrots travel free</h2><p>{TEXT[1]}</p><p>Four sailings, one bird</p><p>{TEXT[2]}</p>"
    )
    head = "<title>Ferry</title><meta name='author' content='Petra Lindgren'>"
    html = f"{head}<article>{inner}<p>By Petra Lindgren</p></article>"
    article = extract(Page(url="https://example.org/ferry", body=html.encode(), fetched_at=dt.date(2025, 5, 1)))

    assert isinstance(article, Extract)
    assert article.paragraphs == (TEXT[0], "Parrots travel free", TEXT[1], "Four sailings, one bird", TEXT[2])


def test_kicker_set_as_a_heading_before_the_headline_is_cut() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)
    html = f"<title>{TITLE}</title><article><h3>Harbour</h3><h1>{TITLE}</h1>{text}</article>"
    article = extract(Page(url="https://example.org/ferry", body=html.encode(), fetched_at=dt.date(2025, 5, 1)))

    assert isinstance(article, Extract)
    assert article.paragraphs == TEXT
