"""What is cut from among an article's blocks, and what stays: each step with a case of both."""

from __future__ import annotations

import pytest

from crawler.extraction.article import About, Body
from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.boilerplate import clean_body
from crawler.extraction.html import parse_html
from crawler.items import Author, Kind

TITLE = "Weir repair begins at dawn"
ONE = "Divers went into the mill pool at first light on Monday with lamps, sandbags and a very long list of worries."
TWO = "The weir has leaked since the old king was crowned, and every council since has promised to look at it soon."
THREE = "By noon they had found the hole, which is as wide as a door and, one of them said, about as welcoming."
FOUR = "The work will last until September, and the river will be led round the town through the tannery cut."
PROSE = [ONE, TWO, THREE, FOUR]


def cleaned(html: str, **about: object) -> Body:
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    return clean_body(read_blocks(tree), About(**({"title": TITLE, "languages": ("en",)} | about)))  # type: ignore[arg-type]


def kept(body: Body) -> list[str]:
    return [block.text for block in body.kept]


def cut(body: Body) -> list[tuple[Kind, str]]:
    return [(removed.kind, removed.text) for _, removed in body.removed]


def article(*inner: str, before: str = "", after: str = "") -> str:
    """The prose with something between its second and third paragraph."""
    one, two, three, four = (f"<p>{text}</p>" for text in PROSE)
    return f"<main>{before}<article>{one}{two}{''.join(inner)}{three}{four}</article>{after}</main>"


@pytest.mark.parametrize(
    "headline",
    [f"<h1>{TITLE}</h1>", f"<h2>{TITLE.upper()}!</h2>", f"<p>{TITLE}</p>", "<h1>The weir: day one</h1>"],
)
def test_headline_is_cut_when_it_is_printed_again(headline: str) -> None:
    body = cleaned(f"<main>{headline}" + article()[6:])
    assert kept(body) == PROSE
    assert [kind for kind, _ in cut(body)] == [Kind.HEADLINE]


def test_first_level_heading_below_the_headline_stays() -> None:
    one, *rest = PROSE
    text = "".join(f"<p>{paragraph}</p>" for paragraph in rest)
    body = cleaned(f"<main><article><h1>{TITLE}</h1><p>{one}</p><h1>What the miller says</h1>{text}</article></main>")
    assert kept(body) == [one, "What the miller says", *rest]


def test_headline_words_stay_when_they_are_said_far_down_in_the_text() -> None:
    tail = "".join(f"<p>{text} Again.</p>" for text in PROSE)
    body = cleaned(article().replace("</article>", f"{tail}<p>{TITLE}.</p><p>{ONE}</p></article>"))
    assert f"{TITLE}." in kept(body)


def test_other_article_is_cut_when_it_has_a_linked_headline_of_its_own() -> None:
    teaser = '<article><h2><a href="/gate">A gate and two keys</a></h2><p>The row that split Sorrel Lane.</p></article>'
    body = cleaned(f"<h1>{TITLE}</h1>" + article(after=teaser))
    assert kept(body) == PROSE
    assert {kind for kind, _ in cut(body)} == {Kind.HEADLINE, Kind.RELATED}


def test_article_elements_stay_when_they_are_the_parts_of_the_article() -> None:
    parts = "".join(f"<article><h3>Part {n}</h3><p>{text}</p></article>" for n, text in enumerate(PROSE, 1))
    assert [text for text in kept(cleaned(f"<h1>{TITLE}</h1><main>{parts}</main>")) if "Part" not in text] == PROSE


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ('<div class="related-stories"><p>The gate on Sorrel Lane: a row in six parts.</p></div>', Kind.RELATED),
        ('<div class="newsletter-signup"><p>The week in your letter box.</p></div>', Kind.NEWSLETTER),
        ("<figure><img src=a.jpg><figcaption>The mill pool in May.</figcaption></figure>", Kind.CAPTION),
        ('<div class="share-bar"><span>Pass it on</span></div>', Kind.SHARE),
        ('<div class="post-comments"><p>Three people have had their say.</p></div>', Kind.COMMENTS),
        ("<aside><p>The weir in figures: four sluices, one eel.</p></aside>", Kind.OTHER),
        ("<nav><p>Town, people, pictures.</p></nav>", Kind.OTHER),
    ],
)
def test_marked_block_is_cut_by_its_name(markup: str, kind: Kind) -> None:
    body = cleaned(article(markup))
    assert kept(body) == PROSE
    assert [found for found, _ in cut(body)] == [kind]
    assert body.removed[0][1].reason.startswith("inside ")


