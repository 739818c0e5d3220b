"""The headline: what a page declares and shows as its title, without the outlet's name, sections and live markers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.extraction.declared import Declared
from crawler.extraction.outlet import plain
from crawler.extraction.text import clean_line, text_key
from crawler.extraction.visible import Places, shown_text
from crawler.items import Hint

_BAR = r"\s+[|–—·•›»«~:/\\-]+\s+|\s*[|｜ㅣǀ：]+\s*"
_BARS = re.compile(f"({_BAR})")
_ENDING = re.compile(r"\.\w{2,5}$")
OPEN_END = re.compile(r"\s*\[?(?:…|\.\.\.)\]?$")  # where a text was cut
_LIVE = re.compile(
    r"^(?:live(?:[ -]?(?:blog|ticker|updates?|news|feed))?|en vivo|en directo|en direct|ao vivo|in diretta|diretta"
    r"|na żywo|canlı|онлайн|наживо|breaking(?: news)?|eilmeldung)$",
    re.IGNORECASE,
)
MAX_TITLE = 400
MIN_ADDRESS_WORDS = 3
CUT_LENGTH = 105  # search engines show 110 characters of a headline, and many systems cut theirs there

Candidate = tuple[str, str]  # text, source


def read_title(declared: Declared, places: Places, outlet: frozenset[str], hint: Hint | None) -> Candidate:
    """The headline and where it was read; ("", "") when the page has none.

    The first of the candidates leads: what the page declares for machines, then what it shows. The others correct it:
    a cut headline, a section or live marker that the visible headline lacks, an odd spelling.
    """
    sections = {text_key(plain(s)) for s in (declared.article.get("articleSection"), declared.first("article:section"))}
    candidates = [
        (cleaned, source)
        for text, source in _candidates(declared, places, outlet)
        if (cleaned := without_outlet(plain(text)[: 2 * MAX_TITLE], outlet, frozenset(sections)))
        and len(cleaned) <= MAX_TITLE
        and text_key(cleaned) not in outlet
    ]
    keys = {text_key(text) for text, _ in candidates}
    candidates = [(_as_others(text, keys), source) for text, source in candidates]
    if not candidates:
        said = plain(hint.title) if hint else ""
        return (said, str(hint.found_by)) if hint and said else ("", "")
    return _corrected(candidates)


def last_resort(url: str, places: Places) -> Candidate:
    """A title for a page that names only its outlet: the words of its address, or whatever stands in ``<title>``.

    >>> last_resort("https://example.org/news/ferry-crews-vote-again/ar-BB12", Places())
    ('Ferry crews vote again', 'url')
    """
    segments = [_ENDING.sub("", unquote(part)) for part in urlsplit(url).path.split("/")]
    words = max((re.split(r"[-_+ ]+", part) for part in segments), key=len)
    spoken = [word for word in words if word.isalpha() or word.isdecimal()]
    if len(spoken) >= MIN_ADDRESS_WORDS:
        text = clean_line(" ".join(spoken))
        return text[:1].upper() + text[1:], "url"
    return (places.document, "title") if places.document else ("", "")


def _candidates(declared: Declared, places: Places, outlet: frozenset[str]) -> Iterator[tuple[object, str]]:
    og = declared.first("og:title")
    yield declared.article.get("headline"), "json-ld"
    yield main_heading(places, outlet, (declared.article.get("headline"), og, places.document)), "h1"
    if places.headline is not None:
        yield shown_text(places.headline), "headline"
    yield og, "meta og:title"
    yield declared.first("twitter:title"), "meta twitter:title"
    for name in ("parsely-title", "sailthru.title", "dc.title", "dcterms.title", "citation_title"):
        yield declared.first(name), f"meta {name}"
    yield declared.article.get("name"), "json-ld"
    yield places.document, "title"


def main_heading(places: Places, outlet: frozenset[str], others: Iterable[object]) -> str:
    """The text of the heading that says the same as the declared titles, else of the first that can be a headline."""
    declared = [set(fold(plain(other)).split()) for other in others]

    def agreement(text: str) -> float:
        words = set(fold(text).split())
        return max((2 * len(words & other) / (len(words) + len(other)) for other in declared if other), default=0.0)

    h1 = _texts(places.h1, outlet)
    for texts in (h1, _texts(places.titled, outlet)):
        best = max(texts, key=agreement, default="")
        if best and agreement(best) >= 0.4:
            return best
    return next((text for text in h1 if len(text.split()) > 2), "")


def _texts(elements: Iterable[HtmlElement], outlet: frozenset[str]) -> list[str]:
    """The elements' texts without their kickers, and whole: which of the two is meant, the declared titles tell."""
    pairs = [(shown_text(e, headline=True), shown_text(e)) for e in islice(elements, 10)]
    texts = [text for bare, whole in pairs for text in (bare if 2 * len(bare) >= len(whole) else whole, whole)]
    return [text for text in texts if text and len(text) <= MAX_TITLE and text_key(text) not in outlet]


