"""A page as blocks of text."""

from __future__ import annotations

import pytest

from crawler.extraction.blocks import Block, plain_blocks, read_blocks
from crawler.extraction.extract import paragraphs_of
from crawler.extraction.html import parse_html
from crawler.items import BlockKind


def blocks_of(html: str) -> list[Block]:
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    return read_blocks(tree)


def texts_of(html: str) -> list[str]:
    return [block.text for block in blocks_of(html)]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The <b>bold</b>est <i>boat</i>, <a href=/x>link</a>ed.</p>", "The boldest boat, linked."),
        ("<p>H<sub>2</sub>O, 5 m<sup>2</sup></p>", "H2O, 5 m2"),
        ("<p>sum&shy;mer&nbsp;rain\n  falls</p>", "summer rain falls"),
        ("<p>Ask <glossary-term>the pilot</glossary-term> now.</p>", "Ask the pilot now."),
        ("<p>Tide <script>x()</script><style>p{}</style>tables</p>", "Tide tables"),
        ("<p>Well <img class='wp-smiley' src=s.gif>done</p>", "Well done"),
        ("<p>Row <input value=3>on <textarea>typed</textarea></p>", "Row on"),
        ("<p><a href=/a>Ann Berg</a><a href=/b>Jan Holm</a> row</p>", "Ann Berg Jan Holm row"),
        ("<p><a href=/a>expand</a><a href=/a>ed</a> it</p>", "expanded it"),
        ("<p>super<wbr>market&#8203;s</p>", "supermarkets"),
        ("<p>&bdquo;Ja&ldquo;, &apos;so&apos; &#151; 5&percnt;</p>", "„Ja“, 'so' — 5%"),
        ("<p style='text-transform: uppercase'>Low tide</p>", "Low tide"),
        ("<p>a <span dir=rtl>&#x200f;&#x202b;b&#x202c;</span> c</p>", "a b c"),
        ("<p>Well <picture><img class=emoji alt='⛵' src=b.png></picture> done</p>", "Well ⛵ done"),
        ("<p><img src=dot.gif width=8 alt='-'>&nbsp;first</p>", "- first"),
        ("<p>He said <q>no</q>. She, “<q>yes</q>”, and <q>«maybe»</q></p>", "He said “no”. She, “yes”, and «maybe»"),
    ],
)
def test_read_blocks_runs_inline_tags_on_in_their_paragraph(html: str, text: str) -> None:
    assert texts_of(html) == [text]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p><span class="dropcap">T</span>he sea</p>', "The sea"),
        ('<p><span class="drop-cap">N</span> a endlich</p>', "Na endlich"),
        ('<p><span class="dropcap">A</span> man rows</p>', "A man rows"),
        ('<p><span class="has-drop-cap">W</span> Gdyni</p>', "W Gdyni"),
        ('<p><span class="grade">B</span> for effort</p>', "B for effort"),
        ('<p><span class="dropcap">I</span> rowed</p>', "I rowed"),
        ('<p><i><span class="initial-letter">N</span></i> <i>a endlich</i></p>', "Na endlich"),
        ('<p><b class="drop-cap">H</b> ere</p>', "Here"),
        ('<p><img class="dropcap" src=w.gif alt="W" width=90>hen it rains</p>', "When it rains"),
        ('<p><img src=w.gif alt="W" align=left>hen it rains</p>', "When it rains"),
        ('<p>On <img src=x.svg alt="X" width=20> and by post</p>', "On and by post"),
        ('<div class="first-letter"> D </div><div><p>uring the storm</p></div>', "During the storm"),
        ('<p class="has-drop-cap">I <em>was</em> there</p>', "I was there"),
        ('<div class="dropcap">A</div><p>t noon</p>', "At noon"),
    ],
)
def test_read_blocks_joins_a_drop_cap_that_is_no_word_of_its_own(html: str, text: str) -> None:
    assert texts_of(html) == [text]


def test_read_blocks_parts_a_paragraph_at_a_wide_picture() -> None:
    assert texts_of('<p>Before.<img width="660" src=a.jpg>Caption</p>') == ["Before.", "Caption"]


@pytest.mark.parametrize("embed", ["<iframe src=v></iframe>", "<picture><img src=a.jpg></picture>", "<hr>"])
def test_read_blocks_parts_the_text_round_what_is_set_between(embed: str) -> None:
    assert paragraphs_of(blocks_of(f"<div>Before.{embed}After.</div>")) == ("Before.", "After.")


def test_paragraphs_of_takes_an_empty_span_for_the_break_that_its_name_says() -> None:
    br = '<span class="part br"></span>'
    assert paragraphs_of(blocks_of(f"<div>One{br}{br}Two{br}three</div>")) == ("One", "Two\nthree")


def test_read_blocks_leaves_a_hover_card_out_of_its_paragraph() -> None:
    card = '<span class="name-hover-card"><b>Ann Berg</b><a href=/x>Berg wins again</a></span>'
    assert texts_of(f"<p>The mayor, Ann Berg{card}, left.</p>") == ["The mayor, Ann Berg, left."]


def test_read_blocks_keeps_a_mark_between_words_that_is_for_screen_readers() -> None:
    html = '<h2><span>The weir<span class="visually-hidden">: </span></span>Divers at dawn</h2>'
    assert texts_of(html) == ["The weir: Divers at dawn"]


