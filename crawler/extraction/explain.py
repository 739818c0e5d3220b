"""Why a page reads as it does: each block kept or cut with its reason, each field with the place it was read at."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.extraction.extract import Reading, as_extract, read_page
from crawler.extraction.model.weights import Weights
from crawler.items import Dated, Extract, Kind, Page, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text of the page, in reading order: kept where ``kind`` is None, else cut for ``reason``."""

    text: str
    kind: Kind | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the record as a person reads it, and where it was read."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was made of a page: a refusal, or fields and lines; ``outside`` counts the blocks nothing took for it."""

    url: str
    refused: Refused | None = None
    fields: tuple[Field, ...] = ()
    lines: tuple[Line, ...] = ()
    outside: int = 0
    confidence: float | None = None
    warnings: tuple[str, ...] = ()


def explain(page: Page, weights: Weights | None = None) -> Explanation:
    """What of a page is kept, what is cut, and why."""
    reading = read_page(page, weights)
    if isinstance(reading, Refused):
        return Explanation(url=page.url, refused=reading)
    extract = as_extract(page, reading)
    kept, cut = {b.index for b in reading.body.kept}, {index for index, _ in reading.body.removed}
    return Explanation(
        url=page.url,
        fields=_fields(extract),
        lines=_lines(reading),
        outside=len([b for b in reading.blocks if b.index not in kept | cut]),
        confidence=extract.confidence,
        warnings=extract.warnings,
    )


def _lines(reading: Reading) -> tuple[Line, ...]:
    kept = [(block.index, 0, Line(text=block.text)) for block in reading.body.kept]
    cut = [(index, 1, Line(text=r.text, kind=r.kind, reason=r.reason)) for index, r in reading.body.removed]
    return tuple(line for *_, line in sorted(kept + cut, key=lambda placed: placed[:2]))


def _fields(extract: Extract) -> tuple[Field, ...]:
    values = {
        "title": extract.title,
        "summary": extract.summary,
        "authors": ", ".join(author.name for author in extract.authors),
        "date_published": _date(extract.published),
        "date_modified": _date(extract.modified),
        "language": extract.language,
        "canonical_url": extract.canonical_url,
        "publisher": extract.publisher,
        "section": extract.section,
        "tags": ", ".join(extract.tags),
        "image": extract.image,
        "is_accessible_for_free": None
        if extract.is_accessible_for_free is None
        else str(extract.is_accessible_for_free),
    }
    return tuple(Field(name=n, value=v, source=extract.sources.get(n, "")) for n, v in values.items() if v)


def _date(dated: Dated | None) -> str | None:
    if dated is None:
        return None
    others = f", or {', '.join(dated.alternatives)}" if dated.alternatives else ""
    decided = "".join(f"; {reason}" for reason in dated.decided_by)
    return f"{dated.value} ({dated.confidence} confidence, written “{dated.raw}”{others}{decided})"