def test_marked_wrapper_stays_when_it_holds_most_of_the_text() -> None:
    html = "".join(f"<p>{text}</p>" for text in PROSE)
    assert kept(cleaned(f'<div class="related-content sidebar">{html}</div>')) == PROSE
    assert kept(cleaned(f'<form><div id="share">{html}</div></form>')) == PROSE


def test_table_in_a_figure_stays() -> None:
    table = "<figure><table><tr><td>Sluice<td>4</tr><tr><td>Eel<td>1</tr></table></figure>"
    assert kept(cleaned(article(table))) == [ONE, TWO, "Sluice | 4", "Eel | 1", THREE, FOUR]


@pytest.mark.parametrize(
    "line",
    [
        '<p><a href="/gate">A gate, two keys and forty allotments</a></p>',
        '<ul><li><a href="/a">A gate and two keys</a></li><li><a href="/b">Choir goes on strike</a></li></ul>',
        '<ul><li><a href="/a">A gate and two keys</a> (May)</li><li><a href="/b">Choir on strike</a> (June)</li></ul>',
    ],
)
def test_links_to_other_pages_are_cut(line: str) -> None:
    body = cleaned(article(line))
    assert kept(body) == PROSE
    assert {kind for kind, _ in cut(body)} == {Kind.RELATED}


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (
            '<p>The <a href="/plan">plan of the engineers</a> names three risks.</p>',
            ["The plan of the engineers names three risks."],
        ),
        (
            '<ul><li>Sandbags, four hundred of them</li><li><a href="/b">Lamps</a></li><li>A list of worries</li></ul>',
            ["Sandbags, four hundred of them", "Lamps", "A list of worries"],
        ),
        ('<h2><a href="/tannery">The tannery cut</a></h2>', ["The tannery cut"]),
    ],
)
def test_text_with_links_in_it_stays(line: str, texts: list[str]) -> None:
    assert kept(cleaned(article(line))) == [ONE, TWO, *texts, THREE, FOUR]


LINKS = '<div><a href="/a">A gate and two keys</a></div><div><a href="/b">Choir goes on strike</a></div>'


def test_label_over_links_to_other_pages_is_cut_with_them() -> None:
    body = cleaned(article(f"<div>More from the mill pool</div>{LINKS}"))
    assert kept(body) == PROSE
    assert {kind for kind, _ in cut(body)} == {Kind.RELATED}


@pytest.mark.parametrize("line", ["The pool was silent.", "Seven words and no stop after it", "<h3>The pool</h3>"])
def test_text_over_links_to_other_pages_stays(line: str) -> None:
    assert len(kept(cleaned(article(f"<div>{line}</div>{LINKS}")))) == len(PROSE) + 1


def test_label_over_a_single_link_stays() -> None:
    assert len(kept(cleaned(article('<div>From the pool</div><div><a href="/a">A gate and two keys</a></div>')))) == 5


def test_line_outside_the_articles_element_is_cut() -> None:
    body = cleaned(f"<div><div>Three Mills, Monday</div>{article()}<div>Printed at the Old Tannery</div></div>")
    assert kept(body) == PROSE
    assert {kind for kind, _ in cut(body)} == {Kind.OTHER}


