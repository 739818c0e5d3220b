"""Three Mills Post: an awkward theme of bare divs and class names that mislead, found only by following its links."""

from __future__ import annotations

from html import escape

from . import feeds, markup
from .content import Article
from .edition import Edition, Reply, page

NAME = "Three Mills Post"
CHROME = ("share", "related", "advertisement", "newsletter", "comments", "copyright", "subscription")
FRONTS = ("/",)
FORBIDDEN = ("/search",)
REFUSED = {
    "/": "index page",
    "/about": "about page",
    "/contact": "contact page",
    "/video/weir-from-above": "video",
    "/gallery/flower-show": "gallery",
}
_ABOUT = """<div class="hd1">About this paper</div><div>Three Mills Post comes out when there is news and not otherwise.
It belongs to its printers.</div><div>Letters should be short.</div>"""
_CONTACT = '<div class="hd1">Contact</div><div>Old Tannery, Three Mills<br>Telephone 5150, mornings</div>'
_VIDEO = """<div class="hd1">Video: the weir from above</div><div class="v"><video src="/media/weir.mp4" controls
poster="/media/weir.jpg"></video></div><div>Watch: 1:42</div>"""
_PICTURES = ("The tulip tent", "Judging the marrows", "The cup", "Rain at four o'clock", "Prize dahlias", "Going home")


def pages(edition: Edition) -> dict[str, Reply]:
    """Every page of the outlet by its path."""
    out = {a.path: _article(a, edition) for a in edition.articles}
    out["/"] = _listing("Three Mills Post", edition.articles[:3], edition, query="?utm_source=home&amp;fbclid=IwAR2x")
    for path, (name, found) in listings(edition).items():
        out[path] = _listing(name, found, edition)
    gallery = "".join(
        f'<div class="p"><img src="/media/g{n}.jpg"><div>{text}</div></div>' for n, text in enumerate(_PICTURES)
    )
    out["/about"] = _page("About", _ABOUT, edition, kind="page")
    out["/contact"] = _page("Contact", _CONTACT, edition, kind="page")
    out["/video/weir-from-above"] = _page("Video: the weir from above", _VIDEO, edition, kind="video", head=_VIDEO_META)
    heading = '<div class="hd1">Pictures: the flower show</div>'
    out["/gallery/flower-show"] = _page("Pictures: the flower show", heading + gallery, edition, kind="gallery")
    out["/robots.txt"] = feeds.robots("Disallow: /search")
    return out


_VIDEO_META = '<meta property="og:type" content="video.other">'


def listings(edition: Edition) -> dict[str, tuple[str, tuple[Article, ...]]]:
    """Section, tag and author pages: path → name and articles."""
    all_of = edition.articles
    found = {_section(name): (name, tuple(a for a in all_of if a.section == name)) for name in edition.sections}
    for tag in sorted({tag for a in all_of for tag in a.tags}):
        found[f"/tag/{tag}"] = (tag, tuple(a for a in all_of if tag in a.tags))
    for name, written in edition.authors.items():
        found[markup.author_path(name)] = (name, written)
    return found


def _section(name: str) -> str:
    return f"/section/{name.lower()}"


def _article(article: Article, edition: Edition) -> Reply:
    misleading = article.layout == "misleading"
    main = markup.template("mills/article.html").substitute(
        section=article.section,
        section_url=edition.base + _section(article.section),
        title=escape(article.title),
        byline=markup.byline(article, edition),
        date=markup.date_line(article),
        body=_containers(article, edition),
        related_class="article-text" if misleading else "r1",
        tags=" ".join(f'<a href="{edition.base}/tag/{tag}">{tag}</a>' for tag in article.tags),
        related="\n".join(f"<div>{markup.link(other, edition)}</div>" for other in edition.others(article, 4)),
    )
    head = [markup.head_metas(article, edition)]
    if article.date_way == "json-ld" or article.byline == "json_ld":
        head.append(markup.json_ld(article, edition))
    return _page(f"{article.title} — {NAME}", main, edition, kind="story", head="\n".join(head))


def _containers(article: Article, edition: Edition) -> str:
    """The body in the container, or the two, that the article's layout gives it."""
    match article.layout:
        case "br":
            return f'<div class="x">\n{"<br><br>".join(_texts(article, edition))}\n</div>'
        case "split":
            texts = _texts(article, edition)
            middle = texts.index("")
            before, after = (_divs(part) for part in (texts[:middle], texts[middle + 1 :]))
            return (
                f'<div class="x p1">\n{before}\n</div>\n{_promo(article, edition)}\n<div class="x p2">\n{after}\n</div>'
            )
        case "misleading":
            return f'<div class="teaser-box wide">\n{_divs(_texts(article, edition))}\n</div>'
    return f'<div class="x">\n{_divs(_texts(article, edition))}\n</div>'


def _texts(article: Article, edition: Edition) -> list[str]:
    """The body's paragraphs and notices without elements of their own; empty where the promo stands."""
    texts = []
    for block in article.blocks:
        if block.kind != "insert":
            texts.append(markup.inline(block.parts[0]))
        else:
            texts.append("" if block.parts[0] == "promo" else markup.say(block.parts[0], article, edition))
    return texts


def _divs(texts: list[str]) -> str:
    return "\n".join(f"<div>{text}</div>" for text in texts)


def _promo(article: Article, edition: Edition) -> str:
    links = "".join(f"<div>{markup.link(other, edition)}</div>" for other in edition.others(article, 2))
    return f'<div class="content-main"><div>{markup.say("promo", article, edition)}</div>{links}</div>'


def _listing(title: str, found: tuple[Article, ...], edition: Edition, *, query: str = "") -> Reply:
    """Links, and a line of each story; on the front page a link to all sections is all that leads to the rest."""
    stories = [f'<div class="s"><a href="{edition.url(a)}{query}">{escape(a.title)}</a></div>' for a in found]
    more = [f'<div class="s2">{markup.link(a, edition)} <i>{a.summary or ""}</i></div>' for a in found[:2]]
    return _page(title, "\n".join([f'<div class="hd1">{title}</div>', *stories, *more]), edition, kind="list")


def _page(title: str, main: str, edition: Edition, *, kind: str, head: str = "") -> Reply:
    nav = " | ".join(f'<a href="{edition.base}{_section(name)}">{name}</a>' for name in edition.sections)
    html = markup.template("mills/page.html").substitute(
        head_title=escape(title), head=head, kind=kind, nav=nav, main=main
    )
    return page(html)
