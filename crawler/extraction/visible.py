"""The places of a page where a reader finds headline, standfirst and byline, gathered in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction import tags
from crawler.extraction.tags import ARTICLE_HOLDERS, CODE, NO_PLACES, SPACED
from crawler.extraction.text import clean_line

# a first, quick look at a class: whether any of the words below may be in it
_HINT = re.compile(
    r"uthor|uteur|utor|riter|yline|byl|itle|eadline|tandfirst|ubhead|abstract|lede|sapo|orspann|ntertitel|edakt|eporter"
    r"|ournalist|ontributor|erfasser|reator|dek\b|deck|leadtext",
)
_AUTHOR_PAGE = re.compile(r"/aut(?:h?ors?|or(?:en|es|in|i|e|a)|eurs?)(?:[/?=.-]|$)")
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")
BYLINE_WORDS = frozenset(
    """author authors byline bylines autor autoren autorin autore autori autora autores auteur auteurs writer writers
    writtenby redakteur reporter journalist contributor contributors verfasser authorname bylinename creator byl
    byauthor postauthor entryauthor authorlink articleauthor""".split()
)
STANDFIRST_WORDS = frozenset(
    "standfirst subtitle subheadline dek deck abstract lede leadtext sapo vorspann untertitel".split()
)
HEADLINE_WORDS = frozenset("headline title".split())
# words beside the byline's own that say it is about the writer or a picture
_ABOUT_WORDS = frozenset("bio biography description license licence credit avatar position stories".split())
# parts of a page that speak of something else than the article
ELSEWHERE = frozenset(
    """comment comments commentlist disqus related recommended recommendation recommendations recirc sidebar widget
    popular trending newsletter promo footer nav navigation menu teaser teasers outbrain taboola breadcrumb breadcrumbs
    caption figcaption mostread latest cookie modal search gallery
    """.split()
)
# of these, what may hold the article's own byline
_BESIDE_TAGS = frozenset(("aside", "footer"))
_BESIDE_WORDS = frozenset("footer sidebar widget breadcrumb breadcrumbs".split())
# text in a headline element that is not the headline
_ASIDE_WORDS = frozenset(
    """kicker overline eyebrow topline dachzeile spitzmarke label badge icon category section hidden hide invisible
    tooltip sr screenreader screen prefix supertitle pretitle roofline antetitulo volanta flag rubric""".split()
)
_UNREAD = CODE | {"rt", "rp"}  # code, and how to say the characters beside it
_JOINT = re.compile(r"\x1f+(?=[:;,.!?](?:\s|$))")  # no space is made where a block begins with a stop
_PLAIN_TAGS = ("h2", "h3", "div", "p", "span", "b", "strong", "font", "td")
MAX_PLAIN = 5000  # elements looked at
MIN_HEADLINE = 20  # characters
MAX_CANDIDATES = 1000
MAX_EVENTS = 600  # starts and ends of elements: no headline, standfirst or byline has more in it
MAX_ANCESTORS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Elements in document order; ``document`` is the title element's text."""

    h1: tuple[HtmlElement, ...] = ()
    titled: tuple[HtmlElement, ...] = ()  # itemprop=headline, or a class that says so
    bylines: tuple[HtmlElement, ...] = ()
    standfirsts: tuple[HtmlElement, ...] = ()
    order: dict[HtmlElement, int] = field(default_factory=dict)
    document: str = ""
    headline: HtmlElement | None = None  # what shows the title where the page has no h1


def words_of(element: HtmlElement) -> frozenset[str]:
    """The words in an element's class, id and itemprop, lower-cased.

    >>> from lxml.html import fromstring
    >>> sorted(words_of(fromstring('<p class="ArticleByline__name" itemprop="author">')))
    ['article', 'author', 'byline', 'name']
    """
    text = " ".join(filter(None, (element.get("class"), element.get("id"), element.get("itemprop"))))
    return frozenset(word.lower() for word in _WORD_STARTS.split(text) if word)


