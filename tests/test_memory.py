"""What a site's pages teach of it: on whole small sites, and fact by fact."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from crawler.extraction.extract import extract
from crawler.extraction.text import text_key
from crawler.items import Extract, Kind, Page
from crawler.memory.furniture import MAX_REPEATS, ROOM
from crawler.memory.pages import WINDOW
from crawler.memory.site_memory import MemoryFormatError, SiteMemory
from crawler.site import Site, Trace
from tests.small_sites import SmallSite, small_sites

SITES = small_sites()
NAMES = [site.host for site in SITES]


def pages_of(site: SmallSite) -> list[Page]:
    return [Page(url=page.url, body=page.html, fetched_at=page.fetched_at) for page in site.pages()]


@cache
def alone(host: str) -> tuple[Extract, ...]:
    """Every page of a small site, judged by itself."""
    results = [extract(page) for page in pages_of(SITES[NAMES.index(host)])]
    return tuple(result for result in results if isinstance(result, Extract))


def traces(host: str) -> list[Trace]:
    return [result.trace for result in alone(host) if result.trace]


def memory_of(shown: Sequence[Trace]) -> SiteMemory:
    memory = SiteMemory("site.example")
    memory.learn(shown)
    return memory


def judged(site: SmallSite, memory: SiteMemory) -> list[Extract]:
    results = [extract(replace(page, site=memory.told(page.site))) for page in pages_of(site)]
    return [result for result in results if isinstance(result, Extract)]


@pytest.mark.parametrize("site", SITES, ids=NAMES)
def test_no_notice_is_left_and_no_paragraph_lost_when_the_site_is_known(site: SmallSite) -> None:
    found = judged(site, memory_of(traces(site.host)))
    assert len(found) == len(site.articles)
    for page, before, result in zip(site.pages(), alone(site.host), found, strict=True):
        said, said_before = text_key("\n".join(result.paragraphs)), text_key("\n".join(before.paragraphs))
        assert [notice for notice in page.notices if text_key(notice) in said] == []
        lost = [paragraph for paragraph in page.paragraphs if text_key(paragraph) not in said]
        assert [paragraph for paragraph in lost if text_key(paragraph) in said_before] == []


def test_what_was_cut_is_told_with_the_pages_that_show_it() -> None:
    site = SITES[0]
    cut = [r for result in judged(site, memory_of(traces(site.host))) for r in result.removed]
    furniture = [removed for removed in cut if removed.kind is Kind.FURNITURE]
    assert furniture
    assert all(" of 10 pages of the site" in removed.reason for removed in furniture if removed.reason[8] == "1")
    assert all(removed.reason.startswith("seen on ") for removed in furniture)


@pytest.mark.parametrize("site", SITES[::3], ids=NAMES[::3])
def test_the_order_of_the_pages_makes_no_difference(site: SmallSite) -> None:
    shown = traces(site.host)
    expected = judged(site, memory_of(shown))
    for seed in range(3):
        shuffled = random.Random(seed).sample(shown, len(shown))  # noqa: S311  an order, not a secret
        assert judged(site, memory_of(shuffled)) == expected


def test_a_memory_that_was_written_down_tells_the_same() -> None:
    memory = memory_of(traces(NAMES[0]))
    again = SiteMemory.from_bytes(memory.site, memory.as_bytes())
    assert again.told(Site()) == memory.told(Site())
    assert again.as_bytes() == memory.as_bytes()
    more = traces(NAMES[1])
    again.learn(more)
    memory.learn(more)
    assert again.as_bytes() == memory.as_bytes()


@pytest.mark.parametrize("kept", [b"", b"no memory", SiteMemory("a").as_bytes()[:-9]])
def test_bytes_that_are_no_memory_are_refused_with_the_site(kept: bytes) -> None:
    with pytest.raises(MemoryFormatError, match=r"the memory of site\.example cannot be read"):
        SiteMemory.from_bytes("site.example", kept)


def test_what_is_configured_goes_before_what_is_learned() -> None:
    memory = memory_of(traces(NAMES[0]))
    told = memory.told(Site(language="en", country="nz", zone="Pacific/Auckland", day_first=True))
    assert (told.language, told.country, told.zone, told.day_first) == ("en", "nz", "Pacific/Auckland", True)


# Single facts, on pages that are made of lines.

APPEAL = "Three of us make this page, and the kettle is ours as well; the tin by the door takes coins."
SUBJECTS = (
    "harbour dredging pilots channel tonnage quay",
    "orchard blossom frost growers apples cider",
    "library lending shelves novels reading rooms",
    "tramway rails depot drivers timetable sparks",
    "choir rehearsal sopranos concert hymns organ",
    "bakery ovens rye sourdough queue morning",
    "hospital ward nurses surgeons waiting beds",
    "stadium goals referee terraces striker whistle",
)


def page(number: int, *lines: str, subject: str = "", author: str = "", section: str = "", more: str = "") -> Page:
    words = (subject or SUBJECTS[number % len(SUBJECTS)]).split()
    texts = [
        f"On day {number} the {words[i]} near the {words[i + 1]} was what people of parish {number} spoke of, for the "
        f"{words[i + 2]} had changed since the {chr(97 + number)}{chr(97 + i)}{words[i + 3]} of the year before."
        for i in range(3)
    ]
    paragraphs = "".join(f"<p>{text}</p>" for text in [*texts, *lines])
    head = f'<meta name="author" content="{author}">' if author else ""
    head += f'<meta property="article:section" content="{section}">' if section else ""
    return Page(
        url=f"https://site.example/news/{number}",
        body=f"""<html lang="en"><head><title>The {words[0]} and the {words[1]} of {number}</title>
            <meta property="article:published_time" content="2025-04-{number + 1:02}T10:00:00+01:00">{head}</head>
            <body><article><h1>The {words[0]} and the {words[1]} of {number}</h1>{paragraphs}{more}</article>
            </body></html>""".encode(),
        fetched_at=dt.date(2025, 6, 1),
    )


def known_after(pages: Sequence[Page]) -> SiteMemory:
    results = [extract(page) for page in pages]
    return memory_of([result.trace for result in results if isinstance(result, Extract) and result.trace])


def text_with(memory: SiteMemory, one: Page) -> str:
    result = extract(replace(one, site=memory.told(one.site)))
    assert isinstance(result, Extract)
    return "\n".join(result.paragraphs)


def test_a_text_of_three_pages_on_unlike_subjects_is_furniture() -> None:
    pages = [page(number, APPEAL) for number in range(3)]
    assert APPEAL in text_with(known_after(pages[:2]), pages[0])
    assert APPEAL not in text_with(known_after(pages), pages[0])


def test_a_sentence_at_the_end_of_a_paragraph_is_cut_out_of_it() -> None:
    own = "The mayor has promised an answer on the %s by the summer fair."
    pages = [page(number, f"{own % SUBJECTS[number].split()[0]} {APPEAL}") for number in range(4)]
    text = text_with(known_after(pages), pages[2])
    assert own % "library" in text
    assert APPEAL not in text


def test_numbers_and_the_pages_own_names_make_no_difference() -> None:
    line = "Some {n} neighbours have paid for this story by {author}; the next one is still without a sponsor today."
    pages = [
        page(n, line.format(n=f"{n * 1371 + 12:,}", author=f"Ada Stone{'abcdef'[n]}"), author=f"Ada Stone{'abcdef'[n]}")
        for n in range(5)
    ]
    assert "neighbours have paid" not in text_with(known_after(pages), pages[1])


def test_the_same_article_at_several_addresses_is_no_evidence() -> None:
    one = page(0, APPEAL)
    twins = [replace(one, url=f"https://site.example/{where}/0") for where in ("news", "print", "region", "archive")]
    memory = known_after([*twins, *(page(number) for number in range(1, 5))])
    assert memory.pages == 5
    assert APPEAL in text_with(memory, one)


def test_what_the_reports_of_one_story_share_stays() -> None:
    shared = "The lock gates were built in 1911 and let through forty barges a day before the wall gave way in March."
    story = [
        page(n, shared, "Barges wait below the lock, and the canal office asks for patience.", subject=SUBJECTS[0])
        for n in range(4)
    ]
    memory = known_after([*story, *(page(number, APPEAL) for number in range(4, 12))])
    text = text_with(memory, story[0])
    assert shared in text
    assert APPEAL not in text_with(memory, page(5, APPEAL))


def test_the_line_of_one_authors_column_stays() -> None:
    line = "From the window of the signal box"
    column = [page(n, line, author="Bo Ek") for n in range(4)]
    others = [page(n, author="Ada Stone" if n % 2 else "Cy Reed") for n in range(4, 8)]
    assert line in text_with(known_after([*column, *others]), column[1])


def test_a_label_on_few_pages_stays() -> None:
    pages = [page(n, *(["What comes next"] if n < 3 else [])) for n in range(12)]
    assert "What comes next" in text_with(known_after(pages), pages[0])


def test_a_fact_of_many_numbers_is_no_template() -> None:
    line = "After 90 minutes it was %d to %d, with %d corners, before a crowd of %d."
    pages = [page(n, line % (n, n + 1, n * 3, 4000 + n)) for n in range(8)]
    assert line % (2, 3, 6, 4002) in text_with(known_after(pages), pages[2])


def test_a_heading_over_text_of_its_own_stays() -> None:
    tail = "<h3>For and against</h3><p>The %s would gain, and the ferry would lose, said the people of the parish.</p>"
    pages = [page(n, more=tail % SUBJECTS[n].split()[0]) for n in range(8)]
    assert "For and against" in text_with(known_after(pages), pages[1])


def test_an_agencys_dateline_stays() -> None:
    line = "KYIV, %d April (Agency) – The council has closed the road to the %s for the winter, officials said."
    pages = [page(n, line % (n + 1, SUBJECTS[n].split()[0])) for n in range(8)]
    assert "KYIV, 3 April (Agency) –" in text_with(known_after(pages), pages[2])


def test_a_memory_is_bounded_whatever_comes_back() -> None:
    memory = SiteMemory("site.example")
    base = traces(NAMES[0])[0]
    sighting = base.sightings[0]
    for number in range(400):
        texts = [replace(sighting, text=1 + (number // 3) * 40 + i) for i in range(40)]
        own = [replace(sighting, text=10**9 + number * 100 + i) for i in range(60)]
        memory.learn([replace(base, page=f"https://site.example/{number}", sightings=(*texts, *own))])
    assert memory.pages == 400
    assert len(memory.furniture.repeats) <= MAX_REPEATS + ROOM
    assert len(memory.last) == WINDOW
    assert len(memory.as_bytes()) < 200_000
