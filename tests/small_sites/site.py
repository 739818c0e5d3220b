"""A small site: its file, what it prints on which of its pages, and the pages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .records import Dates, Layout, SmallArticle, SmallNotice, read_record, seed
from .render import SmallPage, rendered

HERE = Path(__file__).parent

_SHARES = {"all": 1.0, "most": 0.75, "half": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSite:
    """One outlet with all its articles, newest first."""

    name: str
    host: str
    language: str
    country: str | None = None
    zone: str
    layout: Layout
    dates: Dates
    declares: bool
    notices: tuple[SmallNotice, ...]
    articles: tuple[SmallArticle, ...]

    def pages(self) -> tuple[SmallPage, ...]:
        """The whole page of each article, newest first."""
        return tuple(rendered(self, article) for article in self.articles)

    def notices_on(self, article: SmallArticle) -> tuple[SmallNotice, ...]:
        """The notices on the article's page; one that names the author is left out where there is none."""
        return tuple(notice for notice in self.notices if article in self._pages_with(notice))

    def _pages_with(self, notice: SmallNotice) -> list[SmallArticle]:
        fit = [article for article in self.articles if article.author or "{author}" not in notice.text]
        fit.sort(key=lambda article: seed(article.slug, notice.text, "on"))
        return fit[: round(_SHARES[notice.on] * len(fit))]


@cache
def small_sites() -> tuple[SmallSite, ...]:
    """All small sites, by the names of their files."""
    return tuple(read_site(path) for path in sorted((HERE / "data").glob("*.toml")))


def read_site(path: Path) -> SmallSite:
    """The site of one file; ValueError names the file and the key that is wrong."""
    table = tomllib.loads(path.read_text("utf-8"))
    notices = [
        read_record(SmallNotice, notice, f"{path.name}, notice {number}")
        for number, notice in enumerate(table.pop("notice", []), 1)
    ]
    articles = [
        read_record(SmallArticle, article, f"{path.name}, article {article.get('slug', number)}")
        for number, article in enumerate(table.pop("article", []), 1)
    ]
    articles.sort(key=lambda article: (article.published, article.slug), reverse=True)
    return read_record(SmallSite, table | {"notices": notices, "articles": articles}, path.name)
