"""What an element's tag, class, id and role say of the text inside it, read from structure.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from lxml.html import HtmlElement

from crawler.items import Kind

# what certain tags say by themselves (HTML Living Standard, sections and grouping content)
TAG_MARKS = {
    "nav": "menu",
    "footer": "menu",
    "menu": "menu",
    "figcaption": "caption",
    "address": "byline",
    "form": "form",
    "dialog": "menu",
    "aside": "aside",
    "figure": "figure",
}
NO_MARKS: frozenset[str] = frozenset()
_TAG_MARKS = {tag: frozenset((mark,)) for tag, mark in TAG_MARKS.items()}
_HIDDEN = frozenset(("hidden",))
ROLE_MARKS = {"navigation": "menu", "contentinfo": "menu", "complementary": "aside", "banner": "menu", "search": "menu"}
TAG_KINDS = {"aside": Kind.OTHER, "form": Kind.OTHER, "figure": Kind.CAPTION}
# a single heading or paragraph is no menu, whatever its name: "toc" or "nav" there makes it a target of one
NOT_OF_TEXT = frozenset(("menu",))
NAMED_BY = frozenset(("class", "id", "data-testid", "data-component", "data-type", "itemprop"))
HIDING_STYLES = ("display:none", "visibility:hidden", "clip:rect(0", "clip-path:inset(50%)")
TEXT_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "a", "span", "li"))
_ROLE_MARKS = {role: (mark,) for role, mark in ROLE_MARKS.items()}
_TELLING = NAMED_BY | {"role"}
MAX_NAME_CHARS = 400  # longer ones are utility-class soup, and strangers write them

# letters that are no word by themselves in the languages written with Latin letters; "A man", "V Praze", "W Polsce"
NO_WORDS = frozenset("BCDFGHJLMNPQRTX")
MAX_INITIAL_CHARS = 40  # with the white space round the letter
MAX_SIGN_CHARS = 12  # of an emoji, which may be built of several
SMALL_PICTURE = 64  # CSS pixels; pictures that part the text are wider

_SMALL_PICTURE = re.compile(" (?:emojis?|smil(?:ey|ies|ie)|icons?) ")
_INITIAL = re.compile(" (?:drop ?caps?|drop letter|initial(?: letter)?|first letter|lettrine) ")
_LETTER = re.compile(r"\w")
# WordPress (get_post_class) names a post by its type and status, and after its microformat by its categories and tags
_TERMS = re.compile(r"(?<=\shentry)\s.*", re.DOTALL)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@cache
def _rulebook() -> tuple[dict[str, Kind], re.Pattern[str]]:
    text = (files("crawler.extraction") / "structure.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    kinds = {mark: Kind(table["kind"]) for mark, table in tables.items()} | TAG_KINDS
    groups = (
        f"(?P<{mark}>{'|'.join(map(re.escape, sorted(table['words'], key=len, reverse=True)))})"
        for mark, table in tables.items()
    )
    return kinds, re.compile(f" (?:{'|'.join(groups)})(?= )")


def kind_of_mark(mark: str) -> Kind:
    """What a text cut for this mark is called in the trail.

    >>> kind_of_mark("share").value
    'share bar'
    """
    return _rulebook()[0][mark]


def words_of_name(name: str) -> str:
    """A class or id as lower-case words, with a space at both ends.

    >>> words_of_name("ArticleBody__read-more js-x2")
    ' article body read more js x2 '
    """
    return f" {_NOT_WORD.sub(' ', _CAMEL.sub(' ', name[:MAX_NAME_CHARS]).lower()).strip()} "


@lru_cache(maxsize=8192)  # strangers write the names
def _marks_of_name(name: str) -> frozenset[str]:
    return frozenset(m.lastgroup for m in _rulebook()[1].finditer(words_of_name(name)) if m.lastgroup)


def marks_of(element: HtmlElement) -> frozenset[str]:
    """The marks that an element sets on all text inside it."""
    tag = element.tag
    by_tag = _TAG_MARKS.get(tag, NO_MARKS)
    attributes = element.items()
    if not attributes:
        return by_tag
    # cut before they are kept: a stranger's name may have megabytes
    named = tuple([(attribute, name[:MAX_NAME_CHARS]) for attribute, name in attributes if attribute in _TELLING])
    found = _marks_of_names(tag, named) if named else by_tag
    return found | _HIDDEN if is_hidden(element) else found


@lru_cache(maxsize=8192)  # most elements of a page are called as others are
def _marks_of_names(tag: str, named: tuple[tuple[str, str], ...]) -> frozenset[str]:
    found = set(_TAG_MARKS.get(tag, NO_MARKS))
    is_text = tag in TEXT_TAGS
    for attribute, name in named:
        if attribute == "role":
            found.update(_ROLE_MARKS.get(name, ()))
        # the id of a heading or paragraph is the address of a place in the text, not the name of a part
        elif not (is_text and attribute == "id"):
            found |= _marks_of_name(_TERMS.sub("", name) if attribute == "class" else name)
    return frozenset(found - NOT_OF_TEXT if is_text else found)


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element itself says that a reader does not see it."""
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    if not style:
        return False
    style = style.replace(" ", "").lower()
    return any(hiding in style for hiding in HIDING_STYLES)


def initial_of(element: HtmlElement) -> str:
    """The large first letter of a text that an element holds, or shows as a picture; empty where it does not."""
    letter = (element.get("alt") if element.tag == "img" else element.text) or ""
    letter = letter.strip() if len(letter) < MAX_INITIAL_CHARS and not len(element) else ""
    if len(letter) != 1 or not letter.isupper():
        return ""
    if element.tag == "img" and (element.tail or "")[:1].islower():
        return letter
    return letter if _INITIAL.search(words_of_name(element.get("class") or "")) else ""


def is_break(element: HtmlElement) -> bool:
    """Whether an empty span is there to end the line."""
    is_empty = not len(element) and not element.text
    return is_empty and " br " in words_of_name(element.get("class") or "")


def text_of_picture(image: HtmlElement) -> str:
    """What a picture that runs on in its line says: a first letter, an emoji, a dash; a space for an icon.

    Empty where the picture parts the text.
    """
    if letter := initial_of(image):
        return letter
    if not is_small_picture(image):
        return ""
    sign = (image.get("alt") or "").strip()
    return f" {sign}" if sign and len(sign) <= MAX_SIGN_CHARS and not _LETTER.search(sign) else " "


def is_small_picture(image: HtmlElement) -> bool:
    """Whether a picture runs on in its line as a letter does: a smiley, an icon."""
    width = (image.get("width") or "").strip().removesuffix("px")
    if width.isascii() and width.isdigit():
        return int(width[:6]) <= SMALL_PICTURE
    return _SMALL_PICTURE.search(words_of_name(image.get("class") or "")) is not None
