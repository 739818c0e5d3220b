"""The line that is written: an article, or a refusal, as a JSON Feed item with everything about it in ``_dateline``."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler import __version__
from crawler.extraction.text import DIRECTION_MARKS
from crawler.identity import address_digest, canonical_key, registrable_domain
from crawler.items import Dated, Extract, FoundBy, Refused
from crawler.verdict import Known

SCHEMA_VERSION = 1
EXTRACTOR = {"name": "dateline", "version": __version__}

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")  # U+0085 is a line end, and escaped as one
# what ends a line for some readers, speaks to a terminal, turns the text after it round, or is no character
_RAW = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Han, kana and their extensions are written without spaces: each character counts as a word
_UNSPACED = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}](?:[^\W{_UNSPACED}]|[\u0300-\u036f'’\-.](?=[^\W{_UNSPACED}]))*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the crawl knows of an article and its page does not."""

    id: str
    date_crawled: str  # RFC 3339 in UTC, or a day
    first_seen: str
    version: int = 1
    http_status: int | None = None
    found_by: FoundBy | None = None
    run: str | None = None
    changed: tuple[str, ...] = ()  # fields of the record that are others than in the version before
    previous_hash: str | None = None  # content_hash of the version before
    content_hash: str = ""  # of this one, where it is known


def article_id(extract: Extract) -> str:
    """The article's id: the same for every address under which its site shows it.

    The declared address decides unless it is a mere front page, which sloppy templates declare on every page.
    """
    declared = extract.canonical_url
    is_front_page = declared is not None and urlsplit(declared).path in {"", "/"} and not urlsplit(declared).query
    return id_of_address(extract.url if declared is None or is_front_page else declared)


def id_of_address(url: str) -> str:
    """The id that all spellings of an address share.

    >>> id_of_address("https://example.org/a") == id_of_address("http://www.example.org/a?utm_source=x")
    True
    """
    return _digest(canonical_key(url), 20)


def content_hash(extract: Extract) -> str:
    """A hash of what makes a new version when it changes: title, body, date of publication, authors' names."""
    parts = [
        _one_line(extract.title),
        [_one_line(paragraph) for paragraph in extract.paragraphs],
        extract.published.value if extract.published else None,
        [_one_line(author.name) for author in extract.authors],
    ]
    return _digest(json.dumps(parts), 32)


def title_hash(extract: Extract) -> str:
    """A hash of the title's words, whatever their case."""
    return _title_hash(extract.title)


def text_hash(extract: Extract) -> str:
    """A hash of the body's words."""
    return _text_hash(" ".join(extract.paragraphs))


def known_in(record: Mapping[str, Any]) -> Known | None:
    """The version of an article that a written record holds, as the state knows it; None for other records."""
    about = record.get("_dateline")
    if not isinstance(about, Mapping) or type(about.get("version")) is not int:
        return None
    texts = [record.get(key) for key in ("id", "url", "title", "content_text")]
    facts = [about.get(key) for key in ("content_hash", "first_seen")]
    if not all(isinstance(text, str) for text in texts + facts):
        return None
    return Known(
        id=record["id"],
        version=about["version"],
        content_hash=about["content_hash"],
        address=address_digest(record["url"]),
        first_seen=about["first_seen"],
        title_hash=_title_hash(record["title"]),
        text_hash=_text_hash(record["content_text"]),
    )


def article_record(extract: Extract, facts: Facts) -> dict[str, Any]:
    """The record of an article, keys in the order in which they are written."""
    text = "\n\n".join(extract.paragraphs)
    record = {
        "id": facts.id,
        "url": extract.url,
        "canonical_url": extract.canonical_url,
        "title": extract.title,
        "content_text": text,
        "summary": extract.summary,
        "authors": [{"name": a.name} | ({"url": a.url} if a.url else {}) for a in extract.authors],
        "date_published": extract.published.value if extract.published else None,
        "date_modified": extract.modified.value if extract.modified else None,
        "language": extract.language,
        "image": extract.image,
        "tags": list(extract.tags),
        "section": extract.section,
        "site": registrable_domain(extract.url),
        "publisher": extract.publisher,
        "is_accessible_for_free": extract.is_accessible_for_free,
        "word_count": word_count(text),
        "_dateline": _about(extract, facts),
    }
    return {key: _clean(value) for key, value in record.items()}


