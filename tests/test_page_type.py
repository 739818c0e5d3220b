"""Whether a page is an article: what is refused and why, and what looks like it and is an article."""

from __future__ import annotations

import datetime as dt
import json
import random
import tomllib
from importlib.resources import files

import pytest

from crawler.extraction.extract import extract
from crawler.extraction.patterns import expand, hazard
from crawler.items import Extract, Page, Reason, Refused
from tests.newspaper import Newspaper, serve

ONE = "Divers went into the mill pool at first light on Monday with lamps, sandbags and a very long list of worries."
TWO = "The weir has leaked since the old king was crowned, and every council since has promised to look at it soon."
THREE = "By noon they had found the hole, which is as wide as a door and, one of them said, about as welcoming."
FOUR = "The work will last until September, and the river will be led round the town through the tannery cut."
PROSE = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p><p>{FOUR}</p>"
TEASERS = [
    ("Beekeepers count forty swarms", "Nobody asked the bees."),
    ("Choir goes on strike over a draught", "The altos have had enough of the north door."),
    ("Old bus depot becomes a school", "The inspection pits stay, for the time being."),
    ("A gate, two keys and forty allotments", "The row that split Sorrel Lane is not over."),
]


def judged(
    html: str | bytes, path: str = "/story/weir", status: int = 200, content_type: str = "text/html"
) -> Extract | Refused:
    body = html if isinstance(html, bytes) else html.encode()
    url = f"https://mills.example{path}"
    return extract(Page(url=url, body=body, fetched_at=dt.date(2025, 5, 20), status=status, content_type=content_type))


def page(title: str, body: str, head: str = "", lang: str = "en") -> str:
    return f'<html lang="{lang}"><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>'


def listing(*, cards: int = 4) -> str:
    return "".join(
        f'<div class="card"><h2><a href="/story/{n}">{title}</a></h2><p>{text} {ONE}</p></div>'
        for n, (title, text) in enumerate(TEASERS[:cards])
    )


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org"} | node)}</script>'


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", Reason.EMPTY),
        (b" \r\n\t ", "text/html", Reason.EMPTY),
        (b"<!-- gone -->", "text/html", Reason.EMPTY),
        (b"%PDF-1.7\n%\xe2\xe3", "text/html", Reason.NOT_HTML),
        (b"\x89PNG\r\n\x1a\n", "image/png", Reason.NOT_HTML),
        (b"PK\x03\x04docx", "application/octet-stream", Reason.NOT_HTML),
        (b'{"title": "Weir"}', "application/json", Reason.NOT_HTML),
        (b'<?xml version="1.0"?>\n<rss version="2.0"></rss>', "text/xml", Reason.NOT_HTML),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "text/html", Reason.NOT_HTML),
        (b"<?xml version='1.0'?><!-- made by hand --><urlset></urlset>", "text/html", Reason.NOT_HTML),
        (b"<svg></svg>", "image/svg+xml", Reason.NOT_HTML),
    ],
)
def test_bytes_that_are_no_page_are_refused(body: bytes, content_type: str, reason: Reason) -> None:
    result = judged(body, content_type=content_type)
    assert isinstance(result, Refused)
    assert result.reason is reason
    assert result.detail


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found", "The page may have moved. Try the front page, or the search."),
        ("404", "Nothing is here. Our most read stories are below, and the search is above."),
        ("Seite nicht gefunden", "Die gesuchte Seite gibt es nicht mehr. Bitte benutzen Sie die Suche oben."),
        ("Página no encontrada", "La página que busca ya no está aquí. Pruebe con la portada."),
        ("Page introuvable", "Cette page a peut-être changé d'adresse. Revenez à l'accueil."),
        ("Сторінку не знайдено", "Можливо, її перенесли. Спробуйте пошук або головну сторінку видання."),
        ("Strona nie została znaleziona", "Mogła zmienić adres. Prosimy wrócić na stronę główną."),
    ],
)
def test_soft_404_is_refused_in_any_language(title: str, text: str) -> None:
    result = judged(page(title, f"<p>{text}</p><p>{text}</p>"))
    assert isinstance(result, Refused)
    assert result.reason is Reason.ERROR


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Just a moment...", Reason.BLOCK),
        ("Access Denied", Reason.BLOCK),
        ("Attention Required!", Reason.BLOCK),
        ("Before you continue", Reason.CONSENT),
        ("We value your privacy", Reason.CONSENT),
    ],
)
def test_block_and_consent_pages_are_refused(title: str, reason: Reason) -> None:
    text = "Our system wants to know more about you before it shows this page. Please press the button below to go on."
    result = judged(page(title, f"<p>{text}</p><p>Reference 18.2f1c</p>"))
    assert isinstance(result, Refused)
    assert result.reason is reason


