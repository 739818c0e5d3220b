"""The other metadata of a page, and its language."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring, tostring

from crawler.extraction.declared import read_declared
from crawler.extraction.language import judge_language, language_tag, script_of, written_language
from crawler.extraction.metadata import Metadata, read_metadata
from crawler.items import Page
from crawler.site import Site

URL = "https://www.harbour-post.example/news/ferry"
UKRAINIAN = "Пором до островів знову ходить після одинадцяти тижнів ремонту, і їхні жителі цьому дуже раді."
RUSSIAN = "Паром до островов снова ходит после одиннадцати недель ремонта, и это событие все жители ждали."


def metadata_of(
    head: str = "", body: str = "", *, url: str = URL, lang: str = "", site: Site | None = None
) -> Metadata:
    tree = fromstring(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>")
    page = Page(url=url, body=b"", fetched_at=dt.date(2025, 5, 1), site=site or Site())
    return read_metadata(tree, read_declared(tree, url), page)


def ld(**fields: object) -> str:
    node = {"@type": "NewsArticle", "headline": "Ferry runs again", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(**contents: str) -> str:
    return "".join(f'<meta name="{name.replace("__", ":")}" content="{text}">' for name, text in contents.items())


def test_everything_declared_is_read_with_its_source() -> None:
    found = metadata_of(
        ld(
            author="Ann Lee",
            description="The islanders are glad.",
            image=[{"@type": "ImageObject", "url": "/ferry.jpg"}],
            keywords="ferry, islands, Ferry",
            articleSection=["Transport", "Coast"],
            publisher={"@type": "Organization", "name": "The Harbour Post"},
            isAccessibleForFree="False",
            license="https://licences.example/by/4.0",
        )
        + '<link rel="canonical" href="/news/ferry?id=1">',
        lang="en-gb",
    )
    assert found.summary == "The islanders are glad."
    assert found.image == "https://www.harbour-post.example/ferry.jpg"
    assert found.tags == ("ferry", "islands")
    assert found.section == "Transport"
    assert found.publisher == "The Harbour Post"
    assert found.is_accessible_for_free is False
    assert found.canonical_url == "https://www.harbour-post.example/news/ferry?id=1"
    assert found.language == "en-GB"
    assert found.rights == {"license": "https://licences.example/by/4.0"}
    assert found.sources == {
        "title": "json-ld",
        "authors": "json-ld",
        "summary": "json-ld",
        "language": "html lang",
        "canonical_url": "link canonical",
        "image": "json-ld",
        "tags": "json-ld",
        "section": "json-ld",
        "publisher": "json-ld",
        "is_accessible_for_free": "json-ld",
        "rights": "declared",
    }


def test_what_nobody_says_is_null() -> None:
    assert metadata_of() == Metadata(
        title="",
        authors=(),
        summary=None,
        language=None,
        canonical_url=None,
        image=None,
        tags=(),
        section=None,
        publisher=None,
        is_accessible_for_free=None,
        rights={},
        sources={},
    )


def test_meta_elements_are_read_where_there_is_no_json_ld() -> None:
    found = metadata_of(
        meta(
            og__description="Glad &amp;amp; dry",
            og__image="https://img.example/f.jpg",
            news_keywords="ferry; islands",
            article__section="Coast",
            og__site_name="The Harbour Post",
            article__content_tier="free",
            og__locale="pt_br",
        )
    )
    assert (found.summary, found.image) == ("Glad & dry", "https://img.example/f.jpg")
    assert (found.tags, found.section, found.publisher) == (("ferry", "islands"), "Coast", "The Harbour Post")
    assert (found.is_accessible_for_free, found.language) == (True, "pt-BR")


def test_summary_that_was_cut_is_replaced_by_the_whole_one() -> None:
    whole = "The ferry to the outer islands runs again after eleven weeks."
    assert metadata_of(ld(description="The ferry to the outer …") + meta(description=whole)).summary == whole
    assert metadata_of(ld(description="The ferry to the …"), f'<p class="standfirst">{whole}</p>').summary == whole
    assert metadata_of(ld(description="The ferry [...]")).summary == "The ferry [...]"


def test_summary_is_not_the_title_or_the_site_s_own_description() -> None:
    site = '<script type="application/ld+json">{"@type": "WebSite", "description": "News from the coast"}</script>'
    assert metadata_of(ld(description="Ferry runs again")).summary is None
    assert metadata_of(ld(description="Ferry runs again – Transport")).summary is None
    assert metadata_of(ld(description="Ferry runs again, and the whole island is glad")).summary is not None
    assert metadata_of(ld() + site + meta(description="News from the coast")).summary is None


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/news/ferry", "https://www.harbour-post.example/news/ferry"),
        ("https://m.harbour-post.example/news/ferry", "https://m.harbour-post.example/news/ferry"),
        ("https://shop.harbour-post.example/news/ferry", None),
        ("https://harbour-post.example/news/ferry", "https://harbour-post.example/news/ferry"),
        ("https://elsewhere.example/news/ferry", None),
        ("https://www.harbour-post.example/", None),
        ("https://www.harbour-post.example", None),
        ("ftp://www.harbour-post.example/news/ferry", None),
        ("javascript:void(0)", None),
        ("http://[broken/", None),
    ],
)
def test_canonical_is_believed_on_the_page_s_own_site(href: str, expected: str | None) -> None:
    assert metadata_of(f'<link rel="canonical" href="{href}">').canonical_url == expected


def test_canonical_on_a_subdomain_of_the_registrable_domain_is_the_same_site() -> None:
    head = '<link rel="canonical" href="https://m.harbourpost.co.uk/news/ferry">'
    assert metadata_of(head, url="https://harbourpost.co.uk/news/ferry").canonical_url is not None


def test_canonical_on_an_address_needs_the_same_port() -> None:
    head = '<link rel="canonical" href="http://127.0.0.1:8001/news/ferry">'
    assert metadata_of(head, url="http://127.0.0.1:8001/a").canonical_url == "http://127.0.0.1:8001/news/ferry"
    assert metadata_of(head, url="http://127.0.0.1:8002/a").canonical_url is None


def test_canonical_is_null_when_it_is_another_tenant_s_of_a_shared_host() -> None:
    head = '<link rel="canonical" href="https://one.blogspot.com/news/ferry">'
    assert metadata_of(head, url="https://one.blogspot.com/a").canonical_url == "https://one.blogspot.com/news/ferry"
    assert metadata_of(head, url="https://two.blogspot.com/a").canonical_url is None


def test_front_page_is_its_own_canonical() -> None:
    head = f'<link rel="canonical" href="{URL.removesuffix("news/ferry")}">'
    assert metadata_of(head, url="https://www.harbour-post.example").canonical_url is not None


@pytest.mark.parametrize(
    ("said", "expected"),
    [(True, True), (False, False), ("True", True), ("http://schema.org/False", False), ("maybe", None), (None, None)],
)
def test_access_is_read_as_schema_org_writes_it(said: object, expected: bool | None) -> None:
    assert metadata_of(ld(isAccessibleForFree=said)).is_accessible_for_free is expected


def test_access_and_section_are_read_from_microdata() -> None:
    found = metadata_of(
        '<meta itemprop="isAccessibleForFree" content="False"><meta itemprop="articleSection" content="Coast">'
    )
    assert (found.is_accessible_for_free, found.section) == (False, "Coast")


def test_access_is_read_from_a_locked_part() -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".locked"}
    assert metadata_of(ld(hasPart=part)).is_accessible_for_free is False


def test_rights_are_kept_as_declared() -> None:
    head = meta(robots="index, noai, NOARCHIVE, max-snippet:-1") + '<meta name="tdm-reservation" content="1">'
    found = metadata_of(ld(copyrightHolder={"@type": "Organization", "name": "Harbour Press"}) + head)
    assert found.rights == {"copyright_holder": "Harbour Press", "robots": "noai, noarchive", "tdm_reservation": "1"}


def test_tags_are_bounded_in_number_and_length() -> None:
    found = metadata_of(ld(keywords=[f"tag {number}" for number in range(99)] + ["long " * 99]))
    assert len(found.tags) == 30


def test_tags_for_machines_alone_give_way_to_the_next_source() -> None:
    found = metadata_of(ld(keywords=["type_news", "@post-id:17", "/article"]) + meta(keywords="ferry, pier"))
    assert (found.tags, found.sources["tags"]) == (("ferry", "pier"), "meta keywords")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("Articles", "Coast"),
        ("Harbour Post", "Coast"),
        ("harbour-post.example", "Coast"),
        ("Wind,Waves", "Wind"),
        ("Arts & Crafts, Coast", "Arts & Crafts, Coast"),
        (["", "Waves"], "Waves"),
    ],
)
def test_section_is_neither_a_kind_of_page_nor_the_outlet(declared: object, expected: str) -> None:
    head = ld(articleSection=declared, publisher="Harbour Post") + meta(article__section="Coast")
    assert metadata_of(head).section == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("Harbour Post | News, weather and sports from the islands and the coast", "Harbour Post"),
        ("Local news – The Harbour-Post", "The Harbour-Post"),
        ("Boats | Piers", "Boats | Piers"),
        ("Harbour Post |", "Harbour Post"),
        ("{$plugin.site_name}", None),
        ("Ferry runs again after eleven weeks in the dock, and all are glad", None),
    ],
)
def test_publisher_is_the_name_without_its_motto(declared: str, expected: str | None) -> None:
    assert metadata_of(meta(og__site_name=declared)).publisher == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("EN_gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de,en", "de"),
        ("en-US.UTF-8", "en-US"),
        ("ua", "uk"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_language_tag_is_written_in_its_usual_case(value: str | None, expected: str | None) -> None:
    assert language_tag(value) == expected


def test_declared_language_is_held_against_the_letters() -> None:
    assert judge_language([("en", "html lang")], UKRAINIAN) == ("uk", "letters")
    assert judge_language([("ru", "html lang"), ("uk-UA", "json-ld")], UKRAINIAN) == ("uk-UA", "json-ld")
    assert judge_language([("uk", "html lang")], RUSSIAN) == ("ru", "letters")
    assert judge_language([("bg", "html lang")], RUSSIAN) == ("bg", "html lang")
    assert judge_language(
        [("uk", "html lang")], "The ferry to the islands runs again, and nobody is amused at all."
    ) == (None, "")
    assert judge_language(
        [("en", "html lang")], "島へ行くフェリーが再び走りはじめて、住民たちはとても喜んでいるという。" * 2
    ) == (
        "ja",
        "letters",
    )


def test_declared_language_stands_where_there_are_few_letters() -> None:
    assert judge_language([(None, "html lang"), ("nl", "site")], "Привіт") == ("nl", "site")
    assert script_of("Привіт") is None


def test_language_of_a_template_does_not_win_over_the_page() -> None:
    assert metadata_of(ld(inLanguage="uk"), f"<p>{UKRAINIAN}</p>", lang="en-US").language == "uk"
    assert metadata_of("", f"<p>{UKRAINIAN}</p>", lang="en-US").sources["language"] == "letters"


def test_site_language_is_the_last_to_be_asked() -> None:
    assert metadata_of(site=Site(language="fr")).language == "fr"
    assert metadata_of(lang="de", site=Site(language="fr")).language == "de"


def test_tree_is_left_as_it_is() -> None:
    tree = fromstring(
        f"<html><head>{ld()}</head><body><h1>Ferry <span class='kicker'>now</span></h1>{UKRAINIAN}</body></html>"
    )
    before = tostring(tree)
    read_metadata(tree, read_declared(tree, URL), Page(url=URL, body=b"", fetched_at=dt.date(2025, 5, 1)))
    assert tostring(tree) == before


ANY_TEXT = st.text(st.characters(codec=None))  # with lone surrogates, which JSON can escape
NAMES = (
    "headline",
    "author",
    "description",
    "image",
    "keywords",
    "articleSection",
    "publisher",
    "inLanguage",
    "license",
)


@given(
    st.dictionaries(st.sampled_from(NAMES), st.none() | st.booleans() | st.integers() | ANY_TEXT | st.lists(ANY_TEXT))
)
def test_any_declared_values_raise_nothing_and_come_out_as_clean_text(fields: dict[str, object]) -> None:
    found = metadata_of(ld(**fields).replace("</", "<\\/").replace("<\\/script", "</script"))
    texts = [found.title, found.summary, found.section, found.publisher, *found.tags, *found.rights.values()]
    assert all(text == " ".join(text.split()) and text.encode() for text in texts if text)


@pytest.mark.parametrize("tag", ["div", "span", "b"])
def test_deep_nesting_does_not_end_the_reading(tag: str) -> None:
    deep = f"<{tag} class='author'>" * 200 + "Ann Lee" + f"</{tag}>" * 200
    assert metadata_of("<title>Ferry runs again</title>", deep).title == "Ferry runs again"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Zastupitelé se na tom dohodli jak na radnici, tak na jarmarku, a do léta to po kouskách opraví.", None),
        ("Bu de ren da de shi bu de yu da de shan bu de da de bu de da.", None),
        ("Rada nie zgodziła się na most, jest bowiem za drogi, jak mówi burmistrz, oraz za długi dla miasta.", "pl"),
    ],
)
def test_a_few_words_that_languages_share_prove_none(text: str, language: str | None) -> None:
    assert written_language(text * 3) == language


@pytest.mark.parametrize(("kana", "language"), [("", "zh"), ("の", None)])
def test_han_letters_without_kana_are_chinese(kana: str, language: str | None) -> None:
    text = "桥梁周六因暴风雨关闭市议会在网页上宣布将保持关闭直到夏季工程师完成检查" * 2 + kana
    assert judge_language([], text)[0] == language


@pytest.mark.parametrize(
    "text",
    [
        "Unha muller da vila dixo que o concello non quere máis obras na ponte, e que nunha semana falará do tema. ",
        "Bu gün bir tədbir olub və bu barədə daha çox məlumat verilib. Bu üçün bir komissiya yaradılıb və ilə bağlı. ",
        "Die raad het gesê dat die brug nie oop is nie en dat mense van die dorp nie tevrede is met wat hulle hoor. ",
        "Els veïns diuen que el pont és massa vell i que amb això no n'hi ha prou per als nens dels barris del nord. ",
    ],
)
def test_a_sister_of_a_language_is_not_taken_for_it(text: str) -> None:
    assert written_language(text * 3) is None
