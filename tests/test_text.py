"""One clean line of text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.text import clean_line

ANY_TEXT = st.text(st.characters(codec=None))
FIDDLY_TEXT = st.text(
    st.sampled_from(
        "ae\u0301 \u00a0\u00ad\u200b\u200c\u200d\u202e\u2028\x00\x1f\x85"
        "\ud83d\ude00\u0645\u0915\u094d\u2764\ufe0f\U0001f469"
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
