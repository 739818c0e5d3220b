"""Where the article's text is found: by the block model, by a second opinion, or in the page's data; and how sure."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise

import pytest

from crawler.extraction import body
from crawler.extraction.article import About
from crawler.extraction.body import Found, find_anywhere
from crawler.extraction.confidence import ALONE, BY_AGREEMENT, BY_MODEL, OF_DATA, UNSURE, Knots, expected_f1
from crawler.extraction.declared import read_declared
from crawler.extraction.extract import extract
from crawler.extraction.html import parse_html
from crawler.extraction.model import features
from crawler.extraction.model.weights import Weights
from crawler.items import Extract, Page
from crawler.record import Facts, article_record
from tests.conftest import assert_valid

TITLE = "Village bakery lights its oven again"
TEXT = [
    "The oven of the village bakery was lit on Thursday for the first time in nine years, and the smoke was applauded.",
    "Two sisters from the next valley have taken the house over; one of them bakes, the other one repairs the roof.",
    "“People told us that nobody eats rye any more,” the elder one said. By ten in the morning the rye was sold out.",
    "The shop opens on three days a week until the autumn, when the sisters want to decide how many hands they need.",
]
PROSE = [f"<p>{text}</p>" for text in TEXT]
MENU = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("home", "valley", "sport", "weather"))
MORE = "".join(f'<li><a href="/{n}">Cattle come down the mountain for the {n}th time</a></li>' for n in (4, 5, 6))
STANDFIRST = "Nine years after the last loaf two sisters bake bread in the old house by the bridge, and it is sold out."
URL = "https://valley.example/bakery"
# takes every block for the article's by six to four
UNDECIDED = Weights(names={}, words={}, bias=0.0, slopes=[0.0] * len(features.NAMES), start=0.405, trees=[])
FAIRLY = replace(UNDECIDED, start=1.5)  # by eight to two
# takes the h1 alone, and is sure of it
MISLED = replace(UNDECIDED, start=0.0, trees=[(features.NAMES.index("h1"), 0.5, 0.0, -9.0, 9.0)])


def page(*inner: str, head: str = "") -> str:
    """A page with these parts as its article, below a menu, and above related links and a footer."""
    return (
        f'<html lang="en"><head><title>{TITLE}</title>{head}</head><body><header><nav><ul>{MENU}</ul></nav></header>'
        f'<main><article>{"".join(inner)}</article><section class="related-stories"><h2>More from the valley</h2>'
        f"<ul>{MORE}</ul></section></main><footer><p>© Valley Observer. All rights reserved.</p></footer></body></html>"
    )


PLAIN = page(f"<h1>{TITLE}</h1>", *PROSE)


def found(html: str, weights: Weights | None = None) -> Found:
    tree = parse_html(html.encode())
    assert tree is not None
    return find_anywhere(tree, URL, read_declared(tree, URL), About(title=TITLE, languages=("en",)), weights)


def extracted(html: str, weights: Weights | None = None) -> Extract:
    read = extract(Page(url=URL, body=html.encode(), fetched_at=dt.date(2025, 5, 1)), weights)
    assert isinstance(read, Extract)
    return read


def kept(place: Found) -> list[str]:
    return [block.text for block in place.body.kept]


def test_trafilatura_is_not_asked_where_the_model_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> list[str]:
        raise AssertionError("asked")

    monkeypatch.setattr(body, "trafilatura_lines", never)
    place = found(PLAIN)
    assert (place.source, kept(place)) == ("block model", TEXT)
    assert place.confidence >= 0.95


@pytest.mark.parametrize("weights", [UNDECIDED, MISLED], ids=["undecided", "misled"])
def test_trafilatura_is_asked_where_the_model_is_not_sure_or_has_found_hardly_any_text(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def lines(_: object, url: str) -> list[str]:
        asked.append(url)
        return [TITLE, *TEXT]

    monkeypatch.setattr(body, "trafilatura_lines", lines)
    place = found(PLAIN, weights)
    assert (place.source, kept(place), asked) == ("trafilatura", TEXT, [URL])


def test_paragraphs_that_trafilatura_lost_join_its_text_where_the_model_is_fairly_sure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "SURE", 1.1)  # a model that is not sure of the page
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: [TITLE, *TEXT[:3]])
    elsewhere = [f"<div>{text}</div>" for text in (TEXT[3], "Half a loaf will do.")]
    lost = page(f"<h1>{TITLE}</h1>", *PROSE[:3], *elsewhere)
    assert kept(found(lost, FAIRLY)) == TEXT
    assert kept(found(lost, UNDECIDED)) == TEXT[:3]
    longer = [f"<div>{text} {text}</div>" for text in TEXT]  # as comments are
    assert kept(found(page(f"<h1>{TITLE}</h1>", *PROSE[:3], *longer), FAIRLY)) == TEXT[:3]


def test_where_trafilatura_finds_hardly_any_text_the_model_is_believed_though_it_is_not_sure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = [f"<h2>Step {number}</h2>{text}" for number, text in enumerate(PROSE, start=1)]
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: [TITLE, "Step 1", "Step 2"])
    place = found(page(f"<h1>{TITLE}</h1>", *steps), UNDECIDED)
    assert place.source == "block model"
    assert set(TEXT) <= set(kept(place))
    assert place.confidence < UNSURE


def test_a_second_opinion_is_surer_the_more_the_model_agrees() -> None:
    assert found(PLAIN, MISLED).confidence == BY_AGREEMENT[0][1]
    assert BY_AGREEMENT[0][1] < found(PLAIN, UNDECIDED).confidence <= BY_AGREEMENT[-1][1]


def test_what_the_model_rules_out_is_cut_from_a_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    no_quotes = replace(UNDECIDED, trees=[(features.NAMES.index("quote"), 0.5, 0.0, 0.0, -9.0)])
    quote = "Bread is half of the valley, and cheese is the other half; both are sold on Thursdays by the river gate."
    line = "Half a loaf will do."
    asides = [f"<blockquote>{text}</blockquote>" for text in (quote, line)]
    html = page(f"<h1>{TITLE}</h1>", *PROSE[:2], *asides, *PROSE[2:])
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: [TITLE, *TEXT[:2], quote, line, *TEXT[2:]])
    assert {quote, line} <= set(kept(found(html, UNDECIDED)))
    place = found(html, no_quotes)
    assert (place.source, kept(place)) == ("trafilatura", [*TEXT[:2], line, *TEXT[2:]])
    (removed,) = [removed for _, removed in place.body.removed if removed.text == quote]
    assert removed.reason.startswith("0% likely")


def test_headings_over_what_a_second_opinion_took_come_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = [
        PROSE[0],
        "<h2>The oven</h2>",
        *PROSE[1:3],
        "<div><h2>Elsewhere</h2></div>",
        PROSE[3],
        "<h2>After it all</h2>",
    ]
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: TEXT)
    html = page(f"<h1>{TITLE}</h1>", *inner)
    assert kept(found(html, UNDECIDED)) == [TEXT[0], "The oven", *TEXT[1:]]
    no_headings = replace(UNDECIDED, trees=[(features.NAMES.index("h2"), 0.5, 0.0, 0.0, -0.5)])
    assert kept(found(html, no_headings)) == TEXT


def test_an_opinion_that_is_not_found_in_the_blocks_is_taken_as_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{text} So the paper says, which has it from the baker." for text in reversed(TEXT)]
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: lines)
    place = found(page(f"<h1>{TITLE}</h1>", "<p>Pictures of the oven</p>"), UNDECIDED)
    assert (place.source, kept(place), place.confidence) == ("trafilatura", lines, ALONE)


def test_text_in_the_page_s_data_is_used_where_the_mark_up_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "trafilatura_lines", lambda *_, **__: [])
    data = json.dumps({"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n".join(TEXT)})
    script = f'<script type="application/ld+json">{data}</script>'
    place = found(page(f"<h1>{TITLE}</h1>", head=script))
    assert (kept(place), place.confidence) == (TEXT, OF_DATA)
    assert place.source not in ("block model", "trafilatura")
    assert found(page(f"<h1>{TITLE}</h1>", *PROSE, head=script)).source == "block model"


def test_what_stands_in_the_article_s_place_is_told_by_kind_and_reason() -> None:
    place = found(
        page(
            f"<h1>{TITLE}</h1>",
            f'<p class="standfirst">{STANDFIRST}</p>',
            *PROSE[:2],
            '<ul class="share-bar"><li><a href="#m">Send by mail</a></li><li><a href="#p">Print it out</a></li></ul>',
            PROSE[2],
            '<div class="related"><a href="/mill">The mill wheel turns backwards</a></div>',
            PROSE[3],
            "<p><em>Correction: an earlier version of this article gave the number of sisters as three.</em></p>",
            "<p>Sign up for our newsletter</p>",
        )
    )
    assert kept(place) == TEXT
    assert [(removed.kind.value, removed.text) for _, removed in place.body.removed] == [
        ("headline", TITLE),
        ("standfirst", STANDFIRST),
        ("share bar", "Send by mail"),
        ("share bar", "Print it out"),
        ("related links", "The mill wheel turns backwards"),
        ("correction", "Correction: an earlier version of this article gave the number of sisters as three."),
        ("newsletter", "Sign up for our newsletter"),
    ]
    assert all(removed.reason for _, removed in place.body.removed)


def test_nothing_outside_the_article_s_place_is_in_the_trail() -> None:
    place = found(PLAIN)
    assert [removed.text for _, removed in place.body.removed] == [TITLE]
    shown = {block.text for block in place.blocks}
    assert {"Home", "More from the valley", "© Valley Observer. All rights reserved."} <= shown


def test_what_no_rule_knows_is_cut_with_what_the_model_says_of_it() -> None:
    label = '<div class="xq7"><span><a href="/z">Zq</a></span></div>'
    place = found(page(f"<h1>{TITLE}</h1>", *PROSE[:2], label, *PROSE[2:]))
    (removed,) = [removed for _, removed in place.body.removed if removed.text == "Zq"]
    assert "Zq" not in kept(place)
    assert removed.kind.value in ("outside the article", "related links")
    assert removed.reason


def test_a_correction_is_moved_to_the_corrections() -> None:
    note = "Correction: an earlier version of this article gave the number of sisters as three."
    article = extracted(page(f"<h1>{TITLE}</h1>", *PROSE, f"<p><em>{note}</em></p>"))
    assert (list(article.paragraphs), article.corrections) == (TEXT, (note,))
    assert note not in [removed.text for removed in article.removed]


def test_a_standfirst_is_the_summary_before_what_machines_are_told() -> None:
    head = '<meta name="description" content="All about bread, ovens and the people of the valley, every day anew.">'
    article = extracted(page(f"<h1>{TITLE}</h1>", f'<p class="standfirst">{STANDFIRST}</p>', *PROSE, head=head))
    assert (list(article.paragraphs), article.summary) == (TEXT, STANDFIRST)
    assert article.sources["summary"] == "standfirst"


def test_without_a_standfirst_the_summary_is_the_declared_one() -> None:
    said = "All about bread, ovens and the people of the valley, every day anew."
    article = extracted(page(f"<h1>{TITLE}</h1>", *PROSE, head=f'<meta name="description" content="{said}">'))
    assert (article.summary, article.sources["summary"]) == (said, "meta description")


@pytest.mark.parametrize("weights", [None, UNDECIDED], ids=["sure", "undecided"])
def test_an_abstract_is_the_text_s_own(weights: Weights | None) -> None:
    article = extracted(page(f"<h1>{TITLE}</h1>", f'<p class="abstract">{STANDFIRST}</p>', *PROSE), weights)
    assert list(article.paragraphs) == [STANDFIRST, *TEXT]


@pytest.mark.parametrize("knots", [BY_MODEL, BY_AGREEMENT])
def test_the_expected_f1_rises_with_its_sign_and_stays_a_share(knots: Knots) -> None:
    reached = [expected_f1(sign / 1000, knots) for sign in range(-100, 1101)]
    assert all(low <= high for low, high in pairwise(reached))
    assert (reached[0], reached[-1]) == (knots[0][1], knots[-1][1])
    assert 0 <= reached[0] < reached[-1] <= 1


def test_the_expected_f1_is_measured_at_the_knots_and_on_a_line_between_them() -> None:
    assert [expected_f1(sign, BY_MODEL) for sign, _ in BY_MODEL] == [f1 for _, f1 in BY_MODEL]
    assert expected_f1(0.5, ((0.0, 0.4), (1.0, 0.6))) == 0.5


@pytest.mark.parametrize(("weights", "is_unsure"), [(None, False), (MISLED, True)], ids=["sure", "misled"])
def test_a_record_states_its_confidence_and_warns_where_it_is_low(weights: Weights | None, is_unsure: bool) -> None:
    article = extracted(PLAIN, weights)
    at = "2025-05-01T00:00:00Z"
    facts = Facts(id="a" * 32, date_crawled=at, first_seen=at, http_status=None, found_by=None)
    record = article_record(article, facts)
    assert_valid(record)
    confidence = record["_dateline"]["confidence"]
    assert 0 <= confidence <= 1
    assert (confidence < UNSURE) is is_unsure
    warning = f"body: {confidence:.0%} of it is expected to be right"
    assert (warning in record["_dateline"]["warnings"]) is is_unsure
