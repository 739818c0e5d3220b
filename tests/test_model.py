"""The block model: its weights as data, what it is told of each block, and what it takes for the article."""

from __future__ import annotations

import json
from importlib.resources import files
from math import exp, isfinite, log, log1p
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.blocks import read_blocks
from crawler.extraction.html import parse_html
from crawler.extraction.model import context, features
from crawler.extraction.model.context import context_rows
from crawler.extraction.model.features import feature_rows
from crawler.extraction.model.judge import MAX_BLOCKS, NAMES, TOPICS, Verdict, choose, judge, read
from crawler.extraction.model.layout import Known, Layout
from crawler.extraction.model.weights import Weights, WeightsError, read_weights, shipped

SHIPPED = files("crawler.extraction.model") / "weights.json"
TITLE = "Lighthouse keeper hands over the lamp"
TEXT = (
    "The last keeper of the lighthouse at Gull Point handed the key to an engineer on Tuesday, after thirty-one years.",
    "From now on the lamp is watched from an office in the county town, where nobody has ever heard the sea.",
    "“I have told them which step creaks,” the keeper said. He will stay in the cottage until the end of the summer.",
    "The county expects to save forty thousand crowns a year; the lamp itself will go on turning as it always has.",
)
MENU = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("home", "town", "sport", "weather"))
MORE = "".join(f'<li><a href="/{n}">The harbour master counts the seals for the {n}th time</a></li>' for n in (4, 5, 6))
PAGE = (
    f"<header><nav><ul>{MENU}</ul></nav></header><main><article><h1>{TITLE}</h1>"
    + "".join(f"<p>{text}</p>" for text in TEXT)
    + f'</article><section class="related-stories"><h2>More from the coast</h2><ul>{MORE}</ul></section></main>'
    "<footer><p>© Gull Point Observer. All rights reserved.</p><p><a href='/imprint'>Imprint</a></p></footer>"
)
PAGES = {
    "ordinary": PAGE,
    "hardly anything": "<p>Lamp</p>",
    "one long paragraph": f"<p>{TEXT[0]}</p>",
    "deep": "<div>" * 2_000 + f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>" + "</div>" * 2_000,
    "Chinese": "<article><h1>灯塔</h1>"
    + "<p>灯塔看守人星期二把钥匙交给了工程师，他在这里工作了三十一年。</p>" * 3
    + "</article>",
    "links only": f"<ul>{MENU}{MORE}</ul>",
    "numbers and signs": "<p>1</p><p>…</p><p>→ ©</p><table><tr><td>3</td><td>4</td></tr></table>",
}
# three features: a line's first number, its second, its third
SMALL = ("size", "linked", "depth")
TREES = [[0, 2.0, 0.1, -1.0, [1, 0.5, 0.4, 1.5, -0.5]], [2, 1.0, -0.2, 0.25, -0.75]]


def blocks_of(html: str) -> list[Any]:
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    return read_blocks(tree)


def layout_of(html: str, title: str = TITLE) -> Layout:
    return Layout(blocks_of(html), Known(title=title))


def verdict_of(html: str, title: str = TITLE) -> Verdict:
    return judge(blocks_of(html), Known(title=title))


def small(**changes: Any) -> dict[str, Any]:
    """A file of weights for three features, as what JSON holds."""
    return {
        "format": 1,
        "features": list(SMALL),
        "names": {"body": [1.0, 0.5, 0.25]},
        "words": {"lamp": 0.5},
        "first": {"bias": -1.0, "slopes": [0.5, -2.0, 0.25]},
        "second": {"start": 0.5, "trees": TREES},
    } | changes


def deep(levels: int) -> Any:
    tree: Any = 1.0
    for _ in range(levels):
        tree = [0, 0.5, 0.0, tree, 2.0]
    return tree


