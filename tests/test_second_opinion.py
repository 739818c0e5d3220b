"""Trafilatura's lines found again among a page's blocks."""

from __future__ import annotations

import pytest

from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.html import parse_html
from crawler.extraction.second_opinion import blocks_of_lines, trafilatura_lines, with_split_parts
from crawler.extraction.text import text_key

LONG = "The ferry will leave the old quay at seven in the morning from the first of May, the harbour office said."
OTHER = "Nobody on the island had asked for a later boat, but the bakers were glad of the extra hour in bed."
THIRD = "A public meeting about the winter timetable is planned for the second week of June in the school hall."


def blocks_of(html: str) -> list[Block]:
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    return read_blocks(tree)


@pytest.mark.parametrize(
    ("one", "other"),
    [("“Well,” she said", "Well she SAID"), ("ﬁve – ten", "five-ten"), ("Straße", "STRASSE"), ("Кава!", "кава")],
)
def test_text_key_is_the_same_for_texts_that_differ_in_marks_alone(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)


def test_blocks_of_lines_takes_the_occurrence_that_is_in_order() -> None:
    blocks = blocks_of(f"<p>Read on</p><p>{LONG}</p><p>Read on</p><p>{OTHER}</p><p>Read on</p>")
    assert blocks_of_lines(blocks, [LONG, "Read on", OTHER]) == {1, 2, 3}


def test_blocks_of_lines_finds_blocks_that_were_merged_into_one_line() -> None:
    blocks = blocks_of(f"<p>Menu and more</p><div>{LONG}<br><br>{OTHER}</div><p>{THIRD}</p>")
    assert blocks_of_lines(blocks, [f"{LONG} {OTHER}", THIRD]) == {1, 2, 3}


def test_blocks_of_lines_finds_a_block_that_was_split_into_lines() -> None:
    blocks = blocks_of(f"<p>{LONG} {OTHER}</p><p>Elsewhere entirely</p>")
    assert blocks_of_lines(blocks, [LONG, OTHER]) == {0}


def test_blocks_of_lines_finds_long_text_that_was_moved() -> None:
    blocks = blocks_of(f"<blockquote>{THIRD}</blockquote><p>{LONG}</p><p>{OTHER}</p>")
    assert blocks_of_lines(blocks, [LONG, OTHER, THIRD]) == {0, 1, 2}


def test_blocks_of_lines_leaves_a_short_label_that_was_moved() -> None:
    blocks = blocks_of(f"<p>Tides</p><p>{LONG}</p><p>{OTHER}</p>")
    assert blocks_of_lines(blocks, [LONG, OTHER, "Tides"]) == {1, 2}


def test_blocks_of_lines_finds_nothing_where_there_is_no_line() -> None:
    assert blocks_of_lines(blocks_of(f"<p>{LONG}</p>"), []) == set()
    assert blocks_of_lines([], [LONG]) == set()


def test_split_parts_are_rejoined_over_sibling_containers() -> None:
    html = f'<main><div class="part"><p>{LONG}</p><p>{OTHER}</p></div><div class="part"><p>{THIRD}</p></div></main>'
    assert with_split_parts(blocks_of(html), {0, 1}) == {0, 1, 2}


def test_split_parts_leave_another_article_out() -> None:
    part = '<div class="part"><p>{}</p><p>{}</p></div>'
    html = (
        f"<main>{part.format(LONG, OTHER)}<article>{part.format(THIRD, THIRD)}</article></main>"
        f"{part.format(THIRD, THIRD)}"
    )
    assert with_split_parts(blocks_of(html), {0, 1}) == {0, 1}


def test_split_parts_leave_links_and_labels_out() -> None:
    html = (
        f'<main><div class="part"><p>{LONG}</p><p>{OTHER}</p></div>'
        f'<div class="part"><p><a href="/t">{THIRD}</a></p><p>By the way</p></div></main>'
    )
    assert with_split_parts(blocks_of(html), {0, 1}) == {0, 1}


def test_split_parts_add_nothing_to_a_single_paragraph() -> None:
    blocks = blocks_of(f'<main><div class="part"><p>{LONG}</p></div><div class="part"><p>{THIRD}</p></div></main>')
    assert with_split_parts(blocks, {0}) == {0}
    assert with_split_parts(blocks, set()) == set()


def test_trafilatura_lines_are_the_article_and_leave_the_tree_as_it_was() -> None:
    nav = '<nav><ul><li><a href="/a">Sport</a></li><li><a href="/b">Culture</a></li></ul></nav>'
    html = f"{nav}<article><h1>Later boat</h1><p>{LONG}</p><p>{OTHER}</p><p>{THIRD}</p></article>"
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    before = "".join(tree.itertext())
    assert trafilatura_lines(tree, "https://harbour.example/later-boat")[-3:] == [LONG, OTHER, THIRD]
    assert "".join(tree.itertext()) == before


def test_trafilatura_lines_are_none_where_there_is_no_text() -> None:
    tree = parse_html(b"<html><body><div></div></body></html>")
    assert tree is not None
    assert trafilatura_lines(tree, "https://harbour.example/") == []