def test_paragraph_outside_the_articles_element_stays() -> None:
    last = "The mayor, who had promised to swim through the hole herself, was not to be seen by the river that day."
    assert kept(cleaned(article(after=f"<p>{last}</p>"))) == [*PROSE, last]


@pytest.mark.parametrize("line", ["26/04/2025 10:15", "May 5, 2025, 9:30", "2025-05-05", "Updated 05.05.2025, 14:20"])
def test_date_line_is_cut(line: str) -> None:
    body = cleaned(article(f"<p>{line}</p>"))
    assert kept(body) == PROSE
    assert cut(body) == [(Kind.DATE_LINE, line)]


@pytest.mark.parametrize(
    "line",
    [
        "Copper CMCU3 rose 0.86% to $5,880",
        "In 2019 the pool froze.",
        "The final score was 3:2, after extra time.",
        "1,204 voted for, 877 against.",
        "Ring 0158-23-2012",
    ],
)
def test_line_with_figures_that_is_no_date_stays(line: str) -> None:
    assert line in kept(cleaned(article(f"<p>{line}</p>")))


def test_notice_is_cut_by_a_rule_of_the_language() -> None:
    body = cleaned(article("<p>Please donate to our newsroom today!</p>"))
    assert kept(body) == PROSE
    assert [kind for kind, _ in cut(body)] == [Kind.DONATION]


def test_report_of_an_appeal_stays() -> None:
    line = "The rowing club asked its members to donate to the repair of the boat house."
    assert kept(cleaned(article(f"<p>{line}</p>"))) == [ONE, TWO, line, THREE, FOUR]


def test_notice_sentence_is_cut_from_its_paragraph_alone() -> None:
    body = cleaned(article(f"<p>{FOUR} Please donate to our newsroom today!</p>"))
    assert kept(body) == [ONE, TWO, FOUR, THREE, FOUR]
    assert cut(body) == [(Kind.DONATION, "Please donate to our newsroom today!")]


CAMPAIGN = (
    "For forty winters the mill street choir has sung at the hospital gate, in fog and in frost. This winter half of"
    " each new reader's first month goes to its bus. Please donate to our newsroom today! It fits on a postcard."
)
BUTTON = '<a href="/give" class="btn btn-primary">Donate now</a>'


def test_appeal_that_ends_in_a_button_is_cut_from_its_first_word_on_with_the_lines_above() -> None:
    box = f'<div class="box-x"><p>Sing along, give along</p><p>{CAMPAIGN} {BUTTON}</p></div>'
    body = cleaned(article(box))
    assert kept(body) == PROSE
    assert cut(body) == [(Kind.DONATION, "Sing along, give along"), (Kind.DONATION, f"{CAMPAIGN} Donate now")]


@pytest.mark.parametrize(
    ("before", "link"),
    [
        (CAMPAIGN, '<a href="/give">Donate now</a>'),
        (CAMPAIGN, '<a href="/timetable" class="btn">The timetable of the river ferry</a>'),
        (CAMPAIGN.replace("our newsroom", "its bus fund"), BUTTON),
    ],
    ids=["no button", "button that asks for nothing", "no appeal of the paper's"],
)
def test_sentences_beside_an_appeal_stay_without_a_button_that_asks_for_the_same(before: str, link: str) -> None:
    assert any(text.startswith("For forty winters") for text in kept(cleaned(article(f"<p>{before} {link}</p>"))))


def test_lines_above_a_button_stay_where_they_are_not_alone_with_it() -> None:
    paragraph = f"<p>{CAMPAIGN} {BUTTON}</p>"
    body = cleaned(
        f"<article><p>{ONE}</p><h3>At dawn</h3><p>{TWO}</p><h3>At noon</h3>{paragraph}<p>{FOUR}</p></article>"
    )
    assert kept(body) == [ONE, "At dawn", TWO, "At noon", FOUR]


