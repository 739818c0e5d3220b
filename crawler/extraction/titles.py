"""The headline: what a page declares and shows as its title, without the outlet's name, sections and live markers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.extraction.candidates import Stated
from crawler.extraction.declared import Declared
from crawler.extraction.outlet import plain
from crawler.extraction.text import clean_line, text_key
from crawler.extraction.visible import Places, shown_text
from crawler.items import Hint
from crawler.site import UNKNOWN, Site

_BAR = r"\s+[|–—·•›»«~:/\\-]+\s+|\s*[|｜ㅣǀ：]+\s*"
BARS = re.compile(f"({_BAR})")
_EDGE = " |–—·•:/-"  # marks that part a headline from what was taken off it
_ENDING = re.compile(r"\.\w{2,5}$")
OPEN_END = re.compile(r"\s*\[?(?:…|\.\.\.)\]?$")  # where a text was cut
_LIVE = re.compile(
    r"^(?:live(?:[ -]?(?:blog|ticker|updates?|news|feed))?|en vivo|en directo|en direct|ao vivo|in diretta|diretta"
    r"|na żywo|canlı|онлайн|наживо|breaking(?: news)?|eilmeldung)$",
    re.IGNORECASE,
)
_LIVE_TOPIC = re.compile(
    r"^.{0,60}\b(?:LIVE|EN DIRECT|EN VIVO|EN DIRECTO|AO VIVO|DIRETTA|NA ŻYWO|CANLI)(?: UPDATES?)?\s*[:|–—-]"
)
_TOKEN = re.compile(r"[\u0e00-\u0eff\u2e80-\u9fff]|[^\W\u0e00-\u0eff\u2e80-\u9fff]+")
_GLUED = re.compile(r"[a-zß-ÿ0-9](?=[A-Z])|[.:,;!?](?=[^\W\d])")  # where a declared title lost a space
MAX_TITLE = 400
MIN_ADDRESS_WORDS = 3
MIN_LIKENESS = 0.4  # of a heading and a declared title that are one
MIN_HEADLINE = 12  # characters: less may be a name or a section
CUT_LENGTH = 105  # search engines show 110 characters of a headline, and many systems cut theirs there

Candidate = tuple[str, str]  # text, source


def read_title(
    declared: Declared, places: Places, outlet: frozenset[str], hint: Hint | None, site: Site = UNKNOWN
) -> Candidate:
    """The headline and where it was read; ("", "") when the page has none.

    The first of the candidates leads: what the page declares for machines, then what it shows. The others correct it:
    a cut headline, a section or live marker that the visible headline lacks, an odd spelling. What the site is known
    to write at the ends of all its titles is cut; the source says so where nothing on the page could tell it.
    """
    stated, sections = _stated(declared, places, outlet), _sections(declared)
    alone = _best(stated, outlet, sections)
    if site.title_ends or site.title_starts or site.sections:
        bare = [(_without_ends(text, site), source) for text, source in stated]
        title, source = _best(bare, outlet, site.sections.union(sections))
        if title not in ("", alone[0]):
            return title, f"{source}, less the site's title suffix"
    if not alone[0]:
        said = plain(hint.title) if hint else ""
        return (said, str(hint.found_by)) if hint and said else ("", "")
    return alone


def stated_titles(declared: Declared, places: Places, outlet: frozenset[str], site: Site) -> Iterator[Stated]:
    """All that `read_title` looks at, as it stands there, and why some of it cannot be a title; then other headings."""
    stated, known = _stated(declared, places, outlet), site.sections | _sections(declared)
    for text, source in stated:
        bare = without_outlet(_without_ends(text, site), outlet, known)
        is_live = _LIVE_TOPIC.match(bare)
        yield Stated(bare or text, source, _unfit(bare, outlet) or ("marked as live" if is_live else ""), text)
    main = next((text for text, source in stated if source == "h1"), "")
    others = (shown_text(element) for element in places.h1[:10])
    why = "another heading is nearer to the declared titles"
    yield from (Stated(text, "h1", why) for text in others if text != main)


def _stated(declared: Declared, places: Places, outlet: frozenset[str]) -> list[Candidate]:
    return [(plain(text)[: 2 * MAX_TITLE], source) for text, source in _candidates(declared, places, outlet)]


def _sections(declared: Declared) -> frozenset[str]:
    stated = (declared.article.get("articleSection"), declared.first("article:section"))
    return frozenset(text_key(plain(section)) for section in stated)


def _best(stated: Iterable[Candidate], outlet: frozenset[str], sections: frozenset[str]) -> Candidate:
    candidates = [
        (cleaned, source)
        for text, source in stated
        if not _unfit(cleaned := without_outlet(text, outlet, sections), outlet)
    ]
    keys = {text_key(text) for text, _ in candidates}
    candidates = [(_as_others(text, keys), source) for text, source in candidates]
    return _corrected(candidates) if candidates else ("", "")


def _unfit(title: str, outlet: frozenset[str]) -> str:
    """Why a text is no title, the outlet's name taken off; "" for one that may be."""
    if not title:
        return "empty"
    if len(title) > MAX_TITLE:
        return "longer than any headline"
    return "the outlet's own name" if text_key(title) in outlet else ""


