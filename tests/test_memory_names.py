"""What a site's pages teach of its titles and its bylines, on pages that do not tell it by themselves."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from crawler.extraction.extract import extract
from crawler.items import Extract, Page
from crawler.memory.site_memory import SiteMemory

HOST = "harbour.example"
AUTHORS = ("Ann Lee", "Bo Ek", "Cy Roe", "Dora Umm", "Eli Fox")
HEADLINES = (
    "Ferry crews vote again on the winter timetable",
    "Council finds the money for a second crane",
    "School on the hill opens with forty pupils",
    "Bakers count the cost of a dry summer",
    "Museum shows the letters of a lighthouse keeper",
    "Two boats collide in the mouth of the river",
    "Library lends out tools and sewing machines",
    "Choir sings at the reopening of the old mill",
)
SUBJECTS = ("ferry", "crane", "school", "bakery", "museum", "collision", "library", "choir")


def page(number: int, *, title: str = "", head: str = "", heading: str = "", byline: str = "") -> Page:
    """A page with paragraphs of its own; ``heading`` and ``byline`` are markup."""
    subject = SUBJECTS[number]
    text = "".join(
        f"<p>The {subject} was on everybody's lips for {days} days, and the {subject} committee of the town heard "
        f"{days + number} people about what the {subject} should be allowed to cost in the years to come.</p>"
        for days in range(3 + number, 9 + number)
    )
    html = (
        f'<html lang="en"><head><title>{title}</title>{head}</head>'
        f"<body><article>{heading}{byline}{text}</article></body></html>"
    )
    url = f"https://{HOST}/2025/05/{subject}-story-number-{number}"
    return Page(url=url, body=html.encode(), fetched_at=dt.date(2025, 5, 1))


def ld(**stated: object) -> str:
    node = {"@type": "NewsArticle", "datePublished": "2025-05-01T08:00:00+01:00", **stated}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def read(one: Page) -> Extract:
    result = extract(one)
    assert isinstance(result, Extract), result
    return result


def memory_of(pages: Iterable[Page]) -> SiteMemory:
    memory = SiteMemory(HOST)
    memory.learn(read(one).trace for one in pages)
    return memory


def known(pages: Sequence[Page]) -> list[Extract]:
    """The pages as they are read once all of them have taught."""
    memory = memory_of(pages)
    return [read(replace(one, site=memory.told(one.site))) for one in pages]


def titles(pages: Sequence[Page]) -> list[str]:
    return [result.title for result in known(pages)]


def names(pages: Sequence[Page]) -> list[list[str]]:
    return [[author.name for author in result.authors] for result in known(pages)]


def titled(*titles: str) -> list[Page]:
    return [page(number, title=title) for number, title in enumerate(titles)]


@pytest.mark.parametrize(
    "suffix", [" – Local news", " | The Quay", " « News and views", " - News from the coast - Quay"]
)
def test_what_stands_behind_most_titles_is_cut(suffix: str) -> None:
    pages = titled(*(f"{headline}{suffix}" for headline in HEADLINES[:4]), HEADLINES[4])
    assert [read(one).title for one in pages] == [one.body.decode().split("title>")[1][:-2] for one in pages]
    results = known(pages)
    assert [result.title for result in results] == list(HEADLINES[:5])
    assert [result.sources["title"] for result in results] == [*["title, less the site's title suffix"] * 4, "title"]


def test_what_stands_before_most_titles_is_cut() -> None:
    pages = titled(*(f"The Quay | {headline}" for headline in HEADLINES[:3]))
    assert titles(pages) == list(HEADLINES[:3])


def test_two_pages_do_not_tell_a_suffix() -> None:
    pages = titled(*(f"{headline} – Local news" for headline in HEADLINES[:2]))
    assert titles(pages) == [read(one).title for one in pages]


def test_one_headline_at_many_addresses_does_not_tell_a_suffix() -> None:
    pages = titled(*["Corrections of the week – A life at sea"] * 4)
    assert titles(pages) == ["Corrections of the week – A life at sea"] * 4


def test_the_name_of_a_column_stays_where_some_pages_have_it() -> None:
    column = [f"Letters from the quay: {headline}" for headline in HEADLINES[:3]]
    walks = [f"{headline} – A walk in the rain" for headline in HEADLINES[3:6]]
    pages = titled(*column, *walks, *HEADLINES[6:])
    assert titles(pages) == [*column, *walks, *HEADLINES[6:]]


def test_the_name_of_a_series_stays_where_the_visible_headline_has_it() -> None:
    series = [f"{headline} – The long winter" for headline in HEADLINES[:4]]
    pages = [page(n, title=title, heading=f"<h1>{title}</h1>") for n, title in enumerate(series)]
    assert titles(pages) == series


def test_a_name_in_all_visible_headlines_of_many_pages_is_the_sites() -> None:
    pages = [
        page(n, title=f"{headline} – Local news", heading=f"<h1>{headline} – Local news</h1>")
        for n, headline in enumerate(HEADLINES)
    ]
    assert titles(pages) == list(HEADLINES)


def test_a_colon_in_front_is_the_headlines_own() -> None:
    pages = titled(*(f"Harbour : {headline}" for headline in HEADLINES[:4]))
    assert titles(pages) == [f"Harbour : {headline}" for headline in HEADLINES[:4]]


def test_a_section_before_the_suffix_is_cut_where_another_page_declares_it() -> None:
    pages = titled(*(f"{headline} | Weather | Local news" for headline in HEADLINES[:1]))
    pages += [
        page(n, title=f"{HEADLINES[n]} | Local news", head=ld(articleSection="Weather", author={"name": "Ann Lee"}))
        for n in (1, 2, 3)
    ]
    assert titles(pages) == list(HEADLINES[:4])


def test_a_title_that_is_the_suffix_alone_stays() -> None:
    pages = titled(*(f"{headline} – Local news" for headline in HEADLINES[:3]))
    memory = memory_of(pages)
    lone = page(4, title="Local news", heading="<h1>Local news</h1>")
    assert read(replace(lone, site=memory.told(lone.site))).title == "Local news"


def test_a_section_is_no_author() -> None:
    pages = [page(0, title=HEADLINES[0], head=ld(author={"name": "Politics"}))]
    pages += [
        page(n, title=HEADLINES[n], head=ld(author={"name": AUTHORS[n]}, articleSection=section))
        for n, section in ((1, "Politics"), (2, "Sport"))
    ]
    assert [author.name for author in read(pages[0]).authors] == ["Politics"]
    results = known(pages)
    assert [[a.name for a in result.authors] for result in results] == [[], ["Bo Ek"], ["Cy Roe"]]
    assert results[0].sources["authors"] == "json-ld, less the site's sections"


def test_the_person_in_the_byline_is_found_behind_a_declared_section() -> None:
    byline = '<p class="byline">By Dora Umm</p>'
    pages = [page(0, title=HEADLINES[0], head=ld(author="Redaktion Lokales"), byline=byline)]
    pages += [
        page(n, title=HEADLINES[n], head=ld(author=AUTHORS[n], articleSection="Redaktion Lokales")) for n in (1, 2, 3)
    ]
    assert names(pages) == [["Dora Umm"], ["Bo Ek"], ["Cy Roe"], ["Dora Umm"]]


def test_a_step_of_the_breadcrumbs_is_no_author() -> None:
    steps = [{"@type": "ListItem", "name": "Culture"}, {"@type": "ListItem", "item": {"name": HEADLINES[1]}}]
    trail = json.dumps({"@type": "BreadcrumbList", "itemListElement": steps})
    crumbs = f'<script type="application/ld+json">{trail}</script>'
    pages = [
        page(0, title=HEADLINES[0], head=ld(author="Culture")),
        page(1, title=HEADLINES[1], head=ld(author="Bo Ek") + crumbs),
    ]
    assert names(pages) == [[], ["Bo Ek"]]


def test_a_columnist_whose_section_bears_her_name_stays_its_author() -> None:
    pages = [page(n, title=HEADLINES[n], head=ld(author="Ann Lee", articleSection="Ann Lee")) for n in range(4)]
    pages.append(page(4, title=HEADLINES[4], head=ld(author="Bo Ek", articleSection="Ann Lee")))
    assert names(pages) == [*[["Ann Lee"]] * 4, ["Bo Ek"]]


@pytest.mark.parametrize("name", ["Reuters", "The Quay"])
def test_agencies_and_the_outlet_stay_where_a_page_takes_them_for_a_section(name: str) -> None:
    own = {"publisher": {"name": "The Quay"}}
    pages = [page(n, title=HEADLINES[n], head=ld(author=name, **own)) for n in (0, 1)]
    pages += [page(n, title=HEADLINES[n], head=ld(author=AUTHORS[n], articleSection=name, **own)) for n in (2, 3, 4)]
    assert names(pages) == [[name], [name], ["Cy Roe"], ["Dora Umm"], ["Eli Fox"]]


def signed(number: int, *, declared: bool = True, line: str = "{name}") -> Page:
    headline, name = HEADLINES[number], AUTHORS[number % len(AUTHORS)]
    byline = f'<div class="under"><span class="who">{line.format(name=name)}</span></div>'
    head = ld(author=name) if declared else ""
    return page(number, title=headline, head=head, heading=f'<div class="top"><h1>{headline}</h1>{byline}</div>')


def test_authors_are_read_where_other_pages_show_them() -> None:
    pages = [*map(signed, range(4)), signed(4, declared=False)]
    assert read(pages[4]).authors == ()
    results = known(pages)
    assert [a.name for a in results[4].authors] == ["Eli Fox"]
    assert results[4].sources["authors"] == "byline, where the site has it"
    assert [result.sources["authors"] for result in results[:4]] == ["json-ld"] * 4


def test_no_author_is_read_where_the_line_says_something_else() -> None:
    pages = [*map(signed, range(4)), signed(4, declared=False, line="Read in three minutes")]
    assert names(pages)[4] == []


def test_no_place_is_known_where_it_names_the_same_person_on_all_pages() -> None:
    pages = [
        page(n, title=HEADLINES[n], head=ld(author="Ann Lee"), heading=f"<h1>{HEADLINES[n]}</h1><div>Ann Lee</div>")
        for n in range(4)
    ]
    assert memory_of(pages).told(pages[0].site).byline_places == frozenset()


def test_no_place_is_known_that_names_authors_on_few_of_the_pages() -> None:
    other = [
        page(
            n,
            title=HEADLINES[n],
            head=ld(author=AUTHORS[n - 3]),
            heading=f"<h1>{HEADLINES[n]}</h1><b class='at{'xyzuvw'[n % 6]}'>{AUTHORS[n - 3]}</b>",
        )
        for n in range(3, 8)
    ]
    pages = [*map(signed, range(2)), *other]
    assert memory_of(pages).told(pages[0].site).byline_places == frozenset()


def test_pages_teach_the_same_in_any_order() -> None:
    pages = [*map(signed, range(5)), *titled(*[""] * 5, *(f"{h} – Local news" for h in HEADLINES[5:]))[5:]]
    traces = [read(one).trace for one in pages]
    whole = SiteMemory(HOST)
    whole.learn(traces)
    told = whole.names.told(pages[0].site)
    for shift in range(1, 8):
        shuffled = [traces[(3 * n + shift) % len(traces)] for n in range(len(traces))]
        memory, steps = SiteMemory(HOST), SiteMemory(HOST)
        memory.learn(shuffled)
        assert memory.as_bytes() == whole.as_bytes()
        for trace in shuffled:
            steps.learn([trace])
        assert steps.names.told(pages[0].site) == told


def test_what_is_known_is_kept_and_said() -> None:
    pages = [*map(signed, range(3)), page(3, head=ld(author="Bo Ek", articleSection="Tides"), title=HEADLINES[3])]
    memory = memory_of([replace(p, body=p.body.replace(b"</title>", " – Local news</title>".encode())) for p in pages])
    kept = SiteMemory.from_bytes(HOST, memory.as_bytes())
    assert kept.told(pages[0].site) == memory.told(pages[0].site)
    assert kept.names.described() == [
        "writes “Local news” behind its headlines: 4 of 4 pages",
        "has sections, which are no authors: Tides",
        "names its authors in one place below the headline: 3 pages",
    ]


def test_a_memory_of_many_pages_is_small() -> None:
    memory = SiteMemory(HOST)
    trace = read(signed(0)).trace
    shown = read(page(1, title="A – B – C", head=ld(articleSection=["Tides", "Weather"], author="Ann Lee"))).trace.names
    for n in range(300):
        parts = tuple(replace(part, text=f"{part.text} number {n} of a long list", rest=n) for part in shown.ends)
        names = replace(shown, ends=parts, sections=(f"Section of number {n}",), byline_places=(n,))
        memory.learn([replace(trace, page=f"{HOST}/{n}", sightings=(), names=names)])
    assert len(zlib.compress(json.dumps(memory.names.as_json()).encode())) < 10_000