def without_outlet(title: str, outlet: frozenset[str], sections: frozenset[str] = frozenset()) -> str:
    """The title without the outlet's name at its end or start, and without the sections before that name.

    >>> without_outlet("Rain at last - Weather - The Example", frozenset({"theexample"}), frozenset({"weather"}))
    'Rain at last'
    """
    parts = _BARS.split(title)
    if len(parts) > 2 and _names_outlet(parts[-1], outlet):
        parts = parts[:-2]
        while len(parts) > 2 and (text_key(parts[-1]) in sections or _names_outlet(parts[-1], outlet)):
            parts = parts[:-2]
    if len(parts) > 2 and text_key(parts[0]) in outlet and parts[1].strip() != ":":
        parts = parts[2:]
    return "".join(parts).strip()


def _as_others(title: str, keys: set[str]) -> str:
    """The title without an ending that another candidate lacks: "Rain at last | Weather" beside "Rain at last"."""
    parts = _BARS.split(title)
    for end in range(len(parts) - 2, 0, -2):
        shorter = "".join(parts[:end])
        if len(shorter) >= 12 and text_key(shorter) in keys and parts[end].strip() != ":":
            return shorter
    return title


def _names_outlet(part: str, outlet: frozenset[str]) -> bool:
    name = text_key(part)
    if not name or len(part.split()) > 8:
        return False
    return name in outlet or any(
        len(known) >= 4
        and (name.startswith(known) or name.endswith(known) or (len(name) >= 4 and known.startswith(name)))
        for known in outlet
    )


def _corrected(candidates: list[Candidate]) -> Candidate:
    title, source = candidates[0]
    h1 = next((text for text, where in candidates if where == "h1"), "")
    rest = [text for text, _ in candidates[1:]]
    title = _whole(title, rest)
    title = _bare(title, h1, rest)
    return _usual_spelling(title, candidates), source


def _whole(title: str, others: list[str]) -> str:
    """A title that was cut, completed from another that begins with it."""
    stem = OPEN_END.sub("", title).rstrip()
    if stem == title and len(title) < CUT_LENGTH:
        return title
    longer = (
        o for o in others if len(o) > len(title) and text_key(o).startswith(text_key(stem)) and not OPEN_END.search(o)
    )
    return next(longer, title)


def _bare(title: str, h1: str, others: list[str]) -> str:
    """The visible headline where the title is that after a live marker, or after a kicker that others lack too."""
    if not h1 or len(h1) < 12 or len(h1) >= len(title):
        return title
    folded, visible = fold(title), fold(h1)
    if folded.endswith(visible):
        head = title[: len(title) - len(h1)].rstrip()
        agreed = any(fold(other) == visible for other in others if other is not h1)
        if head[-1:] in tuple(":|–—-·•»/") and (_LIVE.match(head.rstrip(" :|–—-·•»/")) or agreed):
            return h1
    return title


def _usual_spelling(title: str, candidates: list[Candidate]) -> str:
    """Of the candidates that differ in punctuation alone, the form that most have; the earlier one when they tie."""
    same = [text for text, _ in candidates if text_key(text) == text_key(title)]
    forms = Counter(fold(text) for text in same)
    if (
        not forms
        or forms[fold(title)] == max(forms.values())
        or any(where == "h1" and fold(text) == fold(title) for text, where in candidates)
    ):
        return title
    usual = max(forms, key=lambda form: forms[form])
    return next(text for text in same if fold(text) == usual)


_QUOTES = str.maketrans(
    {**dict.fromkeys("‘’‚‛′´`‹›", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)


def fold(text: str) -> str:
    """Text with one kind of quote and dash, without case, for comparing; as long as the text in ordinary cases."""
    return text.translate(_QUOTES).casefold()