def test_error_status_is_refused_with_its_number() -> None:
    result = judged(page("Weir", f"<p>{ONE}</p>"), status=410)
    assert result == Refused(reason=Reason.ERROR, detail="HTTP status 410")


@pytest.mark.parametrize("path", ["/", "", "/uk/", "/en-gb", "/index.html"])
def test_front_page_is_refused(path: str) -> None:
    result = judged(page("Three Mills Post", listing()), path)
    assert isinstance(result, Refused)
    assert result.reason is Reason.INDEX


@pytest.mark.parametrize(
    "path", ["/tag/bees", "/category/town/", "/autor/nell-abara/page/2", "/rubrique/ville", "/тег/річка"]
)
def test_list_of_articles_is_refused_by_its_address(path: str) -> None:
    result = judged(page("Bees", listing(cards=2)), path)
    assert isinstance(result, Refused)
    assert result.reason is Reason.INDEX


def test_list_of_articles_is_refused_by_its_teasers_alone() -> None:
    result = judged(page("Town and river", listing()), "/town")
    assert isinstance(result, Refused)
    assert result.reason is Reason.INDEX


def test_list_of_articles_is_refused_when_declared_as_one() -> None:
    result = judged(page("Bees", f"<p>{ONE}</p><p>{TWO}</p>", ld(**{"@type": "CollectionPage"})), "/bees")
    assert isinstance(result, Refused)
    assert result.reason is Reason.INDEX


@pytest.mark.parametrize(
    ("path", "lang"),
    [
        ("/about", "en"),
        ("/contact-us/", "en"),
        ("/impressum", "de"),
        ("/aviso-legal", "es"),
        ("/mentions-legales", "fr"),
        ("/chi-siamo", "it"),
        ("/quem-somos", "pt"),
        ("/over-ons.html", "nl"),
        ("/redakcja", "pl"),
        ("/hakkimizda", "tr"),
        ("/kontakty", "uk"),
        ("/o-redakcii", "ru"),
    ],
)
def test_page_about_the_site_is_refused(path: str, lang: str) -> None:
    result = judged(page("The paper", PROSE, lang=lang), path)
    assert isinstance(result, Refused)
    assert result.reason is Reason.STATIC


def test_gallery_is_refused_by_its_address_and_labels() -> None:
    labels = ["The tulip tent, at nine in the morning", "Judging the marrows behind closed flaps", "Rain at four"]
    pictures = "".join(f"<div><img src={n}.jpg><p>{label}</p></div>" for n, label in enumerate(labels))
    result = judged(page("The flower show", pictures), "/gallery/flower-show")
    assert isinstance(result, Refused)
    assert result.reason is Reason.GALLERY


@pytest.mark.parametrize(
    "head",
    [ld(**{"@type": "VideoObject", "name": "Weir"}), '<meta property="og:type" content="video.other">'],
)
def test_video_page_with_little_text_is_refused(head: str) -> None:
    result = judged(page("The weir from above", f"<p>{ONE}</p>", head))
    assert isinstance(result, Refused)
    assert result.reason is Reason.VIDEO


def test_paywall_stub_is_refused_as_one() -> None:
    node = ld(**{"@type": "NewsArticle", "headline": "Weir", "isAccessibleForFree": False})
    result = judged(page("Weir", "<p>Divers went in.</p>", node))
    assert isinstance(result, Refused)
    assert result.reason is Reason.PAYWALL


def test_page_without_text_is_refused_with_its_length() -> None:
    result = judged(page("Weir", "<p>Divers went in.</p>"))
    assert isinstance(result, Refused)
    assert result.reason is Reason.NO_BODY
    assert "characters of text" in result.detail


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("404: the film that nobody could find", "/story/404"),
        ("Just a moment of quiet: the choir's last rehearsal", "/story/choir"),
        ("Why every site asks before you continue: consent pages explained", "/story/consent"),
        ("Access denied: the village that lost its only road", "/story/road"),
        ("Page not found in the parish register turns up in a barn", "/story/register"),
        ("About the weir", "/story/about-the-weir"),
        ("Weir repair begins", "/?p=412"),
        ("Weir repair begins", "/category/town/weir-repair-begins"),
        ("Weir repair begins", "/tag/2025-05-05-weir"),
        ("Weir repair begins", "/gallery/weir-repair"),
        ("Weir repair begins", "/video/weir-repair"),
    ],
)
def test_article_is_kept_that_looks_like_another_page(title: str, path: str) -> None:
    result = judged(page(title, f"<p>5 May 2025</p>{PROSE}"), path)
    assert isinstance(result, Extract)
    assert result.paragraphs[-4:] == (ONE, TWO, THREE, FOUR)


def test_short_report_of_a_missing_page_is_kept() -> None:
    result = judged(page("Library finds the page not found since 1911", f"<p>{ONE}</p><p>{TWO}</p>"))
    assert isinstance(result, Extract)