def share(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def test_the_shipped_weights_are_small_and_of_this_version_s_features() -> None:
    text = SHIPPED.read_bytes()
    assert len(text) < 1_000_000
    assert json.loads(text)["features"] == list(NAMES)
    weights = read(text)
    assert weights == shipped(NAMES)
    assert len(weights.slopes) == len(features.NAMES)
    assert min(len(weights.names), len(weights.words), len(weights.trees)) > 10


def test_no_two_features_have_one_name_and_each_belongs_to_a_topic() -> None:
    assert len(set(features.NAMES)) == len(features.NAMES)
    assert len(set(context.NAMES)) == len(context.NAMES)
    assert tuple(name for names, _ in TOPICS for name in names) == NAMES


@pytest.mark.parametrize(
    ("row", "first", "second"),
    [
        ((1.0, 0.0, 0.0), -0.5, 0.5 - 1.0 + 0.25),
        ((4.0, 0.0, 4.0), 2.0, 0.5 + 1.5 - 0.75),
        ((4.0, 1.0, 0.0), -1.0, 0.5 - 0.5 + 0.25),
        ((2.0, 1.0, 1.0), -1.75, 0.5 - 1.0 + 0.25),  # a number at a threshold goes to the low side
    ],
)
def test_both_stages_are_what_they_are_by_hand(row: tuple[float, ...], first: float, second: float) -> None:
    weights = read_weights(json.dumps(small()), SMALL)
    assert weights.first(row) == pytest.approx(share(first))
    assert weights.second(row) == pytest.approx(share(second))


def test_a_share_stays_a_share_however_large_the_sum_is() -> None:
    weights = read_weights(json.dumps(small()), SMALL)
    assert 0 < weights.first((-1e9, 0, 0)) < 1e-12
    assert 1 - 1e-12 < weights.first((1e9, 0, 0)) < 1


def test_reasons_are_the_steps_through_each_tree() -> None:
    weights = read_weights(json.dumps(small()), SMALL)
    reasons = weights.reasons((4.0, 0.0, 4.0))
    # the first tree goes from 0.1 to 0.4 by the size, to 1.5 by the links; the second from -0.2 to -0.75
    assert reasons == {0: pytest.approx(0.3), 1: pytest.approx(1.1), 2: pytest.approx(-0.55)}


def test_reasons_add_up_to_what_the_trees_say() -> None:
    weights, layout = shipped(NAMES), layout_of(PAGE)
    rows = feature_rows(layout, weights)
    likely = [weights.first(rows[i]) if i in rows else 0.0 for i in range(len(layout.blocks))]
    roots = sum(tree[2] for tree in weights.trees)
    for row, more in zip(rows.values(), context_rows(layout, likely, list(rows)), strict=True):
        p = weights.second(row + more)
        assert weights.start + roots + sum(weights.reasons(row + more).values()) == pytest.approx(log(p / (1 - p)))


@pytest.mark.parametrize("changes", [{"format": 2}, {"features": ["size", "depth", "linked"]}, {"features": []}])
def test_weights_of_other_features_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"^trained for other features than this version's: train it again$"):
        read_weights(json.dumps(small(**changes)), SMALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"names": {"body": [1.0, 0.5]}},
        {"names": {"body": [1.0, 0.5, "near"]}},
        {"words": ["lamp"]},
        {"words": {"lamp": None}},
        {"first": {"bias": -1.0}},
        {"first": {"bias": "low", "slopes": []}},
        {"first": {"bias": 0, "slopes": 3}},
        {"second": {"start": [], "trees": []}},
        {"second": {"start": 0, "trees": [[0, 1.0, 0.5, 1.0]]}},
        {"second": {"start": 0, "trees": [[3, 1.0, 0.5, 1.0, 2.0]]}},
        {"second": {"start": 0, "trees": [[-1, 1.0, 0.5, 1.0, 2.0]]}},
        {"second": []},
        {"second": {"start": float("nan"), "trees": []}},
        {"second": {"start": 0, "trees": [[0, float("inf"), 0.5, 1.0, 2.0]]}},
        {"second": {"start": 0, "trees": [deep(100)]}},
    ],
    ids=str,
)
def test_weights_of_wrong_types_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"^not a file of weights: \w+: "):
        read_weights(json.dumps(small(**changes)), SMALL)