def test_read_blocks_keeps_the_word_that_has_a_tooltip() -> None:
    outer = '<p>A <span class="tooltip">weir<span class="tooltiptext">a low dam</span></span> broke.</p>'
    inner = '<p>A <a class="term" href="/w">weir<span class="tooltip">a low dam</span></a> broke.</p>'
    assert texts_of(outer) == texts_of(inner) == ["A weir broke."]


def test_paragraphs_of_keeps_one_line_break_inside_a_paragraph() -> None:
    assert paragraphs_of(blocks_of("<p>Roses are red<br>boats are blue</p>")) == ("Roses are red\nboats are blue",)


@pytest.mark.parametrize(
    ("html", "paragraphs"),
    [
        ("<span>HILLTOP, Me. —</span><p>It rained.</p><p>It blew.</p>", ("HILLTOP, Me. — It rained.", "It blew.")),
        ("<p>Hilltop -</p><h2>Rain</h2><p>It rained.</p>", ("Hilltop -", "Rain", "It rained.")),
        ("<p>It blew.</p><p>Hilltop –</p><p>It rained.</p>", ("It blew.", "Hilltop –", "It rained.")),
        ("<p>Hilltop</p><p>It rained.</p>", ("Hilltop", "It rained.")),
    ],
)
def test_a_dateline_is_the_beginning_of_its_paragraph(html: str, paragraphs: tuple[str, ...]) -> None:
    assert paragraphs_of(blocks_of(html)) == paragraphs


def test_paragraphs_of_parts_at_two_line_breaks_and_between_elements() -> None:
    blocks = blocks_of("<div>One.<br><br>Two.<br>&nbsp;<br>\nThree.</div><div>Four.</div><p>Five.<br></p><p>Six.</p>")
    assert paragraphs_of(blocks) == ("One.", "Two.", "Three.", "Four.", "Five.", "Six.")


def test_read_blocks_reads_a_table_of_data_row_by_row() -> None:
    blocks = blocks_of("<table><tr><th>Work<th>Cost</tr><tr><td>Wall<td><b>£3</b>m</tr></table>")
    assert [b.text for b in blocks] == ["Work | Cost", "Wall | £3m"]
    assert {b.kind for b in blocks} == {BlockKind.TABLE}


def test_read_blocks_reads_a_layout_table_cell_by_cell() -> None:
    blocks = blocks_of("<table><tr><td><p>Menu</p></td><td><p>One.</p><p>Two.</p></td></tr></table>")
    assert [b.text for b in blocks] == ["Menu", "One.", "Two."]
    assert {b.kind for b in blocks} == {BlockKind.PARAGRAPH}


def test_read_blocks_tells_headings_items_and_quotes() -> None:
    html = "<h2>Ferries</h2><ul><li>first</li><li><p>second</p></li></ul><blockquote>Said <p>she.</p></blockquote>"
    assert [(b.text, b.kind) for b in blocks_of(html)] == [
        ("Ferries", BlockKind.HEADING),
        ("first", BlockKind.ITEM),
        ("second", BlockKind.ITEM),
        ("Said", BlockKind.QUOTE),
        ("she.", BlockKind.QUOTE),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        '<span class="sr-only">opens in a new window</span>',
        '<span class="visually-hidden">opens</span>',
        '<span style="clip: rect(0 0 0 0)">opens</span>',
        '<span style="display: none">opens</span>',
        "<span hidden>opens</span>",
    ],
)
def test_read_blocks_leaves_hidden_spans_out(hidden: str) -> None:
    assert texts_of(f"<p>Read the report {hidden}today.</p>") == ["Read the report today."]


def test_read_blocks_keeps_a_page_that_an_unclosed_button_swallowed() -> None:
    assert texts_of("<button>Menu<div><p>First paragraph.</p><p>Second.</p></div>") == [
        "Menu",
        "First paragraph.",
        "Second.",
    ]


def test_read_blocks_leaves_the_label_of_a_closed_button_out() -> None:
    assert texts_of("<button>Share</button><p>Only this.</p>") == ["Only this."]


def test_read_blocks_keeps_loose_text_round_elements_in_order() -> None:
    assert texts_of("lead <!-- c -->in<p>middle</p>and out") == ["lead in", "middle", "and out"]


def test_link_share_is_the_part_of_a_block_inside_links() -> None:
    whole, half, none = blocks_of("<p><a href=/a><b>Whole</b></a></p><p>half<a href=/a>half</a></p><p>none</p>")
    assert (whole.link_share, half.link_share, none.link_share) == (1.0, 0.5, 0.0)


def test_read_blocks_numbers_blocks_in_page_order_with_their_wrappers() -> None:
    first, second = blocks_of('<p>Text.</p><div class="share-bar"><div><p>Post it</p></div></div>')
    assert (first.index, first.wrappers) == (0, ())
    assert (second.index, [w.marks for w in second.wrappers]) == (1, [frozenset({"share"})])


def test_read_blocks_ends_on_a_page_two_thousand_deep() -> None:
    assert texts_of("<div>" * 2_000 + "bottom") == ["bottom"]


def test_plain_blocks_makes_a_paragraph_of_each_line() -> None:
    tree = parse_html(b"<p>x</p>")
    assert tree is not None
    blocks = plain_blocks(["One  line.", " ", "Two."], tree)
    assert [(b.index, b.text, b.kind) for b in blocks] == [
        (0, "One line.", BlockKind.PARAGRAPH),
        (1, "Two.", BlockKind.PARAGRAPH),
    ]
    assert paragraphs_of(blocks) == ("One line.", "Two.")