def _without_ends(title: str, site: Site) -> str:
    """The title without what the site is known to write before and behind its headlines, and sections before that.

    >>> site = Site(title_ends=frozenset({"localnews"}), sections=frozenset({"weather"}))
    >>> [_without_ends(t, site) for t in ("Rain at last – Weather – Local news", "Snow – Weather", "Local news")]
    ['Rain at last', 'Snow – Weather', 'Local news']
    """
    parts, known = BARS.split(title), site.title_ends
    while len(parts) > 2 and text_key(parts[-1]) in known:
        parts, known = parts[:-2], site.title_ends | site.sections
    while len(parts) > 2 and text_key(parts[0]) in site.title_starts:
        parts = parts[2:]
    return "".join(parts)


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
    names = outlet | _site_names(declared, places.document)
    yield main_heading(places, names, (declared.article.get("headline"), og, places.document)), "h1"
    if places.headline is not None:
        yield shown_text(places.headline), "headline"
    yield declared.first("headline"), "meta headline"
    yield og, "meta og:title"
    yield declared.first("twitter:title"), "meta twitter:title"
    for name in ("parsely-title", "sailthru.title", "dc.title", "dcterms.title", "citation_title"):
        yield declared.first(name), f"meta {name}"
    yield declared.article.get("name"), "json-ld"
    yield places.document, "title"


def main_heading(places: Places, outlet: frozenset[str], others: Iterable[object]) -> str:
    """The text of the heading that says the same as the declared titles, else of the first that can be a headline."""
    declared = [plain(other)[:MAX_TITLE] for other in others if other]

    def agreement(text: str) -> float:
        return max((_likeness(text, other) for other in declared), default=0.0)

    keys = [text_key(other) for other in declared]
    h1 = _texts(places.h1, outlet, keys)
    for texts in (h1, _texts(places.titled, outlet, keys)):
        best = max(texts, key=agreement, default="")
        if best and agreement(best) >= MIN_LIKENESS:
            return best
    return next((text for text in h1 if len(text.split()) > 2), "")


def _likeness(heading: str, title: str) -> float:
    """From 0 to 1: the share of words (of characters, in scripts without spaces) that both have.

    At least 0.4 where the title begins with the heading: the rest may be the names of site and section.
    """
    shown, declared = fold(heading), fold(title)
    own, other = set(_TOKEN.findall(shown)), set(_TOKEN.findall(declared))
    share = 2 * len(own & other) / (len(own) + len(other) or 1)
    begins = own and declared.startswith(shown) and not declared[len(shown) : len(shown) + 1].isalnum()
    return max(share, MIN_LIKENESS) if begins else share


def _site_names(declared: Declared, document: str) -> frozenset[str]:
    """The keys of what ``<title>`` has behind the declared title: names of the site and its sections, no headlines."""
    titles = (declared.article.get("headline"), declared.first("og:title"), declared.first("twitter:title"))
    keys = {text_key(plain(title)) for title in titles} - {""}
    parts = BARS.split(document[:MAX_TITLE])
    ends = (end for end in range(1, len(parts), 2) if text_key("".join(parts[:end])) in keys)
    end = next(ends, len(parts))
    return frozenset(text_key(part) for part in parts[end + 1 :: 2]) - {""}