@pytest.mark.parametrize("text", ["", "{", json.dumps(small())[:-40], "[]", "7", '"lamp"', b"\xff\xfe", "[" * 100_000])
def test_what_is_no_json_of_weights_is_refused(text: str | bytes) -> None:
    with pytest.raises(WeightsError, match=r"^not a file of weights: \w+"):
        read_weights(text, SMALL)


def test_too_few_slopes_are_refused() -> None:
    data = json.loads(SHIPPED.read_bytes())
    data["first"]["slopes"].pop()
    with pytest.raises(WeightsError, match="slopes for"):
        read(json.dumps(data).encode())


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_each_wanted_block_has_a_finite_number_for_each_feature(html: str) -> None:
    layout, weights = layout_of(html), shipped(NAMES)
    rows = feature_rows(layout, weights)
    assert list(rows) == layout.wanted
    likely = [weights.first(rows[i]) if i in rows else 0.0 for i in range(len(layout.blocks))]
    more = list(context_rows(layout, likely, layout.wanted))
    assert {len(row) for row in rows.values()} <= {len(features.NAMES)}
    assert {len(row) for row in more} <= {len(context.NAMES)}
    assert all(isfinite(number) for row in (*rows.values(), *more) for number in row)


def test_single_features_are_what_their_names_say() -> None:
    layout = layout_of(PAGE)
    rows = feature_rows(layout, shipped(NAMES))
    texts = {block.text: rows.get(block.index) for block in layout.blocks}

    def told(text: str, *names: str) -> list[float]:
        row = texts[text]
        assert row is not None
        return [row[features.NAMES.index(name)] for name in names]

    assert told(TITLE, "h1", "is_title", "title_words", "ends_sentence", "p") == [1, 1, 1, 0, 0]
    assert told(TEXT[0], "h1", "is_title", "has_headline", "ends_sentence", "p") == [0, 0, 1, 1, 1]
    assert told(TEXT[0], "in_best", "levels_out", "<article>", "<nav>", "is_line") == [1, 0, 0.5, 0, 0]
    assert told(TEXT[2], "quotes", "sentences", "question") == [1, log1p(2), 0]
    assert told("More from the coast", "in_best", "mark related", "is_label") == [0, 1, 1]
    assert told("© Gull Point Observer. All rights reserved.", "copyright", "<footer>") == [1, 0.5]


def test_what_is_plainly_a_menu_s_is_not_asked_for() -> None:
    layout = layout_of(PAGE)
    unasked = {block.text for block in layout.blocks if block.index not in layout.wanted}
    assert {"Home", "Town", "Sport", "Weather", "Imprint"} <= unasked
    assert unasked.isdisjoint((TITLE, *TEXT))


@pytest.mark.parametrize(
    ("html", "title", "found"),
    [
        (f"<h1>The Observer</h1><h2>{TITLE}</h2><p>{TEXT[0]}</p>", TITLE, 1),
        (f"<p>News</p><h1>{TITLE.upper()} – live</h1>", TITLE, 1),
        (f"<p>News</p><h1>Keeper goes</h1><p>{TEXT[0]}</p>", TITLE, 1),  # no heading says it: the first h1
        (f"<h2>Keeper goes</h2><p>{TITLE}</p>", TITLE, -1),
        (f"<p>{TEXT[0]}</p><h1>{TITLE}</h1>", "", 1),
    ],
)
def test_the_headline_is_the_heading_that_says_the_title(html: str, title: str, found: int) -> None:
    assert layout_of(html, title).headline == found


def test_rows_are_as_many_as_blocks_and_no_more() -> None:
    layout = layout_of("<article>" + f"<p>{TEXT[1]}</p>" * 500 + "</article>")
    assert len(feature_rows(layout, shipped(NAMES))) == len(layout.blocks) == 500
    assert len(layout.places.all) == 503  # the paragraphs, and article, body and html around all of them


