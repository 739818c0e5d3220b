"""From a page's bytes to its tree: charsets, damage, depth."""

from __future__ import annotations

import codecs
import subprocess
import sys

import pytest

from crawler.extraction.html import decode_html, parse_html

UKRAINIAN = "Рада міста вчора ввечері проголосувала за новий бюджет порту, хоча половина зали була проти."
ENGLISH = "The council said it was “not for sale”, and the harbour’s café – closed since May – will reopen."
CHINESE = "市议会昨晚通过了港口的新预算，只有三票反对，会议开到半夜。"
JAPANESE = "港の新しい予算が昨日の夜に可決された。反対したのは三人だけだった。"


def page_of(text: str, label: str = "") -> str:
    return f"<html><head>{f'<meta charset={label}>' if label else ''}</head><body><p>{text}</p></body></html>"


def text_of(body: bytes, encoding: str | None = None) -> str:
    tree = parse_html(body, encoding)
    return "" if tree is None else "".join(tree.itertext())


@pytest.mark.parametrize(
    ("mark", "charset"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_decode_believes_a_byte_order_mark_before_any_label(mark: bytes, charset: str) -> None:
    body = mark + page_of(UKRAINIAN, "windows-1251").encode(charset)
    assert decode_html(body, "iso-8859-1") == page_of(UKRAINIAN, "windows-1251")


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_decode_tells_utf_16_without_a_mark(charset: str) -> None:
    assert decode_html(page_of(UKRAINIAN).encode(charset)) == page_of(UKRAINIAN)


def test_decode_believes_valid_utf_8_before_header_and_meta() -> None:
    assert UKRAINIAN in decode_html(page_of(UKRAINIAN, "windows-1251").encode(), "koi8-r")


def test_decode_takes_the_header_before_the_meta_element() -> None:
    assert UKRAINIAN in decode_html(page_of(UKRAINIAN, "koi8-r").encode("cp1251"), "windows-1251")


@pytest.mark.parametrize(
    ("text", "charset", "label"),
    [(UKRAINIAN, "cp1251", "windows-1251"), (JAPANESE, "shift_jis", "Shift_JIS"), (CHINESE, "gb18030", "gb2312")],
)
def test_decode_reads_the_charset_of_the_meta_element(text: str, charset: str, label: str) -> None:
    assert text in decode_html(page_of(text, label).encode(charset))


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (UKRAINIAN, "cp1251"),
        (ENGLISH, "cp1252"),
        (JAPANESE, "shift_jis"),
        (CHINESE, "gb18030"),
    ],
)
def test_decode_finds_the_charset_when_the_label_says_utf_8(text: str, charset: str) -> None:
    assert text in decode_html(page_of(text, "utf-8").encode(charset), "utf-8")


@pytest.mark.parametrize(("text", "charset"), [(UKRAINIAN, "cp1251"), (CHINESE, "gb18030"), (ENGLISH, "cp1252")])
def test_decode_finds_the_charset_when_no_label_is_given(text: str, charset: str) -> None:
    assert text in decode_html(page_of(text).encode(charset))


def test_decode_finds_a_few_curly_quotes_in_a_long_page_of_another_charset() -> None:
    text = "A plain sentence about the ferry. " * 300 + "It was ’late’."
    assert decode_html(page_of(text, "utf-8").encode("cp1252")) == page_of(text, "utf-8")


def test_decode_keeps_the_rest_of_damaged_utf_8() -> None:
    body = page_of(UKRAINIAN, "windows-1251").encode().replace("порту".encode(), b"\xd0\xff\xfe")
    assert "за новий бюджет \ufffd" in decode_html(body, "utf-8")
    assert "половина зали була проти." in decode_html(body, "utf-8")


def test_decode_survives_labels_that_name_no_charset() -> None:
    assert UKRAINIAN in decode_html(page_of(UKRAINIAN, "utf8mb4-of-course").encode(), "x-unknown")


def test_parse_reads_past_nul_and_other_controls() -> None:
    assert text_of(b"<p>o\x00ne</p>\x00<p>\x0btwo\x1b</p>").split() == ["one", "two"]


def test_parse_keeps_what_is_nested_three_hundred_deep() -> None:
    assert text_of(b"<div>" * 300 + b"at the bottom" + b"</div>" * 300).strip() == "at the bottom"


@pytest.mark.parametrize("tag", ["div", "b", "font", "table><tr><td"])
def test_parse_keeps_paragraphs_below_more_elements_than_libxml2_nests(tag: str) -> None:
    tree = parse_html(f"<main>{f'<{tag}>' * 3_000}<p>one</p><div>two</div><i>three</i></main><p>four</p>".encode())
    assert tree is not None
    assert " ".join(tree.itertext()).split() == ["one", "two", "three", "four"]


def test_parse_tells_a_page_that_is_too_large_for_the_memory_from_an_empty_one() -> None:
    code = (
        "import resource\nfrom crawler.extraction.html import parse_html\n"
        "used = int(open('/proc/self/statm').read().split()[5]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (used + 60_000_000,) * 2)\n"
        "try:\n    parse_html(b'<p>x' * 2_000_000)\nexcept MemoryError:\n    print('too large')"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "too large\n"


@pytest.mark.parametrize(
    "body", [b"", b" \n\t", b"\x00\x00\x00", b"<!-- nothing here -->", b"<!-- never closed", b"<?php ?>"]
)
def test_parse_finds_nothing_where_there_is_no_element(body: bytes) -> None:
    assert parse_html(body) is None


def test_parse_takes_plain_text_as_a_paragraph() -> None:
    assert text_of(b"A line without any mark-up.") == "A line without any mark-up."


def test_parse_reads_a_page_that_calls_itself_xml() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><html><body><p>Ще один рядок</p></body></html>'.encode(
        "cp1251"
    )
    assert text_of(body) == "Ще один рядок"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p><ruby>災害<rp>(</rp><rt>さいがい</rt><rp>)</rp></ruby>の話</p>", "災害の話"),
        ("<p>The weir leaks.<sup><a href='#fn1'>1</a></sup> It always did.</p>", "The weir leaks. It always did."),
        ("<p>The weir<a href='/page#note-2'><sup>b</sup></a> leaks<sup>[3]</sup>.</p>", "The weir leaks[3]."),
        ("<p>5 m<sup>2</sup>, the 1<sup>st</sup>, CO<sub>2</sub></p>", "5 m2, the 1st, CO2"),
        ("<p>Ferry<sup><a href='/tm'>TM</a></sup></p>", "FerryTM"),
    ],
)
def test_parse_leaves_readings_and_footnote_marks_out_and_keeps_exponents(html: str, text: str) -> None:
    assert text_of(html.encode()) == text


@pytest.mark.parametrize("label", ["hex", "idna", "punycode", "undefined", "unicode_escape", "utf-16", "cp037"])
def test_decode_believes_no_label_that_cannot_read_mark_up(label: str) -> None:
    text = f"<meta charset={label}><p>\\x41\\u0041 {ENGLISH}"
    assert decode_html(text.encode("cp1252")) == text


@pytest.mark.parametrize("none", ["\x0c", "\ufffe\uffff", "&#8", "&#012;", "&#x1F;", "&#65535;", "&#xfffe"])
def test_parse_reads_past_form_feeds_and_what_is_no_character(none: str) -> None:
    tree = parse_html(f'<p>one{none}<sup><a href="#n">1</a></sup>{none} two{none}'.encode())
    assert tree is not None
    assert "".join(tree.itertext()).split() == ["one", "two"]
