"""HTML that the three themes have in common: inline marks, blocks of text, what the head declares, dates in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from html import escape
from string import Template
from typing import Any
from urllib.parse import quote

from .content import HERE, Article, Block, marked_notice
from .edition import Edition

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split(),
}
RELATIVE = {"en": "2 hours ago", "uk": "2 години тому"}
AND = {"en": " and ", "uk": " та "}
BY = {"en": "By ", "uk": "Автори: "}
READ_ALSO = {"en": "Read also:", "uk": "Читайте також:"}


@cache
def template(name: str) -> Template:
    """A theme's page with ``$placeholders``, by its path in the themes' folder."""
    return Template((HERE / "themes" / name).read_text("utf-8"))


def inline(text: str) -> str:
    """Escaped text with its emphasis and links as elements.

    >>> inline("the *Gannet* & [crew](/crew)")
    'the <em>Gannet</em> &amp; <a href="/crew">crew</a>'
    """
    text = re.sub(r"\[([^\]]+)\]\(([^)]*)\)", r'<a href="\2">\1</a>', escape(text, quote=False))
    text = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)
    return text.replace("\u00ad", "&shy;").replace("\u00a0", "&nbsp;")


def drop_cap(paragraph: str) -> str:
    """A marked-up paragraph with its first letter set apart, as magazines like it.

    >>> drop_cap("The sea")
    '<span class="dropcap">T</span>he sea'
    """
    return f'<span class="dropcap">{paragraph[0]}</span>{paragraph[1:]}'


def block_html(block: Block) -> str:
    """A paragraph, heading, quotation, list or table as ordinary outlets print it."""
    parts = [inline(part) for part in block.parts]
    match block.kind:
        case "heading":
            return f"<h3>{parts[0]}</h3>"
        case "quote":
            return f"<blockquote><p>{parts[0]}</p></blockquote>"
        case "list":
            return "<ul>\n" + "\n".join(f"  <li>{part}</li>" for part in parts) + "\n</ul>"
        case "table":
            head, *rows = ([cell.strip() for cell in part.split("|")] for part in parts)
            body = "\n".join(_row(row, "td") for row in rows)
            return f"<table>\n<thead>{_row(head, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f"<p>{parts[0]}</p>"


def body_html(article: Article, insert: Callable[[str, str], str]) -> list[str]:
    """The body's pieces in order; ``insert`` prints what the theme sets between them."""
    pieces = [insert(*b.parts) if b.kind == "insert" else block_html(b) for b in article.blocks]
    if article.drop_cap:
        pieces[0] = f"<p>{drop_cap(inline(article.blocks[0].parts[0]))}</p>"
    return pieces


def in_words(date: str, language: str) -> str:
    """The day of a date as a reader of the language writes it.

    >>> in_words("2025-04-26T10:00:00+03:00", "uk")
    '26 квітня 2025'
    """
    year, month, day = date[:10].split("-")
    return f"{int(day)} {MONTHS[language][int(month) - 1]} {year}"


def visible_date(article: Article) -> str:
    """The date that the page shows its readers; empty where it shows none."""
    if article.shown == "relative":
        return RELATIVE[article.language]
    if article.date_way == "numeric":
        return "/".join(reversed(article.published.split("-")))
    return in_words(article.published, article.language) if article.date_way in ("words", "time") else ""


def names(article: Article) -> str:
    """The authors in a row, as a byline has them."""
    return AND[article.language].join(article.authors)


def byline(article: Article, edition: Edition) -> str:
    """The byline that readers see, in the form that the article asks for; empty where only machines are told."""
    who = escape(names(article))
    href = author_path(article.authors[0]) if article.authors else ""
    forms = {
        "glued": f'by<a class="url fn" href="{edition.base}{href}">{who}</a>',
        "plain": f"{BY[article.language]}{who}",
        "rel_author": f'<a href="{edition.base}{href}" rel="author">{who}</a>',
        "role": f"By {who}, {article.role}",
        "text_uk": f"Текст: {who}",
    }
    return forms.get(article.byline, "")


def author_path(name: str) -> str:
    """Where an author's page is, percent-encoded."""
    return "/author/" + quote(name.lower().replace(" ", "-"))


def date_line(article: Article) -> str:
    """The line with the dates: of an article that says it was changed, the change first."""
    shown = visible_date(article)
    if article.date_way == "time":
        shown = f'<time datetime="{article.published}">{shown}</time>'
    if article.modified and article.modified_way in ("meta", "visible"):
        shown = f"Updated {in_words(article.modified, 'en')} · Published {shown}"
    return shown


def read_also(article: Article, edition: Edition, slugs: str, tag: str = "p") -> str:
    """A line that leads away: one link behind its label, or a list under it; nothing while none of them is out."""
    found = [other for slug in slugs.split(",") if (other := edition.find(slug))]
    label = f"<strong>{READ_ALSO[article.language]}</strong>"
    if len(found) == 1:
        return f"<{tag}>{label} {link(found[0], edition)}</{tag}>"
    items = "".join(f"<li>{link(other, edition)}</li>" for other in found)
    return f"<{tag}>{label}</{tag}>\n<ul>{items}</ul>" if found else ""


def say(name: str, article: Article, edition: Edition) -> str:
    """A notice's wording for an article's page, as HTML without an element of its own."""
    return inline(marked_notice(name, article.language, minutes=article.minutes, outlet=edition.name).text)


def head_metas(article: Article, edition: Edition) -> str:
    """The meta elements by which the page names itself, and by some bylines and dates its author and day."""
    url = edition.url(article)
    named = [("description", article.description), ("author", names(article) if article.byline == "meta" else None)]
    properties = [
        ("og:type", "article"),
        ("og:title", article.title),
        ("og:description", article.description),
        ("og:url", url),
        ("og:site_name", edition.name),
        ("og:image", f"{edition.base}/media/{article.slug}.jpg"),
        ("article:section", article.section),
        ("article:published_time", article.published if article.date_way == "meta" else None),
        ("article:modified_time", article.modified if article.modified_way == "meta" else None),
    ]
    metas = [_meta("name", *pair) for pair in named] + [_meta("property", *pair) for pair in properties]
    return "\n".join([*filter(None, metas), f'<link rel="canonical" href="{url}">'])


def json_ld(article: Article, edition: Edition) -> str:
    """The page's graph for machines: the outlet always, the article with what its date and byline say here."""
    node: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": edition.url(article) + "#article",
        "mainEntityOfPage": {"@id": edition.url(article)},
        "headline": article.title,
        "inLanguage": article.language,
        "articleSection": article.section,
        "publisher": {"@id": f"{edition.base}/#organization"},
    }
    if article.date_way == "json-ld":
        node["datePublished"] = article.published
    if article.modified_way == "json-ld":
        node["dateModified"] = article.modified
    if article.byline == "json_ld":
        node["author"] = [{"@type": "Person", "name": name} for name in article.authors]
    outlet = {"@type": "NewsMediaOrganization", "@id": f"{edition.base}/#organization", "name": edition.name}
    graph = {"@context": "https://schema.org", "@graph": [node, {**outlet, "url": edition.base + "/"}]}
    return script_json(graph)


def script_json(value: Any) -> str:
    """JSON-LD in its script element."""
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def link(article: Article, edition: Edition, query: str = "") -> str:
    """A link to an article with its headline."""
    return f'<a href="{edition.url(article)}{query}">{escape(article.title)}</a>'


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _meta(attribute: str, name: str, content: str | None) -> str | None:
    return f'<meta {attribute}="{name}" content="{escape(content)}">' if content else None
