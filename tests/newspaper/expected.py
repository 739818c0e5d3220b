"""What a right record says of an article of the newspaper, and which texts of its page the record must not hold."""

from __future__ import annotations

from typing import TypedDict

from .content import Article, Notice, is_notice, marked_notice, plain
from .edition import Edition
from .markup import READ_ALSO


class Expected(TypedDict):
    """The fields of a right record, and beside them how the article was printed.

    ``paragraphs`` are those of ``content_text`` in order; a table's row has its cells split by " | ", a list's item
    has no mark before it. ``authors`` are the names alone. ``notices`` are texts on the page that are not the article.
    """

    slug: str
    outlet: str
    url: str
    title: str
    paragraphs: list[str]
    content_text: str
    summary: str | None
    authors: list[str]
    date_published: str
    date_modified: str | None
    language: str
    section: str
    corrections: list[str]
    date_way: str
    byline: str
    notices: list[Notice]


def expected_record(article: Article, edition: Edition, chrome: tuple[str, ...]) -> Expected:
    """The expected record of an article; ``chrome`` names the notices that its theme prints on every page."""
    paragraphs = list(article.paragraphs)
    return Expected(
        slug=article.slug,
        outlet=article.outlet,
        url=edition.url(article),
        title=article.title,
        paragraphs=paragraphs,
        content_text="\n\n".join(paragraphs),
        summary=article.summary,
        authors=list(article.authors),
        date_published=article.published,
        date_modified=article.modified,
        language=article.language,
        section=article.section,
        corrections=list(article.corrections),
        date_way=article.date_way,
        byline=article.byline,
        notices=_notices(article, edition, chrome),
    )


def _notices(article: Article, edition: Edition, chrome: tuple[str, ...]) -> list[Notice]:
    inserts = [block.parts for block in article.blocks if block.kind == "insert"]
    names = dict.fromkeys([*(name for name, _ in inserts if is_notice(name)), *chrome])
    values = {"minutes": article.minutes, "outlet": edition.name}
    fixed = [marked_notice(name, article.language, **values) for name in names]
    own = [notice for name, argument in inserts for notice in _own(name, argument, article, edition)]
    return [Notice(kind, plain(text)) for kind, text in [*fixed, *own]]


def _own(name: str, argument: str, article: Article, edition: Edition) -> list[Notice]:
    """The notices of an insert whose words are the article's own."""
    match name:
        case "figure":
            caption, _, credit = argument.partition("|")
            return [Notice("caption", f"{caption}. {credit}")]
        case "headline":
            return [Notice("headline", article.title)]
        case "correction":
            return [Notice("correction", f"Correction: {argument}")]
        case "read_also" | "read_also_list":
            label = Notice("related links", READ_ALSO[article.language])
            return [label, *(Notice("related links", o.title) for s in argument.split(",") if (o := edition.find(s)))]
    return []
