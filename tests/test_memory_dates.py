"""What a site's other pages tell of a page's dates: the order of day and month, the zone, what its sitemap dates."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime

import pytest

from crawler.extraction.extract import extract
from crawler.items import Dated, Extract, FoundBy, Hint, Page
from crawler.memory.dates import DateHabits
from crawler.memory.site_memory import SiteMemory
from crawler.site import DateTrace, Order, Site, Trace
from tests.small_sites import SmallSite, small_sites

FETCHED = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
# each with words of its own, so that no two pages are taken for one article
SUBJECTS = "bridge harbour orchard library railway stadium bakery lighthouse museum quarry theatre brewery".split()


def page(
    number: int,
    near: str = "",
    *,
    head: str = "",
    lang: str = "en",
    host: str = "harbour-post.example",
    hint: tuple[FoundBy, str] | None = None,
    fetched_at: dt.datetime = FETCHED,
) -> Page:
    subject = SUBJECTS[number % len(SUBJECTS)] + "s" * (number // len(SUBJECTS))
    url = f"https://{host}/{subject}"
    text = "".join(
        f"<p>The {subject} number {count} {word} the council said on Monday, since the {subject} {word} before "
        f"anyone in {subject} street had {word} it; the {subject} keeper, who {word} at the old {subject}, agreed.</p>"
        for count, word in enumerate(("opened", "closed", "moved", "grew"))
    )
    html = (
        f'<html lang="{lang}"><head><title>A new {subject} for the town</title>{head}</head><body><article>'
        f"<h1>A new {subject} for the town</h1>{near}{text}</article></body></html>"
    )
    told = None
    if hint:
        kind, value = hint
        key = "modified" if kind is FoundBy.SITEMAP else "published"
        told = Hint(url=url, found_by=kind, **{key: value})  # type: ignore[arg-type]
    return Page(url=url, body=html.encode(), fetched_at=fetched_at, hint=told)


def ld(value: str) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": value}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def trace_of(page: Page) -> Trace:
    result = extract(page)
    assert isinstance(result, Extract)
    assert result.trace is not None
    return result.trace


def memory_of(pages: Sequence[Page], site: str = "harbour-post.example") -> SiteMemory:
    memory = SiteMemory(site)
    memory.learn([trace_of(page) for page in pages])
    return memory


def read(page: Page, memory: SiteMemory | None = None) -> Extract:
    result = extract(replace(page, site=memory.told(page.site)) if memory else page)
    assert isinstance(result, Extract)
    return result


def published(page: Page, memory: SiteMemory | None = None) -> Dated:
    dated = read(page, memory).published
    assert dated is not None
    return dated


def shown(dates: Sequence[str]) -> list[Page]:
    return [page(number, f"<p>{date}</p>") for number, date in enumerate(dates)]


# ---------------------------------------------------------------- the order of day and month


@pytest.mark.parametrize(
    ("others", "value"),
    [(["26/02/2025", "14/03/2025"], "2025-04-03"), (["02/26/2025", "03/14/2025"], "2025-03-04")],
)
def test_an_ambiguous_date_is_settled_by_the_sites_other_pages(others: list[str], value: str) -> None:
    pages = shown([*others, "03/04/2025"])
    alone = published(pages[-1])
    assert (alone.confidence, {alone.value, *alone.alternatives}) == ("low", {"2025-03-04", "2025-04-03"})
    result = read(pages[-1], memory_of(pages))
    dated = result.published
    assert dated is not None
    assert (dated.value, dated.alternatives, dated.confidence) == (value, (), "medium")
    assert result.warnings == ()
    (reason,) = dated.decided_by
    assert reason.endswith("first on 2 of 2 pages of the site")


def test_an_ambiguous_date_stays_open_when_no_page_settles_it() -> None:
    pages = shown(["03/04/2025", "05/06/2025", "01/02/2025", "07/07/2025"])
    memory = memory_of(pages)
    for ambiguous in pages[:3]:
        result = read(ambiguous, memory)
        assert result.published is not None
        assert (result.published.confidence, len(result.published.alternatives)) == ("low", 1)
        assert any(warning.startswith("ambiguous date") for warning in result.warnings)


def test_pages_that_contradict_each_other_settle_nothing_until_nearly_all_agree() -> None:
    habits = DateHabits()
    habits.learn(DateTrace(orders=(("visible", False),)))
    for _ in range(19):
        habits.learn(DateTrace(orders=(("visible", True),)))
    assert habits.known("example").order_of("visible") is None
    habits.learn(DateTrace(orders=(("visible", True),)))
    assert habits.known("example").order_of("visible") == Order(day_first=True, pages=20, of=21)


@pytest.mark.parametrize("source", ["json-ld", "feed", "lastmod", "address"])
def test_an_ambiguous_date_whose_day_another_source_names_teaches_the_order(source: str) -> None:
    near = "<p>03/04/2025</p>"
    teacher = {
        "json-ld": page(0, near, head=ld("2025-04-03T09:00:00+01:00")),
        "feed": page(0, near, hint=(FoundBy.FEED, "Thu, 03 Apr 2025 08:00:00 GMT")),
        "lastmod": page(0, near, hint=(FoundBy.SITEMAP, "2025-04-03")),
        "address": replace(page(0, near), url="https://harbour-post.example/2025/04/03/bridge"),
    }[source]
    assert trace_of(teacher).dates.orders == (("visible", True),)
    assert published(page(1, "<p>05/06/2025</p>"), memory_of([teacher, teacher])).value == "2025-06-05"


def test_lastmod_of_the_day_of_the_fetch_settles_nothing() -> None:
    ambiguous = page(
        0,
        "<p>03/04/2025</p>",
        hint=(FoundBy.SITEMAP, "2025-04-03"),
        fetched_at=dt.datetime(2025, 4, 3, 20, tzinfo=dt.UTC),
    )
    assert published(ambiguous).confidence == "low"


def test_what_a_machine_writes_teaches_nothing_of_what_readers_are_shown() -> None:
    meta = '<meta name="pubdate" content="{}">'
    machines = [page(n, f"<p>{day}/03/2025</p>", head=meta.format(f"03/{day}/2025")) for n, day in enumerate((14, 26))]
    memory = memory_of(machines)
    assert published(page(5, "<p>03/04/2025</p>"), memory).value == "2025-04-03"
    assert published(page(6, head=meta.format("03/04/2025")), memory).value == "2025-03-04"


def test_the_pages_own_evidence_goes_before_the_sites() -> None:
    memory = memory_of(shown(["26/02/2025", "14/03/2025"]))
    declared = page(5, "<p>03/04/2025</p>", head=ld("2025-03-04T10:00:00-05:00"))
    assert published(declared, memory).day == dt.date(2025, 3, 4)
    doubtful = published(page(6, "<p>03/04/2025</p><p>Updated 04/26/2025</p>"), memory)
    assert (doubtful.value, doubtful.confidence, doubtful.alternatives) == ("2025-04-03", "low", ("2025-03-04",))


def test_the_sites_pages_go_before_language_and_region_but_one_page_alone_only_casts_doubt() -> None:
    ambiguous = page(5, "<p>03/04/2025</p>", lang="en-US")
    one, two = shown(["26/02/2025"]), shown(["26/02/2025", "14/03/2025"])
    assert published(ambiguous).value == "2025-03-04"
    assert published(ambiguous, memory_of(one)).confidence == "low"
    assert published(ambiguous, memory_of(two)).value == "2025-04-03"


def test_what_is_configured_goes_before_what_was_learned() -> None:
    memory = memory_of(shown(["26/02/2025", "14/03/2025"]))
    configured = replace(page(5, "<p>03/04/2025</p>"), site=Site(day_first=False))
    assert published(configured, memory).value == "2025-03-04"


def test_an_event_far_ahead_teaches_no_order() -> None:
    event = page(0, "<p>05/12/2025</p>", fetched_at=dt.datetime(2025, 11, 20, tzinfo=dt.UTC))
    assert trace_of(event).dates.orders == ()
    fresh = page(0, "<p>11/04/2025</p>", fetched_at=dt.datetime(2025, 4, 12, tzinfo=dt.UTC))
    assert trace_of(fresh).dates.orders == (("visible", True),)


# ---------------------------------------------------------------- the zone


def stated(values: Sequence[str], host: str = "harbour-post.example") -> list[Page]:
    return [page(number, head=ld(value), host=host) for number, value in enumerate(values)]


def test_utc_is_told_on_the_clock_that_the_sites_pages_state() -> None:
    summer = ["2025-06-03T09:00:00+03:00", "2025-07-14T10:00:00+03:00", "2025-08-20T11:00:00+03:00"]
    winter = ["2025-01-13T09:00:00+02:00", "2025-02-14T10:00:00+02:00", "2025-11-20T11:00:00+02:00"]
    late = page(8, head=ld("2025-06-10T21:30:00Z"))
    dated = published(late, memory_of(stated([*summer, *winter])))
    assert dated.value == "2025-06-11T00:30:00+03:00"
    assert dated.decided_by == ("+03:00, the zone stated on 6 pages of the site",)
    assert published(late).value == "2025-06-10T21:30:00Z"


def test_a_season_of_which_no_page_has_told_stays_unknown() -> None:
    memory = memory_of(stated(["2025-06-03T09:00:00+03:00", "2025-07-14T10:00:00+03:00", "2025-08-20T11:00:00+03:00"]))
    assert published(page(8, head=ld("2025-06-10T21:30:00Z")), memory).value == "2025-06-11T00:30:00+03:00"
    assert published(page(9, head=ld("2025-02-10T21:30:00Z")), memory).value == "2025-02-10T21:30:00Z"


def test_a_country_tells_the_zones_other_season() -> None:
    host = "visti.com.ua"
    pages = stated(["2025-06-03T09:00:00+03:00", "2025-07-14T10:00:00+03:00", "2025-08-20T11:00:00+03:00"], host)
    memory = memory_of(pages, host)
    assert memory.told(Site()).dates.zones == ("Europe/Kyiv",)
    assert memory.told(Site(country="gr")).dates.zones == ("Europe/Athens",)
    assert published(page(9, "<p>10 February 2025, 21:30</p>", host=host), memory).value == "2025-02-10T21:30:00+02:00"


def test_the_zone_of_a_country_with_several_is_the_one_that_is_stated() -> None:
    phoenix = [f"2025-0{month}-14T10:00:00-07:00" for month in (1, 3, 6, 8)]
    memory = memory_of(stated(phoenix))
    assert memory.told(Site(country="us")).dates.zones == ("America/Phoenix",)
    summer = memory_of(stated([*phoenix[2:], "2025-07-14T10:00:00-07:00"])).told(Site(country="us")).dates.zones
    assert summer == ("America/Los_Angeles", "America/Phoenix")


@pytest.mark.parametrize(
    "values",
    [
        ["2025-06-03T09:00:00Z", "2025-07-14T10:00:00+00:00", "2025-08-20T11:00:00Z"],
        ["2025-06-03T09:00:00+03:00", "2025-07-14T10:00:00+03:00"],
        ["2025-06-03T09:00:00+03:00", "2025-07-14T10:00:00-05:00", "2025-08-20T11:00:00+09:00"],
    ],
    ids=["only UTC", "too few", "several"],
)
def test_no_zone_is_told(values: list[str]) -> None:
    assert memory_of(stated(values)).told(Site()).dates.zones == ()


def test_a_configured_zone_goes_before_the_stated_one() -> None:
    memory = memory_of(stated([f"2025-0{month}-14T10:00:00-07:00" for month in (1, 3, 6, 8)]))
    late = replace(page(8, head=ld("2025-06-10T21:30:00Z")), site=Site(zone="Europe/Kyiv"))
    assert published(late, memory).value == "2025-06-11T00:30:00+03:00"
    assert published(late, memory).decided_by == ()


# ---------------------------------------------------------------- feeds and sitemaps


def dated_by_sitemap(count: int, days_later: int = 0) -> list[Page]:
    days = [dt.date(2025, 3, 1) + dt.timedelta(days=3 * number) for number in range(count)]
    return [
        page(
            number,
            head=ld(f"{day}T10:00:00+02:00"),
            hint=(FoundBy.SITEMAP, f"{day + dt.timedelta(days=days_later)}T08:00:00Z"),
        )
        for number, day in enumerate(days)
    ]


def test_lastmod_dates_a_bare_page_only_where_it_is_the_day_of_publication() -> None:
    bare = page(9, hint=(FoundBy.SITEMAP, "2025-04-20T07:30:00Z"))
    dated = published(bare, memory_of(dated_by_sitemap(5)))
    assert (dated.value, dated.source, dated.confidence) == ("2025-04-20", "sitemap", "low")
    assert "the sitemap has the day of publication of 5 pages of the site" in dated.decided_by
    for pages in (dated_by_sitemap(4), dated_by_sitemap(6, days_later=2)):
        assert read(bare, memory_of(pages)).published is None


def test_pages_of_the_last_days_do_not_tell_what_lastmod_means() -> None:
    fresh = [replace(page, fetched_at=dt.date(2025, 3, 2 + 3 * n)) for n, page in enumerate(dated_by_sitemap(6))]
    assert {trace_of(page).dates.lastmod for page in fresh} == {None}


def hinted(site: SmallSite, kind: FoundBy | None, *, as_utc: bool = False) -> list[tuple[Page, dt.datetime]]:
    def said(moment: dt.datetime) -> str:
        return format_datetime(moment.astimezone(dt.UTC)) if as_utc else moment.isoformat()

    return [
        (
            Page(
                url=p.url,
                body=p.html,
                fetched_at=p.fetched_at,
                hint=Hint(url=p.url, found_by=kind, published=said(p.published)) if kind else None,
            ),
            p.published,
        )
        for p in site.pages()
    ]


every_site = pytest.mark.parametrize("site", small_sites(), ids=lambda site: site.host)


@every_site
@pytest.mark.parametrize("dates", ["relative", "none"])
@pytest.mark.parametrize("kind", [FoundBy.FEED, FoundBy.NEWS_SITEMAP])
def test_a_page_that_shows_no_day_is_dated_by_its_feed(site: SmallSite, dates: str, kind: FoundBy) -> None:
    bare = replace(site, dates=dates, declares=False)  # type: ignore[arg-type]
    for told, moment in hinted(bare, kind):
        dated = published(told)
        assert (dated.value, dated.source) == (moment.isoformat(), kind.value)


@every_site
@pytest.mark.parametrize("dates", ["relative", "none"])
def test_a_page_that_shows_no_day_is_undated_without_a_feed(site: SmallSite, dates: str) -> None:
    bare = replace(site, dates=dates, declares=False)  # type: ignore[arg-type]
    assert [read(page).published for page, _ in hinted(bare, None)] == [None] * len(bare.articles)


def test_a_feed_in_utc_dates_a_bare_page_on_the_clock_of_the_site() -> None:
    summer = [f"2025-0{month}-14T10:00:00+03:00" for month in (5, 6, 7, 8)]
    memory = memory_of(stated(summer))
    bare = page(8, "<p>2 hours ago</p>", hint=(FoundBy.FEED, "Tue, 10 Jun 2025 21:30:00 GMT"))
    assert published(bare, memory).value == "2025-06-11T00:30:00+03:00"


@pytest.mark.parametrize(
    "near",
    [
        "<p>2 hours ago</p><p>On 3 March 2025 the keeper had asked the town for help, and for a new roof.</p>",
        "<p>vor 2 Stunden</p><p>Der Rat hatte am 3. März 2025 beschlossen, was nun bis zum Herbst gebaut wird.</p>",
    ],
)
def test_a_day_in_the_text_does_not_stand_against_the_feed(near: str) -> None:
    said = "2025-06-10T21:30:00+03:00"
    assert published(page(0, near, hint=(FoundBy.FEED, said))).value == said


def test_a_day_in_the_byline_stands_against_the_feed() -> None:
    dated = published(page(0, "<p>By Ann Lee | 3 June 2025</p>", hint=(FoundBy.FEED, "2025-06-10T21:30:00+03:00")))
    assert dated.value == "2025-06-03"


# ---------------------------------------------------------------- whole small sites, and laws


@every_site
@pytest.mark.parametrize("dates", ["dmy-slash", "mdy-slash", "dmy-dot"])
def test_no_date_of_a_small_site_is_wrong_unless_it_is_flagged(site: SmallSite, dates: str) -> None:
    figures = replace(site, dates=dates, declares=False)  # type: ignore[arg-type]
    pages = hinted(figures, None)
    memory = memory_of([page for page, _ in pages], site.host)
    for told, moment in pages:
        dated = published(told, memory)
        days = {dated.value, *dated.alternatives} if dated.confidence == "low" else {dated.value}
        assert moment.date().isoformat() in {value[:10] for value in days}


@every_site
def test_every_date_of_a_small_site_is_right_as_it_stands(site: SmallSite) -> None:
    kind = FoundBy.FEED if site.dates in ("relative", "none") else None
    pages = hinted(site, kind)
    memory = memory_of([page for page, _ in pages], site.host)
    assert [published(page, memory).day for page, _ in pages] == [moment.date() for _, moment in pages]


def test_the_order_of_learning_changes_nothing() -> None:
    pages = [*shown(["26/02/2025", "03/04/2025", "14/03/2025"]), *dated_by_sitemap(9)[3:]]
    traces = [trace_of(page) for page in pages]
    told = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(traces, len(traces))  # noqa: S311
        memory = SiteMemory("harbour-post.example")
        memory.learn(shuffled[:seed])
        for trace in shuffled[seed:]:
            memory.learn([trace])
        told.append((memory.dates.as_json(), memory.told(Site()).dates))
    assert told == [told[0]] * 4


def test_the_trace_is_the_same_when_the_site_is_known() -> None:
    pages = [*shown(["26/02/2025", "03/04/2025", "14/03/2025"]), *dated_by_sitemap(9)[3:]]
    memory = memory_of(pages)
    assert [trace_of(replace(page, site=memory.told(page.site))).dates for page in pages] == [
        trace_of(page).dates for page in pages
    ]


def test_what_was_learned_is_kept_and_small() -> None:
    memory = memory_of([*shown(["26/02/2025", "03/04/2025", "14/03/2025"]), *dated_by_sitemap(9)[3:]])
    kept = SiteMemory.from_bytes(memory.site, memory.as_bytes())
    assert kept.told(Site()).dates == memory.told(Site()).dates
    many = DateHabits()
    for day in range(3650):
        many.learn(
            DateTrace(orders=(("visible", True),), offsets=((730_000 + day, 15 * (day % 113 - 56)),), lastmod=True)
        )
    assert len(json.dumps(many.as_json())) < 10_000


def test_what_was_learned_is_described() -> None:
    memory = memory_of([*shown(["26/02/2025", "03/04/2025", "14/03/2025"]), *dated_by_sitemap(9)[3:]])
    order, sitemap, zone = memory.dates.described("za")
    assert order == "order of all-figure dates (visible): day first on 2 pages, month first on 0"
    assert sitemap == "sitemap: the day of publication on 6 of 6 pages"
    assert zone == "time zone: Africa/Johannesburg; stated on 6 pages: +02:00 on 6"
