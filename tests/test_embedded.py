"""Article text that a page holds only as data."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest

from crawler.extraction.declared import read_declared
from crawler.extraction.embedded import embedded_blocks
from crawler.extraction.extract import extract
from crawler.extraction.html import parse_html
from crawler.items import Extract, Page

URL = "https://harbour.example/2025/05/05/later-boat"
PARAGRAPHS = [
    "The ferry will leave the old quay at seven in the morning from the first of May, the harbour office said.",
    "Nobody on the island had asked for a later boat, but the bakers were glad of the extra hour in bed.",
    "A public meeting about the winter timetable is planned for the second week of June in the school hall.",
    "Until then the captain will go on as he always has, which is to say when the last cyclist is on board.",
]
AS_HTML = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
EMPTY = '<html lang="en"><head><title>Later boat</title></head><body><div id="root"></div>{}</body></html>'


def found_in(script: str) -> tuple[list[str], str]:
    tree = parse_html(EMPTY.format(script).encode())
    assert tree is not None
    blocks, source = embedded_blocks(tree, read_declared(tree, URL))
    return [block.text for block in blocks], source


def json_ld(body: str) -> str:
    node = {"@type": "NewsArticle", "headline": "Later boat", "url": URL, "articleBody": body}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def next_data(**article: object) -> str:
    state = {"props": {"pageProps": {"article": article}}}
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state)}</script>'


def fusion() -> str:
    elements = [{"_id": str(n), "type": "text", "content": text} for n, text in enumerate(PARAGRAPHS)]
    state = json.dumps({"headlines": {"basic": "Later boat"}, "content_elements": elements})
    return f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={state};Fusion.lastModified=1;</script>"


def flight(rows: str, cuts: tuple[int, ...]) -> str:
    """Rows of a flight, handed over in parts cut anywhere."""
    ends = zip((0, *cuts), (*cuts, len(rows)), strict=True)
    return "".join(f"<script>self.__next_f.push({json.dumps([1, rows[a:b]])})</script>" for a, b in ends)


@pytest.mark.parametrize("body", ["\n".join(PARAGRAPHS), "\n\n".join(PARAGRAPHS), AS_HTML, "<br><br>".join(PARAGRAPHS)])
def test_json_ld_body_is_read_as_plain_text_or_html(body: str) -> None:
    assert found_in(json_ld(body)) == (PARAGRAPHS, "json-ld articleBody")


@pytest.mark.parametrize(
    "script",
    [
        next_data(body=AS_HTML),
        next_data(content=[{"type": "paragraph", "text": text} for text in PARAGRAPHS]),
        fusion(),
        f"<script>window.__STATE__ = {json.dumps({'story': {'articleBody': AS_HTML}})};</script>",
        f"<script>render({json.dumps([{'fullText': AS_HTML}])})</script>",
    ],
    ids=["next-html", "next-list", "fusion", "assigned", "passed on"],
)
def test_page_state_is_read_when_a_script_holds_it(script: str) -> None:
    assert found_in(script) == (PARAGRAPHS, "page state")


def test_flight_rows_are_joined_when_they_come_in_parts() -> None:
    rows = '5:["$","div",null,{}]\n7:' + json.dumps(["$", "main", None, {"story": {"bodyHtml": AS_HTML}}]) + "\n"
    assert found_in(flight(rows, (30, 100, 400))) == (PARAGRAPHS, "page state")


def test_flight_text_is_read_by_its_length_in_bytes() -> None:
    text = AS_HTML.replace("captain", "capitán\n")
    rows = f'5:["a"]\n1a:T{len(text.encode()):x},{text}1b:["$","p",null,{{}}]\n'
    assert found_in(flight(rows, (50, 52)))[0][-1] == PARAGRAPHS[-1].replace("captain", "capitán")


@pytest.mark.parametrize(
    "script",
    [
        "",
        json_ld("A short description of the boat."),
        next_data(body="short"),
        next_data(comment=AS_HTML),
        "<script>var a = {not json at all " + "x" * 400 + "</script>",
        "<script>self.__next_f.push([" + "x" * 400 + "])</script>",
        flight("7:Tffffffff,short", (5,)),
    ],
)
def test_nothing_is_found_where_no_long_text_is_held(script: str) -> None:
    assert found_in(script) == ([], "")


def page_of(html: str) -> Page:
    return Page(url=URL, body=html.encode(), fetched_at=dt.date(2025, 5, 6))


def test_extract_takes_the_state_when_the_page_has_no_text() -> None:
    result = extract(page_of(EMPTY.format(next_data(body=AS_HTML))))
    assert isinstance(result, Extract)
    assert list(result.paragraphs) == PARAGRAPHS
    assert result.sources["content_text"] == "page state"


def test_extract_keeps_a_good_body_whatever_longer_text_a_script_holds() -> None:
    other = json_ld(
        "\n".join(f"Another telling of the tale, number {n}, at great length and to no end." for n in range(30))
    )
    html = EMPTY.format(f"<article><h1>Later boat</h1>{AS_HTML}</article>{other}")
    result = extract(page_of(html))
    assert isinstance(result, Extract)
    assert list(result.paragraphs) == PARAGRAPHS
    assert result.sources["content_text"] == "html"


@pytest.mark.parametrize(
    "script",
    [
        f'<script type="application/json">{"[" * 100_000}{"]" * 100_000}</script>',
        f"<script>var a = {'[' * 100_000}{']' * 100_000}</script>",
        f"<script>{'x = {' * 60_000}</script>",
        '<script type="application/json">{"body": NaN, "content": [NaN, Infinity], "text": -Infinity, "x": "'
        + "y" * 400
        + '"}</script>',
        f'<script type="application/ld+json">{"[" * 100_000}</script>',
        f'<script type="application/json">{json.dumps([{"body": [{}] * 3}] * 60_000)}</script>',
    ],
    ids=["deep", "deep assigned", "many assigned", "nan", "deep json-ld", "many values"],
)
def test_hostile_data_ends_quickly_with_nothing(script: str) -> None:
    began = time.monotonic()
    assert found_in(script) == ([], "")
    assert time.monotonic() - began < 3
