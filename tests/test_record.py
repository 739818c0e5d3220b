"""The written line: the keys in their order, clean texts, and a schema that says exactly this."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.commands.schema import schema_text
from crawler.items import Author, Dated, Extract, FoundBy, Kind, Reason, Refused, Removed
from crawler.record import Facts, article_id, article_record, content_hash, json_line, refusal_record, utc_stamp
from crawler.site import Trace
from tests.conftest import assert_valid

KEYS = """id url canonical_url title content_text summary authors date_published date_modified language image tags
section site publisher is_accessible_for_free word_count _dateline""".split()
ABOUT_KEYS = """schema_version version content_hash changed previous_hash date_crawled first_seen http_status found_by
run extractor confidence date sources removed corrections rights duplicate_of story warnings""".split()

EXTRACT = Extract(
    url="https://www.example.co.uk/news/bridge?utm_source=feed",
    canonical_url="https://www.example.co.uk/news/bridge",
    title="Bridge closed",
    paragraphs=("The bridge was closed.", "A ferry runs."),
    summary="A storm damaged two pillars.",
    authors=(Author(name="Ada Stone", url="https://www.example.co.uk/ada"), Author(name="Ben Reed")),
    published=Dated(
        value="2025-04-26T10:00:00+03:00",
        source="json-ld",
        raw="2025-04-26T10:00:00+03:00",
        precision="second",
        confidence="high",
    ),
    modified=None,
    language="en",
    image=None,
    tags=("bridges",),
    section="Town",
    publisher="The Example",
    is_accessible_for_free=True,
    confidence=0.97,
    sources={"title": "json-ld", "authors": "meta"},
    removed=(Removed(kind=Kind.DONATION, text="Support us", reason="rule en/donation"),),
    corrections=(),
    rights={"license": "https://example.org/licence"},
    warnings=(),
    trace=Trace(
        page="https://example.co.uk/news/bridge",
        day="2025-04-26",
        title=(),
        author=0,
        section=0,
        sightings=(),
        places=(),
        is_sure=True,
    ),
)
FACTS = Facts(
    id="0123456789abcdef0123",
    date_crawled="2025-04-27T05:00:00Z",
    first_seen="2025-04-27T05:00:00Z",
    http_status=200,
    found_by=FoundBy.FEED,
    run="20250427T050000Z-ab12",
)


def record(**changes: Any) -> dict[str, Any]:
    return article_record(replace(EXTRACT, **changes), FACTS)


def test_the_record_is_as_written_down() -> None:
    written = record()
    assert_valid(written)
    assert list(written) == KEYS
    assert list(written["_dateline"]) == ABOUT_KEYS
    assert {key: written[key] for key in ("content_text", "authors", "date_published", "site", "word_count")} == {
        "content_text": "The bridge was closed.\n\nA ferry runs.",
        "authors": [{"name": "Ada Stone", "url": "https://www.example.co.uk/ada"}, {"name": "Ben Reed"}],
        "date_published": "2025-04-26T10:00:00+03:00",
        "site": "example.co.uk",
        "word_count": 7,
    }
    assert written["_dateline"]["removed"] == [
        {"kind": "donation appeal", "text": "Support us", "reason": "rule en/donation"}
    ]
    assert written["_dateline"]["date"] == {
        "source": "json-ld",
        "raw": "2025-04-26T10:00:00+03:00",
        "precision": "second",
        "confidence": "high",
        "alternatives": [],
    }


def test_the_evidence_says_what_the_sites_other_pages_decided() -> None:
    assert EXTRACT.published is not None
    reason = "day first on 14 of 14 pages of the site"
    written = record(published=replace(EXTRACT.published, decided_by=(reason,)))
    assert_valid(written)
    assert written["_dateline"]["date"]["decided_by"] == [reason]


def test_an_undated_record_has_null_and_no_evidence() -> None:
    written = record(published=None)
    assert_valid(written)
    assert (written["date_published"], written["_dateline"]["date"]) == (None, None)


def test_texts_are_composed_and_free_of_what_breaks_readers() -> None:
    written = record(title="Caf\u0065\u0301\x1b[31m\x00 \ud83d\ude00 \ud800", paragraphs=("a\r\nb\u2028c\u0085d",))
    assert written["title"] == "Café[31m 😀 \ufffd"
    line = json_line(written)
    assert b"a\\nb\\u2028c\\u0085d" in line
    assert line.count(b"\n") == 1
    assert json.loads(line) == written


TEXT = st.text(alphabet=st.characters(codec=None), max_size=30)


@given(title=TEXT, paragraph=TEXT)
def test_any_text_gives_one_whole_line(title: str, paragraph: str) -> None:
    written = record(title=title, paragraphs=(paragraph,))
    line = json_line(written)
    assert line.decode("utf-8").splitlines() == [line.decode("utf-8")[:-1]]
    assert json.loads(line) == written
    assert unicodedata.is_normalized("NFC", written["content_text"])


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("date_published", "26/04/2025"),
        ("date_published", "2025-04-26 10:00:00"),
        ("date_published", "2025-13-01"),
        ("title", ""),
        ("language", "English language"),
        ("canonical_url", "/news/bridge"),
        ("word_count", -1),
        ("extra", "key"),
    ],
)
def test_the_schema_refuses(change: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        assert_valid(record() | {change: value})


@pytest.mark.parametrize("key", ABOUT_KEYS)
def test_the_schema_refuses_a_record_without(key: str) -> None:
    written = record()
    del written["_dateline"][key]
    with pytest.raises(jsonschema.ValidationError):
        assert_valid(written)


def test_the_schema_knows_every_kind_reason_and_way() -> None:
    definitions = json.loads(schema_text())["$defs"]
    about = definitions["about"]["properties"]
    assert about["removed"]["items"]["properties"]["kind"]["enum"] == [kind.value for kind in Kind]
    assert about["found_by"]["enum"] == [way.value for way in FoundBy] + [None]
    refused = definitions["refusal"]["properties"]["_dateline"]["properties"]["refused"]
    assert refused["enum"] == [reason.value for reason in Reason]


def test_a_refusal_is_a_valid_line_too() -> None:
    refused = Refused(reason=Reason.INDEX, detail="42 teasers")
    line = refusal_record("https://example.org/", refused, "x1")
    assert_valid(line)
    assert line == {
        "id": "x1",
        "url": "https://example.org/",
        "_dateline": {"refused": "index page", "detail": "42 teasers"},
    }


def test_the_id_is_the_same_for_every_spelling_of_the_address() -> None:
    spellings = [
        replace(EXTRACT, canonical_url=None),
        replace(EXTRACT, canonical_url=None, url="http://example.co.uk/news/bridge/#top"),
        replace(EXTRACT, url="https://amp.example.co.uk/news/bridge"),
    ]
    assert {article_id(extract) for extract in spellings} == {article_id(EXTRACT)}


def test_the_id_is_the_page_s_own_when_the_front_page_is_declared() -> None:
    sloppy = replace(EXTRACT, canonical_url="https://www.example.co.uk/")
    assert article_id(sloppy) == article_id(replace(EXTRACT, canonical_url=None))


@pytest.mark.parametrize(
    ("changes", "is_new"),
    [
        ({"title": "Bridge  closed "}, False),
        ({"tags": (), "image": "https://example.org/i.jpg", "removed": ()}, False),
        ({"authors": (Author(name="Ada Stone"), Author(name="Ben Reed"))}, False),
        ({"title": "Bridge open"}, True),
        ({"paragraphs": ("The bridge was closed.",)}, True),
        ({"authors": ()}, True),
        ({"published": None}, True),
    ],
)
def test_the_content_hash_changes_with_the_article_alone(changes: dict[str, Any], is_new: bool) -> None:
    assert (content_hash(replace(EXTRACT, **changes)) != content_hash(EXTRACT)) is is_new


def test_a_day_stays_a_day_as_crawl_date() -> None:
    assert utc_stamp(dt.date(2025, 4, 26)) == "2025-04-26"
