"""Notices cut from blocks and paragraphs; articles about the same things left whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.notices import MAX_PARAGRAPH_CHARS, block_notice, cut_notices
from crawler.extraction.sentences import masked, sentence_spans
from crawler.items import Kind

APPEALS = {
    "en": (
        "You have come to the end of this story, and it cost you nothing. We publish without a paywall, for facts are "
        "everybody's. That works only as long as some of you pay for it. If you can, please give our newsroom a few "
        "pounds a month. Thank you!"
    ),
    "en-GB": (
        "Before you leave: nothing on this website stands behind a paywall. A few hundred readers pay for that. "
        "Could you be one of them? Four dollars a month keeps a reporter on the road."
    ),
    "de": (
        "Diesen Text lesen Sie kostenlos. Unsere Redaktion gehört keinem Konzern. Helfen Sie uns, damit das so "
        "bleibt: Schon mit drei Euro im Monat tragen Sie dazu bei."
    ),
    "uk": (
        "Ви читаєте цю статтю безкоштовно. Наша редакція незалежна. Допоможіть нам працювати далі: вистачить ста "
        "гривень на місяць."
    ),
}

ABOUT = [
    "Patreon raised its fee for new members on Monday, and many artists said they would leave.",
    "The charity asked readers to donate to its winter fund, which pays for coal and blankets.",
    "The company will let users turn off cookies, and will ask for consent only once a year.",
    "Ad blockers cost publishers billions a year; a third of readers in the survey use an ad blocker.",
    "Subscribe buttons were removed from the page after the court ruled that they misled customers.",
    "He launched a newsletter in 2019, and two years later more than a million people had subscribed to it.",
    "“Support us on Patreon,” the sign read. “We depend on readers like you.”",
    "The Telegram channel, which has two million followers, was blocked on Tuesday.",
    "Crowdfunding brought in forty thousand euros, and every donor will get a copy of the film.",
    "Members of the club pay a monthly fee and may cancel at any time, the contract says.",
    "We need your help, the mayor told volunteers, and two hundred came to fill sandbags.",
    "The editors wrote that they rely on advertising, and that without readers' support the paper would close.",
]


@pytest.mark.parametrize(("language", "text"), APPEALS.items())
def test_long_appeal_in_fresh_words_is_a_donation_appeal(language: str, text: str) -> None:
    notice = block_notice(text, languages=[language, "en"])

    assert notice is not None
    assert notice.kind is Kind.DONATION


@pytest.mark.parametrize("text", ABOUT)
@pytest.mark.parametrize("languages", [["en"], ["de", "en"], []], ids=["en", "de+en", "all"])
def test_article_about_such_things_is_left_whole(text: str, languages: list[str]) -> None:
    assert block_notice(text, languages=languages) is None
    assert cut_notices(text, languages=languages) == (text, [])


def test_articles_about_such_things_are_left_whole_as_one_paragraph() -> None:
    text = " ".join(ABOUT)

    assert cut_notices(text, languages=["en"]) == (text, [])


def test_notice_sentences_are_cut_from_the_end_of_a_paragraph() -> None:
    text = "The bridge  reopened on Monday. It had been shut for a year. Please donate to our newsroom! Thank you."

    kept, removed = cut_notices(text, languages=["en"])

    assert kept == "The bridge  reopened on Monday. It had been shut for a year."
    assert [(cut.kind, cut.text) for cut in removed] == [
        (Kind.DONATION, "Please donate to our newsroom!"),
        (Kind.DONATION, "Thank you."),
    ]


def test_mixed_block_is_not_dropped_whole() -> None:
    text = "The mayor resigned. Subscribe to our newsletter!"

    assert block_notice(text, languages=["en"]) is None
    assert cut_notices(text, languages=["en"])[0] == "The mayor resigned."


def test_appeal_that_speaks_of_an_ad_blocker_is_an_ad_block_notice() -> None:
    text = "Our magazine relies on advertising to pay its writers. Please switch off your ad blocker. Thank you!"

    notice = block_notice(text, languages=["en"])

    assert notice is not None
    assert notice.kind is Kind.ADBLOCK


@pytest.mark.parametrize(
    ("language", "kept", "moved"),
    [
        ("en", "The fine was four million.", "An earlier version of this story gave another sum."),
        ("de", "Die Strafe betrug vier Millionen.", "In einer früheren Version dieses Textes stand eine andere Summe."),
        ("es", "La multa fue de cuatro millones.", "En una versión anterior de esta noticia figuraba otra cifra."),
        ("fr", "L'amende était de quatre millions.", "Une version précédente de cet article donnait une autre somme."),
        ("it", "La multa era di quattro milioni.", "In una versione precedente di questo articolo era un'altra."),
        ("nl", "De boete was vier miljoen.", "In een eerdere versie van dit artikel stond een ander bedrag."),
        ("pl", "Kara wynosiła cztery miliony.", "W poprzedniej wersji tego tekstu podano inną kwotę."),
        ("pt", "A multa era de quatro milhões.", "Numa versão anterior deste texto constava outro valor."),
        ("ru", "Штраф составил четыре миллиона.", "В предыдущей версии этой статьи была другая сумма."),
        ("tr", "Ceza dört milyondu.", "Bu haberin ilk halinde başka bir rakam vardı."),
        ("uk", "Штраф становив чотири мільйони.", "У попередній версії цієї статті була інша сума."),
    ],
)
def test_correction_sentence_is_taken_from_its_paragraph(language: str, kept: str, moved: str) -> None:
    text, removed = cut_notices(f"{kept} {moved}", languages=[language, "en"])

    assert text == kept
    assert [(cut.kind, cut.text) for cut in removed] == [(Kind.CORRECTION, moved)]


def test_quoted_appeal_is_kept_even_across_sentences() -> None:
    text = 'The banner said: "Support our journalism. Donate today. Subscribe to our newsletter."'

    assert cut_notices(text, languages=["en"]) == (text, [])


def test_link_share_decides_where_a_rule_asks_for_links() -> None:
    text = "Learn more about tides"

    assert block_notice(text, languages=["en"]) is None
    assert block_notice(text, languages=["en"], link_share=0.9) is not None


def test_reason_names_language_rule_and_words() -> None:
    notice = block_notice("Lesezeit: 4 Minuten", languages=["de", "en"])

    assert notice is not None
    assert notice.reason == "de reading-time: Lesezeit: 4 Minuten"


@pytest.mark.parametrize(
    "text", ["", " ", "a " * 50_000, "support us " * 20_000, "„" * 50_000, "‘’" * 50_000, "(" * 50_000]
)
def test_hostile_text_is_given_back(text: str) -> None:
    assert cut_notices(text, languages=[]) == (text, [])
    assert block_notice(text, languages=[]) is None


def test_text_just_under_the_limit_is_still_read() -> None:
    filler = "The ferry left the harbour at noon and came back at six. " * 500
    text = f"{filler[: MAX_PARAGRAPH_CHARS - 100]}. Please donate to our newsroom!"

    assert len(cut_notices(text, languages=["en"])[1]) == 1


SENTENCES = st.sampled_from(
    [
        "The rain stopped.",
        "Subscribe to our newsletter!",
        "Thank you!",
        "“Donate now,” she said.",
        "Dr. Holm left…",
        "Ok?",
    ]
)
TEXTS = st.lists(SENTENCES, max_size=8).map(" ".join) | st.text(max_size=200)


@given(TEXTS)
def test_sentences_join_to_the_same_text(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentence_spans(masked(text))) == text


@given(TEXTS)
def test_masking_keeps_the_length(text: str) -> None:
    assert len(masked(text)) == len(text)


@given(TEXTS)
def test_cutting_never_adds_text(text: str) -> None:
    kept, removed = cut_notices(text, languages=["en"])

    rest = iter(text)
    assert all(character in rest for character in kept)  # a subsequence, in order
    assert bool(removed) or kept == text


@given(st.text(alphabet="bcdfg .!?\n", max_size=200))
def test_text_without_a_cue_is_returned_as_it_is(text: str) -> None:
    assert cut_notices(text, languages=["en"]) == (text, [])
