"""What one article's page shows of its site, for the site's memory to learn from."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.body import Found
from crawler.extraction.dates import Dates
from crawler.extraction.fingerprints import fingerprint, terms_of
from crawler.extraction.metadata import Metadata
from crawler.identity import canonical_key
from crawler.items import Page
from crawler.site import Sighting, Trace

MAX_SIGHTINGS = 160  # texts of a page that its site's memory is told of, the first and the last


def trace_of(page: Page, metadata: Metadata, dates: Dates, found: Found) -> Trace:
    """What a page shows: its texts, each once, where they stand, and how it writes dates."""
    texts = found.body.texts
    split = {text.block.index for text in texts if text.part == "sentence"}
    sightings: dict[int, Sighting] = {}
    first, last = texts[: MAX_SIGHTINGS // 2], texts[MAX_SIGHTINGS // 2 :][-MAX_SIGHTINGS // 2 :]
    for text in (*first, *last):
        if text.key not in sightings:
            sightings[text.key] = text.sighting(is_split=not text.part and text.block.index in split)
    return Trace(
        page=canonical_key(page.url),
        day=dates.published.value[:10] if dates.published else page.fetched_at.isoformat()[:10],
        title=terms_of(metadata.title),
        author=_of_names([author.name for author in metadata.authors]),
        section=_of_names([metadata.section] if metadata.section else []),
        sightings=tuple(sightings.values()),
        places=found.places,
        is_sure=found.is_sure,
        dates=dates.trace,
        names=metadata.names,
    )


def _of_names(names: Sequence[str]) -> int:
    return fingerprint(" ".join(sorted(names))) if names else 0
