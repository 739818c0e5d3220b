"""All that a page says of its article beside text and dates: declared first, then visible, null if neither."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction.authors import read_authors
from crawler.extraction.candidates import Stated
from crawler.extraction.declared import Declared, types_of
from crawler.extraction.language import GUESSED, judge_language, stated_languages, written_otherwise
from crawler.extraction.outlet import outlet_keys, plain, read_publisher
from crawler.extraction.own_names import names_shown
from crawler.extraction.rights import read_rights
from crawler.extraction.subjects import MAX_SUBJECT, NO_SECTIONS, SECTIONS, first_section, readable_tags
from crawler.extraction.text import text_key
from crawler.extraction.titles import OPEN_END, last_resort, read_title
from crawler.extraction.visible import Places, find_places, is_elsewhere, shown_text
from crawler.identity import site_of, web_address
from crawler.items import Author, Page
from crawler.site import NameTrace

MAX_TAGS = 30
MAX_SUMMARY = 2000
MAX_BEHIND_TITLE = 15  # letters in a description after the title: the name of a section or an outlet
_TIERS = ("article:content_tier", "og:article:content_tier", "article:content-tier")
_SAMPLE = 1500  # characters of text, from which the script is judged

Declaration = tuple[Any, str]  # a value as declared, where


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What was read, field by field; ``sources`` says where each one was, for those that were found."""

    title: str
    authors: tuple[Author, ...]
    summary: str | None
    language: str | None  # BCP 47
    canonical_url: str | None
    image: str | None
    tags: tuple[str, ...]
    section: str | None
    publisher: str | None
    is_accessible_for_free: bool | None
    rights: dict[str, str]
    sources: dict[str, str]  # field → "json-ld", "meta og:title", "h1", "byline", "feed", …
    names: NameTrace = field(default_factory=NameTrace)  # what the site's memory is told
    written: str | None = None  # the language that its first paragraphs are plainly in, where that is another

    @property
    def text_language(self) -> str | None:
        """The language to read the text by."""
        return self.written or self.language


def read_metadata(tree: HtmlElement, declared: Declared, page: Page) -> Metadata:
    """Everything but text and dates, from a parsed page that is left as it is."""
    places = find_places(tree)
    outlet = outlet_keys(declared, page.url)
    title, title_source = read_title(declared, places, outlet, page.hint, page.site)
    if not title:
        title, title_source = last_resort(page.url, places)
    authors, authors_source = read_authors(declared, places, outlet, page.url, title, page.site)
    publisher = read_publisher(declared, page.url) or (None, "")
    sample = f"{title} {_sample(tree)}"
    language, language_source = judge_language(_languages(declared, page), sample)
    is_stated = bool(language) and language_source not in GUESSED  # a guess is of these words already
    found: dict[str, tuple[Any, str]] = {
        "title": (title, title_source),
        "authors": (authors, authors_source),
        "summary": _summary(declared, places, title),
        "language": (language, language_source),
        "canonical_url": _canonical(declared, page.url),
        "image": _first_address(_images(declared), page.url),
        "tags": _tags(declared),
        "section": _section(declared, publisher[0] or "", site_of(page.url)),
        "publisher": publisher,
        "is_accessible_for_free": _access(declared),
        "rights": read_rights(declared, page),
    }
    values = {name: value for name, (value, _) in found.items()}
    sources = {name: source for name, (_, source) in found.items() if source}
    names = names_shown(declared, places, authors, authors_source) if page.teaches else NameTrace()
    written = written_otherwise(language, sample) if is_stated else None
    return Metadata(**values, names=names, sources=sources, written=written)


def _strings(value: Any) -> Iterator[str]:
    """The strings in a declared value: itself, those of a list, the name of a node."""
    queue = [value]
    for item in queue:
        if isinstance(item, list) and len(queue) < 200:
            queue.extend(item[:100])
        elif isinstance(item, Mapping):
            queue.append(item.get("name") or item.get("@value"))
        elif text := plain(item):
            yield text


def _summary(declared: Declared, places: Places, title: str) -> Declaration:
    """The description, whole: one that was cut is replaced by another that goes on."""
    found = [(text, source) for value, source in _descriptions(declared, places) for text in islice(_strings(value), 1)]
    of_site = _of_site(declared)
    found = [(t, s) for t, s in found if not _no_summary(t, of_site, title)]
    whole = [(t, s) for t, s in found if not OPEN_END.search(t)]
    if not found:
        return None, ""
    stem = text_key(OPEN_END.sub("", found[0][0]))
    goes_on = [(t, s) for t, s in whole if text_key(t).startswith(stem)]
    return goes_on[0] if goes_on else found[0]


