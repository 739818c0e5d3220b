"""Where a site's articles stand: what a page shows of it, and the model's doubts settled by what others have shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from crawler.extraction.blocks import Block
from crawler.extraction.fingerprints import place_of
from crawler.extraction.model.judge import Verdict
from crawler.extraction.model.layout import size_of
from crawler.extraction.texts import path_of
from crawler.site import Layout, PlaceVote

PLAIN = 0.9  # how likely a block must be the article's, or not, to say anything of its place
SURE_PAGE = 0.9  # confidence of a page that may say anything
OPEN = (0.05, 0.95)  # a likelihood between these is open to what the site's other pages show
LEAST_SIZE = 20  # characters of a block that says something of its place
MAX_PLACES = 60  # that a page tells of, those with most text
KNOWN_SHARE = 0.5  # of a page's text in places that hold the articles of a layout, for the page to be of it
NEVER_HERE = "the site's articles never stand in this place"


def votes_of(blocks: Sequence[Block], verdict: Verdict, declared: str) -> tuple[PlaceVote, ...]:
    """What a page says of its places.

    On a page of which the model is sure only by what it is sure of: the text that it takes or that the page declares as
    the article's, and the text that plainly is not. On other pages by what it takes.
    """
    least = PLAIN if verdict.confidence >= SURE_PAGE else 0.0
    names: dict[int, tuple[str, ...]] = {}
    taken: defaultdict[int, float] = defaultdict(float)
    left: defaultdict[int, float] = defaultdict(float)
    for block in blocks if verdict.likely else ():
        likely, size = verdict.likely[block.index], size_of(block.text)
        is_taken = likely >= least if block.index in verdict.taken else block.text in declared
        if size < LEAST_SIZE or (likely > 1 - PLAIN and not is_taken):
            continue
        path = path_of(block.element)
        place = place_of(*path)
        names[place] = path
        (taken if is_taken else left)[place] += size
    largest = sorted(names, key=lambda place: (-taken[place], -left[place], place))[:MAX_PLACES]
    return tuple(
        PlaceVote(place=place, name=" < ".join(names[place]), taken=taken[place], left=left[place]) for place in largest
    )


def by_places(verdict: Verdict, blocks: Sequence[Block], layouts: Sequence[Layout]) -> Verdict:
    """The verdict with its doubts settled by the site's layout, where the page is of a known one."""
    if not layouts or not verdict.likely:
        return verdict
    places = {
        block.index: place_of(*path_of(block.element)) for block in blocks if verdict.likely[block.index] > OPEN[0]
    }
    layout = _layout_of({i: places[i] for i in verdict.taken if i in places}, blocks, layouts)
    if layout is None:
        return verdict
    is_open = [i for i in places if verdict.likely[i] < OPEN[1]]
    more = {i for i in is_open if places[i] in layout.holding}
    less = {i: NEVER_HERE for i in is_open if places[i] in layout.beside}
    return replace(verdict, taken=(verdict.taken | more) - less.keys(), known=less)


def _layout_of(places: dict[int, int], blocks: Sequence[Block], layouts: Sequence[Layout]) -> Layout | None:
    """The newest layout in whose places most of what was taken stands."""
    size = {i: size_of(blocks[i].text) for i in places}
    for layout in reversed(layouts):
        if sum(size[i] for i, place in places.items() if place in layout.holding) > KNOWN_SHARE * sum(size.values()):
            return layout
    return None
