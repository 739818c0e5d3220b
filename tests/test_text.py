"""One clean line of text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.text import clean_line

ANY_TEXT = st.text(st.characters(codec=None))
FIDDLY_TEXT = st.text(
    st.sampled_from(
        "ae\u0301 \u00a0\u00ad\u200b\u200c\u200d\u202e\u2028\x00\x1f\x85"
        "\u05d0\u200f\u2066\u2069\ud83d\ude00\u0645\u0915\u094d\u2764\ufe0f\U0001f469\x92\u00e2\u00c3\u20ac\ufb00\ufb01\u0307&;"
    )
)


def test_clean_line_joins_white_space_of_every_width() -> None:
    assert clean_line("\tone\u00a0two\u2009three\u3000four\r\n\u2028five ") == "one two three four five"


def test_clean_line_drops_what_nobody_sees() -> None:
    assert clean_line("sum\u00admer\u200b \ufeffrain\x00\x1b[0m \u202eend\u2069 \ue001") == "summer rain[0m end"


def test_clean_line_composes_letters_parted_by_a_soft_hyphen() -> None:
    assert clean_line("cafe\u00ad\u0301") == "café"


def test_clean_line_keeps_joiners_where_they_shape_words_and_emoji() -> None:
    assert clean_line("می\u200cروم") == "می\u200cروم"
    assert clean_line("\U0001f469\u200d\U0001f4bb at work") == "\U0001f469\u200d\U0001f4bb at work"


def test_clean_line_drops_joiners_after_latin_letters() -> None:
    assert clean_line("harbour\u200c\u200d news") == "harbour news"


def test_clean_line_sees_the_mark_that_ends_up_before_a_joiner() -> None:
    assert clean_line("\u0300\u094d\u200c") == "\u094d\u0300"


def test_clean_line_mends_surrogates() -> None:
    assert clean_line("a \ud83d\ude00 b \ud83d c") == "a \U0001f600 b \ufffd c"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Caf&eacute;&nbsp;noir", "Café noir"),
        ("he&rsquo;d &ldquo;gone&rdquo;", "he’d “gone”"),
        ("Salt &amp;amp; pepper &amp; oil", "Salt & pepper & oil"),
        ("&#39;now&#39; &#8211; &#x2014; &#151; &#160;x", "'now' – — — x"),
        ("sum&shy;mer", "summer"),
        ("a &lt;p&gt; and &num; stay", "a &lt;p&gt; and &num; stay"),
        ("AT&T; R&D &bogus; &copy", "AT&T; R&D &bogus; &copy"),
    ],
)
def test_clean_line_reads_references_that_were_escaped_twice(text: str, clean: str) -> None:
    assert clean_line(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("It\x92s \x93on\x94 \x97 well\x85", "It’s “on” — well…"),
        ("donâ\x80\x99t", "don’t"),
        ("canâ€™t, naÃ¯ve", "can’t, naïve"),
        ("â€œYes,â€\x9d he said", "“Yes,” he said"),
        ("IRMÃ» and 5 Ã©", "IRMÃ» and 5 Ã©"),
    ],
)
def test_clean_line_mends_text_read_in_the_wrong_charset(text: str, clean: str) -> None:
    assert clean_line(text) == clean


def test_clean_line_parts_ligatures_into_letters() -> None:
    assert clean_line("the ﬁne oﬃce ﬂat") == "the fine office flat"


def test_clean_line_leaves_capitals_and_curly_quotes_as_written() -> None:
    assert clean_line("“Nato” and NATO – ‘x’ „y“ «z»") == "“Nato” and NATO – ‘x’ „y“ «z»"


@given(ANY_TEXT | FIDDLY_TEXT)
def test_clean_line_changes_nothing_more_when_applied_twice(text: str) -> None:
    once = clean_line(text)
    assert clean_line(once) == once


@given(ANY_TEXT | FIDDLY_TEXT)
def test_clean_line_is_one_encodable_composed_line(text: str) -> None:
    once = clean_line(text)
    assert once.encode() is not None
    assert unicodedata.is_normalized("NFC", once)
    assert once.splitlines() in ([], [once])


def test_marks_of_direction_stay_where_they_set_a_line_right() -> None:
    hebrew = "הספינה \u2066Star 7\u2069 חזרה\u200f לנמל"
    assert clean_line(hebrew) == hebrew
    assert clean_line("\u202e" + hebrew + "\u202c") == hebrew


@pytest.mark.parametrize("text", ["The \u2066Star\u2069 is back\u200e", "הספינה \u2067חזרה", "הספינה \u2069\u2066חזרה"])
def test_marks_of_direction_go_where_nothing_needs_them_or_they_reach_further(text: str) -> None:
    assert not set(clean_line(text)) & set("\u200e\u200f\u2066\u2067\u2068\u2069")


def test_joiners_that_hold_marks_apart_are_taken_out_soon() -> None:
    assert clean_line("x\u0301" + "\u200d\u064b" * 100_000).count("\u200d") == 0
