"""What a page shows of how its site writes titles and names its authors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crawler.extraction.authors import KNOWN_PLACE
from crawler.extraction.below import places_of_names
from crawler.extraction.declared import Declared
from crawler.extraction.fingerprints import fingerprint
from crawler.extraction.outlet import plain
from crawler.extraction.subjects import MAX_SUBJECT, NO_SECTIONS, SECTIONS
from crawler.extraction.text import text_key
from crawler.extraction.titles import BARS, MAX_TITLE
from crawler.extraction.visible import Places, shown_text
from crawler.items import Author
from crawler.site import NameTrace, TitlePart

MAX_PART = 60  # characters of what a site writes before or behind its headlines
MAX_HEADINGS = 5
MAX_SECTIONS = 8
MAX_NAMES = 6


def names_shown(declared: Declared, places: Places, authors: tuple[Author, ...], source: str) -> NameTrace:
    """What stands at the ends of the page's titles, its sections, and where below the headline its authors are."""
    headings = [*places.h1[:MAX_HEADINGS], *([places.headline] if places.headline is not None else [])]
    shown = [BARS.split(shown_text(heading)[:MAX_TITLE]) for heading in headings]
    stated = [BARS.split(title) for title in _titles(declared, places)]
    names = tuple(author.name for author in authors[:MAX_NAMES])
    return NameTrace(
        starts=_parts([*stated, *shown], {text_key(s[0]) for s in shown if len(s) > 1}, _starts),
        ends=_parts([*stated, *shown], {text_key(end) for s in shown for end, _ in _ends(s)}, _ends),
        sections=_sections(declared),
        authors=names,
        byline_places=places_of_names(places, names) if names and source != KNOWN_PLACE else (),
    )


def _titles(declared: Declared, places: Places) -> Iterator[str]:
    stated = (declared.article.get("headline"), declared.first("og:title"), declared.first("twitter:title"))
    yield from (title for value in (*stated, places.document) if (title := plain(value)[:MAX_TITLE]))


def _ends(parts: list[str]) -> Iterator[tuple[str, str]]:
    """The last part of a title, and the last but one, each with what stands before it."""
    for end in range(len(parts) - 1, max(len(parts) - 4, 1), -2):
        yield parts[end], "".join(parts[: end - 1])


def _starts(parts: list[str]) -> Iterator[tuple[str, str]]:
    """The first part of a title, and the rest; what stands before a colon belongs to the headline."""
    if len(parts) > 2 and parts[1].strip() not in (":", "："):
        yield parts[0], "".join(parts[2:])


def _parts(
    titles: Iterable[list[str]], shown: set[str], cut: Callable[[list[str]], Iterator[tuple[str, str]]]
) -> tuple[TitlePart, ...]:
    """Each part once, with the shortest of what it stands beside: the headline, if another end was cut of that."""
    found: dict[str, TitlePart] = {}
    for text, rest in sorted((pair for title in titles for pair in cut(title)), key=lambda pair: len(pair[1])):
        key = text_key(text)
        if key and len(text) <= MAX_PART:
            part = TitlePart(text=text.strip(), rest=fingerprint(rest), is_shown=key in shown)
            found.setdefault(key, part)
    return tuple(found.values())


def _sections(declared: Declared) -> tuple[str, ...]:
    """What the page declares as its section, and the trail of sections that it declares itself to be in."""
    values = [declared.article.get("articleSection"), *(declared.first(name) for name in SECTIONS)]
    trail = [
        _named(item) for node in declared.of_type("BreadcrumbList") for item in _listed(node.get("itemListElement"))
    ]
    texts = [plain(text) for value in values for text in _listed(value)] + trail[:-1]  # the last is the page itself
    found = {text_key(text): text for text in reversed(texts) if len(text) <= MAX_SUBJECT}
    return tuple(text for key, text in reversed(found.items()) if key not in NO_SECTIONS)[:MAX_SECTIONS]


def _listed(value: Any) -> list[Any]:
    return value[: 2 * MAX_SECTIONS] if isinstance(value, list) else [value]


def _named(item: Any) -> str:
    """The name of a step of a breadcrumb trail, in either of its shapes."""
    inner = item.get("item") if isinstance(item, Mapping) else None
    name = item.get("name") if isinstance(item, Mapping) else None
    return plain(name or (inner.get("name") if isinstance(inner, Mapping) else None))
