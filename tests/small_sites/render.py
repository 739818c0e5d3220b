"""The page of one article of a small site, in the site's layout and language."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from .records import SmallArticle, SmallNotice, seed

if TYPE_CHECKING:
    from .site import SmallSite

HERE = Path(__file__).parent

_NUMERIC_DATES = {
    "iso": "%Y-%m-%d %H:%M",
    "dmy-slash": "%d/%m/%Y",
    "mdy-slash": "%m/%d/%Y",
    "dmy-dot": "%d.%m.%Y",
}
_UNSPACED = ("ja", "zh")  # no space stands between two sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPage:
    """A whole page; ``paragraphs`` are what is to be kept of it, in reading order, ``notices`` what is to go."""

    url: str
    html: bytes = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    notices: tuple[str, ...] = field(repr=False)
    published: dt.datetime
    fetched_at: dt.datetime  # UTC; what a relative date on the page counts from
    article: SmallArticle = field(repr=False)


def rendered(site: SmallSite, article: SmallArticle) -> SmallPage:
    """The article's page: the same bytes on every call."""
    layout, words = _layouts()[site.layout], _words(site.language)
    values = {name: escape(word) for name, word in words.items() if isinstance(word, str)} | {
        "language": site.language,
        "outlet": escape(site.name),
        "host": site.host,
        "url": _url(site, article),
        "title": escape(article.title),
        "section": escape(article.section),
        "year": str(article.published.year),
        "declared": _declared(site, article),
        "byline": _filled(layout["byline"], article.author and words["by"].format(author=article.author)),
        "date": _filled(layout["date"], _visible_date(site, article)),
        "section_url": _section_paths(site)[article.section],
        "nav": "\n".join(
            layout["nav_item"].format(url=path, title=escape(name)) for name, path in _section_paths(site).items()
        ),
        "body": _body(site, article),
        "sidebar": _links(site, layout["side_item"], _others(site, article)[:5]),
        "more": _links(site, layout["more_item"], _shuffled_others(site, article)[:3]),
    }
    return SmallPage(
        url=_url(site, article),
        html=Template(layout["page"]).substitute(values).encode(),
        paragraphs=article.text,
        notices=tuple(notice.wording(article) for notice in site.notices_on(article)),
        published=article.published,
        fetched_at=(article.published + dt.timedelta(hours=_hours_old(article), minutes=11)).astimezone(dt.UTC),
        article=article,
    )


def _body(site: SmallSite, article: SmallArticle) -> str:
    """The paragraphs, with each notice before, between, after or in them."""
    layout = _layouts()[site.layout]
    texts = [escape(text, quote=False) for text in article.paragraphs]
    after: list[list[str]] = [[] for _ in range(len(texts) + 1)]  # [n]: the notices after n paragraphs
    for notice in site.notices_on(article):
        wording = escape(notice.wording(article), quote=False)
        if notice.is_joined:
            texts[seed(article.slug, notice.text, "at") % len(texts)] += _joint(site, notice) + wording
        else:
            block = _block(layout["paragraph"], notice.element or "p", wording)
            after[_position(site, notice, len(texts))].append(block)
    title_line = [_filled(layout["paragraph"], escape(article.column, quote=False))] if article.column else []
    blocks = [*after[0], *title_line]
    for text, notices in zip(texts, after[1:], strict=True):
        blocks += [_filled(layout["paragraph"], text), *notices]
    return layout["gap"].join(blocks)


def _joint(site: SmallSite, notice: SmallNotice) -> str:
    """What parts a joined notice from the paragraph before it."""
    if notice.where == "merged":
        return "<br>"
    return "" if site.language.startswith(_UNSPACED) else " "


def _position(site: SmallSite, notice: SmallNotice, count: int) -> int:
    """How many of the paragraphs a notice stands after: in the middle as many on every page of the site."""
    middle = min(2 + seed(site.host, notice.text) % 2, count - 1)
    return {"top": 0, "middle": middle, "end": count}[notice.where]


def _block(paragraph: str, element: str, text: str) -> str:
    tag, _, css_class = element.partition(".")
    return f'<{tag} class="{css_class}">{text}</{tag}>' if css_class else _filled(paragraph, text)


def _visible_date(site: SmallSite, article: SmallArticle) -> str:
    day, words = article.published, _words(site.language)
    if site.dates == "none":
        return ""
    if site.dates == "relative":
        return str(words["hours_ago"].format(n=_hours_old(article)))
    if site.dates == "long":
        form = words.get(f"long_{site.country}", words["long"])
        return str(form.format(day=day.day, month=words["months"][day.month - 1], year=day.year))
    return day.strftime(_NUMERIC_DATES[site.dates])


def _hours_old(article: SmallArticle) -> int:
    """How long before the page was fetched the article was published."""
    return 2 + seed(article.slug, "hours") % 19


def _declared(site: SmallSite, article: SmallArticle) -> str:
    if not site.declares:
        return ""
    article_ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "publisher": {"@type": "Organization", "name": site.name},
    }
    if article.author:
        article_ld["author"] = {"@type": "Person", "name": article.author}
    return f'<script type="application/ld+json">{json.dumps(article_ld, ensure_ascii=False)}</script>'


def _url(site: SmallSite, article: SmallArticle) -> str:
    day = article.published
    path = _layouts()[site.layout]["path"].format(slug=article.slug, year=day.year, month=f"{day.month:02}")
    return f"https://{site.host}{path}"


def _others(site: SmallSite, article: SmallArticle) -> list[SmallArticle]:
    return [other for other in site.articles if other != article]


def _shuffled_others(site: SmallSite, article: SmallArticle) -> list[SmallArticle]:
    return sorted(_others(site, article), key=lambda other: seed(article.slug, other.slug))


def _links(site: SmallSite, item: str, articles: Iterable[SmallArticle]) -> str:
    return "\n".join(item.format(url=escape(_url(site, a)), title=escape(a.title, quote=False)) for a in articles)


def _section_paths(site: SmallSite) -> dict[str, str]:
    names = sorted({article.section for article in site.articles})
    return {name: f"/s{number}/" for number, name in enumerate(names, 1)}


def _filled(markup: str, text: str) -> str:
    return markup.format(text=text) if text else ""


@cache
def _layouts() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "layouts.toml").read_text("utf-8"))


@cache
def _words(language: str) -> dict[str, Any]:
    words = tomllib.loads((HERE / "words.toml").read_text("utf-8"))
    return dict(words[language.partition("-")[0]])