def test_an_ordinary_article_is_taken_whole_and_nothing_else() -> None:
    blocks = blocks_of(PAGE)
    verdict = judge(blocks, Known(title=TITLE))
    assert tuple(blocks[i].text for i in sorted(verdict.taken) if blocks[i].text != TITLE) == TEXT
    assert blocks[verdict.headline].text == TITLE
    assert all(0 <= p <= 1 for p in verdict.likely)
    assert 0.5 < verdict.confidence <= 1


def test_why_names_at_most_two_topics_that_speak_against_a_block() -> None:
    blocks = blocks_of(PAGE)
    verdict = judge(blocks, Known(title=TITLE))
    topics = {topic for _, topic in TOPICS}
    reasons = [verdict.why(block.index) for block in blocks if block.index not in verdict.taken]
    for reason in reasons:
        likely, parted, told = reason.partition(" likely: ")
        assert likely.rstrip("%").isdigit() if parted else reason.endswith("% likely at first sight")
        assert set(told.split(", ")) - {""} <= topics
        assert told.count(",") <= 1
    assert any(" likely: " in reason for reason in reasons)
    assert verdict.why(0) == "0% likely at first sight"  # a menu's, that no stage was asked of


def test_the_same_page_gets_the_same_verdict() -> None:
    one, other = verdict_of(PAGE), verdict_of(PAGE)
    assert (one.likely, one.taken, one.confidence) == (other.likely, other.taken, other.confidence)


def test_a_page_s_verdict_does_not_hang_on_the_pages_before_it() -> None:
    alone = {name: verdict_of(html).likely for name, html in PAGES.items()}
    assert {name: verdict_of(html).likely for name, html in reversed(PAGES.items())} == alone


def test_a_page_of_nothing_or_of_too_much_gets_no_opinion() -> None:
    assert judge([], Known()) == Verdict.none()
    assert judge(blocks_of("<p>a</p>" * (MAX_BLOCKS + 1)), Known()) == Verdict.none()
    assert len(verdict_of("<p>a</p>" * 50).likely) == 50


@pytest.mark.parametrize(
    ("sizes", "likely", "taken", "confidence"),
    [
        ([100, 100, 50], [0.9, 0.5, 0.1], {0, 1}, 280 / 345),  # 90 + 50 right of 200, of 145 expected
        ([100, 100], [1.0, 0.0], {0}, 1.0),
        ([100, 100, 100], [0.4, 0.4, 0.0], {0, 1}, 160 / 280),  # none is likely: as much as makes the best F1
        ([10, 100, 100], [0.9, 0.45, 0.45], {0, 1, 2}, 198 / 309),  # what is likely is a tenth of what is expected
        ([100], [0.0], set(), 0.0),
        ([], [], set(), 0.0),
    ],
)
def test_what_is_likely_is_chosen_or_else_what_makes_the_best_f1(
    sizes: list[float], likely: list[float], taken: set[int], confidence: float
) -> None:
    found, sure = choose(sizes, likely)
    assert (set(found), sure) == (taken, pytest.approx(confidence))


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1)), max_size=12))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_choice_takes_all_that_is_likely_and_is_sure_by_a_share(blocks: list[tuple[int, float]]) -> None:
    taken, sure = choose([size for size, _ in blocks], [p for _, p in blocks])
    assert {i for i, (_, p) in enumerate(blocks) if p >= 0.5} <= taken
    assert 0 <= sure <= 1 + 1e-9


def test_weights_of_one_s_own_are_used_in_place_of_those_that_ship() -> None:
    silent = Weights(names={}, words={}, bias=0.0, slopes=[0.0] * len(features.NAMES), start=-30.0, trees=[])
    verdict = judge(blocks_of(PAGE), Known(title=TITLE), silent)
    assert max(verdict.likely) < 1e-12