def test_name_of_the_articles_element_is_cut_and_that_of_a_part_stays() -> None:
    named = f'<article aria-labelledby="what"><h6 id="what">Piece</h6><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></article>'
    body = cleaned(named)
    assert kept(body) == [ONE, TWO, THREE]
    assert cut(body) == [(Kind.OTHER, "Piece")]
    assert kept(cleaned(f"<p>{FOUR}</p>{named}")) == [FOUR, ONE, TWO, THREE]
    part = named.replace("article", "section")
    assert kept(cleaned(f"<article>{part}</article>")) == ["Piece", ONE, TWO, THREE]
    posts = "".join(
        f'<article aria-labelledby="p{n}"><h2 id="p{n}">Post {n}</h2><p>{text}</p></article>'
        for n, text in enumerate(PROSE)
    )
    assert kept(cleaned(f"<main>{posts}</main>")) == [
        line for n, text in enumerate(PROSE) for line in (f"Post {n}", text)
    ]


def test_byline_is_cut_before_and_after_the_text() -> None:
    html = article().replace("<article>", "<article><p>By Nell Abara in Three Mills</p>")
    body = cleaned(html.replace("</article>", "<p>Nell Abara</p></article>"), authors=(Author(name="Nell Abara"),))
    assert kept(body) == PROSE
    assert [kind for kind, _ in cut(body)] == [Kind.BYLINE, Kind.BYLINE]


def test_authors_name_stays_between_paragraphs_and_in_a_sentence() -> None:
    lines = "<p>Nell Abara</p><p>The diver is called Nell Abara, too.</p>"
    body = cleaned(article(lines), authors=(Author(name="Nell Abara"),))
    assert kept(body) == [ONE, TWO, "Nell Abara", "The diver is called Nell Abara, too.", THREE, FOUR]


def test_author_biography_is_cut_at_the_end() -> None:
    bio = "Nell Abara writes about rivers and the people who fall into them. She lives on a barge near Three Mills."
    body = cleaned(article().replace("</article>", f"<p>{bio}</p></article>"), authors=(Author(name="Nell Abara"),))
    assert kept(body) == PROSE
    assert cut(body) == [(Kind.AUTHOR_BIO, bio)]


DEATHS = "".join(
    f"<div>With heavy hearts we tell all who knew him that {name} left us in his ninetieth year after an illness.</div>"
    for name in (
        "Old Tobias Reed",
        "Amos Fell",
        "Jonah Weir",
        "Silas Brook",
        "Piet Moor",
        "Abel Lock",
        "Ned Fenn",
        "Ira Dale",
    )
)
PAGES = [f'<p><a href="/{n}">Page {n} of the town</a></p>' for n in range(30)]
MENU, NEAR = "".join(PAGES), "".join(PAGES[:10])


def cleaned_without_links(html: str) -> Body:
    """As the block model leaves it: links are not taken for the article."""
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    return clean_body([b for b in read_blocks(tree) if not b.link_chars], About(title=TITLE, languages=("en",)))


LONG = "".join(f"<p>{text} {text}</p>" for text in PROSE)


@pytest.mark.parametrize("far", [DEATHS, "<p>Get the app</p><div>Session over</div>"])
def test_what_is_far_behind_the_article_is_cut(far: str) -> None:
    body = cleaned_without_links(f"<main><article>{LONG}</article>{MENU}<div>{far}</div></main>")
    assert len(kept(body)) == len(PROSE)
    assert {kind for kind, _ in cut(body)} == {Kind.OTHER}


