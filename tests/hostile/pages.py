"""HTML that is too deep, too wide, wrongly labelled, or no HTML: what of it is an article arrives."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

from crawler.items import Outcome
from tests.hostile.articles import Article, article
from tests.hostile.case import HTML, Case, Reply

MANY = 100_000
LONG = 50_000  # characters of a trap

Change = Callable[[Article], str | bytes]


def _holding(name: str, changes: dict[str, Change], *, kinds: dict[str, str | None] | None = None) -> Case:
    """An outlet whose pages each hold an article, changed in some way."""
    holds = {f"/news/{name}-{change}-9": article(f"{name}-{change}") for change in changes}
    pages = {
        path: Reply(body=partial(change, holds[path]), kind=(kinds or {}).get(key, HTML), is_literal=True)
        for (path, (key, change)) in zip(holds, changes.items(), strict=True)
    }
    return Case(name=name, pages=pages, holds=holds)


def _before(mark_up: str) -> Change:
    """With this before the article's first paragraph."""
    return lambda held: held.html.replace("<p>", f"{mark_up}<p>", 1)


def _after(mark_up: str) -> Change:
    return lambda held: held.html.replace("</article>", f"{mark_up}</article>")


def _in_head(mark_up: str) -> Change:
    return lambda held: held.html.replace("</head>", f"{mark_up}</head>")


def _main_with(attributes: str) -> Change:
    return lambda held: held.html.replace("<main>", f"<main {attributes}>")


def _json_ld(text: str) -> Change:
    return _in_head(f'<script type="application/ld+json">{text}</script>')


def _trap(text: str) -> Change:
    """A text that a regular expression may take too long over, in all places that are looked at for dates and names."""
    return lambda held: (
        held.html.replace("</head>", f'<meta name="author" content="{text}"></head>')
        .replace("<article>", f'<article><p class="byline">By {text}</p><time>{text}</time><p class="date">{text}</p>')
        .replace("</article>", f"</article><script>var state = {{x: {text}")
    )


def _encoded(encoding: str, *, lead: bytes = b"", label: str | None = None) -> Change:
    """In this charset, whatever the page's own label says."""
    return lambda held: lead + held.html.replace('charset="utf-8"', f'charset="{label or encoding}"').encode(encoding)


def _broken_utf8(held: Article) -> bytes:
    return (
        held.html.replace("</article>", "</article><aside>Café </aside>").encode().replace(b"Caf\xc3\xa9", b"\xc3(\xff")
    )


def _with_nul(held: Article) -> str:
    return held.html.replace("<p>", "\0<p>").replace(" the ", " t\0he ")


def _in_words(day: str, title: str, *paragraphs: str) -> Article:
    return Article(title=title, day=day, paragraphs=paragraphs)


RUSSIAN = _in_words(
    "2025-03-11",
    "В Новой Гавани снова открыли старую паромную переправу",
    "Паром между двумя берегами снова ходит каждые сорок минут, сообщили во вторник в управлении порта Новой Гавани.",
    "Переправу закрыли семь лет назад, когда льдом повредило причал; всё это время жители ездили кругом через мост.",
    "Первый рейс встретили с музыкой, а капитан пообещал, что зимой паром будет ходить до самого ледостава.",
)
JAPANESE = _in_words(
    "2025-03-12",
    "港町の古い灯台が三十年ぶりに光を取り戻す",
    "北の港町で長く使われていなかった灯台に、火曜日の夜、三十年ぶりに明かりがともされた。集まった住民から大きな拍手が起こった。",
    "灯台は漁師たちの要望で修理され、費用の半分は町の人々の寄付でまかなわれた。残りは県が負担したという。",
    "町長は、これからは毎晩日没から夜明けまで明かりをともし、夏には子どもたちのための見学会も開くと話した。",
)
CHINESE = _in_words(
    "2025-03-13",
    "山村小学新建的图书馆本周正式开放",
    "星期三上午，山村小学新建的图书馆正式开放，孩子们第一次在自己的学校里借到了图书，老师们说大家都非常高兴。",
    "图书馆由旧粮仓改建而成，共有八千多册图书，其中一半是附近城市的读者捐赠的，另一半由县里购买。",
    "校长表示，周末图书馆也会向村民开放，冬天还将为老人举办读报活动，希望更多的人来这里看书。",
)
KOREAN = _in_words(
    "2025-03-14",
    "섬마을 우체국이 배를 타고 편지를 다시 나른다",
    "남쪽 섬마을의 우체국이 목요일부터 작은 배로 편지와 소포를 다시 나르기 시작했다고 군청이 밝혔다.",
    "다리가 태풍으로 끊긴 뒤 주민들은 두 달 동안 우편물을 받지 못했고 약도 헬기로만 실어 올 수 있었다.",
    "우체국장은 다리가 고쳐질 때까지 날마다 두 번 배를 띄우고 노인들에게는 집까지 직접 전하겠다고 말했다.",
)


