"""Dates: how they are written, where they are read, and what is never taken for one."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import tomllib
from importlib.resources import files
from zoneinfo import ZoneInfo

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.dates import Dates, find_dates
from crawler.extraction.dates.address import date_in_url
from crawler.extraction.dates.near import labelled
from crawler.extraction.dates.reading import Reading, in_zone, zone_info
from crawler.extraction.dates.settle import day_first_in
from crawler.extraction.dates.words import label_role, month_number
from crawler.extraction.dates.written import dates_in, read_date
from crawler.extraction.declared import read_declared
from crawler.items import Dated, FoundBy, Hint, Page
from crawler.site import Site

FETCHED = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
HEADLINE = "<h1>Bridge over the river opens again</h1>"
BODY = "<p>" + "The bridge carries trams and people over the river once more, after two years of work. " * 4 + "</p>"


def find(
    html: str, *, url: str = "https://news.example.org/a", site: Site | None = None, hint: Hint | None = None
) -> Dates:
    tree = lxml.html.document_fromstring(html)
    page = Page(url=url, body=b"", fetched_at=FETCHED, hint=hint, site=site or Site())
    return find_dates(tree, read_declared(tree, url), page, tree.get("lang"))


def page_of(near: str = "", *, head: str = "", lang: str = "en", after: str = "") -> str:
    return (
        f'<html lang="{lang}"><head>{head}</head><body><article>{HEADLINE}{near}{BODY}</article>{after}</body></html>'
    )


def ld(**keys: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **keys}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def published(html: str, **kwargs: object) -> str | None:
    found = find(html, **kwargs).published  # type: ignore[arg-type]
    return found.value if found else None


def the(dated: Dated | None) -> Dated:
    assert dated is not None
    return dated


# ---------------------------------------------------------------- how dates are written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-04-26", "2025-04-26"),
        ("2025/4/26", "2025-04-26"),
        ("20250426", "2025-04-26"),
        ("20250426T101500Z", "2025-04-26T10:15:00Z"),
        ("2025-04-26T10:15:00+03:00", "2025-04-26T10:15:00+03:00"),
        ("2025-04-26T10:15:00+0300", "2025-04-26T10:15:00+03:00"),
        ("2025-04-26T10:15:00-07", "2025-04-26T10:15:00-07:00"),
        ("2025-04-26T10:15:00.123Z", "2025-04-26T10:15:00Z"),
        ("2025-04-26T10:15:00+00:00", "2025-04-26T10:15:00Z"),
        ("2025-04-26T10:15:0Z", "2025-04-26T10:15:00Z"),
        ("2025-04-26 10:15", "2025-04-26T10:15:00"),
        ("2025-04-26T10:15:00+05:30[Asia/Kolkata]", "2025-04-26T10:15:00+05:30"),
        ("Sat, 26 Apr 2025 10:15:00 GMT", "2025-04-26T10:15:00Z"),
        ("Sat, 26 Apr 2025 10:15:00 -0400", "2025-04-26T10:15:00-04:00"),
        ("Sat Apr 26 2025 10:15:00 GMT+0200 (CEST)", "2025-04-26T10:15:00+02:00"),
        ("Sat Apr 26 10:15:00 UTC 2025", "2025-04-26T10:15:00Z"),
        ("1745662500", "2025-04-26T10:15:00Z"),
        ("1745662500000", "2025-04-26T10:15:00Z"),
        ("26/04/2025", "2025-04-26"),
        ("04/26/2025", "2025-04-26"),
        ("26.04.25, 10:15", "2025-04-26T10:15:00"),
        ("26 April 2025", "2025-04-26"),
        ("26th of April 2025", "2025-04-26"),
        ("April 26, 2025, 3:14 pm EDT", "2025-04-26T15:14:00-04:00"),
        ("Apr. 26, 2025 at 12:05 a.m. ET", "2025-04-26T00:05:00-04:00"),
        ("Jan. 26, 2025 at 12:05 p.m. ET", "2025-01-26T12:05:00-05:00"),
        ("26-Apr-2025", "2025-04-26"),
        ("26-Apr-25", "2025-04-26"),
        ("(Rome, 26 aprile 25)", "2025-04-26"),
        ("26 Apr '25 | News", "2025-04-26"),
        ("26. April 2025 um 10:15 Uhr", "2025-04-26T10:15:00"),
        ("26.04.2025, 10.15 Uhr", "2025-04-26T10:15:00"),
        ("26 de abril de 2025 a las 10:15", "2025-04-26T10:15:00"),
        ("26 avril 2025 à 10h15", "2025-04-26T10:15:00"),
        ("26 квітня 2025 року о 10:15", "2025-04-26T10:15:00"),
        ("10:15, 26 апреля 2025", "2025-04-26T10:15:00"),
        ("2025. április 26. 10:15", "2025-04-26T10:15:00"),
        ("26. april 2025 kl. 10.15", "2025-04-26T10:15:00"),
        ("2025年4月26日 午後3時05分", "2025-04-26T15:05:00"),
        ("2025년 4월 26일 오전 10:15", "2025-04-26T10:15:00"),
        ("2025.04.26 오후 3:14", "2025-04-26T15:14:00"),
    ],
)
def test_written_date_is_read_as_it_stands(text: str, value: str) -> None:
    assert the_reading(text).value == value


def the_reading(text: str) -> Reading:
    reading = read_date(text)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "April 2025",
        "2025-04",
        "2 hours ago",
        "vor 3 Stunden",
        "yesterday at 10:15",
        "2025-02-30",
        "2025-13-01",
        "0000-01-01",
        "31 April 2025",
        "99999999",
        "Reading 5, 2025",
        "26 April 10 am",
        "26 April 10 Uhr",
        "26 April 10:15",
        "26 April 25 people came",
        "192.168.20.25",
        "1.234.567",
        "12345678901234567890",
        "2025-04-261",
    ],
)
def test_written_text_is_no_date_when_it_names_no_day(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("offset", ["+99:00", "-24:00", "+14:30", "+15:00"])
def test_offset_is_left_out_when_no_place_has_it(offset: str) -> None:
    assert the_reading(f"2025-04-26T10:15:00{offset}").value == "2025-04-26T10:15:00"


@pytest.mark.parametrize("clock", ["25:15", "24:00", "10:75"])
def test_time_is_left_out_when_no_clock_shows_it(clock: str) -> None:
    assert the_reading(f"2025-04-26 {clock}").value == "2025-04-26"


def test_precision_says_how_fine_the_date_was_written() -> None:
    assert the_reading("2025-04-26").precision == "day"
    assert the_reading("2025-04-26T10:15Z").precision == "minute"
    assert the_reading("2025-04-26T10:15:00Z").precision == "second"


def test_numbers_after_a_date_are_no_time_when_nothing_marks_them() -> None:
    assert [w.reading.value for w in dates_in("26 April 2025 - 3 min")] == ["2025-04-26"]
    assert [w.reading.value for w in dates_in("26 April 2025 | 12.50 euros")] == ["2025-04-26"]


LANGUAGES = tomllib.loads((files("crawler.extraction.dates") / "languages.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_month_name_of_a_language_is_read_in_a_date(language: str) -> None:
    for number, forms in enumerate(LANGUAGES[language]["months"], 1):
        for name in forms.split():
            if len(name) < 3:
                continue
            written = [w.reading.value for w in dates_in(f"12 {name} 2025", language)]
            assert written == [f"2025-{number:02}-12"], name


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_languages_have_twelve_months_or_none_and_labels_read_as_their_role(language: str) -> None:
    table = LANGUAGES[language]
    assert len(table["months"]) in (0, 12)
    assert {label_role(f"{label}:") for label in table["updated"]} <= {"modified"}
    assert {label_role(f"{label}:") for label in table["published"]} <= {"published"}


def test_month_with_two_meanings_is_settled_by_the_language() -> None:
    assert month_number("listopada", "hr") == 10
    assert month_number("listopada", "pl") == 11
    assert month_number("KWIETNIA") == 4


def test_search_for_dates_ends_soon_when_text_is_a_trap() -> None:
    traps = [
        "1" * 100_000,
        "1/" * 50_000,
        "26 " * 30_000,
        "12:" * 30_000,
        "april " * 20_000,
        "2025-1-" * 20_000,
        "a " * 50_000,
    ]
    start = time.process_time()
    for trap in traps:
        list(dates_in(trap))
    assert time.process_time() - start < 3


# ---------------------------------------------------------------- declared dates


def test_json_ld_date_is_taken_with_its_own_offset() -> None:
    dates = find(page_of(head=ld(datePublished="2025-04-26T00:30:00+03:00", dateModified="2025-04-27T09:00:00+03:00")))
    assert the(dates.published) == Dated(
        value="2025-04-26T00:30:00+03:00",
        source="json-ld",
        raw="2025-04-26T00:30:00+03:00",
        precision="second",
        confidence="high",
    )
    assert the(dates.modified).value == "2025-04-27T09:00:00+03:00"
    assert dates.warnings == ()


@pytest.mark.parametrize("value", [["2025-04-26"], {"@type": "Date", "@value": "2025-04-26"}, 20250426])
def test_json_ld_date_is_read_in_every_shape(value: object) -> None:
    assert published(page_of(head=ld(datePublished=value))) == "2025-04-26"


@pytest.mark.parametrize("value", [None, True, {}, [], [None], {"@value": {}}, 1.5, "soon", -1, 10**30])
def test_json_ld_date_is_passed_over_when_it_is_none(value: object) -> None:
    assert published(page_of(head=ld(datePublished=value))) is None


@pytest.mark.parametrize(
    "name",
    [
        "article:published_time",
        "parsely-pub-date",
        "sailthru.date",
        "DC.date.issued",
        "citation_publication_date",
        "pubdate",
        "date",
    ],
)
def test_meta_date_is_read_when_no_json_ld_is_there(name: str) -> None:
    dates = find(page_of(head=f'<meta name="{name}" content="2025-04-26T10:15:00+03:00">'))
    assert the(dates.published).value == "2025-04-26T10:15:00+03:00"
    assert the(dates.published).source == "meta"


@pytest.mark.parametrize(
    "name", ["article:modified_time", "og:updated_time", "last-modified", "dcterms.modified", "revised"]
)
def test_meta_of_the_last_change_is_never_the_publication(name: str) -> None:
    dates = find(page_of(head=f'<meta property="{name}" content="2025-04-26T10:15:00+03:00">'))
    assert dates.published is None
    assert the(dates.modified).value == "2025-04-26T10:15:00+03:00"


def test_modified_alone_in_json_ld_is_never_the_publication() -> None:
    assert published(page_of(head=ld(dateModified="2025-04-26T10:15:00+03:00"))) is None


def test_date_of_creation_counts_only_when_nothing_better_is_there() -> None:
    assert published(page_of(head=ld(dateCreated="2025-04-20"))) == "2025-04-20"
    assert published(page_of("<p>26 April 2025</p>", head=ld(dateCreated="2025-04-20"))) == "2025-04-26"


def test_broken_json_ld_is_read_by_its_keys() -> None:
    broken = ld(
        headline="HEADLINE", datePublished="2025-04-26T10:15:00+03:00", dateModified="2025-04-27T09:00:00+03:00"
    )
    head = broken.replace("HEADLINE", 'Bridge "opens" again') + ld(**{"@type": "Organization", "name": "The Example"})
    dates = find(page_of("<p>1 March 2025</p>", head=head))
    assert (the(dates.published).value, the(dates.published).source) == ("2025-04-26T10:15:00+03:00", "json-ld")
    assert the(dates.modified).value == "2025-04-27T09:00:00+03:00"


def test_broken_json_ld_is_passed_over_when_it_names_several_days() -> None:
    broken = (
        '<script type="application/ld+json">[{"datePublished":"2025-04-26"},{"datePublished":"2025-04-27"}</script>'
    )
    assert published(page_of(head=broken)) is None


def test_meta_that_does_not_say_of_what_is_ignored_when_it_lies_after_the_last_change() -> None:
    head = '<meta name="date" content="2025-04-28T11:52:00">'
    assert published(page_of("<p>Updated 26 April 2025</p>", head=head)) is None
    assert published(page_of("<p>Updated 29 April 2025</p>", head=head)) == "2025-04-28T11:52:00"


def test_microdata_date_is_read_outside_related_items() -> None:
    related = '<div class="related-posts"><time itemprop="datePublished" datetime="2025-03-01">1 March</time></div>'
    own = '<p><span itemprop="datePublished" content="2025-04-26T10:15:00+03:00">Saturday</span></p>'
    assert published(page_of(own, after=related)) == "2025-04-26T10:15:00+03:00"
    assert published(page_of(after=related)) is None


def test_teaser_nodes_of_other_pages_are_not_the_article() -> None:
    teaser = ld(datePublished="2025-03-01", headline="Quite another story here", url="https://news.example.org/b")
    head = '<meta property="og:title" content="Bridge over the river opens again">' + teaser
    assert published(page_of("<p>26 April 2025</p>", head=head)) == "2025-04-26"


def test_main_article_wins_when_several_are_declared() -> None:
    other = ld(datePublished="2025-03-01", headline="Another", url="https://news.example.org/b")
    own = ld(datePublished="2025-04-26", headline="Bridge", url="https://news.example.org/a")
    assert published(page_of(head=other + own)) == "2025-04-26"


def test_page_state_is_read_only_when_it_names_one_day() -> None:
    one = '<script id="__NEXT_DATA__">{"props":{"publishedAt":"2025-04-26T10:15:00+03:00"}}</script>'
    two = '<script>{"list":[{"publishedAt":"2025-04-20"}]}</script>'
    assert published(page_of(after=one)) == "2025-04-26T10:15:00+03:00"
    assert published(page_of(after=one + two)) is None


# ---------------------------------------------------------------- zones and midnights


def test_local_offset_is_preferred_when_two_sources_name_one_instant() -> None:
    head = ld(datePublished="2025-04-25T22:30:00Z")
    head += '<meta property="article:published_time" content="2025-04-26T01:30:00+03:00">'
    assert published(page_of(head=head)) == "2025-04-26T01:30:00+03:00"


def test_utc_is_told_on_the_sites_clock_when_its_zone_is_known() -> None:
    html = page_of(head=ld(datePublished="2025-04-25T22:30:00Z"))
    assert published(html, site=Site(zone="Europe/Kyiv")) == "2025-04-26T01:30:00+03:00"
    assert published(html, url="https://news.example.de/a") == "2025-04-26T00:30:00+02:00"
    assert published(html) == "2025-04-25T22:30:00Z"
    assert published(html, site=Site(zone="No/Where")) == "2025-04-25T22:30:00Z"


@pytest.mark.parametrize(
    ("utc", "value"),
    [
        ("2025-04-26T00:23:33Z", "2025-04-25T20:23:33-04:00"),  # the 25th from coast to coast
        ("2025-04-26T05:23:33Z", "2025-04-26T05:23:33Z"),  # already the 26th in the east
        ("2025-04-26T15:23:33Z", "2025-04-26T15:23:33Z"),
    ],
)
def test_day_of_utc_is_left_only_when_all_zones_of_a_country_do(utc: str, value: str) -> None:
    html = page_of(head=ld(datePublished=utc))
    assert published(html, url="https://news.example.ca/a") == value
    assert published(html, site=Site(country="ca")) == value


def test_time_element_in_utc_shows_no_day_but_its_text_does() -> None:
    utc = "2025-04-26T01:05:33Z"
    near = f'<time datetime="{utc}">{{}}</time>'
    head = ld(datePublished=utc)
    assert published(page_of(near.format("this morning"), head=head), url="https://n.example.ca/a") == (
        "2025-04-25T21:05:33-04:00"
    )
    assert published(page_of(near.format("April 25, 2025"), head=head)) == "2025-04-25"


@pytest.mark.parametrize(("day", "offset"), [("2025-01-26", "+01:00"), ("2025-04-26", "+02:00")])
def test_time_without_offset_gets_the_sites_when_its_zone_is_known(day: str, offset: str) -> None:
    html = page_of(head=ld(datePublished=f"{day}T10:15:00"))
    assert published(html, site=Site(zone="Europe/Berlin")) == f"{day}T10:15:00{offset}"
    assert published(html, url="https://news.example.de/a") == f"{day}T10:15:00"


def test_zone_of_a_time_that_no_clock_showed_does_not_fail() -> None:
    skipped = Reading(day=dt.date(2025, 3, 30), time=dt.time(2, 30))  # summer time began at two
    assert in_zone(skipped, ZoneInfo("Europe/Berlin")).value == "2025-03-30T02:30:00+01:00"


def test_offset_is_learned_when_the_visible_time_shows_it() -> None:
    html = page_of("<p>April 25, 2025 at 9:05 p.m.</p>", head=ld(datePublished="2025-04-26T01:05:33Z"))
    assert published(html) == "2025-04-25T21:05:33-04:00"


def test_day_alone_is_told_when_the_page_shows_another_than_utc() -> None:
    dates = find(page_of("<p>April 25, 2025</p>", head=ld(datePublished="2025-04-26T01:05:33Z")))
    assert the(dates.published).value == "2025-04-25"
    assert the(dates.published).alternatives == ("2025-04-26T01:05:33Z",)


def test_likely_zone_is_not_used_when_the_page_shows_the_day_of_utc() -> None:
    html = page_of("<p>26.04.2025</p>", head=ld(datePublished="2025-04-26T23:05:00Z"), lang="de")
    assert published(html, url="https://news.example.de/a") == "2025-04-26T23:05:00Z"


@pytest.mark.parametrize("midnight", ["2025-04-26T00:00:00", "2025-04-26T00:00:00Z", "2025-04-26T00:00:00+00:00"])
def test_made_up_midnight_is_a_day(midnight: str) -> None:
    published_date = the(find(page_of(head=ld(datePublished=midnight)), site=Site(zone="America/New_York")).published)
    assert (published_date.value, published_date.precision) == ("2025-04-26", "day")


def test_finer_source_of_the_same_day_tells_the_time() -> None:
    head = ld(datePublished="2025-04-26T00:00:00Z")
    head += '<meta property="article:published_time" content="2025-04-26T10:15:00+03:00">'
    assert published(page_of(head=head)) == "2025-04-26T10:15:00+03:00"


# ---------------------------------------------------------------- visible dates


@pytest.mark.parametrize(
    ("lang", "near", "value"),
    [
        ("en", "<p>By Ann Lee | April 26, 2025</p>", "2025-04-26"),
        ("en", "<div><span>26</span><sup>th</sup> <span>April</span> <span>2025</span></div>", "2025-04-26"),
        ("de", "<p>Veröffentlicht am 26. April 2025 um 10:15 Uhr</p>", "2025-04-26T10:15:00"),
        ("uk", "<p>26/04/2025</p>", "2025-04-26"),
        ("uk", "<p>Опубліковано: 3 квітня 2025</p>", "2025-04-03"),
        ("fr", "<p>Publié le 26 avril 2025 à 10h15</p>", "2025-04-26T10:15:00"),
        ("ko", "<p>입력 2025.04.26 10:15</p>", "2025-04-26T10:15:00"),
        ("ja", "<p>2025年4月26日 公開</p>", "2025-04-26"),
        ("tr", "<p>Yayınlanma: 26 Nisan 2025</p>", "2025-04-26"),
        ("el", "<p>26 Απριλίου 2025</p>", "2025-04-26"),
    ],
)
def test_visible_date_below_the_headline_is_read(lang: str, near: str, value: str) -> None:
    dated = the(find(page_of(near, lang=lang)).published)
    assert (dated.value, dated.source, dated.confidence) == (value, "visible", "medium")


def test_time_element_is_read_near_the_headline() -> None:
    dated = the(find(page_of('<time datetime="2025-04-26T10:15:00+03:00">Saturday</time>')).published)
    assert (dated.value, dated.source) == ("2025-04-26T10:15:00+03:00", "time")


def test_date_above_the_headline_is_read() -> None:
    html = f"<html lang=de><body><article><p>26.04.2025</p>{HEADLINE}{BODY}</article></body></html>"
    assert published(html) == "2025-04-26"


def test_dateline_that_opens_the_first_paragraph_is_read() -> None:
    opening = BODY.replace("<p>", "<p>OSLO (26 April 2025) – ")
    assert published(f"<html lang=en><body><article>{HEADLINE}{opening}</article></body></html>") == "2025-04-26"


def test_date_before_a_quotation_that_opens_the_text_is_a_dateline() -> None:
    opening = BODY.replace("<p>", "<p>26.04.2025 „Die Brücke ist offen“, sagte die Stadt. ")
    assert published(f"<html lang=de><body><article>{HEADLINE}{opening}</article></body></html>") == "2025-04-26"


def test_date_within_a_sentence_is_not_the_publication() -> None:
    told = BODY.replace("<p>", "<p>After the storm of 3 February 2025 the bridge was closed. ")
    assert published(f"<html lang=en><body><article>{HEADLINE}{told}</article></body></html>") is None


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Updated 26 April 2025"),
        ("en", "Last updated on April 26, 2025"),
        ("de", "Zuletzt aktualisiert am 26.04.2025"),
        ("fr", "Mis à jour le 26 avril 2025"),
        ("es", "Actualizado: 26 de abril de 2025"),
        ("it", "Ultimo aggiornamento 26 aprile 2025"),
        ("pt", "Atualizado em 26 de abril de 2025"),
        ("nl", "Laatst bijgewerkt: 26 april 2025"),
        ("pl", "Aktualizacja: 26 kwietnia 2025"),
        ("tr", "Güncelleme: 26 Nisan 2025"),
        ("uk", "Оновлено 26 квітня 2025"),
        ("ru", "Обновлено 26 апреля 2025"),
        ("sv", "Uppdaterad 26 april 2025"),
        ("ja", "2025年4月26日 更新"),
        ("ko", "수정 2025.04.26"),
        ("zh", "更新时间：2025年4月26日"),
    ],
)
def test_date_labelled_as_update_is_modified_and_not_published(lang: str, line: str) -> None:
    dates = find(page_of(f"<p>{line}</p>", lang=lang))
    assert dates.published is None
    assert the(dates.modified).value == "2025-04-26"


def test_both_dates_are_read_when_one_line_names_them() -> None:
    dates = find(page_of("<p>Published 25 April 2025, updated 26 April 2025</p>"))
    assert the(dates.published).value == "2025-04-25"
    assert the(dates.modified).value == "2025-04-26"


def test_label_on_its_own_line_belongs_to_the_date_below() -> None:
    dates = find(page_of("<div>Updated:</div><div>26 April 2025</div>"))
    assert dates.published is None
    assert the(dates.modified).value == "2025-04-26"


def test_label_after_a_date_speaks_only_at_the_end_of_the_line() -> None:
    roles = [role for role, _ in labelled("", "26 April 2025 Updated 27 April 2025", "en")]
    assert roles == [None, "modified"]


@pytest.mark.parametrize("ago", ["Updated 8 hours ago", "Last updated 12 minutes ago", "Updated: 10:15"])
def test_label_after_a_date_belongs_to_the_time_that_follows_it(ago: str) -> None:
    assert [role for role, _ in labelled("", f"26 April 2025 / {ago}", "en")] == [None]


@pytest.mark.parametrize(
    "near",
    [
        '<time class="published-date" datetime="2025-04-26">Updated 26 April 2025</time>',
        '<p>Updated on <time class="entry-date published" datetime="2025-04-26">26 April 2025</time></p>',
        '<time class="published" itemprop="dateModified" datetime="2025-04-26">26 April 2025</time>',
    ],
)
def test_words_and_markup_of_a_change_are_believed_before_a_class(near: str) -> None:
    dates = find(page_of(near))
    assert dates.published is None
    assert the(dates.modified).value == "2025-04-26"


def test_class_of_publication_is_believed_before_the_line_above() -> None:
    near = '<div>Updates</div><div>Update</div><time class="entry-date" datetime="2025-04-26">26 April</time>'
    assert published(page_of(near)) == "2025-04-26"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<aside><h3>More stories from the city</h3><p>Another story</p><p>1 March 2025</p></aside>",
        '<div class="related-posts"><p>1 March 2025</p></div>',
        '<section id="comments"><p>1 March 2025</p></section>',
        f"<footer><p>1 March 2025</p>{BODY}</footer>",
        "<nav><p>1 March 2025</p></nav>",
        "<blockquote><p>1 March 2025</p></blockquote>",
        '<ul class="most-read"><li>1 March 2025</li></ul>',
    ],
)
def test_date_of_something_else_is_not_the_articles(elsewhere: str) -> None:
    html = page_of("<p>By Ann Lee</p>" + elsewhere)
    assert published(html) is None


def test_short_aside_in_the_article_is_its_byline() -> None:
    box = "<aside><dl><dt>Date</dt><dd>26.04.2025</dd><dt>Section</dt><dd>City</dd></dl></aside>"
    assert published(page_of(box, lang="de")) == "2025-04-26"


def test_short_footer_of_the_article_is_its_byline() -> None:
    assert published(page_of("<footer><p>Ann Lee, 26 April 2025</p></footer>")) == "2025-04-26"


@pytest.mark.parametrize(
    "label_and_date",
    [
        "<h3>Published</h3><p>26 April 2025</p>",
        "<p><b>Published:</b><br>26 April 2025</p>",
        '<p><time class="entry-date published" datetime="2025-04-26">Saturday</time></p>',
    ],
)
def test_labelled_date_far_from_the_headline_is_found(label_and_date: str) -> None:
    events = "<div>1 March 2025</div><div>2 March 2025</div>"
    html = page_of(BODY * 6, after=events + label_and_date)
    dated = the(find(html).published)
    assert (dated.value, dated.source, dated.confidence) == ("2025-04-26", "page text", "low")


def test_site_header_with_todays_date_is_passed_over() -> None:
    html = f'<html lang=en><body><div class="today">May 1, 2025</div><main>{HEADLINE}{BODY}</main></body></html>'
    assert published(html) is None


def test_relative_date_is_settled_only_by_the_hint() -> None:
    html = page_of("<p>2 hours ago</p>")
    hint = Hint(url="https://news.example.org/a", found_by=FoundBy.FEED, published="Sat, 26 Apr 2025 10:15:00 +0300")
    assert published(html) is None
    assert published(html, hint=hint) == "2025-04-26T10:15:00+03:00"


# ---------------------------------------------------------------- hints and addresses


def test_sitemap_lastmod_is_never_a_publication() -> None:
    hint = Hint(
        url="https://news.example.org/a", found_by=FoundBy.SITEMAP, published="2025-04-26", modified="2025-04-26"
    )
    dates = find(page_of(), hint=hint)
    assert (dates.published, dates.modified) == (None, None)


def test_news_sitemap_dates_a_page_that_shows_none() -> None:
    hint = Hint(url="https://news.example.org/a", found_by=FoundBy.NEWS_SITEMAP, published="2025-04-26T10:15:00+03:00")
    dated = the(find(page_of(), hint=hint).published)
    assert (dated.value, dated.source, dated.confidence) == ("2025-04-26T10:15:00+03:00", "news_sitemap", "medium")


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example.org/2025/04/26/bridge",
        "https://news.example.org/2025/4/26/",
        "https://news.example.org/city/2025-04-26-bridge.html",
        "https://news.example.org/city/20250426-bridge",
        "https://news.example.org/2025/apr/26/bridge",
        "https://news.example.org/2025/april/26/bridge",
        "https://news.example.org/bridge-26-04-2025.html",
    ],
)
def test_address_dates_a_page_that_shows_nothing(address: str) -> None:
    dated = the(find(page_of(), url=address).published)
    assert (dated.value, dated.source, dated.confidence) == ("2025-04-26", "url", "medium")


@pytest.mark.parametrize(
    "path",
    [
        "2025/04/bridge",
        "2025/",
        "2023/10/3-questions",
        "1234520250426",
        "id/20251341",
        "2025-4-2",
        "04-05-2025",
        "?d=2025-04-26",
    ],
)
def test_address_without_a_clear_day_dates_nothing(path: str) -> None:
    assert date_in_url(f"https://news.example.org/{path}") is None


def test_address_never_overrides_a_declared_or_visible_date() -> None:
    address = "https://news.example.org/2025/03/01/bridge"
    assert published(page_of(head=ld(datePublished="2025-04-26")), url=address) == "2025-04-26"
    assert published(page_of("<p>26 April 2025</p>"), url=address) == "2025-04-26"
    contested = the(find(page_of(head=ld(datePublished="2025-04-26")), url=address).published)
    assert (contested.confidence, contested.alternatives) == ("medium", ("2025-03-01",))


def test_declared_date_is_outvoted_when_visible_and_address_agree_against_it() -> None:
    html = page_of("<p>1 March 2025</p>", head=ld(datePublished="2025-04-26"))
    dated = the(find(html, url="https://news.example.org/2025/03/01/bridge").published)
    assert (dated.value, dated.confidence) == ("2025-03-01", "medium")


def test_declared_date_is_surer_when_nothing_shown_contradicts_it() -> None:
    head = ld(datePublished="2025-04-26", dateModified="2025-04-29")
    contested = the(find(page_of("<p>1 March 2025</p>", head=head)).published)
    assert (contested.value, contested.confidence) == ("2025-04-26", "medium")
    assert contested.alternatives == ("2025-03-01",)
    for near in ("", "<p>26 April 2025</p>", "<p>29 April 2025</p>"):
        assert the(find(page_of(near, head=head)).published).confidence == "high"


@pytest.mark.parametrize(
    ("utc", "confidence"),
    [("2025-04-26T02:00:00Z", "high"), ("2025-04-26T22:00:00Z", "medium")],  # the 25th in the west, and nowhere
)
def test_day_shown_next_to_that_of_utc_contradicts_it_only_when_no_zone_has_it(utc: str, confidence: str) -> None:
    html = page_of("<p>25 April 2025</p>", head=ld(datePublished=utc))
    assert the(find(html).published).confidence == confidence


def test_declared_day_learns_its_time_from_the_visible_date() -> None:
    html = page_of("<p>26 April 2025, 10:15 a.m. EDT</p>", head=ld(datePublished="2025-04-26"))
    assert published(html) == "2025-04-26T10:15:00-04:00"


# ---------------------------------------------------------------- ambiguous order


def test_ambiguous_date_is_flagged_when_nothing_settles_it() -> None:
    dates = find(page_of("<p>03/04/2025</p>"))
    dated = the(dates.published)
    assert dated.confidence == "low"
    assert {dated.value, *dated.alternatives} == {"2025-03-04", "2025-04-03"}
    assert dates.warnings == ("ambiguous date: 03/04/2025",)


def test_ambiguous_date_is_settled_by_what_the_site_taught() -> None:
    html = page_of("<p>03/04/2025</p>")
    assert published(html, site=Site(day_first=True)) == "2025-04-03"
    assert published(html, site=Site(day_first=False)) == "2025-03-04"


def test_ambiguous_date_is_settled_by_the_address_or_the_feed() -> None:
    html = page_of("<p>03/04/2025</p>", lang="en-US")
    hint = Hint(url="https://news.example.org/a", found_by=FoundBy.FEED, published="Thu, 03 Apr 2025 08:00:00 GMT")
    assert published(html, url="https://news.example.org/2025/04/03/bridge") == "2025-04-03"
    assert (published(html, hint=hint) or "")[:10] == "2025-04-03"


def test_ambiguous_date_is_settled_by_another_of_the_page() -> None:
    related = '<div class="related"><p>26/02/2025</p></div>'
    assert published(page_of("<p>03/04/2025</p>", after=related)) == "2025-04-03"
    assert published(page_of("<p>03/04/2025</p>", after=related.replace("26/02", "02/26"))) == "2025-03-04"


def test_ambiguous_date_is_settled_by_the_fetch_when_one_reading_lies_after_it() -> None:
    assert published(page_of("<p>04/12/2025</p>")) == "2025-04-12"
    assert published(page_of("<p>03/12/2025</p>")) == "2025-03-12"


@pytest.mark.parametrize(
    ("language", "region", "day_first"),
    [
        ("en", "us", False),
        ("en", "gb", True),
        ("en", "ca", None),
        ("en", None, None),
        ("de", None, True),
        ("uk", "ua", True),
        (None, "us", None),
    ],
)
def test_language_and_region_tell_the_order(language: str | None, region: str | None, day_first: bool | None) -> None:
    assert day_first_in(language, region) is day_first


@pytest.mark.parametrize(
    ("lang", "address", "value"),
    [
        ("en-US", "https://news.example.org/a", "2025-03-04"),
        ("en-GB", "https://news.example.org/a", "2025-04-03"),
        ("en-US", "https://news.example.co.uk/a", "2025-04-03"),
        ("de", "https://news.example.org/a", "2025-04-03"),
        ("uk", "https://news.example.org/a", "2025-04-03"),
    ],
)
def test_ambiguous_date_is_settled_by_language_and_region(lang: str, address: str, value: str) -> None:
    dated = the(find(page_of("<p>03/04/2025</p>", lang=lang), url=address).published)
    assert (dated.value, dated.alternatives) == (value, ())


# ---------------------------------------------------------------- impossible, future and contradictory dates


@pytest.mark.parametrize("placeholder", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1900-01-01", "0"])
def test_placeholder_is_ignored(placeholder: str) -> None:
    dates = find(page_of("<p>26 April 2025</p>", head=ld(datePublished=placeholder)))
    assert the(dates.published).value == "2025-04-26"


@pytest.mark.parametrize(
    "future", ["2025-05-03", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2025-05-02T12:00:01Z"]
)
def test_future_date_is_null_with_a_warning(future: str) -> None:
    dates = find(page_of(head=ld(datePublished=future)))
    assert dates.published is None
    assert dates.warnings == (f"json-ld date ignored, after the fetch: {future}",)


def test_date_of_the_next_day_is_kept_for_zones_ahead() -> None:
    assert published(page_of(head=ld(datePublished="2025-05-02"))) == "2025-05-02"


def test_modified_before_published_is_warned_of() -> None:
    dates = find(page_of(head=ld(datePublished="2025-04-26", dateModified="2025-04-20")))
    assert (the(dates.published).value, the(dates.published).confidence) == ("2025-04-26", "medium")
    assert dates.warnings == ("modified 2025-04-20 before published 2025-04-26",)


def test_copyright_year_is_no_date() -> None:
    assert published(page_of(after="<p>Copyright 2024 The Example</p><p>© 2023–2025</p>")) is None


def test_crawl_time_is_never_the_publication() -> None:
    assert find(page_of()).published is None


# ---------------------------------------------------------------- laws


def test_tree_is_unchanged_and_the_answer_repeats() -> None:
    tree = lxml.html.document_fromstring(page_of("<p>By Ann Lee</p>", after="<p>26 April 2025</p>"))
    before = lxml.html.tostring(tree)
    page = Page(url="https://news.example.org/a", body=b"", fetched_at=FETCHED)
    answers = {find_dates(tree, read_declared(tree, page.url), page, "en") for _ in range(3)}
    assert lxml.html.tostring(tree) == before
    assert len(answers) == 1


DATE_LIKE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789-/.:TZ+ ,apm", max_size=40),
    st.from_regex(
        r"\d{1,4}[-/. ](\d{1,2}|April|mai|квітня)[-/. ]\d{1,4}(T| um | )?\d{0,2}:?\d{0,2}(Z|[+-]\d\d:\d\d| ET)?",
        fullmatch=True,
    ),
    st.datetimes().map(lambda d: d.isoformat()),
)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?")


@given(DATE_LIKE)
def test_any_text_is_read_without_error_and_gives_rfc_3339(text: str) -> None:
    for written in dates_in(text):
        assert RFC_3339.fullmatch(written.reading.value)
        assert text[written.start : written.end].strip() == written.raw
    if reading := read_date(text):
        assert dt.datetime.fromisoformat(reading.value).date() == reading.day


@settings(max_examples=60)
@given(
    DATE_LIKE,
    DATE_LIKE,
    st.sampled_from(["en", "de", "ja", ""]),
    st.sampled_from([None, "Asia/Tokyo", "America/New_York"]),
)
def test_any_page_gives_sound_dates_not_after_the_fetch(declared: str, shown: str, lang: str, zone: str | None) -> None:
    shown = "".join(c for c in shown if c.isprintable()).replace("<", "")
    dates = find(page_of(f"<p>{shown}</p>", head=ld(datePublished=declared), lang=lang), site=Site(zone=zone))
    for dated in (dates.published, dates.modified):
        if dated:
            assert RFC_3339.fullmatch(dated.value)
            assert (dated.day - FETCHED.date()).days <= 2  # a day, and one more for the zone
            assert dated.day.year >= 1989


@given(
    st.datetimes(min_value=FETCHED.replace(year=1991, tzinfo=None), max_value=FETCHED.replace(tzinfo=None)),
    st.integers(-12 * 4, 14 * 4),
)
def test_declared_day_and_time_are_kept_in_their_own_zone(moment: dt.datetime, quarters: int) -> None:
    written = moment.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=15 * quarters or 15))).isoformat()
    assert published(page_of(head=ld(datePublished=written))) == written


def test_unknown_zone_is_none() -> None:
    assert zone_info("../../etc") is None
    assert zone_info(None) is None