def test_article_with_a_video_and_its_paragraphs_is_kept() -> None:
    result = judged(
        page("Weir repair begins", PROSE + PROSE.replace("the", "some"), ld(**{"@type": "VideoObject", "name": "Weir"}))
    )
    assert isinstance(result, Extract)


def test_article_is_kept_at_the_address_of_a_static_page_when_it_is_dated_and_declared() -> None:
    node = ld(**{"@type": "NewsArticle", "headline": "About", "datePublished": "2025-05-05"})
    assert isinstance(judged(page("About", PROSE, node), "/film/about"), Extract)


def test_article_is_kept_with_teasers_of_others_below_it() -> None:
    html = page("Weir repair begins", f"<article>{PROSE}{PROSE}</article>{listing()}")
    result = judged(html)
    assert isinstance(result, Extract)
    assert result.paragraphs[:4] == (ONE, TWO, THREE, FOUR)


def test_article_is_kept_whose_subheadings_are_links_with_long_text_under_them() -> None:
    parts = "".join(f'<h2><a href="/shop/{n}">{title}</a></h2>{PROSE}{PROSE}' for n, (title, _) in enumerate(TEASERS))
    assert isinstance(judged(page("Four things to see in May", parts)), Extract)


def test_signed_brief_above_many_teasers_is_kept() -> None:
    html = page("Weir closed", f"<p>By Nell Abara, 5 May 2025</p><p>{ONE}</p><p>{TWO}</p>{listing()}")
    result = judged(html, "/town/weir-closed")
    assert isinstance(result, Extract)
    assert ONE in result.paragraphs


def test_collection_of_the_way_to_an_article_is_not_the_page() -> None:
    way = ld(**{"@type": "CollectionPage", "@id": "https://mills.example/town", "name": "Town"})
    assert isinstance(judged(page("Weir repair begins", PROSE, way), "/town/weir-repair"), Extract)


def test_list_that_declares_itself_an_article_is_refused_by_its_cards_alone() -> None:
    cards = "".join(
        f'<div class="card"><a href="/story/{n}"><h3>{title} on the river, {n}</h3></a><p>Part {n}. {ONE}</p></div>'
        for n, (title, _) in enumerate(TEASERS * 2)
    )
    node = {"@type": "NewsArticle", "headline": "Town", "datePublished": "2025-05-05"}
    refused = judged(page("Town", cards, ld(**node)), "/town")
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.INDEX
    signed = ld(**node, author={"@type": "Person", "name": "Nell Abara"})
    assert isinstance(judged(page("Eight walks along the river", cards, signed), "/town/eight-walks"), Extract)


def test_consent_text_is_no_article_of_a_page_without_another() -> None:
    notice = f'<div id="cookie-consent"><p>We and our partners store cookies on your device. {ONE} {TWO}</p></div>'
    result = judged(page("Weir repair begins", notice))
    assert isinstance(result, Refused)
    assert result.reason is Reason.CONSENT


def test_patterns_of_other_pages_are_safe_on_hostile_texts() -> None:
    tables = tomllib.loads((files("crawler.extraction") / "page_type.toml").read_text(encoding="utf-8"))
    words = tables.pop("words")
    patterns = [pattern for table in tables.values() for key in table.keys() - {"reason"} for pattern in table[key]]
    assert len(patterns) > 300
    assert [(pattern, hazard(expand(pattern, words))) for pattern in patterns if hazard(expand(pattern, words))] == []


def test_undated_page_without_any_sign_is_left_to_the_setting() -> None:
    result = judged(page("The river", PROSE), "/river")
    assert isinstance(result, Extract)
    assert result.published is None


def page_at(newspaper: Newspaper, url: str) -> Page:
    outlet = next(name for name, base in newspaper.bases.items() if url.startswith(base))
    reply = newspaper.reply(outlet, url)
    day = dt.date(2025, 5, 20)
    return Page(url=url, body=reply.body, fetched_at=day, status=reply.status, content_type=reply.content_type)


def test_example_newspaper_is_told_apart_page_by_page() -> None:
    with serve() as newspaper:
        others = [extract(page_at(newspaper, r.url)) for r in newspaper.refused() if r.why != "robots"]
        articles = [extract(page_at(newspaper, e["url"])) for e in newspaper.expected()]
    assert len(others) > 50
    assert [found.url for found in others if isinstance(found, Extract)] == []
    assert len(articles) > 20
    assert [found for found in articles if isinstance(found, Refused)] == []


def test_random_bytes_are_refused() -> None:
    noise = random.Random(7).randbytes(2000)  # noqa: S311  the same noise in each run

    refused = extract(Page(url="https://example.org/noise", body=noise, fetched_at=dt.date(2025, 5, 1)))

    assert isinstance(refused, Refused)
    assert refused.reason is Reason.NOT_HTML
