"""The places of a page where a reader finds headline, standfirst and byline, gathered in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.text import clean_line

# in one expression, so that the page is walked once, in C
_CANDIDATES = etree.XPath(
    "descendant::*[self::h1 or self::address or @itemprop or @rel='author' or contains(@rel, 'author')"
    " or contains(@class, 'uthor') or contains(@class, 'yline') or contains(@class, 'utor') or contains(@class, 'riter')"
    " or contains(@class, 'itle') or contains(@class, 'eadline') or contains(@class, 'tandfirst')"
    " or contains(@class, 'ubtitle') or contains(@class, 'edakt') or contains(@class, 'eporter')"
    " or contains(@class, 'ournalist') or contains(@class, 'kicker') or contains(@class, 'byl')"
    " or contains(@class, 'auteur') or contains(@class, 'erfasser') or contains(@class, 'ontributor')"
    " or contains(@href, '/author') or contains(@href, '/autor') or contains(@id, 'uthor') or contains(@id, 'yline')]"
)
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
# parts of a page that speak of something else than the article
ELSEWHERE = frozenset(
    """comment comments commentlist disqus related recommended recommendation recommendations recirc sidebar widget
    popular trending newsletter promo footer nav navigation menu teaser teasers outbrain taboola breadcrumb breadcrumbs
    caption figcaption mostread latest cookie modal search gallery
    """.split()
)
_ELSEWHERE_TAGS = frozenset(
    ("aside", "nav", "footer", "figure", "figcaption", "form", "script", "style", "template", "noscript")
)
_BLOCKS = frozenset(
    "div p li ul ol section header h1 h2 h3 h4 h5 h6 br td tr table article span address dt dd time small".split()
)
# text in a headline element that is not the headline
_ASIDE_WORDS = frozenset(
    """kicker overline eyebrow topline dachzeile spitzmarke label badge icon category section hidden hide invisible
    tooltip sr screenreader screen prefix supertitle pretitle roofline antetitulo volanta flag rubric""".split()
)
_JOINT = re.compile(r"\x1f+(?=[:;,.!?](?:\s|$))")  # no space is made where a block begins with a stop
_UNREAD = frozenset(("script", "style", "svg", "noscript", "template"))
MAX_CANDIDATES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Elements in document order; ``document`` is the title element's text."""

    h1: tuple[HtmlElement, ...] = ()
    titled: tuple[HtmlElement, ...] = ()  # itemprop=headline, or a class that says so
    bylines: tuple[HtmlElement, ...] = ()
    standfirsts: tuple[HtmlElement, ...] = ()
    order: dict[HtmlElement, int] = field(default_factory=dict)
    document: str = ""


def words_of(element: HtmlElement) -> frozenset[str]:
    """The words in an element's class, id and itemprop, lower-cased.

    >>> from lxml.html import fromstring
    >>> sorted(words_of(fromstring('<p class="ArticleByline__name" itemprop="author">')))
    ['article', 'author', 'byline', 'name']
    """
    text = " ".join(filter(None, (element.get("class"), element.get("id"), element.get("itemprop"))))
    return frozenset(word.lower() for word in _WORD_STARTS.split(text) if word)


def find_places(tree: HtmlElement) -> Places:
    """Where the page shows its headline and who wrote it, without what belongs to other articles or to comments."""
    found: dict[str, list[HtmlElement]] = {"h1": [], "titled": [], "bylines": [], "standfirsts": []}
    order: dict[HtmlElement, int] = {}
    for index, element in enumerate(_CANDIDATES(tree)[:MAX_CANDIDATES]):
        order[element] = index
        for place in _kinds(element):
            found[place].append(element)
    title = tree.find(".//title")
    return Places(
        h1=tuple(found["h1"]),
        titled=tuple(found["titled"]),
        bylines=tuple(e for e in found["bylines"] if not is_elsewhere(e)),
        standfirsts=tuple(e for e in found["standfirsts"] if not is_elsewhere(e)),
        order=order,
        document=clean_line(title.text or "") if title is not None else "",
    )


def _kinds(element: HtmlElement) -> Iterator[str]:
    tag = element.tag
    if tag == "h1":
        yield "h1"
        return
    if tag in ("meta", "link", "html", "body", "script", "style", "img", "input", "svg", "button"):
        return
    words = words_of(element)
    if "author" in (element.get("rel") or "").split() or words & BYLINE_WORDS or tag == "address":
        yield "bylines"
    elif tag == "a" and "/aut" in (element.get("href") or ""):
        yield "bylines"
    elif words & STANDFIRST_WORDS:
        yield "standfirsts"
    elif words & HEADLINE_WORDS and tag in ("h2", "h3", "p", "div", "span"):
        yield "titled"


def is_elsewhere(element: HtmlElement) -> bool:
    """Whether the element stands in comments, teasers, navigation and the like."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag in ("article", "main", "body"):
            return False
        if ancestor.tag in _ELSEWHERE_TAGS or words_of(ancestor) & ELSEWHERE:
            return True
    return False


def shown_text(element: HtmlElement, *, headline: bool = False) -> str:
    """The element's text with a space where blocks meet; for a headline without kicker, badge and hidden parts."""
    text = _JOINT.sub("", "".join(_pieces(element, headline=headline)))
    return clean_line(text.replace("\x1f", " "))


def _pieces(element: HtmlElement, *, headline: bool) -> Iterator[str]:
    """Without recursion: pages nest as deep as they like."""
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            if node is not element and (node.tag in _UNREAD or (headline and _is_aside(node))):
                walk.skip_subtree()
                continue
            yield ("\x1f" if node.tag in _BLOCKS else "") + (node.text or "")
        elif node is not element:
            yield ("\x1f" if event == "end" and node.tag in _BLOCKS else "") + (node.tail or "")


def _is_aside(element: HtmlElement) -> bool:
    return bool(words_of(element) & _ASIDE_WORDS) or element.get("aria-hidden") == "true"
