"""Where a site's articles stand: agreed on by its pages, used where the model doubts, left when it is rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crawler.extraction.blocks import read_blocks
from crawler.extraction.fingerprints import place_of
from crawler.extraction.html import parse_html
from crawler.extraction.model.judge import Verdict
from crawler.extraction.site_places import NEVER_HERE, by_places, votes_of
from crawler.extraction.texts import path_of
from crawler.memory.layouts import MAX_LAYOUTS, Layouts
from crawler.site import Layout, PlaceVote, Trace
from tests.test_memory import traces

BASE = traces("cedar-fork-ledger.example")[0]
OLD, NEW, THIRD = 1, 2, 3


def trace(number: int, *votes: tuple[int, float, float], is_sure: bool = True) -> Trace:
    """A page whose text stands in these places: place, characters of the article, characters of other text."""
    places = tuple(PlaceVote(place=p, name=f"p{p}", taken=taken, left=left) for p, taken, left in votes)
    return replace(BASE, page=str(number), day=f"2025-03-{number % 28 + 1:02}", places=places, is_sure=is_sure)


def learned(traces: Sequence[Trace]) -> tuple[Layouts, list[int]]:
    """The layouts after these pages, and the positions of those that showed a rebuilt site."""
    layouts = Layouts()
    return layouts, [position for position, one in enumerate(traces) if layouts.learn(one)]


def test_places_are_told_when_three_pages_agree_and_not_before() -> None:
    pages = [trace(n, (OLD, 900, 0), (50, 0, 200), (60, 300, 300)) for n in range(3)]
    assert learned(pages[:2])[0].told() == (Layout(),)
    (told,) = learned(pages)[0].told()
    assert (told.holding, told.beside) == ({OLD}, {50})


def test_one_page_that_disagrees_among_few_leaves_a_place_open() -> None:
    pages = [trace(n, (OLD, 900, 0), (50, 0, 200)) for n in range(5)] + [trace(5, (OLD, 900, 0), (50, 200, 0))]
    (told,) = learned(pages)[0].told()
    assert (told.holding, told.beside) == ({OLD}, frozenset())


def test_a_page_that_the_extraction_is_not_sure_of_says_nothing_of_its_places() -> None:
    pages = [trace(n, (OLD, 900, 0), is_sure=False) for n in range(9)]
    assert learned(pages)[0].told() == (Layout(),)


def test_a_rebuilt_site_is_noticed_within_five_pages_and_once() -> None:
    old = [trace(n, (OLD, 900, 0)) for n in range(10)]
    new = [trace(n, (NEW, 900, 0), is_sure=n % 2 == 0) for n in range(10, 20)]
    layouts, noticed = learned([*old, *new])
    assert noticed == [12]
    assert [sorted(layout.holding) for layout in layouts.told()] == [[OLD], [NEW]]


def test_pages_of_another_kind_now_and_then_are_a_layout_beside_and_no_alarm() -> None:
    pages = [trace(n, (NEW if n % 4 == 3 else OLD, 900, 0)) for n in range(24)]
    layouts, noticed = learned(pages)
    assert noticed == []
    assert [sorted(layout.holding) for layout in layouts.told()] == [[OLD], [NEW]]


def test_old_pages_teach_their_own_layout_after_the_site_was_rebuilt() -> None:
    pages = [trace(n, (NEW if n in range(8, 14) else OLD, 900, 0)) for n in range(20)]
    layouts, noticed = learned(pages)
    assert noticed == [10]
    assert [layout.pages for layout in layouts.layouts] == [14, 6]


def test_no_more_layouts_are_kept_than_four() -> None:
    pages = [trace(n, (100 + n // 4, 900, 0)) for n in range(60)]
    layouts, noticed = learned(pages)
    assert len(layouts.layouts) == MAX_LAYOUTS
    assert len(noticed) > MAX_LAYOUTS


def test_layouts_that_were_written_down_go_on_as_they_were() -> None:
    pages = [trace(n, (OLD if n < 8 else NEW, 900, 0)) for n in range(12)]
    layouts, _ = learned(pages[:10])
    again = Layouts.from_json(layouts.as_json())
    assert [bool(again.learn(one)) for one in pages[10:]] == [bool(layouts.learn(one)) for one in pages[10:]]
    assert again.as_json() == layouts.as_json()


PAGE = b"""<html><body><article><p class="lead">A first paragraph of the report, long enough to say what happened.</p>
<p>The second paragraph goes on about it, and names the people who were there on the day.</p></article>
<div class="box"><p>Something else that stands beside the report and is of about the same length.</p></div>
</body></html>"""


def verdict(*likely: float) -> Verdict:
    return Verdict(likely, frozenset(i for i, p in enumerate(likely) if p >= 0.5), 0.97)


def test_a_doubt_is_settled_by_the_layout_and_what_is_sure_is_not() -> None:
    tree = parse_html(PAGE)
    assert tree is not None
    blocks = read_blocks(tree)
    lead, text, box = (place_of(*path_of(block.element)) for block in blocks)
    known = (Layout(holding=frozenset((lead, text)), beside=frozenset((box,))),)
    settled = by_places(verdict(0.3, 0.99, 0.7), blocks, known)
    assert sorted(settled.taken) == [0, 1]
    assert settled.why(2) == NEVER_HERE
    assert sorted(by_places(verdict(0.01, 0.99, 0.99), blocks, known).taken) == [1, 2]


def test_a_page_of_no_known_layout_is_left_to_the_model() -> None:
    tree = parse_html(PAGE)
    assert tree is not None
    blocks = read_blocks(tree)
    box = place_of(*path_of(blocks[2].element))
    unsettled = verdict(0.3, 0.99, 0.7)
    assert by_places(unsettled, blocks, (Layout(holding=frozenset((7,)), beside=frozenset((box,))),)) == unsettled
    assert by_places(unsettled, blocks, ()) == unsettled


def test_a_page_votes_by_what_the_model_is_sure_of_and_by_what_it_declares() -> None:
    tree = parse_html(PAGE)
    assert tree is not None
    blocks = read_blocks(tree)
    votes = votes_of(blocks, verdict(0.4, 0.99, 0.02), "")
    assert {(vote.name.split(" < ")[1], vote.taken > 0, vote.left > 0) for vote in votes} == {
        ("article.", True, False),
        ("div.box", False, True),
    }
    declared = votes_of(blocks, verdict(0.4, 0.99, 0.02), blocks[0].text)
    assert any(vote.name.startswith("p.lead") and vote.taken > 0 for vote in declared)
    assert not any(vote.name.startswith("p.lead") for vote in votes)
