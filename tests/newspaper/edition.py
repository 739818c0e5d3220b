"""What an outlet's pages are made from: its address and the articles out today; and one answer of its server."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from .content import Article, articles

HTML = "text/html; charset=utf-8"


class Reply(NamedTuple):
    """An answer to a request."""

    body: bytes
    content_type: str = HTML
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One outlet on one day: its name, where it is served and the articles that are out."""

    outlet: str
    name: str
    base: str  # scheme, host and port, no slash at the end
    hidden: frozenset[str] = frozenset()

    @property
    def articles(self) -> tuple[Article, ...]:
        """The outlet's published articles, newest first."""
        return tuple(a for a in articles() if a.outlet == self.outlet and a.slug not in self.hidden)

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that have an article, in order of name."""
        return tuple(sorted({article.section for article in self.articles}))

    @property
    def authors(self) -> dict[str, tuple[Article, ...]]:
        """The people whom a byline links to, in order of name, with their articles."""
        linked = sorted({n for a in self.articles for n in a.authors if a.byline in ("glued", "rel_author")})
        return {name: tuple(a for a in self.articles if name in a.authors) for name in linked}

    def url(self, article: Article) -> str:
        """The article's canonical address."""
        return self.base + article.path

    def others(self, article: Article, number: int) -> tuple[Article, ...]:
        """Articles in the same language for a block of related links: those that follow this one, going round."""
        same = [a for a in self.articles if a.language == article.language]
        start = next((i for i, a in enumerate(same) if a.slug == article.slug), -1) + 1
        return tuple(a for a in (same[start:] + same[:start])[:number] if a.slug != article.slug)

    def find(self, slug: str) -> Article | None:
        """The article of that name if it is out."""
        return next((a for a in self.articles if a.slug == slug), None)


def page(text: str, status: int = 200) -> Reply:
    """A page of HTML."""
    return Reply(text.encode(), HTML, status)


def not_found(name: str) -> Reply:
    """An honest 404."""
    return page(f"<!doctype html><title>Not found | {escape(name)}</title><h1>Not found</h1>", 404)
