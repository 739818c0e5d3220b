"""What the site's memory knows to be the site's own, cut from an article: whole blocks, and sentences inside one."""

from __future__ import annotations

from crawler.extraction.article import About, Body
from crawler.extraction.texts import sentence_texts, whole_texts
from crawler.items import Kind, Removed


def cut_furniture(body: Body, about: About) -> None:
    """Blocks that repeat over the site's pages; with the label before a link goes the link."""
    names = names_of(about)
    gone = []
    for block in body.kept:
        for text in whole_texts(block, names):
            body.texts.append(text)
            if seen := about.site.furniture.get(text.key):
                gone.append((block, Kind.FURNITURE, str(seen)))
                break
    body.cut_each(gone)


def cut_furniture_sentences(body: Body, about: About) -> None:
    """Sentences inside a paragraph that repeat over the site's pages."""
    names = names_of(about)
    for position, block in enumerate(body.kept):
        left, at, removed = [], 0, []
        for text, start, end in sentence_texts(block, names):
            body.texts.append(text)
            if seen := about.site.furniture.get(text.key):
                removed.append(Removed(kind=Kind.FURNITURE, text=text.text, reason=str(seen)))
                left.append(block.text[at:start])
                at = end
        rest = "".join([*left, block.text[at:]]).strip()
        if removed and rest:
            body.cut_parts(position, rest, removed)


def names_of(about: About) -> tuple[str, ...]:
    """What a template fills in on each page: the title first, then the authors' names."""
    return tuple(name for name in (about.title, *(author.name for author in about.authors)) if len(name) > 3)