def _texts(elements: Iterable[HtmlElement], names: frozenset[str], declared: list[str]) -> list[str]:
    """The elements' texts: without their kickers, unless one of the declared titles (keys) begins with the whole."""
    texts = [_text(element, declared) for element in islice(elements, 10)]
    return [text for text in texts if text and len(text) <= MAX_TITLE and text_key(text) not in names]


def _text(element: HtmlElement, declared: list[str]) -> str:
    whole, bare = shown_text(element), shown_text(element, headline=True)
    if bare == whole or 2 * len(bare) < len(whole) or any(key.startswith(text_key(whole)) for key in declared):
        return whole
    return bare.strip(_EDGE)


def without_outlet(title: str, outlet: frozenset[str], sections: frozenset[str] = frozenset()) -> str:
    """The title without the outlet's name at its end or start, and without the sections before that name.

    >>> without_outlet("Rain at last - Weather - The Example", frozenset({"theexample"}), frozenset({"weather"}))
    'Rain at last'
    """
    parts = BARS.split(title)
    if len(parts) > 2 and _names_outlet(parts[-1], outlet):
        parts = parts[:-2]
        while len(parts) > 2 and (text_key(parts[-1]) in sections or _names_outlet(parts[-1], outlet)):
            parts = parts[:-2]
    while len(parts) > 2 and text_key(parts[0]) in outlet and parts[1].strip() != ":":
        parts = parts[2:]
    return "".join(parts).strip().removesuffix(" -").removesuffix(" |")


def _as_others(title: str, keys: set[str]) -> str:
    """The title without an ending that another candidate lacks: "Rain at last | Weather" beside "Rain at last"."""
    parts = BARS.split(title)
    for end in range(len(parts) - 2, 0, -2):
        shorter = "".join(parts[:end])
        if len(shorter) >= MIN_HEADLINE and text_key(shorter) in keys and parts[end].strip() != ":":
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
    candidates = _led(candidates)
    title, source = candidates[0]
    h1 = next((text for text, where in candidates if where == "h1"), "")
    rest = [text for text, _ in candidates[1:]]
    title = _whole(title, rest)
    title = _unsplit(_without_topic(title, rest), rest) if source == "h1" else _bare(title, h1, rest)
    return _usual_spelling(title, candidates), source


def _led(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates, led by one without a live marker: "Storm LIVE: …" gives way to another that has none.

    And by no short word that no other has in it: that is the name of a system or a number, left by a template.
    """
    first, others = candidates[0], candidates[1:]
    key = text_key(first[0])
    if others and len(first[0]) < MIN_HEADLINE and not any(key in text_key(text) for text, _ in others):
        return [*others, first]
    if _LIVE_TOPIC.match(first[0]):
        unmarked = [c for c in others if not _LIVE_TOPIC.match(c[0]) and _likeness(c[0], first[0]) >= 0.3]
        return [*unmarked[:1], *candidates]
    return candidates


def _without_topic(shown: str, others: list[str]) -> str:
    """The visible headline without the kicker or date before it, where a declared title is just what follows these."""
    endings = (o for o in others if MIN_HEADLINE <= len(o) < len(shown) and fold(shown).endswith(fold(o)))
    return next((o for o in endings if _is_topic(shown[: -len(o)])), shown)


def _is_topic(before: str) -> bool:
    """Whether this, before a title, is more than an article or a number: "Blog: ", "Transport ", not "The 7 "."""
    return not before[-1:].isalnum() and (before.rstrip().endswith(":") or len(text_key(before)) > 5)


def _unsplit(shown: str, others: list[str]) -> str:
    """The visible headline in the spelling of a declared one that parts fewer of its words: mark-up may split them."""
    words = fold(shown).split()
    same = (o for o in others if "".join(fold(o).split()) == "".join(words))
    return next((o for o in same if len(o.split()) < len(words) and not _GLUED.search(o)), shown)


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
    if len(h1) < MIN_HEADLINE or len(h1) >= len(title):
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
