"""What a start address turns out to be when the page declares nothing."""

from spiders.urls import Answer, kind_of

PARAGRAPH = "<p>The council met for two hours and agreed that the old bridge has to close before the winter storms.</p>"
TEASER = "<h2><a href='/b'>Old bridge closes before the winter storms</a></h2>" + PARAGRAPH


def test_page_of_paragraphs_is_an_article_though_it_declares_nothing() -> None:
    page = f"<title>Bridge</title><nav><a href='/'>Home</a></nav><h1>Bridge closes</h1>{PARAGRAPH * 3}".encode()

    assert kind_of(page, "https://example.org/news/bridge") is Answer.ARTICLE


def test_page_of_teasers_is_a_section() -> None:
    page = f"<title>News</title><h1>Town</h1>{TEASER * 5}".encode()

    assert kind_of(page, "https://example.org/town") is Answer.SECTION


def test_listing_with_an_introduction_is_a_section() -> None:
    page = f"<title>Tag</title>{PARAGRAPH * 3}<ul><li><a href='/a'>A story of the bridge and the storm</a></li></ul>"

    assert kind_of(page.encode(), "https://example.org/tag/bridge") is Answer.SECTION