def stated_summaries(declared: Declared, places: Places, title: str) -> Iterator[Stated]:
    """All that a summary is looked for in, in its order, and why some of it is none."""
    of_site = _of_site(declared)
    for value, source in _descriptions(declared, places):
        for text in islice(_strings(value), 1):
            is_cut = OPEN_END.search(text)
            yield Stated(text, source, _no_summary(text, of_site, title) or ("is cut short" if is_cut else ""))


def _of_site(declared: Declared) -> set[str]:
    return {text_key(plain(node.get("description"))) for node in declared.of_type("WebSite", "Organization")}


def _no_summary(text: str, of_site: set[str], title: str) -> str:
    """Why a description is not the article's; "" for one that may be."""
    if len(text) > MAX_SUMMARY:
        return "longer than any summary"
    key = text_key(text)
    if not key or key in of_site:
        return "the site's description, not the article's" if key else "no words"
    return "says the title again" if _says_title(text, title) else ""


def _says_title(text: str, title: str) -> bool:
    """Whether a description is the title, or the title with the section or the outlet behind it."""
    key, title_key = text_key(text), text_key(title)
    return bool(title_key) and key.startswith(title_key) and len(key) - len(title_key) <= MAX_BEHIND_TITLE


def _descriptions(declared: Declared, places: Places) -> Iterator[Declaration]:
    yield declared.article.get("description"), "json-ld"
    for name in ("og:description", "description", "twitter:description", "sailthru.description", "dc.description"):
        yield declared.first(name), f"meta {name}"
    for element in places.standfirsts[:3]:
        yield "" if is_elsewhere(element) else shown_text(element), "standfirst"


def stated_page_languages(tree: HtmlElement, declared: Declared, page: Page, title: str) -> Iterator[Stated]:
    """All that the language is looked for in, in its order, and why some of it is not the text's."""
    return stated_languages(_languages(declared, page), f"{title} {_sample(tree)}")


def _languages(declared: Declared, page: Page) -> Iterator[tuple[str | None, str]]:
    yield declared.html_lang, "html lang"
    yield next(_codes(declared.article.get("inLanguage")), None), "json-ld"
    for name in ("content-language", "dc.language", "dcterms.language", "language", "og:locale"):
        yield declared.first(name), f"meta {name}"
    if page.hint:
        yield page.hint.language, str(page.hint.found_by)
    yield page.site.language, "site"


def _codes(value: Any) -> Iterator[str]:
    """The language code in a string, a list or a node {"name": "English", "alternateName": "en"}."""
    for item in value if isinstance(value, list) else [value]:
        code = item.get("alternateName") or item.get("name") if isinstance(item, Mapping) else item
        if isinstance(code, str):
            yield code


def _sample(tree: HtmlElement) -> str:
    """Some text of the page's first paragraphs."""
    texts: list[str] = []
    for paragraph in islice(tree.iter("p"), 60):
        texts.append("".join(islice(paragraph.itertext("p", "a", "b", "em", "strong", "span"), 20))[:_SAMPLE])
        if sum(map(len, texts)) > _SAMPLE:
            break
    return " ".join(texts)[: 2 * _SAMPLE]


def _canonical(declared: Declared, url: str) -> Declaration:
    """The first declared address on the page's own site that is not the front page instead of this one."""
    fit = ((value, source) for value, source in _canonicals(declared) if not _not_canonical(value, url))
    return next(((web_address(url, value), source) for value, source in fit), (None, ""))


def stated_canonicals(declared: Declared, url: str) -> Iterator[Stated]:
    """The addresses that a page declares for itself, and why some of them are not its own."""
    return (Stated(value, source, _not_canonical(value, url)) for value, source in _canonicals(declared))


def _canonicals(declared: Declared) -> Iterator[tuple[str, str]]:
    yield from ((href, "link canonical") for href in declared.links.get("canonical", ())[:1])
    yield declared.first("og:url") or "", "meta og:url"


def _not_canonical(value: str, url: str) -> str:
    """Why a declared address cannot be the page's own; "" for one that can."""
    address = web_address(url, value)
    if not address:
        return "no web address"
    if site_of(address) != site_of(url):
        return "on another site"
    own, parts = urlsplit(url), urlsplit(address)
    front = parts.path in ("", "/") and not parts.query
    return "" if not front or (own.path in ("", "/") and not own.query) else "the front page's address"


