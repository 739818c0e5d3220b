"""Harbour Courier: an English outlet on a blog engine's usual theme, found through its sitemaps."""

from __future__ import annotations

from html import escape

from . import feeds, markup
from .content import Article
from .edition import Edition, Reply, page

NAME = "Harbour Courier"
CHROME = ("newsletter", "advertisement", "share", "related", "comments", "copyright", "cookies", "donation_button")
FRONTS = ("/",)
FORBIDDEN = ("/wp-admin/",)
REFUSED = {
    "/": "index page",
    "/about/": "about page",
    "/support/": "page without a date",
    "/transport/winter-timetable/": "soft 404",
    "/transport/ferry-prices-2019/": "404",
    "/files/tide-table.pdf": "PDF",
}
_MISSING = "We're sorry, the page you were looking for could not be found. It may have been moved or deleted."
_ABOUT = """<h1>About us</h1><p>Harbour Courier is written by seven people above a chandler's shop in Saltmere. It was
founded in 1871 to print the times of the tide.</p><p>Letters reach us at the old address.</p>"""
_SUPPORT = "<h1>Support the Courier</h1><p>Donate today: every pound goes to the reporting.</p>"
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def pages(edition: Edition) -> dict[str, Reply]:
    """Every page of the outlet by its path."""
    out = {a.path: _article(a, edition) for a in edition.articles}
    out["/"] = _listing("Harbour Courier | News from Saltmere", edition.articles, edition, front=True)
    for path, (name, found) in listings(edition).items():
        out[path] = _listing(f"{name} | {NAME}", found, edition, name=name)
    out["/about/"] = _plain("About us", _ABOUT, edition)
    out["/support/"] = _plain("Support us", _SUPPORT, edition)
    out["/transport/winter-timetable/"] = _plain("Page not found", f"<h1>Page not found</h1><p>{_MISSING}</p>", edition)
    out["/files/tide-table.pdf"] = Reply(_PDF, "application/pdf")
    return out | _machine_readable(edition)


def listings(edition: Edition) -> dict[str, tuple[str, tuple[Article, ...]]]:
    """Section, tag and author pages: path → name and articles."""
    all_of = edition.articles
    found = {_section(name): (name, tuple(a for a in all_of if a.section == name)) for name in edition.sections}
    for tag in sorted({tag for a in all_of for tag in a.tags}):
        found[_tag(tag)] = (f"Tag: {tag}", tuple(a for a in all_of if tag in a.tags))
    for name, written in edition.authors.items():
        found[markup.author_path(name)] = (name, written)
    return found


def _machine_readable(edition: Edition) -> dict[str, Reply]:
    """The ordinary sitemap holds every article; the news sitemap those of which the outlet knows more there."""
    ordinary = [*listings(edition), *(path for path, why in REFUSED.items() if why in ("index page", "about page"))]
    return {
        "/robots.txt": feeds.robots("Disallow: /wp-admin/", "", f"Sitemap: {edition.base}/sitemap_index.xml"),
        "/sitemap_index.xml": feeds.sitemap_index(edition.base, ("/news-sitemap.xml", "/post-sitemap.xml")),
        "/news-sitemap.xml": feeds.news_sitemap(edition, edition.articles),
        "/post-sitemap.xml": feeds.sitemap(edition, ordinary),
    }


def _section(name: str) -> str:
    return f"/category/{name.lower()}/"


def _tag(name: str) -> str:
    return f"/tag/{name.lower().replace(' ', '-')}/"


def _article(article: Article, edition: Edition) -> Reply:
    byline, date = markup.byline(article, edition), markup.date_line(article)
    tags = ", ".join(f'<a href="{edition.base}{_tag(tag)}" rel="tag">{tag}</a>' for tag in article.tags)
    main = markup.template("harbour/article.html").substitute(
        base=edition.base,
        post_id=_post_id(article),
        url=edition.url(article),
        section=article.section,
        section_url=edition.base + _section(article.section),
        title=escape(article.title),
        standfirst=markup.inline(article.summary or ""),
        byline=f'<span class="byline author vcard">{byline}</span> ' if byline else "",
        date=f'<span class="posted-on">{date}</span>' if date else "",
        body="\n".join(_body(article, edition)),
        tags=tags,
        related="\n".join(_card(other, edition) for other in edition.others(article, 3)),
    )
    head = f"{markup.head_metas(article, edition)}\n{markup.json_ld(article, edition)}"
    return _page(f"{article.title} | {NAME}", main, edition, head=head, body_class="single single-post")


def _body(article: Article, edition: Edition) -> list[str]:
    def insert(name: str, argument: str) -> str:
        match name:
            case "figure":
                caption, _, credit = argument.partition("|")
                image = f'<img src="/media/{article.slug}.jpg" alt="" width="1024" height="683" loading="lazy">'
                text = f'<figcaption class="wp-element-caption">{caption}. <span>{credit}</span></figcaption>'
                return f'<figure class="wp-block-image size-large">{image}{text}</figure>'
            case "headline":
                return f"<h2>{escape(article.title)}</h2>"
            case "read_also" | "read_also_list":
                return markup.read_also(article, edition, argument)
            case "correction":
                return f"<p><em>Correction: {argument}</em></p>"
            case "advertisement":
                return '<div class="code-block"><p>Advertisement</p><ins data-ad-slot="2201"></ins></div>'
        return f"<p>{markup.say(name, article, edition)}</p>"

    return markup.body_html(article, insert)


def _card(article: Article, edition: Edition) -> str:
    day = markup.in_words(article.published, "en")
    return (
        f'<div class="related-item"><h4>{markup.link(article, edition)}</h4><span class="post-date">{day}</span></div>'
    )


def _post_id(article: Article) -> int:
    return 4100 + sum(article.slug.encode())


def _listing(title: str, found: tuple[Article, ...], edition: Edition, *, name: str = "", front: bool = False) -> Reply:
    """Teasers; on the front page the first story is linked once more, as its picture, with a campaign's parameters."""
    lead = f'<h1 class="page-title">{name}</h1>' if name else ""
    if front and found:
        query = "?utm_source=front&amp;utm_medium=hero&amp;utm_campaign=spring"
        image = '<img src="/media/hero.jpg" alt="Today on the coast">'
        lead = f'<a class="hero" href="{edition.url(found[0])}{query}">{image}</a>'
    teasers = [
        f'<article class="post teaser"><h2 class="entry-title">{markup.link(a, edition)}</h2>'
        f'<div class="entry-summary"><p>{a.summary}</p><a href="{edition.url(a)}#comments">Comments</a></div></article>'
        for a in found
    ]
    head = '<meta property="og:type" content="website">'
    return _page(title, "\n".join([lead, *teasers]), edition, head=head, body_class="home blog" if front else "archive")


def _plain(title: str, body: str, edition: Edition) -> Reply:
    main = f'<article class="page type-page hentry"><div class="entry-content">{body}</div></article>'
    return _page(f"{title} | {NAME}", main, edition, head="", body_class="page")


def _page(title: str, main: str, edition: Edition, *, head: str, body_class: str) -> Reply:
    nav = [f'<li class="menu-item"><a href="{edition.base}{_section(n)}">{n}</a></li>' for n in edition.sections]
    html = markup.template("harbour/page.html").substitute(
        head_title=escape(title),
        head=head,
        base=edition.base,
        body_class=body_class,
        nav="\n  ".join(nav),
        main=main,
        most_read="\n".join(f"<li>{markup.link(a, edition)}</li>" for a in edition.articles[2:6]),
    )
    return page(html)