def _labelled(
    name: str, held: Article, encoding: str, label: str, header: str = "text/html"
) -> tuple[str, Article, Reply]:
    body = held.html.replace('lang="en"', "").replace('charset="utf-8"', f'charset="{label}"').encode(encoding)
    return f"/news/charset-{name}-9", held, Reply(body=body, kind=header, is_literal=True)


_CHARSETS = (
    _labelled("cyrillic", RUSSIAN, "cp1251", "utf-8", HTML),
    _labelled("japanese", JAPANESE, "shift_jis", "shift_jis", "text/html; charset=iso-8859-1"),
    _labelled("chinese", CHINESE, "gb18030", "gb2312"),
    _labelled("korean", KOREAN, "euc_kr", "euc-kr", HTML),
    _labelled("koi8", article("koi8"), "koi8_r", "koi8-r"),
    _labelled("latin", article("latin"), "utf-8", "iso-8859-1", "text/html; charset=ISO-8859-1"),
)

CASES = (
    _holding(
        "nested",
        {
            "400": _before("<div>" * 400),
            "million": _before("<div>" * 1_000_000),
            "inline": _before("<b>" * 200_000),
            "tables": _before("<table><tr><td>" * 10_000),
        },
    ),
    _holding(
        "attributes",
        {
            "value": _main_with(f'data-x="{"a" * 2_000_000}"'),
            "class": _main_with(f'class="{"a b " * 100_000}"'),
            "style": _main_with(f'style="{"display : " * 50_000}"'),
        },
    ),
    _holding(
        "crowded",
        {
            "paragraphs": _after("".join(f"<p>Line {n}.</p>" for n in range(150_000))),
            "links": _after("<ul>" + "".join(f"<li><a href=/x/{n}>Link {n}</a>" for n in range(MANY)) + "</ul>"),
            "twins": _after("<p>x" * 25_000),
            "cells": _after(f"<table>{'<tr>' + '<td colspan=1000000 rowspan=1000000>9</td>' * 50}</table>"),
            "names": _in_head("".join(f'<meta name="author" content="Anna Bell {n}">' for n in range(5_000))),
        },
    ),
    _holding(
        "json",
        {
            "lists": _json_ld("[" * MANY + "]" * MANY),
            "objects": _json_ld('{"a":' * MANY + "1" + "}" * MANY),
            "numbers": _json_ld(
                '{"@type":"NewsArticle","headline":NaN,"wordCount":1e999999,"commentCount":%s,"author":-Infinity,'
                '"image":{"url":NaN},"keywords":[1,NaN,{"a":[]}],"isAccessibleForFree":NaN}' % ("9" * 5_000)
            ),
            "twice": _json_ld('{"@type":"NewsArticle","@type":[],"headline":7,"headline":null,"datePublished":{}}'),
        },
    ),
    _holding(
        "bytes",
        {
            "nul": _with_nul,
            "broken": _broken_utf8,
            "marked": _encoded("utf-16-le", lead=b"\xff\xfe"),
            "unmarked": _encoded("utf-16-be", label="utf-8"),
        },
    ),
    Case(
        name="charset",
        pages={path: reply for path, _, reply in _CHARSETS},
        holds={path: held for path, held, _ in _CHARSETS},
    ),
    Case(
        name="binary",
        pages={
            "/news/binary-picture-9": Reply(body=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, is_literal=True),
            "/news/binary-document-9": Reply(body=b"%PDF-1.7\n" + bytes(range(256)) * 40, is_literal=True),
            "/news/binary-archive-9": Reply(body=b"PK\x03\x04" + bytes(range(256)) * 40, is_literal=True),
            "/news/binary-noise-9": Reply(body=zlib.compress(bytes(range(256)) * 400)[2:], is_literal=True),
        },
        ends={f"/news/binary-{what}-9": Outcome.NOT_AN_ARTICLE for what in ("picture", "document", "archive", "noise")},
    ),
    _holding(
        "types",
        {"stream": lambda held: held.html, "plain": lambda held: held.html, "none": lambda held: held.html},
        kinds={"stream": "application/octet-stream", "plain": "text/plain", "none": None},
    ),
    _holding(
        "patterns",
        {
            "digits": _trap("1" * LONG),
            "spaces": _trap("1" + "\u2003 " * LONG + "x"),
            "at": _trap("a@" * LONG),
            "dots": _trap("a." * LONG),
            "dates": _trap("1 January 12:" * (LONG // 13)),
            "quotes": _trap("“'" * LONG),
            "joiners": _trap("x\u0301" + "\u200d\u064b" * LONG),
            "twice": _trap("â€" * LONG),
            "escapes": _trap("'\\" * LONG),
        },
    ),
)
