"""Steppe Lantern: an outlet in English and Ukrainian that lives on appeals, found through the feeds its pages name."""

from __future__ import annotations

from html import escape

from . import feeds, markup
from .content import Article, marked_notice
from .edition import Edition, Reply, page

NAME = "Steppe Lantern"
CHROME = (
    *("languages", "donation_button", "donation_membership", "typo", "typo_letter", "reading"),
    *("adblock", "share", "related", "comments", "copyright"),
)
FRONTS = ("/",)
FORBIDDEN = ("/drafts/", "/drafts/embargoed-appointment")
REFUSED = {
    "/": "index page",
    "/uk/": "index page",
    "/contact": "contact page",
    "/2025/market-hall-reopens": "404",
    "/drafts/": "robots",
    "/drafts/embargoed-appointment": "robots",
}
_PATHS = {"Репортажі": "reportazhi", "Економіка": "ekonomika", "Культура": "kultura", "Аналітика": "analityka"}
_EMBARGOED = """<h1>Regional appointment (embargoed)</h1><p>This draft is not to be read by anybody before the day
on which it is announced, and certainly not by a robot which has been asked to keep out.</p>"""
_WORDS = {
    "en": {
        "strapline": "Independent since 2014",
        "support": "Donate today",
        "about": "Reporting from the towns that the timetable forgot.",
        "contact": "Contact",
        "broken": "Market hall reopens",
    },
    "uk": {
        "strapline": "Незалежне видання з 2014 року",
        "support": "Підтримати редакцію",
        "about": "Розповідаємо про міста, які забув розклад.",
        "contact": "Контакти",
        "broken": "Відкрито критий ринок",
    },
}


def pages(edition: Edition) -> dict[str, Reply]:
    """Every page of the outlet by its path."""
    out = {a.path: _article(a, edition) for a in edition.articles}
    for language, path in (("en", "/"), ("uk", "/uk/")):
        found = tuple(a for a in edition.articles if a.language == language)
        out[path] = _listing(NAME, found[:4], edition, language=language, front=True)
    for path, (name, listed) in listings(edition).items():
        out[path] = _listing(name, listed, edition, language=listed[0].language)
    out["/contact"] = _page("Contact", "<h1>Contact</h1><p>desk@lantern.example, 2 Mill Street</p>", edition)
    out["/drafts/"] = _page("Drafts", '<a href="/drafts/embargoed-appointment">Embargoed</a>', edition)
    out["/drafts/embargoed-appointment"] = _page("Embargoed", _EMBARGOED, edition)
    return out | _machine_readable(edition)


def listings(edition: Edition) -> dict[str, tuple[str, tuple[Article, ...]]]:
    """Section and author pages: path → name and articles."""
    found: dict[str, tuple[str, tuple[Article, ...]]] = {}
    for name, language in sorted({(a.section, a.language) for a in edition.articles}):
        inside = tuple(a for a in edition.articles if (a.section, a.language) == (name, language))
        found[_section(name, language)] = (name, inside)
    for name, written in edition.authors.items():
        found[markup.author_path(name)] = (name, written)
    return found


def _machine_readable(edition: Edition) -> dict[str, Reply]:
    english = [a for a in edition.articles if a.language == "en"]
    timed = [a for a in edition.articles if a.language == "uk" and "T" in a.published]
    return {
        "/robots.txt": feeds.robots("Disallow: /drafts/"),
        "/feed/en.rss": feeds.rss(edition, english),
        "/feed/uk.atom": feeds.atom(edition, timed, "/feed/uk.atom"),
    }


def _section(name: str, language: str) -> str:
    return f"/uk/section/{_PATHS[name]}" if language == "uk" else f"/section/{name.lower()}"


