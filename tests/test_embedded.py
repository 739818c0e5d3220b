"""Article text that a page holds only as data."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable

import pytest

from crawler.extraction.declared import read_declared
from crawler.extraction.embedded import MAX_CHARS, embedded_blocks
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


TITLED = '<html><head><title>x</title><meta property="og:title" content="A later boat - Gazette"></head><body>{}</body>'


def assigned(name: str, state: object) -> str:
    return f"<script>window.{name} = {json.dumps(state)};</script>"


def apollo(reference: Callable[[str], object]) -> str:
    """A normalised cache: the article names its paragraphs, which are entries of their own."""
    entries = {f"Paragraph:{n}": {"__typename": "Paragraph", "text": text} for n, text in enumerate(PARAGRAPHS)}
    article = {"title": "A later boat", "body": [reference(name) for name in entries]}
    return assigned("__APOLLO_STATE__", {"ROOT_QUERY": {"article": reference("A:1")}, "A:1": article, **entries})


def devalue() -> str:
    """A table in which whole numbers stand for other values."""
    table: list[object] = [["ShallowReactive", 1], {"data": 2}, {"story": 3}, {"title": 4, "paragraphs": 5}]
    table += ["A later boat", [6, 7, 8, 9], *({"p": n} for n in range(10, 14)), *PARAGRAPHS]
    return f'<script type="application/json" id="__NUXT_DATA__" data-nuxt-data="app">{json.dumps(table)}</script>'


def nuxt_call() -> str:
    items = ",".join(f'{{type:a,text:"{text}",shown:!0}}' for text in PARAGRAPHS)
    return f'<script>window.__NUXT__=(function(a,b){{return {{items:[{items}],n:b}}}}("text",7));</script>'


def fetched() -> str:
    """Svelte keeps an answer as JSON in JSON."""
    answer = {"status": 200, "body": json.dumps({"post": {"title": "A later boat", "content": AS_HTML}})}
    return f'<script type="application/json" data-sveltekit-fetched>{json.dumps(answer)}</script>'


def angular() -> str:
    state = json.dumps({"story": {"bodyHtml": AS_HTML}})
    written = state.replace("&", "&a;").replace('"', "&q;").replace("<", "&l;").replace(">", "&g;")
    return f'<script id="app-state" type="application/json">{written}</script>'


def element_flight() -> str:
    elements = [["$", "p", None, {"children": [text[:20], text[20:]]}] for text in PARAGRAPHS]
    return flight(f"3:{json.dumps(['$', 'main', None, {'children': elements}])}\n", (25,))


@pytest.mark.parametrize(
    "script",
    [
        next_data(body=AS_HTML),
        next_data(content=[{"type": "paragraph", "text": text} for text in PARAGRAPHS]),
        next_data(contents=[{"type": "text", "model": {"blocks": [{"model": {"text": text}}]}} for text in PARAGRAPHS]),
        next_data(body={"value": "raw", "processed": AS_HTML, "summary": ""}),
        next_data(body=AS_HTML.replace("<", "&lt;").replace(">", "&gt;")),
        next_data(stream=[{"children": [{"text": text[:9]}, {"text": text[9:]}]} for text in PARAGRAPHS]),
        fusion(),
        assigned("__STATE__", {"story": {"articleBody": AS_HTML}}),
        assigned("__INITIAL_STATE__", {"posts": [{"content": {"rendered": AS_HTML, "protected": False}}]}),
        assigned("__PRELOADED_STATE__", {"article": {"body": ["div", *(["p", {}, text] for text in PARAGRAPHS)]}}),
        f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps({'story': {'body': AS_HTML}}))});</script>",
        f"<script>window.__STATE__ = JSON.parse('{json.dumps({'story': {'body': AS_HTML}})}');</script>",
        assigned("__STATE__", {"body": AS_HTML}).replace("</p>", r"<\/p\>"),
        f"<script>render({json.dumps([{'fullText': AS_HTML}])})</script>",
        apollo(lambda name: {"__ref": name}),
        apollo(lambda name: {"type": "id", "id": name, "generated": False}),
        devalue(),
        nuxt_call(),
        fetched(),
        angular(),
        element_flight(),
    ],
    ids=(
        "next-html next-list next-nested drupal escaped runs fusion assigned wordpress jsonml parsed parsed-single "
        "javascript-escapes passed-on apollo-ref apollo-id nuxt-devalue nuxt-call svelte angular flight-elements"
    ).split(),
)
def test_page_state_is_read_when_a_script_holds_it(script: str) -> None:
    assert found_in(script) == (PARAGRAPHS, "page state")


def test_live_blog_is_read_post_by_post_from_json_ld() -> None:
    posts = [{"@type": "BlogPosting", "headline": "Boat", "articleBody": text} for text in PARAGRAPHS]
    node = {"@type": "LiveBlogPosting", "headline": "A later boat", "url": URL, "liveBlogUpdate": posts}
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    assert found_in(script) == (PARAGRAPHS, "json-ld articleBody")


def test_object_with_the_pages_title_is_taken_before_a_longer_text() -> None:
    other = {"title": "The gate and its two keys", "body": AS_HTML.replace("ferry", "gate") * 3}
    own = {"headline": {"basic": "A later boat"}, "body": AS_HTML, "related": [other, other]}
    tree = parse_html(TITLED.format(assigned("__STATE__", {"stories": [other, own]})).encode())
    assert tree is not None
    blocks, _ = embedded_blocks(tree, read_declared(tree, URL))
    assert [block.text for block in blocks] == PARAGRAPHS


def test_captions_authors_and_notices_of_a_state_are_no_text() -> None:
    image = {"type": "image", "caption": "Cyclists wait for the ferry in the long light of a May evening on the quay."}
    author = {"bio": {"text": "Ann Berg has written about boats, islands and bakers since before the old quay."}}
    elements = [*({"type": "text", "content": text} for text in PARAGRAPHS), image]
    assert found_in(next_data(content_elements=elements, author=author)) == (PARAGRAPHS, "page state")


def test_a_table_that_names_itself_ends() -> None:
    table = [{"a": 0, "b": 1}, [0, 1, 1, 1], *PARAGRAPHS]
    doubled = [[n + 1, n + 1] for n in range(60)] + [PARAGRAPHS[0]]
    repeated = [list(range(1, 2)) * 20_000, "long " * 20_000]
    for values in (table, doubled, repeated):
        script = f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(values)}</script>'
        assert sum(map(len, found_in(script)[0])) <= MAX_CHARS


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
    assert result.sources["content_text"] == "block model"


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
    began = time.process_time()
    assert found_in(script) == ([], "")
    assert time.process_time() - began < 3
