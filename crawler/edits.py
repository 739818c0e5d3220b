"""Whether an article was edited since it was written: in headline, text, date or authors, not in what is round them."""

from __future__ import annotations

import datetime as dt
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from crawler.extraction.fingerprints import brief, exact, exact_of_letters
from crawler.extraction.sentences import masked, sentence_spans
from crawler.extraction.text import text_key
from crawler.items import Extract
from crawler.site import Site

MOST_SENTENCES = 2_000  # of an article that are compared; of a longer one the first
MOST_AUTHORS = 255  # that are compared
LABEL_LETTERS = 28  # a shorter text that ends no sentence is a label: a counter, a button
MOST_SHARED = 0.6  # of the sentences of two pages that are one article
SENTENCE_ENDS = tuple(".!?…。！？\"'”’»)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A written article as far as an edit of it can be told: fingerprints, and the date as written.

    Those of title and authors have 32 bits, those of sentences 24: an added sentence is taken for one that was there
    in one of 400,000 edits.
    """

    title: int
    authors: tuple[int, ...]
    published: str | None
    sentences: tuple[int, ...]

    def as_bytes(self) -> bytes:
        """For the state: 3 bytes a sentence and some 35 more."""
        authors, published = self.authors[:MOST_AUTHORS], (self.published or "").encode("ascii")
        head = struct.pack(f"<IBB{len(authors)}I", self.title, len(authors), len(published), *authors)
        return head + published + b"".join(sentence.to_bytes(3, "little") for sentence in self.sentences)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Shape | None:
        """What ``as_bytes`` was made of; None for bytes of another kind."""
        try:
            title, count, length = struct.unpack_from("<IBB", kept)
            start, end = 6 + 4 * count, 6 + 4 * count + length
            authors = struct.unpack_from(f"<{count}I", kept, 6)
            published = kept[start:end].decode("ascii")
        except (struct.error, UnicodeDecodeError):
            return None
        sentences = (int.from_bytes(kept[at : at + 3], "little") for at in range(end, len(kept), 3))
        return cls(title=title, authors=authors, published=published or None, sentences=tuple(sentences))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What of an article is another than before, by the names of the record's fields; empty where nothing is.

    ``is_doubtful``: texts were added. What a site has begun to print on its pages looks so, too, until the next pages
    show it.
    """

    changed: tuple[str, ...] = ()
    is_doubtful: bool = False


def shape_of(extract: Extract) -> Shape:
    """The shape of an article as it is written now."""
    return Shape(
        title=exact(extract.title),
        authors=_authors(extract),
        published=_published(extract),
        sentences=tuple(key for _, key in _sentences(extract.paragraphs)),
    )


def is_one_article(first: Shape, second: Shape) -> bool:
    """Whether two pages of a site with one headline hold one article: most sentences of each stand in the other."""
    shared = len(set(first.sentences) & set(second.sentences))
    most = max(len(set(first.sentences)), len(set(second.sentences)))
    return shared >= MOST_SHARED * most


class Surroundings(Protocol):
    """What is known of a site's other pages."""

    def shows(self, text: str) -> bool:
        """Whether another page shows a text, one that is not of the same story."""

    def is_own(self, sentence: int) -> bool:
        """Whether a text is known to be the site's own, by its fingerprint as a shape has it."""

    @property
    def site(self) -> Site:
        """What is known of the site's titles and sections."""


def edit_of(before: Shape, extract: Extract, around: Surroundings) -> Edit:
    """What was edited between a written article and the same one as it is read now.

    What is now cut as a notice, or is known to be the site's own, was never the article's; what has come and stands on
    other pages, too, is none of its either.
    """
    site = around.site
    added, gone = _difference(before, extract, around)
    fields = {
        "title": not _is_same_title(before.title, extract.title, site),
        "content_text": bool(added or gone),
        "authors": not _are_same(before.authors, _authors(extract), site),
        "date_published": not _is_same_date(before.published, _published(extract)),
    }
    changed = tuple(name for name, is_other in fields.items() if is_other)
    return Edit(changed=changed, is_doubtful=bool(added))


def _authors(extract: Extract) -> tuple[int, ...]:
    return tuple(sorted(exact(author.name) for author in extract.authors))


def _published(extract: Extract) -> str | None:
    return extract.published.value if extract.published else None


def _difference(before: Shape, extract: Extract, around: Surroundings) -> tuple[list[str], list[int]]:
    """The sentences that have come, and the fingerprints of those that have gone, but for what is not the article's."""
    now = list(_sentences(extract.paragraphs))
    had, has = Counter(before.sentences), Counter(key for _, key in now)
    cut = {key for _, key in _sentences([removed.text for removed in extract.removed])}
    gone = [key for key in had - has if key not in cut and not around.is_own(key)]
    added = [text for text, key in now if key not in had and not around.shows(text)]
    return added, gone


def _is_same_title(before: int, title: str, site: Site) -> bool:
    """Whether a headline is the written one, or that less what the site is known to write round its headlines."""
    key = text_key(title)
    spelled = [key, *(key + end for end in site.title_ends), *(start + key for start in site.title_starts)]
    return before in map(exact_of_letters, spelled)


def _are_same(before: tuple[int, ...], now: tuple[int, ...], site: Site) -> bool:
    """Whether the authors are the written ones, less what is known by now to be a section."""
    sections = set(map(exact_of_letters, site.sections))
    return {author for author in before if author not in sections} == set(now) or before == now


def _sentences(paragraphs: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each sentence with its fingerprint: of its letters and digits alone. Labels are left out."""
    number = 0
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            for start, end in sentence_spans(masked(line)):
                text = line[start:end].strip()
                letters = text_key(text)
                is_label = len(letters) < LABEL_LETTERS and not text.endswith(SENTENCE_ENDS)
                if letters and not is_label and number < MOST_SENTENCES:
                    number += 1
                    yield text, brief(exact_of_letters(letters))


def _is_same_date(before: str | None, now: str | None) -> bool:
    """Whether two written dates mean one: told in another zone, or more finely, a date is no other."""
    if before is None or now is None or before == now:
        return before == now
    first, second = dt.datetime.fromisoformat(before), dt.datetime.fromisoformat(now)
    if first.tzinfo and second.tzinfo:
        return first == second
    return before[:10] == now[:10] and (_has_no_time(before) or _has_no_time(now) or first.time() == second.time())


def _has_no_time(value: str) -> bool:
    return "T" not in value
