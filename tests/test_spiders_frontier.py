"""The order of fetching, its bounds, and the search's own."""

import datetime as dt

from crawler.items import FoundBy, Hint
from crawler.sources import Source
from spiders.frontier import MOST_UNDER_WAY, Frontier, Passed, merged
from spiders.search import MOST_SECTIONS, Search
from spiders.sitemap import Child

DAY = dt.date(2025, 4, 24)


def hint(
    path: str, published: str | None = None, found_by: FoundBy = FoundBy.FEED, modified: str | None = None
) -> Hint:
    return Hint(url=f"https://example.org/{path}", found_by=found_by, published=published, modified=modified)


def order(frontier: Frontier) -> list[str]:
    return [taken.url.removeprefix("https://example.org/") for _, taken in frontier.take()]


def test_order_is_newest_first_then_undated_links_then_archive() -> None:
    frontier = Frontier(1)
    for entry in (
        hint("undated-map", found_by=FoundBy.SITEMAP),
        hint("changed", found_by=FoundBy.SITEMAP, modified="2025-04-29"),
        hint("link", found_by=FoundBy.LINK),
        hint("old", "2025-04-20"),
        hint("evening", "2025-04-26T22:00:00+03:00"),
        hint("later", "2025-04-26T20:00:00Z"),
        hint("2025/04/25/by-address", found_by=FoundBy.LINK),
    ):
        assert frontier.add("s", entry)
    frontier.finish("s")
    assert order(frontier) == ["later", "evening", "2025/04/25/by-address", "old", "link", "changed", "undated-map"]


def test_address_is_taken_once_whatever_its_spelling() -> None:
    frontier = Frontier(2)
    assert frontier.add("s", hint("a"))
    assert not frontier.add("s", hint("a/?utm_source=x"))
    assert frontier.add("t", hint("a#b"))
    frontier.finish("s")
    frontier.finish("t")
    assert order(frontier) == ["a"]
    assert not frontier.claim("http://www.example.org/a")


def test_known_and_old_addresses_are_left_out_and_counted() -> None:
    frontier = Frontier(1, since=DAY, is_known=lambda hint: hint.url.endswith("known"))
    assert not frontier.add("s", hint("known"))
    assert not frontier.add("s", hint("old", "2025-04-23T23:59:00+03:00"))
    assert not frontier.add("s", hint("2024/01/01/by-address"))
    assert frontier.add("s", hint("changed-since", "2025-04-01", modified="2025-04-25"))
    assert frontier.add("s", hint("undated"))
    assert frontier.add("s", hint("remembering-the-moon-landing-1969-07-20-again"))
    assert frontier.add("s", hint("programme?from=2020-01-01"))
    assert frontier.add("s", hint("2025/04/of-the-month"))
    numbers = frontier.passed_over()
    assert (numbers["known already"], numbers["too old"]) == (1, 2)


def test_few_of_a_source_are_under_way_at_a_time() -> None:
    frontier = Frontier(1)
    for n in range(100):
        frontier.add("s", hint(f"a-{n}"))
    frontier.finish("s")
    assert len(order(frontier)) == MOST_UNDER_WAY
    assert order(frontier) == []
    frontier.ended("s", is_page=True)
    assert len(order(frontier)) == 1
    frontier.all_ended()
    assert len(order(frontier)) == MOST_UNDER_WAY
    assert frontier.passed_over()["left for a later run"] == 100 - 2 * MOST_UNDER_WAY - 1


def test_every_address_that_is_not_fetched_is_counted_once() -> None:
    frontier = Frontier(1)
    for n in range(3):
        frontier.add("s", hint(f"a-{n}"))
    assert frontier.reach("https://example.org/a-1")
    frontier.pass_over("https://example.com/b", Passed.OFF_SITE)
    frontier.pass_over("https://www.example.com/b#c", Passed.OFF_SITE)
    frontier.finish("s")
    assert order(frontier) == ["a-0", "a-2"]
    assert {why: number for why, number in frontier.passed_over().items() if number} == {
        "on another site": 1,
        "reached by a redirect first": 1,
    }


def test_page_limit_is_shared_until_all_sources_are_finished() -> None:
    frontier = Frontier(2, max_pages=4)
    for n in range(5):
        frontier.add("s", hint(f"s{n}", f"2025-04-2{n}"))
    frontier.add("t", hint("t0"))
    frontier.finish("s")
    assert order(frontier) == ["s4", "s3"]
    frontier.finish("t")
    assert order(frontier) == ["s2", "t0"]
    assert frontier.left() == 2
    frontier.ended("t", is_page=False)
    assert order(frontier) == ["s1"]


def test_merged_hint_takes_the_better_way_and_fills_its_gaps() -> None:
    link = Hint(url="https://example.org/a", found_by=FoundBy.LINK, title="Link")
    fed = Hint(url="https://example.org/a?x", found_by=FoundBy.FEED, published="2025-04-26", language="de")
    assert merged(link, fed) == merged(fed, link)
    assert merged(link, fed) == Hint(
        url="https://example.org/a?x", found_by=FoundBy.FEED, title="Link", published="2025-04-26", language="de"
    )


def search(**facts: dt.date) -> Search:
    return Search(source=Source(name="s", urls=("https://example.org/",)), **facts)


def test_sitemaps_are_read_newest_first_and_old_ones_not() -> None:
    one = search(since=DAY)
    days = ("2025-04-23", "2025-04-25", "2025-04-26", "2025-04")
    one.add_sitemaps((Child(url=f"https://example.org/{day}.xml", modified=day) for day in days), 1)
    read = [found[0][20:-4] for found in iter(one.next_sitemap, None)]
    assert read == ["2025-04-26", "2025-04-25", "2025-04"]


def test_sitemaps_end_after_two_without_anything_new() -> None:
    one = search(since=DAY)
    one.add_sitemaps((Child(url=f"https://example.org/map-{n}.xml") for n in range(9)), 1)
    for _ in range(2):
        assert one.next_sitemap() is not None
        one.has_read(entries=10, too_old=10)
    assert one.next_sitemap() is None


def test_nesting_and_number_of_documents_are_bounded_and_said() -> None:
    one = search()
    one.add_sitemaps([Child(url="https://example.org/deep.xml")], 4)
    assert one.next_sitemap() is None
    one.add_sitemaps((Child(url=f"https://example.org/map-{n}.xml") for n in range(60)), 1)
    assert len(list(iter(one.next_sitemap, None))) == 50
    assert one.limits == ["sitemap indexes nested deeper than 3", "more than 50 sitemaps"]
    one.add_sections((f"https://example.org/s{n}" for n in range(60)), 1)
    assert len(list(one.next_sections())) == MOST_SECTIONS


def test_an_address_that_a_feed_calls_too_old_stays_so_when_a_link_names_it_too() -> None:
    old, link = hint("a", "2025-03-01T10:00:00+00:00"), hint("a", found_by=FoundBy.LINK)
    for hints in ((old, link), (link, old)):
        frontier = Frontier(1, since=dt.date(2025, 4, 1))
        for named in hints:
            frontier.add("s", named)
        frontier.finish("s")

        assert list(frontier.take()) == []
        assert frontier.too_old() == 1
