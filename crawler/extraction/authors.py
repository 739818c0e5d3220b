"""Who wrote it: declared authors first, then the visible byline; people before the outlet's own name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.below import known_bylines, unmarked_bylines
from crawler.extraction.bylines import MAX_BYLINE, read_names
from crawler.extraction.candidates import Stated
from crawler.extraction.declared import Declared, types_of
from crawler.extraction.names import WHOLE_IN_A_WORD, is_agency, is_handle, is_house
from crawler.extraction.outlet import plain
from crawler.extraction.text import clean_line, text_key
from crawler.extraction.visible import Places, is_author_link, is_beside, is_elsewhere, shown_text, words_of
from crawler.identity import site_of, web_address
from crawler.items import Author
from crawler.site import UNKNOWN, Site

META_AUTHORS: tuple[str, ...] = (
    "article:author",
    "article:author_name",
    "author",
    "og:article:author",
    "og:author",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "byl",
    "byline",
    "article:byline",
    "authors",
    "dc.creator",
    "dcterms.creator",
    "dc.creator.name",
    "citation_author",
    "twitter:misc:written by",
    "dcsext.author",
)
_INVERTED: tuple[str, ...] = (
    "dc.creator",
    "dcterms.creator",
    "dc.creator.name",
    "citation_author",
)  # "Lee, Ann" by their own rules
_WRITTEN_BY: tuple[str, ...] = (
    "written by",
    "geschrieben von",
    "verfasst von",
    "escrito por",
    "écrit par",
    "rédigé par",
    "scritto da",
)
_WRITTEN_BY += (
    "geschreven door",
    "napisane przez",
    "yazan",
    "yazar",
    "автор",
    "autor",
    "author",
    "skrevet av",
    "von",
    "by",
)
MAX_AUTHORS = 30
MAX_PLACES = 80  # bylines looked at
MAX_PARTS = 40  # pieces of text in one byline
NO_NAME = "no name of a person or an agency in it"
KNOWN_PLACE = "byline, where the site has it"

Found = tuple[tuple[Author, ...], str]  # authors, source


def read_authors(
    declared: Declared, places: Places, outlet: frozenset[str], url: str, title: str = "", site: Site = UNKNOWN
) -> Found:
    """The authors and where they were read: the first source that names someone other than the outlet itself.

    The byline is looked for near the heading that shows the title.

    Where all sources name only the outlet, the first of them; ((), "") when nobody is named. What is known to
    be a section of the site is nobody's name, and where the site is known to have its bylines is looked at last.
    """
    house: Found = ((), "")
    for named, place in _sources(declared, places, url, title, site):
        authors = tuple(a for a in named if text_key(a.name) not in site.sections or is_house(a.name, outlet))
        source = place if authors == named else f"{place}, less the site's sections"
        if any(_is_someone(a.name, outlet, alone=not index) for index, a in enumerate(authors)):
            kept = authors if place == "json-ld" else tuple(a for a in authors if not is_house(a.name, outlet))
            return _linked((kept or authors)[:MAX_AUTHORS], declared, url), source
        if not house[0] and (authors or not house[1]) and named:
            house = tuple(a for a in authors if is_house(a.name, outlet)) or authors, source
    return house


def _is_someone(name: str, outlet: frozenset[str], *, alone: bool) -> bool:
    return not _nobody(name, outlet, alone=alone)


def _nobody(name: str, outlet: frozenset[str], *, alone: bool) -> str:
    """Why a name is nobody's; "" for a person or an agency.

    After the outlet's own name a single word is its town rather than a person. Neither is a user name: whoever wrote
    may be named by a later source.
    """
    if is_agency(name):
        return ""
    if is_house(name, outlet):
        return "the outlet itself"
    one_word = len(name.split()) == 1 and name < WHOLE_IN_A_WORD
    if is_handle(name) or (one_word and name.islower()):
        return "a user name"
    return "" if alone or not one_word else "a single word behind the outlet's name"


def stated_authors(
    declared: Declared, places: Places, outlet: frozenset[str], url: str, title: str, site: Site
) -> Iterator[Stated]:
    """All that `read_authors` looks at, in its order, and why some of it names nobody; then the other bylines."""
    shown: set[str] = set()
    for named, place in _sources(declared, places, url, title, site):
        names = ", ".join(author.name for author in named)
        shown.add(text_key(names))
        unfit = _nobody_of(named, outlet, site) if named else NO_NAME
        yield Stated(names or _written(declared, place), place, unfit)
    for element in places.bylines[:MAX_PLACES]:
        text = shown_text(element)
        names = ", ".join(author.name for author in _of_element(element, url))
        if text_key(names or text) not in shown:
            is_other = is_elsewhere(element) and not is_beside(element)
            why = "beside something else than the article" if is_other else "another byline is nearer to the headline"
            yield Stated(text, "byline", why if names else NO_NAME)


def _nobody_of(named: tuple[Author, ...], outlet: frozenset[str], site: Site) -> str:
    authors = [a for a in named if text_key(a.name) not in site.sections or is_house(a.name, outlet)]
    why = [_nobody(author.name, outlet, alone=not index) for index, author in enumerate(authors)]
    return "" if "" in why else why[0] if why else "a section of the site"


def _written(declared: Declared, place: str) -> str:
    """What is declared in a place where no name could be read, as it is written there."""
    kind, _, name = place.partition(" ")
    if kind == "json-ld":
        value = declared.resolve(declared.article.get(name or "author"))
        value = value.get("name") if isinstance(value, Mapping) else value
        return plain(value)
    return ", ".join(map(plain, declared.meta.get(name, ()))) if kind == "meta" else ""


def _sources(declared: Declared, places: Places, url: str, title: str, site: Site) -> Iterator[Found]:
    yield _declared_people(declared, declared.article.get("author"), url), "json-ld"
    for name, values in ((name, declared.meta.get(name)) for name in META_AUTHORS):
        if values:
            yield _unlinked(_meta_names(name, list(values))), f"meta {name}"
    yield _unlinked(_written_by(declared)), "meta twitter:data"
    for field in ("creator", "contributor"):
        yield _declared_people(declared, declared.article.get(field), url), f"json-ld {field}"
    yield visible_authors(places, url, title), "byline"
    yield from ((_unlinked(names), "byline") for names in unmarked_bylines(places))
    yield from ((_unlinked(names), KNOWN_PLACE) for names in known_bylines(places, site.byline_places))


def _declared_people(declared: Declared, value: Any, url: str) -> tuple[Author, ...]:
    """Every shape that a JSON-LD author comes in: a string, a node, a reference, lists of these, lists in names."""
    found: dict[str, Author] = {}
    queue = [value]
    for item in queue:  # grows while lists are opened
        item = declared.resolve(item)
        if isinstance(item, list):
            queue.extend(item[:MAX_AUTHORS])
        for author in _of_node(item, url) if isinstance(item, Mapping) else _of_string(item):
            found.setdefault(text_key(author.name), author)
        if len(queue) > 200:
            break
    return tuple(found.values())


def _of_string(value: Any) -> Iterator[Author]:
    if isinstance(value, str):
        yield from (Author(name=name) for name in read_names(value, structured=True))


def _of_node(node: Mapping[str, Any], url: str) -> Iterator[Author]:
    if types_of(node) & {"ImageObject", "WebPage", "WebSite", "Article", "NewsArticle"}:
        return
    given = [plain(node.get(part)) for part in ("givenName", "familyName")]
    value = node.get("name") or node.get("byline") or " ".join(filter(None, given))
    names = [
        name
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
        for name in read_names(text, structured=True)
    ]
    link = web_address(url, node.get("url")) if len(names) == 1 else None
    yield from (Author(name=name, url=link) for name in names)


def _unlinked(names: list[str]) -> tuple[Author, ...]:
    return tuple(Author(name=name) for name in {text_key(name): name for name in reversed(names)}.values())[::-1]


def _meta_names(name: str, values: list[str]) -> list[str]:
    if name in _INVERTED:
        values = [_turned(value) for value in values]
    return [found for value in values if not is_handle(value) for found in read_names(value, structured=True)]


def _turned(value: str) -> str:
    last, comma, first = value.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and "," not in first and not is_agency(last) else value


def _written_by(declared: Declared) -> list[str]:
    for index in "12":
        label = (declared.first(f"twitter:label{index}") or "").strip(" :").casefold()
        if label in _WRITTEN_BY:
            return read_names(declared.first(f"twitter:data{index}") or "", structured=True)
    return []


def visible_authors(places: Places, url: str, title: str = "") -> tuple[Author, ...]:
    """The names in the byline that stands nearest to the headline: the heading that shows the title, else the last."""
    shown = (e for e in places.h1 if title and text_key(title) in text_key(shown_text(e)))
    heading = places.order[next(shown, places.h1[-1])] if places.h1 else -1
    after = [e for e in places.bylines if places.order[e] > heading]
    before = [e for e in places.bylines if places.order[e] < heading]
    near = (*after[:MAX_PLACES], *before[: -MAX_PLACES - 1 : -1])
    for element in _own(near):
        if authors := _of_element(element, url):
            return _with_neighbours(element, authors, places, url)
    return next((_unlinked(names) for names in map(_first_name, _own(near)) if names), ())


def _own(bylines: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """The bylines that belong to the article, those in its margin and foot last."""
    yield from (e for e in bylines if not is_elsewhere(e))
    yield from (e for e in bylines if is_beside(e))


def _with_neighbours(first: HtmlElement, authors: tuple[Author, ...], places: Places, url: str) -> tuple[Author, ...]:
    """Authors that follow in sister elements of the same kind: one element a name is common."""
    found = {text_key(a.name): a for a in authors}
    near = {box for box in islice(first.iterancestors(), 2) if box.tag != "body"}
    for element in places.bylines:
        same = element.tag == first.tag and words_of(element) == words_of(first)
        same = same and is_elsewhere(element) == is_elsewhere(first)
        if same and element is not first and near & {element.getparent(), *islice(element.iterancestors(), 1, 2)}:
            for author in _of_element(element, url):
                found.setdefault(text_key(author.name), author)
    return tuple(found.values())


def _of_element(element: HtmlElement, url: str) -> tuple[Author, ...]:
    """The names in one byline: its author links where it has some, else its text."""
    text = shown_text(element)
    if not text or len(text) > MAX_BYLINE:
        return ()
    links = [a for a in element.iter("a") if a is element or is_author_link(a) or "author" in words_of(a)]
    found: dict[str, Author] = {}
    for link in links:
        names = [name for name in read_names(shown_text(link), structured=True) if len(name.split()) <= 4]
        href = web_address(url, link.get("href")) if len(names) == 1 else None
        for name in names:
            found.setdefault(text_key(name), Author(name=name, url=href))
    for name in _names_in(element, text) if not found else ():
        found.setdefault(text_key(name), Author(name=name))
    return tuple(found.values())


def _first_name(element: HtmlElement) -> list[str]:
    """The name in a byline that has a single word: "von Ulrike", "Lars"."""
    text = shown_text(element)
    names = read_names(text, structured=True) if len(text.split()) <= 2 else []
    return [name for name in names if name.istitle() and name.isalpha() and len(name) > 2]


def _names_in(element: HtmlElement, text: str) -> list[str]:
    """The names in a byline's text; a name that runs on over an element's end, into a job or a paper, ends there."""
    names = read_names(text, structured=element.get("itemprop") == "author")
    if all(len(name.split()) < 3 for name in names):
        return names
    parts = [name for part in islice(element.itertext(), MAX_PARTS) for name in read_names(clean_line(part))]
    return [next((part for part in parts if name.startswith(f"{part} ")), name) for name in names]


def _linked(authors: tuple[Author, ...], declared: Declared, url: str) -> tuple[Author, ...]:
    """A single author without an address gets the one in article:author, if that is on the page's own site."""
    if len(authors) != 1 or authors[0].url:
        return authors
    pages = [web_address(url, value) for value in declared.meta.get("article:author", ()) if "://" in value]
    own = [page for page in pages if page and site_of(page) == site_of(url)]
    return (Author(name=authors[0].name, url=own[0]),) if len(own) == 1 else authors