def _article(article: Article, edition: Edition) -> Reply:
    def say(name: str) -> str:
        return markup.say(name, article, edition)

    byline, date = markup.byline(article, edition), markup.date_line(article)
    main = markup.template("lantern/article.html").substitute(
        layout="standard",
        post_id=article.slug,
        section=article.section,
        section_url=edition.base + _section(article.section, article.language),
        title=escape(article.title),
        standfirst=markup.inline(article.summary or ""),
        byline=f'<span class="jl_author">{byline}</span>' if byline else "",
        date=f'<span class="post-date">{date}</span>' if date else "",
        figure="\n".join(_figure(b.parts[1], article) for b in article.blocks if b.parts[0] == "figure"),
        body="\n".join(_body(article, edition)),
        tags=" ".join(f"<span>#{tag}</span>" for tag in article.tags),
        outlet=NAME,
        related="\n".join(_card(other, edition) for other in edition.others(article, 3)),
        related_title=say("related"),
        membership=say("donation_membership"),
        **{name: say(name) for name in ("reading", "typo", "typo_letter", "share", "adblock", "comments")},
    )
    head = [markup.head_metas(article, edition)]
    if "json-ld" in (article.date_way, article.modified_way) or article.byline == "json_ld":
        head.append(markup.json_ld(article, edition))
    title = f"{article.title} - {NAME}"
    return _page(title, main, edition, language=article.language, head="\n".join(head), body_class="single")


def _figure(argument: str, article: Article) -> str:
    caption, _, credit = argument.partition("|")
    image = f'<img src="/media/{article.slug}.jpg" alt="{escape(caption)}">'
    return f'<div class="jl_feature_img">{image}<div class="jl_caption">{caption}. {credit}</div></div>'


def _body(article: Article, edition: Edition) -> list[str]:
    def insert(name: str, argument: str) -> str:
        match name:
            case "figure":
                return ""
            case "headline":
                return f"<p><strong>{escape(article.title)}</strong></p>"
            case "read_also" | "read_also_list":
                return markup.read_also(article, edition, argument)
        return f"<p>{markup.say(name, article, edition)}</p>"

    return [piece for piece in markup.body_html(article, insert) if piece]


def _card(article: Article, edition: Edition) -> str:
    day = "/".join(reversed(article.published[:10].split("-")))
    return f'<div class="jl_m_right"><h3>{markup.link(article, edition)}</h3><span class="post-date">{day}</span></div>'


def _listing(title: str, found: tuple[Article, ...], edition: Edition, *, language: str, front: bool = False) -> Reply:
    """Cards; on a front page each carries the campaign's parameters once more on its picture."""
    cards = [
        f'<div class="jl_clist_layout"><a href="{edition.url(a)}{_CAMPAIGN if front else ""}" class="img" '
        f'style="background-image:url(/media/{a.slug}.jpg)"></a><h2>{markup.link(a, edition)}</h2>'
        f"<p>{a.summary}</p></div>"
        for a in found
    ]
    name = title if front else f"{title} - {NAME}"
    return _page(name, "\n".join([f"<h1>{title}</h1>", *cards]), edition, language=language, body_class="archive")


_CAMPAIGN = "?utm_source=front&amp;utm_medium=card"


def _page(
    title: str, main: str, edition: Edition, *, language: str = "en", head: str = "", body_class: str = "page"
) -> Reply:
    sections = dict.fromkeys(
        (_section(a.section, language), a.section) for a in edition.articles if a.language == language
    )
    html = markup.template("lantern/page.html").substitute(
        _WORDS[language],
        lang=language,
        head_title=escape(title),
        head=head,
        body_class=body_class,
        base=edition.base,
        home=edition.base + ("/uk/" if language == "uk" else "/"),
        outlet=NAME,
        nav="".join(f'<li><a href="{edition.base}{path}">{name}</a></li>' for path, name in sections),
        main=main,
        copyright=marked_notice("copyright", language, outlet=NAME).text,
        adblock=marked_notice("adblock", language, outlet=NAME).text,
    )
    return page(html)
