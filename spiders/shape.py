"""What an address looks like it leads to: an article, a list of articles, or neither; by words of many languages."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from spiders.when import day_in


class Shape(StrEnum):
    """What an address looks like."""

    ARTICLE = "article"
    LISTING = "listing"  # a front page, or a section by its short path
    UNCLEAR = "unclear"
    OTHER = "other"  # not a text, or a page about readers, lawyers and shops


# a path part that is one of these makes the page no article, wherever it stands: pictures, sound, accounts, law
_NEVER = frozenset(
    """video videos videothek mediathek audio podcast podcasts livetv live-tv gallery galleries galerie galeria
    galeri fotogalerie foto-galeri photos photo fotos bilder bildergalerie fotostrecke infografik webstories
    login logout signin sign-in signup register anmelden registrieren account konto compte mein-konto
    my-account subscribe unsubscribe privacy privacy-policy datenschutz confidentialite privacidad impressum
    imprint terms-of-use agb cookies cookie-policy contact-us about-us ueber-uns cart warenkorb mediadaten
    wp-admin wp-login wp-content wp-json cdn-cgi embed oembed rss-feeds""".split()
)
# likewise, unless the address has a day or a number and a headline: pages for readers, of which sections have the names
_SERVICE = frozenset(
    """profile share teilen print drucken subscription subscriptions abo abonnement abonnements abonelik
    newsletter newsletters terms contact kontakt contacto contatti about search suche recherche buscar cerca
    zoeken szukaj arama poisk shop store boutique jobs stellenmarkt karriere careers advertise werbung rss
    sitemap comments kommentare forum spiele quiz horoskop horoscope wetter weather crossword tv-programm
    tv-guide donate spenden help hilfe aide faq apps""".split()
)
# what stands after one of these names a list: of a topic, an author, a year
_LISTS = frozenset(
    """tag tags topic topics thema themen schlagwort schlagworte stichwort sujet sujets etiquette mot-cle
    motscles tema temas etiqueta etiquetas argomento argomenti onderwerp temat tagi etiket konu label labels
    keyword author authors autor autoren autore autores auteur auteurs author-archive autorzy yazar user
    users archive archives archiv archivo arhiv arsiv page seite pagina
    strona sayfa series serie collections collection""".split()
)
# what stands right after one of these names a section
_SECTIONS = frozenset(
    """category categories kategorie kategorien categorie categoria categorias kategoria kategori rubrik rubric
    rubrika section sections""".split()
)
_ARTICLE_WORDS = frozenset(
    """article articles artikel articolo articulo artigo articol artykul story stories news-story haber makale
    novost novosti novini statja stattia noticia noticias nachricht""".split()
)
_PAGING = frozenset("page offset start year month day date from to v ver t ts time".split())
_QUERY_IDS = frozenset("id article articleid article_id newsid news_id storyid sid artid aid idart nid".split())
_FILE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|webp|svg|ico|mp[34]|m4a|avi|mov|zip|gz|rar|docx?|xlsx?|pptx?|xml|rss|json|js|css|txt|ics|apk|exe|epub)$"
)
_PAGE_FILE = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml|phtml|ece|cms|do)$")
_WORD = re.compile(
    r"(?<![^\W\d_])(?!(?:and|und|et|the|de)(?![^\W\d_]))[^\W\d_]{2,}"
)  # "science-and-technology" is two words
_ID = re.compile(
    r"(?<!\d)\d{5,}(?!\d)|^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$|^(?=.*\d.*[a-z].*\d)[a-z0-9]{8,14}$"
)
_INDEX = re.compile(r"^(?:index|default|home)$")
_LANGUAGE = re.compile(r"^[a-z]{2}(?:[-_][a-z]{2})?$")


def shape_of(url: str) -> Shape:
    """What an address looks like it leads to, by its path and query alone.

    >>> [shape_of(f"https://example.org{path}").value for path in ("/", "/en/", "/world", "/tag/elections", "/login")]
    ['listing', 'listing', 'listing', 'other', 'other']
    >>> [shape_of(f"https://example.org{path}").value for path in ("/2025/04/26/council-votes", "/vote-12345.html")]
    ['article', 'article']
    """
    path, query, segments = _parts(url)
    if _is_never(path, segments):
        return Shape.OTHER
    if _has_query_id(query):
        return Shape.ARTICLE
    if _is_root(segments):
        return Shape.LISTING
    return _shape_of_path(url, segments)


def may_be_article(url: str, *, is_trusted: bool) -> bool:
    """Whether an address that a feed or sitemap names is worth fetching.

    A trusted way, one that is made of news, may name articles under any address that is no front page or picture.

    >>> paths = ("/", "/tag/vote", "/about-a-bridge", "/a/b/c")
    >>> [may_be_article(f"https://e.org{path}", is_trusted=False) for path in paths]
    [False, False, True, True]
    >>> [may_be_article(f"https://e.org{path}", is_trusted=True) for path in ("/", "/video/a", "/tag/vote", "/bridge")]
    [False, False, True, True]
    """
    path, query, segments = _parts(url)
    if is_front(url) or _is_never(path, segments):
        return False
    shape = shape_of(url)
    if is_trusted or shape in {Shape.ARTICLE, Shape.UNCLEAR}:
        return True
    is_section = bool(set(segments[:-1]) & _SECTIONS) or len(_WORD.findall(segments[-1])) < 2
    return shape is Shape.LISTING and (bool(query) or not is_section)


def is_front(url: str) -> bool:
    """Whether an address is that of a site's or a language's front page.

    >>> is_front("https://e.org/en/index.html"), is_front("https://e.org/?p=1234"), is_front("https://e.org/world")
    (True, False, False)
    """
    _, query, segments = _parts(url)
    return _is_root(segments) and not _has_query_id(query)


def _parts(url: str) -> tuple[str, str, list[str]]:
    """Path, query and the parts of the path, without the ending of a page's file; of garbage, nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", []
    path = unquote(parts.path).lower()
    segments = [segment for segment in path.split("/") if segment]
    if segments:
        segments[-1] = _PAGE_FILE.sub("", segments[-1])
    if len(segments) > 1 and _INDEX.match(segments[-1]):
        segments.pop()
    return path, parts.query, segments