def refusal_record(url: str, refused: Refused, record_id: str) -> dict[str, Any]:
    """The line that stands for a page which is no article, where every page is owed a line."""
    about = {"refused": refused.reason.value, "detail": refused.detail}
    return {key: _clean(value) for key, value in {"id": record_id, "url": url, "_dateline": about}.items()}


def json_line(record: Mapping[str, Any]) -> bytes:
    """A record as one line of UTF-8.

    >>> json_line({"title": "a\\u2028b", "tags": ["č"]}).decode()
    '{"title": "a\\\\u2028b", "tags": ["č"]}\\n'
    """
    return (safe_json(record) + "\n").encode("utf-8")


def safe_json(value: Any, indent: int | None = None) -> str:
    """JSON in which characters that some readers take for line ends, and others that do harm where shown, are escaped.

    >>> safe_json("a\\x9b1m\\u202eb\\ud800")
    '"a\\\\u009b1m\\\\u202eb\\\\ud800"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def word_count(text: str) -> int:
    """How many words a text has; a Han or kana character counts as one, numbers count as words.

    Scripts written without spaces other than those (Thai, Lao, Khmer, Burmese) are counted by their spaces.

    >>> word_count("It’s 3.5 per cent – well-known."), word_count("東京の天気 OK")
    (5, 6)
    """
    return len(_WORD.findall(text))


def utc_stamp(moment: dt.datetime | dt.date) -> str:
    """An aware moment as RFC 3339 in UTC to the second, or a day as it is.

    >>> utc_stamp(dt.datetime(2025, 4, 26, 9, 5, tzinfo=dt.timezone(dt.timedelta(hours=3))))
    '2025-04-26T06:05:00Z'
    """
    if isinstance(moment, dt.datetime):
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat()


def _about(extract: Extract, facts: Facts) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "version": facts.version,
        "content_hash": facts.content_hash or content_hash(extract),
        "changed": list(facts.changed),
        "previous_hash": facts.previous_hash,
        "date_crawled": facts.date_crawled,
        "first_seen": facts.first_seen,
        "http_status": facts.http_status,
        "found_by": facts.found_by.value if facts.found_by else None,
        "run": facts.run,
        "extractor": EXTRACTOR,
        "confidence": extract.confidence,
        "date": _evidence(extract.published),
        "sources": dict(sorted(extract.sources.items())),
        "removed": [{"kind": r.kind.value, "text": r.text, "reason": r.reason} for r in extract.removed],
        "corrections": list(extract.corrections),
        "rights": dict(sorted(extract.rights.items())),
        "duplicate_of": None,
        "story": None,
        "warnings": list(extract.warnings),
    }


def _evidence(dated: Dated | None) -> dict[str, Any] | None:
    if dated is None:
        return None
    decided = {"decided_by": list(dated.decided_by)} if dated.decided_by else {}
    return {
        "source": dated.source,
        "raw": dated.raw,
        "precision": dated.precision,
        "confidence": dated.confidence,
        "alternatives": list(dated.alternatives),
        **decided,
    }


def _clean(value: Any) -> Any:
    """The value with every text in it composed (NFC), LF alone for line ends, no controls, no lone surrogates."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _clean_text(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _title_hash(title: str) -> str:
    return _digest(_one_line(title).casefold(), 12)


def _text_hash(text: str) -> str:
    return _digest(_one_line(text), 12)


def _one_line(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFC", DIRECTION_MARKS.sub("", text))
    return " ".join(plain.split())


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