LATER = LONG.replace("<p>", "<p>Later ")
LINES = "".join(f"<p>Turn the {n}th wheel by a tooth.</p>" for n in range(12))


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (
            f"<main><article>{LONG}{MENU}<div>{DEATHS}</div></article></main>",
            12,
        ),  # the article's own element holds both
        (f"<main><div>{LONG}</div>{MENU}<div>{DEATHS}</div></main>", 12),  # no element says where it ends
        (f"<main><article>{LONG}</article>{MENU}<article>{DEATHS}</article></main>", 12),  # the next part
        (f"<main><article>{LONG}</article>{NEAR}<div>{DEATHS}</div></main>", 12),  # not far
        (f"<main><article><p>{ONE}</p></article>{MENU}<div>{DEATHS}</div></main>", 9),  # a teaser
        (f"<main><article>{LONG}</article>{MENU}<div>{LATER}</div></main>", 8),  # set as it is
        (f"<main><article>{LONG}{MENU}{LINES}</article></main>", 16),  # steps, in the article's element
        (f"<main><div>{LONG}{MENU}<p>So much for now.</p></div></main>", 5),
    ],
)
def test_what_is_far_behind_and_may_be_the_articles_stays(html: str, left: int) -> None:
    assert len(kept(cleaned_without_links(html))) == left


def test_a_long_list_that_was_not_taken_does_not_part_an_article() -> None:
    items = "".join(f"<li>{n} pegs of oak</li>" for n in range(40))
    tree = parse_html(
        f"<html><body><article>{LONG}<ul>{items}</ul><p>So it was built.</p></article></body></html>".encode()
    )
    assert tree is not None
    blocks = read_blocks(tree)
    unlikely = {block.index: (lambda: "not likely") for block in blocks if block.element.tag == "li"}
    assert len(clean_body(blocks, About(title=TITLE, languages=("en",)), unlikely).kept) == len(PROSE) + 41


@pytest.mark.parametrize("taxonomy", ["tag-related-posts category-newsletter", "mw_dossier-share enews_tags-comments"])
def test_what_a_post_is_about_does_not_say_what_its_element_is(taxonomy: str) -> None:
    """WordPress names an article's element by its categories and tags, too (get_post_class)."""
    post = f'<div class="post-17 post type-post status-publish has-post-thumbnail hentry {taxonomy}">'
    aside = "".join(f"<p>{text} {text} {text}</p>" for text in (THREE, FOUR))
    assert ONE in kept(cleaned(f"<main>{post}<p>{ONE}</p><p>{TWO}</p></div>{aside}</main>"))


def test_a_label_that_announces_nothing_is_cut_at_the_end() -> None:
    assert kept(cleaned(article().replace("</article>", "<p>Our sources:</p><p>出典：</p></article>"))) == PROSE


@pytest.mark.parametrize(
    "last",
    [
        "Asked what the hole was like to look into, he said only this:",
        "Sources: the mill",
        "Nobody asked.",
        "市长在会后接受记者采访时用微博写下了他对这座桥关闭的长篇回应，他写道：",
    ],
)
def test_a_last_line_that_says_something_stays(last: str) -> None:
    assert kept(cleaned(article().replace("</article>", f"<p>{last}</p></article>"))) == [*PROSE, last]


def test_headings_without_text_are_cut_at_the_end() -> None:
    body = cleaned(article("<h2>The hole</h2>").replace("</article>", "<h2>Comments</h2><h3>More</h3></article>"))
    assert kept(body) == [ONE, TWO, "The hole", THREE, FOUR]
    assert {text for _, text in cut(body)} == {"Comments", "More"}


def test_text_set_as_headings_throughout_stays() -> None:
    assert kept(cleaned("".join(f"<h3>{text}</h3>" for text in PROSE))) == PROSE


def test_trail_is_in_reading_order_with_kind_and_reason() -> None:
    body = cleaned(
        f"<h1>{TITLE}</h1>"
        + article('<p>Please donate to our newsroom today!</p><div class="share">Pass it on</div><p>05.05.2025</p>')
    )
    assert [kind for kind, _ in cut(body)] == [Kind.HEADLINE, Kind.DONATION, Kind.SHARE, Kind.DATE_LINE]
    assert [place for place, _ in body.removed] == sorted(place for place, _ in body.removed)
    assert all(removed.reason for _, removed in body.removed)


def test_nothing_is_cut_from_nothing() -> None:
    body = clean_body([], About(title=TITLE))
    assert (body.kept, body.removed) == ([], [])