def _images(declared: Declared) -> Iterator[Declaration]:
    for item in _each(declared.resolve(declared.article.get("image"))):
        node = declared.resolve(item)
        if isinstance(node, Mapping):
            yield from ((value, "json-ld") for name in ("url", "contentUrl") for value in _each(node.get(name)))
        else:
            yield node, "json-ld"
    for name in ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"):
        yield declared.first(name), f"meta {name}"
    yield next(iter(declared.links.get("image_src", ())), None), "link image_src"


def stated_images(declared: Declared, url: str) -> Iterator[Stated]:
    """All that an image is looked for in, in its order, and why some of it is none."""
    for value, source in _images(declared):
        yield Stated(plain(value), source, "" if web_address(url, value) else "no web address")


def _each(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]


def _first_address(candidates: Iterable[Declaration], url: str) -> Declaration:
    return next(((found, source) for value, source in candidates if (found := web_address(url, value))), (None, ""))


def _tags(declared: Declared) -> Declaration:
    """The first source that has any: keywords of the article, its tag properties, the page's keywords."""
    for value, source in _keywords(declared):
        if tags := _tags_in(value):
            return tags, source
    return (), ""


def stated_tags(declared: Declared) -> Iterator[Stated]:
    """All that tags are looked for in, in its order, and why some of it has none."""
    for value, source in _keywords(declared):
        tags = _tags_in(value)
        named = ", ".join(tags or islice(_strings(value), MAX_TAGS))
        yield Stated(named, source, "" if tags else "no words for a reader")


def _keywords(declared: Declared) -> Iterator[Declaration]:
    yield declared.resolve(declared.article.get("keywords")), "json-ld"
    for name in ("article:tag", "news_keywords", "parsely-tags", "keywords"):
        yield list(declared.meta.get(name, ())), f"meta {name}"


def _tags_in(value: Any) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in islice(_strings(value), 200):
        for tag in re.split(r"\s*[,;،、]\s*", text):
            if 1 < len(tag) <= MAX_SUBJECT and "://" not in tag:
                found.setdefault(tag.casefold(), tag)
    return readable_tags(list(found.values()))[:MAX_TAGS]


def _section(declared: Declared, *names: str) -> Declaration:
    """The first section that says something: neither a kind of page nor a name of the outlet."""
    no_section = NO_SECTIONS.union(map(text_key, names))
    return next(((t, s) for t, s in _sections(declared) if not _not_section(t, no_section)), (None, ""))


def stated_sections(declared: Declared, *names: str) -> Iterator[Stated]:
    """All that a section is looked for in, in its order, and why some of it is none; ``names`` are the outlet's."""
    no_section = NO_SECTIONS.union(map(text_key, names))
    return (Stated(text, source, _not_section(text, no_section)) for text, source in _sections(declared))


def _sections(declared: Declared) -> Iterator[tuple[str, str]]:
    yielded = [(declared.article.get("articleSection"), "json-ld")]
    yielded += [(declared.first(name), f"meta {name}") for name in SECTIONS]
    return ((first_section(text), source) for value, source in yielded for text in _strings(value))


def _not_section(text: str, no_section: frozenset[str]) -> str:
    """Why a declared section is none; "" for one that is."""
    if text_key(text) in no_section:
        return "a kind of page, or a name of the outlet"
    return "longer than any section's name" if len(text) > MAX_SUBJECT else ""


def _access(declared: Declared) -> Declaration:
    """schema.org isAccessibleForFree, of the article, its parts or its page; else the content tier of Open Graph."""
    article = declared.article
    nodes = [article, *(n for n in _each(article.get("hasPart")) if isinstance(n, Mapping))]
    nodes += [n for n in declared.nodes if types_of(n) & {"WebPage", "CreativeWork", "NewsArticle", "Article"}][:20]
    for node in nodes:
        said = _truth(node.get("isAccessibleForFree"))
        if said is not None:
            return said, "json-ld"
    said = _truth(declared.first("isaccessibleforfree"))  # microdata
    if said is not None:
        return said, "meta isaccessibleforfree"
    tier = (declared.first(*_TIERS) or "").strip().lower()
    said = {"free": True, "locked": False, "metered": False}.get(tier)
    return said, "meta article:content_tier" if said is not None else ""


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(re.split(r"[/#]", value.strip().lower())[-1])
    return value if isinstance(value, bool) else None
