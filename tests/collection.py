"""Collections for tests: records that are valid against the schema, in day files as crawls write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.record import id_of_address, json_line

BODY = (
    "The old bridge over the river was closed on Saturday after a storm damaged two of its pillars, the council said.",
    "Engineers expect the repair to take until the autumn; a ferry will carry passengers until then, twice an hour.",
)


def record(number: int, published: str | None = "2025-04-26T10:00:00+03:00", **fields: Any) -> dict[str, Any]:
    """A whole record of an article; fields of ``_dateline`` are given in ``about``."""
    url = f"https://example.org/{number}"
    evidence = {"source": "meta", "raw": published, "precision": "second", "confidence": "high", "alternatives": []}
    about = {
        "schema_version": 1,
        "version": 1,
        "content_hash": f"{number:032x}",
        "changed": [],
        "previous_hash": None,
        "date_crawled": "2025-05-01T07:00:00Z",
        "first_seen": "2025-05-01T07:00:00Z",
        "http_status": 200,
        "found_by": "feed",
        "run": "20250501T070000Z-1",
        "extractor": {"name": "dateline", "version": "0.1.0"},
        "confidence": 0.97,
        "date": evidence if published else None,
        "sources": {"title": "headline"},
        "removed": [{"kind": "newsletter", "text": "Get our letter.", "reason": "en newsletter: letter"}],
        "corrections": [],
        "rights": {},
        "duplicate_of": None,
        "story": None,
        "warnings": [] if published else ["undated"],
        **fields.pop("about", {}),
    }
    usual = {
        "id": id_of_address(url),
        "url": url,
        "canonical_url": url,
        "title": f"Article number {number}",
        "content_text": "\n\n".join(BODY),
        "summary": None,
        "authors": [{"name": "Ann Lee"}],
        "date_published": published,
        "date_modified": None,
        "language": "en",
        "image": None,
        "tags": [],
        "section": "Town",
        "site": "example.org",
        "publisher": "The Example",
        "is_accessible_for_free": None,
        "word_count": 38,
    }
    assert fields.keys() <= usual.keys()
    return {**usual, **fields, "_dateline": about}


def edited(first: dict[str, Any], version: int, crawled: str, **fields: Any) -> dict[str, Any]:
    """A later version of an article, crawled at this moment."""
    about = {
        **first["_dateline"],
        "version": version,
        "changed": sorted(fields),
        "previous_hash": first["_dateline"]["content_hash"],
        "content_hash": f"{version:032x}",
        "date_crawled": crawled,
    }
    return {**first, **fields, "_dateline": about}


def write_day(data: Path, day: str, records: Iterable[dict[str, Any]]) -> Path:
    """Append lines to the file of a day of crawling."""
    dt.date.fromisoformat(day)
    path = data / "articles" / f"{day}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.writelines(map(json_line, records))
    return path
