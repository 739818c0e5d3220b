"""What one article's page shows of its site, for the site's memory to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from crawler.extraction.fingerprints import fingerprint, terms_of
from crawler.extraction.metadata import Metadata
from crawler.extraction.texts import Text
from crawler.identity import canonical_key
from crawler.site import Sighting, Trace

MAX_SIGHTINGS = 160  # texts of a page that its site's memory is told of, the first ones
MAX_TOPIC = 40  # terms
COMES_BACK = 2  # texts of a page that hold a term of its topic


def trace_of(url: str, metadata: Metadata, texts: Sequence[Text]) -> Trace:
    """What the page at ``url`` shows: its texts, each once, and what it is about."""
    sightings: dict[int, Sighting] = {}
    for text in texts:
        if len(sightings) < MAX_SIGHTINGS and text.key not in sightings:
            sightings[text.key] = text.sighting()
    return Trace(
        page=canonical_key(url),
        title=fingerprint(metadata.title),
        author=_of_names([author.name for author in metadata.authors]),
        section=_of_names([metadata.section] if metadata.section else []),
        topic=_topic(metadata.title, [text for text in texts if not text.is_part]),
        sightings=tuple(sightings.values()),
    )


def _topic(title: str, texts: Sequence[Text]) -> tuple[int, ...]:
    """The terms that the text comes back to, those of the title first, then the most frequent."""
    named = terms_of(title)
    held = Counter(term for text in texts for term in terms_of(text.text))
    back = [term for term, count in held.most_common() if count + (term in named) >= COMES_BACK]
    return tuple(sorted(back, key=lambda term: term not in named)[:MAX_TOPIC])


def _of_names(names: Sequence[str]) -> int:
    return fingerprint(" ".join(sorted(names))) if names else 0