def _is_never(path: str, segments: list[str]) -> bool:
    return bool(_FILE.search(path)) or any(segment in _NEVER for segment in segments)


def _is_root(segments: list[str]) -> bool:
    return len(segments) <= 2 and all(_INDEX.match(segment) or _LANGUAGE.match(segment) for segment in segments)


def _shape_of_path(url: str, segments: list[str]) -> Shape:
    last, before = segments[-1], segments[:-1]
    words = len(_WORD.findall(last))
    has_day, has_id = day_in(url) is not None, bool(_ID.search(last)) and not _is_day(last)
    if before and before[-1] in _SECTIONS and not (has_day or has_id):
        return Shape.LISTING
    if _is_about_others(segments) and not ((has_day or has_id) and words >= 3):
        return Shape.OTHER
    is_named = has_day and (words or has_id)
    is_numbered = has_id and (words or before)
    is_headline = words >= 4 or (words >= 3 and len(last) >= 20)
    if is_named or is_numbered or is_headline or set(before) & _ARTICLE_WORDS:
        return Shape.ARTICLE
    if has_day or last.isdigit():
        return Shape.OTHER  # a calendar's page, or the second page of a list
    is_short = len(segments) <= 2 and all(len(_WORD.findall(segment)) <= 3 for segment in segments)
    return Shape.LISTING if is_short and not has_id else Shape.UNCLEAR


def _is_about_others(segments: list[str]) -> bool:
    """Whether the path is that of a service page, or of a list by topic, author or year."""
    listed = [n for n, segment in enumerate(segments) if segment in _LISTS]
    return any(segment in _SERVICE for segment in segments) or bool(listed and len(segments) - listed[-1] <= 2)


def _has_query_id(query: str) -> bool:
    """Whether an argument is the number of an article: by its name, or by its size."""
    for name, value in parse_qsl(query):
        digits = value.isdigit() and len(value)
        if (name.lower() in _QUERY_IDS and value[:1].isdigit()) or (
            digits and digits >= 4 and name.lower() not in _PAGING
        ):
            return True
    return False


def _is_day(segment: str) -> bool:
    return len(segment) == 8 and day_in(segment) is not None
