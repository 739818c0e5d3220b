"""The whole way of a page: saved pages with their right records, and the laws that hold for any bytes."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extraction.extract import extract
from crawler.extraction.html import parse_html
from crawler.extraction.text import text_key
from crawler.items import Extract, Page, Refused
from tests.hostile.articles import article

CASES = sorted(path.parent for path in (Path(__file__).parent / "pages").glob("*/page.html"))
NAMES = [case.name for case in CASES]


def expected_of(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "expected.json").read_text("utf-8"))
    return found


def page_of(case: Path) -> Page:
    expected = expected_of(case)
    day = dt.date.fromisoformat(expected["fetched_at"])
    return Page(url=expected["url"], body=(case / "page.html").read_bytes(), fetched_at=day)


def extracted(case: Path) -> Extract:
    result = extract(page_of(case))
    assert isinstance(result, Extract), result
    return result


def test_date_is_read_in_the_text_s_language_when_the_template_declares_another() -> None:
    text = "Пором до островів знову ходить після одинадцяти тижнів ремонту, і їхні жителі цьому дуже раді. " * 3
    html = f"<html lang=en-US><article><h1>Пором знову ходить</h1><p>03/04/2025</p><p>{text}"
    page = Page(url="https://news.example.org/a", body=html.encode(), fetched_at=dt.date(2025, 6, 1))
    result = extract(page)
    assert isinstance(result, Extract)
    assert result.language == "uk"
    assert result.published is not None
    assert result.published.value == "2025-04-03"


def test_there_are_pages_of_several_languages() -> None:
    assert len({expected_of(case)["language"][:2] for case in CASES}) >= 6


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_paragraphs_are_the_articles_alone(case: Path) -> None:
    assert list(extracted(case).paragraphs) == expected_of(case)["paragraphs"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_title_authors_summary_and_language_are_read(case: Path) -> None:
    result, expected = extracted(case), expected_of(case)
    assert result.title == expected["title"]
    assert [author.name for author in result.authors] == expected["authors"]
    assert result.summary == expected["summary"]
    assert result.language == expected["language"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_date_is_the_publishers(case: Path) -> None:
    published = extracted(case).published
    assert published is not None
    assert published.value == expected_of(case)["date_published"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_was_cut_is_in_the_trail_by_its_kind(case: Path) -> None:
    assert set(expected_of(case)["removed"]) <= {removed.kind.value for removed in extracted(case).removed}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_no_text_is_both_kept_and_cut(case: Path) -> None:
    result = extracted(case)
    assert not {removed.text for removed in result.removed} & set(result.paragraphs)


def test_same_pages_give_the_same_extracts_in_any_order() -> None:
    forward = [extract(page_of(case)) for case in CASES]
    backward = [extract(page_of(case)) for case in reversed(CASES)]
    assert forward == backward[::-1]


def test_same_page_gives_the_same_extract_whatever_seed_python_hashes_with() -> None:
    program = (
        "import sys; from pathlib import Path; from tests.test_extract import *\n"
        "print([extract(page_of(case)) for case in CASES], [extracted(case).paragraphs for case in CASES])"
    )
    seeds = ("0", "1", "4242")
    runs = {seed: {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"} for seed in seeds}
    root = Path(__file__).parent.parent
    said = {
        subprocess.run([sys.executable, "-c", program], env=env, cwd=root, capture_output=True, check=True).stdout
        for env in runs.values()
    }
    assert len(said) == 1
    assert len(said.pop()) > 10_000


def test_extract_is_the_same_when_the_page_is_fetched_later() -> None:
    page = page_of(CASES[0])
    later = Page(url=page.url, body=page.body, fetched_at=dt.date(2026, 1, 1))
    assert extract(page) == extract(later)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_extract_never_raises_on_bytes(body: bytes) -> None:
    page = Page(url="https://any.example/a", body=body, fetched_at=dt.date(2025, 5, 20))
    assert isinstance(extract(page), Extract | Refused)


@st.composite
def mutated_pages(draw: st.DrawFn) -> bytes:
    """One of the saved pages with some stretches cut out, doubled, moved or overwritten."""
    body = (draw(st.sampled_from(CASES)) / "page.html").read_bytes()
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 400)))
        piece = body[start:end]
        put = draw(st.sampled_from([b"", piece + piece, b"<div>" * 40, b"</p>", b"\x00", b"<!--", b"\xff\xfe", b"<"]))
        body = body[:start] + put + body[end:]
    return body


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_pages())
def test_extract_never_adds_text_to_a_damaged_page(body: bytes) -> None:
    result = extract(Page(url="https://any.example/a", body=body, fetched_at=dt.date(2025, 5, 20)))
    assert isinstance(result, Extract | Refused)
    if isinstance(result, Extract):
        tree = parse_html(body)
        assert tree is not None
        there = text_key("".join(tree.itertext()))
        words = [text_key(word) for paragraph in result.paragraphs for word in paragraph.split()]
        assert [word for word in words if word not in there] == []


STAMPS = [
    "KYIV, April 26 (Agency) –",
    "BERLIN (dpa) -",
    "Hamburg (dpa/lno) –",
    "Париж, 3 мая (АФП).",
    "LONDON, May 3, 2025 (AP) —",
    "(Reuters) -",
    "WASHINGTON —",
    "КИЇВ, 26 квітня (Укрінформ) –",
    "Madrid, 3 may (EFE).-",
]


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize(
    "first",
    [
        "<p>{} {}</p>",
        "<p><strong>{} </strong>{}</p>",
        '<p><span class="dateline">{} </span>{}</p>',
        '<p><time datetime="2025-05-03">{} </time>{}</p>',
        "<p><b>{}</b><br>{}</p>",
        '<p class="dateline">{}</p><p>{}</p>',
    ],
)
def test_dateline_stamp_stays_at_the_beginning_of_the_text(stamp: str, first: str) -> None:
    sentence = "The bridge over the mill race will be shut until the spring, the mayor told the council late on Friday."
    rest = (
        "<p>Nobody in the lower town had asked for that, but the bakers were glad of the quiet, their guild said.</p>"
    )
    head = "<title>Bridge shut until spring</title></head><body><article><h1>Bridge shut until spring</h1>"
    html = f"<html lang=en><head>{head}<p class=byline>By Ann Berg</p>{first.format(stamp, sentence)}{rest * 2}"
    result = extract(
        Page(url="https://gazette.example/2025/05/03/bridge", body=html.encode(), fetched_at=dt.date(2025, 5, 6))
    )
    assert isinstance(result, Extract)
    assert " ".join(result.paragraphs).split()[: len(stamp.split()) + 2] == [*stamp.split(), "The", "bridge"]


def test_corrections_are_moved_out_of_the_text_and_kept() -> None:
    texts = [
        "The ferry will leave the old quay at seven in the morning from the first of May, the harbour office said.",
        "Nobody on the island had asked for a later boat, but the bakers were glad of the extra hour in bed.",
        "It costs four crowns. An earlier version of this article said it was free. We regret the error.",
        "Correction (4 May): The captain is named Ann Berg. Her name was misspelt at first.",
    ]
    head = "<title>Later boat for the island</title></head><body><article><h1>Later boat for the island</h1>"
    html = f"<html lang=en><head>{head}{''.join(f'<p>{text}</p>' for text in [texts[0], *texts])}"
    result = extract(
        Page(url="https://gazette.example/2025/05/03/boat", body=html.encode(), fetched_at=dt.date(2025, 5, 6))
    )
    assert isinstance(result, Extract)
    assert result.paragraphs[-1] == "It costs four crowns."
    assert result.corrections == (
        "An earlier version of this article said it was free.",
        "We regret the error.",
        texts[3],
    )


def test_a_very_large_page_gives_its_article_and_says_what_was_left_out() -> None:
    held = article("large")
    html = held.html.replace("<p>", "<h2>x</h2>" * 40_000 + "<p>", 1)
    found = extract(Page(url="https://example.org/news/large-9", body=html.encode(), fetched_at=dt.date(2025, 9, 9)))
    assert isinstance(found, Extract)
    assert set(held.paragraphs) <= set(found.paragraphs)
    assert any("shortest blocks were left out" in warning for warning in found.warnings)


GERMAN = (
    "Der Rat hat am Montag beschlossen, dass die Brücke nicht mehr befahren werden darf, und das ist auf den ersten "
    "Blick eine gute Nachricht für die Anwohner, die von den Lastwagen nicht schlafen konnten."
)


@pytest.mark.parametrize(
    ("lang", "language", "source", "warning"),
    [
        ("en-US", "de", "words", "language: stated as en-US, the text reads as de"),
        ("de-CH", "de-CH", "html lang", None),
        ("fi", "fi", "html lang", None),  # it could not be told from others by its words
        ("", "de", "words", None),
    ],
)
def test_a_language_is_stated_unless_the_words_are_plainly_of_another(
    lang: str, language: str, source: str, warning: str | None
) -> None:
    body = "".join(f"<p>{GERMAN} Das war am {day}. Mai so.</p>" for day in range(1, 7))
    html = f'<html lang="{lang}"><title>Brücke gesperrt</title><article><h1>Brücke gesperrt</h1>{body}</article></html>'
    read = extract(Page(url="https://example.org/news/bruecke", body=html.encode(), fetched_at=dt.date(2025, 5, 1)))
    assert isinstance(read, Extract)
    assert (read.language, read.sources["language"]) == (language, source)
    assert [said for said in read.warnings if said.startswith("language")] == ([warning] if warning else [])


def test_dates_are_read_in_the_language_of_the_words() -> None:
    body = "".join(f"<p>{GERMAN} Das war um {hour} Uhr so.</p>" for hour in range(1, 7))
    head = '<html lang="en-US"><title>Brücke zu</title>'
    html = f"{head}<article><h1>Brücke zu</h1><p>03/04/2025</p>{body}</article></html>"
    read = extract(Page(url="https://example.org/news/bruecke", body=html.encode(), fetched_at=dt.date(2025, 5, 1)))
    assert isinstance(read, Extract)
    assert read.published is not None
    assert read.published.value == "2025-04-03"