def test_clean_body_leaves_the_given_blocks_as_they_were() -> None:
    tree = parse_html(article("<p>Please donate to our newsroom today!</p>").encode())
    assert tree is not None
    blocks: list[Block] = read_blocks(tree)
    before = [block.text for block in blocks]
    clean_body(blocks, About(title=TITLE, languages=("en",)))
    assert [block.text for block in blocks] == before


def unlikely_cleaned(html: str, *texts: str) -> Body:
    """The page cleaned, when the block model has not taken these texts."""
    tree = parse_html(f"<html><body>{html}</body></html>".encode())
    assert tree is not None
    blocks = read_blocks(tree)
    unlikely = {block.index: lambda: "20% likely" for block in blocks if block.text in texts}
    return clean_body(blocks, About(title=TITLE, languages=("en",)), unlikely)


def test_heading_is_taken_back_between_two_taken_paragraphs() -> None:
    body = unlikely_cleaned(article("<h2>A hole like a door</h2>"), "A hole like a door")
    assert kept(body) == [ONE, TWO, "A hole like a door", THREE, FOUR]
    assert cut(body) == []


def test_heading_is_not_taken_back_in_a_box_or_over_what_was_not_taken() -> None:
    box, note = "<div><h2>The tannery</h2></div>", "<h2>Our guide</h2><p>All walks by the mill.</p>"
    body = unlikely_cleaned(article(box, note), "The tannery", "Our guide", "All walks by the mill.")
    assert kept(body) == PROSE


def test_list_without_links_is_taken_back_between_two_taken_paragraphs() -> None:
    body = unlikely_cleaned(article("<ul><li>six lamps</li><li>two winches</li></ul>"), "six lamps", "two winches")
    assert kept(body) == [ONE, TWO, "six lamps", "two winches", THREE, FOUR]


@pytest.mark.parametrize(
    "inner",
    [
        '<ul><li><a href="/lamps">six lamps</a> here</li><li>two winches</li></ul>',
        "<ul><li>six lamps here</li><li>two winches</li></ul><p>Also on the river</p>",
        "<ol><li>six lamps here</li><li>two winches</li></ol>",
    ],
)
def test_list_is_not_taken_back_with_links_ordered_or_beside_what_was_not_taken(inner: str) -> None:
    body = unlikely_cleaned(article(inner), "six lamps here", "two winches", "Also on the river")
    assert kept(body) == PROSE


ROWS = ["Lamps | six", "Winches | two", "Nets | none"]
TABLE = "<table>" + "".join("<tr><td>{}</td><td>{}</td></tr>".format(*row.split(" | ")) for row in ROWS) + "</table>"


def test_row_is_taken_back_into_a_table_of_which_most_rows_were_taken() -> None:
    body = unlikely_cleaned(article(TABLE), ROWS[1])
    assert kept(body) == [ONE, TWO, *ROWS, THREE, FOUR]
    assert cut(body) == []


def test_row_is_not_taken_back_into_a_table_of_which_most_rows_were_not() -> None:
    body = unlikely_cleaned(article(TABLE), *ROWS[1:])
    assert kept(body) == [ONE, TWO, ROWS[0], THREE, FOUR]


def test_opening_named_a_teaser_stays() -> None:
    body = cleaned(f'<main><article><div class="teaser-text"><p>{FOUR}</p></div>' + article()[15:])
    assert kept(body)[0] == FOUR
    assert cut(body) == [(Kind.OTHER, FOUR)]  # said again at the end


@pytest.mark.parametrize(
    ("name", "inner"),
    [("teaser", f'<p>{FOUR}</p><a href="/next">More</a>'), ("teaser-image", f"<p>{FOUR}</p>")],
)
def test_teaser_is_cut_when_it_leads_away_or_stands_under_a_picture(name: str, inner: str) -> None:
    body = cleaned(f'<main><article><div class="{name}">{inner}</div>' + article()[15:])
    assert kept(body) == PROSE