def find_places(tree: HtmlElement) -> Places:
    """Where the page may show its headline and who wrote it; some of it may belong to teasers or comments."""
    found: dict[str, list[HtmlElement]] = {"h1": [], "titled": [], "bylines": [], "standfirsts": []}
    order: dict[HtmlElement, int] = {}
    for element in tree.iter(etree.Element):
        if place := _place(element):
            order[element] = len(order)
            found[place].append(element)
            if len(order) >= MAX_CANDIDATES:
                break
    title = tree.find(".//title")
    document = clean_line(title.text or "") if title is not None else ""
    return Places(
        h1=tuple(found["h1"]),
        titled=tuple(found["titled"]),
        bylines=tuple(found["bylines"]),
        standfirsts=tuple(found["standfirsts"]),
        order=order,
        document=document,
        headline=None if found["h1"] else plain_headline(tree, document),
    )


def plain_headline(tree: HtmlElement, title: str) -> HtmlElement | None:
    """The first element without a heading's tag that says the title, or what of it stands before the outlet's name."""
    wanted = " ".join(title.split()).casefold()
    for element in islice(tree.iter(*_PLAIN_TAGS), MAX_PLAIN):
        text = " ".join((element.text or "").split()).casefold()
        if len(text) >= MIN_HEADLINE and wanted.startswith(text) and element.getparent().tag != "a":
            return element
    return None


def _place(element: HtmlElement) -> str | None:
    tag = element.tag
    if tag == "h1":
        return "h1"
    if tag in NO_PLACES:
        return None
    if tag == "address" or (tag == "a" and is_author_link(element)):
        return "bylines"
    hint = element.get("class")
    if not (hint and _may_hint(hint)) and not element.get("itemprop"):
        return None
    words = words_of(element)
    if words & BYLINE_WORDS:
        return None if words & _ABOUT_WORDS else "bylines"
    if words & STANDFIRST_WORDS:
        return "standfirsts"
    return "titled" if words & HEADLINE_WORDS and tag in ("h2", "h3", "p", "div", "span") else None


@lru_cache(maxsize=4096)
def _may_hint(name: str) -> bool:
    return bool(_HINT.search(name))


def is_author_link(link: HtmlElement) -> bool:
    """Whether a link leads to an author's page, by its relation or its address.

    >>> from lxml.html import fromstring
    >>> [is_author_link(fromstring(f'<a href="{h}">')) for h in ("/authors/ann", "/autor/2", "/autos/2")]
    [True, True, False]
    """
    href = link.get("href") or ""
    return ("/aut" in href and bool(_AUTHOR_PAGE.search(href))) or "author" in (link.get("rel") or "").split()


def is_elsewhere(element: HtmlElement) -> bool:
    """Whether the element stands in comments, teasers, navigation and the like."""
    for ancestor in (element, *islice(element.iterancestors(), MAX_ANCESTORS)):
        if ancestor.tag in ARTICLE_HOLDERS:
            return False
        if ancestor.tag in tags.ELSEWHERE or words_of(ancestor) & ELSEWHERE:
            return True
    return False


def is_beside(element: HtmlElement) -> bool:
    """Whether the element stands in the margin or the foot of an article, and in nothing else but the article."""
    for ancestor in (element, *islice(element.iterancestors(), MAX_ANCESTORS)):
        if ancestor.tag in ("article", "main"):
            return True
        if ancestor.tag in tags.ELSEWHERE - _BESIDE_TAGS or words_of(ancestor) & (ELSEWHERE - _BESIDE_WORDS):
            return False
    return False


def shown_text(element: HtmlElement, *, headline: bool = False) -> str:
    """The element's text with a space where blocks meet; for a headline without kicker, badge and hidden parts."""
    text = _JOINT.sub("", "".join(_pieces(element, headline=headline)))
    return clean_line(text.replace("\x1f", " "))


def _pieces(element: HtmlElement, *, headline: bool) -> Iterator[str]:
    """Without recursion: pages nest as deep as they like."""
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in islice(walk, MAX_EVENTS):
        if event == "start":
            if node is not element and (node.tag in _UNREAD or _is_undisplayed(node) or (headline and _is_aside(node))):
                walk.skip_subtree()
                continue
            yield ("\x1f" if node.tag in SPACED else "") + (node.text or "")
        elif node is not element:
            yield ("\x1f" if event == "end" and node.tag in SPACED else "") + (node.tail or "")


def _is_undisplayed(element: HtmlElement) -> bool:
    style = element.get("style")
    return bool(style) and "display:none" in style.replace(" ", "")


def _is_aside(element: HtmlElement) -> bool:
    return bool(words_of(element) & _ASIDE_WORDS) or element.get("aria-hidden") == "true"
